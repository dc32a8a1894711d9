#include "ui/ledgerdelegate.h"

#include <QApplication>
#include <QPainter>

#include <algorithm>
#include <utility>

namespace lockscope {

namespace {

/// Draws one run of text and moves the left edge behind it.
void drawRun(QPainter* painter, QRect& rest, const QString& text, const QFont& font, const QColor& color, int width,
             Qt::TextElideMode elide = Qt::ElideRight)
{
    const QFontMetrics metrics(font);
    painter->setFont(font);
    painter->setPen(color);
    painter->drawText(QRect(rest.left(), rest.top(), width, rest.height()),
                      Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, metrics.elidedText(text, elide, width));
    rest.setLeft(rest.left() + width + theme::grid());
}

} // namespace

LedgerDelegate::LedgerDelegate(Reader reader, QObject* parent)
    : QStyledItemDelegate(parent)
    , m_reader(std::move(reader))
{
}

void LedgerDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    QStyleOptionViewItem background = option;
    initStyleOption(&background, index);
    background.text.clear();
    background.icon = {};
    const QStyle* style = option.widget != nullptr ? option.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &background, painter, option.widget);

    const LedgerRow row = m_reader(index);
    const QPalette& palette = option.palette;
    const QColor muted = theme::mutedText(palette);
    const QColor body = row.faded ? muted : palette.color(QPalette::Active, QPalette::Text);
    QFont strong = option.font;
    strong.setWeight(QFont::DemiBold);
    const QFont mono = theme::monospace();

    painter->save();
    painter->setClipRect(option.rect);
    QRect rest = option.rect.adjusted(theme::grid() / 2, 0, -theme::grid() / 2, 0);

    const QSize pill = pillSize(row.pill, option.font);
    const int pillWidth = std::min(pill.width(), rest.width() / 2);
    paintPill(painter, QRect(rest.right() - pillWidth + 1, rest.top(), pillWidth, rest.height()), row.pill, option.font,
              palette);
    rest.setRight(rest.right() - pillWidth - theme::grid());

    const QFont titleFont = row.top ? strong : mono;
    const int titleWidth = std::min(QFontMetrics(titleFont).horizontalAdvance(row.title) + 1,
                                    row.top ? rest.width() / 2 : rest.width() * 2 / 3);
    drawRun(painter, rest, row.title, titleFont, body, titleWidth, row.top ? Qt::ElideRight : Qt::ElideMiddle);
    if (!row.number.isEmpty() && rest.width() > 0)
        drawRun(painter, rest, row.number, mono, muted,
                std::min(QFontMetrics(mono).horizontalAdvance(row.number) + 1, rest.width()));
    if (rest.width() > 0) {
        const bool fits = QFontMetrics(option.font).horizontalAdvance(row.remark) <= rest.width();
        drawRun(painter, rest, fits ? row.remark : row.shortRemark, option.font, row.top ? body : muted, rest.width());
    }
    painter->restore();
}

QSize LedgerDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    Q_UNUSED(option)
    Q_UNUSED(index)
    return {theme::grid() * 20, theme::rowHeight(true)};
}

} // namespace lockscope
