#include "models/locktablemodel.h"

#include "models/domain/displaytext.h"
#include "models/lockcolumns.h"

#include <algorithm>

namespace lockscope {

LockTableModel::LockTableModel(QObject* parent)
    : QAbstractTableModel(parent)
{
}

void LockTableModel::apply(const LockViewUpdate& update)
{
    const LockViewPointer before = m_view; // replaced rows stay readable until the views have let go of them
    const LockView& next = *update.view;
    const EditScript& script = update.script;
    const bool follows = next.generation == before->generation + 1 &&
                         script.oldSize == static_cast<int>(m_rows.size()) && script.newSize == next.rows.size();
    Q_ASSERT_X(follows || script.kind == EditScript::Kind::Reset, "LockTableModel::apply",
               "an update was lost or came twice");
    if (!follows || script.kind == EditScript::Kind::Reset) {
        beginResetModel();
        m_view = update.view;
        pointAt(next);
        endResetModel();
        return;
    }
    if (script.kind == EditScript::Kind::Ranges)
        replayRanges(script, next);
    else if (script.kind == EditScript::Kind::Layout)
        replayLayout(script, next);
    m_view = update.view;
    pointAt(next);
    for (const RowRange& range : script.changed)
        rowsChanged(range.first, range.last, {});
    // What a row shows besides its own fields: ages grow with every reading, and names of databases become known.
    if (next.takenAt != before->takenAt)
        columnChanged(LockColumn::Since);
    if (next.databaseNames != before->databaseNames)
        columnChanged(LockColumn::Database);
    if (next.names != before->names)
        columnChanged(LockColumn::Key);
}

void LockTableModel::replayRanges(const EditScript& script, const LockView& next)
{
    for (const RowRange& range : script.removed) {
        beginRemoveRows({}, range.first, range.last);
        m_rows.erase(m_rows.begin() + range.first, m_rows.begin() + range.last + 1);
        endRemoveRows();
    }
    for (const RowRange& range : script.inserted) {
        beginInsertRows({}, range.first, range.last);
        std::vector<const LockRow*> rows;
        rows.reserve(static_cast<size_t>(range.count()));
        for (int row = range.first; row <= range.last; ++row)
            rows.push_back(&next.rows[row]);
        m_rows.insert(m_rows.begin() + range.first, rows.begin(), rows.end());
        endInsertRows();
    }
}

/// A selection model hears of rows that leave only through rowsAboutToBeRemoved: in a layout change their indexes would
/// turn invalid without a signal. So rows that somebody points at and that are gone are removed on their own first.
void LockTableModel::removeWatchedRows(std::vector<int>& newRows)
{
    QList<int> watched;
    const QModelIndexList indexes = persistentIndexList();
    for (const QModelIndex& index : indexes) {
        if (newRows[static_cast<size_t>(index.row())] < 0)
            watched.append(index.row());
    }
    std::sort(watched.begin(), watched.end(), std::greater<>());
    watched.erase(std::unique(watched.begin(), watched.end()), watched.end());
    int runs = 0;
    for (qsizetype at = 0; at < watched.size() && runs < maximumReplayedRanges; ++runs) {
        const int last = watched[at];
        int first = last;
        while (++at < watched.size() && watched[at] == first - 1)
            --first;
        beginRemoveRows({}, first, last);
        m_rows.erase(m_rows.begin() + first, m_rows.begin() + last + 1);
        newRows.erase(newRows.begin() + first, newRows.begin() + last + 1);
        endRemoveRows();
    }
}

void LockTableModel::replayLayout(const EditScript& script, const LockView& next)
{
    std::vector<int> newRows(script.oldToNew.begin(), script.oldToNew.end());
    removeWatchedRows(newRows);

    const int newSize = script.newSize;
    const int oldSize = static_cast<int>(m_rows.size());
    if (oldSize < newSize) {
        beginInsertRows({}, oldSize, newSize - 1);
        for (int row = oldSize; row < newSize; ++row)
            m_rows.push_back(&next.rows[row]);
        endInsertRows();
        // Whoever took an index of the tail meanwhile pointed at nothing that stays.
        newRows.resize(m_rows.size(), -1);
    }

    Q_EMIT layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    std::vector<const LockRow*> rows;
    rows.reserve(m_rows.size());
    for (const LockRow& row : next.rows)
        rows.push_back(&row);
    rows.resize(m_rows.size(), nullptr);
    auto tail = rows.begin() + newSize;
    for (size_t row = 0; row < newRows.size() && tail != rows.end(); ++row) {
        if (newRows[row] < 0)
            *tail++ = m_rows[row];
    }
    const QModelIndexList from = persistentIndexList();
    QModelIndexList to;
    to.reserve(from.size());
    for (const QModelIndex& index : from) {
        const int row = newRows[static_cast<size_t>(index.row())];
        to.append(row < 0 ? QModelIndex() : createIndex(row, index.column()));
    }
    m_rows = std::move(rows);
    changePersistentIndexList(from, to);
    Q_EMIT layoutChanged({}, QAbstractItemModel::VerticalSortHint);

    if (static_cast<int>(m_rows.size()) > newSize) {
        beginRemoveRows({}, newSize, rowCount() - 1);
        m_rows.resize(static_cast<size_t>(newSize));
        endRemoveRows();
    }
}

void LockTableModel::pointAt(const LockView& view)
{
    m_rows.clear();
    m_rows.reserve(static_cast<size_t>(view.rows.size()));
    for (const LockRow& row : view.rows)
        m_rows.push_back(&row);
}

void LockTableModel::rowsChanged(int first, int last, const QList<int>& roles)
{
    Q_EMIT dataChanged(index(first, 0), index(last, lockColumnCount - 1), roles);
}

void LockTableModel::columnChanged(LockColumn column)
{
    const int section = static_cast<int>(column);
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, section), index(rowCount() - 1, section), {Qt::DisplayRole});
}

