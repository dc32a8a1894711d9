#include "tests/lab/recordedpool.h"
#include "tests/support/heartbeat.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QSet>

using namespace lockscope;
using namespace std::chrono_literals;
using test::five;
using test::RecordedPool;
using test::scalar;
using test::seven;
using test::six;
using test::text;

/// Lock services over real pools, on a real server.
class tst_PooledLockService final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();

    void opensThirtyTwoConnectionsWithoutHoldingUpTheWindow();
    void namesItsConnections();
    void refusesImpossibleSizes_data();
    void refusesImpossibleSizes();
    void leavesNothingWhenTheServerRefuses();
    void answersCallsMadeWhileItOpens();

    void leaksANaiveLockWhenTheUnlockGoesElsewhere();
    void hidesTheBugInAPoolOfOne();
    void letsANaiveKeyBeTakenTwiceOnOneConnection();
    void takesConnectionsInOrder_data();
    void takesConnectionsInOrder();

    void releasesWhereItAcquired_data();
    void releasesWhereItAcquired();
    void letsOneOfManyConcurrentRequestsThrough_data();
    void letsOneOfManyConcurrentRequestsThrough();
    void sendsNothingForAKeyThatIsNotInTheMap();
    void keepsAConnectionOutForEachHeldKey();
    void givesUpWaitingForAConnection();
    void servesWhoWaitsLongest();

    void losesAConnectionWithEachFailedUnlockWithoutFinally();
    void discardsAConnectionWhoseUnlockFailed();
    void losesASlotThatCannotBeOpenedAgain();
    void rollsBackWhenACommitFails();
    void holdsAtTransactionLevelUntilTheCommit();
    void leavesNoTransactionAfterARefusedTry();

private:
    [[nodiscard]] Conninfo conninfo() const { return m_server->conninfo(); }
    [[nodiscard]] QString sessionsOfThePool() const
    {
        return scalar(*m_admin, "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'lockscope lab%'");
    }
    [[nodiscard]] QString holdersOf(const QString& key) const
    {
        return scalar(*m_admin,
                      "SELECT string_agg(pid::text, ' ') FROM pg_locks WHERE locktype = 'advisory' AND granted "
                      "AND objid = " +
                          key.toLatin1());
    }

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_admin;
};

void tst_PooledLockService::initTestCase()
{
    m_server = std::make_unique<test::TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    m_admin = m_server->session();
}

void tst_PooledLockService::cleanup()
{
    QTRY_COMPARE(sessionsOfThePool(), QStringLiteral("0"));
    QCOMPARE(scalar(*m_admin, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));
}

void tst_PooledLockService::opensThirtyTwoConnectionsWithoutHoldingUpTheWindow()
{
    test::Heartbeat heartbeat;
    {
        RecordedPool pool(conninfo(), {.size = 32});
        QVERIFY(pool.open());
        // 32 logins one after the other would be half a second; what is left is the share that 32 new backends and
        // their threads take of the machine.
        QVERIFY2(heartbeat.longestGap() - heartbeat.longestGapOfIdleThread() < std::chrono::milliseconds(200),
                 heartbeat.report().constData());
        QCOMPARE(pool.state().freeSlots(), 32);
        QSet<qint32> pids;
        for (const PoolSlot& slot : pool.state().slotList)
            pids.insert(slot.backendPid);
        QCOMPARE(pids.size(), 32);
        QTRY_COMPARE(sessionsOfThePool(), QStringLiteral("33")); // and one that looks
        heartbeat.restart();                                     // the question above was asked on this thread
        QCOMPARE(text(pool.acquire(five)).left(4), QStringLiteral("true"));
    }
    QVERIFY2(heartbeat.isSteady(), heartbeat.report().constData());
}

void tst_PooledLockService::namesItsConnections()
{
    RecordedPool pool(conninfo(), {.size = 2});
    QVERIFY(pool.open());
    QTRY_COMPARE(scalar(*m_admin, "SELECT string_agg(application_name, ', ' ORDER BY application_name) FROM "
                                  "pg_stat_activity WHERE application_name LIKE 'lockscope lab%'"),
                 QStringLiteral("lockscope lab: looks at the pool, lockscope lab: shop-1, lockscope lab: shop-2"));
}

