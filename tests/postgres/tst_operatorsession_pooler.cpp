#include "app/platform/files.h"
#include "app/platform/platform.h"
#include "tests/support/recordedsession.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QFile>
#include <QProcess>
#include <QStandardPaths>
#include <QTcpServer>
#include <QTemporaryDir>

#include <memory>

namespace lockscope::test {

/// Operator sessions behind PgBouncer in transaction mode, which lends server connections to whoever comes next.
class OperatorSessionPoolerTest final : public Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();

    void seesThePooler();
    void changesNoSettingOfAServerConnection();
    void doesNotBelieveThePoolerAboutTheServer();

private:
    std::unique_ptr<TestServer> m_server;
    QTemporaryDir m_directory;
    QProcess m_pooler;
    Conninfo m_pooled;
};

void OperatorSessionPoolerTest::initTestCase()
{
    m_server = std::make_unique<TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    QTcpServer free;
    QVERIFY(free.listen(QHostAddress::LocalHost));
    const QString port = QString::number(free.serverPort());
    free.close();

    const Conninfo direct = m_server->conninfo();
    QFile configuration(m_directory.filePath(QStringLiteral("pgbouncer.ini")));
    QVERIFY(configuration.open(QIODevice::WriteOnly));
    configuration.write(QStringLiteral("[databases]\n"
                                       "* = host=127.0.0.1 port=%1 user=%2 password=%3\n"
                                       "[pgbouncer]\n"
                                       "listen_addr = 127.0.0.1\n"
                                       "listen_port = %4\n"
                                       "unix_socket_dir =\n"
                                       "auth_type = any\n"
                                       "pool_mode = transaction\n")
                            .arg(direct.value(QStringLiteral("port")), direct.value(QStringLiteral("user")),
                                 direct.value(QStringLiteral("password")), port)
                            .toUtf8());
    configuration.close();
    // Like the server, PgBouncer refuses to run as root.
    const auto account = platform::isAdministrator() ? platform::unprivilegedAccount() : std::nullopt;
    if (account) {
        VERIFY_RESULT(platform::giveTo(m_directory.path(), *account));
        VERIFY_RESULT(platform::giveTo(configuration.fileName(), *account));
    }
    platform::prepareChild(m_pooler, account, platform::ProcessSignal::Kill);
    m_pooler.setProcessChannelMode(QProcess::MergedChannels);
    const QString program = QStandardPaths::findExecutable(
        QStringLiteral("pgbouncer"),
        {QStringLiteral("/usr/sbin"), QStringLiteral("/usr/bin"), QStringLiteral("/usr/local/bin")});
    QVERIFY2(!program.isEmpty(), "PgBouncer is needed for this test");
    m_pooler.start(program, {configuration.fileName()});
    QVERIFY2(m_pooler.waitForStarted(), qPrintable(m_pooler.errorString()));

    m_pooled = direct.with(QStringLiteral("host"), QStringLiteral("127.0.0.1")).with(QStringLiteral("port"), port);
    const auto isUp = [this] {
        LibpqConnection connection;
        return connection.open(m_pooled, std::chrono::seconds(2)).has_value();
    };
    QTRY_VERIFY2(isUp(), m_pooler.readAll().constData());
}

void OperatorSessionPoolerTest::cleanupTestCase()
{
    m_pooler.kill();
    m_pooler.waitForFinished();
}

void OperatorSessionPoolerTest::seesThePooler()
{
    RecordedSession alice(m_pooled, QStringLiteral("alice"));
    QVERIFY(alice.open());
    QVERIFY(alice.state().behindPooler);
    const auto admin = m_server->session();
    QCOMPARE(scalar(*admin, "SELECT count(*) FROM pg_stat_activity WHERE pid = " +
                                QByteArray::number(alice.state().backendPid)),
             QStringLiteral("1"));
    for (const StatementRecord& record : std::as_const(alice.statements))
        QVERIFY2(!record.sql.contains(QStringLiteral("set_config")), qPrintable(record.sql));
}

void OperatorSessionPoolerTest::changesNoSettingOfAServerConnection()
{
    const LockRequest limited{.wait = WaitPolicy::Timeout, .lockTimeout = std::chrono::milliseconds(100)};
    RecordedSession alice(m_pooled, QStringLiteral("alice"));
    QVERIFY(alice.open());
    QCOMPARE(alice.acquire(LockKey::bigint(5), limited).kind, OutcomeKind::Acquired);
    LibpqConnection next;
    VERIFY_RESULT(next.open(m_pooled, std::chrono::seconds(5)));
    // The same server connection, lent to the next client: with its lock, and without its timeout.
    QCOMPARE(scalar(next, "SELECT pg_backend_pid()"), QString::number(alice.state().backendPid));
    QCOMPARE(scalar(next, "SHOW lock_timeout"), QStringLiteral("0"));
    QCOMPARE(scalar(next, "SELECT pg_advisory_unlock(5)"), QStringLiteral("t"));
}

void OperatorSessionPoolerTest::doesNotBelieveThePoolerAboutTheServer()
{
    RecordedSession alice(m_pooled, QStringLiteral("alice"));
    QVERIFY(alice.open());
    QCOMPARE(alice.acquire(LockKey::bigint(5)).kind, OutcomeKind::Acquired);
    m_pooler.kill();
    QTRY_COMPARE(alice.state().phase, SessionPhase::Lost);
    QCOMPARE(ledgerText(alice.state()), QStringLiteral("5 exclusive unknown session 1 transaction 0"));
}

} // namespace lockscope::test

QTEST_GUILESS_MAIN(lockscope::test::OperatorSessionPoolerTest)
#include "tst_operatorsession_pooler.moc"
