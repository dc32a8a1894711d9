#pragma once

#include "models/domain/pidtable.h"
#include "models/domain/waitgraph.h"

#include <QSet>

#include <utility>
#include <vector>

namespace lockscope {

/// Makes the wait graph of one snapshot, target by target, and is thrown away: see waitGraphOf(). Looks at nothing but
/// the snapshot.
class WaitGraphBuilder
{
public:
    explicit WaitGraphBuilder(const Snapshot& snapshot);
    Q_DISABLE_COPY_MOVE(WaitGraphBuilder)

    [[nodiscard]] WaitGraph build();

private:
    struct Place
    {
        const Lock* lock;
        qint32 node;
    };
    /// All rows of one target that somebody waits for.
    struct Queue
    {
        LockTarget target;
        std::vector<Place> holders;
        std::vector<Place> waiters;
    };
    /// Rows of one backend that follow each other.
    struct Run
    {
        const Lock* first;
        qint64 granted;
    };
    /// What a node has to do with the target in hand; the first two are kept from one target to the next.
    struct Stake
    {
        qint32 directlyBehind = 0;
        qint32 seenBy = -1;  ///< the turn of the last one that named it as a blocker
        quint16 held = 0;    ///< bits of LockMode
        quint16 waited = 0;  ///< likewise
        quint16 blocked = 0; ///< those of held that keep somebody out
        qint32 waiter = -1;  ///< its number among the waiting nodes
    };
    /// Whom a pid means: as its rows on the target in hand tell, else as it is listed.
    struct PidMeaning
    {
        qint32 node = -1;
        qint32 listed = -1;
    };
    /// A waiting node on one target; several pids where parallel workers wait together.
    struct Waiter
    {
        qint32 node;
        qint32 turn;
        bool waitsElsewhere; ///< in another queue too
        quint16 modes;       ///< that it waits for
        quint16 conflicting; ///< that keep it out
        std::vector<qint32> pids;
    };

    template <typename Visit>
    void eachLock(Visit visit) const;
    void findQueues();
    void readRows();
    void layStakes(const Queue& queue);
    void clearStakes(const Queue& queue);
    void connect(qint32 target);
    void findBlockers(const Waiter& waiter, qint32 target, std::vector<qint32>& ahead);
    void blockByPrepared(const Waiter& waiter, qint32 target, std::vector<qint32>& ahead);
    void block(const Waiter& waiter, qint32 blocker, qint32 target, std::vector<qint32>& ahead);
    void addEdge(const Waiter& waiter, qint32 blocker, qint32 target, WaitEdgeKind kind, quint16 held);
    [[nodiscard]] qint32 nodeFor(const WaitNodeId& id);
    [[nodiscard]] PidMeaning& meaningOf(qint32 pid);
    void dropExplained();
    void publishNodes();
    void describe(WaitNode& node);
    void countHeld();
    void followEdges();

    const Snapshot& m_snapshot;
    WaitGraph m_graph;
    std::vector<Queue> m_queues;
    QHash<LockTarget, qint32> m_queueOf;
    std::vector<Run> m_runs;
    PidTable m_pids;
    std::vector<PidMeaning> m_meanings;             ///< by number of a pid
    std::vector<Stake> m_stakes;                    ///< by node
    std::vector<qint32> m_queuesWaitedIn;           ///< by node
    QSet<std::pair<qint32, qint32>> m_namedAlready; ///< (waiter, blocker), of those that wait in several queues
    qint32 m_turn = 0;
};

} // namespace lockscope