void tst_PooledLockService::refusesImpossibleSizes_data()
{
    QTest::addColumn<int>("size");
    for (const int size : {-1, 0, 33, 1000000})
        QTest::newRow(qPrintable(QString::number(size))) << size;
}

void tst_PooledLockService::refusesImpossibleSizes()
{
    QFETCH(const int, size);
    RecordedPool pool(conninfo(), {.size = size});
    QVERIFY(!pool.open());
    QCOMPARE(pool.state().phase, PoolState::Phase::Failed);
    QCOMPARE(pool.state().error->kind, ErrorKind::Usage);
    QCOMPARE(pool.acquire(five).answer, PoolAnswer::NoConnection);
    QCOMPARE(sessionsOfThePool(), QStringLiteral("0"));
}

void tst_PooledLockService::leavesNothingWhenTheServerRefuses()
{
    RecordedPool pool(conninfo().with(QStringLiteral("dbname"), QStringLiteral("nowhere")), {.size = 4});
    pool->acquire(pool.nextRequest(), five); // waits for the pool
    QVERIFY(!pool.open());
    QCOMPARE(pool.state().error->sqlState, QStringLiteral("3D000"));
    QCOMPARE(pool.text(), QStringLiteral("1 lost [] | 2 lost [] | 3 lost [] | 4 lost []"));
    QVERIFY(pool.areAnswered());
    QCOMPARE(pool.calls.first().answer, PoolAnswer::NoConnection);
    QCOMPARE(pool.calls.first().error->sqlState, QStringLiteral("3D000"));
    QCOMPARE(pool.acquire(five).answer, PoolAnswer::NoConnection);
}

void tst_PooledLockService::answersCallsMadeWhileItOpens()
{
    RecordedPool pool(conninfo(), {.size = 1, .checkoutTimeout = 10s});
    pool->open();
    pool->acquire(pool.nextRequest(), five);
    QCOMPARE(pool.state().waiting, QStringList{QStringLiteral("request 1")});
    QVERIFY(pool.areAnswered());
    QCOMPARE(text(pool.calls.first()), QStringLiteral("true at 1"));
    QCOMPARE(pool.dispatches,
             (QStringList{QStringLiteral("request 1 acquire 5 -> 0"), QStringLiteral("request 1 acquire 5 -> 1")}));
}

void tst_PooledLockService::leaksANaiveLockWhenTheUnlockGoesElsewhere()
{
    RecordedPool pool(conninfo(), {.size = 2, .order = CheckoutOrder::RoundRobin});
    QVERIFY(pool.open());
    const PoolCall acquired = pool.acquire(five);
    QCOMPARE(text(acquired), QStringLiteral("true at 1"));
    QCOMPARE(acquired.backendPid, pool.slot(1).backendPid);
    QCOMPARE(acquired.statements,
             QStringList{QStringLiteral("SELECT pg_catalog.pg_try_advisory_lock(5), pg_catalog.pg_backend_pid()")});
    QTRY_COMPARE(pool.text(), QStringLiteral("1 free [5] | 2 free []"));

    const PoolCall released = pool.release(five);
    QCOMPARE(text(released), QStringLiteral("false at 2, missed"));
    QCOMPARE(released.notices, QStringList{QStringLiteral("WARNING: you don't own a lock of type ExclusiveLock")});
    QTRY_COMPARE(pool.text(), QStringLiteral("1 free [5] leaked [5] | 2 free []"));
    QCOMPARE(holdersOf(QStringLiteral("5")), QString::number(pool.slot(1).backendPid));

    // Nobody can have it but the connection that has it already.
    QCOMPARE(text(pool.acquire(five)), QStringLiteral("true at 1"));
    QCOMPARE(text(pool.acquire(five)), QStringLiteral("false at 2"));
    QCOMPARE(text(pool.release(five)), QStringLiteral("true at 1, hit"));
    QTRY_COMPARE(pool.text(), QStringLiteral("1 free [5] leaked [5] | 2 free []")); // taken twice, released once
    QCOMPARE(pool.state().calls, 5);
    QCOMPARE(pool.mapText(), QString());
}

