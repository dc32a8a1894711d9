#include "tests/domain/waitgraphtext.h"
#include "tests/support/suite.h"

using namespace lockscope;
using namespace lockscope::test;

/// Readings that do not fit together: the server is read in halves, and goes on meanwhile.
class TornWaitGraphTest final : public Suite
{
    Q_OBJECT

private Q_SLOTS:
    void cycleOfSoftEdgesIsKeptWhole()
    {
        // Each was asked at its own moment, and the server had turned the queue round in between.
        const WaitGraph graph = graphOf(SnapshotMaker(20).held(5, 9).waiting(5, 1, 10, {2}).waiting(5, 2, 11, {1}));
        QCOMPARE(edgesOf(graph), QStringLiteral("1 -> 2 soft 5, 2 -> 1 soft 5"));
        QCOMPARE(cyclesOf(graph), QStringLiteral("1 > 2"));
    }

    void blockerThatIsNotListedIsUnknown()
    {
        const WaitGraph graph = graphOf(SnapshotMaker(20).waiting(5, 2, 8, {77}));
        QCOMPARE(edgesOf(graph), QStringLiteral("2 -> 77? unknown 5"));
        QCOMPARE(rootsOf(graph), QStringLiteral("77? unknown 1 stuck 12.0 s 12.0 s"));
    }

    void holderWhoseBackendEndedMeanwhileStillHolds()
    {
        const WaitGraph graph = graphOf(SnapshotMaker(20).held(5, 1).waiting(5, 2, 8, {1}).then([](Snapshot& snapshot) {
            snapshot.backends.remove(1);
            for (Lock& lock : snapshot.locks) {
                if (lock.backend.pid == 1)
                    lock.backend.backendStart.reset();
            }
        }));
        QCOMPARE(edgesOf(graph), QStringLiteral("2 -> 1? hard 5"));
        QCOMPARE(nodeOfPid(graph, 1).kind, WaitNodeKind::Unknown);
        QCOMPARE(nodeOfPid(graph, 1).heldLocks, qint64(1));
    }

    void lockWithoutAStartBelongsToTheListedBackend()
    {
        const WaitGraph graph =
            graphOf(SnapshotMaker(20).held(5, 1).held(6, 1).waiting(5, 2, 8, {1}).then([](Snapshot& snapshot) {
                snapshot.locks.first().backend.backendStart.reset();
            }));
        QCOMPARE(pids(graph), QStringLiteral("1 2"));
        QCOMPARE(nodeOfPid(graph, 1).heldLocks, qint64(2));
    }

    void pidThatWasGivenOutAgainIsAnotherSession()
    {
        const WaitGraph graph =
            graphOf(SnapshotMaker(20).held(5, 1).held(6, 1).waiting(5, 2, 8, {1}).then([](Snapshot& snapshot) {
                // The listed backend 1 is a later one; only the row of key 6 is its own.
                Backend later = *snapshot.backends.value(1);
                later.id.backendStart = serverTime(19);
                snapshot.backends.insert(1, std::make_shared<const Backend>(later));
                for (Lock& lock : snapshot.locks) {
                    if (lock.target == keyTarget(6))
                        lock.backend = later.id;
                }
            }));
        QCOMPARE(edgesOf(graph), QStringLiteral("2 -> 1 hard 5"));
        const WaitNode& blocker = nodeOfPid(graph, 1);
        QCOMPARE(*blocker.id.backend.backendStart, serverTime(-1001));
        QVERIFY(!blocker.backend);
        QCOMPARE(blocker.kind, WaitNodeKind::Unknown);
        QCOMPARE(blocker.heldLocks, qint64(1));
        QCOMPARE(graph.nodes.size(), 2);
    }

