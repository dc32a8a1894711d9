#include "app/lab/labsql.h"
#include "app/postgres/cureerrand.h"
#include "app/postgres/lockreader.h"
#include "app/postgres/serverinquiry.h"
#include "app/postgres/sqlfile.h"
#include "tests/support/recordedsession.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QDir>

using namespace lockscope;
using namespace std::chrono_literals;
using test::scalar;

/// A database whose owner set traps in the schema public, which everybody searches by default: operators that fit our
/// statements better than those of pg_catalog, so that the parser prefers them. Each of them raises an error; a real
/// one would run with the rights of whoever looks at the locks.
class tst_SqlSafety final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void findsTheTraps();
    void runsNothingThatADatabaseDefines_data();
    void runsNothingThatADatabaseDefines();
    void identifiesAndReadsThere();
    void namesTheHoldersThere();
    void terminatesThere();

private:
    [[nodiscard]] Conninfo trapped() const
    {
        return m_server->conninfo().with(QStringLiteral("dbname"), QStringLiteral("trapped"));
    }
    std::unique_ptr<test::TestServer> m_server;
};

void tst_SqlSafety::initTestCase()
{
    m_server = std::make_unique<test::TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    VERIFY_RESULT(m_server->session()->executeOne("CREATE DATABASE trapped", 20s));
    LibpqConnection owner;
    VERIFY_RESULT(owner.open(trapped(), 5s));
    VERIFY_RESULT(owner.execute(R"(
DO $do$
DECLARE
    pair record;
BEGIN
    FOR pair IN
        SELECT o.name, l.type AS l, r.type AS r,
               CASE WHEN o.name IN ('=', '<', '>', '<>') THEN 'boolean' ELSE l.type END AS answer
          FROM unnest('{*,+,=,<,>,<>,|,<<}'::text[]) AS o(name),
               unnest('{smallint,integer,bigint,numeric,double precision,oid,text,name}'::text[]) AS l(type),
               unnest('{smallint,integer,bigint,numeric,double precision,oid,text,name}'::text[]) AS r(type)
         WHERE NOT EXISTS (SELECT FROM pg_operator AS p
                            WHERE p.oprname = o.name AND p.oprleft = l.type::regtype AND p.oprright = r.type::regtype)
    LOOP
        EXECUTE format('CREATE OR REPLACE FUNCTION public.trap(%s, %s) RETURNS %s LANGUAGE plpgsql AS '
                       '$f$BEGIN RAISE EXCEPTION ''trapped''; END$f$', pair.l, pair.r, pair.l);
        IF pair.answer = 'boolean' THEN
            EXECUTE format('CREATE OR REPLACE FUNCTION public.trap_boolean(%s, %s) RETURNS boolean LANGUAGE plpgsql AS '
                           '$f$BEGIN RAISE EXCEPTION ''trapped''; END$f$', pair.l, pair.r);
            EXECUTE format('CREATE OPERATOR public.%s (FUNCTION = public.trap_boolean, LEFTARG = %s, RIGHTARG = %s)',
                           pair.name, pair.l, pair.r);
        ELSE
            EXECUTE format('CREATE OPERATOR public.%s (FUNCTION = public.trap, LEFTARG = %s, RIGHTARG = %s)',
                           pair.name, pair.l, pair.r);
        END IF;
    END LOOP;
END
$do$)",
                                20s));
}

void tst_SqlSafety::findsTheTraps()
{
    LibpqConnection visitor;
    VERIFY_RESULT(visitor.open(trapped(), 5s));
    const auto answer = visitor.executeOne("SELECT extract(epoch FROM now()) * 1000000", 5s);
    QVERIFY(!answer);
    QVERIFY2(answer.error().serverWords.contains(QStringLiteral("trapped")), qPrintable(answer.error().serverWords));
}

void tst_SqlSafety::runsNothingThatADatabaseDefines_data()
{
    QTest::addColumn<QString>("name");
    const QStringList files = QDir(QStringLiteral(":/sql")).entryList({QStringLiteral("*.sql")});
    QVERIFY(files.size() > 20);
    for (const QString& file : files) {
        const QString name = file.chopped(4);
        QTest::newRow(qPrintable(name)) << name;
    }
}

