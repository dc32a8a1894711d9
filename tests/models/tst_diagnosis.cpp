#include "models/diagnosisquery.h"
#include "tests/models/explanationstage.h"
#include "tests/support/suite.h"

using namespace lockscope;
using test::serverTime;
using test::SnapshotMaker;
using test::twoPods;
using Stage = test::ExplanationStage;

class TestDiagnosis : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void aLeakIsCertainWhenTheLastStatementIsSomethingElse()
    {
        Stage stage;
        twoPods(stage, "SELECT 1", 192);
        stage.maker.held(LockKey::bigint(6), 1234);
        stage.look();
        QCOMPARE(stage.evidence(DiagnosisKind::LeakedSessionLock),
                 QStringLiteral("Leaked session lock: 1234 (pod-a) has been idle for 3 m 12 s, outside any "
                                "transaction, and still holds key 5 in shop and 1 more advisory lock. Its last "
                                "statement has nothing to do with locks: \"SELECT 1\"."));
        QCOMPARE(stage.found(), QStringList{QStringLiteral("leaked-session-lock 1234 certain")});
        const Explanation told = explainLock(*stage.row(1240, false), *stage.view, {});
        QCOMPARE(told.diagnoses.size(), 1); // told of the waiter too: it is its holder
    }

    void aLeakIsSuspectedWhenTheHolderMayMeanToHold()
    {
        Stage stage;
        twoPods(stage, "SELECT pg_try_advisory_lock(5)", 192);
        stage.look();
        QCOMPARE(stage.found(), QStringList{QStringLiteral("leaked-session-lock 1234 suspected")});
        QVERIFY(stage.evidence(DiagnosisKind::LeakedSessionLock).contains(QStringLiteral("may mean to hold on")));
    }

    void aLeakNeedsTime()
    {
        Stage young;
        twoPods(young, "SELECT 1", 29);
        young.look();
        QVERIFY(young.found().isEmpty());
    }

    void oneWhoUnlockedItsOwnKeyAndHoldsItStillLockedItTwice()
    {
        Stage stage;
        twoPods(stage, "select pg_advisory_unlock(5)", 60);
        stage.look();
        QCOMPARE(stage.found(), QStringList{QStringLiteral("leaked-session-lock 1234 certain")});
        QVERIFY(stage.evidence(DiagnosisKind::LeakedSessionLock).contains(QStringLiteral("locked more than once")));
    }

    void anUnlockOnAnotherConnectionIsCertainOnlyWhenTheKeyWasHeldBefore()
    {
        Stage stage;
        twoPods(stage, "SELECT pg_advisory_lock(5)", 60);
        stage.session(1250, "pod-a", "idle", 8, "SELECT pg_advisory_unlock('5'::bigint)", [](Backend& backend) {
            backend.clientAddress = QStringLiteral("10.0.0.7");
            backend.clientPort = 4711;
        });
        stage.look();
        QCOMPARE(stage.found(), QStringList{QStringLiteral("wrong-connection-unlock 1234 certain")});
        QCOMPARE(stage.evidence(DiagnosisKind::WrongConnectionUnlock),
                 QStringLiteral("Unlocked on the wrong connection: 1250 (pod-a) ran \"SELECT "
                                "pg_advisory_unlock('5'::bigint)\" 8.0 s ago, when 1234 (pod-a) already held key 5 in "
                                "shop; 1234 (pod-a) holds it still. Both are application \"pod-a\": they look like two "
                                "connections of one pool. That call released nothing: it returned false with a "
                                "warning, if it ran at all."));
        // An unlock that came before the holder locked is a normal hand-over.
        stage.session(1250, "pod-a", "idle", 70, "SELECT pg_advisory_unlock(5)");
        stage.look();
        QCOMPARE(stage.found(), QStringList{QStringLiteral("leaked-session-lock 1234 suspected")});
    }

    void anUnlockOfAnotherKeyFormOrDatabaseIsNoSign()
    {
        for (const char* const query : {"SELECT pg_advisory_unlock(6)", "SELECT pg_advisory_unlock(0, 5)",
                                        "SELECT 'pg_advisory_unlock(5)'", "SELECT pg_advisory_unlock_all()"}) {
            Stage stage;
            twoPods(stage, "SELECT 1", 20);
            stage.session(1250, "pod-a", "idle", 8, query);
            stage.look();
            QVERIFY2(stage.found().isEmpty(), query);
        }
        Stage elsewhere;
        twoPods(elsewhere, "SELECT 1", 20);
        elsewhere.session(1250, "pod-a", "idle", 8, "SELECT pg_advisory_unlock(5)",
                          [](Backend& backend) { backend.databaseOid = test::depot; });
        elsewhere.look();
        QVERIFY(elsewhere.found().isEmpty());
    }

    void anUnlockWhoseKeyCannotBeSeenIsSuspectedWithinOnePool()
    {
        Stage stage;
        twoPods(stage, "SELECT pg_advisory_lock($1)", 20);
        stage.session(1250, "pod-a", "idle", 8, "SELECT pg_advisory_unlock($1)");
        stage.look();
        QCOMPARE(stage.found(), QStringList{QStringLiteral("wrong-connection-unlock 1234 suspected")});
        QVERIFY(stage.evidence(DiagnosisKind::WrongConnectionUnlock)
                    .contains(QStringLiteral("which key it unlocked cannot be seen")));
        stage.session(1250, "other", "idle", 8, "SELECT pg_advisory_unlock($1)");
        stage.look();
        QVERIFY(stage.found().isEmpty());
    }

    void aSharedKeyMayHaveBeenUnlockedByBoth()
    {
        Stage stage;
        stage.maker.held(5, 1234, LockMode::Share);
        stage.session(1234, "pod-a", "idle", 20, "SELECT pg_advisory_lock_shared(5)");
        stage.session(1250, "pod-a", "idle", 8, "SELECT pg_advisory_unlock_shared(5)");
        stage.look();
        QCOMPARE(stage.found(), QStringList{QStringLiteral("wrong-connection-unlock 1234 suspected")});
    }

    void idleInTransactionIsToldAfterTenSeconds()
    {
        Stage stage;
        twoPods(stage);
        const auto open = [](Backend& backend) { backend.transactionStart = serverTime(40); };
        stage.session(1234, "pod-a", "idle in transaction", 9, "SELECT 1", open);
        stage.look();
        QVERIFY(stage.found().isEmpty());
        stage.session(1234, "pod-a", "idle in transaction", 11, "SELECT 1", open);
        stage.look();
        QCOMPARE(stage.evidence(DiagnosisKind::IdleInTransaction),
                 QStringLiteral("Idle in transaction: 1234 (pod-a) has been idle for 11.0 s inside a transaction that "
                                "has been open for 1 m 00 s. What it locked in it stays locked until it ends. Its last "
                                "statement was \"SELECT 1\"."));
    }

    void manyPodsOnOneKeyAreCounted()
    {
        Stage stage;
        stage.maker.held(5, 1);
        for (qint32 pid = 10; pid < 14; ++pid)
            stage.maker.waiting(5, pid, 60 + pid, {1});
        stage.look();
        QVERIFY(stage.found().isEmpty());
        stage.maker.waiting(5, 14, 90, {1});
        for (qint32 pid = 10; pid < 15; ++pid)
            stage.maker.backend(
                pid, [pid](Backend& backend) { backend.clientAddress = QStringLiteral("10.0.0.%1").arg(pid % 3); });
        stage.look();
        QCOMPARE(stage.found(), QStringList{QStringLiteral("many-wait-on-one-key 1 certain")});
        QCOMPARE(stage.evidence(DiagnosisKind::ManyWaitOnOneKey),
                 QStringLiteral("Many wait for one key: 5 sessions wait for key 5 in shop. All are application "
                                "\"pod\". They come from 3 addresses. The longest has waited 30.0 s."));
    }

    void vacuumIsHeldBackByAWaitOfMoreThanAMinute()
    {
        Stage stage;
        stage.maker.held(5, 1).waiting(5, 2, 30, {1});
        stage.maker.backend(2, [](Backend& backend) { backend.backendXmin = 750; });
        stage.look();
        QCOMPARE(stage.evidence(DiagnosisKind::VacuumHeldBack),
                 QStringLiteral("Vacuum held back: 2 (pod) keeps a snapshot (xmin 750) while it waits, for 1 m 10 s "
                                "now."));
    }

    void aPoolerAndAFullLockTableAreMattersOfTheServer()
    {
        Stage stage;
        stage.maker.held(5, 1).total(3200);
        stage.server = ServerInfo{};
        stage.server->lockCapacity = 6400;
        stage.look();
        QCOMPARE(stage.evidence(DiagnosisKind::LockTableFilling),
                 QStringLiteral("Lock table filling up: 3200 advisory locks alone are there, of 6400 locks of any kind "
                                "that the lock table is made for (50 %)."));
        stage.maker.total(5120);
        stage.look();
        QVERIFY(stage.evidence(DiagnosisKind::LockTableFilling).startsWith(QStringLiteral("Lock table nearly full")));
        stage.maker.total(3199);
        stage.server->claimedPid = 7;
        stage.server->backendPid = 501;
        stage.look();
        QCOMPARE(stage.found(), QStringList{QStringLiteral("transaction-pooler - certain")});
        QCOMPARE(stage.evidence(DiagnosisKind::TransactionPooler),
                 QStringLiteral("A pooler stands in between: This console was told that its backend is 7, and the "
                                "backend itself says it is 501."));
        stage.server->claimedPid = 501;
        stage.look();
        QCOMPARE(stage.found(), QStringList());
        stage.server->backendOlderThanLogin = true;
        stage.look();
        QCOMPARE(stage.evidence(DiagnosisKind::TransactionPooler),
                 QStringLiteral("A pooler stands in between: The backend of this console, 501, was running before the "
                                "console connected."));
    }

    void aCircleIsADeadlockAndToldOnce()
    {
        Stage stage;
        stage.maker.held(5, 1).held(6, 2).waiting(6, 1, 99, {2}).waiting(5, 2, 99.5, {1});
        stage.look();
        QCOMPARE(stage.found().size(), 1);
        const QString evidence = stage.evidence(DiagnosisKind::Deadlock);
        QVERIFY2(evidence == QStringLiteral("Deadlock: They wait for each other in a circle: 1 (pod) waits for 2 "
                                            "(pod), which waits for 1 (pod).") ||
                     evidence == QStringLiteral("Deadlock: They wait for each other in a circle: 2 (pod) waits for 1 "
                                                "(pod), which waits for 2 (pod)."),
                 qPrintable(evidence));
        QVERIFY2(stage.lock(1, false).contains(QStringLiteral("The sessions ahead of it wait for it in turn: a "
                                                              "deadlock. The server ends one of the statements "
                                                              "itself, when somebody has waited for "
                                                              "deadlock_timeout.")),
                 qPrintable(stage.lock(1, false)));
    }

    void whatHarmsMoreComesFirst()
    {
        Stage stage;
        stage.maker.held(5, 1).held(6, 2).waiting(6, 3, 80, {2});
        stage.session(1, "a", "idle", 90, "SELECT 1");
        stage.session(2, "b", "idle", 60, "SELECT pg_advisory_lock(6)");
        stage.look();
        QCOMPARE(stage.found(), (QStringList{QStringLiteral("leaked-session-lock 2 suspected"),
                                             QStringLiteral("leaked-session-lock 1 certain")}));
    }

    void readsAdvisoryCalls_data()
    {
        QTest::addColumn<QString>("statement");
        QTest::addColumn<QString>("calls");
        const auto row = [](const char* statement, const char* calls) {
            QTest::newRow(statement) << QString::fromUtf8(statement) << QString::fromUtf8(calls);
        };
        row("SELECT pg_advisory_unlock(5)", "5");
        row("select PG_Advisory_Unlock ( -5 )", "-5");
        row("SELECT pg_catalog.pg_advisory_unlock(5::bigint), 1", "5");
        row("SELECT a, pg_advisory_unlock('7'::int8), pg_advisory_unlock(1, -2)", "7 (1, -2)");
        row("SELECT pg_advisory_unlock(CAST('9' AS bigint))", "9");
        row("SELECT pg_advisory_unlock(bigint '12')", "12");
        row("SELECT \"pg_advisory_unlock\"((+3))", "3");
        row("SELECT pg_advisory_unlock_shared(5)", "shared 5");
        row("BEGIN; SELECT pg_advisory_unlock(9223372036854775807);", "9223372036854775807");
        row("SELECT pg_advisory_unlock(9223372036854775808)", "unseen");
        row("SELECT pg_advisory_unlock($1)", "unseen");
        row("SELECT pg_advisory_unlock($1, $2)", "unseen");
        row("SELECT pg_advisory_unlock(hashtext('x'))", "unseen");
        row("SELECT pg_advisory_unlock(1 + 1)", "unseen");
        row("SELECT pg_advisory_unlock(1.5)", "unseen");
        row("SELECT pg_advisory_unlock(0x10)", "unseen");
        row("SELECT pg_advisory_unlock(1, 3000000000)", "unseen");
        row("SELECT pg_advisory_unlock(1, 2, 3)", "unseen");
        row("SELECT pg_advisory_unlock(", "unseen");
        row("SELECT pg_advisory_unlock", "unseen");
        row("SELECT 'pg_advisory_unlock(5)'", "none");
        row("SELECT E'\\' pg_advisory_unlock(5)'", "none");
        row("SELECT $x$ pg_advisory_unlock(5) $x$", "none");
        row("SELECT 1 -- pg_advisory_unlock(5)", "none");
        row("SELECT 1 /* a /* b */ pg_advisory_unlock(5) */", "none");
        row("SELECT 1 -- it's\n, pg_advisory_unlock(5)", "5");
        row("SELECT my_pg_advisory_unlock(5)", "none");
        row("SELECT pg_advisory_unlock_all()", "none");
        row("SELECT pg_try_advisory_xact_lock(5)", "locks");
        row("SELECT 1", "nothing");
        row("", "nothing");
    }
    void readsAdvisoryCalls()
    {
        QFETCH(QString, statement);
        QFETCH(QString, calls);
        const AdvisoryCalls read = advisoryCallsIn(statement);
        QStringList words;
        for (const AdvisoryCalls::Unlock& unlock : read.unlocks)
            words.append((unlock.shared ? QStringLiteral("shared ") : QString()) + unlock.key.toString());
        if (read.unlocksUnseen)
            words.append(QStringLiteral("unseen"));
        if (read.locks)
            words.append(QStringLiteral("locks"));
        if (words.isEmpty())
            words.append(read.mentionsLocks ? QStringLiteral("none") : QStringLiteral("nothing"));
        QCOMPARE(words.join(u' '), calls);
    }

    void hostileStatementsCostNoMoreThanTheirBeginning()
    {
        const QString call = QStringLiteral("pg_advisory_unlock(5),");
        QCOMPARE(advisoryCallsIn(call.repeated(200'000)).unlocks.size(), 64);
        QVERIFY(advisoryCallsIn(QStringLiteral("pg_advisory_unlock(").repeated(200'000)).unlocks.isEmpty());
        QVERIFY(advisoryCallsIn(QStringLiteral("pg_advisory_unlock(") + QString(200'000, u'(')).unlocksUnseen);
        QVERIFY(advisoryCallsIn(QStringLiteral("lock /*").repeated(200'000)).unlocks.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestDiagnosis)

#include "tst_diagnosis.moc"
