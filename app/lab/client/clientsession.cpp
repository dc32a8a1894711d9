#include "app/lab/client/clientsession.h"

#include "app/lab/labsql.h"
#include "app/postgres/servererror.h"

namespace lockscope {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// A blocking lock waits for as long as it takes; the number only has to fit into the int of poll().
constexpr milliseconds unlimited = std::chrono::hours(24 * 20);
constexpr milliseconds answersSoon{30000};

QString actionOf(LockKey key, const LockRequest& request)
{
    const QString verb = request.wait == WaitPolicy::Try ? QStringLiteral("try") : QStringLiteral("lock");
    const QString share = request.share == LockShare::Shared ? QStringLiteral("shared") : QStringLiteral("exclusive");
    const QString level = request.level == LockLevel::Transaction ? QStringLiteral(" for the transaction") : QString();
    return QStringLiteral("%1 %2 %3%4").arg(verb, key.toString(), share, level);
}

/// The answer as the statement log shows it.
QString resultText(const Result<QueryAnswer>& answer)
{
    if (!answer)
        return answer.error().serverWords.isEmpty() ? answer.error().what : answer.error().serverWords;
    if (answer->columns() == 0)
        return QStringLiteral("done");
    if (answer->rows() != 1 || answer->columns() != 1)
        return QStringLiteral("%1 rows").arg(answer->rows());
    const QByteArrayView bytes = answer->bytes(0, 0);
    if (bytes == QByteArrayView("t"))
        return QStringLiteral("true");
    if (bytes == QByteArrayView("f"))
        return QStringLiteral("false");
    return bytes.isEmpty() ? QStringLiteral("(void)") : answer->text(0, 0);
}

} // namespace

ClientSession::ClientSession(platform::WakeUp* wakeUp, Emit emitEvent)
    : m_connection(wakeUp)
    , m_emit(std::move(emitEvent))
{
}

bool ClientSession::run(const protocol::Command& command)
{
    if (const auto* connect = std::get_if<protocol::Connect>(&command))
        return open(*connect);
    if (!isConnected()) {
        m_emit(protocol::Complaint{{.kind = ErrorKind::Internal,
                                    .what = QStringLiteral("The client was asked to work before it was connected.")}});
        return true;
    }
    m_notices.clear();
    if (const auto* acquireCommand = std::get_if<protocol::Acquire>(&command))
        return acquire(*acquireCommand);
    if (const auto* releaseCommand = std::get_if<protocol::Release>(&command))
        return release(*releaseCommand);
    if (std::holds_alternative<protocol::ReleaseAll>(command))
        return releaseAll();
    if (const auto* workCommand = std::get_if<protocol::Work>(&command))
        return work(*workCommand);
    if (std::holds_alternative<protocol::Begin>(command))
        return changeTransaction(QStringLiteral("BEGIN"), QStringLiteral("begin"));
    if (std::holds_alternative<protocol::Commit>(command))
        return changeTransaction(QStringLiteral("COMMIT"), QStringLiteral("commit"));
    return changeTransaction(QStringLiteral("ROLLBACK"), QStringLiteral("rollback"));
}

bool ClientSession::open(const protocol::Connect& command)
{
    if (isConnected()) {
        m_emit(protocol::Complaint{
            {.kind = ErrorKind::Internal, .what = QStringLiteral("The client was asked to connect a second time.")}});
        return true;
    }
    m_name = command.name;
    const Conninfo conninfo = withDefaults(
        command.conninfo.with(QStringLiteral("application_name"), protocol::clientApplicationName(m_name)), {});
    // libpq reads the variable while it opens; what is set here never shows in /proc, which has the environment of the
    // start.
    if (!command.environmentPassword.isEmpty())
        qputenv("PGPASSWORD", command.environmentPassword.toUtf8());
    Result<void> opened = m_connection.open(conninfo, openTimeout(conninfo));
    qunsetenv("PGPASSWORD");
    if (!opened)
        return lose(opened.error());
    {
        const std::lock_guard lock(m_cancelMutex);
        m_cancelKey = CancelKey(m_connection.handle());
    }

    Answered identity = execute(QString::fromUtf8(labStatement(QStringLiteral("watch_identity"))), true);
    if (!identity.answer)
        return lose(identity.answer.error());
    if (identity.answer->rows() != 1)
        return lose({.kind = ErrorKind::Server,
                     .what = QStringLiteral("The server did not say which backend serves the client.")});
    m_backendPid = static_cast<qint32>(identity.answer->int64(0, 0));
    m_emit(protocol::Connected{m_backendPid, ServerTime(microseconds(identity.answer->int64(0, 1)))});
    m_phase = ClientPhase::Idle;
    sendStatus();
    return true;
}

