#include "app/lab/contention/contentionbench.h"
#include "app/platform/platform.h"
#include "tests/support/heartbeat.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QSignalSpy>

#include <algorithm>
#include <memory>

namespace lockscope::test {

using namespace std::chrono_literals;

/// Many clients on few keys, on a real server.
class ContentionBenchTest final : public Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();

    void oneHolderAtATimeWhereEverybodyWaits();
    void countsWhatATryIsRefused();
    void sharedTakesRunBesideEachOther();
    void comparesTheBystanderWithItselfInTheSameWay();
    void countsNoTakeThatOnlyTheEndLetThrough();
    void endsEarlyWhenItIsStopped();
    void stopsWhileItConnects();
    void leavesNothingWhenItIsDestroyedInTheMiddle();
    void refusesNumbersOutOfRange();
    void saysWhyItCannotConnect();
    void limitsTheWaitsOfItsSessions();
    void leavesTheThreadOfItsOwnerAlone();

private:
    [[nodiscard]] ContentionReport run(const ContentionSpec& spec);
    void expectNothingLeft();

    std::unique_ptr<TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_admin;
};

void ContentionBenchTest::initTestCase()
{
    m_server = std::make_unique<TestServer>(QStringLiteral("max_connections = 60"));
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    m_admin = m_server->session();
}

void ContentionBenchTest::expectNothingLeft()
{
    QTRY_COMPARE(scalar(*m_admin, "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'lockscope lab%'"),
                 QStringLiteral("0"));
    QCOMPARE(scalar(*m_admin, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));
}

