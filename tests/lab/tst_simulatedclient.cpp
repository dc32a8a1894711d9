#include "app/lab/releasewatch.h"
#include "app/lab/simulatedclient.h"
#include "app/platform/platform.h"
#include "tests/lab/clientsuite.h"

#include <QElapsedTimer>
#include <QFile>
#include <QSignalSpy>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

constexpr LockKey five = LockKey::bigint(5);
constexpr LockRequest tryIt{};
constexpr LockRequest block{LockShare::Exclusive, LockLevel::Session, WaitPolicy::Block};
constexpr LockRequest tryForTransaction{LockShare::Exclusive, LockLevel::Transaction, WaitPolicy::Try};

/// What the window would show: "idle | held 5 x1+0", "waiting: lock 5 exclusive | waiting 5 x0+0".
QString text(const ClientState& state)
{
    QString result = word(state.phase);
    if (!state.doing.isEmpty())
        result += QStringLiteral(": ") + state.doing;
    if (state.transaction != TransactionPhase::None)
        result += state.transaction == TransactionPhase::Open ? QStringLiteral(" in transaction")
                                                              : QStringLiteral(" in failed transaction");
    for (const LedgerEntry& entry : state.ledger) {
        result += QStringLiteral(" | %1 %2 x%3+%4")
                      .arg(word(entry.state), entry.key.toString(), QString::number(entry.sessionCount),
                           QString::number(entry.transactionCount));
    }
    return result;
}

QString text(const std::optional<ReleaseTimeline>& timeline)
{
    if (!timeline)
        return QStringLiteral("none");
    QStringList parts;
    if (timeline->processGone)
        parts.append(QStringLiteral("process"));
    if (timeline->backendGone)
        parts.append(QStringLiteral("backend"));
    if (timeline->keysFree)
        parts.append(QStringLiteral("keys"));
    if (timeline->nextGranted)
        parts.append(QStringLiteral("next %1").arg(timeline->nextApplicationName));
    if (timeline->error)
        parts.append(timeline->error->what);
    if (timeline->finished)
        parts.append(QStringLiteral("finished"));
    return parts.join(QStringLiteral(", "));
}

/// The times, for people who read the log of the test.
void tell(const char* what, const ReleaseTimeline& timeline)
{
    const auto time = [](const std::optional<std::chrono::microseconds>& moment) {
        return moment ? formatDuration(*moment) : QStringLiteral("-");
    };
    qInfo("%s: process %s, backend %s, keys %s, next %s, grain %s", what, qPrintable(time(timeline.processGone)),
          qPrintable(time(timeline.backendGone)), qPrintable(time(timeline.keysFree)),
          qPrintable(time(timeline.nextGranted)), qPrintable(formatDuration(timeline.grain)));
}

} // namespace

