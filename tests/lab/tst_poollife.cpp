#include "app/platform/platform.h"
#include "tests/lab/recordedpool.h"
#include "tests/support/faultproxy.h"
#include "tests/support/heartbeat.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>
#include <QSet>

using namespace lockscope;
using namespace std::chrono_literals;
using test::five;
using test::RecordedPool;
using test::scalar;
using test::seven;
using test::six;
using test::text;

/// How lock services lose connections, start over and go, on a real server.
class tst_PoolLife final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();

    void seesALostConnectionAtOnce_data();
    void seesALostConnectionAtOnce();
    void answersLostWhenTheConnectionEndsDuringACall();
    void unlocksEverything_data();
    void unlocksEverything();
    void unlocksAroundACallUnderWay();
    void goesAtOnceWhileStatementsRun();
    void goesAtOnceOverALinkThatDied();
    void losesAllConnectionsOfABrokenLink();
    void goesAtOnceWhileItOpens();
    void survivesManyCallsAtOnce_data();
    void survivesManyCallsAtOnce();

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
    void terminate(qint32 pid) const
    {
        QCOMPARE(scalar(*m_admin, "SELECT pg_terminate_backend(" + QByteArray::number(pid) + ")"), QStringLiteral("t"));
    }

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_admin;
};

void tst_PoolLife::initTestCase()
{
    m_server = std::make_unique<test::TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    m_admin = m_server->session();
}

void tst_PoolLife::cleanup()
{
    QTRY_COMPARE(sessionsOfThePool(), QStringLiteral("0"));
    QCOMPARE(scalar(*m_admin, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));
}

void tst_PoolLife::seesALostConnectionAtOnce_data()
{
    QTest::addColumn<LockServiceForm>("form");
    for (const LockServiceForm form : {LockServiceForm::Naive, LockServiceForm::Dedicated,
                                       LockServiceForm::DedicatedWithoutFinally, LockServiceForm::TransactionLevel})
        QTest::newRow(qPrintable(word(form))) << form;
}

void tst_PoolLife::seesALostConnectionAtOnce()
{
    QFETCH(const LockServiceForm, form);
    RecordedPool pool(conninfo(), {.size = 2, .order = CheckoutOrder::RoundRobin, .form = form});
    QVERIFY(pool.open());
    QCOMPARE(text(pool.acquire(five)), QStringLiteral("true at 1"));
    const qint32 pid = pool.slot(1).backendPid;
    terminate(pid);
    QTRY_COMPARE(pool.slot(1).phase, SlotPhase::Lost);
    QCOMPARE(pool.slot(1).ending->sqlState, QStringLiteral("57P01"));
    QTRY_COMPARE(pool.text(), QStringLiteral("1 lost [] | 2 free []"));
    QCOMPARE(pool.mapText(), QString());
    QCOMPARE(text(pool.acquire(five)), QStringLiteral("true at 2"));
    if (form != LockServiceForm::Naive) {
        QCOMPARE(text(pool.acquire(five)), QStringLiteral("refused by the map at 0"));
        QCOMPARE(text(pool.release(five)), QStringLiteral("true at 2, hit"));
    }
    QCOMPARE(pool.slot(1).backendPid, pid); // nothing was opened in its place
    QCOMPARE(pool.slot(1).phase, SlotPhase::Lost);
}

void tst_PoolLife::answersLostWhenTheConnectionEndsDuringACall()
{
    RecordedPool pool(conninfo(), {.size = 1, .form = LockServiceForm::Dedicated, .checkoutTimeout = 50ms});
    QVERIFY(pool.open());
    const qint32 pid = pool.slot(1).backendPid;
    VERIFY_RESULT(platform::sendSignal(pid, platform::ProcessSignal::Stop));
    pool->acquire(pool.nextRequest(), five);
    terminate(pid);
    VERIFY_RESULT(platform::sendSignal(pid, platform::ProcessSignal::Continue));
    QVERIFY(pool.areAnswered());
    QCOMPARE(text(pool.calls.first()), QStringLiteral("lost at 1"));
    QCOMPARE(pool.text(), QStringLiteral("1 lost []"));
    QCOMPARE(pool.mapText(), QString());
    QCOMPARE(text(pool.acquire(five)), QStringLiteral("no connection at 0"));
}

void tst_PoolLife::unlocksEverything_data()
{
    seesALostConnectionAtOnce_data();
}

void tst_PoolLife::unlocksEverything()
{
    QFETCH(const LockServiceForm, form);
    RecordedPool pool(conninfo(), {.size = 3, .order = CheckoutOrder::RoundRobin, .form = form});
    QVERIFY(pool.open());
    QCOMPARE(text(pool.acquire(five)), QStringLiteral("true at 1"));
    QCOMPARE(text(pool.acquire(six)), QStringLiteral("true at 2"));
    pool.release(five, true);
    pool->unlockEverything();
    QTRY_COMPARE(pool.text(), QStringLiteral("1 free [] | 2 free [] | 3 free []"));
    QCOMPARE(pool.mapText(), QString());
    QTRY_COMPARE(scalar(*m_admin, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));
    QCOMPARE(pool.acquire(six).answer, PoolAnswer::True);
}

