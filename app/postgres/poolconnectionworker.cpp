#include "app/postgres/poolconnectionworker.h"

#include "app/postgres/sqlfile.h"

#include <utility>

namespace lockscope {

PoolConnectionWorker::PoolConnectionWorker(const QString& name, Conninfo conninfo,
                                           const std::shared_ptr<Canceller>& canceller)
    : m_conninfo(std::move(conninfo))
    , m_connection(name, canceller, this) // a child, so that it moves to the thread with this object
{
    connect(&m_connection, &OperatorConnection::endedWhileIdle, this, &PoolConnectionWorker::sayEnding);
}

void PoolConnectionWorker::open()
{
    // Here and not on the GUI thread: the defaults come from files, and libpq may look up names.
    if (const auto opening = m_connection.open(withDefaults(m_conninfo, {})); !opening) {
        Q_EMIT refused(opening.error());
        return;
    }
    std::optional<Error> error = m_connection.identify().error;
    // Behind a pooler the settings might stay with a server connection that the next client gets.
    if (!error && !m_connection.behindPooler()) {
        error = m_connection
                    .execute(QString::fromUtf8(sqlStatement(QStringLiteral("session_settings"))),
                             StatementPurpose::Housekeeping)
                    .error;
    }
    if (error) {
        m_connection.close();
        Q_EMIT refused(*error);
        return;
    }
    Q_EMIT opened(m_connection.backendPid(), m_connection.behindPooler());
}

void PoolConnectionWorker::run(const PoolErrand& errand)
{
    PoolErrandAnswer answer;
    const auto send = [&](const QString& statement, StatementPurpose purpose) {
        const StatementAnswer sent = m_connection.execute(statement, purpose);
        if (sent.sent)
            answer.statements.append(sent);
        if (!sent.sent || sent.error)
            answer.error = answer.error ? answer.error : sent.error;
        return sent.sent && !sent.error;
    };
    for (const QString& statement : errand.statements) {
        // None of them waits for a lock, but a pooler may let any of them wait for a server connection.
        if (!send(statement, StatementPurpose::PersonWaits))
            break;
    }
    const bool isTrue = !answer.error && !answer.statements.isEmpty() && answer.statements.last().isTrue();
    if (errand.rollBackUnlessTrue && !isTrue && !m_connection.ending() &&
        m_connection.transaction() != TransactionPhase::None)
        send(QStringLiteral("ROLLBACK"), StatementPurpose::Housekeeping);
    answer.lost = !m_connection.isOpen() || m_connection.ending();
    sayEnding();
    Q_EMIT answered(answer);
}

void PoolConnectionWorker::close()
{
    m_connection.close();
    Q_EMIT closed();
}

void PoolConnectionWorker::sayEnding()
{
    const auto ending = m_connection.ending();
    if (!ending || std::exchange(m_endingSaid, true))
        return;
    m_connection.close();
    Q_EMIT ended(ending->error);
}

} // namespace lockscope
