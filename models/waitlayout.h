#pragma once

#include "models/domain/waitgraph.h"

#include <QHash>
#include <QList>
#include <QSet>

namespace lockscope {

enum class WaitBoxKind : quint8
{
    Session, ///< one node of the graph
    Target,  ///< what somebody waits for: one for all its blockers and waiters
    More     ///< the waiters of a long queue that are not drawn one by one
};

/// The same box from one drawing to the next.
struct WaitBoxId
{
    WaitBoxKind kind = WaitBoxKind::Session;
    WaitNodeId session = {};
    LockTarget target = {}; ///< of Target and More
    friend auto operator<=>(const WaitBoxId&, const WaitBoxId&) = default;
};
size_t qHash(const WaitBoxId& id, size_t seed = 0) noexcept;

/// A cell of the grid. Both numbers may be negative.
struct WaitPlace
{
    qint32 column = 0; ///< even: sessions, odd: targets
    qint32 row = 0;
    friend auto operator<=>(const WaitPlace&, const WaitPlace&) = default;
};

struct WaitBox
{
    WaitBoxId id = {};
    WaitPlace place = {};
    qint32 node = -1;   ///< of a session: index into WaitGraph::nodes
    qint32 hidden = 0;  ///< of More: how many wait there without a box
    bool cycle = false; ///< part of a deadlock
    friend bool operator==(const WaitBox&, const WaitBox&) = default;
};

/// From what blocks to what waits: session to target, target to session or More. Where the one in front waits for the
/// same target itself, from session to session.
struct WaitLine
{
    qint32 from = -1; ///< indexes into WaitDrawing::boxes
    qint32 to = -1;
    WaitEdgeKind kind = WaitEdgeKind::Unknown;
    bool cycle = false;
    friend bool operator==(const WaitLine&, const WaitLine&) = default;
};

/// Where everything stands. Lines are as many as boxes, give or take: a target stands for all pairs around it.
struct WaitDrawing
{
    QList<WaitBox> boxes = {};
    QList<WaitLine> lines = {};
    QHash<WaitBoxId, qint32> indexes = {};

    [[nodiscard]] bool isEmpty() const { return boxes.isEmpty(); }
    [[nodiscard]] qint32 indexOf(const WaitNodeId& session) const; ///< -1 where it has no box
    friend bool operator==(const WaitDrawing&, const WaitDrawing&) = default;
};

/// Gives every session and target of a wait graph a cell: blockers left of what they block, one row for each branch,
/// the longest wait on top. Remembers the cells: what stays keeps its own unless it would stand behind what waits for
/// it; what comes takes a free one; what went leaves a hole for a while. For one thread; values only, nothing is asked.
class WaitLayout
{
public:
    /// Boxes of one queue: with more waiters the last one counts the rest.
    static constexpr qint32 longestQueue = 24;
    /// How long the place of a box that went stays free, on the server's clock.
    static constexpr std::chrono::seconds holeTime{5};

    struct Options
    {
        std::chrono::milliseconds minimumWait{0}; ///< shorter waits are left out, unless a longer one hangs on them
        WaitNodeId shown = {};                    ///< gets a box even in the rest of a long queue
        friend bool operator==(const Options&, const Options&) = default;
    };

    /// O(n log n) in nodes, edges and boxes.
    [[nodiscard]] WaitDrawing update(const WaitGraph& graph, const Options& options);
    /// The next update places everything anew.
    void forget();

private:
    struct Hole
    {
        WaitPlace place = {};
        ServerTime until{};
    };

    QHash<WaitBoxId, WaitPlace> m_places; ///< of the last drawing
    QHash<WaitBoxId, Hole> m_holes;
};

} // namespace lockscope
