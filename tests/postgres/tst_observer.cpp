#include "app/postgres/observer.h"
#include "tests/postgres/listener.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QSignalSpy>

using namespace lockscope;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

QString word(LinkPhase phase)
{
    switch (phase) {
    case LinkPhase::Closed:
        return QStringLiteral("closed");
    case LinkPhase::Connecting:
        return QStringLiteral("connecting");
    case LinkPhase::Live:
        return QStringLiteral("live");
    case LinkPhase::Stale:
        return QStringLiteral("stale");
    case LinkPhase::Lost:
        return QStringLiteral("lost");
    case LinkPhase::Refused:
        return QStringLiteral("refused");
    }
    return {};
}

/// Watches an observer and remembers the phases it went through, without repetition.
struct Watched
{
    explicit Watched(const Conninfo& conninfo, const ObserverOptions& options = {.interval = 250ms})
        : observer(conninfo, options)
        , snapshots(&observer, &Observer::snapshotTaken)
        , logins(&observer, &Observer::serverIdentified)
    {
        QObject::connect(&observer, &Observer::linkChanged, &observer, [this](const LinkState& link) {
            if (phases.isEmpty() || phases.last() != word(link.phase))
                phases << word(link.phase);
        });
    }

    Observer observer;
    QSignalSpy snapshots;
    QSignalSpy logins;
    QStringList phases;
};

} // namespace

class tst_Observer final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void waitsLongerWithEachAttemptAndAtMostFifteenTimesInTenMinutes();
    void stretchesTheIntervalOfASlowPoll();
    void pollsAgainAndAgain();
    void asksNothingWhilePausedUntilRefreshed();
    void asksNothingWhileNobodyLooks();
    void readsTheOtherScopeAtOnce();
    void leavesNoTransactionOpenAndNothingBehind();
    void triesOnceWithAWrongPasswordAndWaitsForThePerson();
    void refusesWhenNothingListensAtFirst();
    void comesBackByItselfAfterARestart();
    void recognisesThatItsOwnBackendWasTerminated();
    void goesQuietlyWhileTheServerHangs();
    void countsNoPauseAsSilence();
    void waitsForALoginAsLongAsTheConnectionSays();

private:
    std::unique_ptr<test::TestServer> m_server;
};

void tst_Observer::initTestCase()
{
    m_server = std::make_unique<test::TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
}

