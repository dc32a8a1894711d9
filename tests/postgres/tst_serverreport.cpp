#include "app/postgres/libpqconnection.h"
#include "app/postgres/serverinquiry.h"
#include "app/postgres/serverreportreader.h"
#include "app/postgres/sqlfile.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

using namespace lockscope;
using namespace std::chrono_literals;
using test::scalar;

/// What the server page is told, on a real server and by roles of all kinds.
class tst_ServerReport final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void countsTheLockTable();
    void printsSettingsAsShowDoes();
    void tellsWhatOtherSessionsBeginWith();
    void countsConnectionsWhoseTypeIsHidden();
    void namesWhatThisVersionDoesNotHave();
    void tellsTheRightsOfEachRole_data();
    void tellsTheRightsOfEachRole();
    void quotesAHostileRoleInTheGrant();
    void answersWhilePgClassIsLocked();
    void changesNothing();

private:
    [[nodiscard]] Result<ServerReport> report(const QString& role = {});

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_admin;
};

void tst_ServerReport::initTestCase()
{
    m_server = std::make_unique<test::TestServer>(
        QStringLiteral("max_locks_per_transaction = 20\nmax_connections = 30\nmax_prepared_transactions = 10\n"
                       "log_lock_waits = on\nclient_connection_check_interval = 500ms\n"));
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    m_admin = m_server->session();
    VERIFY_RESULT(m_admin->execute("CREATE ROLE nobody LOGIN PASSWORD 'x';"
                                   "CREATE ROLE monitor LOGIN PASSWORD 'x' IN ROLE pg_monitor;"
                                   "CREATE ROLE signaller LOGIN PASSWORD 'x' IN ROLE pg_signal_backend;"
                                   "CREATE ROLE both_of_them LOGIN PASSWORD 'x' IN ROLE pg_monitor, pg_signal_backend;"
                                   "CREATE ROLE chief LOGIN SUPERUSER PASSWORD 'x'",
                                   5s));
}

Result<ServerReport> tst_ServerReport::report(const QString& role)
{
    Conninfo conninfo = m_server->conninfo();
    if (!role.isEmpty())
        conninfo = conninfo.with(QStringLiteral("user"), role).with(QStringLiteral("password"), QStringLiteral("x"));
    LibpqConnection connection;
    if (const auto opened = connection.open(conninfo, 5s); !opened)
        return failure(opened.error());
    const auto server = inquireServer(connection, 5s);
    if (!server)
        return failure(server.error());
    return readServerReport(connection, *server, 5s);
}

void tst_ServerReport::countsTheLockTable()
{
    const auto before = report();
    VERIFY_RESULT(before);
    QCOMPARE(before->lockTable.nominal, qint64{20 * (30 + 10)});
    QCOMPARE(before->maxConnections, qint64{30});
    const auto holder = m_server->session();
    VERIFY_RESULT(holder->executeOne("SELECT count(pg_advisory_lock(i)) FROM generate_series(1, 100) AS i", 5s));
    const auto after = report();
    VERIFY_RESULT(after);
    QCOMPARE(after->lockTable.used - before->lockTable.used, qint64{100});
    QCOMPARE(after->backends - before->backends, qint64{1});
    QVERIFY(after->lockTable.spareBytes.value_or(0) > 0);
}

void tst_ServerReport::printsSettingsAsShowDoes()
{
    const auto found = report();
    VERIFY_RESULT(found);
    QStringList names;
    for (const ServerSetting& setting : found->settings) {
        names.append(setting.name);
        if (setting.exists)
            QCOMPARE(setting.value, scalar(*m_admin, "SHOW " + setting.name.toLatin1()));
        QVERIFY2(!meaning(setting, found->server).isEmpty(), qPrintable(setting.name));
    }
    QCOMPARE(names, lockSettings());
}

/// What the console sets for its own session would be told as everybody's.
void tst_ServerReport::tellsWhatOtherSessionsBeginWith()
{
    VERIFY_RESULT(m_admin->executeOne("ALTER ROLE nobody SET lock_timeout = '90s'", 5s));
    VERIFY_RESULT(m_admin->executeOne("ALTER ROLE nobody SET idle_session_timeout = '2h'", 5s));
    LibpqConnection connection;
    const Conninfo conninfo = m_server->conninfo().with(QStringLiteral("user"), QStringLiteral("nobody"));
    VERIFY_RESULT(connection.open(conninfo.with(QStringLiteral("password"), QStringLiteral("x")), 5s));
    VERIFY_RESULT(connection.executeOne(sqlStatement(QStringLiteral("observer_settings")), 5s));
    const auto server = inquireServer(connection, 5s);
    VERIFY_RESULT(server);
    const auto found = readServerReport(connection, *server, 5s);
    VERIFY_RESULT(found);
    QStringList told;
    for (const ServerSetting& setting : found->settings) {
        if (setting.name.endsWith(QLatin1String("_timeout")) && setting.exists &&
            !setting.name.startsWith(QLatin1String("tcp")))
            told.append(QStringLiteral("%1 %2 (%3)").arg(setting.name, setting.value, setting.source));
    }
    QCOMPARE(told.join(QStringLiteral(", ")),
             QStringLiteral(
                 "deadlock_timeout 200ms (configuration file), lock_timeout 90s (configuration, database or role), "
                 "statement_timeout 0 (default), idle_in_transaction_session_timeout 0 (default), "
                 "idle_session_timeout 2h (configuration, database or role)"));
    VERIFY_RESULT(m_admin->executeOne("ALTER ROLE nobody RESET ALL", 5s));
}

