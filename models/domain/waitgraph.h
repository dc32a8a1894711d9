#pragma once

#include "models/domain/snapshot.h"

#include <QHash>
#include <QList>
#include <QMetaType>

#include <memory>
#include <optional>

namespace lockscope {

/// Who takes part in waiting: a backend, or a prepared transaction, which has no pid and is known by the virtual
/// transaction of its rows.
struct WaitNodeId
{
    BackendId backend = {};
    quint64 virtualTransaction = 0; ///< only of a prepared transaction

    [[nodiscard]] bool isPrepared() const { return backend.pid == 0 && virtualTransaction != 0; }
    [[nodiscard]] bool isNull() const { return backend.pid == 0 && virtualTransaction == 0; }
    friend auto operator<=>(const WaitNodeId&, const WaitNodeId&) = default;
};

size_t qHash(const WaitNodeId& id, size_t seed = 0) noexcept;

/// The node that a row of pg_locks belongs to. A parallel worker belongs to its leader, as pg_blocking_pids has it.
[[nodiscard]] WaitNodeId nodeOf(const Lock& lock, const Snapshot& snapshot);
/// Likewise of a pid, as the backends of the snapshot have it.
[[nodiscard]] WaitNodeId nodeOf(qint32 pid, const Snapshot& snapshot);

enum class WaitNodeKind : quint8
{
    ClientBackend,
    Prepared,   ///< no process: ends by COMMIT PREPARED or ROLLBACK PREPARED only
    Startup,    ///< replays WAL on a standby; cannot be terminated
    Autovacuum, ///< autovacuum worker
    Background, ///< any other process without a client: walsender, parallel worker without a leader, extension
    Unknown,    ///< named as a blocker but not listed any more, or its type is hidden from this role
};

/// "backend", "prepared", "startup", "autovacuum", "background", "unknown": as the JSON of the command line spells it.
[[nodiscard]] QString word(WaitNodeKind kind);

struct WaitNode
{
    WaitNodeId id = {};
    WaitNodeKind kind = WaitNodeKind::Unknown;
    BackendPointer backend = {};                      ///< null for prepared and vanished ones
    std::optional<PreparedTransaction> prepared = {}; ///< gid and age, where they could be read
    QList<qint32> workers = {};                       ///< parallel workers that were folded into this leader
    QList<Lock> waits = {};                           ///< what it waits for, the longest wait first; mostly one
    QList<Lock> blocks = {};                          ///< its granted locks that keep somebody waiting
    qint64 heldLocks = 0;                             ///< granted rows of pg_locks that were read of it
    std::optional<ServerTime> waitingSince = {};      ///< of the longest wait; empty before 14 and for a moment
    qint32 directlyBehind = 0;                        ///< nodes with an edge to this one, drawn or implied
    qint32 stuckBehind = 0;                           ///< all nodes that wait for this one, through others too
    std::chrono::microseconds longestWaitBehind{0};
    std::chrono::microseconds totalWaitBehind{0}; ///< the sum over all nodes stuck behind
    qint32 cycle = -1;                            ///< index into WaitGraph::cycles
    bool root = false; ///< somebody waits for it, and it waits for nobody that the server names

    [[nodiscard]] bool isWaiting() const { return !waits.isEmpty(); }
    friend bool operator==(const WaitNode&, const WaitNode&) = default;
};

enum class WaitEdgeKind : quint8
{
    Hard,    ///< the blocker holds a lock that conflicts with the one waited for
    Soft,    ///< the blocker waits for the same target ahead in the queue
    Unknown, ///< the server names the blocker; the rows that were read do not show why
};
[[nodiscard]] QString word(WaitEdgeKind kind);

struct WaitEdge
{
    qint32 waiter = -1; ///< indexes into WaitGraph::nodes
    qint32 blocker = -1;
    qint32 target = -1; ///< index into WaitGraph::targets
    WaitEdgeKind kind = WaitEdgeKind::Unknown;
    LockMode requested = LockMode::Unknown;
    LockMode held = LockMode::Unknown; ///< the strongest conflicting mode the blocker holds, or the one it waits for
    friend bool operator==(const WaitEdge&, const WaitEdge&) = default;
};

/// Who waits for whom, as pg_blocking_pids says of every lock that is not granted; never by comparing lock rows, which
/// is wrong for queues and parallel groups. Immutable once published.
///
/// Edges: all hard and unknown ones; of the soft ones those that others do not imply (the one directly ahead in the
/// queue), because the k-th waiter of a queue is blocked by k - 1 others and 2 000 waiters would make 2 million edges.
/// Who can be reached from whom is the same either way.
struct WaitGraph
{
    ServerTime takenAt{};
    QList<WaitNode> nodes = {}; ///< sorted by id
    QList<LockTarget> targets = {};
    QList<WaitEdge> edges = {};       ///< sorted by waiter, then hard before soft
    QList<qint32> roots = {};         ///< most stuck behind first, then the longest wait
    QList<QList<qint32>> cycles = {}; ///< a deadlock the server has not resolved yet: nodes in order of waiting
    QHash<WaitNodeId, qint32> indexes = {};
    qint32 waitingNodes = 0;

    [[nodiscard]] const WaitNode* node(const WaitNodeId& id) const; ///< null when it takes no part
    [[nodiscard]] bool isEmpty() const { return edges.isEmpty() && waitingNodes == 0; }
    friend bool operator==(const WaitGraph&, const WaitGraph&) = default;
};

using WaitGraphPointer = std::shared_ptr<const WaitGraph>;

/// Pure; any thread. O(locks + entries of pg_blocking_pids), and a bit for each pair of nodes. Nodes are those that
/// wait or are waited for. Prepared transactions that are named as blockers, of which no row was read, are one null
/// node.
[[nodiscard]] WaitGraph waitGraphOf(const Snapshot& snapshot);

} // namespace lockscope

Q_DECLARE_METATYPE(lockscope::WaitNodeId)