void tst_PooledLockService::hidesTheBugInAPoolOfOne()
{
    RecordedPool pool(conninfo(), {.size = 1});
    QVERIFY(pool.open());
    for (int i = 0; i < 20; ++i) {
        QCOMPARE(text(pool.acquire(seven)), QStringLiteral("true at 1"));
        QCOMPARE(text(pool.release(seven)), QStringLiteral("true at 1, hit"));
    }
    QTRY_COMPARE(pool.text(), QStringLiteral("1 free []"));
}

void tst_PooledLockService::letsANaiveKeyBeTakenTwiceOnOneConnection()
{
    RecordedPool pool(conninfo(), {.size = 2, .order = CheckoutOrder::Lifo});
    QVERIFY(pool.open());
    QCOMPARE(text(pool.acquire(five)), QStringLiteral("true at 1"));
    QCOMPARE(text(pool.acquire(five)), QStringLiteral("true at 1")); // two owners of one lock
    // At the same time they get two connections, and the server tells them apart.
    pool->acquire(pool.nextRequest(), six);
    pool->acquire(pool.nextRequest(), six);
    QVERIFY(pool.areAnswered());
    QStringList answers{word(pool.calls.at(2).answer), word(pool.calls.at(3).answer)};
    answers.sort();
    QCOMPARE(answers, (QStringList{QStringLiteral("false"), QStringLiteral("true")}));
}

void tst_PooledLockService::takesConnectionsInOrder_data()
{
    QTest::addColumn<CheckoutOrder>("order");
    QTest::addColumn<QString>("expected");
    QTest::newRow("round-robin") << CheckoutOrder::RoundRobin << "1231231";
    QTest::newRow("fifo") << CheckoutOrder::Fifo << "1231231";
    QTest::newRow("lifo") << CheckoutOrder::Lifo << "1111111";
    QTest::newRow("random") << CheckoutOrder::Random << "";
}

void tst_PooledLockService::takesConnectionsInOrder()
{
    QFETCH(const CheckoutOrder, order);
    QFETCH(const QString, expected);
    const auto slotsTaken = [&] {
        RecordedPool pool(conninfo(), {.size = 3, .order = order, .seed = 4711});
        QString taken;
        if (!pool.open())
            return taken;
        for (int i = 0; i < 7; ++i)
            taken += QString::number(pool.acquire(LockKey::bigint(i)).slot);
        return taken;
    };
    const QString taken = slotsTaken();
    QCOMPARE(taken, expected.isEmpty() ? slotsTaken() : expected); // the same seed, the same picture
    QCOMPARE(taken.size(), 7);
}

void tst_PooledLockService::releasesWhereItAcquired_data()
{
    QTest::addColumn<LockServiceForm>("form");
    QTest::addColumn<CheckoutOrder>("order");
    for (const LockServiceForm form :
         {LockServiceForm::Dedicated, LockServiceForm::DedicatedWithoutFinally, LockServiceForm::TransactionLevel}) {
        for (const CheckoutOrder order :
             {CheckoutOrder::Random, CheckoutOrder::RoundRobin, CheckoutOrder::Fifo, CheckoutOrder::Lifo})
            QTest::newRow(qPrintable(word(form) + u' ' + word(order))) << form << order;
    }
}

void tst_PooledLockService::releasesWhereItAcquired()
{
    QFETCH(const LockServiceForm, form);
    QFETCH(const CheckoutOrder, order);
    RecordedPool pool(conninfo(), {.size = 3, .order = order, .form = form});
    QVERIFY(pool.open());
    for (int i = 0; i < 5; ++i) {
        const PoolCall acquired = pool.acquire(five);
        QCOMPARE(acquired.answer, PoolAnswer::True);
        QCOMPARE(pool.mapText(), QStringLiteral("5 -> %1").arg(acquired.slot));
        QCOMPARE(pool.slot(acquired.slot).phase, SlotPhase::CheckedOut);
        QCOMPARE(pool.slot(acquired.slot).checkedOutBy, acquired.request);
        QCOMPARE(holdersOf(QStringLiteral("5")), QString::number(acquired.backendPid));
        const PoolCall released = pool.release(five);
        QCOMPARE(text(released), QStringLiteral("true at %1, hit").arg(acquired.slot));
        QCOMPARE(released.backendPid, acquired.backendPid);
        QCOMPARE(pool.mapText(), QString());
        QCOMPARE(holdersOf(QStringLiteral("5")), QString());
    }
    QTRY_COMPARE(pool.text(), QStringLiteral("1 free [] | 2 free [] | 3 free []"));
}

