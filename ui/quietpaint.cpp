#include "ui/quietpaint.h"

#include "ui/theme.h"

#include <QPainter>
#include <QStyleOption>

#include <algorithm>
#include <cmath>

namespace lockscope::quietpaint {

namespace {

/// It grows by the square root, so that the first seconds already show.
constexpr std::chrono::microseconds fullBar = std::chrono::minutes(5);

} // namespace

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

QPainterPath lozenge(const QRectF& rect, qreal point)
{
    QPainterPath path(QPointF(rect.left(), rect.center().y()));
    path.lineTo(rect.left() + point, rect.top());
    path.lineTo(rect.right() - point, rect.top());
    path.lineTo(rect.right(), rect.center().y());
    path.lineTo(rect.right() - point, rect.bottom());
    path.lineTo(rect.left() + point, rect.bottom());
    path.closeSubpath();
    return path;
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

void drawAgeBar(QPainter* painter, const QRect& cell, std::chrono::microseconds age, const QPalette& palette)
{
    const double share = static_cast<double>(std::max<qint64>(0, age.count())) / static_cast<double>(fullBar.count());
    const int padding = theme::grid();
    const int height = std::max(2, theme::grid() / 4);
    const QRect track(cell.left() + padding, cell.bottom() - height - 1, cell.width() - 2 * padding, height);
    QColor color = theme::color(Tone::Waiting, palette);
    color.setAlphaF(0.22F);
    painter->fillRect(track, color);
    color.setAlphaF(0.7F);
    QRect filled = track;
    filled.setWidth(std::max(2, static_cast<int>(track.width() * std::sqrt(std::min(1.0, share)))));
    painter->fillRect(filled, color);
}

void drawCheckBox(const QStyleOption* option, QPainter* painter)
{
    const QPalette& palette = option->palette;
    const bool enabled = option->state.testFlag(QStyle::State_Enabled);
    const bool on = option->state.testFlag(QStyle::State_On);
    const bool partly = option->state.testFlag(QStyle::State_NoChange);
    const bool hovered = option->state.testFlag(QStyle::State_MouseOver);
    const QColor accent = palette.color(QPalette::Active, QPalette::Highlight);
    const bool focused =
        option->state.testFlag(QStyle::State_HasFocus) && option->state.testFlag(QStyle::State_KeyboardFocusChange);
    QColor fill = palette.color(enabled ? QPalette::Base : QPalette::Window);
    QColor line = enabled ? theme::mutedText(palette) : theme::hairline(palette);
    if (on || partly)
        fill = line = enabled ? accent : theme::hairline(palette);
    else if (hovered && enabled)
        line = palette.color(QPalette::WindowText);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QRectF box = crisp(option->rect);
    painter->setPen(focused ? QPen(palette.color(QPalette::Link), 2) : QPen(line, 1));
    painter->setBrush(fill);
    painter->drawRoundedRect(box, 3, 3);
    painter->setBrush(Qt::NoBrush);
    const QColor mark = enabled ? palette.color(QPalette::HighlightedText) : theme::mutedText(palette);
    const qreal side = box.width();
    painter->setPen(QPen(mark, side / 8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    const auto at = [&box, side](double x, double y) { return box.topLeft() + QPointF(x * side, y * side); };
    if (on)
        painter->drawPolyline(QPolygonF({at(0.24, 0.53), at(0.43, 0.71), at(0.77, 0.31)}));
    else if (partly)
        painter->drawLine(at(0.27, 0.5), at(0.73, 0.5));
    painter->restore();
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
