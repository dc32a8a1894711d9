#include "tests/domain/waitgraphtext.h"
#include "tests/support/suite.h"

using namespace lockscope;
using namespace lockscope::test;

class WaitGraphTest final : public Suite
{
    Q_OBJECT

private Q_SLOTS:
    void isEmptyWhereNobodyWaits()
    {
        const WaitGraph graph = graphOf(SnapshotMaker(10).held(5, 1).held(7, 2));
        QVERIFY(graph.isEmpty());
        QCOMPARE(graph.takenAt, serverTime(10));
        QCOMPARE(pids(graph), QString());
    }

    // Other tools name backend 3, or 4, or nobody.
    void idleHolderOfAnAdvisoryKeyIsTheBlocker()
    {
        const WaitGraph graph = graphOf(SnapshotMaker(20)
                                            .held(1, 1) // idle
                                            .waiting(1, 2, 8, {1})
                                            .held(2, 3)                             // an unrelated key
                                            .held(1, 4, LockMode::Exclusive, depot) // the same key of another database
                                            .holds(transactionTarget(751), 5)
                                            .waitsFor(transactionTarget(751), 6, 17, {5}, LockMode::Share));
        QCOMPARE(edgesOf(graph), QStringLiteral("2 -> 1 hard 1, 6 -> 5 hard transaction 751"));
        QCOMPARE(rootsOf(graph), QStringLiteral("1 backend 1 stuck 12.0 s 12.0 s, 5 backend 1 stuck 3.0 s 3.0 s"));
        QCOMPARE(pids(graph), QStringLiteral("1 2 5 6"));
        QCOMPARE(targetsOf(nodeOfPid(graph, 1).blocks), QStringLiteral("1 Exclusive"));
        QCOMPARE(targetsOf(nodeOfPid(graph, 2).waits), QStringLiteral("1 Exclusive"));
    }

    void shareHolderBlocksAnExclusiveWaiter()
    {
        const WaitGraph graph = graphOf(
            SnapshotMaker(20).held(1, 1, LockMode::Share).held(1, 2, LockMode::Share).waiting(1, 3, 10, {1, 2}));
        QCOMPARE(edgesOf(graph), QStringLiteral("3 -> 1 hard 1, 3 -> 2 hard 1"));
        QCOMPARE(rootsOf(graph), QStringLiteral("1 backend 1 stuck 10.0 s 10.0 s, 2 backend 1 stuck 10.0 s 10.0 s"));
        QCOMPARE(graph.edges.first().held, LockMode::Share);
        QCOMPARE(graph.edges.first().requested, LockMode::Exclusive);
    }

    void holderOfAModeThatDoesNotConflictIsNotCalledAHardBlock()
    {
        const LockTarget table = relationTarget(16384);
        const WaitGraph graph = graphOf(SnapshotMaker(20)
                                            .holds(table, 1, LockMode::AccessShare)
                                            .holds(table, 2, LockMode::ShareRowExclusive)
                                            .waitsFor(table, 3, 10, {2}, LockMode::RowExclusive));
        QCOMPARE(edgesOf(graph), QStringLiteral("3 -> 2 hard relation 16384"));
        QVERIFY(!graph.node(nodeOf(1, *SnapshotMaker(1).backend(1).make())));
    }

    // Blaming the holder for each of the queue hides who stands directly ahead.
    void queueIsAChainOfSoftEdgesBehindOneHolder()
    {
        const LockTarget table = relationTarget(16384);
        const WaitGraph graph = graphOf(SnapshotMaker(20)
                                            .holds(table, 1, LockMode::AccessShare)
                                            .waitsFor(table, 2, 10, {1}, LockMode::AccessExclusive)
                                            .waitsFor(table, 3, 15, {2}, LockMode::AccessShare)
                                            .waitsFor(table, 4, 18, {2}, LockMode::AccessShare));
        QCOMPARE(edgesOf(graph), QStringLiteral("2 -> 1 hard relation 16384, 3 -> 2 soft relation 16384, "
                                                "4 -> 2 soft relation 16384"));
        QCOMPARE(rootsOf(graph), QStringLiteral("1 backend 3 stuck 10.0 s 17.0 s"));
        QCOMPARE(nodeOfPid(graph, 2).stuckBehind, 2);
        QCOMPARE(nodeOfPid(graph, 2).root, false);
    }

