#include "models/lockview.h"

#include "models/lockcolumns.h"

#include <QSet>

#include <algorithm>
#include <utility>
#include <vector>

namespace lockscope {

namespace {

/// Keeps the order. A limit must never hide what somebody is looking for in an emergency: waiting rows and blockers
/// stay first, whatever the sort.
void limitRows(std::vector<int>& order, const QList<LockRow>& rows, qint64 limit)
{
    if (limit <= 0 || static_cast<qint64>(order.size()) <= limit)
        return;
    const auto urgent = [&](int index) { return rows[index].isWaiting() || rows[index].isBlocker(); };
    qint64 urgentLeft = std::min<qint64>(limit, std::count_if(order.begin(), order.end(), urgent));
    qint64 othersLeft = limit - urgentLeft;
    std::erase_if(order, [&](int index) { return (urgent(index) ? urgentLeft : othersLeft)-- <= 0; });
}

std::vector<int> sorted(std::vector<int> order, const QList<LockRow>& rows, const LockViewSpec& spec,
                        const LockView& context)
{
    const auto compare = lockColumn(spec.sortColumn).compare;
    const bool descending = spec.sortOrder == Qt::DescendingOrder;
    // Rows are known in order of identity, so the index is the tie break, up and down alike.
    std::sort(order.begin(), order.end(), [&](int a, int b) {
        const std::weak_ordering result = compare(rows[a], rows[b], context);
        if (result == 0)
            return a < b;
        return descending ? result > 0 : result < 0;
    });
    return order;
}

/// Backends somebody waits for that wait for nobody. 0 stands for prepared transactions.
qint64 countRootBlockers(const Snapshot& snapshot)
{
    QSet<qint32> waiting;
    QSet<qint32> blocking;
    for (auto entry = snapshot.blockers.cbegin(); entry != snapshot.blockers.cend(); ++entry) {
        if (entry->isEmpty())
            continue;
        waiting.insert(entry.key());
        for (const qint32 pid : *entry)
            blocking.insert(pid);
    }
    return std::count_if(blocking.cbegin(), blocking.cend(), [&](qint32 pid) { return !waiting.contains(pid); });
}

bool sameBackend(const BackendPointer& a, const BackendPointer& b)
{
    return a == b || (a && b && *a == *b);
}

bool shownDifferently(const LockRow& a, const LockRow& b)
{
    return a.mark != b.mark || a.stuckBehind != b.stuckBehind || a.waitsElsewhere != b.waitsElsewhere ||
           a.firstSeen != b.firstSeen || a.firstSeenExact != b.firstSeenExact || !(a.lock == b.lock) ||
           a.blockers != b.blockers || !sameBackend(a.backend, b.backend);
}

QList<quint64> rowIds(const LockView& view)
{
    QList<quint64> ids;
    ids.reserve(view.rows.size());
    for (const LockRow& row : view.rows)
        ids.append(row.rowId);
    return ids;
}

} // namespace

LockViewUpdate LockViewBuilder::update(const SnapshotPointer& snapshot)
{
    m_snapshot = snapshot;
    return publish(m_history.merge(*snapshot));
}

LockViewUpdate LockViewBuilder::respecify(const LockViewSpec& spec)
{
    if (spec.filter != m_spec.filter)
        m_filter = LockFilter(spec.filter);
    m_spec = spec;
    return publish({});
}

LockViewUpdate LockViewBuilder::reset()
{
    m_snapshot.reset();
    m_history.clear();
    m_filter = LockFilter(m_spec.filter);
    LockViewUpdate update = publish({});
    update.script.kind = EditScript::Kind::Reset;
    update.script.oldToNew.clear();
    update.script.removed.clear();
    return update;
}

LockViewUpdate LockViewBuilder::publish(QList<LockEvent> events)
{
    auto view = std::make_shared<LockView>();
    view->generation = m_view->generation + 1;
    if (m_snapshot) {
        view->empty = false;
        view->takenAt = m_snapshot->takenAt;
        view->pollDuration = m_snapshot->pollDuration;
        view->databaseNames = m_snapshot->databaseNames;
        view->totalLocks = std::max<qint64>(m_snapshot->totalLocks, m_snapshot->locks.size());
        view->waitingLocks = std::count_if(m_snapshot->locks.cbegin(), m_snapshot->locks.cend(),
                                           [](const Lock& lock) { return !lock.granted; });
        view->rootBlockers = countRootBlockers(*m_snapshot);
    }

    const QList<LockRow>& known = m_history.rows();
    const auto isThere = [&](int index) { return !known[index].isGone(); };
    std::vector<int> order = m_filter.matching(known, *view);
    view->matchingRows = std::count_if(order.begin(), order.end(), isThere);
    order = sorted(std::move(order), known, m_spec, *view);
    limitRows(order, known, m_spec.rowLimit);
    view->shownLocks = std::count_if(order.begin(), order.end(), isThere);
    view->rows.reserve(static_cast<qsizetype>(order.size()));
    for (const int index : order)
        view->rows.append(known[index]);

    const LockView& before = *m_view;
    EditScript script = diffRows(rowIds(before), rowIds(*view), [&](int oldRow, int newRow) {
        return shownDifferently(before.rows[oldRow], view->rows[newRow]);
    });
    m_view = view;
    return {.view = std::move(view), .script = std::move(script), .events = std::move(events)};
}

} // namespace lockscope
