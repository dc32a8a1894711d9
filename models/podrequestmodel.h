#pragma once

#include "models/domain/podslabstate.h"

#include <QAbstractTableModel>

namespace lockscope {

/// The requests to pods, newest last, with their answers in words. For the thread of its views. Rows that stay keep
/// their place; the oldest leave as the list does.
class PodRequestModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        TimeColumn,
        PodColumn,
        KeyColumn,
        AnswerColumn, ///< "409", "202", "202, 200"
        WordsColumn,
        TokenColumn,
        DurationColumn,
        ColumnCount,
    };
    enum Role
    {
        CodeRole = Qt::UserRole, ///< the latest code; 0 while there is none
    };

    explicit PodRequestModel(QObject* parent = nullptr);
    Q_DISABLE_COPY_MOVE(PodRequestModel)

    void setRequests(const QList<PodRequest>& requests);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;
    /// All rows with a header, tabs between the cells, for pasting into a ticket or a sheet.
    [[nodiscard]] QString toText() const;

private:
    [[nodiscard]] QString text(const PodRequest& request, int column) const;

    QList<PodRequest> m_requests;
};

} // namespace lockscope