    void sharedBehindExclusiveBehindShared()
    {
        const WaitGraph graph = graphOf(SnapshotMaker(20)
                                            .held(5, 1, LockMode::Share)
                                            .waiting(5, 2, 10, {1})
                                            .waiting(5, 3, 12, {2}, LockMode::Share));
        QCOMPARE(edgesOf(graph), QStringLiteral("2 -> 1 hard 5, 3 -> 2 soft 5"));
        QCOMPARE(graph.edges.last().held, LockMode::Exclusive);
        QCOMPARE(graph.edges.last().requested, LockMode::Share);
    }

    void impliedSoftEdgesAreCountedAndNotDrawn()
    {
        const WaitGraph graph = graphOf(SnapshotMaker(20)
                                            .held(5, 1)
                                            .waiting(5, 9, 10, {1})
                                            .waiting(5, 3, 11, {1, 9})
                                            .waiting(5, 7, 12, {1, 9, 3})
                                            .waiting(5, 4, 13, {7, 3, 9, 1}));
        QCOMPARE(edgesOf(graph), QStringLiteral("3 -> 1 hard 5, 3 -> 9 soft 5, 4 -> 1 hard 5, 4 -> 7 soft 5, "
                                                "7 -> 1 hard 5, 7 -> 3 soft 5, 9 -> 1 hard 5"));
        QCOMPARE(nodeOfPid(graph, 1).directlyBehind, 4);
        QCOMPARE(nodeOfPid(graph, 9).directlyBehind, 3);
        QCOMPARE(nodeOfPid(graph, 9).stuckBehind, 3);
        QCOMPARE(nodeOfPid(graph, 7).stuckBehind, 1);
        QCOMPARE(nodeOfPid(graph, 4).stuckBehind, 0);
        QCOMPARE(rootsOf(graph), QStringLiteral("1 backend 4 stuck 10.0 s 34.0 s"));
    }

    void preparedTransactionIsANodeByItsGid()
    {
        const WaitGraph graph = graphOf(SnapshotMaker(20)
                                            .prepared(5, 42)
                                            .preparedTransaction(42, QStringLiteral("pay-17"))
                                            .prepared(6, 43) // holds something else
                                            .waiting(5, 2, 8, {0}));
        QCOMPARE(edgesOf(graph), QStringLiteral("2 -> prepared 42 hard 5"));
        QCOMPARE(rootsOf(graph), QStringLiteral("prepared 42 prepared 1 stuck 12.0 s 12.0 s"));
        const WaitNode* node = graph.node({.backend = {}, .virtualTransaction = 42});
        QVERIFY(node && node->prepared);
        QCOMPARE(node->prepared->gid, QStringLiteral("pay-17"));
        QCOMPARE(node->heldLocks, qint64(1));
        QCOMPARE(targetsOf(node->blocks), QStringLiteral("5 Exclusive"));
        QVERIFY(!node->backend);
    }

    void preparedTransactionsOfOneTargetAreTold()
    {
        const LockTarget table = relationTarget(16384);
        const WaitGraph graph = graphOf(SnapshotMaker(20)
                                            .holds(table, 0, LockMode::RowExclusive, 42)
                                            .holds(table, 0, LockMode::RowExclusive, 43)
                                            .holds(table, 0, LockMode::AccessShare, 44)
                                            .waitsFor(table, 2, 8, {0}, LockMode::Share));
        QCOMPARE(edgesOf(graph), QStringLiteral("2 -> prepared 42 hard relation 16384, "
                                                "2 -> prepared 43 hard relation 16384"));
        QVERIFY(!graph.node({.backend = {}, .virtualTransaction = 42})->prepared);
    }

    void preparedTransactionWithoutARowIsUnknown()
    {
        const WaitGraph graph = graphOf(SnapshotMaker(20).waiting(5, 2, 8, {0}).waiting(6, 3, 8, {0}));
        QCOMPARE(edgesOf(graph), QStringLiteral("2 -> prepared ? unknown 5, 3 -> prepared ? unknown 6"));
        QCOMPARE(rootsOf(graph), QStringLiteral("prepared ? unknown 2 stuck 12.0 s 24.0 s"));
    }

    void startupProcessOfAStandbyIsANode()
    {
        const LockTarget table = relationTarget(16384);
        const WaitGraph graph = graphOf(SnapshotMaker(20)
                                            .holds(table, 88, LockMode::AccessExclusive)
                                            .backend(88,
                                                     [](Backend& backend) {
                                                         backend.backendType = QStringLiteral("startup");
                                                         backend.user.clear();
                                                     })
                                            .waitsFor(table, 2, 8, {88}, LockMode::AccessShare));
        QCOMPARE(rootsOf(graph), QStringLiteral("88 startup 1 stuck 12.0 s 12.0 s"));
    }

