#include "models/waitforest.h"

#include <QSet>

#include <algorithm>
#include <limits>
#include <tuple>

namespace lockscope {

namespace {

constexpr qint32 none = -1;

size_t at(qint32 index)
{
    return static_cast<size_t>(index);
}

/// A hard block tells who can end the wait; a soft one only who stands ahead.
int rank(WaitEdgeKind kind)
{
    switch (kind) {
    case WaitEdgeKind::Hard:
        return 0;
    case WaitEdgeKind::Unknown:
        return 1;
    case WaitEdgeKind::Soft:
        return 2;
    }
    return 3;
}

/// The part of the forest that the graph makes.
class Waits
{
public:
    Waits(const LockView& view, const WaitForestOptions& options, const WaitForestPlaces& before)
        : m_view(view)
        , m_graph(*view.waits)
        , m_before(before)
        , m_count(static_cast<size_t>(view.waits->nodes.size()))
    {
        findEdges();
        findAges();
        keep(options.minimumWait);
        chooseBlockers();
        findParents();
    }

    void appendTo(WaitForest& forest) const
    {
        std::vector<qint32> entryOf(m_count, none);
        std::vector<qint32> tops;
        for (qint32 node = 0; at(node) < m_count; ++node) {
            if (!m_kept[at(node)])
                continue;
            entryOf[at(node)] = static_cast<qint32>(forest.entries.size());
            forest.entries.append(entry(node));
            if (m_parents[at(node)] == none)
                tops.push_back(node);
        }
        std::vector<qint32> waiters;
        for (qint32 node = 0; at(node) < m_count; ++node) {
            if (m_kept[at(node)] && m_parents[at(node)] != none)
                waiters.push_back(node);
        }
        std::stable_sort(waiters.begin(), waiters.end(), [this](qint32 a, qint32 b) { return queuesBefore(a, b); });
        for (const qint32 waiter : waiters)
            forest.entries[entryOf[at(m_parents[at(waiter)])]].children.append(entryOf[at(waiter)]);
        sortTops(tops);
        for (const qint32 top : tops)
            forest.tops.append(entryOf[at(top)]);
    }

private:
    void findEdges()
    {
        m_firstEdges.assign(m_count + 1, 0);
        for (const WaitEdge& edge : m_graph.edges)
            ++m_firstEdges[at(edge.waiter) + 1];
        for (size_t node = 0; node < m_count; ++node)
            m_firstEdges[node + 1] += m_firstEdges[node];
    }

    /// The server says since when from 14 on, but for a moment after queueing; before that only watching tells.
    void findAges()
    {
        m_ages.resize(m_count);
        bool serverTells = false;
        bool gaps = false;
        for (const WaitNode& node : m_graph.nodes) {
            serverTells = serverTells || node.waitingSince.has_value();
            gaps = gaps || (node.isWaiting() && !node.waitingSince);
        }
        QHash<WaitNodeId, ServerTime> seen;
        if (gaps && m_view.snapshot) {
            for (const LockRow& row : m_view.rows) {
                if (!row.isWaiting())
                    continue;
                const WaitNodeId id = nodeOf(row.lock, *m_view.snapshot);
                const auto known = seen.constFind(id);
                if (known == seen.cend() || row.since() < *known)
                    seen.insert(id, row.since());
            }
        }
        for (size_t at = 0; at < m_count; ++at) {
            const WaitNode& node = m_graph.nodes[static_cast<qsizetype>(at)];
            if (!node.isWaiting())
                continue;
            WaitAge& age = m_ages[at];
            const auto since = [this](ServerTime then) {
                return std::max(m_graph.takenAt - then, std::chrono::microseconds(0));
            };
            if (node.waitingSince) {
                age = {.age = since(*node.waitingSince), .exact = true};
            } else if (const auto found = seen.constFind(node.id); found != seen.cend()) {
                age = {.age = since(*found), .exact = false};
            } else if (serverTells) {
                age = {.age = std::chrono::microseconds(0), .exact = false};
            }
        }
    }

    /// A wait of unknown length is not known to be short, so it stays.
    void keep(std::chrono::microseconds minimumWait)
    {
        m_kept.assign(m_count, minimumWait.count() == 0);
        if (minimumWait.count() == 0)
            return;
        std::vector<qint32> open;
        for (qint32 node = 0; at(node) < m_count; ++node) {
            if (m_graph.nodes[node].isWaiting() && m_ages[at(node)].age.value_or(minimumWait) >= minimumWait) {
                m_kept[at(node)] = true;
                open.push_back(node);
            }
        }
        while (!open.empty()) {
            const qint32 node = open.back();
            open.pop_back();
            for (qint32 edge = m_firstEdges[at(node)]; edge < m_firstEdges[at(node) + 1]; ++edge) {
                const qint32 blocker = m_graph.edges[edge].blocker;
                if (!m_kept[at(blocker)]) {
                    m_kept[at(blocker)] = true;
                    open.push_back(blocker);
                }
            }
        }
    }

