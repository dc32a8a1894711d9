#pragma once

#include "models/lockrow.h"

#include <QHash>
#include <QList>

#include <chrono>
#include <optional>

namespace lockscope {

/// What a person chose to see of the waits.
struct WaitForestOptions
{
    std::chrono::milliseconds minimumWait{0}; ///< waits shorter than this are left out, and who then blocks nobody
    bool allSessions = false;                 ///< also sessions that take no part in any wait
    bool hideIdle = true;                     ///< of those, leave out idle ones; never one that holds a lock
    friend bool operator==(const WaitForestOptions&, const WaitForestOptions&) = default;
};

/// How long a session has waited, as far as the server or watching told.
struct WaitAge
{
    std::optional<std::chrono::microseconds> age = {}; ///< empty: not known, or it does not wait
    bool exact = false;                                ///< false: at least so long
    friend bool operator==(const WaitAge&, const WaitAge&) = default;
};

/// One session of the forest that is wanted. Numbers are indexes into what the view was made of.
struct WaitForestEntry
{
    WaitNodeId id = {};
    qint32 node = -1; ///< into WaitGraph::nodes; -1: takes no part in any wait
    qint32 edge = -1; ///< into WaitGraph::edges: why it stands where it stands; -1 at the top
    bool cycle = false;
    bool holds = false; ///< a lock; only looked up for a session that takes no part
    WaitAge waited = {};
    QList<WaitNodeId> alsoWaitsFor = {}; ///< other blockers than the one of edge
    QList<qint32> children = {};         ///< into WaitForest::entries, in the order of the queue
};

struct WaitForest
{
    QList<WaitForestEntry> entries = {};
    QList<qint32> tops = {};
};

/// How it stood before, so that what is equal stays where it is.
struct WaitForestPlaces
{
    QHash<WaitNodeId, WaitNodeId> parents = {};
    QHash<WaitNodeId, qsizetype> tops = {};
};

/// The forest to be shown. Pure; any thread; O(n log n) in sessions and edges, and one pass over the locks with
/// options.allSessions.
///
/// A session stands under its blocker, a hard one before an unknown one before a soft one. Who only queues behind
/// somebody that only queues for the same target itself stands beside that one: a queue reads as a list, however long.
/// At the top: deadlocks, then by how many are stuck behind; a longer wait alone moves nobody.
[[nodiscard]] WaitForest waitForestOf(const LockView& view, const WaitForestOptions& options,
                                      const WaitForestPlaces& before);

} // namespace lockscope