bool ClientSession::acquire(const protocol::Acquire& command)
{
    const LockRequest& request = command.request;
    start(QStringLiteral("ask for %1").arg(describe(command.key)), ClientPhase::Working);
    const Result<LockKey> key = resolve(command.key);
    if (!key)
        return finish(failedOutcome(key.error()), key.error().kind == ErrorKind::Server);

    m_action = actionOf(*key, request);
    const bool waits = request.wait != WaitPolicy::Try;
    if (request.wait == WaitPolicy::Timeout) {
        const auto set = setLockTimeout(QStringLiteral("SET lock_timeout = %1").arg(request.lockTimeout.count()));
        if (!set)
            return finish(failedOutcome(set.error()), true);
    }
    if (waits) {
        m_ledger.waiting(*key, request.share);
        m_phase = ClientPhase::Waiting;
    }
    sendStatus();
    Answered answered = execute(acquireStatement(*key, request));
    m_notices = answered.notices;

    Outcome outcome;
    const bool granted = answered.answer && (waits || answered.answer->boolean(0, 0));
    if (granted) {
        outcome.kind = OutcomeKind::Acquired;
        m_ledger.acquired(*key, request.share, request.level);
        // Without a transaction block the statement was a transaction of its own.
        if (m_transaction == TransactionPhase::None)
            m_ledger.transactionEnded();
    } else if (answered.answer) {
        outcome.kind = OutcomeKind::HeldElsewhere;
        outcome.holders = askHolders(*key);
    } else {
        outcome = failedOutcome(answered.answer.error());
        if (waits && outcome.kind != OutcomeKind::Lost)
            m_ledger.notAcquired(*key, request.share);
    }
    // In a failed transaction the setting cannot be changed, and ROLLBACK takes it back anyway.
    if (request.wait == WaitPolicy::Timeout && (answered.answer || m_transaction == TransactionPhase::None) &&
        outcome.kind != OutcomeKind::Lost) {
        if (const auto reset = setLockTimeout(QStringLiteral("RESET lock_timeout")); !reset && isLost(reset.error()))
            outcome = failedOutcome(reset.error());
    }
    outcome.key = *key;
    return finish(outcome, !answered.answer);
}

bool ClientSession::release(const protocol::Release& command)
{
    start(QStringLiteral("release %1").arg(describe(command.key)), ClientPhase::Working);
    const Result<LockKey> key = resolve(command.key);
    if (!key)
        return finish(failedOutcome(key.error()), key.error().kind == ErrorKind::Server);
    m_action = QStringLiteral("release %1").arg(key->toString());
    Answered answered = execute(releaseStatement(*key, command.share));
    m_notices = answered.notices;
    Outcome outcome;
    if (!answered.answer) {
        outcome = failedOutcome(answered.answer.error());
    } else if (answered.answer->boolean(0, 0)) {
        outcome.kind = OutcomeKind::Released;
        m_ledger.released(*key, command.share);
    } else {
        outcome.kind = OutcomeKind::NotHeld;
    }
    outcome.key = *key;
    return finish(outcome, !answered.answer);
}

bool ClientSession::releaseAll()
{
    start(QStringLiteral("release all"), ClientPhase::Working);
    Answered answered = execute(QStringLiteral("SELECT pg_catalog.pg_advisory_unlock_all()"));
    m_notices = answered.notices;
    if (!answered.answer)
        return finish(failedOutcome(answered.answer.error()), true);
    m_ledger.releasedAll();
    return finish({.kind = OutcomeKind::Done}, false);
}

bool ClientSession::work(const protocol::Work& command)
{
    const QString seconds = QString::number(static_cast<double>(command.duration.count()) / 1000, 'f', 3);
    start(QStringLiteral("work for %1").arg(formatDuration(command.duration)), ClientPhase::Working);
    Answered answered = execute(QStringLiteral("SELECT pg_catalog.pg_sleep(%1)").arg(seconds));
    m_notices = answered.notices;
    return finish(answered.answer ? Outcome{.kind = OutcomeKind::Done} : failedOutcome(answered.answer.error()),
                  !answered.answer);
}

bool ClientSession::changeTransaction(const QString& sql, const QString& action)
{
    start(action, ClientPhase::Working);
    Answered answered = execute(sql);
    m_notices = answered.notices;
    if (!answered.answer)
        return finish(failedOutcome(answered.answer.error()), true);
    if (sql == u"BEGIN") {
        // BEGIN inside a transaction only warns; in a failed one it is an error.
        m_transaction = TransactionPhase::Open;
    } else {
        m_transaction = TransactionPhase::None;
        m_ledger.transactionEnded();
    }
    return finish({.kind = OutcomeKind::Done}, false);
}

Result<LockKey> ClientSession::resolve(const KeyInput& key)
{
    if (const auto* number = std::get_if<LockKey>(&key))
        return *number;
    const Result<QString> statement = hashStatement(std::get<TextKey>(key));
    if (!statement)
        return failure(statement.error());
    Answered answered = execute(*statement);
    if (!answered.answer)
        return failure(answered.answer.error());
    return LockKey::bigint(answered.answer->int64(0, 0));
}

