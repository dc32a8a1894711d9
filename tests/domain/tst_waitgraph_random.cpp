#include "models/domain/lockconflicts.h"
#include "models/domain/waitgraph.h"
#include "tests/support/locktext.h"
#include "tests/support/suite.h"

#include <QRandomGenerator>
#include <QSet>

using namespace lockscope;
using namespace lockscope::test;

namespace {

/// (waiter, blocker) of everybody who can be reached.
QSet<std::pair<qint32, qint32>> closure(const QSet<std::pair<qint32, qint32>>& edges)
{
    QHash<qint32, QList<qint32>> next;
    for (const auto& [waiter, blocker] : edges)
        next[waiter].append(blocker);
    QSet<std::pair<qint32, qint32>> reached;
    for (auto start = next.cbegin(); start != next.cend(); ++start) {
        QList<qint32> open = *start;
        while (!open.isEmpty()) {
            const qint32 there = open.takeLast();
            if (there == start.key() || reached.contains({start.key(), there}))
                continue;
            reached.insert({start.key(), there});
            open += next.value(there);
        }
    }
    return reached;
}

QSet<std::pair<qint32, qint32>> pidEdges(const WaitGraph& graph, std::optional<qsizetype> without = {})
{
    QSet<std::pair<qint32, qint32>> edges;
    for (qsizetype index = 0; index < graph.edges.size(); ++index) {
        const WaitEdge& edge = graph.edges.at(index);
        if (index != without)
            edges.insert({graph.nodes.at(edge.waiter).id.backend.pid, graph.nodes.at(edge.blocker).id.backend.pid});
    }
    return edges;
}

/// One target with holders and a queue of random modes, and what pg_blocking_pids says of it.
SnapshotMaker randomQueue(QRandomGenerator& random)
{
    const LockTarget table = relationTarget(16384);
    const auto anyMode = [&] { return lockModes().at(random.bounded(static_cast<int>(lockModes().size()))); };
    SnapshotMaker maker(100);
    QList<std::pair<qint32, LockMode>> holders;
    for (qint32 pid = 1; pid <= random.bounded(1, 4); ++pid) {
        LockMode mode = anyMode();
        if (std::any_of(holders.begin(), holders.end(),
                        [&](const auto& other) { return conflicts(mode, other.second); }))
            mode = LockMode::AccessShare;
        if (std::any_of(holders.begin(), holders.end(),
                        [&](const auto& other) { return conflicts(mode, other.second); }))
            continue;
        holders.append({pid, mode});
        maker.holds(table, pid, mode);
    }
    QList<std::pair<qint32, LockMode>> queue;
    const int length = random.bounded(1, 12);
    QList<qint32> waiters; // a pid says nothing about its place in the queue
    for (qint32 pid = 100; pid < 100 + length; ++pid)
        waiters.insert(random.bounded(static_cast<int>(waiters.size()) + 1), pid);
    for (const qint32 pid : std::as_const(waiters)) {
        const LockMode mode = anyMode();
        QList<qint32> blockers;
        for (const auto* before : {&holders, &queue}) {
            for (const auto& [other, otherMode] : *before) {
                if (conflicts(mode, otherMode))
                    blockers.append(other);
            }
        }
        if (blockers.isEmpty())
            continue;
        queue.append({pid, mode});
        maker.waitsFor(table, pid, 10, blockers, mode);
    }
    return maker;
}

} // namespace

/// Made-up queues against what pg_blocking_pids would say of them.
class RandomWaitGraphTest final : public Suite
{
    Q_OBJECT

private Q_SLOTS:
    void reductionKeepsWhoCanBeReached()
    {
        QRandomGenerator random(20261122);
        int soft = 0;
        for (int round = 0; round < 400; ++round) {
            const SnapshotPointer snapshot = randomQueue(random).make();
            const WaitGraph graph = waitGraphOf(*snapshot);
            QSet<std::pair<qint32, qint32>> told;
            for (auto waiter = snapshot->blockers.cbegin(); waiter != snapshot->blockers.cend(); ++waiter) {
                for (const qint32 blocker : *waiter)
                    told.insert({waiter.key(), blocker});
            }
            QCOMPARE(closure(pidEdges(graph)), closure(told));
            QVERIFY(graph.cycles.isEmpty());
            for (const WaitNode& node : graph.nodes) {
                const qint32 pid = node.id.backend.pid;
                const auto named =
                    std::count_if(told.cbegin(), told.cend(), [&](auto edge) { return edge.second == pid; });
                QCOMPARE(qint64(node.directlyBehind), qint64(named));
                const auto reached = closure(told);
                const auto stuck =
                    std::count_if(reached.cbegin(), reached.cend(), [&](auto edge) { return edge.second == pid; });
                QCOMPARE(qint64(node.stuckBehind), qint64(stuck));
            }
            for (qsizetype index = 0; index < graph.edges.size(); ++index) {
                QVERIFY(graph.edges.at(index).kind != WaitEdgeKind::Unknown);
                if (graph.edges.at(index).kind != WaitEdgeKind::Soft)
                    continue;
                ++soft;
                // Hard edges aside: they are never left out, so they must not stand in for a soft one either.
                QVERIFY2(closure(pidEdges(graph, index)) != closure(told) ||
                             pidEdges(graph, index).size() == pidEdges(graph).size(),
                         qPrintable(edgesOf(graph)));
            }
        }
        QVERIFY2(soft > 500, qPrintable(QString::number(soft)));
    }
};

QTEST_GUILESS_MAIN(RandomWaitGraphTest)

#include "tst_waitgraph_random.moc"
