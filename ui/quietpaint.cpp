#include "ui/quietpaint.h"

#include "ui/theme.h"

#include <QPainter>
#include <QStyleOption>

#include <algorithm>

namespace lockscope::quietpaint {

QRectF crisp(const QRect& rect)
{
    return QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5);
}

QColor blend(const QColor& over, const QColor& under, double strength)
{
    const auto channel = [strength](int a, int b) { return qRound(a * strength + b * (1.0 - strength)); };
    return QColor(channel(over.red(), under.red()), channel(over.green(), under.green()),
                  channel(over.blue(), under.blue()));
}

void drawFrame(QPainter* painter, const QRect& rect, const QColor& fill, const QColor& line)
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(line);
    painter->setBrush(fill);
    painter->drawRoundedRect(crisp(rect), cornerRadius, cornerRadius);
    painter->restore();
}

void drawChevron(QPainter* painter, const QRect& rect, const QColor& color, bool pointsUp)
{
    const qreal half = std::min(rect.width(), rect.height()) * 0.22;
    const QPointF middle = QRectF(rect).center();
    const qreal rise = pointsUp ? -half / 2 : half / 2;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(color, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter->setBrush(Qt::NoBrush);
    painter->drawPolyline(
        QPolygonF({QPointF(middle.x() - half, middle.y() - rise), QPointF(middle.x(), middle.y() + rise),
                   QPointF(middle.x() + half, middle.y() - rise)}));
    painter->restore();
}

QColor fieldLine(const QStyleOption* option)
{
    if (option->state.testFlag(QStyle::State_HasFocus) && option->state.testFlag(QStyle::State_Enabled))
        return option->palette.color(QPalette::Highlight);
    return blend(theme::mutedText(option->palette), theme::hairline(option->palette), 0.25);
}

void drawButtonPanel(const QStyleOption* option, QPainter* painter, bool isDefault)
{
    const QPalette& palette = option->palette;
    const bool enabled = option->state.testFlag(QStyle::State_Enabled);
    const bool pressed = option->state.testFlag(QStyle::State_Sunken) || option->state.testFlag(QStyle::State_On);
    const bool hovered = option->state.testFlag(QStyle::State_MouseOver);
    const QColor accent = palette.color(QPalette::Active, QPalette::Highlight);
    QColor fill = palette.color(QPalette::Button);
    QColor line = fieldLine(option);
    if (!enabled) {
        fill = palette.color(QPalette::Window);
        line = theme::hairline(palette);
    } else if (isDefault) {
        fill = pressed ? accent.darker(125) : hovered ? accent.darker(112) : accent;
        line = fill;
    } else if (pressed) {
        fill = blend(palette.color(QPalette::ButtonText), fill, 0.14);
    } else if (hovered) {
        fill = blend(palette.color(QPalette::ButtonText), fill, 0.06);
    }
    drawFrame(painter, option->rect, fill, line);
    if (enabled && option->state.testFlag(QStyle::State_HasFocus) &&
        option->state.testFlag(QStyle::State_KeyboardFocusChange)) {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setBrush(Qt::NoBrush);
        painter->setPen(QPen(isDefault ? palette.color(QPalette::Base) : accent, 1.5));
        const qreal inset = isDefault ? 2.5 : 0.75;
        painter->drawRoundedRect(QRectF(option->rect).adjusted(inset, inset, -inset, -inset), cornerRadius - 1,
                                 cornerRadius - 1);
        painter->restore();
    }
}

} // namespace lockscope::quietpaint
