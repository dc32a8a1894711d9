#include "app/postgres/errand.h"
#include "tests/postgres/listener.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>

using namespace lockscope;
using namespace std::chrono_literals;
using test::scalar;

class tst_Errand final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_server = std::make_unique<test::TestServer>();
        QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
        m_witness = m_server->session(QStringLiteral("witness"));
        VERIFY_RESULT(m_witness->execute(
            "CREATE ROLE plain LOGIN PASSWORD 'p'; CREATE ROLE ender LOGIN PASSWORD 'p' IN ROLE pg_signal_backend; "
            "CREATE ROLE victim LOGIN PASSWORD 'p'; "
            "CREATE ROLE seer LOGIN PASSWORD 'p' IN ROLE pg_read_all_stats",
            5s));
    }
    void cleanupTestCase()
    {
        m_witness.reset();
        m_server.reset();
    }

    void testsAConnectionAndLeavesNoneBehind()
    {
        const auto result = testConnection(conninfo()).result();
        VERIFY_RESULT(result);
        QCOMPARE(result->versionNumber, scalar(*m_witness, "SHOW server_version_num").toInt());
        QCOMPARE(result->role, conninfo().value(QStringLiteral("user")));
        QTRY_COMPARE(
            scalar(*m_witness, "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'lockscope%'"),
            QStringLiteral("0"));
    }

    void tellsWhyATestConnectionFailed()
    {
        const auto result =
            testConnection(conninfo().with(QStringLiteral("password"), QStringLiteral("wrong"))).result();
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Authentication);
    }

    void neverBlocksTheCaller()
    {
        const test::Listener silent(test::Listener::Manner::Silent);
        QElapsedTimer timer;
        timer.start();
        auto future = testConnection(conninfo()
                                         .with(QStringLiteral("port"), QString::number(silent.port()))
                                         .with(QStringLiteral("connect_timeout"), QStringLiteral("2")));
        QVERIFY2(timer.elapsed() < 200, qPrintable(QString::number(timer.elapsed())));
        QVERIFY(!future.isFinished());
        const auto result = future.result();
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Connection);
        QVERIFY2(timer.elapsed() >= 2000 && timer.elapsed() < 4000, qPrintable(QString::number(timer.elapsed())));
    }

    void terminatesExactlyTheBackendThatWasSeen()
    {
        const auto victim = m_server->session(QStringLiteral("victim"));
        auto backend = identity(*victim);
        const auto alive = "SELECT count(*) FROM pg_stat_activity WHERE pid = " + QByteArray::number(backend.pid);
        for (const auto off : {-1us, 1us, -1000000us}) {
            auto other = backend;
            *other.backendStart += off;
            const auto result = terminateBackend(conninfo(), other).result();
            VERIFY_RESULT(result);
            QVERIFY(!*result);
            QCOMPARE(scalar(*m_witness, alive), QStringLiteral("1"));
        }
        const auto result = terminateBackend(conninfo(), backend).result();
        VERIFY_RESULT(result);
        QVERIFY(*result);
        QTRY_COMPARE(scalar(*m_witness, alive), QStringLiteral("0"));
        const auto again = terminateBackend(conninfo(), backend).result();
        VERIFY_RESULT(again);
        QVERIFY(!*again);
    }

    void refusesABackendWithoutAStart()
    {
        const auto victim = m_server->session(QStringLiteral("victim"));
        auto backend = identity(*victim);
        backend.backendStart.reset();
        const auto future = terminateBackend(conninfo(), backend);
        QVERIFY(future.isFinished());
        QVERIFY(!future.result());
        QCOMPARE(future.result().error().kind, ErrorKind::Usage);
        QVERIFY(future.result().error().advice.contains(QStringLiteral("pg_read_all_stats")));
        QCOMPARE(scalar(*victim, "SELECT 1"), QStringLiteral("1"));
    }

    void refusesAPreparedTransaction()
    {
        const auto result = terminateBackend(conninfo(), BackendId{.pid = 0, .backendStart = ServerTime(1us)}).result();
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Usage);
        QVERIFY(result.error().advice.contains(QStringLiteral("ROLLBACK PREPARED")));
    }

    void rolesThatMayNotEndASession_data()
    {
        QTest::addColumn<QString>("role");
        QTest::addColumn<QString>("sqlState");
        QTest::addColumn<QString>("says");
        QTest::newRow("sees no start, may signal")
            << QStringLiteral("ender") << QString() << QStringLiteral("may not see when");
        QTest::newRow("sees no start, may not signal")
            << QStringLiteral("plain") << QString() << QStringLiteral("may not see when");
        QTest::newRow("sees all, may not signal")
            << QStringLiteral("seer") << QStringLiteral("42501") << QStringLiteral("may not do that");
    }
    void rolesThatMayNotEndASession()
    {
        QFETCH(QString, role);
        QFETCH(QString, sqlState);
        QFETCH(QString, says);
        LibpqConnection victim;
        VERIFY_RESULT(victim.open(as(QStringLiteral("victim")), 10s));
        const auto result = terminateBackend(as(role), identity(victim)).result();
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Server);
        QCOMPARE(result.error().sqlState, sqlState);
        QVERIFY2(result.error().what.contains(says), qPrintable(result.error().what));
        QVERIFY(!result.error().advice.isEmpty());
        QCOMPARE(scalar(victim, "SELECT 1"), QStringLiteral("1"));
    }

private:
    [[nodiscard]] Conninfo conninfo() const { return m_server->conninfo(); }
    [[nodiscard]] Conninfo as(const QString& user) const
    {
        return conninfo().with(QStringLiteral("user"), user).with(QStringLiteral("password"), QStringLiteral("p"));
    }
    [[nodiscard]] BackendId identity(LibpqConnection& session)
    {
        const auto start =
            scalar(*m_witness,
                   "SELECT (extract(epoch FROM backend_start) * 1000000)::int8 FROM pg_stat_activity WHERE pid = " +
                       QByteArray::number(session.claimedPid()));
        return {.pid = session.claimedPid(), .backendStart = ServerTime(std::chrono::microseconds(start.toLongLong()))};
    }

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_witness;
};

QTEST_GUILESS_MAIN(tst_Errand)
#include "tst_errand.moc"