void tst_PooledLockService::letsOneOfManyConcurrentRequestsThrough_data()
{
    QTest::addColumn<LockServiceForm>("form");
    for (const LockServiceForm form :
         {LockServiceForm::Dedicated, LockServiceForm::DedicatedWithoutFinally, LockServiceForm::TransactionLevel})
        QTest::newRow(qPrintable(word(form))) << form;
}

void tst_PooledLockService::letsOneOfManyConcurrentRequestsThrough()
{
    QFETCH(const LockServiceForm, form);
    RecordedPool pool(conninfo(), {.size = 4, .form = form});
    QVERIFY(pool.open());
    for (int i = 0; i < 5; ++i)
        pool->acquire(pool.nextRequest(), five);
    QVERIFY(pool.areAnswered());
    QStringList answers;
    for (const PoolCall& call : std::as_const(pool.calls)) {
        answers.append(word(call.answer));
        QCOMPARE(call.statements.isEmpty(), call.answer == PoolAnswer::RefusedByMap);
    }
    answers.sort();
    QCOMPARE(answers.join(u'|'), QStringLiteral("refused by the map|refused by the map|refused by the map|refused by "
                                                "the map|true"));
    QCOMPARE(pool.state().freeSlots(), 3);
    QCOMPARE(pool.dispatches.size(), 1);
}

void tst_PooledLockService::sendsNothingForAKeyThatIsNotInTheMap()
{
    RecordedPool pool(conninfo(), {.size = 1, .form = LockServiceForm::Dedicated});
    QVERIFY(pool.open());
    const PoolCall call = pool.release(five);
    QCOMPARE(text(call), QStringLiteral("not in the map at 0"));
    QCOMPARE(call.statements, QStringList());
    QCOMPARE(call.number, quint64(1));
    QCOMPARE(pool.dispatches, QStringList());
}

void tst_PooledLockService::keepsAConnectionOutForEachHeldKey()
{
    RecordedPool pool(conninfo(), {.size = 3, .order = CheckoutOrder::RoundRobin, .form = LockServiceForm::Dedicated});
    QVERIFY(pool.open());
    QCOMPARE(text(pool.acquire(five)), QStringLiteral("true at 1"));
    QCOMPARE(text(pool.acquire(seven)), QStringLiteral("true at 2"));
    QCOMPARE(pool.mapText(), QStringLiteral("5 -> 1, (-7, 7) -> 2"));
    QTRY_COMPARE(pool.text(), QStringLiteral("1 checked out by request 1 [5] | 2 checked out by request 2 [(-7, 7)] | "
                                             "3 free []"));
    // Held by another session: the connection comes back.
    QCOMPARE(scalar(*m_admin, "SELECT pg_try_advisory_lock(6)"), QStringLiteral("t"));
    QCOMPARE(text(pool.acquire(six)), QStringLiteral("false at 3"));
    QCOMPARE(pool.state().freeSlots(), 1);
    QCOMPARE(pool.mapText(), QStringLiteral("5 -> 1, (-7, 7) -> 2"));
    QCOMPARE(scalar(*m_admin, "SELECT pg_advisory_unlock(6)"), QStringLiteral("t"));
}

