#include "app/lab/pool/poolmeasure.h"
#include "tests/support/heartbeat.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QSignalSpy>

using namespace lockscope;
using test::scalar;

/// The naive service's hit rate, measured on a real server.
class tst_PoolMeasure final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();

    void findsOneInNWithinThreeSigma();
    void alwaysHitsWithLifoAndNeverWithFifo_data();
    void alwaysHitsWithLifoAndNeverWithFifo();
    void repeatsItselfWithTheSameSeed();
    void saysNothingAfterStop();
    void startsAnewWhileItRuns();
    void refusesImpossiblePlans_data();
    void refusesImpossiblePlans();
    void tellsARefusedLogin();
    void tellsAConnectionThatEnds();
    void disturbsNobody();

private:
    [[nodiscard]] QList<HitRate> measure(const HitRatePlan& plan)
    {
        PoolMeasure measurement(m_server->conninfo());
        QSignalSpy finished(&measurement, &PoolMeasure::finished);
        QSignalSpy failed(&measurement, &PoolMeasure::failed);
        measurement.start(plan);
        if (!QTest::qWaitFor([&] { return finished.size() + failed.size() > 0; }, 60000) || finished.isEmpty())
            return {};
        return finished.first().first().value<QList<HitRate>>();
    }

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_admin;
};

void tst_PoolMeasure::initTestCase()
{
    m_server = std::make_unique<test::TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    m_admin = m_server->session();
}

void tst_PoolMeasure::cleanup()
{
    QTRY_COMPARE(scalar(*m_admin, "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'lockscope lab%'"),
                 QStringLiteral("0"));
    QCOMPARE(scalar(*m_admin, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));
}

void tst_PoolMeasure::findsOneInNWithinThreeSigma()
{
    test::Heartbeat heartbeat;
    PoolMeasure measurement(m_server->conninfo());
    QSignalSpy progress(&measurement, &PoolMeasure::progress);
    QSignalSpy finished(&measurement, &PoolMeasure::finished);
    measurement.start({.fromSize = 1, .toSize = 16, .unlocks = 1000, .seed = 20240917});
    QVERIFY(measurement.isRunning());
    QVERIFY(QTest::qWaitFor([&] { return !finished.isEmpty(); }, 60000));
    QVERIFY(!measurement.isRunning());
    QVERIFY2(heartbeat.isSteady(), heartbeat.report().constData());

    const auto rates = finished.first().first().value<QList<HitRate>>();
    QCOMPARE(rates.size(), 16);
    QCOMPARE(rates.first().hits, 1000); // a pool of one hides the bug
    for (qsizetype i = 0; i < rates.size(); ++i) {
        const HitRate& rate = rates.at(i);
        QCOMPARE(rate.poolSize, static_cast<int>(i) + 1);
        QCOMPARE(rate.unlocks, 1000);
        const double deviation = qAbs(rate.measured() - rate.expected());
        QVERIFY2(deviation <= rate.threeSigma(),
                 qPrintable(
                     QStringLiteral("%1: %2 of 1000").arg(QString::number(rate.poolSize), QString::number(rate.hits))));
    }
    // As it grows, and once when it is complete.
    QVERIFY(progress.size() >= 16);
    QList<HitRate> complete;
    for (const QList<QVariant>& told : progress) {
        const auto rate = told.first().value<HitRate>();
        QVERIFY(rate.hits <= rate.unlocks);
        if (rate.unlocks == 1000)
            complete.append(rate);
    }
    QCOMPARE(complete, rates);
}

void tst_PoolMeasure::alwaysHitsWithLifoAndNeverWithFifo_data()
{
    QTest::addColumn<CheckoutOrder>("order");
    QTest::addColumn<qint64>("hits");
    QTest::newRow("lifo") << CheckoutOrder::Lifo << qint64(50); // which looks healthy as long as nobody else calls
    QTest::newRow("fifo") << CheckoutOrder::Fifo << qint64(0);
    QTest::newRow("round-robin") << CheckoutOrder::RoundRobin << qint64(0);
}

void tst_PoolMeasure::alwaysHitsWithLifoAndNeverWithFifo()
{
    QFETCH(const CheckoutOrder, order);
    QFETCH(const qint64, hits);
    const HitRate expected{.poolSize = 3, .hits = hits, .unlocks = 50};
    QCOMPARE(measure({.fromSize = 3, .toSize = 3, .unlocks = 50, .order = order}), QList<HitRate>{expected});
}

