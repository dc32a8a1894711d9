#include "models/cureplan.h"

#include "models/domain/displaytext.h"
#include "models/domain/redaction.h"

#include <QCoreApplication>

#include <algorithm>

namespace lockscope {

namespace {

constexpr qsizetype linesShown = 20;
constexpr int nameLimit = 60;
constexpr int gidLimit = 200;
constexpr int queryLimit = 4 * 1024;

struct Messages
{
    Q_DECLARE_TR_FUNCTIONS(lockscope::CurePlan)
};

QString more(qsizetype count)
{
    return Messages::tr("and %1 more").arg(count);
}

/// At most linesShown, and a line that counts the rest.
QStringList cut(const QStringList& lines)
{
    return lines.size() <= linesShown ? lines : lines.first(linesShown) + QStringList{more(lines.size() - linesShown)};
}

/// "1234 pod-a".
QString shortName(const WaitNodeId& id, const Backend* backend, const PreparedTransaction* prepared)
{
    if (id.isPrepared())
        return prepared != nullptr ? Messages::tr("prepared transaction '%1'").arg(cellText(prepared->gid, nameLimit))
                                   : Messages::tr("a prepared transaction");
    const QString pid = QString::number(id.backend.pid);
    if (backend == nullptr || backend->applicationName.isEmpty())
        return pid;
    return Messages::tr("%1 %2").arg(pid, cellText(backend->applicationName, nameLimit));
}

QString databaseName(quint32 oid, const LockView& view)
{
    const QString name = view.databaseNames.value(oid);
    return name.isEmpty() ? Messages::tr("database %1").arg(oid) : cellText(name, nameLimit);
}

/// "key 5 in shop (calendar sync)", "public.orders in shop", "transaction 751".
QString targetText(const LockTarget& target, const LockView& view)
{
    const QString what = cellText(describe(target, view.names.get()), 200);
    QString text = target.key() ? Messages::tr("key %1").arg(what) : what;
    if (target.databaseOid != 0 && target.type != LockType::TransactionId && target.type != LockType::VirtualXid)
        text = Messages::tr("%1 in %2").arg(text, databaseName(target.databaseOid, view));
    if (view.dictionary) {
        const QString meaning = view.dictionary->meaning(target, view.databaseNames.value(target.databaseOid));
        if (!meaning.isEmpty())
            text = Messages::tr("%1 (%2)").arg(text, cellText(meaning, nameLimit));
    }
    return text;
}

/// Every session holds its own virtual transaction and, once it writes, its transaction: only worth a line where
/// somebody waits for it.
bool isHousekeeping(const LockTarget& target)
{
    return target.type == LockType::VirtualXid || target.type == LockType::TransactionId;
}

class Planner
{
public:
    Planner(CureKind kind, const WaitNodeId& victim, const LockView& view, const ServerInfo& server,
            const QSet<qint32>& ownBackends)
        : m_kind(kind)
        , m_id(victim)
        , m_view(view)
        , m_server(server)
        , m_snapshot(view.snapshot ? *view.snapshot : m_nothing)
        , m_graph(view.waits ? *view.waits : m_noGraph)
    {
        m_plan.request = {.kind = kind, .backend = victim.backend, .systemIdentifier = server.systemIdentifier};
        if (const auto found = m_snapshot.prepared.constFind(victim.virtualTransaction);
            victim.isPrepared() && found != m_snapshot.prepared.constEnd())
            m_plan.request.prepared = *found;
        if (const auto listed = m_snapshot.backends.value(victim.backend.pid); listed && listed->id == victim.backend)
            m_backend = listed;
        m_own = ownBackends.contains(victim.backend.pid);
    }

    CurePlan plan()
    {
        describeVictim();
        describeReleases();
        describeWaiters();
        warn();
        return m_plan;
    }

private:
    void describeVictim();
    void describeReleases();
    void describeWaiters();
    void warn();
    [[nodiscard]] QString waiterText(const WaitNode& node) const;
    [[nodiscard]] bool letsGo(const WaitEdge& edge) const;
    [[nodiscard]] std::optional<QString> otherBlocker(const WaitNode& node, const QList<const WaitEdge*>& edges,
                                                      qint32 victim) const;
    [[nodiscard]] bool cancels() const { return m_kind == CureKind::CancelQuery; }
    [[nodiscard]] std::chrono::microseconds age(ServerTime since) const { return m_view.takenAt - since; }

