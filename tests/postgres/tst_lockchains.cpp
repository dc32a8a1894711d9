#include "tests/postgres/lockreading.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <libpq-fe.h>

#include <algorithm>

using namespace lockscope;
using namespace std::chrono_literals;
using test::Reading;
using test::text;

/// What one reading keeps of the locks of other types, so that a chain of waiting can be followed.
class tst_LockChains final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void followsAChainOfWaitingAcrossTypesInOneReading();
    void readsAdvisoryLocksAloneWhereNothingElseIsWaitedFor();
    void keepsHoldersThatSomebodyWaitsForBeyondTheLimit();
    void readsTheLocksOfAParallelGroup();
    void namesPreparedTransactionsByTheirGid();
    void namesThemAfterARestartToo();

private:
    std::unique_ptr<test::TestServer> m_server;
};

void tst_LockChains::initTestCase()
{
    m_server = std::make_unique<test::TestServer>(QStringLiteral("max_worker_processes = 6\n"));
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
}

/// A backend that waits does not notice that its client has gone: none of a test function may be in the way of the
/// next.
void tst_LockChains::cleanup()
{
    const auto admin = m_server->session();
    QTRY_COMPARE(test::scalar(*admin, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                                      "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"),
                 QStringLiteral("0"));
}

void tst_LockChains::followsAChainOfWaitingAcrossTypesInOneReading()
{
    const auto root = m_server->session(QStringLiteral("root"));
    const auto middle = m_server->session(QStringLiteral("middle"));
    const auto last = m_server->session(QStringLiteral("last"));
    const auto bystander = m_server->session(QStringLiteral("bystander"));
    VERIFY_RESULT(root->execute("CREATE TABLE chained (i int); CREATE TABLE other (i int)", 5s));
    const QString chained = test::scalar(*root, "SELECT 'chained'::regclass::oid");
    const QString other = test::scalar(*root, "SELECT 'other'::regclass::oid");
    VERIFY_RESULT(bystander->execute("BEGIN; LOCK TABLE other IN SHARE MODE; SELECT pg_advisory_xact_lock(8)", 5s));
    VERIFY_RESULT(root->execute("BEGIN; LOCK TABLE chained IN SHARE MODE; LOCK TABLE other IN ACCESS SHARE MODE", 5s));
    VERIFY_RESULT(middle->executeOne("SELECT pg_advisory_lock(7)", 5s));
    QVERIFY(PQsendQuery(middle->handle(), "ALTER TABLE chained ADD COLUMN j int"));
    QVERIFY(PQsendQuery(last->handle(), "SELECT pg_advisory_lock(7)"));

    const Reading reading(m_server->conninfo());
    SnapshotPointer snapshot;
    QTRY_VERIFY((snapshot = reading.read()) && snapshot->blockers.size() == 2);
    QCOMPARE(text(*snapshot), (QStringList{QStringLiteral("7 Exclusive held by middle in postgres"),
                                           QStringLiteral("7 Exclusive waited for by last in postgres"),
                                           QStringLiteral("8 Exclusive held by bystander in postgres")}));
    QCOMPARE(snapshot->totalLocks, 3);
    // What is waited for, and what else those hold who take part; nothing of the bystander, no virtual transactions.
    const QString transaction =
        test::scalar(*root, "SELECT transactionid FROM pg_locks WHERE transactionid IS NOT NULL AND pid = " +
                                QByteArray::number(middle->claimedPid()));
    QCOMPARE(text(snapshot->otherLocks, *snapshot),
             (QStringList{QStringLiteral("relation %1 Access Exclusive waited for by middle in postgres").arg(chained),
                          QStringLiteral("relation %1 Share held by root in postgres").arg(chained),
                          QStringLiteral("relation %1 Access Share held by root in postgres").arg(other),
                          QStringLiteral("transaction %1 Exclusive held by middle in ").arg(transaction)}));
    QCOMPARE(snapshot->blockers.value(middle->claimedPid()), QList<qint32>{root->claimedPid()});
    QCOMPARE(snapshot->blockers.value(last->claimedPid()), QList<qint32>{middle->claimedPid()});
    QVERIFY(snapshot->backends.contains(root->claimedPid()));
    for (const Lock& lock : snapshot->otherLocks)
        QVERIFY(lock.backend == snapshot->backends.value(lock.backend.pid)->id);

    const auto everything = reading.read(LockScope::AllTypes);
    QVERIFY(everything);
    QVERIFY(everything->blockers == snapshot->blockers);
    QVERIFY(everything->otherLocks.isEmpty());
    QVERIFY(text(*everything).contains(text(snapshot->otherLocks, *snapshot).constFirst()));

    VERIFY_RESULT(root->executeOne("ROLLBACK", 5s));
    QTRY_VERIFY((snapshot = reading.read()) && snapshot->blockers.size() == 1);
    QCOMPARE(text(snapshot->otherLocks, *snapshot), QStringList());
    QCOMPARE(snapshot->totalLocks, 3);
}

