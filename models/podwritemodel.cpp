#include "models/podwritemodel.h"

#include "models/domain/displaytext.h"

#include <algorithm>

namespace lockscope {

PodWriteModel::PodWriteModel(QObject* parent)
    : QAbstractTableModel(parent)
{
}

void PodWriteModel::setWrites(const QList<PodWrite>& writes)
{
    const auto same = [](const PodWrite& a, const PodWrite& b) {
        return a.pod == b.pod && a.key == b.key && a.token == b.token;
    };
    const bool goesOn =
        m_writes.size() <= writes.size() && std::equal(m_writes.cbegin(), m_writes.cend(), writes.cbegin(), same);
    if (!goesOn) {
        beginResetModel();
        m_writes = writes;
        endResetModel();
        return;
    }
    const auto known = static_cast<int>(m_writes.size());
    for (int row = 0; row < known; ++row) {
        if (m_writes.at(row) == writes.at(row))
            continue;
        m_writes[row] = writes.at(row);
        Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
    }
    if (writes.size() > known) {
        beginInsertRows({}, known, static_cast<int>(writes.size()) - 1);
        m_writes = writes;
        endInsertRows();
    }
}

int PodWriteModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_writes.size());
}

int PodWriteModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant PodWriteModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const PodWrite& write = m_writes.at(index.row());
    if (role == DamageRole)
        return isDamage(write);
    if (role == RefusedRole)
        return !write.accepted;
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((index.column() == TokenColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case PodColumn:
        return cellText(write.pod);
    case KeyColumn:
        return write.key.toString();
    case TokenColumn:
        return write.token == 0 ? tr("none") : QString::number(write.token);
    default:
        return describe(write);
    }
}

QVariant PodWriteModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((section == TokenColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case PodColumn:
        return tr("Pod");
    case KeyColumn:
        return tr("Key");
    case TokenColumn:
        return tr("Token");
    default:
        return tr("The Resource Says");
    }
}

} // namespace lockscope
