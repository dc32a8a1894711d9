#include "tests/support/recordedsession.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <memory>

namespace lockscope::test {

namespace {

const LockKey five = LockKey::bigint(5);

LockRequest request(WaitPolicy wait, LockLevel level = LockLevel::Session, LockShare share = LockShare::Exclusive)
{
    return {.share = share, .level = level, .wait = wait};
}

void begin(OperatorSession& session)
{
    session.begin();
}
void commit(OperatorSession& session)
{
    session.commit();
}
void rollback(OperatorSession& session)
{
    session.rollback();
}

} // namespace

/// Operator sessions against a real server: what the person asks for, what the server says, and what the ledger makes
/// of it.
class OperatorSessionTest final : public Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void acquiresAndReleases_data();
    void acquiresAndReleases();
    void hashesATextOnTheServerFirst();
    void namesTheHolderOfARefusedKey();
    void saysThatTheWrongSessionHoldsNothing();
    void waitsUntilTheOtherReleases();
    void timesOutWithoutLeakingTheTimeout();
    void timesOutInsideATransactionWithoutLeakingTheTimeout();
    void cancelsAWaitAndStaysUsable();
    void cancelsBeforeTheStatementIsSent();
    void cancelNeverReachesALaterStatement();
    void disconnectFrees();
    void refusesActionsWhenNotConnected();
    void identifiesItsBackend();
    void sendsARefusedPasswordOnce();
    void overrulesSettingsOfTheRole();

private:
    std::unique_ptr<TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_admin;
    std::unique_ptr<RecordedSession> m_alice;
    std::unique_ptr<RecordedSession> m_bob;
};

void OperatorSessionTest::initTestCase()
{
    m_server = std::make_unique<TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    m_admin = m_server->session(QStringLiteral("admin"));
}

void OperatorSessionTest::init()
{
    Suite::init();
    m_alice = std::make_unique<RecordedSession>(m_server->conninfo(), QStringLiteral("alice"));
    m_bob = std::make_unique<RecordedSession>(m_server->conninfo(), QStringLiteral("bob"));
    QVERIFY(m_alice->open());
    QVERIFY(m_bob->open());
}

void OperatorSessionTest::cleanup()
{
    m_alice.reset();
    m_bob.reset();
    QTRY_COMPARE(scalar(*m_admin, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));
}

void OperatorSessionTest::acquiresAndReleases_data()
{
    QTest::addColumn<KeyInput>("key");
    QTest::addColumn<LockShare>("share");
    QTest::addColumn<LockLevel>("level");
    QTest::addColumn<WaitPolicy>("wait");
    const QList<std::pair<const char*, KeyInput>> keys = {
        {"bigint", LockKey::bigint(-9223372036854775807 - 1)},
        {"pair", LockKey::pair(-5, 2147483647)},
        {"text", TextKey{.text = QStringLiteral("it's a calendar"), .hash = TextHash::Hashtext}}};
    for (const auto& [name, key] : keys) {
        for (const LockShare share : {LockShare::Exclusive, LockShare::Shared}) {
            for (const LockLevel level : {LockLevel::Session, LockLevel::Transaction}) {
                for (const WaitPolicy wait : {WaitPolicy::Try, WaitPolicy::Block, WaitPolicy::Timeout}) {
                    QTest::addRow("%s %s %s %d", name, share == LockShare::Shared ? "shared" : "exclusive",
                                  level == LockLevel::Session ? "session" : "transaction", static_cast<int>(wait))
                        << key << share << level << wait;
                }
            }
        }
    }
}