ContentionReport ContentionBenchTest::run(const ContentionSpec& spec)
{
    ContentionBench bench(m_server->conninfo(), spec);
    QSignalSpy failed(&bench, &ContentionBench::failed);
    QSignalSpy finished(&bench, &ContentionBench::finished);
    bench.start();
    if (!QTest::qWaitFor([&] { return !finished.isEmpty() || !failed.isEmpty(); }, 20'000))
        return {};
    return finished.isEmpty() ? ContentionReport{} : finished.first().first().value<ContentionReport>();
}

void ContentionBenchTest::oneHolderAtATimeWhereEverybodyWaits()
{
    const ContentionReport report = run({.clients = 6, .keys = 1, .meanHold = 4ms, .duration = 2s});
    QVERIFY(report.finished);
    QCOMPARE(report.clients.size(), 6);
    QVERIFY(!report.samples.isEmpty());
    // One key, held for 4 ms each time: it cannot change hands more often than that.
    QVERIFY2(report.acquisitionsPerSecond() <= 250, qPrintable(QString::number(report.acquisitionsPerSecond())));
    QVERIFY(report.total().acquisitions > 20);
    QCOMPARE(report.refusedShare(), 0.0);
    // The queue of the server is fair: first come, first served.
    QVERIFY2(report.fairness() > 0.95, qPrintable(QString::number(report.fairness())));
    QVERIFY(report.total().waits.quantile(0.5) > 4ms);
    const bool someWaited = std::any_of(report.samples.cbegin(), report.samples.cend(),
                                        [](const ContentionSample& sample) { return sample.waiting.value_or(0) > 0; });
    QVERIFY(someWaited);
    QVERIFY(report.bystanderBefore.has_value());
    expectNothingLeft();
}

void ContentionBenchTest::countsWhatATryIsRefused()
{
    const ContentionReport report =
        run({.clients = 6, .keys = 1, .method = ContentionMethod::Try, .meanHold = 5ms, .tries = 3, .duration = 1s});
    QVERIFY(report.finished);
    const ContentionClient total = report.total();
    QVERIFY(total.refusals > 0);
    QVERIFY(total.givenUp > 0);
    QCOMPARE(total.attempts, total.acquisitions + total.refusals);
    QVERIFY(report.refusedShare() > 0 && report.refusedShare() < 1);
    expectNothingLeft();
}

void ContentionBenchTest::sharedTakesRunBesideEachOther()
{
    const ContentionReport report =
        run({.clients = 6, .keys = 1, .sharedPercent = 100, .meanHold = 20ms, .duration = 1s});
    QVERIFY(report.finished);
    // Six at a time: up to 6 * 50 a second, where an exclusive lock could not allow more than 50.
    QVERIFY2(report.acquisitionsPerSecond() > 55, qPrintable(QString::number(report.acquisitionsPerSecond())));
    expectNothingLeft();
}

void ContentionBenchTest::endsEarlyWhenItIsStopped()
{
    ContentionBench bench(m_server->conninfo(), {.clients = 4, .meanHold = 2s, .duration = 60s});
    QSignalSpy progress(&bench, &ContentionBench::progress);
    QSignalSpy finished(&bench, &ContentionBench::finished);
    bench.start();
    QTRY_VERIFY_WITH_TIMEOUT(!progress.isEmpty(), 20'000);
    bench.stop();
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, 20'000); // of 60 s
    QVERIFY(finished.first().first().value<ContentionReport>().elapsed < 30s);
    expectNothingLeft();
}

void ContentionBenchTest::comparesTheBystanderWithItselfInTheSameWay()
{
    // Clients that hold their keys nearly all of the time: the server has next to nothing to do, so the bystander must
    // not seem to be slowed down, as a single round trip after an idle pause is against many in a row. What else goes
    // on on this machine disturbs one run or the other, but not all of them in the same direction.
    QStringList ratios;
    for (int attempt = 0; attempt < 6; ++attempt) {
        const ContentionReport report =
            run({.clients = 2, .keys = 64, .method = ContentionMethod::Try, .meanHold = 500ms, .duration = 1s});
        QVERIFY(report.bystanderBefore && report.bystanderDuring());
        const double ratio = std::chrono::duration<double>(*report.bystanderDuring()) / *report.bystanderBefore;
        if (ratio > 0.6 && ratio < 1.6)
            return;
        ratios.append(QString::number(ratio));
    }
    QFAIL(qPrintable(ratios.join(u' ')));
}

void ContentionBenchTest::countsNoTakeThatOnlyTheEndLetThrough()
{
    // One holder for much longer than the run: at the end all others are let through one after another.
    const ContentionReport report = run({.clients = 6, .keys = 1, .meanHold = 10s, .duration = 1s});
    QVERIFY(report.finished);
    QCOMPARE(report.total().acquisitions, 1);
    QCOMPARE(report.total().attempts, 6);
    QCOMPARE(report.total().waits.count(), 1);
    expectNothingLeft();
}

void ContentionBenchTest::stopsWhileItConnects()
{
    const qint64 postmaster = m_server->sandbox().serverProcessId();
    VERIFY_RESULT(platform::sendSignal(postmaster, platform::ProcessSignal::Stop));
    ContentionBench bench(m_server->conninfo(), {.clients = 4});
    QSignalSpy finished(&bench, &ContentionBench::finished);
    QSignalSpy failed(&bench, &ContentionBench::failed);
    bench.start();
    bench.stop();
    const bool ended = QTest::qWaitFor([&] { return !finished.isEmpty() || !failed.isEmpty(); }, 5000);
    VERIFY_RESULT(platform::sendSignal(postmaster, platform::ProcessSignal::Continue));
    QVERIFY(ended); // a login waits for longer than that
    QCOMPARE(failed.size(), 0);
    QCOMPARE(finished.size(), 1);
    QCOMPARE(finished.first().first().value<ContentionReport>().total().attempts, 0);
    expectNothingLeft();
}

void ContentionBenchTest::limitsTheWaitsOfItsSessions()
{
    // As a role of an application has them: a take that waits for longer is no failure of the run.
    QCOMPARE(scalar(*m_admin, "ALTER DATABASE postgres SET statement_timeout = '100ms'"), QString());
    const ContentionReport report = run({.clients = 2, .keys = 1, .meanHold = 400ms, .duration = 2s});
    static_cast<void>(scalar(*m_admin, "ALTER DATABASE postgres RESET statement_timeout"));
    QVERIFY(report.finished);
    QVERIFY(report.total().waits.longest() > 150ms);
}

void ContentionBenchTest::leavesNothingWhenItIsDestroyedInTheMiddle()
{
    auto bench = std::make_unique<ContentionBench>(m_server->conninfo(),
                                                   ContentionSpec{.clients = 8, .meanHold = 1s, .duration = 60s});
    QSignalSpy progress(bench.get(), &ContentionBench::progress);
    bench->start();
    QTRY_VERIFY_WITH_TIMEOUT(!progress.isEmpty(), 20'000);
    bench.reset();
    expectNothingLeft();
}

void ContentionBenchTest::refusesNumbersOutOfRange()
{
    ContentionBench bench(m_server->conninfo(), {.clients = 0});
    QSignalSpy failed(&bench, &ContentionBench::failed);
    bench.start();
    QTRY_COMPARE(failed.size(), 1);
    QCOMPARE(failed.first().first().value<Error>().what, QStringLiteral("There can be 1 to 64 clients."));
}

void ContentionBenchTest::saysWhyItCannotConnect()
{
    ContentionBench bench(m_server->conninfo().with(QStringLiteral("password"), QStringLiteral("wrong")), {});
    QSignalSpy failed(&bench, &ContentionBench::failed);
    bench.start();
    QTRY_COMPARE(failed.size(), 1);
    QCOMPARE(failed.first().first().value<Error>().kind, ErrorKind::Authentication);
}

void ContentionBenchTest::leavesTheThreadOfItsOwnerAlone()
{
    Heartbeat heartbeat;
    static_cast<void>(run({.clients = 16, .keys = 2, .meanHold = 1ms, .duration = 1s}));
    QVERIFY2(heartbeat.isSteady(), heartbeat.report().constData());
    expectNothingLeft();
}

} // namespace lockscope::test

QTEST_GUILESS_MAIN(lockscope::test::ContentionBenchTest)
#include "tst_contentionbench.moc"
