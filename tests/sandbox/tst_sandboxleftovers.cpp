#include "app/platform/files.h"
#include "app/sandbox/sandbox.h"
#include "tests/sandbox/helperprocess.h"
#include "tests/support/heartbeat.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSignalSpy>
#include <QTemporaryDir>

using namespace std::chrono_literals;
using namespace lockscope;
using test::HelperProcess;

/// Whatever happens to a sandbox or to its owner, no directory, process, socket or shared memory stays.
class SandboxLeftoversTest final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();

    void nothingAfterDestruction();
    void nothingAfterTheServerWasKilled();
    void nothingAfterAServerWithAStoppedBackendWasKilled();
    void nothingAfterDestructionDuringInitdb();
    void slowProgramsKeepNobodyWaiting();
    void nothingAfterAFailureOfInitdb();
    void nothingAfterADeadline();
    void serverDiesWithItsOwner();
    void serverStoppedBySomebodyDiesWithItsOwner();
    void initdbDiesWithItsOwner();
    void startRemovesWhatIsLeft();
    void endsAServerThatOutlivedItsOwner();
    void directoriesOfOthersStay();
    void directoryOfALivingOwnerStays();

private:
    [[nodiscard]] QStringList directories() const;
    static QStringList processesIn(const QString& directory);
    static bool hasSharedMemory(const QString& key);
    static QString sharedMemoryKey(const QString& directory);
    void pretendInitdb(const QString& body, const QString& beforeVersion = {});
    void makeLeft(const QString& name);

    const QByteArray m_binaries = qgetenv("LOCKSCOPE_PG_BINDIR"); // lets the same test run with another version
    QTemporaryDir m_place{QStringLiteral("/tmp/lockscope-test-XXXXXX")};
    QByteArray m_marker;
};

/// The sandboxes of this test are made in a place of their own, which every account can pass through.
void SandboxLeftoversTest::initTestCase()
{
    constexpr auto passable =
        QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner | QFile::ExeGroup | QFile::ExeOther;
    QVERIFY(QFile::setPermissions(m_place.path(), passable));
    qputenv("TMPDIR", QFile::encodeName(m_place.path()));
    Sandbox sandbox;
    VERIFY_RESULT(sandbox.startAndWait(60s));
    QFile marker(sandbox.directory() + QStringLiteral("/owner"));
    QVERIFY(marker.open(QIODevice::ReadOnly));
    m_marker = marker.readAll();
    QVERIFY(!m_marker.isEmpty());
}

void SandboxLeftoversTest::cleanup()
{
    if (m_binaries.isEmpty())
        qunsetenv("LOCKSCOPE_PG_BINDIR");
    else
        qputenv("LOCKSCOPE_PG_BINDIR", m_binaries);
}

QStringList SandboxLeftoversTest::directories() const
{
    return QDir(m_place.path()).entryList({QStringLiteral("lockscope-sandbox-*")}, QDir::AllEntries | QDir::Hidden);
}

/// Processes that work in the directory or were told of it.
QStringList SandboxLeftoversTest::processesIn(const QString& directory)
{
    QStringList found;
    const QStringList processes = QDir(QStringLiteral("/proc")).entryList({QStringLiteral("[1-9]*")}, QDir::Dirs);
    for (const QString& process : processes) {
        if (process.toLongLong() == platform::currentProcessId() || !platform::processExists(process.toLongLong()))
            continue;
        QFile arguments(QStringLiteral("/proc/%1/cmdline").arg(process));
        const QString place = QFileInfo(QStringLiteral("/proc/%1/cwd").arg(process)).symLinkTarget();
        const QByteArray line = arguments.open(QIODevice::ReadOnly) ? arguments.readAll() : QByteArray();
        if (place.startsWith(directory) || line.contains(QFile::encodeName(directory)))
            found.append(process + QLatin1Char(' ') + QString::fromUtf8(line).replace(QChar(), QLatin1Char(' ')));
    }
    return found;
}

