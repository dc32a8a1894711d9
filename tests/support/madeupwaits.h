#pragma once

#include "models/lockview.h"

#include <QSet>

#include <algorithm>
#include <initializer_list>
#include <memory>

namespace lockscope::test {

/// Wait graphs written down by hand, and views that hold them. Times count from one moment, so that texts can be
/// compared.
class MadeUpWaits
{
public:
    static constexpr ServerTime start{std::chrono::seconds(1'700'000'000)};
    static constexpr quint32 database = 16384;
    static constexpr quint64 preparedBit = quint64(1) << 62; ///< ids of prepared transactions: pid 0

    /// A session; negative: a prepared transaction. change may set any field of its backend.
    template <typename Change>
    MadeUpWaits& session(qint32 pid, const QString& application, const Change& change)
    {
        auto backend = std::make_shared<Backend>();
        backend->id = idOf(pid).backend;
        backend->databaseOid = database;
        backend->database = QStringLiteral("shop");
        backend->user = QStringLiteral("worker");
        backend->applicationName = application;
        backend->clientAddress = QStringLiteral("10.0.3.%1").arg(pid % 250 + 1);
        backend->backendType = QStringLiteral("client backend");
        backend->state = QStringLiteral("idle");
        backend->stateChange = m_now - std::chrono::minutes(3);
        backend->query = QStringLiteral("SELECT pg_try_advisory_lock(5)");
        change(*backend);
        node(pid).backend = backend;
        return *this;
    }
    MadeUpWaits& session(qint32 pid, const QString& application)
    {
        return session(pid, application, [](Backend& /*backend*/) {});
    }
    MadeUpWaits& kind(qint32 pid, WaitNodeKind kind)
    {
        node(pid).kind = kind;
        return *this;
    }
    MadeUpWaits& prepared(qint32 pid, const QString& gid)
    {
        WaitNode& made = node(pid);
        made.kind = WaitNodeKind::Prepared;
        made.prepared = PreparedTransaction{
            .gid = gid, .transactionId = 751, .preparedAt = m_now - std::chrono::hours(3), .databaseOid = database};
        return *this;
    }
    MadeUpWaits& waits(qint32 pid, const LockTarget& target, double seconds, std::initializer_list<qint32> hard,
                       std::initializer_list<qint32> soft = {}, WaitEdgeKind other = WaitEdgeKind::Hard)
    {
        Lock lock;
        lock.target = target;
        lock.mode = LockMode::Exclusive;
        lock.backend = idOf(pid).backend;
        lock.waitStart =
            m_now - std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::duration<double>(seconds));
        WaitNode& waiter = node(pid);
        waiter.waits.append(lock);
        waiter.waitingSince = lock.waitStart;
        for (const qint32 blocker : hard)
            m_edges.append({pid, blocker, target, other});
        for (const qint32 blocker : soft)
            m_edges.append({pid, blocker, target, WaitEdgeKind::Soft});
        for (const Edge& edge : std::as_const(m_edges))
            node(edge.blocker);
        return *this;
    }
    MadeUpWaits& deadlock(const QList<qint32>& pids)
    {
        m_cycles.append(pids);
        return *this;
    }
    MadeUpWaits& pass(std::chrono::milliseconds time)
    {
        m_now += time;
        return *this;
    }
    MadeUpWaits& named(const TargetNamesPointer& names)
    {
        m_names = names;
        return *this;
    }

    [[nodiscard]] static WaitNodeId idOf(qint32 pid)
    {
        if (pid < 0)
            return {.virtualTransaction = preparedBit + static_cast<quint64>(-pid)};
        return {.backend = {.pid = pid, .backendStart = start - std::chrono::hours(2)}};
    }
    [[nodiscard]] static LockTarget key(qint64 key) { return LockTarget::advisory(database, LockKey::bigint(key)); }
    [[nodiscard]] static LockTarget relation(quint32 oid)
    {
        return {.type = LockType::Relation, .databaseOid = database, .relationOid = oid};
    }
    [[nodiscard]] static LockTarget transaction(quint64 id)
    {
        return {.type = LockType::TransactionId, .transactionId = id};
    }

    [[nodiscard]] WaitGraphPointer graph() const
    {
        auto graph = std::make_shared<WaitGraph>();
        graph->takenAt = m_now;
        for (const WaitNode& made : m_nodes)
            graph->nodes.append(made);
        std::sort(graph->nodes.begin(), graph->nodes.end(),
                  [](const WaitNode& a, const WaitNode& b) { return a.id < b.id; });
        for (qint32 index = 0; index < graph->nodes.size(); ++index)
            graph->indexes.insert(graph->nodes[index].id, index);
        QHash<LockTarget, qint32> targets;
        for (const Edge& edge : m_edges) {
            if (!targets.contains(edge.target)) {
                targets.insert(edge.target, static_cast<qint32>(graph->targets.size()));
                graph->targets.append(edge.target);
            }
            graph->edges.append({.waiter = graph->indexes.value(idOf(edge.waiter)),
                                 .blocker = graph->indexes.value(idOf(edge.blocker)),
                                 .target = targets.value(edge.target),
                                 .kind = edge.kind});
        }
        for (const QList<qint32>& pids : m_cycles) {
            QList<qint32> cycle;
            for (const qint32 pid : pids) {
                cycle.append(graph->indexes.value(idOf(pid)));
                graph->nodes[cycle.last()].cycle = static_cast<qint32>(graph->cycles.size());
            }
            graph->cycles.append(cycle);
        }
        countBehind(*graph);
        return graph;
    }

    [[nodiscard]] LockViewPointer view() const
    {
        auto view = std::make_shared<LockView>();
        view->takenAt = m_now;
        view->databaseNames.insert(database, QStringLiteral("shop"));
        view->waits = graph();
        view->names = m_names;
        view->empty = false;
        auto snapshot = std::make_shared<Snapshot>();
        snapshot->takenAt = m_now;
        snapshot->databaseNames = view->databaseNames;
        for (const WaitNode& made : view->waits->nodes) {
            if (made.backend)
                snapshot->backends.insert(made.id.backend.pid, made.backend);
            if (made.prepared)
                snapshot->prepared.insert(made.id.virtualTransaction, *made.prepared);
        }
        view->snapshot = snapshot;
        return view;
    }

private:
    struct Edge
    {
        qint32 waiter;
        qint32 blocker;
        LockTarget target;
        WaitEdgeKind kind;
    };

    WaitNode& node(qint32 pid)
    {
        WaitNode& result = m_nodes[pid];
        if (result.id.isNull()) {
            result.id = idOf(pid);
            result.kind = pid > 0 ? WaitNodeKind::ClientBackend : WaitNodeKind::Prepared;
        }
        return result;
    }

    static void countBehind(WaitGraph& graph)
    {
        QList<QList<qint32>> behind(graph.nodes.size());
        for (const WaitEdge& edge : std::as_const(graph.edges))
            behind[edge.blocker].append(edge.waiter);
        for (qint32 index = 0; index < graph.nodes.size(); ++index) {
            WaitNode& made = graph.nodes[index];
            graph.waitingNodes += made.isWaiting() ? 1 : 0;
            made.directlyBehind = static_cast<qint32>(behind[index].size());
            made.root = !behind[index].isEmpty() && !made.isWaiting();
            if (made.root)
                graph.roots.append(index);
            if (behind[index].isEmpty())
                continue;
            QSet<qint32> seen{index};
            QList<qint32> open{index};
            while (!open.isEmpty()) {
                for (const qint32 next : std::as_const(behind[open.takeLast()])) {
                    if (seen.contains(next))
                        continue;
                    seen.insert(next);
                    open.append(next);
                    ++made.stuckBehind;
                    if (const auto since = graph.nodes[next].waitingSince) {
                        made.longestWaitBehind = std::max(made.longestWaitBehind, graph.takenAt - *since);
                        made.totalWaitBehind += graph.takenAt - *since;
                    }
                }
            }
        }
        std::stable_sort(graph.roots.begin(), graph.roots.end(), [&graph](qint32 a, qint32 b) {
            return graph.nodes[a].stuckBehind > graph.nodes[b].stuckBehind;
        });
    }

    QHash<qint32, WaitNode> m_nodes;
    QList<Edge> m_edges;
    QList<QList<qint32>> m_cycles;
    TargetNamesPointer m_names;
    ServerTime m_now = start;
};

} // namespace lockscope::test
