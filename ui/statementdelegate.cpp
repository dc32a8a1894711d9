#include "ui/statementdelegate.h"

#include "models/statementlogmodel.h"
#include "ui/theme.h"

namespace lockscope {

void StatementDelegate::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const
{
    CellDelegate::initStyleOption(option, index);
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
