#include "app/postgres/lockgathering.h"
#include "app/postgres/lockreader.h"
#include "app/postgres/lockrows.h"
#include "app/postgres/observer.h"
#include "app/postgres/serverinquiry.h"
#include "models/domain/waitgraph.h"
#include "tests/postgres/lockreading.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <libpq-fe.h>

#include <algorithm>

using namespace lockscope;
using namespace std::chrono_literals;
using test::namesOf;
using test::Reading;
using test::text;

class tst_LockReader final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void readsKeysOfBothFormsAndBothSigns();
    void tellsTheSameKeyInTwoDatabasesApart();
    void namesTheBlockersOfAWaiterOnce();
    void showsAPreparedTransactionAsALockWithoutABackend();
    void countsMoreLocksThanItKeepsAndKeepsWaiters();
    void readsEveryLockType();
    void survivesBytesThatAreNoText();
    void readsSessionsWhoseLastStatementWasAnUnlock();
    void readsSessionsWithoutLocksOnRequest();
    void tellsWhoseRightsThisRoleHas();
    void readsWhileTheCatalogOfRelationsIsLocked();
    void stillReadsWhenTheLockTableIsFull();
    void showsLocksToARoleWithoutRights();
    void aBackendThatCameAfterTheLocksWereReadHoldsNone();
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

