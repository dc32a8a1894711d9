#include "ui/lab/labdrawing.h"

#include "models/domain/displaytext.h"
#include "ui/quietpaint.h"

#include <QApplication>
#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>
#include <QStyle>
#include <QWidget>

#include <algorithm>
#include <cmath>

namespace lockscope {

LabLook LabLook::current(const QPalette& palette)
{
    return {.palette = palette,
            .font = QApplication::font(),
            .strongFont = theme::strongFont(),
            .monospace = theme::monospace(),
            .grid = static_cast<qreal>(theme::grid())};
}

namespace labdrawing {

namespace {

constexpr qreal lineWidth = 1.5;

qreal lineHeight(const LabLook& look)
{
    return std::ceil(QFontMetricsF(look.font).height()) + 2;
}

qreal insetOf(const LabLook& look)
{
    return look.grid;
}

QColor ground(const LabLook& look)
{
    return look.palette.color(QPalette::Active, QPalette::Base);
}

QColor textColor(const LabLook& look)
{
    return look.palette.color(QPalette::Active, QPalette::Text);
}

/// The quiet line of frames and arrows: 3:1 against the ground, as a shape that means something needs.
QColor quietLine(const LabLook& look)
{
    return quietpaint::blend(theme::mutedText(look.palette), theme::hairline(look.palette), 0.6);
}

QRectF crisp(const QRectF& rect)
{
    return quietpaint::crisp(rect.toAlignedRect());
}

qreal lozengePoint(const LabLook& look)
{
    return look.grid * 0.75;
}

QString lozengeWord(const KeyLozenge& lozenge)
{
    return lozenge.word.isEmpty() ? QString() : QLatin1Char(' ') + lozenge.word;
}

} // namespace

void paintText(QPainter* painter, const QRectF& rect, const QString& text, const QFont& font, const QColor& color,
               Qt::Alignment alignment)
{
    const QFontMetricsF metrics(font);
    painter->setFont(font);
    painter->setPen(color);
    painter->drawText(rect, static_cast<int>(alignment) | Qt::TextSingleLine | Qt::TextDontClip,
                      metrics.elidedText(cellText(text, 256), Qt::ElideRight, rect.width() + 0.5));
}

qreal sessionBoxHeight(const SessionBox& box, const LabLook& look)
{
    const qreal line = lineHeight(look);
    return look.grid + line + (box.pill ? line + look.grid / 4 : 0) + (box.note.isEmpty() ? 0 : line);
}

QRectF paintSessionBox(QPainter* painter, const QRectF& rect, const SessionBox& box, const LabLook& look)
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QColor edge = box.edge ? theme::color(*box.edge, look.palette) : quietLine(look);
    QPen pen(edge, box.edge ? lineWidth : 1.0);
    if (box.faded)
        pen.setStyle(Qt::DashLine);
    painter->setPen(pen);
    painter->setBrush(box.faded ? QBrush(Qt::NoBrush) : QBrush(ground(look)));
    painter->drawRoundedRect(crisp(rect), 1.5 * quietpaint::cornerRadius, 1.5 * quietpaint::cornerRadius);