void tst_LockChains::readsAdvisoryLocksAloneWhereNothingElseIsWaitedFor()
{
    const auto holder = m_server->session(QStringLiteral("holder"));
    VERIFY_RESULT(holder->execute("BEGIN; CREATE TABLE unrelated (i int); SELECT pg_advisory_lock(5)", 5s));
    const auto waiter = m_server->session(QStringLiteral("waiter"));
    QVERIFY(PQsendQuery(waiter->handle(), "SELECT pg_advisory_lock(5)"));
    const Reading reading(m_server->conninfo());
    SnapshotPointer snapshot;
    QTRY_VERIFY((snapshot = reading.read()) && snapshot->blockers.size() == 1);
    QCOMPARE(snapshot->totalLocks, 2);
    QCOMPARE(text(snapshot->otherLocks, *snapshot), QStringList());
}

void tst_LockChains::keepsHoldersThatSomebodyWaitsForBeyondTheLimit()
{
    const auto hoarder = m_server->session(QStringLiteral("hoarder"));
    VERIFY_RESULT(hoarder->executeOne("SELECT count(pg_advisory_lock(i)) FROM generate_series(1, 500) AS i", 5s));
    const auto waiter = m_server->session(QStringLiteral("waiter"));
    QVERIFY(PQsendQuery(waiter->handle(), "SELECT pg_advisory_lock(321)"));
    const Reading reading(m_server->conninfo(), 10);
    for (const LockScope scope : {LockScope::AdvisoryOnly, LockScope::AllTypes}) {
        SnapshotPointer snapshot;
        QTRY_VERIFY((snapshot = reading.read(scope)) && snapshot->blockers.size() == 1);
        const QStringList lines = text(*snapshot);
        QVERIFY(lines.size() <= 12);
        QVERIFY(lines.contains(QStringLiteral("321 Exclusive held by hoarder in postgres")));
        QVERIFY(lines.contains(QStringLiteral("321 Exclusive waited for by waiter in postgres")));
    }
}

