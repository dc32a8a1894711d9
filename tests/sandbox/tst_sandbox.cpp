#include "app/platform/files.h"
#include "app/postgres/libpqconnection.h"
#include "app/sandbox/sandbox.h"
#include "tests/sandbox/helperprocess.h"
#include "tests/support/heartbeat.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QDir>
#include <QDirIterator>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QPointer>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTemporaryDir>

using namespace std::chrono_literals;
using namespace lockscope;
using test::HelperProcess;
using test::scalar;

class SandboxTest final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();

    void startsWithAnEventLoop();
    void acceptsItsPasswordAndNoOther();
    void hasTheSettingsOfADemonstration();
    void extraSettingsWinButNotOverPrivacy();
    void aSettingThatPostgresRefusesIsSaid();
    void directoryIsForItsOwnerAlone();
    void listensOnLoopbackOnly();
    void keepsThePasswordOutOfFilesAndArguments();
    void takesAnotherPortWhenItsOwnIsTaken();
    void stopEndsSessionsAndRemovesEverything();
    void stopEndsAStoppedServer();
    void startsAndStopsWithoutBlockingItsThread();
    void endsInTheBackgroundWhateverItDoes_data();
    void endsInTheBackgroundWhateverItDoes();
    void twoAtOnce();
    void restartKeepsPortAndData();
    void saysThatTheServerEndedByItself();

private:
    void pretend(const QString& initdb, const QString& postgres);
    static QString textOf(const QString& path);
    std::unique_ptr<LibpqConnection> connectTo(const Conninfo& conninfo);

    const QByteArray m_binaries = qgetenv("LOCKSCOPE_PG_BINDIR"); // lets the same test run with another version
    QTemporaryDir m_place{QStringLiteral("/tmp/lockscope-test-XXXXXX")};
};

/// The sandboxes of this test are made in a place of their own, which every account can pass through.
void SandboxTest::initTestCase()
{
    constexpr auto passable =
        QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner | QFile::ExeGroup | QFile::ExeOther;
    QVERIFY(QFile::setPermissions(m_place.path(), passable));
    qputenv("TMPDIR", QFile::encodeName(m_place.path()));
    QCOMPARE(QDir::tempPath(), m_place.path());
}

void SandboxTest::cleanup()
{
    if (m_binaries.isEmpty())
        qunsetenv("LOCKSCOPE_PG_BINDIR");
    else
        qputenv("LOCKSCOPE_PG_BINDIR", m_binaries);
}

