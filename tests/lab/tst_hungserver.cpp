#include "app/lab/contention/contentionbench.h"
#include "app/lab/endings/endingtrials.h"
#include "app/lab/pool/pooledlockservice.h"
#include "app/lab/pool/poolmeasure.h"
#include "app/platform/platform.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QDeadlineTimer>
#include <QElapsedTimer>
#include <QSignalSpy>

using namespace lockscope;
using namespace std::chrono_literals;
using test::scalar;

/// What the pages of the lab own goes quickly also when the server does not answer any more: the window waits for it.
class tst_HungServer final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();

    void letsAPoolGo();
    void letsAMeasurementGo();
    void letsAContentionRunGo();
    void letsAContentionRunGoWhileItConnects();
    void letsTheWaysToDieGo_data();
    void letsTheWaysToDieGo();

private:
    /// The postmaster and every backend but the observer's.
    void stopServer();
    void letServerGoOn();
    /// How long it takes to destroy, in milliseconds, while the server hangs.
    template <typename Owned>
    qint64 timeToDestroy(std::unique_ptr<Owned> owned)
    {
        stopServer();
        QElapsedTimer timer;
        timer.start();
        owned.reset();
        const qint64 took = timer.elapsed();
        letServerGoOn();
        qInfo("%lld ms", took);
        return took;
    }

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_admin;
    QList<qint64> m_stopped;
};

void tst_HungServer::initTestCase()
{
    qputenv("LOCKSCOPE_CLIENT", LOCKSCOPE_CLIENT_FILE);
    m_server = std::make_unique<test::TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    m_admin = m_server->session();
}

void tst_HungServer::cleanup()
{
    letServerGoOn();
    QTRY_COMPARE_WITH_TIMEOUT(scalar(*m_admin,
                                     "SELECT string_agg(application_name || ' ' || query, '; ') FROM pg_stat_activity "
                                     "WHERE application_name LIKE '%lockscope%'"),
                              QString(), 20'000);
    QCOMPARE(scalar(*m_admin, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));
}

void tst_HungServer::stopServer()
{
    const QString pids = scalar(*m_admin, "SELECT string_agg(pid::text, ' ') FROM pg_stat_activity "
                                          "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()");
    m_stopped = {m_server->sandbox().serverProcessId()};
    for (const QString& pid : pids.split(u' ', Qt::SkipEmptyParts))
        m_stopped.append(pid.toLongLong());
    for (const qint64 pid : std::as_const(m_stopped))
        VERIFY_RESULT(platform::sendSignal(pid, platform::ProcessSignal::Stop));
}

void tst_HungServer::letServerGoOn()
{
    for (const qint64 pid : std::exchange(m_stopped, {}))
        static_cast<void>(platform::sendSignal(pid, platform::ProcessSignal::Continue));
}

void tst_HungServer::letsAPoolGo()
{
    auto pool = std::make_unique<PooledLockService>(
        QStringLiteral("shop"), m_server->conninfo(),
        PoolSpec{.size = 8, .order = CheckoutOrder::RoundRobin, .form = LockServiceForm::Dedicated});
    QSignalSpy called(pool.get(), &PooledLockService::called);
    pool->open();
    for (int request = 0; request < 4; ++request)
        pool->acquire(QStringLiteral("request"), LockKey::bigint(request));
    QTRY_COMPARE_WITH_TIMEOUT(called.size(), 4, 20'000);
    const qint64 took = timeToDestroy(std::move(pool));
    QVERIFY2(took < 1000, qPrintable(QString::number(took)));
}

void tst_HungServer::letsAMeasurementGo()
{
    auto measure = std::make_unique<PoolMeasure>(m_server->conninfo());
    QSignalSpy progress(measure.get(), &PoolMeasure::progress);
    measure->start({.fromSize = 8, .toSize = 8, .unlocks = mostUnlocks});
    QVERIFY(progress.wait(20'000));
    const qint64 took = timeToDestroy(std::move(measure));
    QVERIFY2(took < 1000, qPrintable(QString::number(took)));
}

void tst_HungServer::letsAContentionRunGo()
{
    auto bench = std::make_unique<ContentionBench>(m_server->conninfo(), ContentionSpec{.clients = 8, .duration = 60s});
    QSignalSpy progress(bench.get(), &ContentionBench::progress);
    bench->start();
    QTRY_VERIFY_WITH_TIMEOUT(!progress.isEmpty(), 20'000);
    const qint64 took = timeToDestroy(std::move(bench));
    QVERIFY2(took < 1000, qPrintable(QString::number(took)));
}

void tst_HungServer::letsAContentionRunGoWhileItConnects()
{
    auto bench = std::make_unique<ContentionBench>(m_server->conninfo(), ContentionSpec{.clients = 64});
    bench->start();
    // Some of its clients are there, and the next login will not be answered.
    const QByteArray clients = "SELECT count(*) FROM pg_stat_activity WHERE application_name ~ 'contention [0-9]'";
    const QDeadlineTimer deadline(20'000);
    while (scalar(*m_admin, clients).toInt() < 3)
        QVERIFY(!deadline.hasExpired());
    const qint64 took = timeToDestroy(std::move(bench));
    QVERIFY2(took < 1000, qPrintable(QString::number(took)));
}

void tst_HungServer::letsTheWaysToDieGo_data()
{
    QTest::addColumn<EndingPhase>("phase");
    QTest::newRow("while they connect") << EndingPhase::Starting;
    QTest::newRow("while they are watched") << EndingPhase::Running;
}

void tst_HungServer::letsTheWaysToDieGo()
{
    QFETCH(const EndingPhase, phase);
    const int version = scalar(*m_admin, "SHOW server_version_num").toInt();
    auto trials = std::make_unique<EndingTrials>(
        m_server->conninfo(), LabServer{.connected = true, .sandbox = true, .versionNumber = version});
    const QList<EndingKind> kinds{EndingKind::KilledRunning, EndingKind::KilledWaiting, EndingKind::Frozen,
                                  EndingKind::CableCutBusy, EndingKind::ReturnedToPool};
    for (const EndingKind kind : kinds)
        trials->run(kind, {.statementLength = 4s, .watchTime = 60s});
    QTRY_VERIFY_WITH_TIMEOUT(
        std::ranges::all_of(kinds, [&](EndingKind kind) { return trials->state(kind).phase >= phase; }), 20'000);
    const qint64 took = timeToDestroy(std::move(trials));
    // The farewell, which ends what outlives its connection, may wait for its server; nothing else does.
    QVERIFY2(took < 4000, qPrintable(QString::number(took)));
}

QTEST_GUILESS_MAIN(tst_HungServer)
#include "tst_hungserver.moc"
