#include "ui/celldelegate.h"

#include "ui/theme.h"

#include <QApplication>
#include <QPainter>

namespace lockscope {

void CellDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    QStyleOptionViewItem cell = option;
    initStyleOption(&cell, index);
    const QStyle* style = option.widget != nullptr ? option.widget->style() : QApplication::style();
    style->drawPrimitive(QStyle::PE_PanelItemViewItem, &cell, painter, option.widget);

    const QRect words = option.rect.adjusted(theme::grid(), 0, -theme::grid(), 0);
    painter->save();
    painter->setFont(cell.font);
    painter->setPen(cell.palette.color(QPalette::Text));
    painter->drawText(words, static_cast<int>(cell.displayAlignment) | Qt::TextSingleLine,
                      QFontMetrics(cell.font).elidedText(cell.text, Qt::ElideRight, words.width()));
    painter->restore();
}

QSize CellDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const QSize inner = QStyledItemDelegate::sizeHint(option, index);
    return {inner.width() + 2 * theme::grid(), std::max(inner.height(), theme::rowHeight(true))};
}

} // namespace lockscope
