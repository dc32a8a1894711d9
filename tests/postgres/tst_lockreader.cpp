#include "app/postgres/lockreader.h"
#include "app/postgres/lockrows.h"
#include "app/postgres/observer.h"
#include "app/postgres/serverinquiry.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <libpq-fe.h>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

QString nameOf(const Lock& lock, const Snapshot& snapshot)
{
    const BackendPointer backend = snapshot.backends.value(lock.backend.pid);
    return backend ? backend->applicationName : QStringLiteral("?");
}

/// "5 Exclusive held by holder", one line for each lock, in the snapshot's order.
QStringList text(const Snapshot& snapshot)
{
    QStringList lines;
    for (const Lock& lock : snapshot.locks) {
        lines << QStringLiteral("%1 %2 %3 by %4 in %5")
                     .arg(describe(lock.target), displayName(lock.mode),
                          lock.granted ? QStringLiteral("held") : QStringLiteral("waited for"), nameOf(lock, snapshot),
                          snapshot.databaseNames.value(lock.target.databaseOid));
    }
    lines.sort();
    return lines;
}

} // namespace

class tst_LockReader final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void readsKeysOfBothFormsAndBothSigns();
    void tellsTheSameKeyInTwoDatabasesApart();
    void namesTheBlockersOfAWaiterOnce();
    void showsAPreparedTransactionAsALockWithoutABackend();
    void countsMoreLocksThanItKeepsAndKeepsWaiters();
    void readsEveryLockType();
    void survivesBytesThatAreNoText();
    void stillReadsWhenTheLockTableIsFull();
    void showsLocksToARoleWithoutRights();
    void parsesArraysOfExtremeIntegers();

private:
    [[nodiscard]] SnapshotPointer read(LockScope scope = LockScope::AdvisoryOnly) const;

    std::unique_ptr<test::TestServer> m_server;
};

void tst_LockReader::initTestCase()
{
    m_server =
        std::make_unique<test::TestServer>(QStringLiteral("max_locks_per_transaction = 64\nmax_connections = 30\n"));
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
}

SnapshotPointer tst_LockReader::read(LockScope scope) const
{
    const auto reading = readOnce(m_server->conninfo(), scope, 5s);
    return reading ? reading->snapshot : nullptr;
}

void tst_LockReader::readsKeysOfBothFormsAndBothSigns()
{
    const auto holder = m_server->session(QStringLiteral("holder"));
    QVERIFY(holder->executeOne(
        "SELECT pg_advisory_lock(-1), pg_advisory_lock(9223372036854775807), pg_advisory_lock(-5, 7), "
        "pg_advisory_lock_shared(-9223372036854775808)",
        5s));
    const auto snapshot = read();
    QVERIFY(snapshot);
    QCOMPARE(text(*snapshot), (QStringList{
                                  QStringLiteral("(-5, 7) Exclusive held by holder in postgres"),
                                  QStringLiteral("-1 Exclusive held by holder in postgres"),
                                  QStringLiteral("-9223372036854775808 Share held by holder in postgres"),
                                  QStringLiteral("9223372036854775807 Exclusive held by holder in postgres"),
                              }));
    QCOMPARE(snapshot->totalLocks, 4);
}

void tst_LockReader::tellsTheSameKeyInTwoDatabasesApart()
{
    const auto here = m_server->session(QStringLiteral("here"));
    QVERIFY(here->executeOne("CREATE DATABASE elsewhere", 20s));
    LibpqConnection there;
    VERIFY_RESULT(there.open(m_server->conninfo()
                                 .with(QStringLiteral("dbname"), QStringLiteral("elsewhere"))
                                 .with(QStringLiteral("application_name"), QStringLiteral("there")),
                             5s));
    QVERIFY(here->executeOne("SELECT pg_advisory_lock(42)", 5s));
    QVERIFY(there.executeOne("SELECT pg_advisory_lock(42)", 5s));
    const auto snapshot = read();
    QVERIFY(snapshot);
    QCOMPARE(text(*snapshot), (QStringList{QStringLiteral("42 Exclusive held by here in postgres"),
                                           QStringLiteral("42 Exclusive held by there in elsewhere")}));
}