    void chooseBlockers()
    {
        m_chosen.assign(m_count, none);
        for (qint32 node = 0; at(node) < m_count; ++node) {
            if (!m_kept[at(node)] || m_graph.nodes[node].cycle >= 0)
                continue;
            const WaitNodeId parent = m_before.parents.value(m_graph.nodes[node].id);
            const auto order = [&](const WaitEdge& edge) {
                const WaitNode& blocker = m_graph.nodes[edge.blocker];
                return std::tuple(rank(edge.kind), blocker.id != parent, -blocker.stuckBehind);
            };
            qint32& best = m_chosen[at(node)];
            for (qint32 edge = m_firstEdges[at(node)]; edge < m_firstEdges[at(node) + 1]; ++edge) {
                if (best == none || order(m_graph.edges[edge]) < order(m_graph.edges[best]))
                    best = edge;
            }
        }
    }

    /// The first of the queue that node's blocker queues in.
    qint32 headOfQueue(qint32 blocker, qint32 target, std::vector<qint32>& heads) const
    {
        std::vector<qint32> passed;
        qint32 head = blocker;
        while (passed.size() <= m_count) {
            const qint32 edge = m_chosen[at(head)];
            if (edge == none || m_graph.edges[edge].kind != WaitEdgeKind::Soft || m_graph.edges[edge].target != target)
                break;
            passed.push_back(head);
            head = heads[at(head)] != none ? heads[at(head)] : m_graph.edges[edge].blocker;
        }
        for (const qint32 node : passed)
            heads[at(node)] = head;
        return head;
    }

    void findParents()
    {
        m_parents.assign(m_count, none);
        std::vector<qint32> heads(m_count, none);
        std::vector<std::vector<qint32>> children(m_count);
        for (qint32 node = 0; at(node) < m_count; ++node) {
            if (m_chosen[at(node)] == none)
                continue;
            const WaitEdge& edge = m_graph.edges[m_chosen[at(node)]];
            qint32 parent = edge.blocker;
            if (edge.kind == WaitEdgeKind::Soft)
                parent = headOfQueue(parent, edge.target, heads);
            m_parents[at(node)] = parent == node ? none : parent;
            if (parent != node)
                children[at(parent)].push_back(node);
        }
        // Whatever the graph says: what is shown is a forest.
        std::vector<bool> reached(m_count, false);
        std::vector<qint32> open;
        const auto reach = [&](qint32 top) {
            reached[at(top)] = true;
            open.push_back(top);
            while (!open.empty()) {
                const qint32 node = open.back();
                open.pop_back();
                for (const qint32 child : children[at(node)]) {
                    if (!reached[at(child)]) {
                        reached[at(child)] = true;
                        open.push_back(child);
                    }
                }
            }
        };
        for (qint32 node = 0; at(node) < m_count; ++node) {
            if (m_parents[at(node)] == none)
                reach(node);
        }
        for (qint32 node = 0; at(node) < m_count; ++node) {
            if (!reached[at(node)]) {
                m_parents[at(node)] = none;
                reach(node);
            }
        }
    }

    WaitForestEntry entry(qint32 index) const
    {
        const WaitNode& node = m_graph.nodes[index];
        WaitForestEntry result{.id = node.id, .node = index, .cycle = node.cycle >= 0, .waited = m_ages[at(index)]};
        if (m_parents[at(index)] != none)
            result.edge = m_chosen[at(index)];
        for (qint32 edge = m_firstEdges[at(index)]; edge < m_firstEdges[at(index) + 1]; ++edge) {
            const WaitNodeId& blocker = m_graph.nodes[m_graph.edges[edge].blocker].id;
            const bool shown = result.edge != none && m_graph.edges[edge].blocker == m_graph.edges[result.edge].blocker;
            if (!shown && !result.alsoWaitsFor.contains(blocker))
                result.alsoWaitsFor.append(blocker);
        }
        return result;
    }