void tst_SqlSafety::runsNothingThatADatabaseDefines()
{
    QFETCH(const QString, name);
    LibpqConnection visitor;
    VERIFY_RESULT(visitor.open(trapped(), 5s));
    VERIFY_RESULT(visitor.executeOne("SELECT pg_catalog.pg_advisory_lock(5), pg_catalog.pg_advisory_lock(-1)", 5s));
    // Whatever the parameters mean: 0 and numbers beyond int4 are other types to the parser.
    for (const QByteArray number : {"0", "4294967295"}) {
        QByteArray statement = sqlStatement(name);
        statement.replace("%1::oid, %2::oid, %3", "1259::oid, 1259::oid, 0"); // an object that is there
        const QByteArray pid = QByteArray::number(visitor.claimedPid());
        statement.replace("{%1}", '{' + pid + '}').replace(":pid", pid).replace(":watched", pid);
        statement.replace(":objsubid", "1").replace("%3", "1");
        statement.replace(":key", "7"); // an advisory key: digits, sign and comma
        statement.replace(":claimed", pid).replace(":timeout", "5000").replace(":waiting", "1000");
        statement.replace(":questions", "(0, 'calendar'::pg_catalog.text, true, '0'::pg_catalog.int8)");
        statement.replace(":lesson_backends", pid).replace(":lesson_objsubids", "1");
        statement.replace(":lock_timeout", "20000").replace(":check_interval", "500");
        statement.replace(":class ", number + ' ').replace(":class\n", number + '\n');
        for (const char* lesson : {":lesson_classids", ":lesson_objids"})
            statement.replace(lesson, number);
        for (const char* large : {":backend_start", ":transaction", ":prepared_at", ":classid", ":objid", "%1", "%2"})
            statement.replace(large, number);
        const auto answer = visitor.executeOne(statement, 5s);
        // Another version's column is no trap.
        if (!answer && answer.error().sqlState != QStringLiteral("42703"))
            QFAIL(qPrintable(answer.error().serverWords));
    }
}

void tst_SqlSafety::identifiesAndReadsThere()
{
    LibpqConnection visitor;
    VERIFY_RESULT(visitor.open(trapped(), 5s));
    const auto server = inquireServer(visitor, 5s);
    VERIFY_RESULT(server);
    QCOMPARE(server->database, QStringLiteral("trapped"));
    LockReader reader(visitor, *server, 1000); // without its settings, as behind a pooler
    for (const LockScope scope : {LockScope::AdvisoryOnly, LockScope::AllTypes})
        VERIFY_RESULT(reader.read(scope, 5s));
}

void tst_SqlSafety::namesTheHoldersThere()
{
    test::RecordedSession alice(trapped(), QStringLiteral("alice"));
    test::RecordedSession bob(trapped(), QStringLiteral("bob"));
    QVERIFY(alice.open());
    QVERIFY(bob.open());
    QCOMPARE(alice.acquire(LockKey::bigint(-1)).kind, OutcomeKind::Acquired);
    const Outcome refused = bob.acquire(LockKey::bigint(-1), {.wait = WaitPolicy::Try});
    QCOMPARE(refused.kind, OutcomeKind::HeldElsewhere);
    QCOMPARE(refused.holders.size(), 1);
}

void tst_SqlSafety::terminatesThere()
{
    LibpqConnection victim;
    VERIFY_RESULT(victim.open(trapped(), 5s));
    const auto server = inquireServer(victim, 5s);
    VERIFY_RESULT(server);
    const auto ended = cureBackendApart(trapped(),
                                        {.kind = CureKind::TerminateBackend,
                                         .backend = {.pid = server->backendPid, .backendStart = server->backendStart},
                                         .systemIdentifier = server->systemIdentifier},
                                        5s)
                           .result();
    QVERIFY2(ended.result == CureResult::Done, qPrintable(ended.sentence));
}

QTEST_GUILESS_MAIN(tst_SqlSafety)
#include "tst_sqlsafety.moc"