    void kindsAreToldByTheBackendType_data()
    {
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("application");
        QTest::addColumn<int>("port");
        QTest::addColumn<QString>("kind");
        const auto row = [](const char* type, const char* application, int port, const char* kind) {
            QTest::addRow("%s/%s/%d", type, application, port)
                << QString::fromLatin1(type) << QString::fromLatin1(application) << port << QString::fromLatin1(kind);
        };
        row("client backend", "", 0, "backend");
        row("autovacuum worker", "", 0, "autovacuum");
        row("autovacuum launcher", "", 0, "background");
        row("walsender", "standby1", 4000, "background");
        row("pg_cron launcher", "pg_cron", 0, "background");
        row("", "pod-a", 0, "backend");
        row("", "", -1, "backend");
        row("", "", 0, "unknown");
    }

    void kindsAreToldByTheBackendType()
    {
        QFETCH(QString, type);
        QFETCH(QString, application);
        QFETCH(int, port);
        const WaitGraph graph =
            graphOf(SnapshotMaker(20).held(5, 1).waiting(5, 2, 8, {1}).backend(1, [&](Backend& backend) {
                backend.backendType = type;
                backend.applicationName = application;
                backend.clientPort = port;
                backend.restricted = type.isEmpty();
            }));
        QTEST(word(nodeOfPid(graph, 1).kind), "kind");
    }

    // Seen on a server: {3431,3431,3431} for a leader whose workers hold and wait with it.
    void parallelWorkersBelongToTheirLeader()
    {
        const LockTarget table = relationTarget(16384);
        SnapshotMaker maker(20);
        for (const qint32 pid : {3431, 3432, 3433})
            maker.holds(table, pid, LockMode::AccessShare);
        for (const qint32 worker : {3432, 3433}) {
            maker.backend(worker, [](Backend& backend) {
                backend.leaderPid = 3431;
                backend.backendType = QStringLiteral("parallel worker");
            });
        }
        maker.waitsFor(table, 10, 5, {3431, 3431, 3431}, LockMode::AccessExclusive);
        const auto worker = [&](qint32 pid, double since) {
            maker.waitsFor(table, pid, since, {10, 20}, LockMode::AccessShare).backend(pid, [](Backend& backend) {
                backend.leaderPid = 20;
                backend.backendType = QStringLiteral("parallel worker");
            });
        };
        worker(21, 9);
        worker(22, 8);
        worker(23, 7);
        maker.backend(20);
        const WaitGraph graph = graphOf(maker);
        QCOMPARE(edgesOf(graph), QStringLiteral("10 -> 3431 hard relation 16384, 20 -> 10 soft relation 16384"));
        QCOMPARE(pids(graph), QStringLiteral("10 20 3431"));
        QCOMPARE(nodeOfPid(graph, 3431).workers, (QList<qint32>{3432, 3433}));
        QCOMPARE(nodeOfPid(graph, 3431).heldLocks, qint64(3));
        QCOMPARE(nodeOfPid(graph, 20).workers, (QList<qint32>{21, 22, 23}));
        QCOMPARE(nodeOfPid(graph, 20).waits.size(), 3);
        QCOMPARE(*nodeOfPid(graph, 20).waitingSince, serverTime(7));
        QCOMPARE(rootsOf(graph), QStringLiteral("3431 backend 2 stuck 15.0 s 28.0 s"));
        QCOMPARE(graph.waitingNodes, 2);
    }

    // They have a leader too, but are no lock group: the leader can wait for its worker.
    void applyWorkersStandForThemselves()
    {
        const WaitGraph graph = graphOf(SnapshotMaker(20)
                                            .holds(transactionTarget(9), 2)
                                            .waitsFor(transactionTarget(9), 1, 8, {2}, LockMode::Share)
                                            .backend(2, [](Backend& backend) {
                                                backend.leaderPid = 1;
                                                backend.backendType =
                                                    QStringLiteral("logical replication parallel worker");
                                            }));
        QCOMPARE(edgesOf(graph), QStringLiteral("1 -> 2 hard transaction 9"));
    }

    void chainCrossesLockTypes_data()
    {
        QTest::addColumn<bool>("apart");
        QTest::newRow("all types polled") << false;
        QTest::newRow("only advisory locks polled") << true;
    }

