#include "ui/statementdelegate.h"

#include "models/statementlogmodel.h"
#include "ui/theme.h"

#include <QApplication>
#include <QPainter>

namespace lockscope {

void StatementDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    QStyleOptionViewItem cell = option;
    initStyleOption(&cell, index);
    const QStyle* style = option.widget != nullptr ? option.widget->style() : QApplication::style();
    style->drawPrimitive(QStyle::PE_PanelItemViewItem, &cell, painter, option.widget);

    // The same inset as the header's, which the style's own cells do not have.
    const QRect words = option.rect.adjusted(theme::grid(), 0, -theme::grid(), 0);
    painter->save();
    painter->setFont(cell.font);
    painter->setPen(cell.palette.color(QPalette::Text));
    painter->drawText(words, static_cast<int>(cell.displayAlignment) | Qt::TextSingleLine,
                      QFontMetrics(cell.font).elidedText(cell.text, Qt::ElideRight, words.width()));
    painter->restore();
}

void StatementDelegate::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    const int column = index.column();
    if (column != StatementLogModel::SessionColumn)
        option->font = theme::monospace();

    // The colours are judged on the palette as it is; the text roles carry the answer.
    const QPalette palette = option->palette;
    QColor color = palette.color(QPalette::Active, QPalette::Text);
    if (index.data(StatementLogModel::HousekeepingRole).toBool() || column == StatementLogModel::TimeColumn ||
        column == StatementLogModel::BackendColumn || column == StatementLogModel::DurationColumn)
        color = theme::mutedText(palette);
    if (column == StatementLogModel::ResultColumn && index.data(StatementLogModel::FailedRole).toBool())
        color = theme::color(Tone::Error, palette);
    if (column == StatementLogModel::NoticesColumn && option->text.contains(QLatin1String("WARNING")))
        color = theme::color(Tone::Waiting, palette);
    option->palette.setColor(QPalette::Text, color);
}

} // namespace lockscope