    const qreal height = lineHeight(look);
    QRectF line = rect.adjusted(insetOf(look), look.grid / 2, -insetOf(look), 0);
    line.setHeight(height);
    const QColor color = box.faded ? theme::mutedText(look.palette) : textColor(look);
    QRectF title = line;
    if (!box.pid.isEmpty()) {
        // The title gives way: a pid that is cut is another pid.
        const qreal width = std::min(
            line.width(), std::ceil(QFontMetricsF(look.monospace).horizontalAdvance(cellText(box.pid, 64))) + 1);
        paintText(painter, QRectF(line.right() - width, line.top(), width, height), box.pid, look.monospace,
                  theme::mutedText(look.palette), Qt::AlignRight | Qt::AlignVCenter);
        title.setRight(line.right() - width - look.grid / 2);
    }
    if (title.width() > look.grid)
        paintText(painter, title, box.title, look.strongFont, color);
    line.translate(0, height);
    if (box.pill) {
        paintPill(painter, line.toAlignedRect(), *box.pill, look.font, look.palette);
        line.translate(0, height + look.grid / 4);
    }
    if (!box.note.isEmpty()) {
        paintText(painter, line, box.note, look.font, theme::mutedText(look.palette));
        line.translate(0, height);
    }
    painter->restore();
    return {line.left(), line.top(), line.width(), std::max(0.0, rect.bottom() - look.grid / 2 - line.top())};
}

QSizeF lozengeSize(const KeyLozenge& lozenge, const LabLook& look)
{
    const QFontMetricsF keyMetrics(look.monospace);
    const QFontMetricsF metrics(look.font);
    return {std::ceil(keyMetrics.horizontalAdvance(cellText(lozenge.key, 64)) +
                      metrics.horizontalAdvance(lozengeWord(lozenge)) + 2 * (lozengePoint(look) + look.grid / 4)) +
                1,
            lineHeight(look)};
}

QRectF paintLozenge(QPainter* painter, const QRectF& rect, const KeyLozenge& lozenge, const LabLook& look)
{
    const QSizeF size = lozengeSize(lozenge, look);
    const QRectF shape(rect.left(), rect.top() + std::floor((rect.height() - size.height()) / 2),
                       std::min(size.width(), rect.width()), size.height());
    const QColor color = theme::color(lozenge.tone, look.palette);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    QPen pen(color, 1.0);
    if (lozenge.outlined)
        pen.setStyle(Qt::DashLine);
    painter->setPen(pen);
    painter->setBrush(lozenge.outlined ? QBrush(Qt::NoBrush)
                                       : QBrush(theme::pillBackground(lozenge.tone, look.palette)));
    painter->drawPath(quietpaint::lozenge(shape.adjusted(0.5, 0.5, -0.5, -0.5), lozengePoint(look)));

    QRectF words = shape.adjusted(lozengePoint(look) + look.grid / 4, 0, -lozengePoint(look), 0);
    const QString key = cellText(lozenge.key, 64);
    paintText(painter, words, key, look.monospace, color);
    words.setLeft(std::min(words.right(), words.left() + QFontMetricsF(look.monospace).horizontalAdvance(key)));
    if (!lozenge.word.isEmpty() && words.width() > look.grid)
        paintText(painter, words, lozengeWord(lozenge), look.font, color);
    painter->restore();
    return shape;
}

qreal paintLozenges(QPainter* painter, const QRectF& rect, const QList<KeyLozenge>& lozenges, const LabLook& look)
{
    if (lozenges.isEmpty())
        return 0;
    const qreal gap = look.grid / 4;
    const qreal height = lineHeight(look);
    const qreal right = rect.right() + 0.5;
    const auto widthOf = [&](qsizetype index) {
        return std::min(lozengeSize(lozenges.at(index), look).width(), rect.width());
    };
    QPointF at = rect.topLeft();
    for (qsizetype index = 0; index < lozenges.size(); ++index) {
        const qreal width = widthOf(index);
        const auto isLastRow = [&] { return at.y() + 2 * height + gap > rect.bottom() + 0.5; };
        if (at.x() > rect.left() && at.x() + width > right && !isLastRow())
            at = {rect.left(), at.y() + height + gap};
        if (isLastRow()) {
            qreal end = at.x();
            for (qsizetype next = index; next < lozenges.size() && end - gap <= right; ++next)
                end += widthOf(next) + gap;
            const QString more = QStringLiteral("+%1").arg(lozenges.size() - index);
            const qreal moreWidth = std::ceil(QFontMetricsF(look.font).horizontalAdvance(more)) + 1;
            if (end - gap > right && at.x() + width + gap + moreWidth > right) {
                if (painter != nullptr)
                    paintText(painter, QRectF(at.x(), at.y(), moreWidth, height), more, look.font,
                              theme::mutedText(look.palette));
                break;
            }
        }
        if (painter != nullptr)
            paintLozenge(painter, QRectF(at.x(), at.y(), width, height), lozenges.at(index), look);
        at.rx() += width + gap;
    }
    return at.y() + height - rect.top();
}

void paintLine(QPainter* painter, const QPointF& from, const QPointF& to, LineKind kind, std::optional<Tone> tone,
               const LabLook& look)
{
    const QLineF line(from, to);
    if (line.length() < 1)
        return;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QColor color = tone ? theme::color(*tone, look.palette) : quietLine(look);
    QPen pen(color, lineWidth, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin);
    if (kind == LineKind::Soft)
        pen.setDashPattern({4, 3});
    painter->setPen(pen);
    const qreal head = std::min(look.grid, line.length());
    const QPointF along = (to - from) / line.length();
    const QPointF across(-along.y(), along.x());
    painter->drawLine(from, to - along * head * 0.7);
    painter->setPen(Qt::NoPen);
    painter->setBrush(color);
    painter->drawPolygon(
        QPolygonF({to, to - along * head + across * head * 0.45, to - along * head - across * head * 0.45}));
    painter->restore();
}

void paintTie(QPainter* painter, const QPointF& from, const QPointF& to, const LabLook& look)
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(quietLine(look), 1.0));
    painter->drawLine(from, to);
    painter->restore();
}

