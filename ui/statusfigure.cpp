#include "ui/statusfigure.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

namespace lockscope {

StatusFigure::StatusFigure(const QString& objectName, QWidget* parent)
    : QWidget(parent)
{
    setObjectName(objectName);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    hide();
}

void StatusFigure::setFigure(const QString& text, std::optional<Tone> tone, std::optional<IconName> picture)
{
    if (text == m_text && tone == m_tone && picture == m_picture)
        return;
    m_text = text;
    m_tone = tone;
    m_picture = picture;
    setAccessibleName(text);
    setVisible(!text.isEmpty());
    updateGeometry();
    update();
}

void StatusFigure::setClickable()
{
    m_clickable = true;
    setCursor(Qt::PointingHandCursor);
    setFocusPolicy(Qt::TabFocus);
}

void StatusFigure::keyPressEvent(QKeyEvent* event)
{
    if (m_clickable && (event->key() == Qt::Key_Space || event->key() == Qt::Key_Return))
        Q_EMIT clicked();
    else
        QWidget::keyPressEvent(event);
}

void StatusFigure::mouseReleaseEvent(QMouseEvent* event)
{
    if (m_clickable && event->button() == Qt::LeftButton && rect().contains(event->position().toPoint()))
        Q_EMIT clicked();
    else
        QWidget::mouseReleaseEvent(event);
}

QSize StatusFigure::sizeHint() const
{
    const int grid = theme::grid();
    const QFontMetrics metrics(font());
    const int picture = m_picture ? metrics.height() + grid / 2 : 0;
    return {grid + picture + metrics.horizontalAdvance(m_text) + grid, metrics.height() + grid / 2};
}

void StatusFigure::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    const QColor color = m_tone ? theme::color(*m_tone, palette()) : theme::mutedText(palette());
    const int grid = theme::grid();
    QRect area = rect().adjusted(grid, 0, -grid, 0);
    if (m_picture) {
        const int edge = fontMetrics().height();
        painter.drawPixmap(area.left(), (height() - edge) / 2,
                           iconPixmap(*m_picture, color, edge, devicePixelRatioF()));
        area.setLeft(area.left() + edge + grid / 2);
    }
    painter.setPen(color);
    painter.drawText(area, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, m_text);
    if (hasFocus()) {
        painter.setPen(theme::color(Tone::Accent, palette()));
        painter.drawLine(area.left(), height() - 1, area.right(), height() - 1);
    }
}

} // namespace lockscope
