#include "models/keylabelmodel.h"

#include "models/domain/displaytext.h"
#include "models/domain/keylabelscope.h"

#include <algorithm>
#include <array>

namespace lockscope {

namespace {

constexpr int shownCharacters = 300;
constexpr qsizetype maximumDatabaseLength = 1000;

} // namespace

KeyLabelModel::KeyLabelModel(QObject* parent)
    : QAbstractTableModel(parent)
{
}

void KeyLabelModel::setLabels(const QList<KeyLabel>& labels)
{
    if (labels == m_labels)
        return;
    replaceAll(labels);
    // Going back behind what came from elsewhere would take that away too.
    m_undoText.clear();
    Q_EMIT undoChanged();
}

void KeyLabelModel::replaceAll(const QList<KeyLabel>& labels)
{
    beginResetModel();
    m_labels = labels;
    endResetModel();
}

Result<KeyLabel> KeyLabelModel::read(const QString& keys, const QString& database, const QString& name,
                                     int exceptRow) const
{
    const auto scope = parseKeyLabelScope(keys);
    if (!scope)
        return failure(scope.error());
    const auto text = labelText(name);
    if (!text)
        return failure(text.error());
    KeyLabel label{.what = *scope, .database = database, .text = *text};
    if (label.database.size() > maximumDatabaseLength)
        return usageError(tr("No database has a name that long."));
    for (int row = 0; row < m_labels.size(); ++row) {
        const KeyLabel& other = m_labels.at(row);
        if (row != exceptRow && other.what == label.what && other.database == label.database)
            return usageError(
                tr("%1 has a name already: %2.").arg(describe(label.what), cellText(other.text, shownCharacters)),
                tr("Change that one."));
    }
    return label;
}

Result<int> KeyLabelModel::add(const QString& keys, const QString& database, const QString& name)
{
    const auto label = read(keys, database, name, -1);
    if (!label)
        return failure(label.error());
    const auto before = m_labels;
    const int row = static_cast<int>(m_labels.size());
    beginInsertRows({}, row, row);
    m_labels.append(*label);
    endInsertRows();
    changed(before, tr("Add %1").arg(describe(label->what)));
    return row;
}

void KeyLabelModel::remove(const QList<int>& rows)
{
    const auto before = m_labels;
    QList<int> descending = rows;
    std::sort(descending.rbegin(), descending.rend());
    for (const int row : std::as_const(descending)) {
        if (row < 0 || row >= m_labels.size())
            continue;
        beginRemoveRows({}, row, row);
        m_labels.removeAt(row);
        endRemoveRows();
    }
    if (m_labels.size() < before.size())
        changed(before, tr("Remove %n name(s)", nullptr, static_cast<int>(before.size() - m_labels.size())));
}

void KeyLabelModel::undo()
{
    if (m_undoText.isEmpty())
        return;
    replaceAll(m_before);
    m_undoText.clear();
    Q_EMIT undoChanged();
    Q_EMIT labelsChanged(m_labels);
}

void KeyLabelModel::changed(const QList<KeyLabel>& before, const QString& undoText)
{
    m_before = before;
    m_undoText = undoText;
    Q_EMIT undoChanged();
    Q_EMIT labelsChanged(m_labels);
}

int KeyLabelModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_labels.size());
}

int KeyLabelModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant KeyLabelModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const KeyLabel& label = m_labels.at(index.row());
    if (role == Qt::EditRole) {
        const std::array<QString, ColumnCount> texts{describe(label.what), label.database, label.text};
        return texts.at(static_cast<std::size_t>(index.column()));
    }
    if (role == Qt::DisplayRole) {
        const std::array<QString, ColumnCount> texts{
            describe(label.what), label.database.isEmpty() ? tr("any") : cellText(label.database, shownCharacters),
            cellText(label.text, shownCharacters)};
        return texts.at(static_cast<std::size_t>(index.column()));
    }
    if (role == Qt::ToolTipRole && index.column() == Name)
        return plainTooltip(label.text);
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((index.column() == Keys ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    return {};
}

QVariant KeyLabelModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::DisplayRole) {
        const std::array<QString, ColumnCount> titles{tr("Keys"), tr("Database"), tr("Name")};
        return titles.at(static_cast<std::size_t>(section));
    }
    if (role == Qt::ToolTipRole && section == Keys)
        return tr("A key (5), a pair (-5, 7), a range (100 to 200), or all pairs with one first half (7, *)");
    if (role == Qt::ToolTipRole && section == Database)
        return tr("One key in two databases is two locks. Empty: in any of them");
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((section == Keys ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    return {};
}

Qt::ItemFlags KeyLabelModel::flags(const QModelIndex& index) const
{
    return QAbstractTableModel::flags(index) | (index.isValid() ? Qt::ItemIsEditable : Qt::NoItemFlags);
}

bool KeyLabelModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (role != Qt::EditRole || !checkIndex(index, CheckIndexOption::IndexIsValid))
        return false;
    const KeyLabel& old = m_labels.at(index.row());
    std::array<QString, ColumnCount> texts{describe(old.what), old.database, old.text};
    texts.at(static_cast<std::size_t>(index.column())) = value.toString();
    const auto label = read(texts[Keys], texts[Database], texts[Name], index.row());
    if (!label) {
        Q_EMIT refused(label.error().advice.isEmpty() ? label.error().what
                                                      : label.error().what + QLatin1Char(' ') + label.error().advice);
        return false;
    }
    if (*label == old)
        return true;
    const auto before = m_labels;
    m_labels[index.row()] = *label;
    Q_EMIT dataChanged(index.siblingAtColumn(0), index.siblingAtColumn(ColumnCount - 1));
    changed(before, tr("Change %1").arg(describe(before.at(index.row()).what)));
    return true;
}

} // namespace lockscope
