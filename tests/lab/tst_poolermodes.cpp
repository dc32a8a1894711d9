#include "app/postgres/errand.h"
#include "app/postgres/serverinquiry.h"
#include "tests/lab/startedpooler.h"
#include "tests/support/recordedsession.h"
#include "tests/support/suite.h"

#include <memory>

namespace lockscope::test {

using namespace std::chrono_literals;

/// What becomes of advisory locks behind a real PgBouncer in each of its modes, and that every kind of connection sees
/// that it goes through one.
class PoolerModesTest final : public Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();

    void sessionModeResetsWhatAClientLeaves();
    void sessionModeWithoutAResetQueryLendsTheLockOn();
    void transactionModeKeepsTheLockOfAGoneClient();
    void transactionModeUnlocksOnAnotherBackend();
    void transactionModeLetsANextClientIn();
    void resetAlwaysReleasesAfterEachTransaction();
    void statementModeRefusesTransactions();
    void statementModeLosesALockToTheTransactionOfAnother();
    void roundRobinTakesEveryServerConnectionInTurn();

    void isSeenByEveryKindOfConnection_data();
    void isSeenByEveryKindOfConnection();
    void isSeenByABackendThatIsOlderThanTheLogin();

private:
    std::unique_ptr<TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_admin;
};

void PoolerModesTest::initTestCase()
{
    m_server = std::make_unique<TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    m_admin = m_server->session();
}

void PoolerModesTest::cleanup()
{
    // Nothing that a test leaves meets the next one.
    QTRY_COMPARE(scalar(*m_admin, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));
}

void PoolerModesTest::sessionModeResetsWhatAClientLeaves()
{
    const auto pooler = startedPooler(m_server->conninfo(), {.mode = PoolerMode::Session, .poolSize = 1});
    auto pod = pooledClient(*pooler, QStringLiteral("pod a"));
    const QString backend = scalar(*pod, "SELECT pg_backend_pid()");
    QCOMPARE(scalar(*pod, "SELECT pg_try_advisory_lock(42)"), QStringLiteral("t"));
    QCOMPARE(scalar(*pod, "SELECT pg_backend_pid()"), backend);
    QCOMPARE(advisoryLocks(*m_admin), backend + QStringLiteral(" 42 pod a"));
    pod.reset();
    QTRY_COMPARE(advisoryLocks(*m_admin), QString()); // DISCARD ALL
    // The next client gets the same backend, and nothing of the one before.
    pod = pooledClient(*pooler, QStringLiteral("pod b"));
    QCOMPARE(scalar(*pod, "SELECT pg_backend_pid()"), backend);
    QCOMPARE(scalar(*pod, "SELECT pg_advisory_unlock(42)"), QStringLiteral("f"));
}

void PoolerModesTest::sessionModeWithoutAResetQueryLendsTheLockOn()
{
    const auto pooler =
        startedPooler(m_server->conninfo(), {.mode = PoolerMode::Session, .poolSize = 1, .resetQuery = {}});
    auto pod = pooledClient(*pooler, QStringLiteral("pod a"));
    QCOMPARE(scalar(*pod, "SELECT pg_try_advisory_lock(42)"), QStringLiteral("t"));
    const QString backend = scalar(*pod, "SELECT pg_backend_pid()");
    pod = pooledClient(*pooler, QStringLiteral("pod b"));
    QCOMPARE(scalar(*pod, "SELECT pg_backend_pid()"), backend);
    QCOMPARE(advisoryLocks(*m_admin), backend + QStringLiteral(" 42 pod b"));
    QCOMPARE(scalar(*pod, "SELECT pg_advisory_unlock(42)"), QStringLiteral("t"));
}

void PoolerModesTest::transactionModeKeepsTheLockOfAGoneClient()
{
    const auto pooler = startedPooler(m_server->conninfo(), {.poolSize = 1});
    auto pod = pooledClient(*pooler, QStringLiteral("pod a"));
    QCOMPARE(scalar(*pod, "SELECT pg_try_advisory_lock(42)"), QStringLiteral("t"));
    const QString backend = scalar(*pod, "SELECT pg_backend_pid()");
    pod.reset();
    // Another client has been served by that backend since, so whatever the end of the first one causes is done.
    QCOMPARE(scalar(*pooledClient(*pooler, QStringLiteral("pod c")), "SELECT pg_backend_pid()"), backend);
    // The lock of pod a, under the name of who came last.
    QCOMPARE(advisoryLocks(*m_admin), backend + QStringLiteral(" 42 pod c"));
}

