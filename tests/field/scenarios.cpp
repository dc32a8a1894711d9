#include "tests/field/scenarios.h"

namespace lockscope::test {

using namespace std::chrono_literals;

namespace {

void advisoryAmongOthers(Stage& stage)
{
    stage.enter({QStringLiteral("S1"), QStringLiteral("S2"), QStringLiteral("S3"), QStringLiteral("S4@depot"),
                 QStringLiteral("R1"), QStringLiteral("R2")});
    stage.run(QStringLiteral("S1"), "SELECT pg_advisory_lock(1)");
    stage.run(QStringLiteral("S3"), "SELECT pg_advisory_lock(2)");
    stage.run(QStringLiteral("S4"), "SELECT pg_advisory_lock(1)");
    stage.run(QStringLiteral("R1"), "BEGIN; UPDATE stock SET n = n + 1 WHERE i = 1");
    stage.wait(QStringLiteral("R2"), "UPDATE stock SET n = n + 1 WHERE i = 1");
    stage.wait(QStringLiteral("S2"), "SELECT pg_advisory_lock(1)");
}

void idleHolder(Stage& stage)
{
    stage.enter({QStringLiteral("S1"), QStringLiteral("W")});
    stage.run(QStringLiteral("S1"), "SELECT pg_advisory_lock(1)");
    stage.run(QStringLiteral("S1"), "SELECT 1");
    stage.wait(QStringLiteral("W"), "SELECT pg_advisory_lock(1)");
}

void sharedHolder(Stage& stage)
{
    stage.enter({QStringLiteral("H"), QStringLiteral("W")});
    stage.run(QStringLiteral("H"), "SELECT pg_advisory_lock_shared(1)");
    stage.wait(QStringLiteral("W"), "SELECT pg_advisory_lock(1)");
}

void queue(Stage& stage)
{
    stage.enter({QStringLiteral("H"), QStringLiteral("Q1"), QStringLiteral("Q2"), QStringLiteral("Q3")});
    stage.run(QStringLiteral("H"), "SELECT pg_advisory_lock_shared(1)");
    stage.wait(QStringLiteral("Q1"), "SELECT pg_advisory_lock(1)");
    stage.wait(QStringLiteral("Q2"), "SELECT pg_advisory_lock_shared(1)");
    stage.wait(QStringLiteral("Q3"), "SELECT pg_advisory_lock(1)");
}

void threeUpdates(Stage& stage)
{
    stage.enter({QStringLiteral("R"), QStringLiteral("U1"), QStringLiteral("U2"), QStringLiteral("U3")});
    stage.run(QStringLiteral("R"), "BEGIN; UPDATE stock SET n = n + 1 WHERE i = 1");
    for (const char* update : {"U1", "U2", "U3"})
        stage.wait(QString::fromLatin1(update), "UPDATE stock SET n = n + 1 WHERE i = 1");
}

void preparedTransaction(Stage& stage)
{
    stage.enter({QStringLiteral("P"), QStringLiteral("V"), QStringLiteral("W")});
    stage.run(QStringLiteral("P"), "BEGIN; SELECT pg_advisory_xact_lock(7); LOCK TABLE orders; "
                                   "PREPARE TRANSACTION 'forgotten'");
    stage.afterwards("ROLLBACK PREPARED 'forgotten'");
    stage.wait(QStringLiteral("V"), "SELECT * FROM orders");
    stage.wait(QStringLiteral("W"), "SELECT pg_advisory_lock(7)");
}

void chainAcrossTypes(Stage& stage)
{
    stage.enter(
        {QStringLiteral("S1"), QStringLiteral("S2"), QStringLiteral("S3"), QStringLiteral("C"), QStringLiteral("D")});
    stage.run(QStringLiteral("S1"), "SELECT pg_advisory_lock(1)");
    stage.run(QStringLiteral("S2"), "BEGIN; LOCK TABLE orders");
    stage.wait(QStringLiteral("S2"), "SELECT pg_advisory_lock(1)");
    // Waits for every transaction that may not see the index yet: S2 has a snapshot while it waits.
    stage.wait(QStringLiteral("C"), "CREATE INDEX CONCURRENTLY ON invoices (i)");
    stage.wait(QStringLiteral("S3"), "SELECT * FROM orders");
    stage.wait(QStringLiteral("D"), "ALTER TABLE invoices ADD COLUMN later int");
}

void unresolvedDeadlock(Stage& stage)
{
    stage.enter({QStringLiteral("D1"), QStringLiteral("D2")});
    for (const char* one : {"D1", "D2"})
        stage.run(QString::fromLatin1(one), "SET deadlock_timeout = '1h'");
    stage.run(QStringLiteral("D1"), "SELECT pg_advisory_lock(1)");
    stage.run(QStringLiteral("D2"), "SELECT pg_advisory_lock(2)");
    stage.wait(QStringLiteral("D1"), "SELECT pg_advisory_lock(2)");
    stage.wait(QStringLiteral("D2"), "SELECT pg_advisory_lock(1)");
}

void equalOids(Stage& stage)
{
    stage.enter({QStringLiteral("B@depot"), QStringLiteral("A"), QStringLiteral("W")});
    stage.run(QStringLiteral("B"), "BEGIN; LOCK TABLE archive");
    stage.run(QStringLiteral("A"), "BEGIN; LOCK TABLE orders");
    stage.wait(QStringLiteral("W"), "SELECT * FROM orders");
}

void sharedCatalog(Stage& stage)
{
    stage.enter({QStringLiteral("H"), QStringLiteral("W")});
    stage.run(QStringLiteral("H"), "BEGIN; LOCK TABLE pg_shdescription IN EXCLUSIVE MODE");
    stage.wait(QStringLiteral("W"), "COMMENT ON DATABASE depot IS 'a copy'");
}

void signsAndPairs(Stage& stage)
{
    stage.enter({QStringLiteral("H1"), QStringLiteral("H2"), QStringLiteral("H3"), QStringLiteral("H4"),
                 QStringLiteral("W1"), QStringLiteral("W3")});
    stage.run(QStringLiteral("H1"), "SELECT pg_advisory_lock(-1)");
    stage.run(QStringLiteral("H2"), "SELECT pg_advisory_lock(-1, -1)");
    stage.run(QStringLiteral("H3"), "SELECT pg_advisory_lock(1259, 7)");
    stage.run(QStringLiteral("H4"), "SELECT pg_advisory_lock(1259::bigint << 32 | 7)");
    stage.wait(QStringLiteral("W1"), "SELECT pg_advisory_lock(-1)");
    stage.wait(QStringLiteral("W3"), "SELECT pg_advisory_lock(1259, 7)");
}

void takenThreeTimes(Stage& stage)
{
    stage.enter({QStringLiteral("H"), QStringLiteral("W")});
    for (int i = 0; i < 3; ++i)
        stage.run(QStringLiteral("H"), "SELECT pg_advisory_lock(1)");
    stage.run(QStringLiteral("H"), "SELECT pg_advisory_unlock(1)");
    stage.wait(QStringLiteral("W"), "SELECT pg_advisory_lock(1)");
}

void lockedCatalog(Stage& stage)
{
    stage.enter({QStringLiteral("S1"), QStringLiteral("S2"), QStringLiteral("V"), QStringLiteral("W")});
    stage.run(QStringLiteral("S1"), "SELECT pg_advisory_lock(1)");
    stage.wait(QStringLiteral("S2"), "SELECT pg_advisory_lock(1)");
    stage.run(QStringLiteral("V"), "CREATE TABLE made_just_now (i int)");
    stage.run(QStringLiteral("V"), "BEGIN; LOCK TABLE made_just_now, pg_catalog.pg_class");
    stage.wait(QStringLiteral("W"), "SELECT * FROM orders");
    stage.afterwards("DROP TABLE made_just_now");
}

void fullLockTable(Stage& stage)
{
    stage.enter({QStringLiteral("S1"), QStringLiteral("S2"), QStringLiteral("hog")});
    stage.run(QStringLiteral("S1"), "SELECT pg_advisory_lock(1)");
    stage.wait(QStringLiteral("S2"), "SELECT pg_advisory_lock(1)");
    stage.runInVain(QStringLiteral("hog"), "SELECT count(pg_advisory_lock(i)) FROM generate_series(1000, 200000) AS i",
                    QStringLiteral("53200"));
}

} // namespace

const QList<Scenario>& scenarios()
{
    const auto truth = [](const char* edges, const char* roots, const char* implied = "", const char* cycles = "") {
        return Truth{.edges = QString::fromLatin1(edges),
                     .implied = QString::fromLatin1(implied),
                     .roots = QString::fromLatin1(roots),
                     .cycles = QString::fromLatin1(cycles)};
    };
    static const QList<Scenario> all{
        {.name = "advisory key among others",
         .title = QStringLiteral("Advisory key and row; others hold other keys, and the same key in another database"),
         .truth = truth("R2<R1, S2<S1", "R1 S1"),
         .play = advisoryAmongOthers},
        {.name = "idle holder",
         .title = QStringLiteral("An idle session forgot a key"),
         .truth = truth("W<S1", "S1"),
         .play = idleHolder},
        {.name = "role without rights",
         .title = QStringLiteral("The first, seen by a role without `pg_monitor`"),
         .truth = truth("R2<R1, S2<S1", "R1 S1"),
         .play = advisoryAmongOthers,
         .withoutRights = true},
        {.name = "shared holder",
         .title = QStringLiteral("A key held shared, wanted exclusive"),
         .truth = truth("W<H", "H"),
         .play = sharedHolder},
        {.name = "queue",
         .title = QStringLiteral("A queue: one waits for another that only waits, too"),
         .truth = truth("Q1<H, Q2<Q1 soft, Q3<H, Q3<Q2 soft", "H", "Q3<Q1 soft"),
         .play = queue},
        {.name = "three updates of a row",
         .title = QStringLiteral("Three updates wait for one row"),
         .truth = truth("U1<R, U2<U1, U3<U1, U3<U2 soft", "R"),
         .play = threeUpdates},
        {.name = "prepared transaction",
         .title = QStringLiteral("A prepared transaction holds a key and a table"),
         .truth = truth("V<'forgotten', W<'forgotten'", "'forgotten'"),
         .play = preparedTransaction},
        {.name = "chain across types",
         .title = QStringLiteral("A chain over key, table and virtual transaction (`CREATE INDEX CONCURRENTLY`)"),
         .truth = truth("C<S2, D<C, S2<S1, S3<S2", "S1"),
         .play = chainAcrossTypes},
        {.name = "unresolved deadlock",
         .title = QStringLiteral("A deadlock that is not resolved yet"),
         .truth = truth("D1<D2, D2<D1", "", "", "D1 D2"),
         .play = unresolvedDeadlock},
        {.name = "equal oids",
         .title = QStringLiteral("Tables with the same oid in two databases"),
         .truth = truth("W<A", "A"),
         .play = equalOids},
        {.name = "shared catalog",
         .title = QStringLiteral("A catalog shared by all databases"),
         .truth = truth("W<H", "H"),
         .play = sharedCatalog},
        {.name = "signs and pairs",
         .title = QStringLiteral("Keys below zero, and pairs with the same bits"),
         .truth = truth("W1<H1, W3<H3", "H1 H3"),
         .play = signsAndPairs},
        {.name = "taken three times",
         .title = QStringLiteral("A key taken three times, released once"),
         .truth = truth("W<H", "H"),
         .play = takenThreeTimes},
        {.name = "locked catalog",
         .title = QStringLiteral("`pg_class` locked exclusively"),
         .truth = truth("S2<S1, W<V", "S1 V"),
         .play = lockedCatalog},
        {.name = "full lock table",
         .title = QStringLiteral("The lock table is full"),
         .truth = truth("S2<S1", "S1"),
         .play = fullLockTable},
    };
    return all;
}

QString prepareForScenarios(const TestServer& server)
{
    const auto words = [](const Error& error) { return error.what + u' ' + error.serverWords; };
    const auto admin = server.session();
    for (const char* sql : {"CREATE ROLE visitor LOGIN PASSWORD 'visitor'", "CREATE DATABASE shop"}) {
        if (const auto done = admin->executeOne(sql, 30s); !done)
            return words(done.error());
    }
    const auto runIn = [&](const char16_t* database, const QByteArray& sql) -> QString {
        LibpqConnection session;
        const auto opened =
            session.open(server.conninfo().with(QStringLiteral("dbname"), QString::fromUtf16(database)), 10s);
        if (!opened)
            return words(opened.error());
        const auto done = session.execute(sql, 30s);
        return done ? QString() : words(done.error());
    };
    QString problem = runIn(shopDatabase, "CREATE TABLE orders (i int); CREATE TABLE invoices (i int); "
                                          "CREATE TABLE stock (i int, n int); INSERT INTO stock VALUES (1, 0)");
    if (!problem.isEmpty())
        return problem;
    // It waits for a few seconds until the session above has ended.
    if (const auto done = admin->executeOne("CREATE DATABASE depot TEMPLATE shop", 30s); !done)
        return words(done.error());
    return runIn(depotDatabase, "ALTER TABLE orders RENAME TO archive");
}

} // namespace lockscope::test
