#include "app/postgres/libpqconnection.h"
#include "app/postgres/lockreader.h"
#include "app/postgres/serverinquiry.h"
#include "app/postgres/targetnamer.h"
#include "models/lockview.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QDeadlineTimer>
#include <QSignalSpy>

using namespace lockscope;
using namespace std::chrono_literals;
using test::scalar;

/// Names of what is locked, on a real server.
class tst_TargetNamer final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void namesTablesIndexesAndToastTables();
    void namesSharedCatalogsAndNeverConfusesThemWithARelationOfThatNumber();
    void namesARelationOfAnotherDatabaseFromInsideIt();
    void givesNoNameToANumberOfAnotherDatabase();
    void namesOtherObjects();
    void learnsTheNameOfATableThatIsCommittedLater();
    void doesNotHangWhilePgClassIsLocked();
    void saysWhyADatabaseCannotBeRead();
    void asksTheHostThatWasReachedOfSeveral();
    void anAnswerOfTheServerBeforeIsDropped();
    void endsAtOnceWhileItWaits();

private:
    [[nodiscard]] ServerInfo serverInfo() const;
    [[nodiscard]] quint32 oid(LibpqConnection& session, const QByteArray& name) const;
    [[nodiscard]] QString name(const ObjectAddress& address) const;

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_admin;
    QHash<quint32, QString> m_databases;
    quint32 m_here = 0;
    quint32 m_elsewhere = 0;
};

ServerInfo tst_TargetNamer::serverInfo() const
{
    LibpqConnection connection;
    if (!connection.open(m_server->conninfo(), 5s))
        return {};
    return inquireServer(connection, 5s).value_or(ServerInfo{});
}

quint32 tst_TargetNamer::oid(LibpqConnection& session, const QByteArray& name) const
{
    return scalar(session, "SELECT '" + name + "'::regclass::oid").toUInt();
}

QString tst_TargetNamer::name(const ObjectAddress& address) const
{
    const TargetNamesPointer names = namesOnce(m_server->conninfo(), serverInfo(), {address}, m_databases);
    const ObjectName found = names->names.value(address);
    return QStringList{found.kind, found.name, found.note}.join(u'|');
}

void tst_TargetNamer::initTestCase()
{
    m_server = std::make_unique<test::TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    m_admin = m_server->session();
    VERIFY_RESULT(m_admin->executeOne("CREATE DATABASE elsewhere", 20s));
    VERIFY_RESULT(m_admin->execute(R"(
CREATE SCHEMA "Shop";
CREATE TABLE "Shop".orders (id int PRIMARY KEY, note text);
CREATE TYPE mood AS ENUM ('calm');
)",
                                   5s));
    const auto rows = m_admin->executeOne("SELECT oid::int8, datname FROM pg_database", 5s);
    VERIFY_RESULT(rows);
    for (int row = 0; row < rows->rows(); ++row)
        m_databases.insert(static_cast<quint32>(rows->int64(row, 0)), rows->text(row, 1));
    m_here = serverInfo().databaseOid;
    m_elsewhere = m_databases.key(QStringLiteral("elsewhere"));
    QVERIFY(m_here != 0 && m_elsewhere != 0);
}

void tst_TargetNamer::namesTablesIndexesAndToastTables()
{
    const quint32 table = oid(*m_admin, "\"Shop\".orders");
    QCOMPARE(name({m_here, relationCatalog, table, 0}), QStringLiteral("table|\"Shop\".orders|"));
    QCOMPARE(name({m_here, relationCatalog, oid(*m_admin, "\"Shop\".orders_pkey"), 0}),
             QStringLiteral("index|\"Shop\".orders_pkey|index of \"Shop\".orders"));
    const quint32 toast =
        scalar(*m_admin, "SELECT reltoastrelid FROM pg_class WHERE oid = '\"Shop\".orders'::regclass").toUInt();
    QCOMPARE(name({m_here, relationCatalog, toast, 0}),
             QStringLiteral("TOAST table|pg_toast.pg_toast_%1|TOAST table of \"Shop\".orders").arg(table));
}

