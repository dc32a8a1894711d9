#include "app/lab/pool/poolmeasure.h"
#include "app/lab/pooler/pgbouncer.h"
#include "tests/lab/recordedpool.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>
#include <QSignalSpy>

using namespace lockscope;
using namespace std::chrono_literals;
using test::five;
using test::RecordedPool;
using test::scalar;
using test::text;

/// Lock services over pools whose connections go through a real PgBouncer.
class tst_PoolPooler final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();

    void leaksADedicatedLockThroughTransactionPooling();
    void holdsATransactionLevelLockThroughTransactionPooling();
    void worksThroughSessionPooling();
    void failsToBeginThroughStatementPooling();
    void changesNoSettingOfAServerConnection();
    void goesAtOnceWhileThePoolerLetsItWait();
    void saysWhenItCannotLook();
    void refusesToMeasureThroughAPooler();

private:
    void startPooler(PoolerMode mode, int poolSize)
    {
        m_pooler = std::make_unique<PgBouncer>(m_server->conninfo(), PoolerSpec{.mode = mode, .poolSize = poolSize});
        QSignalSpy started(m_pooler.get(), &PgBouncer::started);
        QSignalSpy failed(m_pooler.get(), &PgBouncer::failed);
        m_pooler->start();
        QVERIFY(QTest::qWaitFor([&] { return started.size() + failed.size() > 0; }, 10000));
        QVERIFY2(failed.isEmpty(), qPrintable(m_pooler->log()));
    }

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_admin;
    std::unique_ptr<PgBouncer> m_pooler;
};

void tst_PoolPooler::initTestCase()
{
    m_server = std::make_unique<test::TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    m_admin = m_server->session();
}

void tst_PoolPooler::cleanup()
{
    m_pooler.reset(); // and with it every server connection, and what leaked into one
    QTRY_COMPARE(scalar(*m_admin, "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
                                  "backend_type = 'client backend'"),
                 QStringLiteral("0"));
}

void tst_PoolPooler::leaksADedicatedLockThroughTransactionPooling()
{
    startPooler(PoolerMode::Transaction, 2);
    RecordedPool pool(m_pooler->conninfo(), {.size = 2, .form = LockServiceForm::Dedicated});
    pool->setLookConninfo(m_server->conninfo());
    QVERIFY(pool.open());
    const PoolCall acquired = pool.acquire(five);
    QCOMPARE(acquired.answer, PoolAnswer::True);
    QCOMPARE(scalar(*m_admin, "SELECT pid FROM pg_locks WHERE locktype = 'advisory'"),
             QString::number(acquired.backendPid));

    // Somebody else's transaction takes the server connection that has the lock.
    LibpqConnection first;
    LibpqConnection second;
    VERIFY_RESULT(first.open(m_pooler->conninfo(), 5s));
    VERIFY_RESULT(second.open(m_pooler->conninfo(), 5s));
    const QString owner = QString::number(acquired.backendPid);
    if (scalar(first, "BEGIN; SELECT pg_backend_pid()") != owner) {
        QCOMPARE(scalar(second, "BEGIN; SELECT pg_backend_pid()"), owner);
        VERIFY_RESULT(first.executeOne("COMMIT", 5s));
    }

    const PoolCall released = pool.release(five);
    QCOMPARE(released.answer, PoolAnswer::False);
    QCOMPARE(released.slot, acquired.slot); // the same connection of the application
    QVERIFY(released.backendPid != acquired.backendPid);
    QCOMPARE(released.hit, std::optional(false));
    QCOMPARE(released.notices, QStringList{QStringLiteral("WARNING: you don't own a lock of type ExclusiveLock")});
    QCOMPARE(pool.slot(acquired.slot).backendPid, released.backendPid);
    QCOMPARE(scalar(*m_admin, "SELECT pid FROM pg_locks WHERE locktype = 'advisory'"),
             QString::number(acquired.backendPid));
}

void tst_PoolPooler::holdsATransactionLevelLockThroughTransactionPooling()
{
    startPooler(PoolerMode::Transaction, 2);
    RecordedPool pool(m_pooler->conninfo(), {.size = 2, .form = LockServiceForm::TransactionLevel});
    pool->setLookConninfo(m_server->conninfo());
    QVERIFY(pool.open());
    for (int i = 0; i < 5; ++i) {
        const PoolCall acquired = pool.acquire(five);
        QCOMPARE(acquired.answer, PoolAnswer::True);
        QTRY_COMPARE(pool.slot(acquired.slot).keys, QList<LockKey>{five});
        QCOMPARE(text(pool.release(five)), QStringLiteral("true at %1, hit").arg(acquired.slot));
    }
    QTRY_COMPARE(pool.text(), QStringLiteral("1 free [] | 2 free []"));
    QCOMPARE(scalar(*m_admin, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));
}