void tst_PoolLife::unlocksAroundACallUnderWay()
{
    RecordedPool pool(conninfo(), {.size = 2, .order = CheckoutOrder::RoundRobin, .form = LockServiceForm::Dedicated});
    QVERIFY(pool.open());
    pool->acquire(pool.nextRequest(), five);
    pool->unlockEverything();
    pool->acquire(pool.nextRequest(), six); // asked for afterwards: it stays
    QVERIFY(pool.areAnswered());
    QTRY_COMPARE(pool.text(), QStringLiteral("1 free [] | 2 checked out by request 2 [6]"));
    QCOMPARE(pool.mapText(), QStringLiteral("6 -> 2"));
}

void tst_PoolLife::goesAtOnceWhileStatementsRun()
{
    RecordedPool pool(conninfo(), {.size = 32, .form = LockServiceForm::Dedicated});
    QVERIFY(pool.open());
    QList<qint32> pids;
    for (const PoolSlot& slot : pool.state().slotList) {
        pids.append(slot.backendPid);
        VERIFY_RESULT(platform::sendSignal(slot.backendPid, platform::ProcessSignal::Stop));
    }
    for (int i = 0; i < 34; ++i) // two more than there are connections
        pool->acquire(QStringLiteral("request"), LockKey::bigint(i));
    QCOMPARE(pool.state().waiting.size(), 2);
    QElapsedTimer timer;
    timer.start();
    pool.destroy();
    const qint64 took = timer.elapsed();
    for (const qint32 pid : pids)
        VERIFY_RESULT(platform::sendSignal(pid, platform::ProcessSignal::Continue));
    // Beyond eight the oldest threads are pressed, which may take some milliseconds each: see ConnectionThread.
    QVERIFY2(took < 2000, qPrintable(QString::number(took)));
    QCOMPARE(pool.calls.size(), 0);
    QTRY_COMPARE(sessionsOfThePool(), QStringLiteral("0"));
}

void tst_PoolLife::goesAtOnceOverALinkThatDied()
{
    test::FaultProxy proxy(conninfo());
    RecordedPool pool(proxy.conninfo(), {.size = 10, .form = LockServiceForm::Dedicated});
    QVERIFY(pool.open());
    proxy.stall();
    test::Heartbeat heartbeat;
    for (int i = 0; i < 10; ++i)
        pool->acquire(QStringLiteral("request"), LockKey::bigint(i));
    pool.destroy();
    QCoreApplication::processEvents();
    QVERIFY2(heartbeat.isSteady(), heartbeat.report().constData());
    proxy.refuse();
}

void tst_PoolLife::losesAllConnectionsOfABrokenLink()
{
    test::FaultProxy proxy(conninfo());
    RecordedPool pool(proxy.conninfo(), {.size = 2, .form = LockServiceForm::Dedicated});
    pool->setLookConninfo(conninfo());
    QVERIFY(pool.open());
    QCOMPARE(pool.acquire(five).answer, PoolAnswer::True);
    proxy.reset();
    QTRY_COMPARE(pool.text(), QStringLiteral("1 lost [] | 2 lost []")); // by the server's word, once it has noticed
    QCOMPARE(pool.slot(1).ending->kind, ErrorKind::Connection);
    QCOMPARE(pool.slot(1).ending->sqlState, QString());
    QCOMPARE(pool.mapText(), QString());
}

void tst_PoolLife::goesAtOnceWhileItOpens()
{
    test::Heartbeat heartbeat;
    {
        RecordedPool pool(conninfo(), {.size = 8});
        pool->open();
    }
    QCoreApplication::processEvents();
    QVERIFY2(heartbeat.isSteady(), heartbeat.report().constData());
}

void tst_PoolLife::survivesManyCallsAtOnce_data()
{
    seesALostConnectionAtOnce_data();
}

void tst_PoolLife::survivesManyCallsAtOnce()
{
    QFETCH(const LockServiceForm, form);
    RecordedPool pool(conninfo(), {.size = 8, .form = form, .checkoutTimeout = 20s, .seed = 1});
    QVERIFY(pool.open());
    test::Heartbeat heartbeat;
    for (int round = 0; round < 50; ++round) {
        for (int key = 0; key < 8; ++key)
            pool->acquire(pool.nextRequest(), LockKey::bigint(key));
        QVERIFY(pool.areAnswered());
        for (int key = 0; key < 8; ++key)
            pool->release(pool.nextRequest(), LockKey::bigint(key));
        QVERIFY(pool.areAnswered());
    }
    QVERIFY2(heartbeat.isSteady(), heartbeat.report().constData());
    QCOMPARE(pool.state().calls, 800);
    quint64 number = 0;
    for (const PoolCall& call : std::as_const(pool.calls)) {
        QCOMPARE(call.number, ++number);
        if (form != LockServiceForm::Naive)
            QCOMPARE(call.answer, PoolAnswer::True);
    }
    QCOMPARE(pool.state().freeSlots(), 8);
    QCOMPARE(pool.mapText(), QString());
}

QTEST_GUILESS_MAIN(tst_PoolLife)
#include "tst_poollife.moc"
