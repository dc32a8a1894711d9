#pragma once

#include <QStyledItemDelegate>

namespace lockscope {

/// The cells of the statement log: numbers and SQL in the monospace face, what failed and what the server warned of in
/// their tones, the console's own statements in the muted colour. GUI thread. Only paints.
class StatementDelegate final : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override;
};

} // namespace lockscope