    /// advisory key -> virtual transaction -> CREATE INDEX CONCURRENTLY -> a table behind it.
    void chainCrossesLockTypes()
    {
        QFETCH(bool, apart);
        const LockTarget table = relationTarget(16384);
        SnapshotMaker maker(60);
        maker.held(7, 1)
            .waiting(7, 2, 20, {1})
            .holds(virtualTarget(4, 20), 2)
            .waitsFor(virtualTarget(4, 20), 3, 30, {2}, LockMode::Share)
            .holds(table, 3, LockMode::ShareUpdateExclusive)
            .waitsFor(table, 4, 40, {3}, LockMode::AccessExclusive)
            .waitsFor(table, 5, 50, {4}, LockMode::RowExclusive);
        if (apart)
            maker.othersApart();
        const WaitGraph graph = graphOf(maker);
        QCOMPARE(edgesOf(graph), QStringLiteral("2 -> 1 hard 7, 3 -> 2 hard virtual transaction 4/20, "
                                                "4 -> 3 hard relation 16384, 5 -> 4 soft relation 16384"));
        QCOMPARE(rootsOf(graph), QStringLiteral("1 backend 4 stuck 40.0 s 1 m 40 s"));
        QCOMPARE(nodeOfPid(graph, 3).heldLocks, qint64(1));
    }

    void tupleQueueIsHardForItsHolderOnly()
    {
        const LockTarget row = tupleTarget(16384, 3, 7);
        const WaitGraph graph = graphOf(SnapshotMaker(20)
                                            .holds(transactionTarget(751), 1)
                                            .waitsFor(transactionTarget(751), 2, 8, {1}, LockMode::Share)
                                            .holds(row, 2, LockMode::Exclusive)
                                            .waitsFor(row, 3, 9, {2})
                                            .waitsFor(row, 4, 10, {2, 3}));
        QCOMPARE(edgesOf(graph), QStringLiteral("2 -> 1 hard transaction 751, 3 -> 2 hard tuple (3, 7) of 16384, "
                                                "4 -> 2 hard tuple (3, 7) of 16384, "
                                                "4 -> 3 soft tuple (3, 7) of 16384"));
        QCOMPARE(rootsOf(graph), QStringLiteral("1 backend 3 stuck 12.0 s 33.0 s"));
    }

    void deadlockOfTwoIsAMarkedCycle()
    {
        const WaitGraph graph =
            graphOf(SnapshotMaker(20).held(5, 1).held(6, 2).waiting(6, 1, 10, {2}).waiting(5, 2, 11, {1}));
        QCOMPARE(cyclesOf(graph), QStringLiteral("1 > 2"));
        QCOMPARE(rootsOf(graph), QString());
        QCOMPARE(nodeOfPid(graph, 1).stuckBehind, 1);
        QCOMPARE(nodeOfPid(graph, 1).longestWaitBehind, std::chrono::microseconds(9'000'000));
        QCOMPARE(nodeOfPid(graph, 2).cycle, 0);
    }

    void deadlockOfThreeWithATailBehindIt()
    {
        const WaitGraph graph = graphOf(SnapshotMaker(20)
                                            .held(5, 1)
                                            .held(6, 3)
                                            .held(7, 2)
                                            .waiting(6, 1, 10, {3})
                                            .waiting(7, 3, 11, {2})
                                            .waiting(5, 2, 12, {1})
                                            .held(8, 3)
                                            .waiting(8, 9, 13, {3})
                                            .waiting(9, 10, 14, {9})
                                            .held(9, 9));
        QCOMPARE(cyclesOf(graph), QStringLiteral("1 > 3 > 2"));
        QCOMPARE(rootsOf(graph), QString());
        QCOMPARE(nodeOfPid(graph, 3).stuckBehind, 4);
        QCOMPARE(nodeOfPid(graph, 1).stuckBehind, 4);
        QCOMPARE(nodeOfPid(graph, 9).stuckBehind, 1);
        QCOMPARE(nodeOfPid(graph, 9).cycle, -1);
    }

    void twoUpgradersDeadlock()
    {
        const WaitGraph graph = graphOf(SnapshotMaker(20)
                                            .held(5, 1, LockMode::Share)
                                            .held(5, 2, LockMode::Share)
                                            .waiting(5, 1, 10, {2})
                                            .waiting(5, 2, 11, {1}));
        QCOMPARE(edgesOf(graph), QStringLiteral("1 -> 2 hard 5, 2 -> 1 hard 5"));
        QCOMPARE(cyclesOf(graph), QStringLiteral("1 > 2"));
    }