class SimulatedClientTest final : public test::ClientSuite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { startServer(LOCKSCOPE_CLIENT_FILE); }
    void cleanupTestCase() { stopServer(); }
    void cleanup()
    {
        // Killed clients leave no lock behind for the next test.
        QTRY_COMPARE(ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));
    }

    void connectsUnderItsNameAndHolds()
    {
        const auto client = started(QStringLiteral("pod-a"));
        QCOMPARE(text(client->state()), QStringLiteral("idle"));
        QCOMPARE(ask("SELECT application_name FROM pg_stat_activity WHERE pid = " + pidOf(*client)),
                 QStringLiteral("pod-a (lockscope client)"));
        QSignalSpy finished(client.get(), &SimulatedClient::finished);
        client->acquire(five, tryIt);
        client->acquire(five, tryIt);
        client->acquire(LockKey::pair(-1, 7), {LockShare::Shared, LockLevel::Session, WaitPolicy::Try});
        QTRY_COMPARE(finished.size(), 3);
        QTRY_COMPARE(text(client->state()), QStringLiteral("idle | held 5 x2+0 | held (-1, 7) x1+0"));
        QCOMPARE(
            ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = " + pidOf(*client)),
            QStringLiteral("2"));

        client->release(five, LockShare::Exclusive);
        QTRY_COMPARE(finished.size(), 4);
        QTRY_COMPARE(text(client->state()), QStringLiteral("idle | held 5 x1+0 | held (-1, 7) x1+0"));
        client->releaseAll();
        QTRY_COMPARE(text(client->state()), QStringLiteral("idle | released 5 x0+0 | released (-1, 7) x0+0"));

        client->release(five, LockShare::Exclusive);
        QTRY_COMPARE(finished.size(), 6);
        const auto outcome = finished.last().at(1).value<Outcome>();
        QCOMPARE(word(outcome.kind), word(OutcomeKind::NotHeld));
        QCOMPARE(outcome.notices, QStringList{QStringLiteral("WARNING: you don't own a lock of type ExclusiveLock")});
    }

    void hashesATextKeyOnTheServer()
    {
        const auto client = started(QStringLiteral("pod-a"));
        client->acquire(TextKey{QStringLiteral("it's a calendar"), TextHash::Hashtext}, tryIt);
        const QString key = ask("SELECT hashtext('it''s a calendar')::bigint");
        QTRY_COMPARE(text(client->state()), QStringLiteral("idle | held %1 x1+0").arg(key));
    }

    void waitsBehindAnotherAndSaysWhoHolds()
    {
        const auto holder = started(QStringLiteral("pod-a"));
        const auto waiter = started(QStringLiteral("pod-b"));
        acquireAndWait(*holder, five, tryIt);

        QSignalSpy finished(waiter.get(), &SimulatedClient::finished);
        waiter->acquire(five, tryIt);
        QTRY_COMPARE(finished.size(), 1);
        QCOMPARE(describe(finished.last().at(1).value<Outcome>()),
                 QStringLiteral("Key 5 is held elsewhere: pid %1 (pod-a (lockscope client)).")
                     .arg(holder->state().backendPid));
        waiter->acquire(five, {LockShare::Exclusive, LockLevel::Session, WaitPolicy::Timeout, 50ms});
        QTRY_COMPARE(finished.size(), 2);
        QCOMPARE(word(finished.last().at(1).value<Outcome>().kind), word(OutcomeKind::TimedOut));
        QTRY_COMPARE(text(waiter->state()), QStringLiteral("idle"));

        waiter->acquire(five, block); // the timeout before it no longer counts
        QTRY_COMPARE(text(waiter->state()), QStringLiteral("waiting: lock 5 exclusive | waiting 5 x0+0"));
        QTRY_COMPARE(ask("SELECT pg_blocking_pids(" + pidOf(*waiter) + ")"),
                     QStringLiteral("{%1}").arg(holder->state().backendPid));
        holder->release(five, LockShare::Exclusive);
        QTRY_COMPARE(text(waiter->state()), QStringLiteral("idle | held 5 x1+0"));
    }

    void keepsTransactionsApartFromSessions()
    {
        const auto client = started(QStringLiteral("pod-a"));
        client->begin();
        client->acquire(five, tryForTransaction);
        client->acquire(LockKey::bigint(6), tryIt);
        QTRY_COMPARE(text(client->state()), QStringLiteral("idle in transaction | held 5 x0+1 | held 6 x1+0"));
        client->rollback();
        QTRY_COMPARE(text(client->state()), QStringLiteral("idle | released 5 x0+0 | held 6 x1+0"));
        // Outside a transaction the lock lives as long as its statement.
        client->acquire(five, tryForTransaction);
        client->commit();
        QTRY_COMPARE(text(client->state()), QStringLiteral("idle | released 5 x0+0 | held 6 x1+0"));
        QCOMPARE(ask("SELECT string_agg(objid::text, ',') FROM pg_locks WHERE locktype = 'advisory'"),
                 QStringLiteral("6"));
    }

    void anErrorEndsTheLocksOfTheTransactionAtOnce()
    {
        const auto holder = started(QStringLiteral("pod-a"));
        acquireAndWait(*holder, five, tryIt);
        const auto client = started(QStringLiteral("pod-b"));
        client->begin();
        client->acquire(LockKey::bigint(6), tryForTransaction);
        client->acquire(five, {LockShare::Exclusive, LockLevel::Session, WaitPolicy::Timeout, 10ms});
        QTRY_COMPARE(text(client->state()), QStringLiteral("idle in failed transaction | released 6 x0+0"));
        QCOMPARE(ask("SELECT string_agg(objid::text, ',') FROM pg_locks WHERE locktype = 'advisory'"),
                 QStringLiteral("5"));
        client->commit();
        QTRY_COMPARE(text(client->state()), QStringLiteral("idle | released 6 x0+0"));
        // SET lock_timeout went with the transaction.
        client->acquire(five, block);
        QTRY_VERIFY(client->state().phase == ClientPhase::Waiting);
        holder->release(five, LockShare::Exclusive);
        QTRY_VERIFY(text(client->state()).contains(QStringLiteral("held 5")));
    }

    void killedIdleReleasesAtOnceAndTheNextIsGranted()
    {
        const auto holder = started(QStringLiteral("pod-a"));
        const auto waiter = started(QStringLiteral("pod-b"));
        acquireAndWait(*holder, five, tryIt);
        waiter->acquire(five, block);
        QTRY_COMPARE(waitersFor5(), QStringLiteral("1"));

        QSignalSpy observed(holder.get(), &SimulatedClient::releaseObserved);
        holder->end(ClientEnding::Kill);
        QTRY_COMPARE(observed.size(), 1);
        const ReleaseTimeline timeline = *holder->state().release;
        tell("killed while idle", timeline);
        QCOMPARE(text(holder->state().release),
                 QStringLiteral("process, backend, keys, next pod-b (lockscope client), finished"));
        QCOMPARE(timeline.keys, QList<LockKey>{five});
        QCOMPARE(timeline.nextPid, waiter->state().backendPid);
        QVERIFY(timeline.anyoneWaited);
        QVERIFY(*timeline.keysFree < 1000ms);
        QVERIFY(*timeline.nextGranted < 1000ms);
        QCOMPARE(text(holder->state()), QStringLiteral("ended | lost 5 x1+0"));
        QVERIFY(!holder->state().ending);
        QTRY_COMPARE(text(waiter->state()), QStringLiteral("idle | held 5 x1+0"));
        QCOMPARE(observed.size(), 1);
    }

    void killedWhileWorkingReleasesOnlyWhenTheStatementEnds()
    {
        const auto client = started(QStringLiteral("pod-a"));
        acquireAndWait(*client, five, tryIt);
        QElapsedTimer sinceWork;
        sinceWork.start();
        client->work(1500ms);
        QTRY_COMPARE(text(client->state()), QStringLiteral("working: work for 1.5 s | held 5 x1+0"));
        QTRY_COMPARE(ask("SELECT state FROM pg_stat_activity WHERE pid = " + pidOf(*client)), QStringLiteral("active"));
        client->end(ClientEnding::Kill);
        QTRY_COMPARE(text(client->state().release), QStringLiteral("process"));
        const std::chrono::milliseconds spent(sinceWork.elapsed());
        QCOMPARE(text(client->state()), QStringLiteral("ended | unknown 5 x1+0"));
        QTRY_VERIFY(client->state().release->finished);
        tell("killed while working for 1.5 s", *client->state().release);
        // The statement began after work() and was killed before it had run for as long as spent says.
        QVERIFY(*client->state().release->keysFree >= 1500ms - spent);
        QVERIFY(sinceWork.elapsed() >= 1500);
        QCOMPARE(text(client->state()), QStringLiteral("ended | lost 5 x1+0"));
    }

    void killedInATransactionReleasesAtOnce()
    {
        const auto client = started(QStringLiteral("pod-a"));
        client->begin();
        acquireAndWait(*client, five, tryForTransaction);
        client->end(ClientEnding::Kill);
        QTRY_COMPARE(text(client->state().release), QStringLiteral("process, backend, keys, finished"));
        tell("killed idle in a transaction", *client->state().release);
        QVERIFY(*client->state().release->keysFree < 1000ms);
    }

    void killedWhileWaitingLeavesAGhostUntilItsTurn()
    {
        const auto holder = started(QStringLiteral("pod-a"));
        const auto waiter = started(QStringLiteral("pod-b"));
        acquireAndWait(*holder, five, tryIt);
        waiter->acquire(five, block);
        QTRY_COMPARE(waitersFor5(), QStringLiteral("1"));
        waiter->end(ClientEnding::Kill);
        QTRY_COMPARE(text(waiter->state().release), QStringLiteral("process"));
        run("SELECT pg_sleep(0.3)");
        QCoreApplication::processEvents();
        QCOMPARE(text(waiter->state().release), QStringLiteral("process"));
        QCOMPARE(waitersFor5(), QStringLiteral("1"));
        holder->release(five, LockShare::Exclusive);
        QTRY_COMPARE(text(waiter->state().release), QStringLiteral("process, backend, keys, finished"));
        tell("killed while waiting, released by the holder after 0.3 s", *waiter->state().release);
        QVERIFY(*waiter->state().release->keysFree > 300ms);
    }

    void terminatedClientsSayGoodbyeAlsoWhileTheyWait()
    {
        const auto holder = started(QStringLiteral("pod-a"));
        const auto waiter = started(QStringLiteral("pod-b"));
        acquireAndWait(*holder, five, tryIt);
        waiter->acquire(five, block);
        QTRY_COMPARE(waitersFor5(), QStringLiteral("1"));
        waiter->end(ClientEnding::Terminate);
        QTRY_COMPARE(text(waiter->state().release), QStringLiteral("process, backend, keys, finished"));
        tell("SIGTERM while waiting", *waiter->state().release);
        QVERIFY(!waiter->state().ending);
        holder->end(ClientEnding::Terminate);
        QTRY_COMPARE(text(holder->state().release), QStringLiteral("process, backend, keys, finished"));
        tell("SIGTERM while idle", *holder->state().release);
        QVERIFY(!holder->state().ending);
        QCOMPARE(text(holder->state()), QStringLiteral("ended | lost 5 x1+0"));
    }

    void quitsWithoutUnlockingAlsoInTheMiddleOfAStatement()
    {
        const auto client = started(QStringLiteral("pod-a"));
        acquireAndWait(*client, five, tryIt);
        client->end(ClientEnding::Quit);
        QTRY_COMPARE(text(client->state().release), QStringLiteral("process, backend, keys, finished"));
        tell("quit while idle", *client->state().release);
        QCOMPARE(text(client->state()), QStringLiteral("ended | lost 5 x1+0"));

        const auto working = started(QStringLiteral("pod-b"));
        working->work(60s);
        QTRY_VERIFY(working->state().phase == ClientPhase::Working);
        working->end(ClientEnding::Quit);
        QTRY_COMPARE(text(working->state().release), QStringLiteral("process, keys"));
        QVERIFY(!working->state().ending);
        run("SELECT pg_terminate_backend(" + pidOf(*working) + ")");
        QTRY_COMPARE(text(working->state().release), QStringLiteral("process, backend, keys, finished"));
    }

    void terminatedFromTheServerTheClientNotices()
    {
        const auto client = started(QStringLiteral("pod-a"));
        acquireAndWait(*client, five, tryIt);
        QSignalSpy finished(client.get(), &SimulatedClient::finished);
        client->end(ClientEnding::FromServer);
        QTRY_COMPARE(text(client->state().release), QStringLiteral("process, backend, keys, finished"));
        tell("terminated from the server", *client->state().release);
        QVERIFY(*client->state().release->keysFree < 1000ms);
        QCOMPARE(text(client->state()), QStringLiteral("ended | lost 5 x1+0"));
        QCOMPARE(finished.size(), 1);
        QCOMPARE(word(finished.first().at(1).value<Outcome>().kind), word(OutcomeKind::Lost));
        QCOMPARE(finished.first().at(1).value<Outcome>().error->sqlState, QStringLiteral("57P01"));
    }

    void frozenKeepsItsLockUntilTheServerEndsItAndThawedItLearns()
    {
        const auto client = started(QStringLiteral("pod-a"));
        const auto waiter = started(QStringLiteral("pod-b"));
        acquireAndWait(*client, five, tryIt);
        waiter->acquire(five, block);
        QTRY_COMPARE(waitersFor5(), QStringLiteral("1"));
        client->freeze();
        QTRY_COMPARE(text(client->state()), QStringLiteral("frozen | held 5 x1+0"));
        QTRY_COMPARE(processState(client->state().processId), QStringLiteral("T"));
        run("SELECT pg_sleep(0.3)");
        QCOMPARE(waitersFor5(), QStringLiteral("1"));

        QSignalSpy finished(client.get(), &SimulatedClient::finished);
        client->end(ClientEnding::FromServer);
        QTRY_COMPARE(text(client->state().release),
                     QStringLiteral("backend, keys, next pod-b (lockscope client), finished"));
        tell("frozen, terminated from the server", *client->state().release);
        QCOMPARE(text(client->state()), QStringLiteral("frozen | lost 5 x1+0"));
        QTRY_COMPARE(text(waiter->state()), QStringLiteral("idle | held 5 x1+0"));
        QVERIFY(finished.isEmpty()); // the client itself knows nothing yet

        client->thaw();
        QTRY_COMPARE(text(client->state()), QStringLiteral("ended | lost 5 x1+0"));
        QCOMPARE(finished.size(), 1);
        QCOMPARE(word(finished.first().at(1).value<Outcome>().kind), word(OutcomeKind::Lost));
    }

    void thawedItGoesOnWhereItWas()
    {
        const auto client = started(QStringLiteral("pod-a"));
        acquireAndWait(*client, five, tryIt);
        client->freeze();
        QTRY_COMPARE(processState(client->state().processId),
                     QStringLiteral("T")); // the signal takes a moment to arrive
        client->release(five, LockShare::Exclusive);
        run("SELECT pg_sleep(0.1)");
        QCoreApplication::processEvents();
        QCOMPARE(text(client->state()), QStringLiteral("frozen | held 5 x1+0"));
        client->thaw();
        QTRY_COMPARE(text(client->state()), QStringLiteral("idle | released 5 x0+0"));
    }

    void frozenItCanStillBeKilled()
    {
        const auto client = started(QStringLiteral("pod-a"));
        acquireAndWait(*client, five, tryIt);
        client->freeze();
        client->end(ClientEnding::Kill);
        QTRY_COMPARE(text(client->state().release), QStringLiteral("process, backend, keys, finished"));
    }

    void frozenItEndsPolitelyOnlyAfterTheThaw()
    {
        const auto client = started(QStringLiteral("pod-a"));
        acquireAndWait(*client, five, tryIt);
        client->freeze();
        QTRY_COMPARE(processState(client->state().processId), QStringLiteral("T"));
        client->end(ClientEnding::Terminate);
        QTRY_VERIFY(hasPendingTermination(client->state().processId));
        run("SELECT pg_sleep(0.3)");
        QCoreApplication::processEvents();
        QCOMPARE(text(client->state()), QStringLiteral("frozen | held 5 x1+0"));
        QCOMPARE(text(client->state().release), QString());
        client->thaw();
        QTRY_COMPARE(text(client->state().release), QStringLiteral("process, backend, keys, finished"));
        QVERIFY(*client->state().release->keysFree > 300ms);
        QVERIFY(!client->state().ending);
    }

    void killedFromOutsideItSaysSo()
    {
        const auto client = started(QStringLiteral("pod-a"));
        acquireAndWait(*client, five, tryIt);
        VERIFY_RESULT(platform::sendSignal(client->state().processId, platform::ProcessSignal::Kill));
        QTRY_COMPARE(text(client->state()), QStringLiteral("ended | lost 5 x1+0"));
        QCOMPARE(client->state().ending->what,
                 QStringLiteral("The client process was ended from outside, by a signal."));
        QCOMPARE(text(client->state().release), QStringLiteral("none")); // when the signal was sent is not known
        QSignalSpy finished(client.get(), &SimulatedClient::finished);
        client->begin();
        QCOMPARE(finished.size(), 1);
        QCOMPARE(word(finished.first().at(1).value<Outcome>().kind), word(OutcomeKind::Failed));
    }

    void aRefusedLoginEndsItWithTheReason()
    {
        SimulatedClient client(ClientId{1}, QStringLiteral("pod-a"),
                               m_server->conninfo().with(QStringLiteral("password"), QStringLiteral("wrong")), m_watch);
        client.start();
        QTRY_COMPARE(text(client.state()), QStringLiteral("ended"));
        QVERIFY(client.state().ending->kind == ErrorKind::Authentication);
        QCOMPARE(client.state().ending->sqlState, QStringLiteral("28P01"));
    }

    void destructionLeavesNothingRunning()
    {
        auto client = started(QStringLiteral("pod-a"));
        acquireAndWait(*client, five, tryIt);
        const qint64 process = client->state().processId;
        QElapsedTimer timer;
        timer.start();
        client.reset();
        QVERIFY(timer.elapsed() < 1000);
        QVERIFY(!platform::processExists(process));
    }

    void manyClientsShareOneWatch()
    {
        std::vector<std::unique_ptr<SimulatedClient>> clients;
        for (int number = 0; number < 4; ++number)
            clients.push_back(started(QStringLiteral("pod-%1").arg(number)));
        for (const auto& client : clients)
            client->acquire(LockKey::bigint(100 + client->state().backendPid), tryIt);
        QTRY_COMPARE(ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("4"));
        QCOMPARE(ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'lockscope lab: release watch'"),
                 QStringLiteral("1"));
        for (const auto& client : clients)
            client->end(ClientEnding::Kill);
        for (const auto& client : clients)
            QTRY_COMPARE(text(client->state().release), QStringLiteral("process, backend, keys, finished"));
    }

