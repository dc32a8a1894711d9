#pragma once

#include "ui/ledgerdelegate.h"

#include <QTreeView>

namespace lockscope {

/// The tree of sessions or clients: one spanning column painted by LedgerDelegate, new rows open, what the person
/// closed stays closed, something is always current while there are rows. GUI thread. Never changes its model.
class LedgerTree final : public QTreeView
{
    Q_OBJECT

public:
    LedgerTree(QAbstractItemModel* model, LedgerDelegate::Reader reader, QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(LedgerTree)

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    /// Also when the model changed under the current row.
    void currentMoved(const QModelIndex& current);
    /// The person picked this row, by mouse or by Return; never sent because rows came or went.
    void picked(const QModelIndex& index);

protected:
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;
    void rowsInserted(const QModelIndex& parent, int start, int end) override;

private:
    void settle();
};

} // namespace lockscope