void tst_PooledLockService::givesUpWaitingForAConnection()
{
    RecordedPool pool(conninfo(), {.size = 1, .form = LockServiceForm::Dedicated, .checkoutTimeout = 150ms});
    QVERIFY(pool.open());
    QCOMPARE(pool.acquire(five).answer, PoolAnswer::True);
    pool->acquire(pool.nextRequest(), six);
    QCOMPARE(pool.state().waiting, QStringList{QStringLiteral("request 2")});
    QCOMPARE(pool.mapText(), QStringLiteral("5 -> 1, 6 -> 0"));
    QVERIFY(pool.areAnswered());
    const PoolCall call = pool.calls.last();
    QCOMPARE(text(call), QStringLiteral("no connection at 0"));
    QCOMPARE(call.statements, QStringList());
    QVERIFY(call.elapsed >= 150ms);
    QVERIFY2(call.error->what.contains(QStringLiteral("150 ms")), qPrintable(call.error->what));
    QCOMPARE(pool.state().waiting, QStringList());
    QCOMPARE(pool.mapText(), QStringLiteral("5 -> 1"));
    QCOMPARE(pool.dispatches.last(), QStringLiteral("request 2 acquire 6 -> 0"));
}

void tst_PooledLockService::servesWhoWaitsLongest()
{
    RecordedPool pool(conninfo(), {.size = 1, .form = LockServiceForm::Dedicated, .checkoutTimeout = 10s});
    QVERIFY(pool.open());
    QCOMPARE(pool.acquire(five).answer, PoolAnswer::True);
    pool->acquire(pool.nextRequest(), six);
    pool->acquire(pool.nextRequest(), seven);
    QCOMPARE(pool.state().waiting, (QStringList{QStringLiteral("request 2"), QStringLiteral("request 3")}));
    pool->release(QStringLiteral("done"), five);
    QTRY_COMPARE(pool.calls.size(), 3);
    QCOMPARE(pool.calls.at(2).request, QStringLiteral("request 2"));
    QCOMPARE(pool.calls.at(2).answer, PoolAnswer::True);
    QCOMPARE(pool.state().waiting, QStringList{QStringLiteral("request 3")});
}

void tst_PooledLockService::losesAConnectionWithEachFailedUnlockWithoutFinally()
{
    RecordedPool pool(conninfo(), {.size = 2,
                                   .order = CheckoutOrder::RoundRobin,
                                   .form = LockServiceForm::DedicatedWithoutFinally,
                                   .checkoutTimeout = 100ms});
    QVERIFY(pool.open());
    QCOMPARE(text(pool.acquire(five)), QStringLiteral("true at 1"));
    const PoolCall failed = pool.release(five, true);
    QCOMPARE(text(failed), QStringLiteral("failed at 1, hit"));
    QCOMPARE(failed.error->sqlState, QStringLiteral("22P02"));
    QTRY_COMPARE(pool.text(), QStringLiteral("1 checked out by request 1 [5] leaked [5] | 2 free []"));
    QCOMPARE(pool.mapText(), QString());
    QCOMPARE(text(pool.release(five)), QStringLiteral("not in the map at 0"));
    QCOMPARE(text(pool.acquire(five)),
             QStringLiteral("false at 2")); // this process has it, and nobody can give it back
    QCOMPARE(text(pool.acquire(six)), QStringLiteral("true at 2"));
    QCOMPARE(pool.release(six, true).answer, PoolAnswer::Failed);
    QCOMPARE(text(pool.acquire(seven)), QStringLiteral("no connection at 0"));
    QTRY_COMPARE(pool.text(), QStringLiteral("1 checked out by request 1 [5] leaked [5] | 2 checked out by request 5 "
                                             "[6] leaked [6]"));
    QCOMPARE(pool.state().freeSlots(), 0);
}

void tst_PooledLockService::discardsAConnectionWhoseUnlockFailed()
{
    RecordedPool pool(conninfo(), {.size = 1, .form = LockServiceForm::Dedicated});
    QVERIFY(pool.open());
    const PoolCall acquired = pool.acquire(five);
    QCOMPARE(acquired.answer, PoolAnswer::True);
    const PoolCall failed = pool.release(five, true);
    QCOMPARE(text(failed), QStringLiteral("failed at 1, hit"));
    QCOMPARE(failed.backendPid, acquired.backendPid);
    QTRY_COMPARE(pool.text(), QStringLiteral("1 free []"));
    QVERIFY(pool.slot(1).backendPid != acquired.backendPid);
    QCOMPARE(pool.mapText(), QString());
    QTRY_COMPARE(holdersOf(QStringLiteral("5")), QString());
    QCOMPARE(text(pool.acquire(five)), QStringLiteral("true at 1"));
    QCOMPARE(text(pool.release(five)), QStringLiteral("true at 1, hit"));
}