/// A backend that waits does not notice that its client has gone: none of a test function may be in the way of the
/// next.
void tst_LockReader::cleanup()
{
    const auto admin = m_server->session();
    QTRY_COMPARE(test::scalar(*admin, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                                      "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"),
                 QStringLiteral("0"));
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
    QVERIFY(snapshot->locks.size() <= 102); // the waiter, and whom it waits for
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

void tst_LockReader::readsSessionsWhoseLastStatementWasAnUnlock()
{
    const auto holder = m_server->session(QStringLiteral("holder"));
    const auto elsewhere = m_server->session(QStringLiteral("unlocked elsewhere"));
    const auto idle = m_server->session(QStringLiteral("idle"));
    VERIFY_RESULT(holder->executeOne("SELECT pg_advisory_lock(5)", 5s));
    VERIFY_RESULT(elsewhere->executeOne("SELECT pg_advisory_unlock(5)", 5s));
    VERIFY_RESULT(idle->executeOne("SELECT 1", 5s));
    // Two consoles at once: the statement of one does not speak of unlocking to the other.
    const Reading other(m_server->conninfo());
    QVERIFY(other.read());
    const Reading reading(m_server->conninfo());
    const auto snapshot = reading.read();
    QVERIFY(snapshot);
    QCOMPARE(namesOf(snapshot->backends), QStringLiteral("holder, unlocked elsewhere"));
    QCOMPARE(snapshot->backends.value(elsewhere->claimedPid())->query, QStringLiteral("SELECT pg_advisory_unlock(5)"));
}

void tst_LockReader::readsSessionsWithoutLocksOnRequest()
{
    const auto idle = m_server->session(QStringLiteral("idle"));
    const Reading reading(m_server->conninfo());
    auto snapshot = reading.read();
    QVERIFY(snapshot);
    QVERIFY(!snapshot->everyBackend);
    QVERIFY(!snapshot->backends.contains(idle->claimedPid()));
    reading.reader->setEveryBackend(true);
    snapshot = reading.read();
    QVERIFY(snapshot);
    QVERIFY(snapshot->everyBackend);
    QVERIFY(snapshot->backends.contains(idle->claimedPid()));
    QVERIFY(!snapshot->backends.contains(reading.connection.claimedPid()));
    for (const BackendPointer& backend : snapshot->backends)
        QCOMPARE(backend->backendType, QStringLiteral("client backend"));
}

void tst_LockReader::tellsWhoseRightsThisRoleHas()
{
    const auto admin = m_server->session(QStringLiteral("admin"));
    VERIFY_RESULT(admin->execute(
        "CREATE ROLE team LOGIN PASSWORD 'x'; CREATE ROLE signaller LOGIN PASSWORD 'x' IN ROLE pg_signal_backend;"
        "CREATE ROLE member LOGIN PASSWORD 'x' IN ROLE team;"
        "CREATE ROLE outsider LOGIN PASSWORD 'x' NOINHERIT IN ROLE team, pg_signal_backend; SELECT pg_advisory_lock(1)",
        5s));
    const auto as = [this](const QString& role) {
        return m_server->conninfo()
            .with(QStringLiteral("user"), role)
            .with(QStringLiteral("password"), QStringLiteral("x"))
            .with(QStringLiteral("application_name"), role);
    };
    LibpqConnection team;
    VERIFY_RESULT(team.open(as(QStringLiteral("team")), 5s));
    VERIFY_RESULT(team.executeOne("SELECT pg_advisory_lock(2)", 5s));

    const auto seenBy = [&](const Conninfo& conninfo) {
        const Reading reading(conninfo);
        const auto snapshot = reading.read();
        QStringList lines;
        for (const qint32 pid : {admin->claimedPid(), team.claimedPid()}) {
            const BackendPointer backend = snapshot ? snapshot->backends.value(pid) : nullptr;
            if (!backend || !backend->memberOfItsRole || backend->roleOid == 0)
                return QStringLiteral("not known");
            lines << QStringLiteral("%1:%2%3").arg(
                backend->user, backend->superuser ? QStringLiteral(" superuser") : QString(),
                *backend->memberOfItsRole ? QStringLiteral(" own rights") : QString());
        }
        if (reading.info.signalsBackends)
            lines << QStringLiteral("signals");
        if (reading.info.signalsAutovacuum)
            lines << QStringLiteral("signals autovacuum");
        return lines.join(QStringLiteral(", "));
    };
    const bool since18 = test::scalar(*admin, "SHOW server_version_num").toInt() >= 180000;
    QCOMPARE(seenBy(m_server->conninfo()), QStringLiteral("postgres: superuser own rights, team: own rights, signals") +
                                               (since18 ? QStringLiteral(", signals autovacuum") : QString()));
    QCOMPARE(seenBy(as(QStringLiteral("member"))), QStringLiteral("postgres: superuser, team: own rights"));
    QCOMPARE(seenBy(as(QStringLiteral("signaller"))), QStringLiteral("postgres: superuser, team:, signals"));
    // A member that does not inherit has to SET ROLE first: the server asks for inherited rights.
    QCOMPARE(seenBy(as(QStringLiteral("outsider"))), QStringLiteral("postgres: superuser, team:"));
}

void tst_LockReader::readsWhileTheCatalogOfRelationsIsLocked()
{
    const auto holder = m_server->session(QStringLiteral("holder"));
    VERIFY_RESULT(holder->executeOne("SELECT pg_advisory_lock(5)", 5s));
    const auto waiter = m_server->session(QStringLiteral("waiter"));
    const auto vandal = m_server->session(QStringLiteral("vandal"));
    const Reading reading(m_server->conninfo());
    VERIFY_RESULT(vandal->execute("CREATE TABLE unknown_yet (i int)", 5s));
    QVERIFY(reading.read() && reading.read(LockScope::AllTypes)); // warm, as the observer's connection is
    VERIFY_RESULT(vandal->execute("BEGIN; LOCK TABLE pg_catalog.pg_class IN ACCESS EXCLUSIVE MODE", 5s));
    QVERIFY(PQsendQuery(waiter->handle(), "SELECT * FROM unknown_yet"));
    SnapshotPointer snapshot;
    for (const LockScope scope : {LockScope::AdvisoryOnly, LockScope::AllTypes}) {
        QTRY_VERIFY((snapshot = reading.read(scope)) && snapshot->blockers.contains(waiter->claimedPid()));
        QVERIFY2(snapshot->pollDuration < 1s, "it waited until lock_timeout");
        QCOMPARE(snapshot->blockers.value(waiter->claimedPid()), QList<qint32>{vandal->claimedPid()});
        QVERIFY(text(*snapshot).contains(QStringLiteral("5 Exclusive held by holder in postgres")));
        QVERIFY(!snapshot->withoutNames);
    }
    VERIFY_RESULT(vandal->executeOne("ROLLBACK", 5s));
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
        reader.setEveryBackend(i % 2 == 1);
        const auto snapshot = reader.read(i < 5 ? LockScope::AdvisoryOnly : LockScope::AllTypes, 5s);
        VERIFY_RESULT(snapshot);
        QVERIFY(!(*snapshot)->withoutNames);
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

/// Locks and backends are two statements, and a pid may be given out again between them: whoever has it by then must
/// not be shown, and ended, as the holder.
void tst_LockReader::aBackendThatCameAfterTheLocksWereReadHoldsNone()
{
    const auto session = m_server->session();
    const auto locks = session->executeOne(
        "SELECT 100, '3/1', 5::int8, 'ExclusiveLock', true, 1::int2, NULL::int8, NULL::int4[], 0::int8, 7::int8, "
        "'advisory', NULL::int8, NULL::int4, NULL::int2, NULL::text, NULL::xid",
        5s);
    VERIFY_RESULT(locks);
    const auto holder = [&](ServerTime started) {
        LockGathering gathering(LockScope::AdvisoryOnly, 10);
        gathering.takeEvery(*locks);
        Snapshot snapshot;
        snapshot.takenAt = ServerTime(1'000'000us);
        Backend backend;
        backend.id = {.pid = 100, .backendStart = started};
        snapshot.backends.insert(100, std::make_shared<const Backend>(backend));
        gathering.moveTo(snapshot);
        return nodeOf(snapshot.locks.constFirst(), snapshot).backend.backendStart;
    };
    QCOMPARE(holder(ServerTime(999'999us)), std::optional(ServerTime(999'999us)));
    QCOMPARE(holder(ServerTime(1'000'001us)), std::optional<ServerTime>());
    // A clock that was set back an hour makes nobody a stranger.
    QCOMPARE(holder(ServerTime(1h)), std::optional(ServerTime(1h)));
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
    QCOMPARE(virtualTransactionIn("-1/751"), quint64(0xffffffff) << 32 | 751);
    QVERIFY(virtualTransactionIn("-1/751") != virtualTransactionIn("-1/752"));
    QCOMPARE(virtualTransactionIn("nonsense"), 0U);
}

QTEST_GUILESS_MAIN(tst_LockReader)
#include "tst_lockreader.moc"