void tst_PoolPooler::worksThroughSessionPooling()
{
    startPooler(PoolerMode::Session, 4);
    RecordedPool pool(m_pooler->conninfo(), {.size = 2, .form = LockServiceForm::Dedicated});
    QVERIFY(pool.open());
    const PoolCall acquired = pool.acquire(five);
    QCOMPARE(acquired.answer, PoolAnswer::True);
    QTRY_COMPARE(pool.slot(acquired.slot).keys, QList<LockKey>{five});
    QCOMPARE(text(pool.release(five)), QStringLiteral("true at %1, hit").arg(acquired.slot));
}

void tst_PoolPooler::failsToBeginThroughStatementPooling()
{
    startPooler(PoolerMode::Statement, 2);
    RecordedPool pool(m_pooler->conninfo(), {.size = 1, .form = LockServiceForm::TransactionLevel});
    QVERIFY(pool.open());
    const PoolCall refused = pool.acquire(five);
    QCOMPARE(word(refused.answer), QStringLiteral("failed"));
    QVERIFY2(refused.error->serverWords.contains(QStringLiteral("transaction blocks not allowed")),
             qPrintable(refused.error->serverWords));
    QCOMPARE(pool.mapText(), QString());

    RecordedPool naive(m_pooler->conninfo(), {.size = 2});
    QVERIFY(naive.open());
    QCOMPARE(naive.acquire(five).answer, PoolAnswer::True);
}

void tst_PoolPooler::changesNoSettingOfAServerConnection()
{
    startPooler(PoolerMode::Transaction, 1);
    {
        RecordedPool pool(m_pooler->conninfo(), {.size = 3});
        pool->setLookConninfo(m_server->conninfo());
        QVERIFY(pool.open());
        QCOMPARE(pool.acquire(five).answer, PoolAnswer::True);
        QCOMPARE(text(pool.release(five)).left(4), QStringLiteral("true")); // one server connection hides the bug, too
    }
    LibpqConnection next;
    VERIFY_RESULT(next.open(m_pooler->conninfo(), 5s));
    QCOMPARE(scalar(next, "SHOW search_path"), QStringLiteral("\"$user\", public"));
}

void tst_PoolPooler::goesAtOnceWhileThePoolerLetsItWait()
{
    startPooler(PoolerMode::Transaction, 1);
    RecordedPool pool(m_pooler->conninfo(), {.size = 4, .form = LockServiceForm::TransactionLevel});
    pool->setLookConninfo(m_server->conninfo());
    QVERIFY(pool.open());
    QCOMPARE(pool.acquire(five).answer, PoolAnswer::True); // has the only server connection
    pool->acquire(pool.nextRequest(), LockKey::bigint(6));
    pool->acquire(pool.nextRequest(), LockKey::bigint(7));
    QElapsedTimer timer;
    timer.start();
    pool.destroy();
    const qint64 took = timer.elapsed();
    QVERIFY2(took < 2000, qPrintable(QString::number(took)));
    QTRY_COMPARE(scalar(*m_admin, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));
}

void tst_PoolPooler::saysWhenItCannotLook()
{
    startPooler(PoolerMode::Transaction, 1);
    RecordedPool pool(m_pooler->conninfo(), {.size = 1, .form = LockServiceForm::TransactionLevel});
    QVERIFY(pool.open());
    QTRY_VERIFY(!pool.state().lookError);
    QCOMPARE(pool.acquire(five).answer, PoolAnswer::True); // has the only server connection, so the look waits
    QTRY_VERIFY_WITH_TIMEOUT(pool.state().lookError, 10000);
    QCOMPARE(pool.release(five).answer, PoolAnswer::True);
    QTRY_VERIFY_WITH_TIMEOUT(!pool.state().lookError, 10000);
    QTRY_COMPARE(pool.text(), QStringLiteral("1 free []"));
}

void tst_PoolPooler::refusesToMeasureThroughAPooler()
{
    startPooler(PoolerMode::Transaction, 2);
    PoolMeasure measurement(m_pooler->conninfo());
    QSignalSpy failed(&measurement, &PoolMeasure::failed);
    measurement.start({});
    QTRY_COMPARE(failed.size(), 1);
    QCOMPARE(failed.first().first().value<Error>().kind, ErrorKind::Usage);
}

QTEST_GUILESS_MAIN(tst_PoolPooler)
#include "tst_poolpooler.moc"