void tst_LockChains::readsTheLocksOfAParallelGroup()
{
    const auto leader = m_server->session(QStringLiteral("leader"));
    VERIFY_RESULT(leader->execute(
        "CREATE TABLE wide (i int) WITH (parallel_workers = 2); INSERT INTO wide SELECT generate_series(1, 3000);"
        "SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;"
        "SET max_parallel_workers_per_gather = 2",
        5s));
    const QString wide = test::scalar(*leader, "SELECT 'wide'::regclass::oid");
    QVERIFY(PQsendQuery(leader->handle(), "SELECT count(*) FROM wide WHERE pg_sleep(0.05) IS NULL"));
    const auto witness = m_server->session();
    QTRY_COMPARE(test::scalar(*witness, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'parallel worker'"),
                 QStringLiteral("2"));
    const auto waiter = m_server->session(QStringLiteral("waiter"));
    QVERIFY(PQsendQuery(waiter->handle(), "DROP TABLE wide"));

    const Reading reading(m_server->conninfo());
    SnapshotPointer snapshot;
    QTRY_VERIFY((snapshot = reading.read()) && snapshot->blockers.size() == 1);
    QCOMPARE(snapshot->blockers.value(waiter->claimedPid()), QList<qint32>{leader->claimedPid()});
    QSet<qint32> holders;
    for (const Lock& lock : snapshot->otherLocks) {
        if (lock.granted && QString::number(lock.target.relationOid) == wide)
            holders.insert(lock.backend.pid);
    }
    QCOMPARE(holders.size(), 3);
    QVERIFY(holders.remove(leader->claimedPid()));
    for (const qint32 worker : std::as_const(holders)) {
        QCOMPARE(snapshot->backends.value(worker)->leaderPid, leader->claimedPid());
        QCOMPARE(snapshot->backends.value(worker)->backendType, QStringLiteral("parallel worker"));
    }
}

void tst_LockChains::namesPreparedTransactionsByTheirGid()
{
    const auto session = m_server->session(QStringLiteral("two-phase"));
    VERIFY_RESULT(session->executeOne("CREATE TABLE ledger (i int)", 5s));
    VERIFY_RESULT(session->execute("BEGIN; SELECT pg_advisory_xact_lock(77); "
                                   "LOCK TABLE ledger; PREPARE TRANSACTION 'moved <b>money'",
                                   5s));
    const auto waiter = m_server->session(QStringLiteral("waiter"));
    QVERIFY(PQsendQuery(waiter->handle(), "SELECT pg_advisory_lock(77)"));
    const Reading reading(m_server->conninfo());
    SnapshotPointer snapshot;
    QTRY_VERIFY((snapshot = reading.read()) && snapshot->blockers.size() == 1);
    QCOMPARE(snapshot->blockers.value(waiter->claimedPid()), QList<qint32>{0});

    const auto isOfNobody = [](const Lock& lock) { return lock.backend.pid == 0; };
    const auto held = std::find_if(snapshot->locks.cbegin(), snapshot->locks.cend(), isOfNobody);
    QVERIFY(held != snapshot->locks.cend());
    const quint64 virtualTransaction = held->virtualTransaction;
    const PreparedTransaction prepared = snapshot->prepared.value(virtualTransaction);
    QCOMPARE(prepared.gid, QStringLiteral("moved <b>money"));
    QCOMPARE(prepared.owner, QStringLiteral("postgres"));
    QCOMPARE(prepared.databaseOid, reading.info.databaseOid);
    QCOMPARE(QString::number(prepared.transactionId),
             test::scalar(*session, "SELECT transaction FROM pg_prepared_xacts"));
    QVERIFY(snapshot->takenAt - prepared.preparedAt < 1min && prepared.preparedAt <= snapshot->takenAt);

    // Once a table is waited for, the other locks of the transaction belong to the story.
    const auto reader = m_server->session(QStringLiteral("table reader"));
    QVERIFY(PQsendQuery(reader->handle(), "SELECT * FROM ledger"));
    QTRY_VERIFY((snapshot = reading.read()) && snapshot->blockers.size() == 2);
    QVERIFY(snapshot->prepared.value(virtualTransaction) == prepared);
    QSet<LockType> types;
    for (const Lock& lock : snapshot->otherLocks) {
        if (lock.backend.pid == 0)
            types.insert(lock.target.type);
    }
    QVERIFY(types == (QSet<LockType>{LockType::Relation, LockType::TransactionId}));
    const auto everything = reading.read(LockScope::AllTypes);
    QVERIFY(everything && everything->prepared == snapshot->prepared);
    VERIFY_RESULT(session->executeOne("ROLLBACK PREPARED 'moved <b>money'", 5s));
}

void tst_LockChains::namesThemAfterARestartToo()
{
    auto session = m_server->session(QStringLiteral("two-phase"));
    for (const QByteArray name : {"one", "two"})
        VERIFY_RESULT(session->execute(
            "BEGIN; SELECT pg_advisory_xact_lock_shared(78); PREPARE TRANSACTION '" + name + '\'', 5s));
    VERIFY_RESULT(m_server->sandbox().restartAndWait(30s));
    const Reading reading(m_server->conninfo());
    const auto snapshot = reading.read();
    QVERIFY(snapshot);
    QCOMPARE(snapshot->locks.size(), 2);
    QStringList gids;
    for (const Lock& lock : snapshot->locks) {
        QCOMPARE(describe(lock.target), QStringLiteral("78"));
        QCOMPARE(lock.virtualTransaction >> 32, quint64(0xffffffff));
        gids << snapshot->prepared.value(lock.virtualTransaction).gid;
    }
    gids.sort();
    QCOMPARE(gids, (QStringList{QStringLiteral("one"), QStringLiteral("two")}));
    session = m_server->session();
    VERIFY_RESULT(session->executeOne("ROLLBACK PREPARED 'one'", 5s));
    VERIFY_RESULT(session->executeOne("ROLLBACK PREPARED 'two'", 5s));
}

QTEST_GUILESS_MAIN(tst_LockChains)
#include "tst_lockchains.moc"
