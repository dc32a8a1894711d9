#pragma once

#include "ui/ledgerrow.h"

#include <QStyledItemDelegate>

#include <functional>

namespace lockscope {

/// Paints the lines of the session tree and the client tree: name, pid, what it holds and a state pill at the right;
/// below it the locks with their counts. GUI thread. Only paints: what a line says comes from the reader it was given.
class LedgerDelegate final : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using Reader = std::function<LedgerRow(const QModelIndex&)>;

    LedgerDelegate(Reader reader, QObject* parent);
    Q_DISABLE_COPY_MOVE(LedgerDelegate)

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    Reader m_reader;
};

} // namespace lockscope
