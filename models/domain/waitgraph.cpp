#include "models/domain/waitgraph.h"

#include "models/domain/waitgraphbuilder.h"

#include <QHashFunctions>

namespace lockscope {

namespace {

/// The workers of a logical replication apply have a leader too, but share no lock group with it: they can wait for
/// each other, and pg_blocking_pids names them by their own pid.
bool sharesLocksWithLeader(const Backend& backend)
{
    return backend.leaderPid != 0 && backend.leaderPid != backend.id.pid &&
           !backend.backendType.startsWith(QLatin1String("logical replication"));
}

} // namespace

size_t qHash(const WaitNodeId& id, size_t seed) noexcept
{
    return qHashMulti(seed, id.backend, id.virtualTransaction);
}

WaitNodeId nodeOf(const Lock& lock, const Snapshot& snapshot)
{
    if (lock.backend.pid == 0)
        return {.backend = {}, .virtualTransaction = lock.virtualTransaction};
    const auto listed = snapshot.backends.constFind(lock.backend.pid);
    const bool isListed = listed != snapshot.backends.cend() && *listed;
    const std::optional<ServerTime>& start = lock.backend.backendStart;
    if (isListed && start && (*listed)->id.backendStart && *start != *(*listed)->id.backendStart)
        return {.backend = lock.backend}; // the pid was given out again
    return isListed ? nodeOf(lock.backend.pid, snapshot) : WaitNodeId{.backend = lock.backend};
}

WaitNodeId nodeOf(qint32 pid, const Snapshot& snapshot)
{
    const BackendPointer backend = snapshot.backends.value(pid);
    if (!backend)
        return {.backend = {.pid = pid}};
    if (!sharesLocksWithLeader(*backend))
        return {.backend = backend->id};
    const BackendPointer leader = snapshot.backends.value(backend->leaderPid);
    return {.backend = leader ? leader->id : BackendId{.pid = backend->leaderPid}};
}

QString word(WaitNodeKind kind)
{
    switch (kind) {
    case WaitNodeKind::ClientBackend:
        return QStringLiteral("backend");
    case WaitNodeKind::Prepared:
        return QStringLiteral("prepared");
    case WaitNodeKind::Startup:
        return QStringLiteral("startup");
    case WaitNodeKind::Autovacuum:
        return QStringLiteral("autovacuum");
    case WaitNodeKind::Background:
        return QStringLiteral("background");
    case WaitNodeKind::Unknown:
        break;
    }
    return QStringLiteral("unknown");
}

QString word(WaitEdgeKind kind)
{
    switch (kind) {
    case WaitEdgeKind::Hard:
        return QStringLiteral("hard");
    case WaitEdgeKind::Soft:
        return QStringLiteral("soft");
    case WaitEdgeKind::Unknown:
        break;
    }
    return QStringLiteral("unknown");
}

const WaitNode* WaitGraph::node(const WaitNodeId& id) const
{
    const auto index = indexes.constFind(id);
    return index == indexes.cend() ? nullptr : &nodes[*index];
}

WaitGraph waitGraphOf(const Snapshot& snapshot)
{
    return WaitGraphBuilder(snapshot).build();
}

} // namespace lockscope
