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

private:
    [[nodiscard]] Conninfo conninfo() const { return m_server->conninfo(); }

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_witness;
};

QTEST_GUILESS_MAIN(tst_Errand)
#include "tst_errand.moc"
