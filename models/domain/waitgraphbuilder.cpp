#include "models/domain/waitgraphbuilder.h"

#include "models/domain/lockconflicts.h"
#include "models/domain/waitreach.h"

#include <algorithm>
#include <array>
#include <bit>
#include <tuple>

namespace lockscope {

namespace {

size_t at(qint32 index)
{
    return static_cast<size_t>(index);
}

quint16 bit(LockMode mode)
{
    return static_cast<quint16>(1U << static_cast<unsigned>(mode));
}

/// PostgreSQL numbers its modes by strength.
LockMode strongest(quint16 modes)
{
    return modes == 0 ? LockMode::Unknown : static_cast<LockMode>(std::bit_width(modes) - 1);
}

/// Nobody shares these: who has one keeps everybody else out, whatever the mode.
bool isExclusiveByNature(LockType type)
{
    return type == LockType::Tuple || type == LockType::TransactionId || type == LockType::VirtualXid;
}

/// Before the hash of a whole target: most locks are on targets that nobody waits for.
class Sieve
{
public:
    void add(const LockTarget& target) { word(target) |= mask(target); }
    [[nodiscard]] bool mayHave(const LockTarget& target) const
    {
        return (m_words[place(target) / 64] & mask(target)) != 0;
    }

private:
    static size_t place(const LockTarget& target)
    {
        quint64 bits = (quint64(target.classid) << 32 | target.objid) ^ target.transactionId;
        bits ^= quint64(target.relationOid) << 24 ^ quint64(target.page) << 8 ^ quint64(target.type);
        return size_t((bits * 0x9E3779B97F4A7C15ULL) >> 52);
    }
    static quint64 mask(const LockTarget& target) { return quint64(1) << (place(target) % 64); }
    quint64& word(const LockTarget& target) { return m_words[place(target) / 64]; }

