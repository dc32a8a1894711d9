#pragma once

#include <QStyledItemDelegate>

namespace lockscope {

/// Cells of a plain list or table with the inset of the header above them, which the style's own cells do not have.
/// GUI thread. Takes text, font, colour and alignment as the model gives them; draws no icons.
class CellDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

} // namespace lockscope