/// Puts shell scripts in the place of the programs.
void SandboxTest::pretend(const QString& initdb, const QString& postgres)
{
    constexpr auto executable = QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner | QFile::ReadGroup |
                                QFile::ExeGroup | QFile::ReadOther | QFile::ExeOther;
    const QDir directory(m_place.filePath(QStringLiteral("bin")));
    QVERIFY(directory.mkpath(QStringLiteral(".")));
    QVERIFY(QFile::setPermissions(directory.path(), executable));
    for (const auto& [name, body] :
         {std::pair(QStringLiteral("initdb"), initdb), std::pair(QStringLiteral("postgres"), postgres)}) {
        QFile file(directory.filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        file.write(QStringLiteral("#!/bin/sh\n%1\n").arg(body).toUtf8());
        file.close();
        QVERIFY(file.setPermissions(executable));
    }
    qputenv("LOCKSCOPE_PG_BINDIR", QFile::encodeName(directory.path()));
}

QString SandboxTest::textOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

std::unique_ptr<LibpqConnection> SandboxTest::connectTo(const Conninfo& conninfo)
{
    auto connection = std::make_unique<LibpqConnection>();
    const auto opened = connection->open(conninfo, 10s);
    return opened ? std::move(connection) : nullptr;
}

void SandboxTest::startsWithAnEventLoop()
{
    Sandbox sandbox;
    QSignalSpy progress(&sandbox, &Sandbox::progress);
    QSignalSpy started(&sandbox, &Sandbox::started);
    QSignalSpy failed(&sandbox, &Sandbox::failed);
    QElapsedTimer timer;
    timer.start();
    sandbox.start();
    const auto returned = timer.elapsed();
    QVERIFY(!sandbox.isRunning());
    sandbox.start(); // changes nothing
    QVERIFY(started.wait(60'000) || started.count() == 1);
    qInfo("initdb and server: ready after %lld ms; start() returned after %lld ms", timer.elapsed(), returned);
    QCOMPARE(failed.count(), 0);
    QCOMPARE(progress,
             (QList<QVariantList>{{QStringLiteral("Creating a cluster")}, {QStringLiteral("Starting the server")}}));
    QVERIFY(sandbox.isRunning());
    QVERIFY(sandbox.serverProcessId() > 1);
    QVERIFY(connectTo(sandbox.conninfo()));
}

void SandboxTest::acceptsItsPasswordAndNoOther()
{
    Sandbox sandbox;
    QElapsedTimer timer;
    timer.start();
    VERIFY_RESULT(sandbox.startAndWait(60s));
    qInfo("initdb and server, without an event loop: ready after %lld ms", timer.elapsed());
    for (const Conninfo& conninfo : {sandbox.conninfo(), sandbox.socketConninfo()}) {
        QVERIFY(conninfo.value(QStringLiteral("password")).size() >= 32);
        LibpqConnection right;
        VERIFY_RESULT(right.open(conninfo, 10s));
        QCOMPARE(scalar(right, "select pg_catalog.current_setting('password_encryption')"),
                 QStringLiteral("scram-sha-256"));
        LibpqConnection wrong;
        const auto refused = wrong.open(conninfo.with(QStringLiteral("password"), QStringLiteral("wrong")), 10s);
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Authentication);
    }
}

void SandboxTest::hasTheSettingsOfADemonstration()
{
    Sandbox sandbox;
    VERIFY_RESULT(sandbox.startAndWait(60s));
    LibpqConnection session;
    VERIFY_RESULT(session.open(sandbox.conninfo(), 10s));
    const auto show = [&session](const char* name) {
        return scalar(session, QByteArrayLiteral("select pg_catalog.current_setting('") + name + "')");
    };
    QCOMPARE(show("max_prepared_transactions"), QStringLiteral("10"));
    QCOMPARE(show("max_connections"), QStringLiteral("100"));
    QCOMPARE(show("log_lock_waits"), QStringLiteral("on"));
    QCOMPARE(show("deadlock_timeout"), QStringLiteral("1s"));
    QCOMPARE(show("fsync"), QStringLiteral("off"));
    QCOMPARE(show("cluster_name"), QStringLiteral("lockscope sandbox"));
    QCOMPARE(show("server_encoding"), QStringLiteral("UTF8"));
    QCOMPARE(show("listen_addresses"), QStringLiteral("127.0.0.1"));
    QVERIFY(show("server_version").startsWith(sandbox.binaries().version));
    QVERIFY(sandbox.serverLog().contains(QStringLiteral("ready to accept connections")));
}

void SandboxTest::extraSettingsWinButNotOverPrivacy()
{
    Sandbox sandbox;
    sandbox.setConfiguration(QStringLiteral("max_connections = 20\nlisten_addresses = '*'\nlogging_collector = on"));
    VERIFY_RESULT(sandbox.startAndWait(60s));
    LibpqConnection session;
    VERIFY_RESULT(session.open(sandbox.conninfo(), 10s));
    QCOMPARE(scalar(session, "select pg_catalog.current_setting('max_connections')"), QStringLiteral("20"));
    QCOMPARE(scalar(session, "select pg_catalog.current_setting('listen_addresses')"), QStringLiteral("127.0.0.1"));
    QCOMPARE(scalar(session, "select pg_catalog.current_setting('logging_collector')"), QStringLiteral("off"));
}

void SandboxTest::aSettingThatPostgresRefusesIsSaid()
{
    Sandbox sandbox;
    sandbox.setConfiguration(QStringLiteral("no_such_setting = 1"));
    const auto started = sandbox.startAndWait(60s);
    QVERIFY(!started);
    QCOMPARE(started.error().what, QStringLiteral("The PostgreSQL server of the sandbox ended while it was starting."));
    QVERIFY2(started.error().serverWords.contains(QStringLiteral("no_such_setting")),
             qPrintable(started.error().serverWords));
    QCOMPARE(sandbox.directory(), QString());
}

void SandboxTest::directoryIsForItsOwnerAlone()
{
    Sandbox sandbox;
    VERIFY_RESULT(sandbox.startAndWait(60s));
    const auto account = platform::isAdministrator() ? platform::unprivilegedAccount() : std::nullopt;
    const QFileInfo outer(sandbox.directory());
    constexpr auto owner = QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner;
    constexpr auto others = QFile::ReadOther | QFile::WriteOther | QFile::ExeOther;
    QVERIFY(platform::isOwnDirectory(sandbox.directory()));
    QCOMPARE(outer.permissions() & others, QFile::Permissions());
    // The account of the server may pass through, and that is all.
    const auto group = outer.permissions() & (QFile::ReadGroup | QFile::WriteGroup | QFile::ExeGroup);
    QCOMPARE(group, account ? QFile::Permissions(QFile::ExeGroup) : QFile::Permissions());
    if (account)
        QCOMPARE(outer.groupId(), account->groupId);
    for (const QString& name : {QStringLiteral("data"), QStringLiteral("socket")}) {
        const QFileInfo inner(QDir(sandbox.directory()).filePath(name));
        QCOMPARE(inner.ownerId(), account ? account->userId : outer.ownerId());
        // "User" is who runs the test, which for root includes everything.
        QCOMPARE(inner.permissions() & ~(QFile::ReadUser | QFile::WriteUser | QFile::ExeUser),
                 QFile::Permissions(owner));
    }
    const QFileInfo process(QStringLiteral("/proc/%1").arg(sandbox.serverProcessId()));
    QCOMPARE(process.ownerId(), account ? account->userId : outer.ownerId());
    QVERIFY(process.ownerId() != 0);
}

void SandboxTest::listensOnLoopbackOnly()
{
    Sandbox sandbox;
    VERIFY_RESULT(sandbox.startAndWait(60s));
    const int port = sandbox.conninfo().value(QStringLiteral("port")).toInt();
    QStringList listening;
    for (const QString& table : {QStringLiteral("/proc/net/tcp"), QStringLiteral("/proc/net/tcp6")}) {
        const QStringList lines = textOf(table).split(QLatin1Char('\n'));
        for (const QString& line : lines) {
            const QStringList words = line.simplified().split(QLatin1Char(' '));
            const QString local = words.value(1);
            if (words.value(3) == QStringLiteral("0A") && local.section(QLatin1Char(':'), 1).toInt(nullptr, 16) == port)
                listening.append(local.section(QLatin1Char(':'), 0, 0));
        }
    }
    QCOMPARE(listening, QStringList(QStringLiteral("0100007F"))); // 127.0.0.1 in the kernel's order of bytes
}

void SandboxTest::keepsThePasswordOutOfFilesAndArguments()
{
    Sandbox sandbox;
    VERIFY_RESULT(sandbox.startAndWait(60s));
    const QByteArray password = sandbox.conninfo().value(QStringLiteral("password")).toUtf8();
    int files = 0;
    QDirIterator iterator(sandbox.directory(), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (iterator.hasNext()) {
        QFile file(iterator.next());
        if (file.open(QIODevice::ReadOnly)) {
            ++files;
            QVERIFY2(!file.readAll().contains(password), qPrintable(file.fileName()));
        }
    }
    QVERIFY(files > 100);
    for (const QString& name : {QStringLiteral("cmdline"), QStringLiteral("environ")}) {
        const QString text =
            textOf(QStringLiteral("/proc/%1/%2").arg(QString::number(sandbox.serverProcessId()), name));
        QVERIFY(!text.isEmpty());
        QVERIFY(!text.contains(QString::fromUtf8(password)));
    }
    // PG* settings and secrets of the console are not handed down.
    QVERIFY(
        !textOf(QStringLiteral("/proc/%1/environ").arg(sandbox.serverProcessId())).contains(QStringLiteral("TMPDIR")));
}

void SandboxTest::takesAnotherPortWhenItsOwnIsTaken()
{
    const auto real = findServerBinaries();
    VERIFY_RESULT(real);
    // The first server says what one says whose port somebody else has just taken.
    pretend(QStringLiteral("exec '%1/initdb' \"$@\"").arg(real->directory),
            QStringLiteral("if [ \"$1\" = -D ] && [ ! -e \"$2/tried\" ]; then\n"
                           "  echo \"$4\" > \"$2/tried\"\n"
                           "  echo 'LOG:  could not bind IPv4 address \"127.0.0.1\": Address already in use' >&2\n"
                           "  exit 1\n"
                           "fi\n"
                           "exec '%1/postgres' \"$@\"")
                .arg(real->directory));
    Sandbox sandbox;
    VERIFY_RESULT(sandbox.startAndWait(60s));
    const QString first = textOf(sandbox.directory() + QStringLiteral("/data/tried")).trimmed();
    const QString second = sandbox.conninfo().value(QStringLiteral("port"));
    QVERIFY(!first.isEmpty());
    QVERIFY(first != second);
    QVERIFY(connectTo(sandbox.conninfo()));
}

void SandboxTest::stopEndsSessionsAndRemovesEverything()
{
    Sandbox sandbox;
    QSignalSpy stopped(&sandbox, &Sandbox::stopped);
    QSignalSpy ended(&sandbox, &Sandbox::ended);
    VERIFY_RESULT(sandbox.startAndWait(60s));
    const auto session = connectTo(sandbox.conninfo());
    QVERIFY(session);
    const QString directory = sandbox.directory();
    const qint64 server = sandbox.serverProcessId();
    sandbox.stop();
    QVERIFY(stopped.wait(10'000));
    QVERIFY(!sandbox.isRunning());
    QVERIFY(!platform::processExists(server));
    QVERIFY(!QFileInfo::exists(directory));
    QVERIFY(!session->executeOne("select 1", 5s));
    QCOMPARE(ended.count(), 0);
    // And a second life.
    VERIFY_RESULT(sandbox.startAndWait(60s));
    QVERIFY(connectTo(sandbox.conninfo()));
}

void SandboxTest::stopEndsAStoppedServer()
{
    Sandbox sandbox;
    QSignalSpy stopped(&sandbox, &Sandbox::stopped);
    VERIFY_RESULT(sandbox.startAndWait(60s));
    VERIFY_RESULT(platform::sendSignal(sandbox.serverProcessId(), platform::ProcessSignal::Stop));
    sandbox.stop();
    QVERIFY(stopped.wait(10'000));
    QCOMPARE(sandbox.directory(), QString());
}

void SandboxTest::startsAndStopsWithoutBlockingItsThread()
{
    Sandbox sandbox;
    QSignalSpy started(&sandbox, &Sandbox::started);
    QSignalSpy stopped(&sandbox, &Sandbox::stopped);
    test::Heartbeat heartbeat;
    sandbox.start();
    QTRY_COMPARE_WITH_TIMEOUT(started.count(), 1, 60'000);
    const QString directory = sandbox.directory();
    sandbox.stop();
    QTRY_COMPARE_WITH_TIMEOUT(stopped.count(), 1, 10'000);
    QVERIFY(!QFileInfo::exists(directory));
    QVERIFY2(heartbeat.isSteady(), heartbeat.report().constData());
}

void SandboxTest::endsInTheBackgroundWhateverItDoes_data()
{
    QTest::addColumn<int>("progressSeen");
    QTest::newRow("just begun") << 1;
    QTest::newRow("server starts") << 2;
    QTest::newRow("runs") << 3;
}

void SandboxTest::endsInTheBackgroundWhateverItDoes()
{
    QFETCH(const int, progressSeen);
    auto sandbox = std::make_unique<Sandbox>();
    QSignalSpy progress(sandbox.get(), &Sandbox::progress);
    QSignalSpy started(sandbox.get(), &Sandbox::started);
    test::Heartbeat heartbeat;
    sandbox->start();
    QTRY_VERIFY_WITH_TIMEOUT(progress.count() + started.count() >= progressSeen, 60'000);
    const QString directory = sandbox->directory();
    QPointer<Sandbox> watched = sandbox.get();
    Sandbox::endInBackground(std::move(sandbox));
    QVERIFY(watched);
    QTRY_VERIFY_WITH_TIMEOUT(!watched, 10'000);
    QVERIFY(directory.isEmpty() || !QFileInfo::exists(directory));
    QVERIFY2(heartbeat.isSteady(), heartbeat.report().constData());
}

void SandboxTest::twoAtOnce()
{
    Sandbox one;
    Sandbox other;
    QSignalSpy oneStarted(&one, &Sandbox::started);
    QSignalSpy otherStarted(&other, &Sandbox::started);
    one.start();
    other.start();
    QTRY_COMPARE_WITH_TIMEOUT(oneStarted.count() + otherStarted.count(), 2, 60'000);
    QVERIFY(one.directory() != other.directory());
    QVERIFY(one.conninfo().value(QStringLiteral("port")) != other.conninfo().value(QStringLiteral("port")));
    QVERIFY(one.conninfo().value(QStringLiteral("password")) != other.conninfo().value(QStringLiteral("password")));
    QVERIFY(connectTo(one.conninfo()));
    QVERIFY(connectTo(other.conninfo()));
}

void SandboxTest::restartKeepsPortAndData()
{
    Sandbox sandbox;
    VERIFY_RESULT(sandbox.startAndWait(60s));
    const auto before = connectTo(sandbox.conninfo());
    QVERIFY(before);
    VERIFY_RESULT(before->execute("create table kept (); checkpoint; select pg_catalog.pg_advisory_lock(5)", 10s));
    const QString port = sandbox.conninfo().value(QStringLiteral("port"));
    const QString directory = sandbox.directory();
    const qint64 server = sandbox.serverProcessId();
    QElapsedTimer timer;
    timer.start();
    VERIFY_RESULT(sandbox.restartAndWait(30s));
    qInfo("restarted after %lld ms", timer.elapsed());
    QVERIFY(!before->executeOne("select 1", 5s));
    QCOMPARE(sandbox.conninfo().value(QStringLiteral("port")), port);
    QCOMPARE(sandbox.directory(), directory);
    QVERIFY(sandbox.serverProcessId() != server);
    const auto after = connectTo(sandbox.conninfo());
    QVERIFY(after);
    QCOMPARE(scalar(*after, "select pg_catalog.to_regclass('kept')::pg_catalog.text"), QStringLiteral("kept"));
    QCOMPARE(scalar(*after, "select pg_catalog.pg_try_advisory_lock(5)"), QStringLiteral("t"));

    VERIFY_RESULT(sandbox.haltAndWait(10s));
    QVERIFY(!sandbox.isRunning());
    QVERIFY(!connectTo(sandbox.conninfo()));
    VERIFY_RESULT(sandbox.restartAndWait(30s));
    QVERIFY(connectTo(sandbox.conninfo()));
}

void SandboxTest::saysThatTheServerEndedByItself()
{
    Sandbox sandbox;
    QSignalSpy ended(&sandbox, &Sandbox::ended);
    VERIFY_RESULT(sandbox.startAndWait(60s));
    VERIFY_RESULT(platform::sendSignal(sandbox.serverProcessId(), platform::ProcessSignal::Kill));
    QVERIFY(ended.wait(10'000));
    QCOMPARE(ended.at(0).at(0).value<Error>().what,
             QStringLiteral("The server of the sandbox ended by itself: its sessions and their locks are gone."));
    QVERIFY(!sandbox.isRunning());
    VERIFY_RESULT(sandbox.restartAndWait(30s));
    QVERIFY(connectTo(sandbox.conninfo()));
}

QTEST_GUILESS_MAIN(SandboxTest)
#include "tst_sandbox.moc"
