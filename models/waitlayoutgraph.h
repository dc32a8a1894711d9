#pragma once

#include "models/waitlayout.h"

#include <chrono>
#include <optional>

namespace lockscope {

struct WaitLayoutLink
{
    qint32 box = -1;
    WaitEdgeKind kind = WaitEdgeKind::Unknown;
    bool cycle = false;
};

/// A session, a target or the rest of a queue, on its way to a place.
struct WaitLayoutBox
{
    WaitBoxId id = {};
    qint32 node = -1;
    qint32 hidden = 0;
    bool cycle = false;
    bool visible = true;
    bool placed = false;
    WaitPlace place = {};
    std::optional<qint32> movedFromRow = {}; ///< it had a place, in a column where it cannot stay
    QList<WaitLayoutLink> blockers = {};     ///< of a session: targets; of a target: sessions
    QList<WaitLayoutLink> waiters = {};      ///< the other way round
    QList<WaitLayoutLink> behind = {};       ///< sessions behind it in the queue of one target
};

/// What WaitLayout works on: sessions and targets in turns, cut to what is drawn, with columns. One use, one thread.
class WaitLayoutGraph
{
public:
    /// old: where boxes stood; empty for a new drawing.
    WaitLayoutGraph(const WaitGraph& graph, std::chrono::milliseconds minimumWait, const WaitNodeId& shown,
                    const QHash<WaitBoxId, WaitPlace>& old);

    /// Boxes stay in their columns as long as blockers stay left of what they block; a blocker moves before what it
    /// blocks does.
    void giveColumns(const QHash<WaitBoxId, WaitPlace>& old);
    /// Every visible box once, those where chains begin first: deadlocks, root blockers in the graph's order, others.
    [[nodiscard]] QList<qint32> rootsFirst() const;

    QList<WaitLayoutBox> boxes;

private:
    [[nodiscard]] bool counts(const WaitNode& node) const;
    qint32 boxOf(qint32 node);
    qint32 boxOf(const LockTarget& target);
    void link(qint32 from, qint32 to, WaitEdgeKind kind, bool cycle);
    [[nodiscard]] QSet<qint32> chainOf(const WaitNodeId& shown) const;
    void sortBlockersFirst(const QHash<WaitBoxId, WaitPlace>& old);
    void cutQueues(const QSet<qint32>& pinned);
    void cutQueue(qint32 target, const QSet<qint32>& pinned);
    [[nodiscard]] bool waitsLonger(qint32 first, qint32 second) const;

    const WaitGraph& m_graph;
    std::chrono::milliseconds m_minimumWait;
    QList<qint32> m_boxOfNode;
    QHash<LockTarget, qint32> m_boxOfTarget;
    QHash<quint64, QPair<qint32, qint32>> m_links; ///< from and to: where in waiters and in blockers
    QList<qint32> m_order;                         ///< blockers first, as far as there is no deadlock
    QList<qint32> m_position;                      ///< in m_order
};

} // namespace lockscope
