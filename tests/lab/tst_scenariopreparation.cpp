#include "app/lab/pooler/pgbouncer.h"
#include "app/lab/scenario/scenariorun.h"
#include "tests/lab/lessonrunner.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QSignalSpy>

#include <libpq-fe.h>

using namespace lockscope;
using namespace std::chrono_literals;

/// What a lesson looks at before it begins: whether it can run, and whether anybody else uses its keys.
class tst_ScenarioPreparation final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void cleanup();

    void aForeignHolderIsNamedAndLeftAlone();
    void aForeignWaiterIsNamedAndLeftAlone();
    void theSameKeyInAnotherDatabaseIsNobodysBusiness();
    void whatAnEarlierRunLeftIsRemovedFirst();
    void aForeignPreparedTransactionIsLeftAlone();
    void noServerIsAFailureNotAReport();
    void aMissingClientProgramIsAFailureNotAReport();
    void aServerThatIsTooOldIsAFailure();
    void tooFewPreparedTransactionsAreAFailure();
    void aPoolerInFrontOfTheServerIsAFailure();

private:
    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_observer;
};

void tst_ScenarioPreparation::initTestCase()
{
    qputenv("LOCKSCOPE_CLIENT", LOCKSCOPE_CLIENT_FILE);
    m_server = std::make_unique<test::TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    m_observer = m_server->session(QStringLiteral("observer"));
}

void tst_ScenarioPreparation::cleanupTestCase()
{
    m_observer.reset();
    m_server.reset();
}

/// Whatever a test did, its lesson has left nothing.
void tst_ScenarioPreparation::cleanup()
{
    QCOMPARE(test::leftOnServer(*m_observer), QString());
}

void tst_ScenarioPreparation::aForeignHolderIsNamedAndLeftAlone()
{
    const auto foreign = m_server->session(QStringLiteral("%1 payroll"));
    VERIFY_RESULT(foreign->execute("SELECT pg_advisory_lock(5); CREATE TABLE lockscope_lab_test (i int)", 5s));
    ScenarioRun run(test::lessonOf(test::entangledLesson()), m_server->conninfo());
    QSignalSpy stepped(&run, &ScenarioRun::stepFinished);
    const Error error = test::fail(run);
    QCOMPARE(error.kind, ErrorKind::Server);
    QCOMPARE(error.what, QStringLiteral("Key 5 is held by pid %1 (%2), which is not part of this lesson.")
                             .arg(QString::number(foreign->claimedPid()), QStringLiteral("%1 payroll")));
    QVERIFY(stepped.isEmpty());
    QCOMPARE(test::scalar(*m_observer, "SELECT count(*) FROM pg_class WHERE relname LIKE 'lockscope%'"),
             QStringLiteral("1")); // not even the reset statements were run
    QCOMPARE(test::scalar(*foreign, "SELECT pg_advisory_unlock(5)"), QStringLiteral("t"));
    VERIFY_RESULT(foreign->executeOne("DROP TABLE lockscope_lab_test", 5s));
}