void tst_PoolMeasure::repeatsItselfWithTheSameSeed()
{
    const HitRatePlan plan{.fromSize = 2, .toSize = 4, .unlocks = 200, .seed = 7};
    const QList<HitRate> first = measure(plan);
    QCOMPARE(first.size(), 3);
    QCOMPARE(measure(plan), first);
}

void tst_PoolMeasure::saysNothingAfterStop()
{
    PoolMeasure measurement(m_server->conninfo());
    QSignalSpy progress(&measurement, &PoolMeasure::progress);
    QSignalSpy finished(&measurement, &PoolMeasure::finished);
    QSignalSpy failed(&measurement, &PoolMeasure::failed);
    measurement.start({.fromSize = 8, .toSize = 8, .unlocks = mostUnlocks});
    QVERIFY(progress.wait());
    measurement.stop();
    QVERIFY(!measurement.isRunning());
    const qsizetype told = progress.size();
    QTRY_COMPARE(scalar(*m_admin, "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'lockscope lab%'"),
                 QStringLiteral("0"));
    QCoreApplication::processEvents();
    QCOMPARE(progress.size(), told);
    QCOMPARE(finished.size() + failed.size(), 0);
}

void tst_PoolMeasure::startsAnewWhileItRuns()
{
    PoolMeasure measurement(m_server->conninfo());
    QSignalSpy finished(&measurement, &PoolMeasure::finished);
    measurement.start({.fromSize = 8, .toSize = 8, .unlocks = mostUnlocks});
    measurement.start({.fromSize = 1, .toSize = 1, .unlocks = 10});
    QTRY_COMPARE(finished.size(), 1);
    QCOMPARE(finished.first().first().value<QList<HitRate>>(),
             (QList<HitRate>{{.poolSize = 1, .hits = 10, .unlocks = 10}}));
}

void tst_PoolMeasure::refusesImpossiblePlans_data()
{
    QTest::addColumn<HitRatePlan>("plan");
    QTest::newRow("size 0") << HitRatePlan{.fromSize = 0, .toSize = 4};
    QTest::newRow("size 33") << HitRatePlan{.fromSize = 1, .toSize = 33};
    QTest::newRow("the wrong way round") << HitRatePlan{.fromSize = 5, .toSize = 4};
    QTest::newRow("no unlocks") << HitRatePlan{.unlocks = 0};
    QTest::newRow("too many unlocks") << HitRatePlan{.unlocks = mostUnlocks + 1};
}

void tst_PoolMeasure::refusesImpossiblePlans()
{
    QFETCH(const HitRatePlan, plan);
    PoolMeasure measurement(m_server->conninfo());
    QSignalSpy failed(&measurement, &PoolMeasure::failed);
    measurement.start(plan);
    QCOMPARE(failed.size(), 0); // never from inside the call
    QTRY_COMPARE(failed.size(), 1);
    QCOMPARE(failed.first().first().value<Error>().kind, ErrorKind::Usage);
    QVERIFY(!measurement.isRunning());
}

void tst_PoolMeasure::tellsARefusedLogin()
{
    PoolMeasure measurement(m_server->conninfo().with(QStringLiteral("dbname"), QStringLiteral("nowhere")));
    QSignalSpy failed(&measurement, &PoolMeasure::failed);
    measurement.start({});
    QTRY_COMPARE(failed.size(), 1);
    QCOMPARE(failed.first().first().value<Error>().sqlState, QStringLiteral("3D000"));
}

void tst_PoolMeasure::tellsAConnectionThatEnds()
{
    PoolMeasure measurement(m_server->conninfo());
    QSignalSpy progress(&measurement, &PoolMeasure::progress);
    QSignalSpy failed(&measurement, &PoolMeasure::failed);
    measurement.start({.fromSize = 4, .toSize = 4, .unlocks = mostUnlocks});
    QVERIFY(progress.wait());
    QCOMPARE(scalar(*m_admin, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = "
                              "'lockscope lab: measure-2'"),
             QStringLiteral("t"));
    QTRY_COMPARE(failed.size(), 1);
    QCOMPARE(failed.first().first().value<Error>().sqlState, QStringLiteral("57P01"));
    QVERIFY(!measurement.isRunning());
}

void tst_PoolMeasure::disturbsNobody()
{
    QCOMPARE(scalar(*m_admin, "SELECT pg_try_advisory_lock(5)"), QStringLiteral("t"));
    QCOMPARE(measure({.fromSize = 2, .toSize = 2, .unlocks = 20}).size(), 1);
    QCOMPARE(scalar(*m_admin, "SELECT pg_advisory_unlock(5)"), QStringLiteral("t"));
}

QTEST_GUILESS_MAIN(tst_PoolMeasure)
#include "tst_poolmeasure.moc"
