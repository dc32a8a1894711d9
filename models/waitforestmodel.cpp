#include "models/waitforestmodel.h"

#include "models/domain/displaytext.h"
#include "models/waitforestcells.h"

#include <algorithm>
#include <vector>

namespace lockscope {

struct WaitForestModel::Item
{
    WaitForestRow row = {};
    const LockView* view = nullptr; ///< what row points into
    Item* parent = nullptr;
    int position = 0;       ///< among the children of parent
    qint32 wanted = -1;     ///< its entry in the forest that is being arranged; -1: it leaves
    qint32 wantedIn = -1;   ///< the entry it is to stand under; -1 with wanted: at the top
    qint32 wantedPlace = 0; ///< there
    bool stays = false;     ///< needs no move
    std::vector<std::unique_ptr<Item>> children = {};

    void renumber(int from)
    {
        for (size_t at = static_cast<size_t>(from); at < children.size(); ++at) {
            children[at]->position = static_cast<int>(at);
            children[at]->parent = this;
        }
    }
};

WaitForestModel::WaitForestModel(QObject* parent)
    : QAbstractItemModel(parent)
    , m_view(std::make_shared<const LockView>())
    , m_root(std::make_unique<Item>())
{
}

WaitForestModel::~WaitForestModel() = default;

void WaitForestModel::apply(const LockViewPointer& view)
{
    if (view && !view->empty) {
        bring(view, true);
        return;
    }
    const bool showsRows = !m_root->children.empty();
    if (showsRows)
        beginResetModel();
    m_items.clear();
    m_root = std::make_unique<Item>();
    m_view = view ? view : std::make_shared<const LockView>();
    if (showsRows)
        endResetModel();
}

void WaitForestModel::setOptions(const WaitForestOptions& options)
{
    if (options == m_options)
        return;
    m_options = options;
    if (!m_view->empty)
        bring(m_view, false);
}

/// Brings the items to the forest of this view. Rows that stay are given their new values first, so that whoever reads
/// while rows come and go reads the new state.
void WaitForestModel::bring(const LockViewPointer& view, bool keepPlaces)
{
    const LockViewPointer before = m_view; // what rows that leave point into, until the views have let go of them
    const WaitForest forest = waitForestOf(*view, m_options, keepPlaces ? places() : WaitForestPlaces());
    m_view = view;

    for (Item* const item : std::as_const(m_items))
        item->wanted = -1;
    const auto want = [&](qint32 under, const QList<qint32>& entries) {
        qint32 place = 0;
        for (const qint32 entry : entries) {
            Item* const item = m_items.value(forest.entries[entry].id);
            if (item != nullptr) {
                give(*item, forest.entries[entry], *view);
                item->wanted = entry;
                item->wantedIn = under;
                item->wantedPlace = place;
            }
            ++place;
        }
    };
    want(-1, forest.tops);
    for (qint32 entry = 0; entry < forest.entries.size(); ++entry)
        want(entry, forest.entries[entry].children);

    // From the top down: when the children of a row are arranged, the row and all above it stand where they will stay.
    m_root->wanted = -1;
    std::vector<std::pair<Item*, const QList<qint32>*>> open{{m_root.get(), &forest.tops}};
    for (size_t at = 0; at < open.size(); ++at) {
        const auto [parent, wanted] = open[at];
        arrange(*parent, *wanted, forest);
        for (const qint32 entry : *wanted)
            open.emplace_back(m_items.value(forest.entries[entry].id), &forest.entries[entry].children);
    }
    for (const auto& [parent, wanted] : open)
        removeUnwanted(*parent);
    allRowsChanged({});
}

void WaitForestModel::give(Item& item, const WaitForestEntry& entry, const LockView& view) const
{
    item.row.id = entry.id;
    item.row.node = entry.node < 0 ? nullptr : &view.waits->nodes[entry.node];
    item.row.edge = entry.edge < 0 ? nullptr : &view.waits->edges[entry.edge];
    item.row.alsoWaitsFor = entry.alsoWaitsFor;
    item.row.cycle = entry.cycle;
    item.row.holds = entry.holds;
    item.row.waited = entry.waited;
    item.view = &view;
}

WaitForestPlaces WaitForestModel::places() const
{
    WaitForestPlaces result;
    for (const Item* const item : m_items) {
        if (item->parent == m_root.get())
            result.tops.insert(item->row.id, item->position);
        else
            result.parents.insert(item->row.id, item->parent->row.id);
    }
    return result;
}

namespace {

/// Marks the longest ascending run, not necessarily adjacent: what need not move when the rest does.
std::vector<bool> longestAscending(const std::vector<qint32>& values)
{
    std::vector<size_t> ends;
    std::vector<size_t> previous(values.size(), values.size());
    for (size_t at = 0; at < values.size(); ++at) {
        const auto place = std::lower_bound(ends.begin(), ends.end(), values[at],
                                            [&](size_t end, qint32 value) { return values[end] < value; });
        if (place != ends.begin())
            previous[at] = *std::prev(place);
        if (place == ends.end())
            ends.push_back(at);
        else
            *place = at;
    }
    std::vector<bool> result(values.size(), false);
    for (size_t at = ends.empty() ? values.size() : ends.back(); at < values.size(); at = previous[at])
        result[at] = true;
    return result;
}

} // namespace

void WaitForestModel::arrange(Item& parent, const QList<qint32>& wanted, const WaitForest& forest)
{
    std::vector<Item*> remaining;
    std::vector<qint32> order;
    for (const auto& child : parent.children) {
        child->stays = false;
        if (child->wanted >= 0 && child->wantedIn == parent.wanted) {
            remaining.push_back(child.get());
            order.push_back(child->wantedPlace);
        }
    }
    const std::vector<bool> stays = longestAscending(order);
    for (size_t at = 0; at < remaining.size(); ++at)
        remaining[at]->stays = stays[at];

    int place = 0;
    const auto isPlaced = [&](const Item& item) { return item.parent == &parent && item.stays; };
    for (qsizetype at = 0; at < wanted.size();) {
        Item* const item = m_items.value(forest.entries[wanted[at]].id);
        while (static_cast<size_t>(place) < parent.children.size() &&
               !parent.children[static_cast<size_t>(place)]->stays)
            ++place; // leaves, or is fetched when its turn comes
        if (item != nullptr && isPlaced(*item)) {
            place = item->position + 1;
            ++at;
            continue;
        }
        if (item == nullptr) {
            qsizetype end = at + 1;
            while (end < wanted.size() && !m_items.contains(forest.entries[wanted[end]].id))
                ++end;
            const int count = static_cast<int>(end - at);
            beginInsertRows(indexFor(parent), place, place + count - 1);
            std::vector<std::unique_ptr<Item>> added;
            for (; at < end; ++at) {
                auto fresh = std::make_unique<Item>();
                give(*fresh, forest.entries[wanted[at]], *m_view);
                fresh->wanted = wanted[at];
                fresh->wantedIn = parent.wanted;
                fresh->stays = true;
                m_items.insert(fresh->row.id, fresh.get());
                added.push_back(std::move(fresh));
            }
            parent.children.insert(parent.children.begin() + place, std::move_iterator(added.begin()),
                                   std::move_iterator(added.end()));
            parent.renumber(place);
            endInsertRows();
            place += count;
            continue;
        }
        Item& source = *item->parent;
        const int first = item->position;
        int last = first;
        qsizetype end = at + 1;
        for (; end < wanted.size(); ++end, ++last) {
            const Item* const next = m_items.value(forest.entries[wanted[end]].id);
            if (next == nullptr || next->parent != &source || next->position != last + 1 || isPlaced(*next))
                break;
        }
        const int count = last - first + 1;
        if (beginMoveRows(indexFor(source), first, last, indexFor(parent), place)) {
            std::vector<std::unique_ptr<Item>> moved(std::move_iterator(source.children.begin() + first),
                                                     std::move_iterator(source.children.begin() + last + 1));
            source.children.erase(source.children.begin() + first, source.children.begin() + last + 1);
            if (&source == &parent && first < place)
                place -= count;
            parent.children.insert(parent.children.begin() + place, std::move_iterator(moved.begin()),
                                   std::move_iterator(moved.end()));
            source.renumber(&source == &parent ? 0 : first);
            parent.renumber(&source == &parent ? 0 : place);
            endMoveRows();
            place += count;
        } else {
            place = last + 1; // they stand there already
        }
        for (; at < end; ++at)
            m_items.value(forest.entries[wanted[at]].id)->stays = true;
    }
}

void WaitForestModel::removeUnwanted(Item& parent)
{
    for (int last = static_cast<int>(parent.children.size()) - 1; last >= 0;) {
        if (parent.children[static_cast<size_t>(last)]->wanted >= 0) {
            --last;
            continue;
        }
        int first = last;
        while (first > 0 && parent.children[static_cast<size_t>(first - 1)]->wanted < 0)
            --first;
        beginRemoveRows(indexFor(parent), first, last);
        for (int row = first; row <= last; ++row)
            forget(*parent.children[static_cast<size_t>(row)]);
        parent.children.erase(parent.children.begin() + first, parent.children.begin() + last + 1);
        parent.renumber(first);
        endRemoveRows();
        last = first - 1;
    }
}

void WaitForestModel::forget(const Item& item)
{
    std::vector<const Item*> open{&item};
    while (!open.empty()) {
        const Item* const next = open.back();
        open.pop_back();
        m_items.remove(next->row.id);
        for (const auto& child : next->children)
            open.push_back(child.get());
    }
}

/// One signal for each list of rows: ages grow with every reading, and only what is on screen is painted.
void WaitForestModel::allRowsChanged(const QList<int>& roles)
{
    std::vector<const Item*> open{m_root.get()};
    while (!open.empty()) {
        const Item* const parent = open.back();
        open.pop_back();
        if (parent->children.empty())
            continue;
        const QModelIndex index = indexFor(*parent);
        Q_EMIT dataChanged(this->index(0, 0, index), this->index(rowCount(index) - 1, ColumnCount - 1, index), roles);
        for (const auto& child : parent->children)
            open.push_back(child.get());
    }
}

void WaitForestModel::setOwnBackends(const QSet<qint32>& pids)
{
    if (pids == m_ownBackends)
        return;
    m_ownBackends = pids;
    allRowsChanged({MineRole});
}

void WaitForestModel::setStale(bool stale)
{
    if (stale == m_stale)
        return;
    m_stale = stale;
    allRowsChanged({StaleRole});
}

QModelIndex WaitForestModel::indexFor(const Item& item) const
{
    return &item == m_root.get() ? QModelIndex() : createIndex(item.position, 0, &item);
}

WaitForestModel::Item& WaitForestModel::itemAt(const QModelIndex& index) const
{
    return index.isValid() ? *static_cast<Item*>(index.internalPointer()) : *m_root;
}

QModelIndex WaitForestModel::indexOf(const WaitNodeId& id) const
{
    const Item* const item = m_items.value(id);
    return item == nullptr ? QModelIndex() : indexFor(*item);
}

const WaitForestRow* WaitForestModel::rowAt(const QModelIndex& index) const
{
    return index.isValid() ? &itemAt(index).row : nullptr;
}

QModelIndex WaitForestModel::index(int row, int column, const QModelIndex& parent) const
{
    if (row < 0 || column < 0 || column >= ColumnCount || row >= rowCount(parent))
        return {};
    return createIndex(row, column, itemAt(parent).children[static_cast<size_t>(row)].get());
}

QModelIndex WaitForestModel::parent(const QModelIndex& child) const
{
    return child.isValid() ? indexFor(*itemAt(child).parent) : QModelIndex();
}

int WaitForestModel::rowCount(const QModelIndex& parent) const
{
    return parent.column() > 0 ? 0 : static_cast<int>(itemAt(parent).children.size());
}

int WaitForestModel::columnCount(const QModelIndex& /*parent*/) const
{
    return ColumnCount;
}

QVariant WaitForestModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Item& item = itemAt(index);
    switch (role) {
    case Qt::DisplayRole:
        return waitForestText(index.column(), item.row, *item.view);
    case Qt::ToolTipRole:
        return plainTooltip(waitForestToolTip(index.column(), item.row, *item.view));
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(waitForestAlignment(index.column()));
    case NodeIdRole:
        return QVariant::fromValue(item.row.id);
    case RowRole:
        return QVariant::fromValue(&item.row);
    case MineRole:
        return item.row.id.backend.pid != 0 && m_ownBackends.contains(item.row.id.backend.pid);
    case StaleRole:
        return m_stale;
    default:
        return {};
    }
}

QVariant WaitForestModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return waitForestTitle(section);
    case Qt::ToolTipRole:
        return plainTooltip(waitForestTitleToolTip(section));
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(waitForestAlignment(section));
    default:
        return {};
    }
}

} // namespace lockscope