void tst_ScenarioPreparation::aForeignWaiterIsNamedAndLeftAlone()
{
    // What an earlier run left holds the key, so that the waiter is the only stranger.
    VERIFY_RESULT(
        m_observer->execute("BEGIN; SELECT pg_advisory_xact_lock(5); PREPARE TRANSACTION 'lockscope lab test'", 5s));
    const auto foreign = m_server->session(QStringLiteral("payroll"));
    QVERIFY(PQsendQuery(foreign->handle(), "SELECT pg_advisory_lock(5)"));
    QTRY_COMPARE(test::scalar(*m_observer, "SELECT count(*) FROM pg_locks WHERE NOT granted"), QStringLiteral("1"));
    ScenarioRun run(
        test::lessonOf("actors: {a: {kind: session}}\nsteps:\n  - {act: try, actor: a, key: 5, expect: true}\n"),
        m_server->conninfo());
    const Error error = test::fail(run);
    VERIFY_RESULT(m_observer->execute("ROLLBACK PREPARED 'lockscope lab test'", 5s));
    QCOMPARE(error.what, QStringLiteral("Key 5 is waited for by pid %1 (payroll), which is not part of this lesson.")
                             .arg(foreign->claimedPid()));
    foreign->close();
    QTRY_COMPARE(test::scalar(*m_observer, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"),
                 QStringLiteral("0"));
    QVERIFY(test::finish(run).ok); // the same run, now that the key is free
}

void tst_ScenarioPreparation::theSameKeyInAnotherDatabaseIsNobodysBusiness()
{
    VERIFY_RESULT(m_observer->execute("CREATE DATABASE elsewhere", 20s));
    LibpqConnection foreign;
    VERIFY_RESULT(foreign.open(m_server->conninfo().with(QStringLiteral("dbname"), QStringLiteral("elsewhere")), 5s));
    VERIFY_RESULT(foreign.execute("SELECT pg_advisory_lock(5), pg_advisory_lock(0, 5)", 5s));
    ScenarioRun run(test::lessonOf(test::entangledLesson()), m_server->conninfo());
    const ScenarioReport report = test::finish(run);
    QVERIFY2(report.ok, qPrintable(test::textOf(report)));
    QCOMPARE(test::scalar(foreign, "SELECT pg_advisory_unlock(5)"), QStringLiteral("t"));
    foreign.close();
}

void tst_ScenarioPreparation::whatAnEarlierRunLeftIsRemovedFirst()
{
    const auto crashed = m_server->session(QStringLiteral("crashed"));
    VERIFY_RESULT(crashed->execute("CREATE TABLE lockscope_lab_test (i int)", 5s));
    VERIFY_RESULT(
        crashed->execute("BEGIN; SELECT pg_advisory_xact_lock(5); PREPARE TRANSACTION 'lockscope lab test'", 5s));
    ScenarioDocument document = test::lessonOf(test::entangledLesson());
    document.reset.append(QStringLiteral("ROLLBACK PREPARED 'lockscope lab test'"));
    ScenarioRun run(document, m_server->conninfo());
    const ScenarioReport report = test::finish(run);
    QVERIFY2(report.ok, qPrintable(test::textOf(report)));
}

void tst_ScenarioPreparation::aForeignPreparedTransactionIsLeftAlone()
{
    const auto foreign = m_server->session(QStringLiteral("foreign"));
    VERIFY_RESULT(foreign->execute("BEGIN; SELECT pg_advisory_xact_lock(5); PREPARE TRANSACTION 'payroll'", 5s));
    ScenarioRun run(test::lessonOf(test::entangledLesson()), m_server->conninfo());
    const Error error = test::fail(run);
    VERIFY_RESULT(foreign->execute("ROLLBACK PREPARED 'payroll'", 5s));
    QCOMPARE(error.what, QStringLiteral("Key 5 is held by the prepared transaction \"payroll\", which is not part of "
                                        "this lesson."));
}

void tst_ScenarioPreparation::noServerIsAFailureNotAReport()
{
    ScenarioRun run(test::lessonOf(test::entangledLesson()),
                    m_server->conninfo().with(QStringLiteral("port"), QStringLiteral("1")));
    QCOMPARE(test::fail(run).kind, ErrorKind::Connection);
}

void tst_ScenarioPreparation::aMissingClientProgramIsAFailureNotAReport()
{
    qputenv("LOCKSCOPE_CLIENT", "/nonexistent/lockscope-client");
    ScenarioRun run(test::lessonOf(test::entangledLesson()), m_server->conninfo());
    const Error error = test::fail(run);
    qputenv("LOCKSCOPE_CLIENT", LOCKSCOPE_CLIENT_FILE);
    QVERIFY2(error.what.contains(QStringLiteral("lockscope-client is missing")), qPrintable(error.what));
}

void tst_ScenarioPreparation::aServerThatIsTooOldIsAFailure()
{
    ScenarioDocument document = test::lessonOf(test::entangledLesson());
    document.minimumVersion = 99;
    ScenarioRun run(document, m_server->conninfo());
    QVERIFY(test::fail(run).what.startsWith(QStringLiteral("This lesson needs PostgreSQL 99 or later; this is ")));
}

void tst_ScenarioPreparation::tooFewPreparedTransactionsAreAFailure()
{
    ScenarioDocument document = test::lessonOf(test::entangledLesson());
    document.preparedTransactions = 1000;
    ScenarioRun run(document, m_server->conninfo());
    QVERIFY(test::fail(run).what.startsWith(
        QStringLiteral("This lesson needs max_prepared_transactions of at least 1000;")));
}

void tst_ScenarioPreparation::aPoolerInFrontOfTheServerIsAFailure()
{
    PgBouncer pooler(m_server->conninfo(), {.mode = PoolerMode::Transaction});
    QSignalSpy started(&pooler, &PgBouncer::started);
    pooler.start();
    QTRY_COMPARE_WITH_TIMEOUT(started.size(), 1, 15000);
    ScenarioRun run(test::lessonOf(test::entangledLesson()), pooler.conninfo());
    const Error error = test::fail(run);
    QVERIFY2(error.what.contains(QStringLiteral("pooler")), qPrintable(error.what));
}

QTEST_GUILESS_MAIN(tst_ScenarioPreparation)
#include "tst_scenariopreparation.moc"