void tst_ServerReport::countsConnectionsWhoseTypeIsHidden()
{
    const auto holder = m_server->session();
    const auto seen = report();
    VERIFY_RESULT(seen);
    const auto hidden = report(QStringLiteral("nobody"));
    VERIFY_RESULT(hidden);
    QVERIFY(seen->backends >= 3);
    QCOMPARE(hidden->backends, seen->backends);
}

void tst_ServerReport::namesWhatThisVersionDoesNotHave()
{
    ServerInfo old;
    old.versionNumber = 120022;
    QCOMPARE(meaning({.name = QStringLiteral("transaction_timeout")}, old),
             QStringLiteral("Not in PostgreSQL 12; it came with 17."));
    QCOMPARE(meaning({.name = QStringLiteral("idle_session_timeout")}, old),
             QStringLiteral("Not in PostgreSQL 12; it came with 14."));
}

void tst_ServerReport::tellsTheRightsOfEachRole_data()
{
    QTest::addColumn<QString>("role");
    QTest::addColumn<QString>("rights");
    QTest::newRow("none") << QStringLiteral("nobody") << QStringLiteral("y n n n");
    QTest::newRow("pg_monitor") << QStringLiteral("monitor") << QStringLiteral("y y n n");
    QTest::newRow("pg_signal_backend") << QStringLiteral("signaller") << QStringLiteral("y n y n");
    QTest::newRow("both") << QStringLiteral("both_of_them") << QStringLiteral("y y y n");
    QTest::newRow("superuser") << QStringLiteral("chief") << QStringLiteral("y y y y");
}

void tst_ServerReport::tellsTheRightsOfEachRole()
{
    QFETCH(QString, role);
    QFETCH(QString, rights);
    const auto found = report(role);
    VERIFY_RESULT(found);
    QStringList has;
    const QList<RightsAdvice> advice = rightsAdvice(*found);
    for (const RightsAdvice& one : advice.sliced(0, 4)) {
        has.append(one.has ? QStringLiteral("y") : QStringLiteral("n"));
        if (!one.has && !one.grant.isEmpty())
            QVERIFY2(one.grant.endsWith(QStringLiteral(" TO \"%1\";").arg(role)), qPrintable(one.grant));
    }
    QCOMPARE(has.join(u' '), rights);
}

void tst_ServerReport::quotesAHostileRoleInTheGrant()
{
    ServerReport made;
    made.server.role = QStringLiteral("x\"; DROP TABLE y; --");
    made.server.versionNumber = 150000;
    QCOMPARE(rightsAdvice(made).at(1).grant, QStringLiteral("GRANT pg_read_all_stats TO \"x\"\"; DROP TABLE y; --\";"));
}

void tst_ServerReport::answersWhilePgClassIsLocked()
{
    // As the observer is: logged in before, and under its lock_timeout.
    LibpqConnection connection;
    VERIFY_RESULT(connection.open(m_server->conninfo(), 5s));
    const auto server = inquireServer(connection, 5s);
    VERIFY_RESULT(server);
    VERIFY_RESULT(connection.executeOne("SET lock_timeout = 200", 5s));
    const auto locker = m_server->session();
    VERIFY_RESULT(locker->execute("BEGIN; LOCK TABLE pg_catalog.pg_class IN ACCESS EXCLUSIVE MODE", 5s));
    const auto report = readServerReport(connection, *server, 5s);
    VERIFY_RESULT(locker->executeOne("ROLLBACK", 5s));
    VERIFY_RESULT(report);
    QVERIFY(report->lockTable.used > 0);
    QCOMPARE(report->settings.size(), lockSettings().size());
    QVERIFY(report->rights.superuser);
}

void tst_ServerReport::changesNothing()
{
    LibpqConnection connection;
    VERIFY_RESULT(connection.open(m_server->conninfo(), 5s));
    VERIFY_RESULT(connection.executeOne("SET default_transaction_read_only = on", 5s));
    const QString before = scalar(connection, "SELECT string_agg(name || setting, ',' ORDER BY name) FROM pg_settings");
    const auto server = inquireServer(connection, 5s);
    VERIFY_RESULT(server);
    VERIFY_RESULT(readServerReport(connection, *server, 5s));
    QCOMPARE(scalar(connection, "SELECT string_agg(name || setting, ',' ORDER BY name) FROM pg_settings"), before);
}

QTEST_GUILESS_MAIN(tst_ServerReport)
#include "tst_serverreport.moc"
