#pragma once

#include <QColor>
#include <QRectF>

class QPainter;
class QStyleOption;

namespace lockscope {

/// The few shapes that QuietStyle draws everything with. Pure painting; GUI thread.
namespace quietpaint {

inline constexpr qreal cornerRadius = 4.0;

/// The rectangle through the middle of its outer pixels, for hairlines that stay sharp.
[[nodiscard]] QRectF crisp(const QRect& rect);
[[nodiscard]] QColor blend(const QColor& over, const QColor& under, double strength);
void drawFrame(QPainter* painter, const QRect& rect, const QColor& fill, const QColor& line);
/// In the middle of rect.
void drawChevron(QPainter* painter, const QRect& rect, const QColor& color, bool pointsUp);
/// The line around fields: the accent while they have the focus.
[[nodiscard]] QColor fieldLine(const QStyleOption* option);
/// A square that stands out against window and base alike: at least 3:1, as a control needs.
void drawCheckBox(const QStyleOption* option, QPainter* painter);
void drawButtonPanel(const QStyleOption* option, QPainter* painter, bool isDefault);

} // namespace quietpaint

} // namespace lockscope