void PoolerModesTest::transactionModeUnlocksOnAnotherBackend()
{
    const auto pooler = startedPooler(m_server->conninfo(), {.poolSize = 2});
    const auto pod = pooledClient(*pooler, QStringLiteral("pod a"));
    const auto other = pooledClient(*pooler, QStringLiteral("pod b"));
    QCOMPARE(scalar(*pod, "SELECT pg_try_advisory_lock(42)"), QStringLiteral("t"));
    VERIFY_RESULT(other->executeOne("BEGIN", 5s)); // keeps the backend that holds the lock busy
    const QString holder = scalar(*other, "SELECT pg_backend_pid()");
    QCOMPARE(advisoryLocks(*m_admin), holder + QStringLiteral(" 42 pod b"));
    static_cast<void>(pod->takeNotices());
    QCOMPARE(scalar(*pod, "SELECT pg_advisory_unlock(42)"), QStringLiteral("f"));
    QCOMPARE(pod->takeNotices(), QStringList(QStringLiteral("WARNING: you don't own a lock of type ExclusiveLock")));
    QVERIFY(scalar(*pod, "SELECT pg_backend_pid()") != holder);
    QVERIFY(!advisoryLocks(*m_admin).isEmpty());
}

void PoolerModesTest::transactionModeLetsANextClientIn()
{
    const auto pooler = startedPooler(m_server->conninfo(), {.poolSize = 1});
    const auto pod = pooledClient(*pooler, QStringLiteral("pod a"));
    const auto next = pooledClient(*pooler, QStringLiteral("pod c"));
    QCOMPARE(scalar(*pod, "SELECT pg_try_advisory_lock(42)"), QStringLiteral("t"));
    // Granted again to the same backend: for the server that is one session that counts to two.
    QCOMPARE(scalar(*next, "SELECT pg_try_advisory_lock(42)"), QStringLiteral("t"));
    QCOMPARE(scalar(*next, "SELECT pg_advisory_unlock(42)"), QStringLiteral("t"));
    QVERIFY(!advisoryLocks(*m_admin).isEmpty());
    QCOMPARE(scalar(*next, "SELECT pg_advisory_unlock(42)"), QStringLiteral("t")); // that was pod a's
    QCOMPARE(advisoryLocks(*m_admin), QString());
    QCOMPARE(scalar(*pod, "SELECT pg_advisory_unlock(42)"), QStringLiteral("f"));
}

void PoolerModesTest::resetAlwaysReleasesAfterEachTransaction()
{
    const auto pooler = startedPooler(m_server->conninfo(), {.poolSize = 1, .resetAlways = true});
    const auto pod = pooledClient(*pooler, QStringLiteral("pod a"));
    QCOMPARE(scalar(*pod, "SELECT pg_try_advisory_lock(42)"), QStringLiteral("t"));
    QTRY_COMPARE(advisoryLocks(*m_admin), QString());
    VERIFY_RESULT(pod->executeOne("BEGIN", 5s));
    QCOMPARE(scalar(*pod, "SELECT pg_try_advisory_lock(42)"), QStringLiteral("t"));
    QVERIFY(!advisoryLocks(*m_admin).isEmpty());
    VERIFY_RESULT(pod->executeOne("COMMIT", 5s));
    QTRY_COMPARE(advisoryLocks(*m_admin), QString());
}

void PoolerModesTest::statementModeRefusesTransactions()
{
    const auto pooler = startedPooler(m_server->conninfo(), {.mode = PoolerMode::Statement, .poolSize = 1});
    const auto pod = pooledClient(*pooler, QStringLiteral("pod a"));
    QCOMPARE(scalar(*pod, "SELECT pg_try_advisory_lock(42)"), QStringLiteral("t"));
    const auto begun = pod->executeOne("BEGIN", 5s);
    QVERIFY(!begun);
    QVERIFY2(
        begun.error().serverWords.contains(QStringLiteral("transaction blocks not allowed in statement pooling mode")),
        qPrintable(begun.error().serverWords));
}

