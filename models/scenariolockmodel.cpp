#include "models/scenariolockmodel.h"

#include "models/domain/displaytext.h"

namespace lockscope {

ScenarioLockModel::ScenarioLockModel(QObject* parent)
    : QAbstractTableModel(parent)
{
}

void ScenarioLockModel::setLocks(const QList<ScenarioLock>& locks)
{
    for (qsizetype row = m_locks.size() - 1; row >= 0; --row) {
        if (locks.contains(m_locks.at(row)))
            continue;
        beginRemoveRows({}, static_cast<int>(row), static_cast<int>(row));
        m_locks.removeAt(row);
        endRemoveRows();
    }
    for (qsizetype row = 0; row < locks.size(); ++row) {
        if (row < m_locks.size() && m_locks.at(row) == locks.at(row))
            continue;
        if (const qsizetype from = m_locks.indexOf(locks.at(row), row); from >= 0) {
            beginMoveRows({}, static_cast<int>(from), static_cast<int>(from), {}, static_cast<int>(row));
            m_locks.move(from, row);
            endMoveRows();
            continue;
        }
        beginInsertRows({}, static_cast<int>(row), static_cast<int>(row));
        m_locks.insert(row, locks.at(row));
        endInsertRows();
    }
    if (m_locks.size() > locks.size()) { // the same lock twice before, once now
        beginRemoveRows({}, static_cast<int>(locks.size()), static_cast<int>(m_locks.size()) - 1);
        m_locks.resize(locks.size());
        endRemoveRows();
    }
}

int ScenarioLockModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_locks.size());
}

int ScenarioLockModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ScenarioLockModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const ScenarioLock& lock = m_locks.at(index.row());
    if (role == GrantedRole)
        return lock.granted;
    if (role == Qt::TextAlignmentRole) {
        const bool number = index.column() == KeyColumn || index.column() == PidColumn;
        return QVariant::fromValue((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case KeyColumn:
        return lock.database.isEmpty() ? lock.key.toString()
                                       : tr("%1 in %2").arg(lock.key.toString(), cellText(lock.database, 40));
    case WhoColumn:
        return cellText(lock.who, 80);
    case PidColumn:
        return lock.pid == 0 ? QString() : QString::number(lock.pid);
    case ModeColumn:
        return cellText(lock.mode, 40);
    case StateColumn:
        return lock.granted ? tr("held") : tr("waiting");
    default:
        return {};
    }
}

QVariant ScenarioLockModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole && (section == KeyColumn || section == PidColumn))
        return QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case KeyColumn:
        return tr("Key");
    case WhoColumn:
        return tr("Who");
    case PidColumn:
        return tr("PID");
    case ModeColumn:
        return tr("Mode");
    case StateColumn:
        return tr("State");
    default:
        return {};
    }
}

} // namespace lockscope
