#include "app/lab/releasewatch.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>
#include <QSignalSpy>

#include <thread>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

BackendId identityOf(LibpqConnection& session)
{
    const QString pid = test::scalar(session, "SELECT pg_backend_pid()");
    const QString start = test::scalar(session, "SELECT (extract(epoch FROM backend_start) * 1000000)::int8 FROM "
                                                "pg_stat_get_activity(pg_backend_pid())");
    return {pid.toInt(), ServerTime(std::chrono::microseconds(start.toLongLong()))};
}

/// What a timeline says, without the times: "backend gone, keys free, next 'b', finished".
QString summary(const ReleaseTimeline& timeline)
{
    QStringList parts;
    if (timeline.backendGone)
        parts.append(QStringLiteral("backend gone"));
    if (timeline.keysFree)
        parts.append(QStringLiteral("keys free"));
    if (timeline.anyoneWaited)
        parts.append(QStringLiteral("someone waited"));
    if (timeline.nextGranted)
        parts.append(QStringLiteral("next '%1'").arg(timeline.nextApplicationName));
    if (timeline.error)
        parts.append(QStringLiteral("error"));
    if (timeline.finished)
        parts.append(QStringLiteral("finished"));
    return parts.join(QStringLiteral(", "));
}

void run(LibpqConnection& session, const QByteArray& sql)
{
    VERIFY_RESULT(session.execute(sql, 10s));
}

QString keysOf(const ReleaseTimeline& timeline)
{
    QStringList keys;
    for (const LockKey key : timeline.keys)
        keys.append(key.toString());
    return keys.join(QStringLiteral(" "));
}

} // namespace