void tst_PooledLockService::losesASlotThatCannotBeOpenedAgain()
{
    VERIFY_RESULT(m_admin->executeOne("CREATE DATABASE closing", 20s));
    RecordedPool pool(conninfo().with(QStringLiteral("dbname"), QStringLiteral("closing")),
                      {.size = 1, .form = LockServiceForm::Dedicated, .checkoutTimeout = 50ms});
    QVERIFY(pool.open());
    QCOMPARE(pool.acquire(five).answer, PoolAnswer::True);
    VERIFY_RESULT(m_admin->executeOne("ALTER DATABASE closing ALLOW_CONNECTIONS false", 20s));
    QCOMPARE(pool.release(five, true).answer, PoolAnswer::Failed);
    QCOMPARE(pool.slot(1).phase, SlotPhase::Lost);
    QCOMPARE(pool.slot(1).ending->sqlState, QStringLiteral("55000"));
    QTRY_COMPARE(holdersOf(QStringLiteral("5")), QString());
    QCOMPARE(pool.acquire(five).answer, PoolAnswer::NoConnection);
}

void tst_PooledLockService::rollsBackWhenACommitFails()
{
    RecordedPool pool(conninfo(), {.size = 1, .form = LockServiceForm::TransactionLevel});
    QVERIFY(pool.open());
    QCOMPARE(pool.acquire(five).answer, PoolAnswer::True);
    const qint32 pid = pool.slot(1).backendPid;
    const PoolCall failed = pool.release(five, true);
    QCOMPARE(failed.answer, PoolAnswer::Failed);
    QCOMPARE(failed.statements.last(), QStringLiteral("ROLLBACK"));
    QTRY_COMPARE(pool.text(), QStringLiteral("1 free []"));
    QCOMPARE(pool.slot(1).backendPid, pid); // the rollback freed the key: nothing to discard
    QCOMPARE(holdersOf(QStringLiteral("5")), QString());
}

void tst_PooledLockService::holdsAtTransactionLevelUntilTheCommit()
{
    RecordedPool pool(conninfo(), {.size = 1, .form = LockServiceForm::TransactionLevel});
    QVERIFY(pool.open());
    const PoolCall acquired = pool.acquire(five);
    QCOMPARE(acquired.statements,
             (QStringList{QStringLiteral("BEGIN"), QStringLiteral("SELECT pg_catalog.pg_try_advisory_xact_lock(5), "
                                                                  "pg_catalog.pg_backend_pid()")}));
    QTRY_COMPARE(pool.text(), QStringLiteral("1 checked out by request 1 [5]"));
    const PoolCall released = pool.release(five);
    QCOMPARE(released.statements, QStringList{QStringLiteral("COMMIT")});
    QCOMPARE(text(released), QStringLiteral("true at 1, hit"));
    QTRY_COMPARE(pool.text(), QStringLiteral("1 free []"));
}

void tst_PooledLockService::leavesNoTransactionAfterARefusedTry()
{
    QCOMPARE(scalar(*m_admin, "SELECT pg_try_advisory_lock(5)"), QStringLiteral("t"));
    RecordedPool pool(conninfo(), {.size = 1, .form = LockServiceForm::TransactionLevel});
    QVERIFY(pool.open());
    const PoolCall refused = pool.acquire(five);
    QCOMPARE(text(refused), QStringLiteral("false at 1"));
    QCOMPARE(refused.statements.last(), QStringLiteral("ROLLBACK"));
    QCOMPARE(pool.state().freeSlots(), 1);
    QCOMPARE(pool.mapText(), QString());
    QCOMPARE(scalar(*m_admin,
                    "SELECT state FROM pg_stat_activity WHERE pid = " + QByteArray::number(pool.slot(1).backendPid)),
             QStringLiteral("idle"));
    QCOMPARE(scalar(*m_admin, "SELECT pg_advisory_unlock(5)"), QStringLiteral("t"));
}

QTEST_GUILESS_MAIN(tst_PooledLockService)
#include "tst_pooledlockservice.moc"
