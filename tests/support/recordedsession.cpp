#include "tests/support/recordedsession.h"

#include <QEventLoop>
#include <QTest>
#include <QTimer>

#include <algorithm>

namespace lockscope::test {

namespace {

constexpr int patience = 10'000; // milliseconds; a machine may be busy

SessionId nextId()
{
    static quint32 count = 0;
    return SessionId{++count};
}

QString entryText(const LedgerEntry& entry)
{
    return entry.key.toString() +
           (entry.share == LockShare::Shared ? QStringLiteral(" shared") : QStringLiteral(" exclusive"));
}

} // namespace

RecordedSession::RecordedSession(const Conninfo& conninfo, const QString& name)
    : m_session(nextId(), name, conninfo)
{
    QObject::connect(&m_session, &OperatorSession::stateChanged, &m_session,
                     [this](const SessionState& state) { states.append(state); });
    QObject::connect(&m_session, &OperatorSession::statementExecuted, &m_session,
                     [this](const StatementRecord& record) { statements.append(record); });
    QObject::connect(&m_session, &OperatorSession::finished, &m_session,
                     [this](const SessionState&, const Outcome& outcome) { outcomes.append(outcome); });
}

bool RecordedSession::open()
{
    m_session.open();
    return QTest::qWaitFor([this] { return state().phase != SessionPhase::Connecting; }, patience) &&
           state().phase == SessionPhase::Idle;
}

Outcome RecordedSession::run(const std::function<void(OperatorSession&)>& ask)
{
    const qsizetype seen = outcomes.size();
    ask(m_session);
    return outcomeAfter(seen);
}

Outcome RecordedSession::acquire(const KeyInput& key, const LockRequest& request)
{
    return run([&](OperatorSession& session) { session.acquire(key, request); });
}

Outcome RecordedSession::release(const KeyInput& key, LockShare share)
{
    return run([&](OperatorSession& session) { session.release(key, share); });
}

void RecordedSession::startWaiting(LockKey key)
{
    m_session.acquire(key, {.wait = WaitPolicy::Block});
    QVERIFY(QTest::qWaitFor(
        [&] {
            return std::any_of(state().ledger.cbegin(), state().ledger.cend(), [&](const LedgerEntry& entry) {
                return entry.key == key && entry.state == HoldState::Waiting;
            });
        },
        patience));
}

Outcome RecordedSession::outcomeAfter(qsizetype seen)
{
    // Not qWaitFor(), which sleeps 10 ms between two looks: there are tests of thousands of steps.
    QEventLoop loop;
    QTimer::singleShot(patience, &loop, &QEventLoop::quit);
    QObject::connect(&m_session, &OperatorSession::finished, &loop, [&] {
        if (outcomes.size() > seen)
            loop.quit();
    });
    if (outcomes.size() <= seen)
        loop.exec();
    if (outcomes.size() > seen)
        return outcomes.at(seen);
    QTest::qFail("no outcome came", __FILE__, __LINE__);
    return {.kind = OutcomeKind::Failed, .action = QStringLiteral("no outcome came")};
}

QString ledgerText(const SessionState& state)
{
    QStringList lines;
    for (const LedgerEntry& entry : state.ledger) {
        lines.append(QStringLiteral("%1 %2 session %3 transaction %4")
                         .arg(entryText(entry), word(entry.state), QString::number(entry.sessionCount),
                              QString::number(entry.transactionCount)));
    }
    return lines.join(u'\n');
}

QString heldText(const SessionState& state)
{
    QStringList lines;
    for (const LedgerEntry& entry : state.ledger) {
        if (entry.state == HoldState::Held)
            lines.append(entryText(entry));
    }
    lines.sort();
    return lines.join(u'\n');
}

QString heldOnServer(LibpqConnection& admin, qint32 pid)
{
    const auto answer = admin.executeOne("SELECT classid::int8, objid::int8, objsubid, mode FROM pg_locks WHERE "
                                         "locktype = 'advisory' AND granted AND pid = " +
                                             QByteArray::number(pid),
                                         std::chrono::seconds(10));
    if (!answer)
        return answer.error().serverWords;
    QStringList lines;
    for (int row = 0; row < answer->rows(); ++row) {
        const auto key = LockKey::fromLockTag(static_cast<quint32>(answer->int64(row, 0)),
                                              static_cast<quint32>(answer->int64(row, 1)),
                                              static_cast<quint16>(answer->int64(row, 2)));
        const bool shared = answer->text(row, 3) == QLatin1StringView("ShareLock");
        lines.append(key->toString() + (shared ? QStringLiteral(" shared") : QStringLiteral(" exclusive")));
    }
    lines.sort();
    return lines.join(u'\n');
}

QStringList statementTexts(const RecordedSession& session)
{
    QStringList texts;
    for (const StatementRecord& record : session.statements) {
        if (!record.housekeeping)
            texts.append(record.sql + QStringLiteral(" -> ") + record.result);
    }
    return texts;
}

} // namespace lockscope::test