qreal serverBarTitleHeight(const LabLook& look)
{
    return lineHeight(look) + look.grid;
}

QRectF paintServerBar(QPainter* painter, const QRectF& rect, const QString& title, const QString& note,
                      const LabLook& look)
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(quietLine(look), 1.0));
    painter->setBrush(theme::tint(Tone::Accent, look.palette, theme::isDark(look.palette) ? 0.12 : 0.06));
    painter->drawRoundedRect(crisp(rect), quietpaint::cornerRadius, quietpaint::cornerRadius);
    QRectF line = rect.adjusted(look.grid * 1.25, look.grid / 2, -look.grid * 1.25, 0);
    line.setHeight(lineHeight(look));
    const qreal width =
        std::min(line.width(), QFontMetricsF(look.strongFont).horizontalAdvance(cellText(title, 128)) + 1);
    paintText(painter, QRectF(line.left(), line.top(), width, line.height()), title, look.strongFont, textColor(look));
    const QRectF rest = line.adjusted(width + look.grid * 1.5, 0, 0, 0);
    if (!note.isEmpty() && rest.width() > 4 * look.grid)
        paintText(painter, rest, note, look.font, theme::mutedText(look.palette), Qt::AlignRight | Qt::AlignVCenter);
    painter->restore();
    return {line.left(), line.bottom() + look.grid / 4, line.width(),
            std::max(0.0, rect.bottom() - look.grid / 2 - line.bottom() - look.grid / 4)};
}

QSizeF tagSize(const QString& text, const LabLook& look)
{
    return {std::ceil(QFontMetricsF(look.monospace).horizontalAdvance(cellText(text, 64))) + 1.5 * look.grid,
            lineHeight(look) + 2};
}

void paintTag(QPainter* painter, const QPointF& center, const QString& text, Tone tone, const LabLook& look)
{
    const QSizeF size = tagSize(text, look);
    const QRectF rect(std::round(center.x() - size.width() / 2), std::round(center.y() - size.height() / 2),
                      size.width(), size.height());
    const QColor color = theme::color(tone, look.palette);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(color, 1.0));
    painter->setBrush(theme::pillBackground(tone, look.palette));
    painter->drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), size.height() / 2, size.height() / 2);
    paintText(painter, rect, text, look.monospace, color, Qt::AlignCenter);
    painter->restore();
}

bool motionWanted(const QWidget* widget)
{
    const QStyle* style = widget != nullptr ? widget->style() : QApplication::style();
    return style->styleHint(QStyle::SH_Widget_Animate, nullptr, widget) != 0;
}

} // namespace labdrawing

} // namespace lockscope