Result<void> ClientSession::setLockTimeout(const QString& sql)
{
    Answered answered = execute(sql, true);
    if (!answered.answer)
        return failure(answered.answer.error());
    return {};
}

QList<HolderNote> ClientSession::askHolders(LockKey key)
{
    QList<HolderNote> holders;
    const Answered answered = execute(QString::fromUtf8(keyStatement(key)), true);
    for (int row = 0; answered.answer && row < answered.answer->rows(); ++row) {
        if (!answered.answer->boolean(row, 1))
            continue;
        holders.append({.pid = static_cast<qint32>(answered.answer->int64(row, 0)),
                        .applicationName = answered.answer->text(row, 4),
                        .mode = lockModeFromServer(answered.answer->text(row, 2))});
    }
    return holders;
}

ClientSession::Answered ClientSession::execute(const QString& sql, bool housekeeping)
{
    StatementRecord record;
    record.sentAt = std::chrono::system_clock::now();
    record.session = m_name;
    record.backendPid = m_backendPid;
    record.sql = sql;
    record.housekeeping = housekeeping;
    const SteadyTime sent = steady_clock::now();
    Answered answered{m_connection.executeOne(sql.toUtf8(), housekeeping ? answersSoon : unlimited), {}};
    record.duration = std::chrono::duration_cast<microseconds>(steady_clock::now() - sent);
    answered.notices = m_connection.takeNotices();
    record.notices = answered.notices;
    record.result = resultText(answered.answer);
    record.failed = !answered.answer;
    m_emit(record);
    return answered;
}

void ClientSession::start(const QString& action, ClientPhase phase)
{
    m_action = action;
    m_startedAt = steady_clock::now();
    m_phase = phase;
    sendStatus();
}

bool ClientSession::finish(Outcome outcome, bool failedStatement)
{
    outcome.action = m_action;
    outcome.notices = m_notices;
    outcome.elapsed = std::chrono::duration_cast<microseconds>(steady_clock::now() - m_startedAt);
    if (outcome.kind == OutcomeKind::Lost && outcome.error)
        return lose(*outcome.error);
    // An error aborts the transaction at once: its locks are gone before ROLLBACK is sent.
    if (failedStatement) {
        m_ledger.transactionEnded();
        if (m_transaction == TransactionPhase::Open)
            m_transaction = TransactionPhase::Failed;
    }
    m_phase = ClientPhase::Idle;
    m_emit(outcome);
    sendStatus();
    return true;
}

Outcome ClientSession::failedOutcome(const Error& error) const
{
    Outcome outcome;
    outcome.error = error;
    if (isLost(error))
        outcome.kind = OutcomeKind::Lost;
    else if (error.sqlState == u"55P03")
        outcome.kind = OutcomeKind::TimedOut;
    else if (error.sqlState == u"57014")
        outcome.kind = OutcomeKind::Cancelled;
    else if (error.sqlState == u"40P01")
        outcome.kind = OutcomeKind::DeadlockVictim;
    else
        outcome.kind = OutcomeKind::Failed;
    return outcome;
}

bool ClientSession::isLost(const Error& error) const
{
    return error.kind == ErrorKind::Connection || endsSession(error.sqlState) || m_connection.isBroken() ||
           !m_connection.isOpen();
}

bool ClientSession::checkConnection()
{
    // A notice or a changed parameter may have come as well: only an answer tells.
    m_action = QStringLiteral("idle");
    m_startedAt = steady_clock::now();
    m_notices.clear();
    const Answered answered = execute(QStringLiteral("SELECT 1"), true);
    return answered.answer || !isLost(answered.answer.error()) || lose(answered.answer.error());
}

/// Always false, for the caller to return.
bool ClientSession::lose(const Error& error)
{
    // Only the server's own word says that the locks are gone; a broken link says nothing about the other end.
    if (endsSession(error.sqlState))
        m_ledger.sessionEnded();
    else
        m_ledger.linkBroken();
    m_phase = ClientPhase::Ended;
    if (isConnected()) {
        m_emit(Outcome{.kind = OutcomeKind::Lost,
                       .action = m_action,
                       .notices = m_notices,
                       .error = error,
                       .elapsed = std::chrono::duration_cast<microseconds>(steady_clock::now() - m_startedAt)});
    }
    sendStatus();
    m_emit(protocol::Ended{error});
    return false;
}

void ClientSession::close()
{
    m_connection.close();
}

void ClientSession::cancel()
{
    const std::lock_guard lock(m_cancelMutex);
    static_cast<void>(m_cancelKey.send());
}

void ClientSession::sendStatus()
{
    m_emit(protocol::Status{m_phase,
                            m_phase == ClientPhase::Idle || m_phase == ClientPhase::Ended ? QString() : m_action,
                            m_transaction, m_ledger.entries()});
}

} // namespace lockscope