void OperatorSessionTest::acquiresAndReleases()
{
    QFETCH(const KeyInput, key);
    QFETCH(const LockShare, share);
    QFETCH(const LockLevel, level);
    QFETCH(const WaitPolicy, wait);
    const bool transactional = level == LockLevel::Transaction;

    QCOMPARE(m_alice->run(begin).kind, OutcomeKind::Done);
    QCOMPARE(m_alice->state().transaction, TransactionPhase::Open);
    const Outcome acquired = m_alice->acquire(key, request(wait, level, share));
    QCOMPARE(describe(acquired), QStringLiteral("Key %1 is acquired.").arg(acquired.key->toString()));
    const QString held = acquired.key->toString() +
                         (share == LockShare::Shared ? QStringLiteral(" shared") : QStringLiteral(" exclusive"));
    QCOMPARE(ledgerText(m_alice->state()),
             held + QStringLiteral(" held session %1 transaction %2")
                        .arg(QString::number(transactional ? 0 : 1), QString::number(transactional ? 1 : 0)));
    QVERIFY(m_alice->state().ledger.first().seenOnServer);
    QCOMPARE(heldOnServer(*m_admin, m_alice->state().backendPid), held);

    const Outcome refused = m_bob->acquire(key, request(WaitPolicy::Try));
    QCOMPARE(word(refused.kind), QStringLiteral("held elsewhere"));
    QCOMPARE(refused.holders.size(), 1);
    QCOMPARE(refused.holders.first().pid, m_alice->state().backendPid);

    const Outcome released = m_alice->release(key, share);
    QCOMPARE(released.kind, transactional ? OutcomeKind::NotHeld : OutcomeKind::Released);
    QCOMPARE(m_alice->run(commit).kind, OutcomeKind::Done);
    QCOMPARE(m_alice->state().transaction, TransactionPhase::None);
    QCOMPARE(heldText(m_alice->state()), QString());
    QCOMPARE(heldOnServer(*m_admin, m_alice->state().backendPid), QString());
    QCOMPARE(m_bob->acquire(key, request(WaitPolicy::Try)).kind, OutcomeKind::Acquired);
}

void OperatorSessionTest::hashesATextOnTheServerFirst()
{
    const TextKey text{.text = QStringLiteral("calendar"), .hash = TextHash::Hashtextextended};
    const QString hash = scalar(*m_admin, "SELECT hashtextextended('calendar', 0)");
    QCOMPARE(m_alice->acquire(text).key->toString(), hash);
    QCOMPARE(statementTexts(*m_alice),
             QStringList({QStringLiteral("SELECT pg_catalog.hashtextextended('calendar', 0) -> ") + hash,
                          QStringLiteral("SELECT pg_catalog.pg_try_advisory_lock(%1) -> true").arg(hash)}));
    QCOMPARE(m_alice->acquire(TextKey{.text = QString(QChar(u'\0'))}).error->kind, ErrorKind::Usage);
}

void OperatorSessionTest::namesTheHolderOfARefusedKey()
{
    QCOMPARE(m_alice->acquire(five).kind, OutcomeKind::Acquired);
    QCOMPARE(describe(m_bob->acquire(five)),
             QStringLiteral("Key 5 is held elsewhere: pid %1 (lockscope: alice).").arg(m_alice->state().backendPid));
    QCOMPARE(m_bob->outcomes.last().holders.first().mode, LockMode::Exclusive);
    QCOMPARE(ledgerText(m_bob->state()), QString());
}

void OperatorSessionTest::saysThatTheWrongSessionHoldsNothing()
{
    QCOMPARE(m_alice->acquire(five).kind, OutcomeKind::Acquired);
    const Outcome outcome = m_bob->release(five);
    QCOMPARE(outcome.kind, OutcomeKind::NotHeld);
    QCOMPARE(outcome.notices, QStringList(QStringLiteral("WARNING: you don't own a lock of type ExclusiveLock")));
    QCOMPARE(statementTexts(*m_bob), QStringList(QStringLiteral("SELECT pg_catalog.pg_advisory_unlock(5) -> false")));
    QCOMPARE(m_alice->release(five, LockShare::Shared).notices,
             QStringList(QStringLiteral("WARNING: you don't own a lock of type ShareLock")));
    QCOMPARE(heldOnServer(*m_admin, m_alice->state().backendPid), QStringLiteral("5 exclusive"));
}

