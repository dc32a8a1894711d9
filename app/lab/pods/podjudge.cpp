#include "app/lab/pods/podjudge.h"

#include <algorithm>

namespace lockscope {

void PodWitness::hear(const PodState& told)
{
    state = told;
    for (const PodConnection& connection : told.connections) {
        if (connection.backendPid != 0)
            ownBackends.insert(connection.backendPid, connection.backendStart);
    }
    std::erase_if(believedSince, [&](const auto& belief) { return !told.map.contains(belief.first); });
    for (const LockKey& key : told.map)
        believedSince.try_emplace(key, std::chrono::steady_clock::now());
}

QList<PodHolder> PodJudge::nameHolders(const QList<PodHolders::Row>& rows,
                                       const std::vector<const PodWitness*>& witnesses)
{
    QList<PodHolder> holders;
    for (const PodHolders::Row& row : rows) {
        PodHolder holder{.key = row.key, .pid = row.backend.pid, .applicationName = row.applicationName};
        for (const PodWitness* witness : witnesses) {
            const auto own = witness->ownBackends.constFind(row.backend.pid);
            const bool same = own != witness->ownBackends.cend() &&
                              (!*own || !row.backend.backendStart || *own == row.backend.backendStart);
            if (same)
                holder.pod = witness->state.name;
        }
        holders.append(holder);
    }
    return holders;
}

void PodJudge::judge(const QList<PodHolder>& holders, const std::vector<const PodWitness*>& witnesses,
                     SteadyTime askedAt)
{
    std::set<Belief> doubted;
    QList<PodMisbelief> misbeliefs;
    for (const PodWitness* witness : witnesses) {
        const PodState& state = witness->state;
        for (const auto& [key, since] : witness->believedSince) {
            // A belief that is younger than the look may be newer than its answer.
            if (state.phase == PodPhase::Ended || since >= askedAt)
                continue;
            const LockKey believed = key;
            const auto connection = std::find_if(state.connections.cbegin(), state.connections.cend(),
                                                 [&](const PodConnection& one) { return one.key == believed; });
            const auto holder = std::find_if(holders.cbegin(), holders.cend(),
                                             [&](const PodHolder& one) { return one.key == believed; });
            const bool agrees = connection != state.connections.cend() && holder != holders.cend() &&
                                holder->pid == connection->backendPid;
            if (agrees)
                continue;
            const Belief belief(state.name, believed);
            doubted.insert(belief);
            if (!m_doubted.contains(belief))
                continue;
            misbeliefs.append({.pod = state.name,
                               .key = believed,
                               .holder = holder == holders.cend() ? std::nullopt : std::optional(*holder)});
        }
    }
    m_doubted = doubted;
    m_misbeliefs = misbeliefs;
}

void PodJudge::forget(const PodWitness& witness)
{
    const auto isOver = [&](const QString& pod, const LockKey& key) {
        return pod == witness.state.name && !witness.believedSince.contains(key);
    };
    std::erase_if(m_doubted, [&](const Belief& belief) { return isOver(belief.first, belief.second); });
    m_misbeliefs.removeIf([&](const PodMisbelief& one) { return isOver(one.pod, one.key); });
}

} // namespace lockscope