void LockTableModel::setOwnBackends(const QSet<qint32>& pids)
{
    if (pids == m_ownBackends)
        return;
    m_ownBackends = pids;
    if (!m_rows.empty())
        rowsChanged(0, rowCount() - 1, {MineRole});
}

void LockTableModel::setStale(std::optional<std::chrono::milliseconds> age)
{
    const bool wasStale = m_staleAge.has_value();
    m_staleAge = age;
    if (wasStale != age.has_value() && !m_rows.empty())
        rowsChanged(0, rowCount() - 1, {StaleRole});
}

const LockRow* LockTableModel::rowAt(int row) const
{
    return row >= 0 && row < rowCount() ? m_rows[static_cast<size_t>(row)] : nullptr;
}

int LockTableModel::rowOf(quint64 rowId) const
{
    const auto found =
        std::find_if(m_rows.begin(), m_rows.end(), [=](const LockRow* row) { return row->rowId == rowId; });
    return found == m_rows.end() ? -1 : static_cast<int>(found - m_rows.begin());
}

int LockTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int LockTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : lockColumnCount;
}

QVariant LockTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const LockRow& row = *m_rows[static_cast<size_t>(index.row())];
    const auto column = static_cast<LockColumn>(index.column());
    switch (role) {
    case Qt::DisplayRole:
        return lockColumn(column).text(row, *m_view);
    case Qt::ToolTipRole:
        return plainTooltip(lockToolTip(column, row, *m_view));
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(lockColumn(column).alignment);
    case RowRole:
        return QVariant::fromValue(row);
    case MarkRole:
        return static_cast<int>(row.mark);
    case WaitingRole:
        return row.isWaiting();
    case BlockerRole:
        return row.isBlocker();
    case MineRole:
        return row.lock.backend.pid != 0 && m_ownBackends.contains(row.lock.backend.pid);
    case StaleRole:
        return m_staleAge.has_value();
    default:
        return {};
    }
}

QVariant LockTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= lockColumnCount)
        return {};
    const LockColumnInfo& column = lockColumns()[static_cast<size_t>(section)];
    switch (role) {
    case Qt::DisplayRole:
        return column.title();
    case Qt::ToolTipRole:
        return plainTooltip(column.toolTip());
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(column.alignment);
    default:
        return {};
    }
}

Qt::ItemFlags LockTableModel::flags(const QModelIndex& index) const
{
    return index.isValid() ? Qt::ItemIsSelectable | Qt::ItemIsEnabled | Qt::ItemNeverHasChildren : Qt::NoItemFlags;
}

void LockTableModel::sort(int column, Qt::SortOrder order)
{
    if (column >= 0 && column < lockColumnCount)
        Q_EMIT sortRequested(static_cast<LockColumn>(column), order);
}

} // namespace lockscope
