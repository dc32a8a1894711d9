#include "app/platform/platform.h"
#include "tests/lab/startedpooler.h"
#include "tests/support/heartbeat.h"
#include "tests/support/suite.h"

#include <QCoreApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QTemporaryDir>

#include <memory>
#include <thread>
#include <vector>

namespace lockscope::test {

using namespace std::chrono_literals;

/// The private PgBouncer as a process in front of a real server: how it starts, who can enter, and that it goes.
class PgBouncerTest final : public Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();

    void startsWithoutHoldingUpItsThread();
    void leadsToTheDatabaseAndRoleOfTheServer();
    void listsItsServerConnections();
    void nobodyElseCanEnter();
    void keepsThePasswordOutOfArgumentsAndOfItsConninfo();
    void goesWithItsObject();
    void leavesNoWaiterOnTheServer();
    void doesNotOutliveAKilledConsole();
    void leavesDirectoriesOfLivingOwnersAlone();
    void makesItsDirectoryElsewhereWhereTheSocketPathWouldBeTooLong();

    void saysThatAProgramIsMissing();
    void saysTheLastWordsOfAFailedStart();
    void refusesWhatCannotBe_data();
    void refusesWhatCannotBe();
    void saysThatItWasKilled();
    void mayBeDeletedByWhoeverHearsIt();
    void survivesARestartOfTheServer();
    void acceptsWhatLibpqSendsForAPerson();

private:
    /// Why it did not start.
    [[nodiscard]] static Error whyNot(const Conninfo& server, const PoolerSpec& spec);

    std::unique_ptr<TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_admin;
};

void PgBouncerTest::initTestCase()
{
    m_server = std::make_unique<TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    m_admin = m_server->session();
    qRegisterMetaType<Error>();
}

void PgBouncerTest::cleanup()
{
    // Nothing that a test leaves meets the next one.
    QTRY_COMPARE(scalar(*m_admin, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));
}