    const Snapshot m_nothing;
    const WaitGraph m_noGraph;
    CureKind m_kind;
    WaitNodeId m_id;
    const LockView& m_view;
    const ServerInfo& m_server;
    const Snapshot& m_snapshot;
    const WaitGraph& m_graph;
    BackendPointer m_backend;
    bool m_own = false;
    qsizetype m_advisoryKept = 0; ///< by a cancelled query
    CurePlan m_plan;
};

void Planner::describeVictim()
{
    if (m_id.isPrepared()) {
        const auto& prepared = m_plan.request.prepared;
        m_plan.name = QStringLiteral("'%1'").arg(cellText(prepared.gid, nameLimit));
        m_plan.victim = Messages::tr("Prepared transaction '%1' of %2 in %3")
                            .arg(cellText(prepared.gid, gidLimit), cellText(prepared.owner, nameLimit),
                                 databaseName(prepared.databaseOid, m_view));
        m_plan.state = Messages::tr("prepared for %1, transaction %2")
                           .arg(formatAge(age(prepared.preparedAt)), QString::number(prepared.transactionId));
        return;
    }
    m_plan.victim = shortName(m_id, m_backend.get(), nullptr);
    m_plan.name = QString::number(m_id.backend.pid);
    if (m_backend && !m_backend->applicationName.isEmpty())
        m_plan.name = Messages::tr("%1 (%2)").arg(m_plan.name, cellText(m_backend->applicationName, nameLimit));
    if (!m_backend)
        return;
    QStringList parts{m_plan.victim};
    const QString database = cellText(m_backend->database, nameLimit);
    const QString user = cellText(m_backend->user, nameLimit);
    if (!user.isEmpty())
        parts.append(database.isEmpty() ? user : Messages::tr("%1 in %2").arg(user, database));
    if (!m_backend->clientAddress.isEmpty())
        parts.append(Messages::tr("from %1").arg(cellText(m_backend->clientAddress, nameLimit)));
    m_plan.victim = parts.join(QStringLiteral(", "));
    if (!m_backend->state.isEmpty()) {
        const QString state = cellText(m_backend->state, nameLimit);
        m_plan.state = m_backend->stateChange
                           ? Messages::tr("%1 for %2").arg(state, formatAge(age(*m_backend->stateChange)))
                           : state;
    }
    m_plan.query = withoutPasswords(firstCharacters(m_backend->query, queryLimit));
}

void Planner::describeReleases()
{
    // What somebody waits for comes first. Sessions with 100 000 locks exist: only what is shown is put into words.
    QSet<LockTarget> waitedFor;
    if (const WaitNode* const node = m_graph.node(m_id)) {
        for (const Lock& lock : node->blocks)
            waitedFor.insert(lock.target);
    }
    QList<const Lock*> contended;
    QList<const Lock*> others;
    for (const auto* locks : {&m_snapshot.locks, &m_snapshot.otherLocks}) {
        for (const Lock& lock : *locks) {
            if (nodeOf(lock, m_snapshot) != m_id)
                continue;
            const bool first = !lock.granted || waitedFor.contains(lock.target);
            if (lock.granted && cancels() && lock.target.type == LockType::Advisory)
                ++m_advisoryKept;
            else if (first || !isHousekeeping(lock.target))
                (first ? contended : others).append(&lock);
        }
    }
    const auto all = contended + others;
    for (const Lock* lock : all.first(std::min(all.size(), linesShown))) {
        const QString target = targetText(lock->target, m_view);
        m_plan.releases.append(lock->granted ? Messages::tr("%1 on %2").arg(displayName(lock->mode), target)
                                             : Messages::tr("Its place in the queue for %1").arg(target));
    }
    if (all.size() > linesShown)
        m_plan.releases.append(more(all.size() - linesShown));
}

QString Planner::waiterText(const WaitNode& node) const
{
    const QString name = shortName(node.id, node.backend.get(), node.prepared ? &*node.prepared : nullptr);
    if (node.waits.isEmpty())
        return name;
    const QString target = targetText(node.waits.first().target, m_view);
    return node.waitingSince
               ? Messages::tr("%1, waiting %2 for %3").arg(name, formatAge(age(*node.waitingSince)), target)
               : Messages::tr("%1, waiting for %2").arg(name, target);
}

/// Whether the victim no longer stands in this waiter's way afterwards, for certain. A cancelled query leaves its
/// queue and, outside a savepoint, its transaction's locks; advisory ones may be the session's.
bool Planner::letsGo(const WaitEdge& edge) const
{
    if (!cancels() || edge.kind == WaitEdgeKind::Soft)
        return true;
    return edge.kind == WaitEdgeKind::Hard && edge.target >= 0 &&
           m_graph.targets.at(edge.target).type != LockType::Advisory;
}

/// Who else stands in this waiter's way; nothing when nobody does. The graph leaves out what others imply, and without
/// the victim that may be all there is: the server's own list counts.
std::optional<QString> Planner::otherBlocker(const WaitNode& node, const QList<const WaitEdge*>& edges,
                                             qint32 victim) const
{
    for (const WaitEdge* edge : edges) {
        if (edge->blocker == victim)
            continue;
        const WaitNode& other = m_graph.nodes.at(edge->blocker);
        return shortName(other.id, other.backend.get(), other.prepared ? &*other.prepared : nullptr);
    }
    const auto& victimsWorkers = m_graph.nodes.at(victim).workers;
    for (const qint32 waiter : node.workers + QList<qint32>{node.id.backend.pid}) {
        const auto blockers = m_snapshot.blockers.value(waiter);
        for (const qint32 pid : blockers) {
            const bool own = pid == node.id.backend.pid || node.workers.contains(pid);
            const bool isVictim = pid == m_id.backend.pid || victimsWorkers.contains(pid);
            if (pid != 0 && !own && !isVictim)
                return shortName({.backend = {.pid = pid}}, m_snapshot.backends.value(pid).get(), nullptr);
        }
    }
    return {};
}

void Planner::describeWaiters()
{
    const auto found = m_graph.indexes.constFind(m_id);
    if (found == m_graph.indexes.constEnd())
        return;
    const qint32 victim = *found;
    // Everybody who waits for the victim, through others too.
    QHash<qint32, QList<const WaitEdge*>> waitersOf;
    QHash<qint32, QList<const WaitEdge*>> edgesOf;
    for (const WaitEdge& edge : m_graph.edges) {
        waitersOf[edge.blocker].append(&edge);
        edgesOf[edge.waiter].append(&edge);
    }
    QList<qint32> behind;
    QSet<qint32> seen{victim};
    QList<qint32> open{victim};
    for (qsizetype next = 0; next < open.size(); ++next) {
        const auto edges = waitersOf.value(open.at(next));
        for (const WaitEdge* edge : edges) {
            if (seen.contains(edge->waiter))
                continue;
            seen.insert(edge->waiter);
            open.append(edge->waiter);
            behind.append(edge->waiter);
        }
    }
    const auto since = [this](qint32 index) {
        return m_graph.nodes.at(index).waitingSince.value_or(ServerTime::max());
    };
    std::ranges::stable_sort(behind, {}, since);

    QStringList unblocks;
    QStringList stillStuck;
    for (const qint32 index : behind) {
        const WaitNode& node = m_graph.nodes.at(index);
        const auto edges = edgesOf.value(index);
        const bool maybeKept =
            std::ranges::any_of(edges, [&](const WaitEdge* edge) { return edge->blocker == victim && !letsGo(*edge); });
        if (const auto other = otherBlocker(node, edges, victim))
            stillStuck.append(Messages::tr("%1: behind %2").arg(waiterText(node), *other));
        else if (maybeKept)
            stillStuck.append(
                Messages::tr("%1: unless the victim took that key for its transaction only").arg(waiterText(node)));
        else
            unblocks.append(waiterText(node));
    }
    m_plan.unblocks = cut(unblocks);
    m_plan.stillStuck = cut(stillStuck);
}

void Planner::warn()
{
    auto& warnings = m_plan.warnings;
    if (m_kind == CureKind::RollbackPrepared)
        warnings.append(
            Messages::tr("What the transaction changed is lost for good. Its coordinator may count on it."));
    if (m_kind == CureKind::CommitPrepared)
        warnings.append(Messages::tr("What the transaction changed becomes permanent. Its coordinator may have decided "
                                     "to roll it back."));
    if (m_backend) {
        const bool isClient =
            m_backend->backendType.isEmpty() || m_backend->backendType == QLatin1String("client backend");
        m_plan.mustBeKnown = m_backend->superuser || !isClient;
        if (m_backend->superuser)
            warnings.append(Messages::tr("It is a superuser's session: perhaps an administrator, a backup or a "
                                         "replication tool."));
        if (!isClient)
            warnings.append(Messages::tr("It is no client's session but a process of the kind \"%1\".")
                                .arg(cellText(m_backend->backendType, nameLimit)));
        if (m_backend->transactionStart && m_kind == CureKind::TerminateBackend)
            warnings.append(Messages::tr("Its transaction of %1 is rolled back.")
                                .arg(formatAge(age(*m_backend->transactionStart))));
    }
    if (m_own)
        warnings.append(
            Messages::tr("It is one of your own: an operator session or simulated client of this console."));
    if (cancels()) {
        warnings.append(m_advisoryKept > 0
                            ? Messages::tr("Cancelling releases no session-level lock. It holds advisory locks (%1 in "
                                           "all), and whether they are session-level cannot be seen from outside.")
                                  .arg(m_advisoryKept)
                            : Messages::tr("Cancelling releases no session-level lock."));
        warnings.append(Messages::tr("A query inside a savepoint leaves the locks that its transaction took before."));
    }
    for (const CureOffer& offer : cureOffers(m_id, m_snapshot, m_server, false)) {
        if (offer.kind == m_kind && !offer.reason.isEmpty())
            warnings.append(offer.reason);
    }
}

} // namespace

CurePlan planCure(CureKind kind, const WaitNodeId& victim, const LockView& view, const ServerInfo& server,
                  const QSet<qint32>& ownBackends)
{
    return Planner(kind, victim, view, server, ownBackends).plan();
}

std::optional<bool> isStillThere(const CureRequest& request, const WaitNodeId& victim, const Snapshot& snapshot)
{
    if (victim.isPrepared()) {
        const auto found = snapshot.prepared.constFind(victim.virtualTransaction);
        return found != snapshot.prepared.constEnd() && found->transactionId == request.prepared.transactionId &&
               found->gid == request.prepared.gid;
    }
    const auto listed = snapshot.backends.value(victim.backend.pid);
    if (listed)
        return listed->id == victim.backend;
    if (snapshot.everyBackend)
        return false;
    return {};
}

} // namespace lockscope
