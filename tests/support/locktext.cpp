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
    snapshot->totalLocks = m_total < 0 ? snapshot->locks.size() : m_total;
    return snapshot;
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