Error PgBouncerTest::whyNot(const Conninfo& server, const PoolerSpec& spec)
{
    PgBouncer pooler(server, spec);
    QSignalSpy failed(&pooler, &PgBouncer::failed);
    pooler.start();
    if (!QTest::qWaitFor([&] { return !failed.isEmpty(); }, 20'000))
        return {.what = QStringLiteral("it did not fail")};
    return failed.first().first().value<Error>();
}

void PgBouncerTest::startsWithoutHoldingUpItsThread()
{
    PgBouncer pooler(m_server->conninfo(), {});
    QSignalSpy isUp(&pooler, &PgBouncer::started);
    QVERIFY(!pooler.isRunning());
    Heartbeat heartbeat;
    pooler.start();
    pooler.start(); // once is enough
    QVERIFY(isUp.isEmpty());
    QTRY_COMPARE(isUp.size(), 1);
    QVERIFY(pooler.isRunning());
    QVERIFY2(heartbeat.isSteady(), heartbeat.report().constData());
}

void PgBouncerTest::leadsToTheDatabaseAndRoleOfTheServer()
{
    const auto admin = m_server->session();
    QCOMPARE(scalar(*admin, "CREATE ROLE keeper LOGIN PASSWORD 'it''s \\ a ; secret'"), QString());
    QCOMPARE(scalar(*admin, "CREATE DATABASE shop"), QString());
    const Conninfo shop = m_server->conninfo()
                              .with(QStringLiteral("user"), QStringLiteral("keeper"))
                              .with(QStringLiteral("password"), QStringLiteral("it's \\ a ; secret"))
                              .with(QStringLiteral("dbname"), QStringLiteral("shop"));
    {
        const auto pooler = startedPooler(shop);
        const auto pod = pooledClient(*pooler, QStringLiteral("pod a"));
        QCOMPARE(scalar(*pod, "SELECT format('%s %s', current_database(), current_user)"),
                 QStringLiteral("shop keeper"));
    }
    QTRY_COMPARE(scalar(*admin, "SELECT count(*) FROM pg_stat_activity WHERE datname = 'shop'"), QStringLiteral("0"));
    QCOMPARE(scalar(*admin, "DROP DATABASE shop"), QString());
    QCOMPARE(scalar(*admin, "DROP ROLE keeper"), QString());
}

void PgBouncerTest::listsItsServerConnections()
{
    const auto pooler = startedPooler(m_server->conninfo(), {.poolSize = 3});
    QSignalSpy listed(pooler.get(), &PgBouncer::serversListed);
    pooler->listServers();
    QTRY_COMPARE(listed.size(), 1);
    QCOMPARE(listed.first().first().value<QList<qint32>>(), QList<qint32>());

    std::vector<std::unique_ptr<LibpqConnection>> clients;
    QStringList expected;
    for (int i = 0; i < 3; ++i) {
        clients.push_back(pooledClient(*pooler, QStringLiteral("pod %1").arg(i)));
        VERIFY_RESULT(clients.back()->executeOne("BEGIN", 5s));
        expected.append(scalar(*clients.back(), "SELECT pg_backend_pid()"));
    }
    pooler->listServers();
    QTRY_COMPARE(listed.size(), 2);
    QStringList pids;
    for (const qint32 pid : listed.last().first().value<QList<qint32>>())
        pids.append(QString::number(pid));
    pids.sort();
    expected.sort();
    QCOMPARE(pids, expected);
}

void PgBouncerTest::nobodyElseCanEnter()
{
    const auto pooler = startedPooler(m_server->conninfo());
    const QString directory = pooler->directory();
    constexpr auto others = QFile::ReadOther | QFile::WriteOther | QFile::ExeOther;
    constexpr auto group = QFile::ReadGroup | QFile::WriteGroup;
    QCOMPARE(QFile::permissions(directory) & (others | group), QFile::Permissions());
    constexpr auto anybody = others | group | QFile::ExeGroup;
    QCOMPARE(QFile::permissions(directory + QStringLiteral("/socket")) & anybody, QFile::Permissions());
    QCOMPARE(QFile::permissions(directory + QStringLiteral("/pgbouncer.ini")) & anybody, QFile::Permissions());
    QVERIFY(pooler->log().contains(QStringLiteral("listening on unix:") + directory));
    QVERIFY2(!pooler->log().contains(QStringLiteral("listening on 127")), qPrintable(pooler->log()));
    if (const auto account = platform::unprivilegedAccount(); platform::isAdministrator() && account)
        QCOMPARE(QFileInfo(QStringLiteral("/proc/%1").arg(pooler->processId())).ownerId(), account->userId);
}

void PgBouncerTest::keepsThePasswordOutOfArgumentsAndOfItsConninfo()
{
    const auto pooler = startedPooler(m_server->conninfo());
    const QByteArray password = m_server->conninfo().value(QStringLiteral("password")).toUtf8();
    QVERIFY(!password.isEmpty());
    QFile arguments(QStringLiteral("/proc/%1/cmdline").arg(pooler->processId()));
    if (arguments.open(QIODevice::ReadOnly)) { // systems without /proc show arguments by other means
        const QByteArray text = arguments.readAll();
        QVERIFY(text.contains("pgbouncer.ini"));
        QVERIFY(!text.contains(password));
    }
    QCOMPARE(pooler->conninfo().value(QStringLiteral("password")), QString());
    QVERIFY(!pooler->log().contains(QString::fromUtf8(password)));
}

void PgBouncerTest::goesWithItsObject()
{
    auto pooler = startedPooler(m_server->conninfo());
    const auto pod = pooledClient(*pooler, QStringLiteral("pod a"));
    QCOMPARE(scalar(*pod, "SELECT pg_try_advisory_lock(42)"), QStringLiteral("t"));
    const qint64 process = pooler->processId();
    const QString directory = pooler->directory();
    QElapsedTimer clock;
    clock.start();
    pooler.reset();
    QVERIFY(clock.elapsed() < 1000);
    QVERIFY(!platform::processExists(process));
    QVERIFY(!QFileInfo::exists(directory));
    QTRY_COMPARE(advisoryLocks(*m_admin), QString()); // the server ends the session when the link is gone
}

void PgBouncerTest::leavesNoWaiterOnTheServer()
{
    const auto holder = m_server->session();
    QCOMPARE(scalar(*holder, "SELECT pg_try_advisory_lock(42)"), QStringLiteral("t"));
    auto pooler = startedPooler(m_server->conninfo());
    std::thread waiter([pod = pooledClient(*pooler, QStringLiteral("pod a"))] {
        static_cast<void>(pod->executeOne("SELECT pg_advisory_lock(42)", 30s)); // cut when PgBouncer goes
    });
    const auto waiters = [this] {
        return scalar(*m_admin, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted");
    };
    QTRY_COMPARE(waiters(), QStringLiteral("1"));
    pooler.reset();
    waiter.join();
    // Before 14 a server does not look whether the client of a waiting backend is still there.
    if (scalar(*m_admin, "SHOW server_version_num").toInt() < 140000)
        QCOMPARE(scalar(*holder, "SELECT pg_advisory_unlock(42)"), QStringLiteral("t"));
    QTRY_COMPARE_WITH_TIMEOUT(waiters(), QStringLiteral("0"), 15'000);
    static_cast<void>(scalar(*holder, "SELECT pg_advisory_unlock_all()"));
}

void PgBouncerTest::doesNotOutliveAKilledConsole()
{
    const Conninfo direct = m_server->conninfo();
    QProcess console;
    console.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    console.start(QCoreApplication::applicationDirPath() + QStringLiteral("/poolerhelper"),
                  {QStringLiteral("transaction")});
    console.write(QStringLiteral("%1 password=%2\n")
                      .arg(direct.toTextWithoutSecrets(), direct.value(QStringLiteral("password")))
                      .toUtf8());
    QTRY_VERIFY2(console.canReadLine(), qPrintable(console.errorString()));
    const QStringList words = QString::fromUtf8(console.readLine()).trimmed().split(QLatin1Char(' '));
    const qint64 process = words.value(0).toLongLong();
    const QString directory = words.value(1);
    QVERIFY2(process > 0 && platform::processExists(process), qPrintable(words.join(QLatin1Char(' '))));
    {
        LibpqConnection pod;
        const Conninfo pooled = direct.with(QStringLiteral("host"), directory + QStringLiteral("/socket"))
                                    .with(QStringLiteral("port"), QStringLiteral("6432"));
        VERIFY_RESULT(pod.open(pooled, 10s));
        QCOMPARE(scalar(pod, "SELECT pg_try_advisory_lock(42)"), QStringLiteral("t"));
    }
    QVERIFY(!advisoryLocks(*m_admin).isEmpty()); // the leak of transaction mode

    console.kill();
    console.waitForFinished();
    QVERIFY(platform::waitForProcessEnd(process, 5s));
    QTRY_COMPARE(advisoryLocks(*m_admin), QString());
    // Its directory is nobody's now: the next start removes it.
    QVERIFY(QFileInfo::exists(directory));
    const auto next = startedPooler(m_server->conninfo());
    QTRY_VERIFY(!QFileInfo::exists(directory));
}

void PgBouncerTest::leavesDirectoriesOfLivingOwnersAlone()
{
    const auto one = startedPooler(m_server->conninfo());
    const auto two = startedPooler(m_server->conninfo());
    static_cast<void>(PgBouncer::removeLeftovers());
    QVERIFY(QFileInfo::exists(one->directory()));
    QVERIFY(QFileInfo::exists(two->directory()));
    QVERIFY(one->directory() != two->directory());
    QCOMPARE(scalar(*pooledClient(*one, QStringLiteral("pod a")), "SELECT 1"), QStringLiteral("1"));
}

void PgBouncerTest::makesItsDirectoryElsewhereWhereTheSocketPathWouldBeTooLong()
{
    const QTemporaryDir place;
    const QString deep = place.filePath(QString(80, QLatin1Char('d')));
    QVERIFY(QDir().mkpath(deep));
    const QByteArray before = qgetenv("TMPDIR");
    qputenv("TMPDIR", QFile::encodeName(deep));
    const auto pooler = startedPooler(m_server->conninfo());
    before.isNull() ? qunsetenv("TMPDIR") : qputenv("TMPDIR", before);
    QVERIFY2(pooler->directory().startsWith(QLatin1StringView("/tmp/lockscope-pooler-")),
             qPrintable(pooler->directory()));
    QCOMPARE(scalar(*pooledClient(*pooler, QStringLiteral("pod a")), "SELECT 1"), QStringLiteral("1"));
}

void PgBouncerTest::saysThatAProgramIsMissing()
{
    VERIFY_RESULT(findPgBouncer());
    qputenv("LOCKSCOPE_PGBOUNCER", "/nowhere/pgbouncer");
    const auto found = findPgBouncer();
    const Error error = whyNot(m_server->conninfo(), {});
    qunsetenv("LOCKSCOPE_PGBOUNCER");
    QVERIFY(!found);
    QCOMPARE(found.error().what,
             QStringLiteral("LOCKSCOPE_PGBOUNCER names /nowhere/pgbouncer, which is not a program that can be run."));
    QCOMPARE(error, found.error());
}

void PgBouncerTest::saysTheLastWordsOfAFailedStart()
{
    qputenv("LOCKSCOPE_PGBOUNCER", "/bin/mkdir");
    const Error error = whyNot(m_server->conninfo(), {});
    qunsetenv("LOCKSCOPE_PGBOUNCER");
    QCOMPARE(error.what, QStringLiteral("PgBouncer ended while it was starting."));
    QVERIFY2(error.serverWords.contains(QStringLiteral("File exists")), qPrintable(error.serverWords));
}

void PgBouncerTest::refusesWhatCannotBe_data()
{
    QTest::addColumn<PoolerSpec>("spec");
    QTest::addColumn<QString>("host");
    QTest::addColumn<QString>("what");

    QTest::newRow("no server connection") << PoolerSpec{.poolSize = 0} << QStringLiteral("127.0.0.1")
                                          << QStringLiteral("A pool of 0 server connections is not possible here.");
    QTest::newRow("too many") << PoolerSpec{.poolSize = 33} << QStringLiteral("127.0.0.1")
                              << QStringLiteral("A pool of 33 server connections is not possible here.");
    QTest::newRow("a second setting in the reset query")
        << PoolerSpec{.resetQuery = QStringLiteral("DISCARD ALL\nlisten_addr = *")} << QStringLiteral("127.0.0.1")
        << QStringLiteral("The reset query contains a line break or a control character.");
    QTest::newRow("two servers") << PoolerSpec{} << QStringLiteral("127.0.0.1,127.0.0.2")
                                 << QStringLiteral("PgBouncer can stand in front of one server, and this connection "
                                                   "names several.");
}

void PgBouncerTest::refusesWhatCannotBe()
{
    QFETCH(const PoolerSpec, spec);
    QFETCH(const QString, host);
    const Error error = whyNot(m_server->conninfo().with(QStringLiteral("host"), host), spec);
    QCOMPARE(error.kind, ErrorKind::Usage);
    QTEST(error.what, "what");
}

void PgBouncerTest::saysThatItWasKilled()
{
    const auto pooler = startedPooler(m_server->conninfo());
    QSignalSpy ended(pooler.get(), &PgBouncer::ended);
    VERIFY_RESULT(platform::sendSignal(pooler->processId(), platform::ProcessSignal::Kill));
    QTRY_COMPARE(ended.size(), 1);
    QVERIFY(!pooler->isRunning());
    QCOMPARE(pooler->directory(), QString());
    QSignalSpy isUp(pooler.get(), &PgBouncer::started);
    pooler->start();
    QTRY_COMPARE(isUp.size(), 1);
    QCOMPARE(scalar(*pooledClient(*pooler, QStringLiteral("pod a")), "SELECT 1"), QStringLiteral("1"));
}

void PgBouncerTest::mayBeDeletedByWhoeverHearsIt()
{
    auto pooler = std::make_unique<PgBouncer>(m_server->conninfo(), PoolerSpec{});
    connect(pooler.get(), &PgBouncer::started, this, [&pooler] { pooler.reset(); });
    pooler->start();
    QTRY_VERIFY(pooler == nullptr);

    pooler = std::make_unique<PgBouncer>(m_server->conninfo(), PoolerSpec{.poolSize = 0});
    connect(pooler.get(), &PgBouncer::failed, this, [&pooler] { pooler.reset(); });
    pooler->start();
    QTRY_VERIFY(pooler == nullptr);

    pooler = startedPooler(m_server->conninfo());
    connect(pooler.get(), &PgBouncer::ended, this, [&pooler] { pooler.reset(); });
    VERIFY_RESULT(platform::sendSignal(pooler->processId(), platform::ProcessSignal::Kill));
    QTRY_VERIFY(pooler == nullptr);

    pooler = startedPooler(m_server->conninfo());
    connect(pooler.get(), &PgBouncer::serversListed, this, [&pooler] { pooler.reset(); });
    pooler->listServers();
    QTRY_VERIFY(pooler == nullptr);
}

void PgBouncerTest::survivesARestartOfTheServer()
{
    const auto pooler = startedPooler(m_server->conninfo());
    QCOMPARE(scalar(*pooledClient(*pooler, QStringLiteral("pod a")), "SELECT 1"), QStringLiteral("1"));
    VERIFY_RESULT(m_server->sandbox().restartAndWait(30s));
    m_admin = m_server->session();
    const auto answer = [&] {
        LibpqConnection pod;
        return pod.open(pooler->conninfo(), 5s) ? scalar(pod, "SELECT 1") : QString();
    };
    QTRY_COMPARE_WITH_TIMEOUT(answer(), QStringLiteral("1"), 15'000);
    QVERIFY(pooler->isRunning());
}

void PgBouncerTest::acceptsWhatLibpqSendsForAPerson()
{
    const auto pooler = startedPooler(m_server->conninfo());
    qputenv("PGGEQO", "off");
    qputenv("PGOPTIONS", "-c geqo=off");
    LibpqConnection pod;
    const auto opened = pod.open(pooler->conninfo(), 10s);
    qunsetenv("PGGEQO");
    qunsetenv("PGOPTIONS");
    VERIFY_RESULT(opened);
    QCOMPARE(scalar(pod, "SELECT 1"), QStringLiteral("1"));
}

} // namespace lockscope::test

QTEST_GUILESS_MAIN(lockscope::test::PgBouncerTest)
#include "tst_pgbouncer.moc"