void tst_LockReader::namesTheBlockersOfAWaiterOnce()
{
    const auto holder = m_server->session(QStringLiteral("holder"));
    QVERIFY(holder->executeOne("SELECT pg_advisory_lock(7)", 5s));
    const auto waiter = m_server->session(QStringLiteral("waiter"));
    QVERIFY(PQsendQuery(waiter->handle(), "SELECT pg_advisory_lock(7)"));

    SnapshotPointer snapshot;
    QTRY_VERIFY((snapshot = read()) && snapshot->blockers.size() == 1);
    QCOMPARE(text(*snapshot), (QStringList{QStringLiteral("7 Exclusive held by holder in postgres"),
                                           QStringLiteral("7 Exclusive waited for by waiter in postgres")}));
    const Lock& waiting = snapshot->locks.at(snapshot->locks.at(0).granted ? 1 : 0);
    const auto witness = m_server->session();
    const bool tellsSince = test::scalar(*witness, "SHOW server_version_num").toInt() >= 140000;
    QCOMPARE(waiting.waitStart.has_value(), tellsSince);
    QCOMPARE(snapshot->blockers.value(waiting.backend.pid), QList<qint32>{holder->claimedPid()});
}

void tst_LockReader::showsAPreparedTransactionAsALockWithoutABackend()
{
    const auto session = m_server->session(QStringLiteral("two-phase"));
    QVERIFY(session->execute("BEGIN; SELECT pg_advisory_xact_lock(77); PREPARE TRANSACTION 'forgotten'", 5s));
    const auto snapshot = read();
    QVERIFY(snapshot);
    QCOMPARE(text(*snapshot), QStringList{QStringLiteral("77 Exclusive held by ? in postgres")});
    QCOMPARE(snapshot->locks.at(0).backend.pid, 0);
    QVERIFY(session->executeOne("ROLLBACK PREPARED 'forgotten'", 5s));
}

void tst_LockReader::countsMoreLocksThanItKeepsAndKeepsWaiters()
{
    const auto holder = m_server->session(QStringLiteral("holder"));
    QVERIFY(holder->executeOne("SELECT count(pg_advisory_lock(i)) FROM generate_series(1, 500) AS i", 5s));
    const auto waiter = m_server->session(QStringLiteral("waiter"));
    QVERIFY(PQsendQuery(waiter->handle(), "SELECT pg_advisory_lock(1)"));
    LibpqConnection connection;
    VERIFY_RESULT(connection.open(m_server->conninfo(), 5s));
    const auto server = inquireServer(connection, 5s);
    VERIFY_RESULT(server);
    LockReader reader(connection, *server, 100);
    VERIFY_RESULT(reader.prepareSession(5s));
    SnapshotPointer snapshot;
    QTRY_VERIFY((snapshot = reader.read(LockScope::AdvisoryOnly, 5s).value_or(nullptr)) && snapshot->totalLocks == 501);
    QVERIFY(snapshot->locks.size() <= 101);
    QCOMPARE(
        std::count_if(snapshot->locks.cbegin(), snapshot->locks.cend(), [](const Lock& lock) { return !lock.granted; }),
        1);
}

void tst_LockReader::readsEveryLockType()
{
    const auto session = m_server->session(QStringLiteral("mixed"));
    QVERIFY(session->execute(
        "BEGIN; CREATE TABLE mixed (i int); LOCK TABLE mixed IN SHARE MODE; SELECT pg_advisory_xact_lock(3, -4)", 5s));
    const auto snapshot = read(LockScope::AllTypes);
    QVERIFY(snapshot);
    QSet<LockType> types;
    for (const Lock& lock : snapshot->locks) {
        types.insert(lock.target.type);
        QVERIFY2(lock.target.type != LockType::Unknown && lock.mode != LockMode::Unknown,
                 qPrintable(describe(lock.target)));
    }
    QVERIFY(types.contains(LockType::Relation));
    QVERIFY(types.contains(LockType::VirtualXid));
    QVERIFY(types.contains(LockType::TransactionId));
    QVERIFY(text(*snapshot).contains(QStringLiteral("(3, -4) Exclusive held by mixed in postgres")));
    QVERIFY(session->executeOne("ROLLBACK", 5s));
}