    void twoRootsOfOneWaiter()
    {
        const WaitGraph graph = graphOf(SnapshotMaker(20)
                                            .held(5, 1, LockMode::Share)
                                            .held(5, 2, LockMode::Share)
                                            .waiting(5, 3, 10, {1, 2})
                                            .held(6, 2)
                                            .waiting(6, 4, 15, {2}));
        QCOMPARE(rootsOf(graph), QStringLiteral("2 backend 2 stuck 10.0 s 15.0 s, 1 backend 1 stuck 10.0 s 10.0 s"));
    }

    void waiterReachedByTwoWaysCountsOnce()
    {
        const WaitGraph graph = graphOf(SnapshotMaker(20)
                                            .held(5, 1)
                                            .held(6, 2, LockMode::Share)
                                            .held(6, 3, LockMode::Share)
                                            .waiting(5, 2, 10, {1})
                                            .waiting(5, 3, 10, {1, 2})
                                            .waiting(6, 4, 12, {2, 3}));
        QCOMPARE(rootsOf(graph), QStringLiteral("1 backend 3 stuck 10.0 s 28.0 s"));
    }

    void onlyHeldLocksThatKeepSomebodyOutAreNamed()
    {
        const LockTarget table = relationTarget(16384);
        const WaitGraph graph = graphOf(SnapshotMaker(20)
                                            .holds(table, 1, LockMode::AccessShare)
                                            .holds(table, 1, LockMode::RowExclusive)
                                            .held(5, 1)
                                            .waitsFor(table, 2, 8, {1}, LockMode::Share));
        QCOMPARE(targetsOf(nodeOfPid(graph, 1).blocks), QStringLiteral("relation 16384 Row Exclusive"));
        QCOMPARE(graph.edges.first().held, LockMode::RowExclusive);
        QCOMPARE(nodeOfPid(graph, 1).heldLocks, qint64(3));
    }

    void strongestConflictingModeIsNamed()
    {
        const LockTarget table = relationTarget(16384);
        const WaitGraph graph = graphOf(SnapshotMaker(20)
                                            .holds(table, 1, LockMode::AccessShare)
                                            .holds(table, 1, LockMode::ShareUpdateExclusive)
                                            .holds(table, 1, LockMode::RowExclusive)
                                            .waitsFor(table, 2, 8, {1}, LockMode::AccessExclusive));
        QCOMPARE(graph.edges.first().held, LockMode::ShareUpdateExclusive);
    }

    void longQueueStaysSmall()
    {
        SnapshotMaker maker(1000);
        maker.held(5, 1);
        QList<qint32> ahead{1};
        for (qint32 pid = 2; pid <= 301; ++pid) {
            maker.waitsFor(keyTarget(5), pid, pid, ahead);
            ahead.append(pid);
        }
        const WaitGraph graph = graphOf(maker);
        QCOMPARE(graph.edges.size(), 300 + 299);
        QCOMPARE(nodeOfPid(graph, 1).stuckBehind, 300);
        QCOMPARE(nodeOfPid(graph, 1).directlyBehind, 300);
        QCOMPARE(nodeOfPid(graph, 100).stuckBehind, 201);
    }

    void longChainIsCountedToItsEnd()
    {
        constexpr int length = 5000;
        SnapshotMaker maker(20'000);
        maker.held(1, 1);
        for (qint32 pid = 2; pid <= length; ++pid)
            maker.held(pid, pid).waiting(pid - 1, pid, pid, {pid - 1});
        const WaitGraph graph = graphOf(maker);
        QCOMPARE(graph.roots.size(), 1);
        for (const qint32 pid : {1, 2, 17, 4095, 4096, 4097, length})
            QCOMPARE(nodeOfPid(graph, pid).stuckBehind, length - pid);
        QCOMPARE(nodeOfPid(graph, 1).longestWaitBehind, std::chrono::microseconds(std::chrono::seconds(19'998)));
        QCOMPARE(nodeOfPid(graph, length - 2).totalWaitBehind,
                 std::chrono::microseconds(std::chrono::seconds(15'001 + 15'000)));
    }

    void equalSnapshotsMakeEqualGraphs()
    {
        const auto make = [] {
            return SnapshotMaker(20).held(5, 1).waiting(5, 2, 8, {1}).waiting(5, 3, 9, {1, 2}).make();
        };
        const SnapshotPointer snapshot = make();
        QVERIFY(waitGraphOf(*snapshot) == waitGraphOf(*snapshot));
    }
};

QTEST_GUILESS_MAIN(WaitGraphTest)

#include "tst_waitgraph.moc"
