#include "app/lab/releasewatch.h"
#include "app/lab/simulatedclient.h"
#include "app/platform/platform.h"
#include "tests/lab/clientsuite.h"

#include <QElapsedTimer>
#include <QFile>
#include <QProcess>

using namespace lockscope;

/// lockscope-client as a process: how it starts, what it gives away, and that it never outlives its console.
class ClientProcessTest final : public test::ClientSuite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { startServer(LOCKSCOPE_CLIENT_FILE); }
    void cleanupTestCase() { stopServer(); }

    void aMissingProgramIsAnError()
    {
        qputenv("LOCKSCOPE_CLIENT", "/nonexistent/lockscope-client");
        SimulatedClient client(ClientId{1}, QStringLiteral("pod-a"), m_server->conninfo(), m_watch);
        client.start();
        qputenv("LOCKSCOPE_CLIENT", LOCKSCOPE_CLIENT_FILE);
        QCOMPARE(word(client.state().phase), QStringLiteral("ended"));
        QVERIFY(client.state().ending->advice.contains(QStringLiteral("/nonexistent/lockscope-client")));
    }

    void noPasswordInArgumentsOrEnvironment()
    {
        const QString password = m_server->conninfo().value(QStringLiteral("password"));
        QVERIFY(!password.isEmpty());
        // The password comes from the environment alone, as with `PGPASSWORD=... lockscope`.
        qputenv("PGPASSWORD", password.toUtf8());
        SimulatedClient client(ClientId{1}, QStringLiteral("pod-a"),
                               m_server->conninfo().with(QStringLiteral("password"), {}), m_watch);
        client.start();
        QTRY_COMPARE(word(client.state().phase), QStringLiteral("idle"));
        qunsetenv("PGPASSWORD");
        QFile arguments(QStringLiteral("/proc/%1/cmdline").arg(client.state().processId));
        QVERIFY(arguments.open(QIODevice::ReadOnly));
        const QByteArray argumentText = arguments.readAll();
        QVERIFY(argumentText.contains("lockscope-client"));
        QVERIFY(!argumentText.contains(password.toUtf8()));
        // Only root may read it at all.
        QFile environment(QStringLiteral("/proc/%1/environ").arg(client.state().processId));
        const bool readable = environment.open(QIODevice::ReadOnly);
        QCOMPARE(readable, platform::isAdministrator());
        const QByteArray environmentText = readable ? environment.readAll() : QByteArray();
        QCOMPARE(environmentText.contains("PATH="), readable);
        QVERIFY(!environmentText.contains(password.toUtf8()));
        QVERIFY(!environmentText.contains("PGPASSWORD"));
    }

    void diesWithItsConsole_data()
    {
        QTest::addColumn<bool>("frozen");
        QTest::newRow("running") << false;
        QTest::newRow("frozen") << true;
    }
    void diesWithItsConsole()
    {
        QFETCH(bool, frozen);
        QProcess console;
        console.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        console.start(QStringLiteral(LOCKSCOPE_CONSOLE_HELPER), QStringList());
        const QString withPassword =
            m_server->conninfo().toTextWithoutSecrets() +
            QStringLiteral(" password='%1'\n").arg(m_server->conninfo().value(QStringLiteral("password")));
        console.write(withPassword.toUtf8());
        QTRY_VERIFY(console.canReadLine());
        const QList<QByteArray> ids = console.readLine().trimmed().split(' ');
        const qint64 clientProcess = ids.value(0).toLongLong();
        QVERIFY(platform::processExists(clientProcess));
        QCOMPARE(ask("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 77"),
                 QString::fromUtf8(ids.value(1)));
        if (frozen)
            VERIFY_RESULT(platform::sendSignal(clientProcess, platform::ProcessSignal::Stop));
        QElapsedTimer sinceKill;
        sinceKill.start();
        console.kill();
        QTRY_VERIFY_WITH_TIMEOUT(!platform::processExists(clientProcess), 1000);
        QTRY_COMPARE_WITH_TIMEOUT(ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"),
                                  1000);
        qInfo("console killed: client and lock gone after %lld ms", sinceKill.elapsed());
        QTRY_COMPARE(console.state(), QProcess::NotRunning);
    }

    void theProgramSurvivesNonsenseAndLeavesWithItsInput()
    {
        QProcess client;
        client.start(QStringLiteral(LOCKSCOPE_CLIENT_FILE),
                     {QString::number(platform::currentProcessId()), QStringLiteral("pod-a")});
        client.write("nonsense\n{\"type\":\"begin\"}\n" + QByteArray(5 * 1024 * 1024, 'x') + "\n[]\n");
        QByteArray said;
        QTRY_COMPARE((said += client.readAllStandardOutput()).count('\n'), 4);
        QCOMPARE(said.count("\"type\":\"complaint\""), 4);
        QCOMPARE(client.state(), QProcess::Running);
        client.closeWriteChannel();
        QVERIFY(client.waitForFinished());
        QCOMPARE(client.exitCode(), 0);
    }

    void theProgramRefusesToStartAlone()
    {
        QProcess client;
        client.start(QStringLiteral(LOCKSCOPE_CLIENT_FILE), QStringList());
        QVERIFY(client.waitForFinished());
        QCOMPARE(client.exitCode(), 2);
        client.start(QStringLiteral(LOCKSCOPE_CLIENT_FILE), {QStringLiteral("1"), QStringLiteral("not its parent")});
        QVERIFY(client.waitForFinished());
        QVERIFY(client.exitCode() != 0);
    }

private:
};

QTEST_GUILESS_MAIN(ClientProcessTest)
#include "tst_clientprocess.moc"
