#include "models/holdtreemodel.h"

#include "models/domain/displaytext.h"
#include "models/holdtext.h"

#include <algorithm>
#include <set>
#include <utility>

namespace lockscope {

namespace {

using Hold = std::pair<LockKey, LockShare>;

Hold holdOf(const LedgerEntry& entry)
{
    return {entry.key, entry.share};
}

std::set<Hold> holdsOf(const QList<LedgerEntry>& entries)
{
    std::set<Hold> holds;
    for (const LedgerEntry& entry : entries)
        holds.insert(holdOf(entry));
    return holds;
}

bool isNumeric(HoldTreeModel::Column column)
{
    return column == HoldTreeModel::Column::Process || column == HoldTreeModel::Column::Backend;
}

QString headerText(HoldTreeModel::Column column)
{
    switch (column) {
    case HoldTreeModel::Column::Name:
        return HoldTreeModel::tr("Name");
    case HoldTreeModel::Column::Process:
        return HoldTreeModel::tr("Process");
    case HoldTreeModel::Column::Backend:
        return HoldTreeModel::tr("Backend");
    case HoldTreeModel::Column::State:
        return HoldTreeModel::tr("State");
    case HoldTreeModel::Column::Holds:
        break;
    }
    return HoldTreeModel::tr("Holds");
}

QString headerTooltip(HoldTreeModel::Column column)
{
    switch (column) {
    case HoldTreeModel::Column::Name:
        return HoldTreeModel::tr("The name given here, and below it the keys");
    case HoldTreeModel::Column::Process:
        return HoldTreeModel::tr("The process id of the client on this machine");
    case HoldTreeModel::Column::Backend:
        return HoldTreeModel::tr("The process id of the backend, the server process that serves it");
    case HoldTreeModel::Column::State:
        return HoldTreeModel::tr("What it does now");
    case HoldTreeModel::Column::Holds:
        break;
    }
    return HoldTreeModel::tr("The advisory locks it holds, by our own count; \u00D72 means taken twice");
}

} // namespace

HoldTreeModel::HoldTreeModel(QList<Column> columns, QObject* parent)
    : QAbstractItemModel(parent)
    , m_columns(std::move(columns))
{
}

/// A top-level index carries 0, a child the id of its node plus one: rows shift when others come and go, ids do not.
QModelIndex HoldTreeModel::index(int row, int column, const QModelIndex& parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    if (!parent.isValid())
        return createIndex(row, column, quintptr(0));
    return createIndex(row, column, quintptr(m_nodes.at(parent.row()).id) + 1);
}

QModelIndex HoldTreeModel::parent(const QModelIndex& child) const
{
    if (!child.isValid() || child.internalId() == 0)
        return {};
    return indexOf(static_cast<quint32>(child.internalId() - 1));
}

int HoldTreeModel::rowCount(const QModelIndex& parent) const
{
    if (!parent.isValid())
        return static_cast<int>(m_nodes.size());
    if (parent.internalId() != 0 || parent.column() != 0)
        return 0;
    return static_cast<int>(m_nodes.at(parent.row()).entries.size());
}

int HoldTreeModel::columnCount(const QModelIndex& /*parent*/) const
{
    return static_cast<int>(m_columns.size());
}

QVariant HoldTreeModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const Column column = m_columns.at(index.column());
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::AlignVCenter | (isNumeric(column) ? Qt::AlignRight : Qt::AlignLeft));
    if (index.internalId() == 0)
        return nodeData(m_nodes.at(index.row()), column, role);
    return entryData(m_nodes.at(parent(index).row()), index.row(), column, role);
}

QVariant HoldTreeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= m_columns.size())
        return QAbstractItemModel::headerData(section, orientation, role);
    const Column column = m_columns.at(section);
    switch (role) {
    case Qt::DisplayRole:
        return headerText(column);
    case Qt::ToolTipRole:
        return plainTooltip(headerTooltip(column));
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::AlignVCenter | (isNumeric(column) ? Qt::AlignRight : Qt::AlignLeft));
    default:
        return {};
    }
}

QString HoldTreeModel::stateText(const Node& node)
{
    QString text = node.phase;
    if (!node.doing.isEmpty())
        text += QStringLiteral(": ") + node.doing;
    if (node.transaction != TransactionPhase::None)
        text += QStringLiteral(", ") + word(node.transaction);
    return text;
}

QString HoldTreeModel::details(const Node& node)
{
    QStringList lines{cellText(node.name) + QStringLiteral(": ") + cellText(stateText(node)), node.note};
    if (!node.elsewhere.isEmpty())
        lines += tr("On another server, %1: its locks are not in the table.").arg(cellText(node.elsewhere, 80));
    if (node.lastOutcome)
        lines += describe(*node.lastOutcome);
    if (node.ending)
        lines += {node.ending->what, node.ending->advice, node.ending->serverWords};
    lines.removeAll(QString());
    return lines.join(u'\n');
}

QVariant HoldTreeModel::nodeData(const Node& node, Column column, int role) const
{
    if (role == StateRole)
        return node.value;
    if (role == Qt::ToolTipRole)
        return plainTooltip(details(node));
    if (role == Qt::AccessibleDescriptionRole)
        return cellText(node.note, 300);
    if (role == SortRole && column == Column::Process)
        return node.processId;
    if (role == SortRole && column == Column::Backend)
        return node.backendPid;
    if (role != Qt::DisplayRole && role != SortRole)
        return {};
    switch (column) {
    case Column::Name:
        return cellText(node.name);
    case Column::Process:
        return node.processId == 0 ? QString() : QString::number(node.processId);
    case Column::Backend:
        return node.backendPid == 0 ? QString() : QString::number(node.backendPid);
    case Column::State:
        return cellText(stateText(node));
    case Column::Holds:
        break;
    }
    return holdsSummary(node.entries);
}

