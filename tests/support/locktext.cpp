#include "tests/support/locktext.h"

#include "models/lockcolumns.h"

#include <algorithm>

namespace lockscope::test {

ServerTime serverTime(double seconds)
{
    using namespace std::chrono;
    constexpr ServerTime begin{sys_days{year{2026} / 1 / 1}};
    return begin + round<microseconds>(duration<double>(seconds));
}

SnapshotMaker::SnapshotMaker(double takenAtSeconds)
{
    m_snapshot.takenAt = serverTime(takenAtSeconds);
    m_snapshot.pollDuration = std::chrono::milliseconds(3);
    m_snapshot.databaseNames = {{shop, QStringLiteral("shop")}, {depot, QStringLiteral("depot")}};
}

SnapshotMaker& SnapshotMaker::held(LockKey key, qint32 pid, LockMode mode, quint32 database)
{
    return add(LockTarget::advisory(database, key), mode, true, pid);
}

SnapshotMaker& SnapshotMaker::held(qint64 key, qint32 pid, LockMode mode, quint32 database)
{
    return held(LockKey::bigint(key), pid, mode, database);
}

SnapshotMaker& SnapshotMaker::waiting(qint64 key, qint32 pid, std::optional<double> since,
                                      std::initializer_list<qint32> blockers, LockMode mode)
{
    m_snapshot.blockers.insert(pid, QList<qint32>(blockers));
    return add(LockTarget::advisory(shop, LockKey::bigint(key)), mode, false, pid,
               since ? std::optional(serverTime(*since)) : std::nullopt);
}

SnapshotMaker& SnapshotMaker::relation(quint32 oid, qint32 pid, LockMode mode)
{
    LockTarget target;
    target.type = LockType::Relation;
    target.databaseOid = shop;
    target.relationOid = oid;
    return add(target, mode, true, pid);
}

SnapshotMaker& SnapshotMaker::prepared(qint64 key, quint64 virtualTransaction)
{
    Lock lock;
    lock.target = LockTarget::advisory(shop, LockKey::bigint(key));
    lock.mode = LockMode::Exclusive;
    lock.granted = true;
    lock.virtualTransaction = virtualTransaction;
    m_snapshot.locks.append(lock);
    return *this;
}

SnapshotMaker& SnapshotMaker::holds(const LockTarget& target, qint32 pid, LockMode mode, quint64 virtualTransaction)
{
    if (pid != 0)
        add(target, mode, true, pid);
    else
        m_snapshot.locks.append({.target = target, .mode = mode, .granted = true});
    m_snapshot.locks.last().virtualTransaction = virtualTransaction;
    return *this;
}

SnapshotMaker& SnapshotMaker::waitsFor(const LockTarget& target, qint32 pid, std::optional<double> since,
                                       const QList<qint32>& blockers, LockMode mode)
{
    m_snapshot.blockers.insert(pid, blockers);
    return add(target, mode, false, pid, since ? std::optional(serverTime(*since)) : std::nullopt);
}

SnapshotMaker& SnapshotMaker::preparedTransaction(quint64 virtualTransaction, const QString& gid)
{
    m_snapshot.prepared.insert(virtualTransaction, {.gid = gid,
                                                    .transactionId = static_cast<quint32>(virtualTransaction),
                                                    .preparedAt = serverTime(-3600),
                                                    .owner = QStringLiteral("anna"),
                                                    .databaseOid = shop});
    return *this;
}

SnapshotMaker& SnapshotMaker::backend(qint32 pid, const std::function<void(Backend&)>& change)
{
    Backend backend;
    if (const BackendPointer known = m_snapshot.backends.value(pid)) {
        backend = *known;
    } else {
        backend.id = {.pid = pid, .backendStart = serverTime(-1000 - pid)};
        backend.databaseOid = shop;
        backend.database = QStringLiteral("shop");
        backend.user = QStringLiteral("anna");
        backend.applicationName = QStringLiteral("pod");
        backend.clientPort = -1;
        backend.backendType = QStringLiteral("client backend");
        backend.state = QStringLiteral("idle");
        backend.query = QStringLiteral("SELECT now()");
    }
    if (change)
        change(backend);
    m_snapshot.backends.insert(pid, std::make_shared<const Backend>(backend));
    return *this;
}

SnapshotMaker& SnapshotMaker::allTypes()
{
    m_snapshot.scope = LockScope::AllTypes;
    return *this;
}

SnapshotMaker& SnapshotMaker::total(qint64 locks)
{
    m_total = locks;
    return *this;
}

SnapshotMaker& SnapshotMaker::othersApart()
{
    m_othersApart = true;
    return *this;
}

SnapshotMaker& SnapshotMaker::then(const std::function<void(Snapshot&)>& change)
{
    m_changes.append(change);
    return *this;
}

SnapshotMaker& SnapshotMaker::add(const LockTarget& target, LockMode mode, bool granted, qint32 pid,
                                  std::optional<ServerTime> waitStart)
{
    backend(pid);
    Lock lock;
    lock.target = target;
    lock.mode = mode;
    lock.granted = granted;
    lock.backend.pid = pid;
    lock.waitStart = waitStart;
    m_snapshot.locks.append(lock);
    return *this;
}

SnapshotPointer SnapshotMaker::make() const
{
    auto snapshot = std::make_shared<Snapshot>(m_snapshot);
    for (Lock& lock : snapshot->locks) {
        if (lock.backend.pid != 0)
            lock.backend = snapshot->backends.value(lock.backend.pid)->id;
    }
    std::sort(snapshot->locks.begin(), snapshot->locks.end(), identityLess);
    if (m_othersApart) {
        const auto isOther = [](const Lock& lock) { return lock.target.type != LockType::Advisory; };
        std::copy_if(snapshot->locks.cbegin(), snapshot->locks.cend(), std::back_inserter(snapshot->otherLocks),
                     isOther);
        snapshot->locks.removeIf(isOther);
    }
    snapshot->totalLocks = m_total < 0 ? snapshot->locks.size() : m_total;
    for (const auto& change : m_changes)
        change(*snapshot);
    return snapshot;
}

LockTarget relationTarget(quint32 oid, quint32 database)
{
    LockTarget target;
    target.type = LockType::Relation;
    target.databaseOid = database;
    target.relationOid = oid;
    return target;
}

LockTarget tupleTarget(quint32 relation, quint32 page, quint16 tuple)
{
    LockTarget target = relationTarget(relation);
    target.type = LockType::Tuple;
    target.page = page;
    target.tuple = tuple;
    return target;
}

LockTarget transactionTarget(quint32 xid)
{
    LockTarget target;
    target.type = LockType::TransactionId;
    target.transactionId = xid;
    return target;
}

LockTarget virtualTarget(quint32 process, quint32 localXid)
{
    LockTarget target;
    target.type = LockType::VirtualXid;
    target.transactionId = quint64(process) << 32 | localXid;
    return target;
}

LockTarget keyTarget(qint64 key, quint32 database)
{
    return LockTarget::advisory(database, LockKey::bigint(key));
}

QString text(const WaitNodeId& id)
{
    if (id.isPrepared())
        return QStringLiteral("prepared %1").arg(id.virtualTransaction);
    if (id.isNull())
        return QStringLiteral("prepared ?");
    return QString::number(id.backend.pid) + (id.backend.backendStart ? QString() : QStringLiteral("?"));
}

QString edgesOf(const WaitGraph& graph)
{
    QStringList edges;
    for (const WaitEdge& edge : graph.edges)
        edges.append(QStringLiteral("%1 -> %2 %3 %4")
                         .arg(text(graph.nodes.at(edge.waiter).id), text(graph.nodes.at(edge.blocker).id),
                              word(edge.kind), describe(graph.targets.at(edge.target))));
    return edges.join(QStringLiteral(", "));
}

QString rootsOf(const WaitGraph& graph)
{
    QStringList roots;
    for (const qint32 root : graph.roots) {
        const WaitNode& node = graph.nodes.at(root);
        roots.append(QStringLiteral("%1 %2 %3 stuck %4 %5")
                         .arg(text(node.id), word(node.kind), QString::number(node.stuckBehind),
                              formatAge(node.longestWaitBehind), formatAge(node.totalWaitBehind)));
    }
    return roots.join(QStringLiteral(", "));
}

QString cyclesOf(const WaitGraph& graph)
{
    QStringList cycles;
    for (const QList<qint32>& cycle : graph.cycles) {
        QStringList nodes;
        for (const qint32 node : cycle)
            nodes.append(text(graph.nodes.at(node).id));
        cycles.append(nodes.join(QStringLiteral(" > ")));
    }
    return cycles.join(QStringLiteral(" | "));
}

QString text(const LockRow& row, const LockView& view)
{
    const auto column = [&](LockColumn which) { return lockColumn(which).text(row, view); };
    QString result;
    switch (row.mark) {
    case RowMark::None:
        break;
    case RowMark::New:
        result = QStringLiteral("+");
        break;
    case RowMark::Changed:
        result = QStringLiteral("~");
        break;
    case RowMark::Gone:
        result = QStringLiteral("-");
        break;
    }
    result += column(LockColumn::Key);
    if (row.lock.target.databaseOid != shop)
        result += u'@' + column(LockColumn::Database);
    if (row.lock.mode != LockMode::Exclusive)
        result += u' ' + column(LockColumn::Mode);
    return result + u' ' + column(LockColumn::Pid) + u' ' + column(LockColumn::State);
}

QString text(const LockView& view)
{
    QStringList rows;
    for (const LockRow& row : view.rows)
        rows.append(text(row, view));
    return rows.join(QStringLiteral(" | "));
}

QString text(const QList<LockEvent>& events)
{
    QStringList result;
    for (const LockEvent& event : events) {
        QString verb;
        switch (event.kind) {
        case LockEventKind::Acquired:
            verb = QStringLiteral("acquired");
            break;
        case LockEventKind::Released:
            verb = QStringLiteral("released");
            break;
        case LockEventKind::Granted:
            verb = QStringLiteral("granted");
            break;
        case LockEventKind::Waiting:
            verb = QStringLiteral("waiting");
            break;
        case LockEventKind::BackendGone:
            result.append(QStringLiteral("backend %1 gone").arg(event.lock.backend.pid));
            continue;
        }
        result.append(QStringLiteral("%1 %2 by %3")
                          .arg(verb, describe(event.lock.target), QString::number(event.lock.backend.pid)));
    }
    return result.join(QStringLiteral(", "));
}

QString text(const EditScript& script)
{
    const auto ranges = [](QChar sign, const QList<RowRange>& runs) {
        QString result;
        for (const RowRange& run : runs) {
            result += u' ' + QString(sign) + QString::number(run.first);
            if (run.last != run.first)
                result += QStringLiteral("..%1").arg(run.last);
        }
        return result;
    };
    switch (script.kind) {
    case EditScript::Kind::Nothing:
        return QStringLiteral("nothing");
    case EditScript::Kind::Reset:
        return QStringLiteral("reset");
    case EditScript::Kind::Ranges:
        return QStringLiteral("ranges") + ranges(u'-', script.removed) + ranges(u'+', script.inserted) +
               ranges(u'~', script.changed);
    case EditScript::Kind::Layout:
        break;
    }
    QString result = QStringLiteral("layout");
    for (const int row : script.oldToNew)
        result += row < 0 ? QStringLiteral(" x") : QStringLiteral(" %1").arg(row);
    return result + ranges(u'~', script.changed);
}

QList<quint64> replayed(const EditScript& script, QList<quint64> before, const QList<quint64>& after)
{
    switch (script.kind) {
    case EditScript::Kind::Nothing:
        return before;
    case EditScript::Kind::Reset:
        return after;
    case EditScript::Kind::Ranges:
        for (const RowRange& range : script.removed)
            before.remove(range.first, range.count());
        for (const RowRange& range : script.inserted) {
            for (int row = range.first; row <= range.last; ++row)
                before.insert(row, after[row]);
        }
        return before;
    case EditScript::Kind::Layout:
        break;
    }
    // Every place that no survivor takes is a new row's.
    QList<quint64> result = after;
    QList<bool> taken(after.size(), false);
    for (qsizetype row = 0; row < before.size(); ++row) {
        if (const int place = script.oldToNew[row]; place >= 0) {
            result[place] = before[row];
            taken[place] = true;
        }
    }
    for (qsizetype row = 0; row < after.size(); ++row) {
        if (!taken[row] && before.contains(after[row]))
            result[row] = 0; // a survivor was taken for a new row: shows as a difference
    }
    return result;
}

} // namespace lockscope::test