class ReleaseWatchTest final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_server = std::make_unique<test::TestServer>();
        QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    }
    void cleanupTestCase() { m_server.reset(); }

    void init()
    {
        Suite::init();
        m_timelines.clear();
        m_watch = std::make_unique<ReleaseWatch>(m_server->conninfo());
        connect(m_watch.get(), &ReleaseWatch::timelineChanged, this,
                [this](WatchId id, const ReleaseTimeline& timeline) { m_timelines.insert(quint64(id), timeline); });
    }
    void cleanup() { m_watch.reset(); }

    void measuresACloseAndNamesTheNext()
    {
        auto holder = m_server->session(QStringLiteral("holder"));
        auto waiter = m_server->session(QStringLiteral("next one"));
        run(*holder, "SELECT pg_advisory_lock(5), pg_advisory_lock(-1, 7)");
        const BackendId backend = identityOf(*holder);
        const WaitingSession waiting(std::move(waiter), "SELECT pg_advisory_lock(5)");
        QTRY_COMPARE(waitersFor5(), 1);

        const WatchId watch = armAndWait(backend);
        QCOMPARE(keysOf(m_timelines.value(quint64(watch))), QStringLiteral("5 (-1, 7)"));
        QCOMPARE(summary(m_timelines.value(quint64(watch))), QStringLiteral("someone waited"));
        m_watch->begun(watch, std::chrono::steady_clock::now());
        holder.reset();
        QTRY_VERIFY(m_timelines.value(quint64(watch)).finished);
        const ReleaseTimeline timeline = m_timelines.value(quint64(watch));
        QCOMPARE(summary(timeline),
                 QStringLiteral("backend gone, keys free, someone waited, next 'next one', finished"));
        QCOMPARE(timeline.nextPid, waiting.pid());
        QVERIFY(*timeline.keysFree <= *timeline.backendGone);
        QVERIFY(*timeline.backendGone < 1s);
        QVERIFY(timeline.grain > 0us && timeline.grain < 500ms);
    }

    void goesOnForAsLongAsTheBackendLives()
    {
        auto holder = m_server->session();
        run(*holder, "SELECT pg_advisory_lock(5)");
        const WatchId watch = armAndWait(identityOf(*holder));
        m_watch->begun(watch, std::chrono::steady_clock::now());
        run(*holder, "SELECT pg_sleep(0.4)"); // time for looks at the first two steps
        QCoreApplication::processEvents();
        QCOMPARE(summary(m_timelines.value(quint64(watch))), QString());
        run(*holder, "SELECT pg_advisory_unlock(5)");
        QTRY_COMPARE(summary(m_timelines.value(quint64(watch))), QStringLiteral("keys free"));
        QVERIFY(*m_timelines.value(quint64(watch)).keysFree >= 400ms);
        holder.reset();
        QTRY_COMPARE(summary(m_timelines.value(quint64(watch))), QStringLiteral("backend gone, keys free, finished"));
        QVERIFY(*m_timelines.value(quint64(watch)).keysFree < *m_timelines.value(quint64(watch)).backendGone);
    }

    void aStoppedWatchSaysNothingMore()
    {
        auto holder = m_server->session();
        run(*holder, "SELECT pg_advisory_lock(5)");
        const WatchId watch = armAndWait(identityOf(*holder));
        m_watch->begun(watch, std::chrono::steady_clock::now());
        m_watch->stop(watch);
        // What is armed next is answered after the stop.
        const WatchId second = armAndWait(identityOf(*holder));
        m_timelines.remove(quint64(watch));
        m_watch->begun(second, std::chrono::steady_clock::now());
        holder.reset();
        QTRY_VERIFY(m_timelines.value(quint64(second)).finished);
        QVERIFY(!m_timelines.contains(quint64(watch)));
    }

    void terminatesExactlyTheBackendThatStartedThen()
    {
        auto victim = m_server->session();
        auto bystander = m_server->session();
        run(*victim, "SELECT pg_advisory_lock(5)");
        const BackendId backend = identityOf(*victim);
        const BackendId later{backend.pid, *backend.backendStart + 1us};

        // The backend that started a microsecond later does not exist, so it is gone and the victim is left alone.
        const WatchId wrong = m_watch->watchTermination(later, {});
        QTRY_VERIFY(m_timelines.value(quint64(wrong)).finished);
        QCOMPARE(test::scalar(*victim, "SELECT 1"), QStringLiteral("1"));

        QSignalSpy sent(m_watch.get(), &ReleaseWatch::terminationSent);
        const WatchId right = m_watch->watchTermination(backend, {});
        QTRY_COMPARE(summary(m_timelines.value(quint64(right))), QStringLiteral("backend gone, keys free, finished"));
        QCOMPARE(sent.size(), 1);
        QVERIFY(!victim->execute("SELECT 1", 1s));
        QCOMPARE(test::scalar(*bystander, "SELECT 1"), QStringLiteral("1"));
    }

    void oneConnectionServesManyWatches()
    {
        auto first = m_server->session();
        auto second = m_server->session();
        auto observer = m_server->session();
        run(*first, "SELECT pg_advisory_lock(1)");
        run(*second, "SELECT pg_advisory_lock(2)");
        const WatchId firstWatch = armAndWait(identityOf(*first));
        const WatchId secondWatch = armAndWait(identityOf(*second));
        QCOMPARE(test::scalar(*observer, watchConnections), QStringLiteral("1"));
        m_watch->begun(firstWatch, std::chrono::steady_clock::now());
        m_watch->begun(secondWatch, std::chrono::steady_clock::now());
        first.reset();
        QTRY_VERIFY(m_timelines.value(quint64(firstWatch)).finished);
        QVERIFY(!m_timelines.value(quint64(secondWatch)).finished);
        second.reset();
        QTRY_VERIFY(m_timelines.value(quint64(secondWatch)).finished);
        m_watch.reset();
        QTRY_COMPARE(test::scalar(*observer, watchConnections), QStringLiteral("0"));
    }

    void opensAgainWhenItsConnectionDiedMeanwhile()
    {
        auto holder = m_server->session();
        armAndWait(identityOf(*holder));
        run(*holder, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lockscope lab: "
                     "release watch'");
        QTRY_COMPARE(test::scalar(*holder, watchConnections), QStringLiteral("0"));
        const WatchId watch = armAndWait(identityOf(*holder));
        QCOMPARE(summary(m_timelines.value(quint64(watch))), QString());
    }

    void aServerThatIsNotThereIsAnErrorAndStillArms()
    {
        ReleaseWatch nowhere(m_server->conninfo().with(QStringLiteral("port"), QStringLiteral("1")));
        QSignalSpy armed(&nowhere, &ReleaseWatch::armed);
        QSignalSpy changed(&nowhere, &ReleaseWatch::timelineChanged);
        nowhere.prepare();
        const WatchId watch = nowhere.arm(ClientEnding::Kill, {1234, {}}, {LockKey::bigint(5)});
        QTRY_COMPARE(armed.size(), 1);
        QCOMPARE(changed.size(), 1);
        const auto timeline = changed.first().at(1).value<ReleaseTimeline>();
        QCOMPARE(summary(timeline), QStringLiteral("error, finished"));
        QCOMPARE(keysOf(timeline), QStringLiteral("5"));
        nowhere.begun(watch, std::chrono::steady_clock::now()); // harmless
    }

    void destructionDoesNotWaitForAnything()
    {
        auto holder = m_server->session();
        const WatchId watch = armAndWait(identityOf(*holder));
        m_watch->begun(watch, std::chrono::steady_clock::now());
        QElapsedTimer timer;
        timer.start();
        m_watch.reset();
        QVERIFY2(timer.elapsed() < 500, qPrintable(QString::number(timer.elapsed())));
    }

private:
    /// A session whose statement blocks, on a thread of its own.
    class WaitingSession
    {
    public:
        WaitingSession(std::unique_ptr<LibpqConnection> session, const QByteArray& sql)
            : m_session(std::move(session))
            , m_pid(m_session->claimedPid())
            , m_thread([this, sql] { static_cast<void>(m_session->execute(sql, 30s)); })
        {
        }
        ~WaitingSession() { m_thread.join(); }
        Q_DISABLE_COPY_MOVE(WaitingSession)
        [[nodiscard]] qint32 pid() const { return m_pid; }

    private:
        std::unique_ptr<LibpqConnection> m_session;
        qint32 m_pid;
        std::thread m_thread;
    };

    WatchId armAndWait(const BackendId& backend)
    {
        QSignalSpy armed(m_watch.get(), &ReleaseWatch::armed);
        const WatchId watch = m_watch->arm(ClientEnding::Kill, backend, {});
        if (!QTest::qWaitFor([&] { return !armed.isEmpty(); }, 5000))
            qWarning("the watch was not armed");
        return watch;
    }

    int waitersFor5()
    {
        auto observer = m_server->session();
        return test::scalar(*observer,
                            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 5 AND NOT granted")
            .toInt();
    }

    static constexpr const char* watchConnections =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'lockscope lab: release watch'";

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<ReleaseWatch> m_watch;
    QHash<quint64, ReleaseTimeline> m_timelines;
};

QTEST_GUILESS_MAIN(ReleaseWatchTest)
#include "tst_releasewatch.moc"