void tst_TargetNamer::namesSharedCatalogsAndNeverConfusesThemWithARelationOfThatNumber()
{
    const quint32 shared = oid(*m_admin, "pg_database");
    QCOMPARE(name({0, relationCatalog, shared, 0}), QStringLiteral("table|pg_catalog.pg_database|"));
    QCOMPARE(name({m_here, relationCatalog, shared, 0}), QStringLiteral("||"));
    QCOMPARE(name({0, relationCatalog, oid(*m_admin, "\"Shop\".orders"), 0}), QStringLiteral("||"));
}

void tst_TargetNamer::namesARelationOfAnotherDatabaseFromInsideIt()
{
    LibpqConnection there;
    VERIFY_RESULT(there.open(m_server->conninfo().with(QStringLiteral("dbname"), QStringLiteral("elsewhere")), 5s));
    VERIFY_RESULT(there.executeOne("CREATE TABLE parcels (id int)", 5s));
    const quint32 table = oid(there, "parcels");
    QCOMPARE(name({m_elsewhere, relationCatalog, table, 0}), QStringLiteral("table|public.parcels|"));
    QCOMPARE(name({m_here, relationCatalog, table, 0}), QStringLiteral("||"));
}

void tst_TargetNamer::givesNoNameToANumberOfAnotherDatabase()
{
    QCOMPARE(name({m_elsewhere, relationCatalog, oid(*m_admin, "\"Shop\".orders"), 0}), QStringLiteral("||"));
    QCOMPARE(name({4'000'000'000U, relationCatalog, 1259, 0}), QStringLiteral("||"));
}

void tst_TargetNamer::namesOtherObjects()
{
    const quint32 type = scalar(*m_admin, "SELECT 'mood'::regtype::oid").toUInt();
    QCOMPARE(name({m_here, 1247, type, 0}), QStringLiteral("type|public.mood|"));
    QCOMPARE(name({m_here, 1247, 4'000'000'000U, 0}), QStringLiteral("||"));
    const quint32 role = scalar(*m_admin, "SELECT oid FROM pg_roles WHERE rolname = 'pg_monitor'").toUInt();
    QCOMPARE(name({0, 1260, role, 0}), QStringLiteral("role|pg_monitor|"));
}

void tst_TargetNamer::learnsTheNameOfATableThatIsCommittedLater()
{
    const auto session = m_server->session();
    VERIFY_RESULT(session->execute("BEGIN; CREATE TABLE later (id int)", 5s));
    const ObjectAddress address{m_here, relationCatalog, oid(*session, "later"), 0};
    QCOMPARE(name(address), QStringLiteral("||"));
    VERIFY_RESULT(session->executeOne("COMMIT", 5s));
    QCOMPARE(name(address), QStringLiteral("table|public.later|"));
}

void tst_TargetNamer::doesNotHangWhilePgClassIsLocked()
{
    TargetNamer namer;
    QSignalSpy learnt(&namer, &TargetNamer::namesLearnt);
    namer.setServer(m_server->conninfo(), serverInfo());
    const ObjectAddress table{m_here, relationCatalog, oid(*m_admin, "\"Shop\".orders"), 0};
    namer.ask({table}, m_databases);
    QTRY_COMPARE(learnt.size(), 1);
    QCOMPARE(learnt.last().first().value<TargetNamesPointer>()->names.size(), 1);

    const auto locker = m_server->session();
    const quint32 type = scalar(*m_admin, "SELECT 'mood'::regtype::oid").toUInt();
    const ObjectAddress index{m_here, relationCatalog, oid(*m_admin, "\"Shop\".orders_pkey"), 0};
    VERIFY_RESULT(locker->execute("BEGIN; LOCK TABLE pg_catalog.pg_class IN ACCESS EXCLUSIVE MODE", 5s));
    namer.ask({table, index, {m_here, 1247, type, 0}}, m_databases);
    QTRY_COMPARE_WITH_TIMEOUT(learnt.size(), 2, 10'000);
    const auto names = learnt.last().first().value<TargetNamesPointer>();
    QVERIFY2(names->troubles.value(m_here).startsWith(QLatin1String("Names in postgres cannot be read now")),
             qPrintable(names->troubles.value(m_here)));
    QCOMPARE(names->names.value(table).name, QStringLiteral("\"Shop\".orders")); // what is known stays
    VERIFY_RESULT(locker->executeOne("ROLLBACK", 5s));
}

void tst_TargetNamer::saysWhyADatabaseCannotBeRead()
{
    VERIFY_RESULT(m_admin->executeOne("CREATE DATABASE closed", 20s));
    VERIFY_RESULT(m_admin->executeOne("REVOKE CONNECT ON DATABASE closed FROM public", 5s));
    VERIFY_RESULT(m_admin->executeOne("CREATE ROLE nobody LOGIN PASSWORD 'x'", 5s));
    const quint32 closed = scalar(*m_admin, "SELECT oid FROM pg_database WHERE datname = 'closed'").toUInt();
    ServerInfo server = serverInfo();
    const Conninfo conninfo = m_server->conninfo()
                                  .with(QStringLiteral("user"), QStringLiteral("nobody"))
                                  .with(QStringLiteral("password"), QStringLiteral("x"));
    const auto names =
        namesOnce(conninfo, server, {{closed, relationCatalog, 16384, 0}}, {{closed, QStringLiteral("closed")}});
    QVERIFY(names->names.isEmpty());
    QVERIFY2(names->troubles.value(closed).startsWith(QLatin1String("Names in closed cannot be read now: ")),
             qPrintable(names->troubles.value(closed)));
}

void tst_TargetNamer::asksTheHostThatWasReachedOfSeveral()
{
    test::TestServer other;
    QVERIFY2(other.problem().isEmpty(), qPrintable(other.problem()));
    const quint32 table = oid(*m_admin, "\"Shop\".orders");
    const auto both = [&](const QString& keyword) {
        return other.conninfo().value(keyword) + u',' + m_server->conninfo().value(keyword);
    };
    const Conninfo conninfo = m_server->conninfo()
                                  .with(QStringLiteral("host"), both(QStringLiteral("host")))
                                  .with(QStringLiteral("port"), both(QStringLiteral("port")));
    // The first of the list was not there when the observer came; it has no such table, or another of that number.
    const auto names = namesOnce(conninfo, serverInfo(), {{m_here, relationCatalog, table, 0}}, m_databases);
    QCOMPARE(names->names.value({m_here, relationCatalog, table, 0}).name, QStringLiteral("\"Shop\".orders"));
}

void tst_TargetNamer::anAnswerOfTheServerBeforeIsDropped()
{
    TargetNamer namer;
    QSignalSpy learnt(&namer, &TargetNamer::namesLearnt);
    namer.setServer(m_server->conninfo(), serverInfo());
    namer.ask({{m_here, relationCatalog, oid(*m_admin, "\"Shop\".orders"), 0}}, m_databases);
    // No event is handled here meanwhile, so the answer waits in the queue of this thread.
    const QByteArray answered = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'lockscope names' AND "
                                "state = 'idle' AND query LIKE '%relisshared%'";
    for (QDeadlineTimer deadline(5s); !deadline.hasExpired() && scalar(*m_admin, answered) == QStringLiteral("0");)
        continue;
    QCOMPARE(scalar(*m_admin, answered), QStringLiteral("1"));
    for (int look = 0; look < 200; ++look) // the server is done; its answer has a few steps left to go
        QCOMPARE(scalar(*m_admin, answered), QStringLiteral("1"));
    namer.setServer(m_server->conninfo(), serverInfo());
    namer.ask({{m_here, relationCatalog, 4'000'000'000U, 0}}, m_databases);
    QTRY_COMPARE(scalar(*m_admin,
                        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'lockscope names' AND "
                        "query LIKE '%4000000000%'"),
                 QStringLiteral("1"));
    QCOMPARE(learnt.size(), 0);
}

void tst_TargetNamer::endsAtOnceWhileItWaits()
{
    const auto locker = m_server->session();
    VERIFY_RESULT(locker->execute("BEGIN; LOCK TABLE pg_catalog.pg_class IN ACCESS EXCLUSIVE MODE", 5s));
    auto namer = std::make_unique<TargetNamer>();
    namer->setServer(m_server->conninfo(), serverInfo());
    namer->ask({{m_here, relationCatalog, 16384, 0}}, m_databases);
    QElapsedTimer timer;
    timer.start();
    namer.reset();
    QVERIFY2(timer.elapsed() < 500, qPrintable(QString::number(timer.elapsed())));
    VERIFY_RESULT(locker->executeOne("ROLLBACK", 5s));
}

QTEST_GUILESS_MAIN(tst_TargetNamer)
#include "tst_targetnamer.moc"