    bool queuesBefore(qint32 a, qint32 b) const
    {
        // The longer it has waited, the further ahead; unknown ones at the end.
        return m_ages[at(a)].age.value_or(std::chrono::microseconds(-1)) >
               m_ages[at(b)].age.value_or(std::chrono::microseconds(-1));
    }

    void sortTops(std::vector<qint32>& tops) const
    {
        constexpr qsizetype isNew = std::numeric_limits<qsizetype>::max();
        struct Cycle
        {
            qint32 stuck = 0;
            qsizetype place = isNew;
        };
        QList<Cycle> cycles(m_graph.cycles.size());
        std::vector<qsizetype> turn(m_count, 0);
        for (qsizetype cycle = 0; cycle < cycles.size(); ++cycle) {
            qsizetype position = 0;
            for (const qint32 node : m_graph.cycles[cycle]) {
                turn[at(node)] = position++;
                cycles[cycle].stuck = std::max(cycles[cycle].stuck, m_graph.nodes[node].stuckBehind);
                cycles[cycle].place = std::min(cycles[cycle].place, m_before.tops.value(m_graph.nodes[node].id, isNew));
            }
        }
        const auto key = [&](qint32 index) {
            const WaitNode& node = m_graph.nodes[index];
            if (node.cycle >= 0) {
                const Cycle cycle = cycles.value(node.cycle);
                return std::tuple(0, -cycle.stuck, cycle.place, qint64(node.cycle), turn[at(index)]);
            }
            return std::tuple(node.stuckBehind > 0 ? 1 : 2, -node.stuckBehind, m_before.tops.value(node.id, isNew),
                              -qint64(node.longestWaitBehind.count()), qsizetype(index));
        };
        std::sort(tops.begin(), tops.end(), [&](qint32 a, qint32 b) { return key(a) < key(b); });
    }

    const LockView& m_view;
    const WaitGraph& m_graph;
    const WaitForestPlaces& m_before;
    size_t m_count;
    std::vector<qint32> m_firstEdges; ///< of each waiter; they are sorted by waiter
    std::vector<WaitAge> m_ages;
    std::vector<bool> m_kept;
    std::vector<qint32> m_chosen; ///< the edge that places it
    std::vector<qint32> m_parents;
};

/// A session between statements and outside a transaction, or a process without a client. Hidden states are no idle
/// ones: nobody told.
bool isIdle(const Backend& backend)
{
    return !backend.restricted && (backend.state.isEmpty() || backend.state == QLatin1String("idle"));
}

void appendOthers(const LockView& view, const WaitForestOptions& options, WaitForest& forest)
{
    const Snapshot& snapshot = *view.snapshot;
    QSet<qint32> holders;
    for (const QList<Lock>* const locks : {&snapshot.locks, &snapshot.otherLocks}) {
        qint32 last = 0;
        for (const Lock& lock : *locks) {
            if (lock.backend.pid != last)
                holders.insert(lock.backend.pid);
            last = lock.backend.pid;
        }
    }
    const auto takesPart = [&](const WaitNodeId& id) { return view.waits && view.waits->indexes.contains(id); };
    QList<WaitNodeId> others;
    for (const BackendPointer& backend : snapshot.backends) {
        // A parallel worker is its leader.
        const bool worker = backend->leaderPid != 0 && backend->leaderPid != backend->id.pid &&
                            snapshot.backends.contains(backend->leaderPid);
        const WaitNodeId id{.backend = backend->id};
        if (worker || takesPart(id))
            continue;
        if (!options.hideIdle || !isIdle(*backend) || holders.contains(backend->id.pid))
            others.append(id);
    }
    std::sort(others.begin(), others.end());
    QList<WaitNodeId> prepared;
    for (auto transaction = snapshot.prepared.cbegin(); transaction != snapshot.prepared.cend(); ++transaction) {
        const WaitNodeId id{.virtualTransaction = transaction.key()};
        if (!takesPart(id))
            prepared.append(id);
    }
    std::sort(prepared.begin(), prepared.end());
    for (const WaitNodeId& id : others + prepared) {
        forest.tops.append(static_cast<qint32>(forest.entries.size()));
        forest.entries.append({.id = id, .holds = id.isPrepared() || holders.contains(id.backend.pid)});
    }
}

} // namespace

WaitForest waitForestOf(const LockView& view, const WaitForestOptions& options, const WaitForestPlaces& before)
{
    WaitForest forest;
    if (view.waits)
        Waits(view, options, before).appendTo(forest);
    if (options.allSessions && view.snapshot)
        appendOthers(view, options, forest);
    return forest;
}

} // namespace lockscope