void PoolerModesTest::statementModeLosesALockToTheTransactionOfAnother()
{
    const auto pooler = startedPooler(m_server->conninfo(), {.mode = PoolerMode::Statement, .poolSize = 1});
    const auto pod = pooledClient(*pooler, QStringLiteral("pod a"));
    const auto other = pooledClient(*pooler, QStringLiteral("pod b"));
    QCOMPARE(scalar(*pod, "SELECT pg_try_advisory_lock(42)"), QStringLiteral("t"));
    QVERIFY(!advisoryLocks(*m_admin).isEmpty());
    QVERIFY(!other->executeOne("BEGIN", 5s));
    // The BEGIN had reached the server, so PgBouncer closes that server connection too.
    QTRY_COMPARE(advisoryLocks(*m_admin), QString());
    QCOMPARE(scalar(*pod, "SELECT pg_advisory_unlock(42)"), QStringLiteral("f"));
}

void PoolerModesTest::roundRobinTakesEveryServerConnectionInTurn()
{
    for (const bool roundRobin : {false, true}) {
        const auto pooler = startedPooler(m_server->conninfo(), {.poolSize = 2, .roundRobin = roundRobin});
        const auto pod = pooledClient(*pooler, QStringLiteral("pod a"));
        { // two server connections
            const auto other = pooledClient(*pooler, QStringLiteral("pod b"));
            VERIFY_RESULT(other->executeOne("BEGIN", 5s));
            QCOMPARE(scalar(*pod, "SELECT 1"), QStringLiteral("1"));
            VERIFY_RESULT(other->executeOne("COMMIT", 5s));
        }
        QStringList pids;
        for (int i = 0; i < 4; ++i)
            pids.append(scalar(*pod, "SELECT pg_backend_pid()"));
        QCOMPARE(pids.at(0), pids.at(2));
        QCOMPARE(pids.at(1), pids.at(3));
        QCOMPARE(pids.at(0) != pids.at(1), roundRobin);
    }
}

void PoolerModesTest::isSeenByEveryKindOfConnection_data()
{
    QTest::addColumn<PoolerMode>("mode");
    for (const auto mode : {PoolerMode::Session, PoolerMode::Transaction, PoolerMode::Statement})
        QTest::newRow(qPrintable(word(mode))) << mode;
}

void PoolerModesTest::isSeenByEveryKindOfConnection()
{
    QFETCH(const PoolerMode, mode);
    const auto pooler = startedPooler(m_server->conninfo(), {.mode = mode});
    RecordedSession alice(pooler->conninfo(), QStringLiteral("alice"));
    QVERIFY(alice.open());
    QVERIFY(alice.state().behindPooler);

    const auto test = testConnection(pooler->conninfo());
    QTRY_VERIFY(test.isFinished());
    VERIFY_RESULT(test.result());
    QVERIFY(test.result()->behindPooler());

    const auto direct = testConnection(m_server->conninfo());
    QTRY_VERIFY(direct.isFinished());
    VERIFY_RESULT(direct.result());
    QVERIFY(!direct.result()->behindPooler());
}

void PoolerModesTest::isSeenByABackendThatIsOlderThanTheLogin()
{
    const auto pooler = startedPooler(m_server->conninfo());
    const auto isOlder = [](const Conninfo& conninfo) {
        LibpqConnection connection;
        const auto opened = connection.open(conninfo, 10s);
        const auto info = opened ? inquireServer(connection, 5s) : Result<ServerInfo>(failure(opened.error()));
        return info ? QString::number(info->backendOlderThanLogin ? 1 : 0) : info.error().what;
    };
    // The first login has just made the server connection; within seconds it is older than a login can take.
    QCOMPARE(isOlder(pooler->conninfo()), QStringLiteral("0"));
    QTRY_COMPARE_WITH_TIMEOUT(isOlder(pooler->conninfo()), QStringLiteral("1"), 15'000);
    QCOMPARE(isOlder(m_server->conninfo()), QStringLiteral("0"));
    // A connection that lives longer than that is not taken for one.
    LibpqConnection direct;
    VERIFY_RESULT(direct.open(m_server->conninfo(), 10s));
    VERIFY_RESULT(direct.executeOne("SELECT pg_sleep(2.5)", 10s));
    const auto info = inquireServer(direct, 5s);
    VERIFY_RESULT(info);
    QVERIFY(!info->behindPooler());
}

} // namespace lockscope::test

QTEST_GUILESS_MAIN(lockscope::test::PoolerModesTest)
#include "tst_poolermodes.moc"
