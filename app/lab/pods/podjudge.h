#pragma once

#include "app/lab/pods/podholders.h"
#include "models/domain/podslabstate.h"

#include <QHash>

#include <map>
#include <set>
#include <vector>

namespace lockscope {

/// What the lab knows of one pod beyond its own words.
struct PodWitness
{
    PodState state = {};
    std::map<LockKey, SteadyTime> believedSince = {};          ///< its map, and when we heard of it
    QHash<qint32, std::optional<ServerTime>> ownBackends = {}; ///< backends that are or were its own
    /// Takes over a new state of the pod.
    void hear(const PodState& told);
};

/// Compares what pods believe with what the server said. A value without threads or connections; only remembers what it
/// doubted at the last look, because a pod's word that it has just unlocked may still be on its way.
class PodJudge final
{
public:
    /// Whose sessions hold which key.
    [[nodiscard]] static QList<PodHolder> nameHolders(const QList<PodHolders::Row>& rows,
                                                      const std::vector<const PodWitness*>& witnesses);
    /// After a look that was asked at that moment; what did not fit twice is told.
    void judge(const QList<PodHolder>& holders, const std::vector<const PodWitness*>& witnesses, SteadyTime askedAt);
    /// What the pod believes no more is no misbelief: its next acquisition is another one.
    void forget(const PodWitness& witness);
    [[nodiscard]] const QList<PodMisbelief>& misbeliefs() const { return m_misbeliefs; }

private:
    using Belief = std::pair<QString, LockKey>;
    std::set<Belief> m_doubted; ///< did not fit the last look
    QList<PodMisbelief> m_misbeliefs;
};

} // namespace lockscope