    std::array<quint64, 64> m_words{};
};

WaitNodeKind kindOf(const Backend& backend)
{
    if (backend.backendType == QLatin1String("client backend"))
        return WaitNodeKind::ClientBackend;
    if (backend.backendType == QLatin1String("startup"))
        return WaitNodeKind::Startup;
    if (backend.backendType == QLatin1String("autovacuum worker"))
        return WaitNodeKind::Autovacuum;
    if (!backend.backendType.isEmpty())
        return WaitNodeKind::Background;
    // The type is hidden from a role without pg_read_all_stats; only clients show where they are from.
    const bool client =
        !backend.clientAddress.isEmpty() || backend.clientPort != 0 || !backend.applicationName.isEmpty();
    return client ? WaitNodeKind::ClientBackend : WaitNodeKind::Unknown;
}

/// The modes that keep one of these out.
quint16 conflictingModes(quint16 modes)
{
    quint16 result = 0;
    for (const LockMode mode : lockModes()) {
        for (const LockMode requested : lockModes()) {
            if ((modes & bit(requested)) != 0 && conflicts(mode, requested))
                result = static_cast<quint16>(result | bit(mode));
        }
    }
    return result;
}

bool waitsLonger(const Lock& a, const Lock& b)
{
    if (a.waitStart && b.waitStart && *a.waitStart != *b.waitStart)
        return *a.waitStart < *b.waitStart;
    if (a.waitStart.has_value() != b.waitStart.has_value())
        return a.waitStart.has_value();
    return identityLess(a, b);
}

} // namespace

WaitGraphBuilder::WaitGraphBuilder(const Snapshot& snapshot)
    : m_snapshot(snapshot)
{
    m_graph.takenAt = snapshot.takenAt;
}

WaitGraph WaitGraphBuilder::build()
{
    findQueues();
    if (m_queues.empty())
        return std::move(m_graph);
    readRows();
    for (qint32 target = 0; target < static_cast<qint32>(m_queues.size()); ++target)
        connect(target);
    dropExplained();
    publishNodes();
    countHeld();
    followEdges();
    return std::move(m_graph);
}

template <typename Visit>
void WaitGraphBuilder::eachLock(Visit visit) const
{
    for (const Lock& lock : m_snapshot.locks)
        visit(lock);
    for (const Lock& lock : m_snapshot.otherLocks)
        visit(lock);
}

void WaitGraphBuilder::findQueues()
{
    eachLock([&](const Lock& lock) {
        if (!lock.granted && !m_queueOf.contains(lock.target)) {
            m_queueOf.insert(lock.target, 0);
            m_graph.targets.append(lock.target);
        }
    });
    std::sort(m_graph.targets.begin(), m_graph.targets.end());
    for (const LockTarget& target : std::as_const(m_graph.targets)) {
        m_queueOf[target] = static_cast<qint32>(m_queues.size());
        m_queues.push_back({.target = target, .holders = {}, .waiters = {}});
    }
}

void WaitGraphBuilder::readRows()
{
    Sieve sieve;
    for (const Queue& queue : m_queues)
        sieve.add(queue.target);
    const auto sameNode = [](const Lock& a, const Lock& b) {
        return a.backend == b.backend && (a.backend.pid != 0 || a.virtualTransaction == b.virtualTransaction);
    };
    qint32 node = -1;
    eachLock([&](const Lock& lock) {
        if (m_runs.empty() || !sameNode(*m_runs.back().first, lock)) {
            m_runs.push_back({.first = &lock, .granted = 0});
            node = -1;
        }
        m_runs.back().granted += lock.granted ? 1 : 0;
        if (!sieve.mayHave(lock.target))
            return;
        const auto queue = m_queueOf.constFind(lock.target);
        if (queue == m_queueOf.cend())
            return;
        if (node < 0)
            node = nodeFor(nodeOf(lock, m_snapshot));
        Queue& rows = m_queues[at(*queue)];
        (lock.granted ? rows.holders : rows.waiters).push_back({.lock = &lock, .node = node});
    });
    m_queuesWaitedIn.resize(m_stakes.size());
    for (Queue& queue : m_queues) {
        std::stable_sort(queue.waiters.begin(), queue.waiters.end(),
                         [](const Place& a, const Place& b) { return a.node < b.node; });
        qint32 last = -1;
        for (const Place& place : queue.waiters) {
            m_graph.nodes[place.node].waits.append(*place.lock);
            if (place.node != last)
                ++m_queuesWaitedIn[at(place.node)];
            last = place.node;
        }
    }
}

qint32 WaitGraphBuilder::nodeFor(const WaitNodeId& id)
{
    const auto known = m_graph.indexes.constFind(id);
    if (known != m_graph.indexes.cend())
        return *known;
    const auto index = static_cast<qint32>(m_graph.nodes.size());
    m_graph.indexes.insert(id, index);
    WaitNode node;
    node.id = id;
    m_graph.nodes.append(node);
    m_stakes.emplace_back();
    return index;
}

WaitGraphBuilder::PidMeaning& WaitGraphBuilder::meaningOf(qint32 pid)
{
    const size_t number = at(m_pids.numberOf(pid));
    if (number == m_meanings.size()) {
        const qint32 listed = nodeFor(nodeOf(pid, m_snapshot));
        m_meanings.push_back({.node = listed, .listed = listed});
    }
    return m_meanings[number];
}

void WaitGraphBuilder::layStakes(const Queue& queue)
{
    for (const Place& place : queue.holders) {
        Stake& stake = m_stakes[at(place.node)];
        stake.held = static_cast<quint16>(stake.held | bit(place.lock->mode));
    }
    for (const Place& place : queue.waiters) {
        Stake& stake = m_stakes[at(place.node)];
        stake.waited = static_cast<quint16>(stake.waited | bit(place.lock->mode));
    }
    // A pid that was given out again means the backend whose rows stand here, and not the one that is listed now unless
    // it has one here as well.
    for (const bool asListed : {false, true}) {
        for (const auto* places : {&queue.holders, &queue.waiters}) {
            for (const Place& place : *places) {
                if (place.lock->backend.pid == 0)
                    continue;
                PidMeaning& meaning = meaningOf(place.lock->backend.pid);
                if (asListed == (place.node == meaning.listed))
                    meaning.node = place.node;
            }
        }
    }
}

void WaitGraphBuilder::clearStakes(const Queue& queue)
{
    for (const auto* places : {&queue.holders, &queue.waiters}) {
        for (const Place& place : *places) {
            Stake& stake = m_stakes[at(place.node)];
            stake = {.directlyBehind = stake.directlyBehind, .seenBy = stake.seenBy};
            if (place.lock->backend.pid != 0) {
                PidMeaning& meaning = meaningOf(place.lock->backend.pid);
                meaning.node = meaning.listed;
            }
        }
    }
}

void WaitGraphBuilder::connect(qint32 target)
{
    const Queue& queue = m_queues[at(target)];
    layStakes(queue);
    std::vector<Waiter> waiters;
    for (const Place& place : queue.waiters) {
        if (waiters.empty() || waiters.back().node != place.node) {
            m_stakes[at(place.node)].waiter = static_cast<qint32>(waiters.size());
            waiters.push_back({.node = place.node,
                               .turn = m_turn++,
                               .waitsElsewhere = m_queuesWaitedIn[at(place.node)] > 1,
                               .modes = 0,
                               .conflicting = 0,
                               .pids = {}});
        }
        Waiter& waiter = waiters.back();
        waiter.modes = static_cast<quint16>(waiter.modes | bit(place.lock->mode));
        waiter.pids.push_back(place.lock->backend.pid);
    }

    Arrows ahead;
    for (Waiter& waiter : waiters) {
        waiter.conflicting = isExclusiveByNature(queue.target.type) ? quint16(~0U) : conflictingModes(waiter.modes);
        findBlockers(waiter, target, ahead.to);
        ahead.closeVertex();
    }
    if (!ahead.to.empty()) {
        const Arrows directlyAhead = withoutImplied(ahead);
        for (const Waiter& waiter : waiters) {
            for (const qint32 other : directlyAhead.of(m_stakes[at(waiter.node)].waiter)) {
                const qint32 blocker = waiters[at(other)].node;
                addEdge(waiter, blocker, target, WaitEdgeKind::Soft, m_stakes[at(blocker)].waited);
            }
        }
    }
    for (const Place& place : queue.holders) {
        if ((m_stakes[at(place.node)].blocked & bit(place.lock->mode)) != 0)
            m_graph.nodes[place.node].blocks.append(*place.lock);
    }
    clearStakes(queue);
}

void WaitGraphBuilder::findBlockers(const Waiter& waiter, qint32 target, std::vector<qint32>& ahead)
{
    for (const qint32 pid : waiter.pids) {
        const auto blockers = m_snapshot.blockers.constFind(pid);
        if (pid == 0 || blockers == m_snapshot.blockers.cend())
            continue;
        for (const qint32 blocker : *blockers) {
            if (blocker == 0)
                blockByPrepared(waiter, target, ahead);
            else
                block(waiter, meaningOf(blocker).node, target, ahead);
        }
    }
}

void WaitGraphBuilder::blockByPrepared(const Waiter& waiter, qint32 target, std::vector<qint32>& ahead)
{
    bool found = false;
    for (const Place& place : m_queues[at(target)].holders) {
        if (place.lock->backend.pid != 0 || (bit(place.lock->mode) & waiter.conflicting) == 0)
            continue;
        block(waiter, place.node, target, ahead);
        found = true;
    }
    if (!found)
        block(waiter, nodeFor({}), target, ahead);
}

void WaitGraphBuilder::block(const Waiter& waiter, qint32 blocker, qint32 target, std::vector<qint32>& ahead)
{
    Stake& stake = m_stakes[at(blocker)];
    if (blocker == waiter.node || stake.seenBy == waiter.turn)
        return;
    stake.seenBy = waiter.turn;
    if (!waiter.waitsElsewhere || !m_namedAlready.contains({waiter.node, blocker}))
        ++stake.directlyBehind;
    if (waiter.waitsElsewhere)
        m_namedAlready.insert({waiter.node, blocker});

    const auto conflicting = static_cast<quint16>(stake.held & waiter.conflicting);
    if (conflicting != 0) {
        stake.blocked = static_cast<quint16>(stake.blocked | conflicting);
        addEdge(waiter, blocker, target, WaitEdgeKind::Hard, conflicting);
    } else if (stake.waiter >= 0) {
        ahead.push_back(stake.waiter);
    } else {
        addEdge(waiter, blocker, target, WaitEdgeKind::Unknown, 0);
    }
}

void WaitGraphBuilder::addEdge(const Waiter& waiter, qint32 blocker, qint32 target, WaitEdgeKind kind, quint16 held)
{
    m_graph.edges.append({.waiter = waiter.node,
                          .blocker = blocker,
                          .target = target,
                          .kind = kind,
                          .requested = strongest(waiter.modes),
                          .held = strongest(held)});
}

/// A parallel group can wait in two queues, and a reading can catch a backend between two waits. What one queue
/// explains needs no second edge that does not know why.
void WaitGraphBuilder::dropExplained()
{
    QSet<std::pair<qint32, qint32>> explained;
    for (const WaitEdge& edge : std::as_const(m_graph.edges)) {
        if (edge.kind != WaitEdgeKind::Unknown && m_queuesWaitedIn[at(edge.waiter)] > 1)
            explained.insert({edge.waiter, edge.blocker});
    }
    if (explained.isEmpty())
        return;
    m_graph.edges.removeIf([&](const WaitEdge& edge) {
        return edge.kind == WaitEdgeKind::Unknown && explained.contains({edge.waiter, edge.blocker});
    });
}

/// Drops those that only had a lock beside a queue, and puts the others in order.
void WaitGraphBuilder::publishNodes()
{
    QList<WaitNode> nodes = std::exchange(m_graph.nodes, {});
    std::vector<qint32> order;
    for (qint32 index = 0; index < static_cast<qint32>(nodes.size()); ++index) {
        nodes[index].directlyBehind = m_stakes[at(index)].directlyBehind;
        if (!nodes.at(index).waits.isEmpty() || nodes.at(index).directlyBehind > 0)
            order.push_back(index);
    }
    std::sort(order.begin(), order.end(), [&](qint32 a, qint32 b) { return nodes.at(a).id < nodes.at(b).id; });
    std::vector<qint32> places(at(static_cast<qint32>(nodes.size())), -1);
    m_graph.indexes.clear();
    m_graph.nodes.reserve(static_cast<qsizetype>(order.size()));
    for (const qint32 old : order) {
        places[at(old)] = static_cast<qint32>(m_graph.nodes.size());
        m_graph.indexes.insert(nodes.at(old).id, places[at(old)]);
        m_graph.nodes.append(std::move(nodes[old]));
        describe(m_graph.nodes.last());
    }
    for (WaitEdge& edge : m_graph.edges) {
        edge.waiter = places[at(edge.waiter)];
        edge.blocker = places[at(edge.blocker)];
    }
    std::sort(m_graph.edges.begin(), m_graph.edges.end(), [](const WaitEdge& a, const WaitEdge& b) {
        return std::tie(a.waiter, a.kind, a.target, a.blocker) < std::tie(b.waiter, b.kind, b.target, b.blocker);
    });
}

void WaitGraphBuilder::describe(WaitNode& node)
{
    if (node.id.isPrepared()) {
        node.kind = WaitNodeKind::Prepared;
        const auto prepared = m_snapshot.prepared.constFind(node.id.virtualTransaction);
        if (prepared != m_snapshot.prepared.cend())
            node.prepared = *prepared;
    } else if (!node.id.isNull()) {
        const BackendPointer listed = m_snapshot.backends.value(node.id.backend.pid);
        if (listed && listed->id == node.id.backend) {
            node.backend = listed;
            node.kind = kindOf(*listed);
        }
    }
    std::sort(node.waits.begin(), node.waits.end(), waitsLonger);
    if (node.isWaiting()) {
        node.waitingSince = node.waits.constFirst().waitStart;
        ++m_graph.waitingNodes;
    }
}

void WaitGraphBuilder::countHeld()
{
    for (const Run& run : m_runs) {
        const WaitNodeId id = nodeOf(*run.first, m_snapshot);
        const auto index = m_graph.indexes.constFind(id);
        if (index == m_graph.indexes.cend())
            continue;
        WaitNode& node = m_graph.nodes[*index];
        node.heldLocks += run.granted;
        const qint32 pid = run.first->backend.pid;
        if (pid != id.backend.pid && !node.workers.contains(pid))
            node.workers.append(pid);
    }
    for (WaitNode& node : m_graph.nodes)
        std::sort(node.workers.begin(), node.workers.end());
}

void WaitGraphBuilder::followEdges()
{
    Arrows arrows;
    auto edge = m_graph.edges.cbegin();
    std::vector<std::chrono::microseconds> waits;
    for (qint32 index = 0; index < static_cast<qint32>(m_graph.nodes.size()); ++index) {
        for (; edge != m_graph.edges.cend() && edge->waiter == index; ++edge)
            arrows.to.push_back(edge->blocker);
        arrows.closeVertex();
        const std::optional<ServerTime>& since = m_graph.nodes.at(index).waitingSince;
        waits.push_back(std::max(since ? m_graph.takenAt - *since : std::chrono::microseconds::zero(),
                                 std::chrono::microseconds::zero()));
    }
    const std::vector<qint32> components = componentsOf(arrows);
    const std::vector<Behind> behind = behindEach(arrows, components, waits);
    for (qint32 index = 0; index < static_cast<qint32>(m_graph.nodes.size()); ++index) {
        WaitNode& node = m_graph.nodes[index];
        node.stuckBehind = behind[at(index)].count;
        node.longestWaitBehind = behind[at(index)].longest;
        node.totalWaitBehind = behind[at(index)].total;
        node.root = node.stuckBehind > 0 && arrows.of(index).empty();
        if (node.root)
            m_graph.roots.append(index);
    }
    std::stable_sort(m_graph.roots.begin(), m_graph.roots.end(), [&](qint32 a, qint32 b) {
        const WaitNode& first = m_graph.nodes.at(a);
        const WaitNode& second = m_graph.nodes.at(b);
        return std::tie(first.stuckBehind, first.longestWaitBehind) >
               std::tie(second.stuckBehind, second.longestWaitBehind);
    });
    m_graph.cycles = ringsOf(arrows, components);
    for (qint32 cycle = 0; cycle < static_cast<qint32>(m_graph.cycles.size()); ++cycle) {
        for (const qint32 index : std::as_const(m_graph.cycles[cycle]))
            m_graph.nodes[index].cycle = cycle;
    }
}

} // namespace lockscope