void tst_LockReader::survivesBytesThatAreNoText()
{
    const auto admin = m_server->session();
    QVERIFY(admin->executeOne("CREATE DATABASE raw ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
                              20s));
    LibpqConnection poison;
    VERIFY_RESULT(poison.open(m_server->conninfo()
                                  .with(QStringLiteral("dbname"), QStringLiteral("raw"))
                                  .with(QStringLiteral("client_encoding"), QStringLiteral("SQL_ASCII")),
                              5s));
    QVERIFY(poison.executeOne("SELECT pg_advisory_lock(66) /* \xff\xfe\xe9 */", 5s));
    // Seen from the poisoned database itself, where even a plain reading of the query text fails.
    const auto reading = readOnce(m_server->conninfo().with(QStringLiteral("dbname"), QStringLiteral("raw")),
                                  LockScope::AdvisoryOnly, 5s);
    VERIFY_RESULT(reading);
    QCOMPARE(reading->snapshot->locks.size(), 1);
    QCOMPARE(describe(reading->snapshot->locks.at(0).target), QStringLiteral("66"));
    QVERIFY(reading->snapshot->backends.contains(poison.claimedPid()));
    const auto fromUtf8 = read();
    QVERIFY(fromUtf8);
    QCOMPARE(fromUtf8->locks.size(), 1);
}

void tst_LockReader::stillReadsWhenTheLockTableIsFull()
{
    LibpqConnection connection;
    VERIFY_RESULT(connection.open(m_server->conninfo(), 5s));
    const auto server = inquireServer(connection, 5s);
    VERIFY_RESULT(server);
    LockReader reader(connection, *server, 1'000'000);
    VERIFY_RESULT(reader.prepareSession(5s));

    const auto hog = m_server->session(QStringLiteral("hog"));
    Result<QueryAnswer> filled =
        hog->executeOne("SELECT count(pg_advisory_lock(i)) FROM generate_series(1, 100000) AS i", 20s);
    QVERIFY(!filled);
    QCOMPARE(filled.error().sqlState, QStringLiteral("53200"));
    for (int i = 0; i < 10; ++i) {
        const auto snapshot = reader.read(LockScope::AdvisoryOnly, 5s);
        VERIFY_RESULT(snapshot);
        QVERIFY((*snapshot)->totalLocks > 1000);
        QCOMPARE((*snapshot)->backends.value(hog->claimedPid())->applicationName, QStringLiteral("hog"));
    }
}

void tst_LockReader::showsLocksToARoleWithoutRights()
{
    const auto admin = m_server->session(QStringLiteral("admin"));
    QVERIFY(admin->execute("CREATE ROLE visitor LOGIN PASSWORD 'visitor'; SELECT pg_advisory_lock(9)", 5s));
    const auto reading = readOnce(m_server->conninfo()
                                      .with(QStringLiteral("user"), QStringLiteral("visitor"))
                                      .with(QStringLiteral("password"), QStringLiteral("visitor")),
                                  LockScope::AdvisoryOnly, 5s);
    VERIFY_RESULT(reading);
    QVERIFY(!reading->server.seesAllStats);
    QCOMPARE(text(*reading->snapshot), QStringList{QStringLiteral("9 Exclusive held by admin in postgres")});
    const BackendPointer backend = reading->snapshot->backends.value(admin->claimedPid());
    QVERIFY(backend->restricted);
    QVERIFY(!backend->id.backendStart);
    QCOMPARE(backend->query, QString());
}

void tst_LockReader::parsesArraysOfExtremeIntegers()
{
    QList<qint64> seen;
    forEachInteger("{-9223372036854775808,9223372036854775807,0,-1}", [&seen](qint64 value) { seen << value; });
    QCOMPARE(seen, (QList<qint64>{std::numeric_limits<qint64>::min(), std::numeric_limits<qint64>::max(), 0, -1}));
    seen.clear();
    forEachInteger("{}", [&seen](qint64 value) { seen << value; });
    QCOMPARE(seen, QList<qint64>());
    QCOMPARE(blockersIn("{3431,3431,0,17,3431}"), (QList<qint32>{0, 17, 3431}));
    QCOMPARE(virtualTransactionIn("4/20"), quint64(4) << 32 | 20);
}

QTEST_GUILESS_MAIN(tst_LockReader)
#include "tst_lockreader.moc"
