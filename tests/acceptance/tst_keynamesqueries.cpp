#include "tests/acceptance/keynamessuite.h"

using namespace lockscope;
using namespace std::chrono_literals;
using test::query;
using test::scalar;
using Desk = test::KeyNamesDesk;

/// Names of keys that a query fetches from the connected database.
class tst_KeyNamesQueries final : public test::KeyNamesSuite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { openServer(); }
    void cleanupTestCase() { closeServer(); }
    void init()
    {
        Suite::init();
        renewFolder();
    }

    void aLabelQueryNamesKeysOfTheConnectedDatabase()
    {
        Desk desk(file());
        QSignalSpy published(&desk.names, &KeyNames::dictionaryChanged);
        desk.names.setQuery(query("calendars", "SELECT id, name FROM calendars"));
        QVERIFY(!desk.names.queryState(QStringLiteral("calendars")).isForThisServer);
        desk.names.setServer(m_server->conninfo(), m_info);
        QVERIFY(desk.names.queryState(QStringLiteral("calendars")).running);
        QTRY_COMPARE(desk.meaning(m_info.databaseOid, 5, m_info.database), QStringLiteral("Google calendar, ACME"));
        const auto state = desk.names.queryState(QStringLiteral("calendars"));
        QVERIFY(state.isForThisServer && !state.running && state.lastRun && !state.error);
        QCOMPARE(state.rows, 1);
        QCOMPARE(state.firstRows.first().second, QStringLiteral("Google calendar, ACME"));
        // One key in two databases is two locks.
        QVERIFY(desk.meaning(m_info.databaseOid + 1, 5, m_info.database) != QStringLiteral("Google calendar, ACME"));
        QVERIFY(!published.isEmpty());
        desk.names.close();
        QTRY_VERIFY(desk.meaning(m_info.databaseOid, 5, m_info.database) != QStringLiteral("Google calendar, ACME"));
        QVERIFY(!desk.names.queryState(QStringLiteral("calendars")).lastRun);
    }

    void queriesForOtherServersDoNotRun()
    {
        Desk desk(file());
        auto elsewhere = query("a", "SELECT 5, 'elsewhere'");
        elsewhere.host = QStringLiteral("db2");
        auto otherPort = query("b", "SELECT 5, 'other port'");
        otherPort.port = 5433;
        auto otherDatabase = query("c", "SELECT 5, 'other database'");
        otherDatabase.database = QStringLiteral("other");
        auto here = query("d", "SELECT 5, 'here'");
        here.host = QStringLiteral("db1");
        here.port = 5432;
        here.database = m_info.database;
        for (const auto& one : {elsewhere, otherPort, otherDatabase, here})
            desk.names.setQuery(one);
        desk.names.setServer(m_server->conninfo(), m_info);
        QTRY_COMPARE(desk.meaning(m_info.databaseOid, 5, m_info.database), QStringLiteral("here"));
        for (const auto* id : {"a", "b", "c"}) {
            desk.names.runQuery(QString::fromLatin1(id));
            const auto state = desk.names.queryState(QString::fromLatin1(id));
            QVERIFY(!state.isForThisServer && !state.running && !state.lastRun);
        }
    }

    void aFailedRunSaysWhyAndKeepsTheNamesOfTheLastOne()
    {
        Desk desk(file(), 100ms);
        VERIFY_RESULT(
            m_witness->execute("CREATE TABLE vanishing AS SELECT 77::bigint AS id, 'seventy-seven' AS name", 5s));
        desk.names.setQuery(query("v", "SELECT id, name FROM vanishing"));
        desk.names.setServer(m_server->conninfo(), m_info);
        QTRY_COMPARE(desk.meaning(m_info.databaseOid, 77, m_info.database), QStringLiteral("seventy-seven"));
        VERIFY_RESULT(m_witness->execute("DROP TABLE vanishing", 5s));
        QTRY_VERIFY(desk.names.queryState(QStringLiteral("v")).error);
        QVERIFY(desk.names.queryState(QStringLiteral("v")).error->serverWords.contains(QStringLiteral("vanishing")));
        QCOMPARE(desk.meaning(m_info.databaseOid, 77, m_info.database), QStringLiteral("seventy-seven"));
    }

    void queriesAreAskedAgainByThemselves()
    {
        Desk desk(file(), 50ms);
        VERIFY_RESULT(m_witness->execute("CREATE TABLE growing AS SELECT 1::bigint AS id, 'first' AS name", 5s));
        desk.names.setQuery(query("g", "SELECT id, name FROM growing"));
        desk.names.setServer(m_server->conninfo(), m_info);
        QTRY_COMPARE(desk.names.queryState(QStringLiteral("g")).rows, 1);
        VERIFY_RESULT(m_witness->execute("INSERT INTO growing VALUES (1234567, 'second')", 5s));
        QTRY_COMPARE(desk.meaning(m_info.databaseOid, 1234567, m_info.database), QStringLiteral("second"));
    }

    void theAnswerToAnEarlierTextOfAQueryIsDropped()
    {
        Desk desk(file());
        desk.names.setServer(m_server->conninfo(), m_info);
        desk.names.setQuery(query("q", "SELECT 4321, 'early' || pg_sleep(0.3)::text"));
        desk.names.runQuery(QStringLiteral("q"));
        QVERIFY(desk.names.queryState(QStringLiteral("q")).running);
        desk.names.setQuery(query("q", "SELECT 4321, 'late' || pg_sleep(0.6)::text"));
        QVERIFY(!desk.names.queryState(QStringLiteral("q")).running);
        desk.names.runQuery(QStringLiteral("q"));
        QStringList meanings;
        connect(&desk.names, &KeyNames::dictionaryChanged, this,
                [&] { meanings.append(desk.meaning(m_info.databaseOid, 4321, m_info.database)); });
        QTRY_COMPARE(desk.meaning(m_info.databaseOid, 4321, m_info.database), QStringLiteral("late"));
        QVERIFY(!meanings.contains(QStringLiteral("early")));
        desk.names.removeQuery(QStringLiteral("q"));
        QTRY_COMPARE(desk.meaning(m_info.databaseOid, 4321, m_info.database), QString());
    }

    void theAnswerOfAnEarlierServerIsDropped()
    {
        Desk desk(file());
        desk.names.setQuery(query("q", "SELECT 4321, 'slow' || pg_sleep(0.5)::text"));
        auto earlier = m_info;
        earlier.port = 1;
        desk.names.setServer(m_server->conninfo(), earlier);
        QSignalSpy states(&desk.names, &KeyNames::queryStateChanged);
        desk.names.setServer(m_server->conninfo(), m_info);
        QTRY_COMPARE(desk.meaning(m_info.databaseOid, 4321, m_info.database), QStringLiteral("slow"));
        QStringList seen;
        for (const auto& said : std::as_const(states)) {
            const auto state = said.at(1).value<LabelQueryState>();
            seen.append(state.running ? QStringLiteral("running") : QStringLiteral("finished"));
        }
        QCOMPARE(seen, (QStringList{QStringLiteral("running"), QStringLiteral("finished")}));
    }

    void anEndWithQuestionsOnTheirWayIsNoTrouble()
    {
        const auto running = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'lockscope label query'";
        {
            Desk desk(file());
            desk.names.setQuery(query("q", "SELECT 1, 'slow' || pg_sleep(0.5)::text"));
            desk.names.setServer(m_server->conninfo(), m_info);
            QTRY_COMPARE(scalar(*m_witness, running), QStringLiteral("1"));
        }
        QTRY_COMPARE(scalar(*m_witness, running), QStringLiteral("0"));
        QCoreApplication::processEvents();
    }

    void readOnlyRunsNoLabelQuery()
    {
        const auto victim = m_server->session(QStringLiteral("victim"));
        const auto pid = QByteArray::number(victim->claimedPid());
        Desk desk(file());
        desk.names.setReadOnly(true);
        // A read-only transaction does not stop this.
        desk.names.setQuery(query("q", QByteArray("SELECT 1, pg_terminate_backend(" + pid + ")::text").constData()));
        desk.names.setServer(m_server->conninfo(), m_info);
        desk.names.runQuery(QStringLiteral("q"));
        const auto state = desk.names.queryState(QStringLiteral("q"));
        QVERIFY(!state.running && !state.lastRun);
        QVERIFY(state.error);
        QVERIFY2(state.error->what.contains(QStringLiteral("--read-only")), qPrintable(state.error->what));
        QCOMPARE(scalar(*m_witness, "SELECT count(*) FROM pg_stat_get_activity(" + pid + ")"), QStringLiteral("1"));
    }
};

QTEST_GUILESS_MAIN(tst_KeyNamesQueries)
#include "tst_keynamesqueries.moc"