void OperatorSessionTest::waitsUntilTheOtherReleases()
{
    m_alice->acquire(five);
    m_bob->startWaiting(five);
    QCOMPARE(m_bob->state().phase, SessionPhase::Busy);
    QCOMPARE(m_bob->state().doing, QStringLiteral("lock 5 exclusive"));
    QVERIFY(m_bob->state().doingSince);
    QTRY_COMPARE(scalar(*m_admin, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"),
                 QStringLiteral("1"));
    const qsizetype seen = m_bob->outcomes.size();
    m_alice->release(five);
    QCOMPARE(m_bob->outcomeAfter(seen).kind, OutcomeKind::Acquired);
    QCOMPARE(heldText(m_bob->state()), QStringLiteral("5 exclusive"));
    QCOMPARE(m_bob->state().phase, SessionPhase::Idle);
    QCOMPARE(statementTexts(*m_bob), QStringList(QStringLiteral("SELECT pg_catalog.pg_advisory_lock(5) -> (void)")));
}

void OperatorSessionTest::timesOutWithoutLeakingTheTimeout()
{
    m_alice->acquire(five);
    LockRequest limited = request(WaitPolicy::Timeout);
    limited.lockTimeout = std::chrono::milliseconds(100);
    const Outcome outcome = m_bob->acquire(five, limited);
    QCOMPARE(word(outcome.kind), QStringLiteral("timed out"));
    QCOMPARE(outcome.error->sqlState, QStringLiteral("55P03"));
    QVERIFY(outcome.elapsed >= std::chrono::milliseconds(100));
    QCOMPARE(m_bob->state().transaction, TransactionPhase::None);
    QCOMPARE(ledgerText(m_bob->state()), QString());

    QCOMPARE(m_bob->acquire(LockKey::bigint(6), limited).kind, OutcomeKind::Acquired);
    // Longer than the timeout before it: had that leaked, this wait would end with it.
    m_bob->startWaiting(five);
    const qsizetype seen = m_bob->outcomes.size();
    QVERIFY(!QTest::qWaitFor([&] { return m_bob->outcomes.size() > seen; }, 400));
    m_alice->release(five);
    QCOMPARE(m_bob->outcomeAfter(seen).kind, OutcomeKind::Acquired);
}

void OperatorSessionTest::timesOutInsideATransactionWithoutLeakingTheTimeout()
{
    m_alice->acquire(five);
    LockRequest limited = request(WaitPolicy::Timeout);
    limited.lockTimeout = std::chrono::milliseconds(100);
    m_bob->run(begin);
    QCOMPARE(m_bob->acquire(LockKey::bigint(6), limited).kind, OutcomeKind::Acquired);
    m_bob->startWaiting(five);
    const qsizetype seen = m_bob->outcomes.size();
    QVERIFY(!QTest::qWaitFor([&] { return m_bob->outcomes.size() > seen; }, 400));
    m_alice->release(five);
    QCOMPARE(m_bob->outcomeAfter(seen).kind, OutcomeKind::Acquired);
    QCOMPARE(m_bob->state().transaction, TransactionPhase::Open);

    m_alice->acquire(LockKey::bigint(7));
    QCOMPARE(m_bob->acquire(LockKey::bigint(7), limited).kind, OutcomeKind::TimedOut);
    QCOMPARE(m_bob->state().transaction, TransactionPhase::Failed);
    QCOMPARE(m_bob->acquire(five).error->sqlState, QStringLiteral("25P02"));
    QCOMPARE(m_bob->run(rollback).kind, OutcomeKind::Done);
    QCOMPARE(heldText(m_bob->state()), QStringLiteral("5 exclusive\n6 exclusive"));
}

void OperatorSessionTest::cancelsAWaitAndStaysUsable()
{
    m_alice->acquire(five);
    m_bob->startWaiting(five);
    const qsizetype seen = m_bob->outcomes.size();
    const auto start = std::chrono::steady_clock::now();
    (*m_bob)->cancel();
    const Outcome outcome = m_bob->outcomeAfter(seen);
    const auto took = std::chrono::steady_clock::now() - start;
    QVERIFY2(took < std::chrono::milliseconds(500), qPrintable(QString::number(took.count() / 1'000'000)));
    QCOMPARE(outcome.kind, OutcomeKind::Cancelled);
    QCOMPARE(outcome.error->sqlState, QStringLiteral("57014"));
    QCOMPARE(ledgerText(m_bob->state()), QString());
    QCOMPARE(m_bob->acquire(LockKey::bigint(6)).kind, OutcomeKind::Acquired);
    QCOMPARE(m_bob->outcomes.size(), 2); // no word of a cancel that failed
}

void OperatorSessionTest::cancelsBeforeTheStatementIsSent()
{
    m_alice->acquire(five);
    for (int round = 0; round < 20; ++round) {
        const qsizetype seen = m_bob->outcomes.size();
        (*m_bob)->acquire(five, request(WaitPolicy::Block));
        (*m_bob)->cancel();
        QCOMPARE(m_bob->outcomeAfter(seen).kind, OutcomeKind::Cancelled);
    }
    QCOMPARE(m_bob->state().phase, SessionPhase::Idle);
    QCOMPARE(heldOnServer(*m_admin, m_bob->state().backendPid), QString());
}

void OperatorSessionTest::cancelNeverReachesALaterStatement()
{
    // The race "granted just before the cancel arrived": the server may answer with an error and keep the lock all the
    // same; the truth is what it holds. What follows is not touched.
    for (int round = 0; round < 40; ++round) {
        m_alice->acquire(five);
        m_bob->startWaiting(five);
        const qsizetype seen = m_bob->outcomes.size();
        (*m_alice)->release(five, LockShare::Exclusive);
        (*m_bob)->cancel();
        (*m_bob)->acquire(LockKey::bigint(6), request(WaitPolicy::Block));
        const OutcomeKind kind = m_bob->outcomeAfter(seen).kind;
        QVERIFY2(kind == OutcomeKind::Acquired || kind == OutcomeKind::Cancelled, qPrintable(word(kind)));
        QCOMPARE(word(m_bob->outcomeAfter(seen + 1).kind), QStringLiteral("acquired"));
        QCOMPARE(heldText(m_bob->state()), heldOnServer(*m_admin, m_bob->state().backendPid));
        QVERIFY2(!m_bob->statements.last().result.contains(u';'), qPrintable(m_bob->statements.last().result));
        QCOMPARE(word(m_bob->release(five).kind),
                 word(kind == OutcomeKind::Acquired ? OutcomeKind::Released : OutcomeKind::NotHeld));
        m_bob->release(LockKey::bigint(6));
        QTRY_COMPARE(m_alice->state().phase, SessionPhase::Idle);
    }
}

void OperatorSessionTest::disconnectFrees()
{
    m_alice->acquire(five);
    m_bob->startWaiting(five);
    const qsizetype seen = m_bob->outcomes.size();
    (*m_alice)->disconnectFromServer();
    QTRY_COMPARE(m_alice->state().phase, SessionPhase::Closed);
    QCOMPARE(ledgerText(m_alice->state()), QStringLiteral("5 exclusive released session 0 transaction 0"));
    QCOMPARE(m_bob->outcomeAfter(seen).kind, OutcomeKind::Acquired);

    // In the middle of a wait: the wait is cancelled first.
    RecordedSession carol(m_server->conninfo(), QStringLiteral("carol"));
    QVERIFY(carol.open());
    carol.startWaiting(five);
    carol->disconnectFromServer();
    QTRY_COMPARE(carol.state().phase, SessionPhase::Closed);
    QCOMPARE(carol.outcomes.last().kind, OutcomeKind::Cancelled);
}

void OperatorSessionTest::refusesActionsWhenNotConnected()
{
    (*m_alice)->disconnectFromServer();
    const Outcome outcome = m_alice->acquire(five);
    QCOMPARE(outcome.kind, OutcomeKind::Failed);
    QCOMPARE(outcome.error->kind, ErrorKind::Usage);
    QCOMPARE(m_alice->state().phase, SessionPhase::Closed);
}

void OperatorSessionTest::identifiesItsBackend()
{
    const SessionState& state = m_alice->state();
    QVERIFY(!state.behindPooler);
    const QString ask = QStringLiteral("SELECT %1 FROM pg_stat_activity WHERE pid = %2");
    const QString pid = QString::number(state.backendPid);
    QCOMPARE(
        scalar(*m_admin, ask.arg(QStringLiteral("(extract(epoch FROM backend_start) * 1000000)::int8"), pid).toUtf8()),
        QString::number(state.backendStart->time_since_epoch().count()));
    QCOMPARE(scalar(*m_admin, ask.arg(QStringLiteral("application_name"), pid).toUtf8()),
             QStringLiteral("lockscope: alice"));

    // 52 more bytes fit, which would end in the middle of the é.
    RecordedSession longName(m_server->conninfo(), QStringLiteral("x").repeated(51) + QStringLiteral("é;"));
    QVERIFY(longName.open());
    const QString longPid = QString::number(longName.state().backendPid);
    QCOMPARE(scalar(*m_admin, ask.arg(QStringLiteral("application_name"), longPid).toUtf8()),
             QStringLiteral("lockscope: ") + QStringLiteral("x").repeated(51));
    RecordedSession semicolon(m_server->conninfo(), QStringLiteral("a;b 'c' \\d"));
    QVERIFY(semicolon.open());
    const QString semicolonPid = QString::number(semicolon.state().backendPid);
    QCOMPARE(scalar(*m_admin, ask.arg(QStringLiteral("application_name"), semicolonPid).toUtf8()),
             QStringLiteral("lockscope: a?b 'c' \\d"));
}

void OperatorSessionTest::sendsARefusedPasswordOnce()
{
    const auto refusals = [this] {
        return m_server->sandbox().serverLog().count(QStringLiteral("password authentication failed"));
    };
    const auto before = refusals();
    RecordedSession carol(m_server->conninfo().with(QStringLiteral("password"), QStringLiteral("wrong")),
                          QStringLiteral("carol"));
    QVERIFY(!carol.open());
    QCOMPARE(carol.state().phase, SessionPhase::Failed);
    QCOMPARE(carol.state().ending->kind, ErrorKind::Authentication);
    QCOMPARE(carol.state().ending->sqlState, QStringLiteral("28P01"));
    QTRY_COMPARE(refusals(), before + 1);
}

void OperatorSessionTest::overrulesSettingsOfTheRole()
{
    QCOMPARE(scalar(*m_admin, "CREATE ROLE careless LOGIN PASSWORD 'careless'"), QString());
    for (const char* setting : {"client_min_messages = 'error'", "standard_conforming_strings = off",
                                "lock_timeout = 50", "statement_timeout = 200", "search_path = 'public'"})
        QCOMPARE(scalar(*m_admin, QByteArray("ALTER ROLE careless SET ") + setting), QString());
    RecordedSession careless(m_server->conninfo()
                                 .with(QStringLiteral("user"), QStringLiteral("careless"))
                                 .with(QStringLiteral("password"), QStringLiteral("careless")),
                             QStringLiteral("careless"));
    QVERIFY(careless.open());
    QCOMPARE(careless.release(five).notices,
             QStringList(QStringLiteral("WARNING: you don't own a lock of type ExclusiveLock")));
    QCOMPARE(careless.acquire(TextKey{.text = QStringLiteral("\\'; drop")}).key->toString(),
             scalar(*m_admin, "SELECT hashtextextended('\\''; drop', 0)"));
    m_alice->acquire(five);
    careless.startWaiting(five);
    const qsizetype seen = careless.outcomes.size();
    QVERIFY(!QTest::qWaitFor([&] { return careless.outcomes.size() > seen; }, 500));
    m_alice->release(five);
    QCOMPARE(careless.outcomeAfter(seen).kind, OutcomeKind::Acquired);
}

} // namespace lockscope::test

QTEST_GUILESS_MAIN(lockscope::test::OperatorSessionTest)
#include "tst_operatorsession.moc"
