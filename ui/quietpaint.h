#pragma once

#include <QColor>
#include <QPainterPath>
#include <QRectF>

#include <chrono>

class QPainter;
class QPalette;
class QStyleOption;

namespace lockscope {

/// The few shapes that QuietStyle draws everything with. Pure painting; GUI thread.
namespace quietpaint {

inline constexpr qreal cornerRadius = 4.0;

/// The rectangle through the middle of its outer pixels, for hairlines that stay sharp.
[[nodiscard]] QRectF crisp(const QRect& rect);
[[nodiscard]] QColor blend(const QColor& over, const QColor& under, double strength);
/// A lozenge that is wide: pointed at both ends, as the sign of a key.
[[nodiscard]] QPainterPath lozenge(const QRectF& rect, qreal point);
void drawFrame(QPainter* painter, const QRect& rect, const QColor& fill, const QColor& line);
/// In the middle of rect.
void drawChevron(QPainter* painter, const QRect& rect, const QColor& color, bool pointsUp);
/// The line around fields: the accent while they have the focus.
[[nodiscard]] QColor fieldLine(const QStyleOption* option);
/// At the foot of a cell: how long something has waited, in the tone of waits; full at five minutes, on a scale that
/// shows seconds too.
void drawAgeBar(QPainter* painter, const QRect& cell, std::chrono::microseconds age, const QPalette& palette);
/// A square that stands out against window and base alike: at least 3:1, as a control needs.
void drawCheckBox(const QStyleOption* option, QPainter* painter);
void drawButtonPanel(const QStyleOption* option, QPainter* painter, bool isDefault);

} // namespace quietpaint

} // namespace lockscope