    void twoBackendsOfOnePidOnOneTarget()
    {
        // The row of a backend that ended and the one of its successor: the successor is the one that is listed.
        const WaitGraph graph = graphOf(SnapshotMaker(20).held(5, 1).waiting(5, 2, 8, {1}).then([](Snapshot& snapshot) {
            Lock earlier = snapshot.locks.first();
            earlier.backend.backendStart = serverTime(-9000);
            snapshot.locks.prepend(earlier);
        }));
        QCOMPARE(edgesOf(graph), QStringLiteral("2 -> 1 hard 5"));
        QCOMPARE(*nodeOfPid(graph, 1).id.backend.backendStart, serverTime(-1001));
        QCOMPARE(nodeOfPid(graph, 1).kind, WaitNodeKind::ClientBackend);
    }

    void waitWithoutAStartCountsAsZero()
    {
        const WaitGraph graph = graphOf(SnapshotMaker(20)
                                            .held(5, 1)
                                            .waiting(5, 2, std::nullopt, {1})
                                            .waiting(5, 3, 25, {1, 2})); // the clock was set back
        QCOMPARE(rootsOf(graph), QStringLiteral("1 backend 2 stuck 0.0 s 0.0 s"));
        QVERIFY(!nodeOfPid(graph, 2).waitingSince);
    }

    void waiterWhomNobodyBlocksIsANodeOfItsOwn()
    {
        const WaitGraph graph = graphOf(SnapshotMaker(20).held(5, 1).waiting(5, 2, 8, {}));
        QCOMPARE(pids(graph), QStringLiteral("2"));
        QCOMPARE(edgesOf(graph) + rootsOf(graph), QString());
        QVERIFY(!graph.isEmpty());
        QCOMPARE(graph.waitingNodes, 1);
    }

    // Granted between the rows and pg_blocking_pids: what stands behind it must not lose its top.
    void chainAlwaysHasATop()
    {
        const WaitGraph graph = graphOf(SnapshotMaker(20).waiting(5, 2, 8, {}).waiting(5, 3, 9, {2}));
        QCOMPARE(rootsOf(graph), QStringLiteral("2 backend 1 stuck 11.0 s 11.0 s"));
    }

    void blockersOfAPidThatWaitsForNothingAreIgnored()
    {
        const WaitGraph graph = graphOf(
            SnapshotMaker(20).held(5, 1).held(6, 2).then([](Snapshot& snapshot) { snapshot.blockers.insert(2, {1}); }));
        QVERIFY(graph.isEmpty());
    }

    void nobodyWaitsForItself()
    {
        const WaitGraph graph = graphOf(SnapshotMaker(20).held(5, 1).waiting(5, 2, 8, {2, 1, 2, 1}));
        QCOMPARE(edgesOf(graph), QStringLiteral("2 -> 1 hard 5"));
        QCOMPARE(nodeOfPid(graph, 1).directlyBehind, 1);
    }

    void waitReadTwiceHasOneEdge()
    {
        // Between the two halves of a reading the backend went on to wait for something else.
        const WaitGraph graph = graphOf(
            SnapshotMaker(20).held(5, 1).waiting(5, 2, 8, {1}).waitsFor(relationTarget(9), 2, 19, {1}).othersApart());
        QCOMPARE(edgesOf(graph), QStringLiteral("2 -> 1 hard 5"));
        QCOMPARE(nodeOfPid(graph, 1).directlyBehind, 1);
        QCOMPARE(targetsOf(nodeOfPid(graph, 2).waits), QStringLiteral("5 Exclusive, relation 9 Exclusive"));
        QCOMPARE(*nodeOfPid(graph, 2).waitingSince, serverTime(8));
    }

    void modeOfALaterServerIsNotGuessedAt()
    {
        const WaitGraph graph =
            graphOf(SnapshotMaker(20).held(5, 1).waiting(5, 2, 8, {1}, LockMode::Unknown).held(5, 3, LockMode::SIRead));
        QCOMPARE(edgesOf(graph), QStringLiteral("2 -> 1 unknown 5"));
    }
};

QTEST_GUILESS_MAIN(TornWaitGraphTest)

#include "tst_waitgraph_torn.moc"