void tst_Observer::waitsLongerWithEachAttemptAndAtMostFifteenTimesInTenMinutes()
{
    QCOMPARE(reconnectDelay(1, 0.0, false), 1000ms);
    QCOMPARE(reconnectDelay(1, 1.0, false), 1250ms);
    QCOMPARE(reconnectDelay(4, 0.0, false), 8000ms);
    QCOMPARE(reconnectDelay(500, 0.0, false), 60'000ms);
    QCOMPARE(reconnectDelay(500, 0.0, true), 2000ms);
    int attempts = 0;
    for (milliseconds elapsed{0}; elapsed < 10min; ++attempts)
        elapsed += reconnectDelay(attempts + 1, 0.0, false);
    QVERIFY2(attempts <= 15, qPrintable(QString::number(attempts)));
}

void tst_Observer::stretchesTheIntervalOfASlowPoll()
{
    QCOMPARE(stretchedInterval(1000ms, 3ms, 0.05), 1000ms);
    QCOMPARE(stretchedInterval(1000ms, 100ms, 0.05), 2000ms);
    QCOMPARE(stretchedInterval(1000ms, 60s, 0.05), longestInterval);
    QCOMPARE(stretchedInterval(0ms, 0ms, 0.05), shortestInterval);
}

void tst_Observer::pollsAgainAndAgain()
{
    Watched watched(m_server->conninfo());
    watched.observer.start();
    QTRY_COMPARE(watched.snapshots.size(), 3);
    QCOMPARE(watched.logins.size(), 1);
    QCOMPARE(watched.phases, (QStringList{QStringLiteral("connecting"), QStringLiteral("live")}));
    QCOMPARE(watched.snapshots.at(2).at(0).value<SnapshotPointer>()->serial, 3U);
}

void tst_Observer::asksNothingWhilePausedUntilRefreshed()
{
    Watched watched(m_server->conninfo());
    watched.observer.start();
    QTRY_VERIFY(watched.snapshots.size() >= 1);
    watched.observer.setPaused(true);
    QTRY_VERIFY(watched.observer.link().paused);
    const qsizetype before = watched.snapshots.size();
    QVERIFY(!watched.snapshots.wait(700));
    QCOMPARE(watched.snapshots.size(), before);
    watched.observer.refreshNow();
    QTRY_COMPARE(watched.snapshots.size(), before + 1);
    QCOMPARE(watched.observer.link().phase, LinkPhase::Live);
}

void tst_Observer::asksNothingWhileNobodyLooks()
{
    Watched watched(m_server->conninfo());
    watched.observer.start();
    QTRY_VERIFY(watched.snapshots.size() >= 1);
    watched.observer.setWatched(false);
    watched.snapshots.wait(300); // one may be on its way
    const qsizetype before = watched.snapshots.size();
    QVERIFY(!watched.snapshots.wait(700));
    watched.observer.setWatched(true);
    QTRY_VERIFY(watched.snapshots.size() > before);
    QVERIFY(!watched.phases.contains(QStringLiteral("stale")));
}

void tst_Observer::readsTheOtherScopeAtOnce()
{
    Watched watched(m_server->conninfo(), {.interval = 30s});
    watched.observer.start();
    QTRY_COMPARE(watched.snapshots.size(), 1);
    watched.observer.setScope(LockScope::AllTypes);
    QTRY_COMPARE(watched.snapshots.size(), 2);
    QCOMPARE(watched.snapshots.at(1).at(0).value<SnapshotPointer>()->scope, LockScope::AllTypes);
}

void tst_Observer::leavesNoTransactionOpenAndNothingBehind()
{
    const auto witness = m_server->session();
    const QByteArray count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'lockscope observer'";
    {
        Watched watched(m_server->conninfo());
        watched.observer.start();
        QTRY_VERIFY(watched.snapshots.size() >= 2);
        QCOMPARE(test::scalar(*witness, count), QStringLiteral("1"));
        QCOMPARE(test::scalar(*witness, "SELECT state || ' ' || (xact_start IS NULL) FROM pg_stat_activity "
                                        "WHERE application_name = 'lockscope observer'"),
                 QStringLiteral("idle true"));
    }
    QTRY_COMPARE(test::scalar(*witness, count), QStringLiteral("0"));
}

void tst_Observer::triesOnceWithAWrongPasswordAndWaitsForThePerson()
{
    Watched watched(m_server->conninfo().with(QStringLiteral("password"), QStringLiteral("wrong")));
    watched.observer.start();
    QTRY_COMPARE(watched.observer.link().phase, LinkPhase::Refused);
    QCOMPARE(watched.observer.link().error->kind, ErrorKind::Authentication);
    QVERIFY(!watched.observer.link().nextAttempt);
    QSignalSpy later(&watched.observer, &Observer::linkChanged);
    QVERIFY(!later.wait(2500));
    QCOMPARE(watched.observer.link().attempt, 1);
}

void tst_Observer::refusesWhenNothingListensAtFirst()
{
    Watched watched(m_server->conninfo().with(QStringLiteral("port"), QStringLiteral("1")));
    watched.observer.start();
    QTRY_COMPARE(watched.observer.link().phase, LinkPhase::Refused);
    QVERIFY(!watched.observer.link().error->advice.isEmpty());
}

void tst_Observer::comesBackByItselfAfterARestart()
{
    Watched watched(m_server->conninfo());
    watched.observer.start();
    QTRY_VERIFY(watched.snapshots.size() >= 1);
    VERIFY_RESULT(m_server->sandbox().restartAndWait(30s));
    QTRY_COMPARE_WITH_TIMEOUT(watched.logins.size(), 2, 15'000);
    QTRY_COMPARE(watched.observer.link().phase, LinkPhase::Live);
    QVERIFY(watched.phases.contains(QStringLiteral("lost")));
    QCOMPARE(watched.phases.last(), QStringLiteral("live"));
}

void tst_Observer::recognisesThatItsOwnBackendWasTerminated()
{
    Watched watched(m_server->conninfo());
    watched.observer.start();
    QTRY_VERIFY(watched.snapshots.size() >= 1);
    const auto admin = m_server->session();
    QVERIFY(admin->executeOne(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lockscope observer'", 5s));
    QTRY_COMPARE_WITH_TIMEOUT(watched.logins.size(), 2, 15'000);
    QTRY_COMPARE(watched.observer.link().phase, LinkPhase::Live);
}

void tst_Observer::goesQuietlyWhileTheServerHangs()
{
    auto watched = std::make_unique<Watched>(m_server->conninfo());
    watched->observer.start();
    QTRY_VERIFY(watched->snapshots.size() >= 1);
    const auto admin = m_server->session();
    const qint64 backend =
        test::scalar(*admin, "SELECT pid FROM pg_stat_activity WHERE application_name = 'lockscope observer'")
            .toLongLong();
    VERIFY_RESULT(platform::sendSignal(backend, platform::ProcessSignal::Stop));
    QTRY_COMPARE_WITH_TIMEOUT(watched->observer.link().phase, LinkPhase::Stale, 3000);
    const auto start = std::chrono::steady_clock::now();
    watched.reset();
    const auto took = std::chrono::steady_clock::now() - start;
    VERIFY_RESULT(platform::sendSignal(backend, platform::ProcessSignal::Continue));
    QVERIFY2(took < 50ms, "the observer did not let go of a hanging server");
}

void tst_Observer::countsNoPauseAsSilence()
{
    Watched watched(m_server->conninfo());
    watched.observer.start();
    QTRY_VERIFY(watched.snapshots.size() >= 1);
    const auto admin = m_server->session();
    const qint64 backend =
        test::scalar(*admin, "SELECT pid FROM pg_stat_activity WHERE application_name = 'lockscope observer'")
            .toLongLong();
    watched.observer.setPaused(true);
    QTRY_VERIFY(watched.observer.link().paused);
    QVERIFY(!watched.snapshots.wait(1500));
    // The first answer after the pause takes a while: longer than a look at the clock, shorter than two polls.
    VERIFY_RESULT(platform::sendSignal(backend, platform::ProcessSignal::Stop));
    watched.observer.setPaused(false);
    QVERIFY(!watched.snapshots.wait(500));
    VERIFY_RESULT(platform::sendSignal(backend, platform::ProcessSignal::Continue));
    QVERIFY(watched.snapshots.wait());
    QCOMPARE(watched.phases, (QStringList{QStringLiteral("connecting"), QStringLiteral("live")}));
}

void tst_Observer::waitsForALoginAsLongAsTheConnectionSays()
{
    const test::Listener silent(test::Listener::Manner::Silent);
    Watched watched(m_server->conninfo()
                        .with(QStringLiteral("port"), QString::number(silent.port()))
                        .with(QStringLiteral("connect_timeout"), QStringLiteral("2")));
    watched.observer.start();
    QTRY_COMPARE_WITH_TIMEOUT(watched.observer.link().phase, LinkPhase::Refused, 3500);
}

QTEST_GUILESS_MAIN(tst_Observer)
#include "tst_observer.moc"
