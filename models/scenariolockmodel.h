#pragma once

#include "models/domain/scenariostate.h"

#include <QAbstractTableModel>

namespace lockscope {

/// The locks of a running lesson as the server shows them now. For the thread of its views. Rows that stay keep their
/// place.
class ScenarioLockModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        KeyColumn,
        WhoColumn,
        PidColumn,
        ModeColumn,
        StateColumn,
        ColumnCount,
    };
    enum Role
    {
        GrantedRole = Qt::UserRole,
    };

    explicit ScenarioLockModel(QObject* parent = nullptr);
    Q_DISABLE_COPY_MOVE(ScenarioLockModel)

    void setLocks(const QList<ScenarioLock>& locks);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

private:
    QList<ScenarioLock> m_locks;
};

} // namespace lockscope
