#pragma once

#include "models/domain/poolstate.h"

#include <QAbstractTableModel>

namespace lockscope {

/// The calls of a pool, newest last; the oldest go when there are too many. GUI thread. Text from the server is made
/// fit for cells here; csv() has it as it came.
class PoolCallModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        NumberColumn,
        RequestColumn,
        CallColumn,
        SlotColumn,
        PidColumn,
        AnswerColumn,
        HitColumn,
        TimeColumn,
        WarningColumn,
        ColumnCount
    };
    static constexpr qsizetype mostCalls = 2000;

    explicit PoolCallModel(QObject* parent = nullptr);
    Q_DISABLE_COPY_MOVE(PoolCallModel)

    void add(const PoolCall& call);
    void clear();
    [[nodiscard]] const QList<PoolCall>& calls() const { return m_calls; }
    [[nodiscard]] QString csv() const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

private:
    QList<PoolCall> m_calls;
};

} // namespace lockscope
