#pragma once

#include "models/domain/podslabstate.h"

#include <QAbstractTableModel>

namespace lockscope {

/// The writes of pods to what the lock protects, newest last, and what the resource made of each. For the thread of its
/// views.
class PodWriteModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        PodColumn,
        KeyColumn,
        TokenColumn,
        VerdictColumn,
        ColumnCount,
    };
    enum Role
    {
        DamageRole = Qt::UserRole, ///< accepted, and it did harm
        RefusedRole,
    };

    explicit PodWriteModel(QObject* parent = nullptr);
    Q_DISABLE_COPY_MOVE(PodWriteModel)

    void setWrites(const QList<PodWrite>& writes);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

private:
    QList<PodWrite> m_writes;
};

} // namespace lockscope
