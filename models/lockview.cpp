#include "models/lockview.h"

#include "models/explanation.h"
#include "models/lockcolumns.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace lockscope {

namespace {

/// A server with a million relations is named piece by piece.
constexpr qsizetype askedNames = 2000;

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

bool sameBackend(const BackendPointer& a, const BackendPointer& b)
{
    return a == b || (a && b && *a == *b);
}

bool shownDifferently(const LockRow& a, const LockRow& b)
{
    return a.mark != b.mark || a.stuckBehind != b.stuckBehind || a.waitsElsewhere != b.waitsElsewhere ||
           a.firstSeen != b.firstSeen || a.firstSeenExact != b.firstSeenExact || !(a.lock == b.lock) ||
           a.blockers != b.blockers || a.meaning != b.meaning || !sameBackend(a.backend, b.backend);
}

/// Its target got a name, or another one.
bool namedDifferently(const LockRow& row, const TargetNames* before, const TargetNames* after)
{
    const auto nameIn = [address = addressOf(row.lock.target)](const TargetNames* names) {
        return names != nullptr && address ? names->names.value(*address) : ObjectName();
    };
    return !(nameIn(before) == nameIn(after));
}

qint64 waitsOutOfScope(const WaitGraph& waits, LockScope scope)
{
    if (scope == LockScope::AllTypes)
        return 0;
    const auto advisory = [](const Lock& lock) { return lock.target.type == LockType::Advisory; };
    return std::count_if(waits.nodes.cbegin(), waits.nodes.cend(), [&](const WaitNode& node) {
        return node.isWaiting() && std::none_of(node.waits.cbegin(), node.waits.cend(), advisory);
    });
}

/// What explanations look up with each reading, found here rather than on the GUI thread. order: where the rows of the
/// view stand among all that are known, which are sorted by identity.
void indexRows(LockView& view, const std::vector<int>& order, qsizetype known)
{
    std::vector<qint32> rowOfKnown(static_cast<std::size_t>(known), -1);
    for (std::size_t row = 0; row < order.size(); ++row)
        rowOfKnown[static_cast<std::size_t>(order[row])] = static_cast<qint32>(row);
    view.rowsByIdentity.reserve(view.rows.size());
    for (const qint32 row : rowOfKnown) {
        if (row >= 0)
            view.rowsByIdentity.append(row);
    }
    for (qint32 row = 0; row < view.rows.size(); ++row) {
        if (view.rows.at(row).isWaiting() || view.rows.at(row).isBlocker())
            view.urgentRows.append(row);
    }
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

const LockRow* rowOf(const Lock& lock, const LockView& view)
{
    const auto first = std::partition_point(view.rowsByIdentity.cbegin(), view.rowsByIdentity.cend(),
                                            [&](qint32 row) { return identityLess(view.rows[row].lock, lock); });
    for (auto row = first; row != view.rowsByIdentity.cend() && sameIdentity(view.rows[*row].lock, lock); ++row) {
        if (!view.rows[*row].isGone())
            return &view.rows[*row];
    }
    return nullptr;
}

LockViewUpdate LockViewBuilder::update(const SnapshotPointer& snapshot)
{
    m_snapshot = snapshot;
    m_diagnoses.reset();
    m_waits = std::make_shared<const WaitGraph>(waitGraphOf(*snapshot));
    findUnknownNames();
    return publish(m_history.merge(*snapshot));
}

void LockViewBuilder::setDictionary(const KeyDictionaryPointer& dictionary)
{
    m_givenDictionary = dictionary;
    m_dictionary.reset();
    m_history.forgetMeanings();
}

void LockViewBuilder::setTargetNames(const TargetNamesPointer& names)
{
    m_names = names;
    findUnknownNames();
}

LockViewUpdate LockViewBuilder::refresh()
{
    return publish({});
}

void LockViewBuilder::giveMeanings()
{
    if (!m_givenDictionary || !m_snapshot)
        return;
    if (!m_dictionary || m_meaningNames != m_snapshot->databaseNames) {
        // Some keys are computed from the name of their database: once for all rows.
        m_meaningNames = m_snapshot->databaseNames;
        auto prepared = std::make_shared<KeyDictionary>(m_dictionary ? *m_dictionary : *m_givenDictionary);
        prepared->setDatabases(m_meaningNames.values());
        m_dictionary = std::move(prepared);
        m_history.forgetMeanings();
    }
    m_history.giveMeanings([this](const LockTarget& target) {
        if (target.type != LockType::Advisory)
            return QString();
        return m_dictionary->meaning(target, m_meaningNames.value(target.databaseOid));
    });
}

/// Numbers on the screen that could be names.
void LockViewBuilder::findUnknownNames()
{
    m_unknownNames.clear();
    if (!m_snapshot)
        return;
    QSet<ObjectAddress> unreadable;
    const auto look = [&](const QList<Lock>& locks) {
        for (const Lock& lock : locks) {
            if (m_unknownNames.size() >= askedNames)
                return;
            const auto address = addressOf(lock.target);
            if (!address || (m_names && m_names->names.contains(*address)))
                continue;
            if (!m_names || !m_names->troubles.contains(address->databaseOid))
                m_unknownNames.insert(*address);
            else if (unreadable.size() < askedNames)
                unreadable.insert(*address);
        }
    };
    look(m_snapshot->otherLocks);
    if (m_snapshot->scope == LockScope::AllTypes)
        look(m_snapshot->locks);
    // A database that cannot be read now is asked about again, but never in the place of others.
    for (const ObjectAddress& address : std::as_const(unreadable)) {
        if (m_unknownNames.size() >= askedNames)
            break;
        m_unknownNames.insert(address);
    }
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
    m_diagnoses.reset();
    m_waits.reset();
    m_names.reset();
    m_unknownNames.clear();
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
        view->snapshot = m_snapshot;
        view->waits = m_waits;
        view->rootBlockers = m_waits->roots.size();
        view->otherWaits = waitsOutOfScope(*m_waits, m_snapshot->scope);
    }
    view->names = m_names;
    giveMeanings();
    view->dictionary = m_dictionary ? m_dictionary : m_givenDictionary;

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
    indexRows(*view, order, known.size());

    const LockView& before = *m_view;
    const bool newNames = before.names != view->names;
    EditScript script = diffRows(rowIds(before), rowIds(*view), [&](int oldRow, int newRow) {
        const LockRow& row = view->rows[newRow];
        return shownDifferently(before.rows[oldRow], row) ||
               (newNames && namedDifferently(row, before.names.get(), view->names.get()));
    });
    if (m_snapshot && !m_diagnoses)
        m_diagnoses = std::make_shared<const QList<Diagnosis>>(diagnosesOf(*view, m_server));
    view->diagnoses = m_diagnoses;
    m_view = view;
    return {.view = std::move(view),
            .script = std::move(script),
            .events = std::move(events),
            .unknownNames = m_unknownNames};
}

} // namespace lockscope
