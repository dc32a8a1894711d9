#include "tests/models/explanationstage.h"
#include "tests/support/suite.h"

using namespace lockscope;
using test::preparedSession;
using test::serverTime;
using test::SnapshotMaker;
using test::twoPods;
using Stage = test::ExplanationStage;

class TestExplanation : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void tellsAWaitForAnIdleHolder()
    {
        Stage stage;
        twoPods(stage);
        stage.look(15);
        QCOMPARE(stage.lock(1240, false),
                 QStringLiteral("1240 (pod-b) has waited 12.0 s for key 5 in shop. It is held by 1234 (pod-a) for 15.0 "
                                "s or longer. That session has been idle for 20.0 s, outside any transaction, so the "
                                "lock is session-level: only that session, or its end, releases it. It is released "
                                "when 1234 (pod-a) itself calls pg_advisory_unlock(5), or ends."));
    }

    void tellsWhatCausesAWaitBeforeWhatTheWaitCosts()
    {
        Stage stage;
        stage.maker.held(5, 1).waiting(5, 2, 30, {1});
        stage.maker.backend(1, [](Backend& backend) {
            backend.state = QStringLiteral("idle in transaction");
            backend.transactionStart = test::serverTime(10);
            backend.stateChange = test::serverTime(20);
        });
        stage.maker.backend(2, [](Backend& backend) { backend.backendXmin = 750; });
        stage.look();
        QStringList titles;
        for (const Diagnosis& diagnosis : explainSession(stage.id(2), *stage.view, {}).diagnoses)
            titles.append(diagnosis.title);
        QCOMPARE(titles.join(QStringLiteral(", ")), QStringLiteral("Idle in transaction, Vacuum held back"));
    }

    void tellsTheHolderAndWhoIsStuckBehindIt()
    {
        Stage stage;
        twoPods(stage);
        stage.look(15);
        QCOMPARE(stage.lock(1234, true),
                 QStringLiteral("1234 (pod-a) has held key 5 in shop for 15.0 s or longer. It has been idle for 20.0 "
                                "s, outside any transaction, so the lock is session-level: only that session, or its "
                                "end, releases it. It is released when 1234 (pod-a) itself calls "
                                "pg_advisory_unlock(5), or ends. 1 session is stuck "
                                "behind it, for 12.0 s."));
    }

    void saysHowLongExactlyWhenTheLockWasSeenToCome()
    {
        Stage stage;
        stage.maker.backend(7, {});
        stage.look(30);
        stage.maker.held(5, 7);
        stage.look(8);
        QVERIFY2(stage.lock(7, true).startsWith(QStringLiteral("7 (pod) has held key 5 in shop for 8.0 s.")),
                 qPrintable(stage.lock(7, true)));
    }

    void tellsTheQueueAheadAndCountsWhoIsNotDrawn()
    {
        Stage stage;
        stage.maker.held(5, 1).waiting(5, 2, 80, {1}).waiting(5, 3, 85, {1, 2}).waiting(5, 4, 90, {1, 2, 3});
        stage.look();
        const QString text = explainLock(*stage.row(4, false), *stage.view, {}).situation;
        QCOMPARE(text, QStringLiteral("4 (pod) has waited 10.0 s for key 5 in shop. It is held by 1 (pod). "
                                      "Ahead of it in the queue stand 3 (pod) and 1 more."));
    }

    void aSharedKeyIsSaidToBeShared()
    {
        Stage stage;
        stage.maker.held(5, 1, LockMode::Share).held(5, 2, LockMode::Share).waiting(5, 3, 95, {1, 2});
        stage.look();
        QCOMPARE(explainLock(*stage.row(3, false), *stage.view, {}).situation,
                 QStringLiteral("3 (pod) has waited 5.0 s for key 5 in shop. It is held, shared, by 1 (pod) and 2 "
                                "(pod)."));
        QVERIFY(stage.lock(3, false).contains(QStringLiteral("It goes on when all of them have let go; begin with")));
        QVERIFY(stage.lock(1, true).contains(QStringLiteral("holds key 5 in shop (shared).")));
        QVERIFY(stage.lock(1, true).contains(QStringLiteral("pg_advisory_unlock_shared(5)")));
    }

    void aRoleWithoutRightsIsToldSo()
    {
        Stage stage;
        twoPods(stage);
        stage.maker.backend(1234, [](Backend& backend) {
            backend.restricted = true;
            backend.state.clear();
            backend.query.clear();
            backend.backendType.clear();
            backend.stateChange.reset();
            backend.id.backendStart.reset();
        });
        stage.look();
        QCOMPARE(stage.lock(1240, false),
                 QStringLiteral("1240 (pod-b) has waited 12.0 s for key 5 in shop. It is held by 1234 (pod-a). "
                                "This role may not see what that session is doing; a role with "
                                "pg_read_all_stats does. Ending session 1234 (pod-a) releases it."));
        QVERIFY(stage.found().isEmpty());
    }

    void aPreparedTransactionIsNamedByItsGid()
    {
        Stage stage;
        stage.maker.prepared(5, preparedSession).waiting(5, 1240, 90, {0});
        stage.prepared(QStringLiteral("pay-17"), 7500);
        stage.look();
        QCOMPARE(stage.lock(1240, false),
                 QStringLiteral("1240 (pod) has waited 10.0 s for key 5 in shop. It is held by prepared transaction "
                                "'pay-17'. A prepared transaction belongs to no session: it keeps "
                                "its locks, even through a restart, until it is committed or rolled back. It was "
                                "prepared 2 h 05 m ago by billing. COMMIT PREPARED or ROLLBACK PREPARED of 'pay-17' "
                                "releases it, in shop."));
        QCOMPARE(nodeName(stage.id(0), *stage.view), QStringLiteral("prepared transaction 'pay-17'"));
        QCOMPARE(stage.found(), QStringList{QStringLiteral("prepared-forgotten 0 suspected")});
    }

    void aPreparedTransactionWithoutAGidStaysUnnamed()
    {
        Stage stage;
        stage.maker.prepared(5, preparedSession).waiting(5, 1240, 90, {0});
        stage.look();
        QVERIFY(stage.lock(1240, false).contains(QStringLiteral("held by a prepared transaction")));
        QVERIFY(stage.lock(0, true).startsWith(QStringLiteral("A prepared transaction holds key 5")));
        QVERIFY(stage.found().isEmpty());
    }

    void theStartupProcessCannotBeEnded()
    {
        Stage stage;
        stage.maker.backend(88, [](Backend& backend) {
            backend.backendType = QStringLiteral("startup");
            backend.applicationName.clear();
            backend.state.clear();
        });
        stage.maker.held(9, 1240);
        stage.change = [](Snapshot& snapshot) {
            Stage::other(snapshot, 88, Stage::relation(16384), LockMode::AccessExclusive, true);
            Stage::other(snapshot, 1240, Stage::relation(16384), LockMode::AccessShare, false, {88}, 5);
        };
        stage.look();
        QCOMPARE(
            stage.session(1240),
            QStringLiteral("1240 (pod) has waited 5.0 s for Access Share on relation 16384 in shop. Startup process "
                           "(pid 88) holds Access Exclusive on it. The startup process replays what the primary "
                           "did, its Access Exclusive locks too, and lets go when replay comes to the end of that "
                           "transaction. It can be neither cancelled nor terminated. On a standby, queries that "
                           "are in the way of replay are cancelled after max_standby_streaming_delay."));
    }

    void autovacuumGivesWayUnlessItPreventsWraparound()
    {
        Stage stage;
        const auto worker = [&stage](const char* query) {
            stage.maker.backend(93, [query](Backend& backend) {
                backend.backendType = QStringLiteral("autovacuum worker");
                backend.applicationName.clear();
                backend.state = QStringLiteral("active");
                backend.query = QString::fromLatin1(query);
            });
        };
        worker("autovacuum: VACUUM public.orders");
        stage.maker.backend(1240);
        stage.change = [](Snapshot& snapshot) {
            Stage::other(snapshot, 93, Stage::relation(16384), LockMode::ShareUpdateExclusive, true);
            Stage::other(snapshot, 1240, Stage::relation(16384), LockMode::AccessExclusive, false, {93}, 0.4);
        };
        stage.look();
        QCOMPARE(
            stage.session(1240),
            QStringLiteral("1240 (pod) has waited 0.4 s for Access Exclusive on relation 16384 in shop. Autovacuum "
                           "worker (pid 93) holds Share Update Exclusive on it. An autovacuum worker gives way by "
                           "itself when somebody has waited for deadlock_timeout. Waiting a moment is enough, "
                           "mostly. As it asks for Access Exclusive, everybody who comes after it waits too, "
                           "readers included."));
        worker("autovacuum: VACUUM public.orders (to prevent wraparound)");
        stage.look();
        QVERIFY(stage.session(1240).contains(QStringLiteral("prevents wraparound of transaction ids and does not")));
    }

    void aParallelWorkerIsSpokenOfAsItsLeader()
    {
        Stage stage;
        stage.session(3431, "report", "active", 40, "SELECT sum(x) FROM big");
        stage.session(3432, "report", "active", 40, "SELECT sum(x) FROM big", [](Backend& backend) {
            backend.leaderPid = 3431;
            backend.backendType = QStringLiteral("parallel worker");
        });
        stage.maker.backend(1240);
        stage.change = [](Snapshot& snapshot) {
            Stage::other(snapshot, 3432, Stage::relation(16384), LockMode::AccessShare, true);
            Stage::other(snapshot, 3431, Stage::relation(16384), LockMode::AccessShare, true);
            Stage::other(snapshot, 1240, Stage::relation(16384), LockMode::AccessExclusive, false, {3431}, 9);
        };
        stage.look();
        QVERIFY2(stage.session(1240).contains(QStringLiteral("3431 (report) holds Access Share on it. That session has "
                                                             "been running \"SELECT sum(x) FROM big\" for 40.0 s.")),
                 qPrintable(stage.session(1240)));
        QVERIFY(!stage.session(1240).contains(QStringLiteral("3432")));
    }

    void followsAChainOfThreeLevelsAcrossTypesToItsEnd()
    {
        Stage stage;
        stage.maker.held(5, 20).waiting(5, 30, 60, {20});
        stage.session(10, "report", "idle in transaction", 300, "SELECT count(*) FROM orders",
                      [](Backend& backend) { backend.transactionStart = serverTime(100 - 330); });
        stage.session(20, "migrate", "active", 50, "CREATE INDEX CONCURRENTLY i ON orders (id)");
        stage.session(30, "migrate", "active", 40, "SELECT pg_advisory_lock(5)");
        stage.change = [](Snapshot& snapshot) {
            const LockTarget target = Stage::ofType(LockType::VirtualXid, (4ULL << 32) | 20U);
            Stage::other(snapshot, 10, target, LockMode::Exclusive, true);
            Stage::other(snapshot, 20, target, LockMode::Share, false, {10}, 50);
        };
        stage.look();
        QCOMPARE(stage.lock(30, false),
                 QStringLiteral("30 (migrate) has waited 40.0 s for key 5 in shop. It is held by 20 (migrate). "
                                "20 (migrate) waits itself, 50.0 s now, for virtual transaction 4/20 to "
                                "end. At the end of the chain stands 10 (report). That session is idle inside a "
                                "transaction that has been open for 5 m 30 s. It lets go when its client commits or "
                                "rolls back. Have 10 (report) commit or roll back; ending the session rolls back."));
        QVERIFY(stage.session(20).contains(QStringLiteral("That is a transaction of 10 (report). Statements such as "
                                                          "CREATE INDEX CONCURRENTLY wait like this")));
        QVERIFY(stage.session(10).contains(
            QStringLiteral("2 sessions are stuck behind it, the longest for 50.0 s, together for 1 m 30 s.")));
        QVERIFY(stage.lock(20, true).contains(QStringLiteral("Begin at the end of the chain, with 10 (report).")));
        const Explanation told = explainLock(*stage.row(30, false), *stage.view, {});
        QCOMPARE(told.diagnoses.size(), 1); // of the end of the chain
        QCOMPARE(stage.summary(told.diagnoses.first()), QStringLiteral("idle-in-transaction 10 certain"));
    }

    void aWaitForARowIsAWaitForATransaction()
    {
        Stage stage;
        stage.session(10, "web", "idle in transaction", 5, "UPDATE orders SET x = 1");
        stage.maker.backend(20);
        stage.change = [](Snapshot& snapshot) {
            const LockTarget target = Stage::ofType(LockType::TransactionId, 751);
            Stage::other(snapshot, 10, target, LockMode::Exclusive, true);
            Stage::other(snapshot, 20, target, LockMode::Share, false, {10}, 3);
        };
        stage.look();
        QVERIFY2(stage.session(20).startsWith(QStringLiteral(
                     "20 (pod) has waited 3.0 s for transaction 751 to end. That is a transaction of 10 (web). A wait "
                     "for a transaction is mostly a wait for a row that it changed or locked.")),
                 qPrintable(stage.session(20)));
    }

    void neverClaimsABlockerThatTheServerDidNotName()
    {
        Stage stage;
        stage.maker.waiting(7, 7, 97, {});
        stage.look();
        QCOMPARE(stage.lock(7, false),
                 QStringLiteral("7 (pod) has waited 3.0 s for key 7 in shop. The server did not say who it waits "
                                "for."));
    }

    void aWaitWithoutAStartIsAtLeastAsOldAsItWasSeen()
    {
        Stage stage;
        stage.maker.held(5, 1).waiting(5, 2, std::nullopt, {1});
        stage.look(4);
        QVERIFY2(stage.lock(2, false).startsWith(QStringLiteral("2 (pod) has waited at least 4.0 s for key 5")),
                 qPrintable(stage.lock(2, false)));
    }

    void aBlockerThatIsNotListedIsSaidToBeMissing()
    {
        Stage stage;
        stage.maker.waiting(5, 2, 97, {4711});
        stage.look();
        QCOMPARE(stage.lock(2, false),
                 QStringLiteral("2 (pod) has waited 3.0 s for key 5 in shop. The server says that pid 4711 holds it "
                                "up; what was read does not show how. It was not among the sessions when they were "
                                "read: it may have ended meanwhile."));
    }

    void anActiveHolderIsToldWithItsStatementAndPasswordsAreMasked()
    {
        Stage stage;
        twoPods(stage);
        stage.session(1234, "pod-a", "active", 9, "ALTER ROLE x PASSWORD 'secret'");
        stage.look();
        QVERIFY2(stage.lock(1240, false)
                     .contains(QStringLiteral("That session has been running \"ALTER ROLE x PASSWORD '***'\" for 9.0 "
                                              "s. It may come free when the statement of 1234 (pod-a) is done.")),
                 qPrintable(stage.lock(1240, false)));
    }

    void anIdleTransactionMayHoldAKeyEitherWay()
    {
        Stage stage;
        twoPods(stage);
        stage.session(1234, "pod-a", "idle in transaction (aborted)", 9, "SELECT 1");
        stage.look();
        QVERIFY2(stage.lock(1234, true)
                     .contains(QStringLiteral("It is idle inside a transaction. The transaction has failed and waits "
                                              "to be rolled back. Whether the lock goes with the transaction cannot "
                                              "be seen.")),
                 qPrintable(stage.lock(1234, true)));
    }

    void aWaitThatHoldsBackVacuumSaysSo()
    {
        Stage stage;
        twoPods(stage);
        stage.maker.backend(1240, [](Backend& backend) {
            backend.backendXmin = 750;
            backend.transactionStart = serverTime(88);
        });
        stage.look();
        QVERIFY(stage.lock(1240, false)
                    .endsWith(QStringLiteral("While it waits it holds back vacuum in shop: its snapshot is up to 12.0 "
                                             "s old.")));
    }

    void aGoneLockIsOnlyRemembered()
    {
        Stage stage;
        stage.maker.held(5, 1).backend(1);
        stage.look();
        Stage later;
        SnapshotMaker empty(101);
        const LockViewPointer view = stage.builder.update(empty.make()).view;
        QCOMPARE(explainLock(view->rows.first(), *view, {}).text(),
                 QStringLiteral("1 (pod) held key 5 in shop. The lock is no longer there."));
    }

    void aSessionThatHoldsNothingIsToldToo()
    {
        Stage stage;
        stage.session(7, "pod", "idle", 30, "SELECT 1");
        stage.look();
        QCOMPARE(stage.session(7),
                 QStringLiteral("7 (pod) holds no lock that was read, and nobody waits for it. It has been idle for "
                                "30.0 s, outside any transaction."));
        const WaitNodeId ended{.backend = {.pid = 9, .backendStart = serverTime(1)}};
        QCOMPARE(explainSession(ended, *stage.view, {}).text(), QStringLiteral("Pid 9 is not there any more."));
        QVERIFY(explainSession({}, *stage.view, {}).text().isEmpty());
    }

    void theMeaningOfAKeyStandsBesideIt()
    {
        Stage stage;
        auto dictionary = std::make_shared<KeyDictionary>();
        dictionary->setLabels(
            {KeyLabel{.what = LockKey::bigint(5), .database = {}, .text = QStringLiteral("calendar sync")}});
        stage.dictionary = dictionary;
        twoPods(stage);
        stage.look();
        QVERIFY2(stage.lock(1240, false)
                     .startsWith(QStringLiteral("1240 (pod-b) has waited 12.0 s for key 5 (calendar sync) in shop.")),
                 qPrintable(stage.lock(1240, false)));
    }

    void hostileNamesStayTextAndAreNotReplacedAgain_data()
    {
        QTest::addColumn<QString>("payload");
        QTest::newRow("places") << QStringLiteral("%1 %2 %3");
        QTest::newRow("markup") << QStringLiteral("<b>&amp;</b>");
        QTest::newRow("mnemonic") << QStringLiteral("a & b");
        QTest::newRow("parenthesis") << QStringLiteral("x) is gone (");
        QTest::newRow("lines") << QStringLiteral("a\nb\u202Ec");
    }
    void hostileNamesStayTextAndAreNotReplacedAgain()
    {
        QFETCH(QString, payload);
        Stage stage;
        twoPods(stage);
        for (const qint32 pid : {1234, 1240})
            stage.maker.backend(pid, [&](Backend& backend) {
                backend.applicationName = payload;
                backend.query = payload + QStringLiteral(" 5");
                backend.stateChange = serverTime(20);
            });
        stage.change = [&](Snapshot& snapshot) { snapshot.databaseNames.insert(test::shop, payload); };
        stage.look();
        const QString text = explainLock(*stage.row(1240, false), *stage.view, {}).text();
        const QString shown = nodeName(stage.id(1234), *stage.view);
        QVERIFY2(shown.contains(payload.contains(u'\n') ? QStringLiteral("a\u2424bc") : payload), qPrintable(shown));
        QVERIFY2(text.contains(QStringLiteral("held by ") + shown), qPrintable(text));
        QVERIFY2(text.contains(QStringLiteral("has waited 12.0 s for key 5 in ")), qPrintable(text));
        QVERIFY(!text.contains(QChar(0x202e)));
        QVERIFY(payload.contains(u'%') || !text.contains(u'%'));
    }

    void anEmptyViewHasNothingToSay()
    {
        const LockView empty;
        QVERIFY(diagnosesOf(empty, ServerInfo{}).isEmpty());
        QCOMPARE(nodeName({.backend = {.pid = 7}}, empty), QStringLiteral("pid 7"));
        LockRow row;
        row.lock.target = LockTarget::advisory(test::shop, LockKey::bigint(5));
        row.lock.backend.pid = 7;
        QCOMPARE(explainLock(row, empty, {}).text(),
                 QStringLiteral("Pid 7 waits for key 5 in database 5. The server did not say who it waits for."));
    }
};

QTEST_GUILESS_MAIN(TestExplanation)

#include "tst_explanation.moc"