QVariant HoldTreeModel::entryData(const Node& node, int row, Column column, int role) const
{
    const LedgerEntry& entry = node.entries.at(row);
    switch (role) {
    case StateRole:
        return node.value;
    case EntryRole:
        return QVariant::fromValue(entry);
    case HoldStateRole:
        return static_cast<int>(entry.state);
    case SortRole:
        return row;
    case Qt::ToolTipRole:
        return plainTooltip(describeHold(entry));
    case Qt::DisplayRole:
        break;
    default:
        return {};
    }
    switch (column) {
    case Column::Name:
        return entry.key.toString();
    case Column::State:
        return word(entry.state);
    case Column::Holds:
        return describeTakes(entry);
    case Column::Process:
    case Column::Backend:
        break;
    }
    return {};
}

void HoldTreeModel::put(const Node& node)
{
    const int row = rowOf(node.id);
    if (row < 0) {
        const int end = static_cast<int>(m_nodes.size());
        beginInsertRows({}, end, end);
        m_nodes.append(node);
        endInsertRows();
        return;
    }
    // The entries are exchanged one signal at a time, the rest at once.
    QList<LedgerEntry> shown = std::exchange(m_nodes[row].entries, {});
    m_nodes[row] = node;
    m_nodes[row].entries = std::move(shown);
    replaceEntries(row, node.entries);
    Q_EMIT dataChanged(index(row, 0), index(row, columnCount() - 1));
}

void HoldTreeModel::drop(quint32 id)
{
    const int row = rowOf(id);
    if (row < 0)
        return;
    beginRemoveRows({}, row, row);
    m_nodes.removeAt(row);
    endRemoveRows();
}

QVariant HoldTreeModel::valueOf(quint32 id) const
{
    const int row = rowOf(id);
    return row < 0 ? QVariant() : m_nodes.at(row).value;
}

QVariantList HoldTreeModel::values() const
{
    QVariantList result;
    for (const Node& node : m_nodes)
        result.append(node.value);
    return result;
}

std::optional<quint32> HoldTreeModel::idOf(const QModelIndex& index) const
{
    if (!index.isValid())
        return std::nullopt;
    if (index.internalId() != 0)
        return static_cast<quint32>(index.internalId() - 1);
    return m_nodes.at(index.row()).id;
}

QModelIndex HoldTreeModel::indexOf(quint32 id) const
{
    const int row = rowOf(id);
    return row < 0 ? QModelIndex() : createIndex(row, 0, quintptr(0));
}

int HoldTreeModel::rowOf(quint32 id) const
{
    const auto found = std::find_if(m_nodes.cbegin(), m_nodes.cend(), [=](const Node& node) { return node.id == id; });
    return found == m_nodes.cend() ? -1 : static_cast<int>(found - m_nodes.cbegin());
}

void HoldTreeModel::replaceEntries(int nodeRow, const QList<LedgerEntry>& entries)
{
    removeMissingEntries(nodeRow, entries);
    arrangeEntries(nodeRow, entries);
    changeEntries(nodeRow, entries);
}

void HoldTreeModel::removeMissingEntries(int nodeRow, const QList<LedgerEntry>& entries)
{
    const std::set<Hold> wanted = holdsOf(entries);
    QList<LedgerEntry>& shown = m_nodes[nodeRow].entries;
    const auto missing = [&](int row) { return !wanted.contains(holdOf(shown.at(row))); };
    for (int last = static_cast<int>(shown.size()) - 1; last >= 0; --last) {
        if (!missing(last))
            continue;
        int first = last;
        while (first > 0 && missing(first - 1))
            --first;
        beginRemoveRows(index(nodeRow, 0), first, last);
        shown.remove(first, last - first + 1);
        endRemoveRows();
        last = first;
    }
}

void HoldTreeModel::arrangeEntries(int nodeRow, const QList<LedgerEntry>& entries)
{
    QList<LedgerEntry>& shown = m_nodes[nodeRow].entries;
    const std::set<Hold> known = holdsOf(shown);
    const QModelIndex parentIndex = index(nodeRow, 0);
    for (int row = 0; row < entries.size(); ++row) {
        const Hold wanted = holdOf(entries.at(row));
        if (row < shown.size() && holdOf(shown.at(row)) == wanted)
            continue;
        if (known.contains(wanted)) {
            const auto found = std::find_if(shown.cbegin() + row, shown.cend(),
                                            [&](const LedgerEntry& entry) { return holdOf(entry) == wanted; });
            const int from = static_cast<int>(found - shown.cbegin());
            beginMoveRows(parentIndex, from, from, parentIndex, row);
            shown.move(from, row);
            endMoveRows();
            continue;
        }
        int last = row;
        while (last + 1 < entries.size() && !known.contains(holdOf(entries.at(last + 1))))
            ++last;
        beginInsertRows(parentIndex, row, last);
        for (int inserted = row; inserted <= last; ++inserted)
            shown.insert(inserted, entries.at(inserted));
        endInsertRows();
        row = last;
    }
}

void HoldTreeModel::changeEntries(int nodeRow, const QList<LedgerEntry>& entries)
{
    QList<LedgerEntry>& shown = m_nodes[nodeRow].entries;
    const QModelIndex parentIndex = index(nodeRow, 0);
    for (int first = 0; first < shown.size(); ++first) {
        int end = first;
        for (; end < shown.size() && shown.at(end) != entries.at(end); ++end)
            shown[end] = entries.at(end);
        if (end == first)
            continue;
        Q_EMIT dataChanged(index(first, 0, parentIndex), index(end - 1, columnCount() - 1, parentIndex));
        first = end - 1;
    }
}

} // namespace lockscope