/// Seventh line of postmaster.pid: key and id.
QString SandboxLeftoversTest::sharedMemoryKey(const QString& directory)
{
    QFile file(directory + QStringLiteral("/data/postmaster.pid"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return QString::fromUtf8(file.readAll())
        .split(QLatin1Char('\n'))
        .value(6)
        .simplified()
        .section(QLatin1Char(' '), 0, 0);
}

bool SandboxLeftoversTest::hasSharedMemory(const QString& key)
{
    QFile segments(QStringLiteral("/proc/sysvipc/shm"));
    if (!segments.open(QIODevice::ReadOnly))
        return true;
    const QStringList lines = QString::fromUtf8(segments.readAll()).split(QLatin1Char('\n'));
    for (const QString& line : lines) {
        if (line.simplified().section(QLatin1Char(' '), 0, 0) == key)
            return true;
    }
    return false;
}

void SandboxLeftoversTest::pretendInitdb(const QString& body, const QString& beforeVersion)
{
    constexpr auto executable = QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner | QFile::ReadGroup |
                                QFile::ExeGroup | QFile::ReadOther | QFile::ExeOther;
    const QDir directory(m_place.filePath(QStringLiteral("bin")));
    QVERIFY(directory.mkpath(QStringLiteral(".")));
    QVERIFY(QFile::setPermissions(directory.path(), executable));
    for (const auto& [name, text] :
         {std::pair(QStringLiteral("initdb"), body),
          std::pair(QStringLiteral("postgres"), beforeVersion + QStringLiteral("echo 'postgres (PostgreSQL) 17.0'"))}) {
        QFile file(directory.filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        file.write(QStringLiteral("#!/bin/sh\n%1\n").arg(text).toUtf8());
        file.close();
        QVERIFY(file.setPermissions(executable));
    }
    qputenv("LOCKSCOPE_PG_BINDIR", QFile::encodeName(directory.path()));
}

/// A directory as a killed owner leaves it.
void SandboxLeftoversTest::makeLeft(const QString& name)
{
    const QDir directory(m_place.filePath(name));
    QVERIFY(directory.mkpath(QStringLiteral("data/base")));
    QFile marker(directory.filePath(QStringLiteral("owner")));
    QVERIFY(marker.open(QIODevice::WriteOnly));
    marker.write(m_marker);
}

void SandboxLeftoversTest::nothingAfterDestruction()
{
    QString directory;
    QString key;
    {
        Sandbox sandbox;
        VERIFY_RESULT(sandbox.startAndWait(60s));
        directory = sandbox.directory();
        key = sharedMemoryKey(directory);
        QVERIFY(hasSharedMemory(key));
        QVERIFY(!processesIn(directory).isEmpty());
        // Segments in /dev/shm could not be told from those of other servers afterwards: there must be none.
        QFile maps(QStringLiteral("/proc/%1/maps").arg(sandbox.serverProcessId()));
        QVERIFY(maps.open(QIODevice::ReadOnly));
        QVERIFY(!maps.readAll().contains("/dev/shm"));
    }
    QCOMPARE(directories(), QStringList());
    QCOMPARE(processesIn(directory), QStringList());
    QVERIFY(!hasSharedMemory(key));
}

void SandboxLeftoversTest::nothingAfterTheServerWasKilled()
{
    QString directory;
    QString key;
    {
        Sandbox sandbox;
        VERIFY_RESULT(sandbox.startAndWait(60s));
        directory = sandbox.directory();
        key = sharedMemoryKey(directory);
        VERIFY_RESULT(platform::sendSignal(sandbox.serverProcessId(), platform::ProcessSignal::Kill));
        QVERIFY(hasSharedMemory(key));
    }
    QCOMPARE(directories(), QStringList());
    // Its helpers notice for themselves.
    QTRY_COMPARE(processesIn(directory), QStringList());
    QTRY_VERIFY(!hasSharedMemory(key));
}

void SandboxLeftoversTest::nothingAfterAServerWithAStoppedBackendWasKilled()
{
    QString directory;
    qint64 backend = 0;
    {
        test::TestServer server;
        QVERIFY2(server.problem().isEmpty(), qPrintable(server.problem()));
        directory = server.sandbox().directory();
        const auto session = server.session();
        backend = test::scalar(*session, "select pg_catalog.pg_backend_pid()").toLongLong();
        VERIFY_RESULT(platform::sendSignal(backend, platform::ProcessSignal::Stop));
        VERIFY_RESULT(platform::sendSignal(server.sandbox().serverProcessId(), platform::ProcessSignal::Kill));
    }
    QVERIFY(platform::waitForProcessEnd(backend, 2s));
    QCOMPARE(directories(), QStringList());
    QTRY_COMPARE(processesIn(directory), QStringList());
}

void SandboxLeftoversTest::nothingAfterDestructionDuringInitdb()
{
    QString directory;
    {
        Sandbox sandbox;
        sandbox.start();
        QTRY_VERIFY(!sandbox.directory().isEmpty());
        directory = sandbox.directory();
        QTRY_VERIFY(QFileInfo::exists(directory + QStringLiteral("/data/base")));
        QVERIFY(!sandbox.isRunning());
    }
    QCOMPARE(directories(), QStringList());
    QTRY_COMPARE(processesIn(directory), QStringList());
}

void SandboxLeftoversTest::slowProgramsKeepNobodyWaiting()
{
    pretendInitdb(QStringLiteral("exit 1"), QStringLiteral("sleep 0.5\n"));
    Sandbox sandbox;
    QSignalSpy failed(&sandbox, &Sandbox::failed);
    test::Heartbeat heartbeat;
    sandbox.start();
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY2(heartbeat.isSteady(), heartbeat.report().constData());
    QCOMPARE(directories(), QStringList());
}

void SandboxLeftoversTest::nothingAfterAFailureOfInitdb()
{
    pretendInitdb(QStringLiteral("echo one > \"${1#--pgdata=}/half\"\n"
                                 "echo 'creating configuration files ...'\n"
                                 "echo 'initdb: error: could not write file: No space left on device' >&2\n"
                                 "exit 1"));
    Sandbox sandbox;
    QSignalSpy failed(&sandbox, &Sandbox::failed);
    const auto started = sandbox.startAndWait(60s);
    QVERIFY(!started);
    QCOMPARE(failed.count(), 1);
    QCOMPARE(started.error().what, QStringLiteral("The private PostgreSQL cluster could not be created."));
    QVERIFY2(started.error().serverWords.endsWith(QStringLiteral("No space left on device")),
             qPrintable(started.error().serverWords));
    QVERIFY2(started.error().advice.startsWith(QStringLiteral("Free some space")), qPrintable(started.error().advice));
    QCOMPARE(directories(), QStringList());
}

void SandboxLeftoversTest::nothingAfterADeadline()
{
    pretendInitdb(QStringLiteral("exec sleep 60"));
    Sandbox sandbox;
    const auto started = sandbox.startAndWait(200ms);
    QVERIFY(!started);
    QCOMPARE(started.error().what, QStringLiteral("Creating the private PostgreSQL cluster took too long."));
    QCOMPARE(directories(), QStringList());
}

void SandboxLeftoversTest::serverDiesWithItsOwner()
{
    HelperProcess owner({QStringLiteral("sandbox")});
    const qint64 server = owner.firstLine().section(QLatin1Char(' '), 0, 0).toLongLong();
    const QString directory = owner.firstLine().section(QLatin1Char(' '), 1);
    QVERIFY2(server > 1, qPrintable(owner.firstLine()));
    QVERIFY(platform::processExists(server));
    const QString key = sharedMemoryKey(directory);
    owner.kill();
    QElapsedTimer timer;
    timer.start();
    QVERIFY(platform::waitForProcessEnd(server, 2s));
    qInfo("the server ended %lld ms after its owner was killed", timer.elapsed());
    QCOMPARE(processesIn(directory), QStringList());
    QVERIFY(!hasSharedMemory(key));
    // Nobody is left to remove the directory but the next start.
    QCOMPARE(directories().size(), 1);
    QVERIFY(Sandbox::removeLeftovers() >= 1);
    QCOMPARE(directories(), QStringList());
}

void SandboxLeftoversTest::serverStoppedBySomebodyDiesWithItsOwner()
{
    HelperProcess owner({QStringLiteral("sandbox")});
    const qint64 server = owner.firstLine().section(QLatin1Char(' '), 0, 0).toLongLong();
    const QString directory = owner.firstLine().section(QLatin1Char(' '), 1);
    QVERIFY2(server > 1, qPrintable(owner.firstLine()));
    VERIFY_RESULT(platform::sendSignal(server, platform::ProcessSignal::Stop));
    owner.kill();
    QVERIFY(Sandbox::removeLeftovers() >= 1);
    QCOMPARE(directories(), QStringList());
    QVERIFY(!platform::processExists(server));
    QCOMPARE(processesIn(directory), QStringList());
}

void SandboxLeftoversTest::initdbDiesWithItsOwner()
{
    HelperProcess owner({QStringLiteral("initdb")});
    const QString directory = owner.firstLine();
    QVERIFY2(directory.startsWith(m_place.path()), qPrintable(directory));
    QTRY_VERIFY(QFileInfo::exists(directory + QStringLiteral("/data/base")));
    owner.kill();
    QTRY_COMPARE(processesIn(directory), QStringList());
    QVERIFY(Sandbox::removeLeftovers() >= 1);
    QCOMPARE(directories(), QStringList());
}

void SandboxLeftoversTest::startRemovesWhatIsLeft()
{
    makeLeft(QStringLiteral("lockscope-sandbox-abcdef"));
    QCOMPARE(directories().size(), 1);
    Sandbox sandbox;
    VERIFY_RESULT(sandbox.startAndWait(60s));
    QCOMPARE(directories(), QStringList(QFileInfo(sandbox.directory()).fileName()));
}

void SandboxLeftoversTest::endsAServerThatOutlivedItsOwner()
{
    // Systems without a death signal leave the server running; the lock that it holds tells which process it is.
    makeLeft(QStringLiteral("lockscope-sandbox-abcdef"));
    const QString lock = m_place.filePath(QStringLiteral("lockscope-sandbox-abcdef/server.lock"));
    QFile file(lock);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.close();
    QProcess server;
    platform::prepareChild(server, std::nullopt, platform::ProcessSignal::Kill, lock);
    server.start(QStringLiteral("sleep"), {QStringLiteral("60")});
    QVERIFY(server.waitForStarted());
    QVERIFY(Sandbox::removeLeftovers() >= 1);
    QCOMPARE(directories(), QStringList());
    QVERIFY(server.waitForFinished(2000));
    QCOMPARE(server.exitCode(), 3); // SIGQUIT
}

void SandboxLeftoversTest::directoriesOfOthersStay()
{
    makeLeft(QStringLiteral("lockscope-sandbox-really"));
    // Our prefix, no marker.
    QVERIFY(QDir(m_place.path()).mkpath(QStringLiteral("lockscope-sandbox-nomark/data")));
    // A marker that says something else.
    QVERIFY(QDir(m_place.path()).mkpath(QStringLiteral("lockscope-sandbox-others")));
    QFile other(m_place.filePath(QStringLiteral("lockscope-sandbox-others/owner")));
    QVERIFY(other.open(QIODevice::WriteOnly));
    other.write(QByteArray(m_marker.size(), 'x'));
    other.close();
    // A link to what a killed owner left elsewhere, and a marker that is a link.
    makeLeft(QStringLiteral("elsewhere"));
    QVERIFY(QFile::link(m_place.filePath(QStringLiteral("elsewhere")),
                        m_place.filePath(QStringLiteral("lockscope-sandbox-linked"))));
    QVERIFY(QDir(m_place.path()).mkpath(QStringLiteral("lockscope-sandbox-marker")));
    QVERIFY(QFile::link(m_place.filePath(QStringLiteral("elsewhere/owner")),
                        m_place.filePath(QStringLiteral("lockscope-sandbox-marker/owner"))));
    // Another name.
    makeLeft(QStringLiteral("lockscope-other-abcdef"));
    QStringList kept = {QStringLiteral("lockscope-sandbox-linked"), QStringLiteral("lockscope-sandbox-marker"),
                        QStringLiteral("lockscope-sandbox-nomark"), QStringLiteral("lockscope-sandbox-others")};
    // Another user's, complete with a marker.
    if (const auto account = platform::unprivilegedAccount(); account && platform::isAdministrator()) {
        makeLeft(QStringLiteral("lockscope-sandbox-stranger"));
        const QString path = m_place.filePath(QStringLiteral("lockscope-sandbox-stranger"));
        VERIFY_RESULT(platform::giveTo(path, *account));
        VERIFY_RESULT(platform::giveTo(path + QStringLiteral("/owner"), *account));
        kept.append(QStringLiteral("lockscope-sandbox-stranger"));
        // And one into which its owner has linked a marker of ours.
        makeLeft(QStringLiteral("lockscope-sandbox-thief"));
        VERIFY_RESULT(platform::giveTo(m_place.filePath(QStringLiteral("lockscope-sandbox-thief")), *account));
        kept.append(QStringLiteral("lockscope-sandbox-thief"));
    }

    QVERIFY(Sandbox::removeLeftovers() >= 1);
    QCOMPARE(directories(), kept);
    QVERIFY(QFileInfo::exists(m_place.filePath(QStringLiteral("elsewhere/data/base"))));
    QVERIFY(QFileInfo::exists(m_place.filePath(QStringLiteral("lockscope-other-abcdef/data/base"))));
    QVERIFY(QFileInfo::exists(m_place.filePath(QStringLiteral("lockscope-sandbox-nomark/data"))));
    for (const QString& name : std::as_const(kept)) {
        const QString path = m_place.filePath(name);
        QVERIFY(QFileInfo(path).isSymLink() ? QFile::remove(path) : QDir(path).removeRecursively());
    }
}

void SandboxLeftoversTest::directoryOfALivingOwnerStays()
{
    HelperProcess owner({QStringLiteral("sandbox")});
    const QString directory = owner.firstLine().section(QLatin1Char(' '), 1);
    const qint64 server = owner.firstLine().section(QLatin1Char(' '), 0, 0).toLongLong();
    Sandbox own;
    VERIFY_RESULT(own.startAndWait(60s));
    Sandbox::removeLeftovers();
    QVERIFY(QFileInfo::exists(directory + QStringLiteral("/owner")));
    QVERIFY(platform::processExists(server));
    QVERIFY(own.isRunning());
    owner.kill();
    QVERIFY(platform::waitForProcessEnd(server, 2s));
    QVERIFY(Sandbox::removeLeftovers() >= 1);
    QCOMPARE(directories(), QStringList(QFileInfo(own.directory()).fileName()));
}

QTEST_GUILESS_MAIN(SandboxLeftoversTest)
#include "tst_sandboxleftovers.moc"