private:
    std::unique_ptr<SimulatedClient> started(const QString& name)
    {
        auto client = std::make_unique<SimulatedClient>(ClientId{++m_lastId}, name, m_server->conninfo(), m_watch);
        client->start();
        if (!QTest::qWaitFor([&] { return client->state().phase == ClientPhase::Idle; }, 5000))
            QTest::qFail("the client did not connect", __FILE__, __LINE__);
        return client;
    }

    void acquireAndWait(SimulatedClient& client, LockKey key, const LockRequest& request)
    {
        QSignalSpy finished(&client, &SimulatedClient::finished);
        client.acquire(key, request);
        QTRY_VERIFY(!finished.isEmpty() && finished.last().at(1).value<Outcome>().kind == OutcomeKind::Acquired);
        QTRY_VERIFY(client.state().phase == ClientPhase::Idle);
    }

    void run(const QByteArray& sql) { VERIFY_RESULT(m_observer->execute(sql, 10s)); }
    static QByteArray pidOf(const SimulatedClient& client) { return QByteArray::number(client.state().backendPid); }
    QString waitersFor5()
    {
        return ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 5 AND NOT granted");
    }
    static bool hasPendingTermination(qint64 process)
    {
        QFile status(QStringLiteral("/proc/%1/status").arg(process));
        if (!status.open(QIODevice::ReadOnly))
            return false;
        const QByteArray text = status.readAll();
        const qsizetype at = text.indexOf("ShdPnd:");
        // A mask of signals, the lowest bit for signal 1; SIGTERM is 15.
        return at >= 0 && (text.mid(at + 7, 17).trimmed().toULongLong(nullptr, 16) & (1ULL << 14)) != 0;
    }
    static QString processState(qint64 process)
    {
        QFile status(QStringLiteral("/proc/%1/stat").arg(process));
        if (!status.open(QIODevice::ReadOnly))
            return {};
        const QByteArray line = status.readAll();
        return QString::fromUtf8(line.mid(line.lastIndexOf(')') + 2, 1));
    }

    quint32 m_lastId = 0;
};

QTEST_GUILESS_MAIN(SimulatedClientTest)
#include "tst_simulatedclient.moc"
