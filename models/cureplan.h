#pragma once

#include "models/domain/cure.h"
#include "models/lockrow.h"

#include <QSet>

namespace lockscope {

/// What a confirmation shows of this cure, from one view: who the victim is, what it lets go of, and who gets on then.
/// Pure; any thread; O(locks of the snapshot + edges of the graph). Names the victim by what the snapshot says of it,
/// so a victim that is not in it any more has a plan with little in it, and the server decides.
/// ownBackends: pids of this console's operator sessions and simulated clients.
[[nodiscard]] CurePlan planCure(CureKind kind, const WaitNodeId& victim, const LockView& view, const ServerInfo& server,
                                const QSet<qint32>& ownBackends = {});

/// Whether this very victim takes part in the snapshot; empty where that is not known, because only backends with
/// locks are read.
[[nodiscard]] std::optional<bool> isStillThere(const CureRequest& request, const WaitNodeId& victim,
                                               const Snapshot& snapshot);

} // namespace lockscope
