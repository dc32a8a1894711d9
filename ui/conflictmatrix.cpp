#include "ui/conflictmatrix.h"

#include "models/domain/lockconflicts.h"
#include "ui/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>

namespace lockscope {

namespace {

int count()
{
    return static_cast<int>(lockModes().size());
}

/// "Share Row Exclusive" -> "SRX": columns are narrow, rows have the whole name.
QString initials(LockMode mode)
{
    QString letters;
    const QString name = displayName(mode);
    for (const QChar character : name) {
        if (character.isUpper())
            letters += character;
    }
    return letters;
}

} // namespace

ConflictMatrix::ConflictMatrix(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("conflictMatrix"));
    setAccessibleName(tr("Conflicting lock modes"));
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAccessibleDescription(sentence());
}

void ConflictMatrix::setMode(LockMode mode)
{
    m_mode = mode;
    setAccessibleDescription(sentence());
    update();
}

void ConflictMatrix::choose(LockMode mode)
{
    if (mode == m_mode)
        return;
    setMode(mode);
    Q_EMIT modeChosen(mode);
}

QString ConflictMatrix::sentence() const
{
    const LockMode mode = m_hovered != LockMode::Unknown ? m_hovered : m_mode;
    if (mode == LockMode::Unknown || !lockModes().contains(mode))
        return tr("A mark means that one has to wait for the other. Choose a mode to read what it waits for.");
    QStringList others;
    for (const LockMode other : lockModes()) {
        if (conflicts(mode, other))
            others.append(displayName(other));
    }
    const QString against = others.size() == count() ? tr("every mode, also with itself") : others.join(tr(", "));
    return tr("%1 conflicts with %2. Taken by %3.").arg(displayName(mode), against, takenBy(mode));
}

int ConflictMatrix::namesWidth() const
{
    int width = 0;
    for (const LockMode mode : lockModes())
        width = std::max(width, fontMetrics().horizontalAdvance(displayName(mode)));
    return width + 2 * theme::grid();
}

int ConflictMatrix::cell() const
{
    return std::max(theme::rowHeight(), fontMetrics().horizontalAdvance(QStringLiteral("SUE")) + theme::grid());
}

QRect ConflictMatrix::cellRect(int row, int column) const
{
    return {namesWidth() + column * cell(), theme::rowHeight() + row * theme::rowHeight(), cell(), theme::rowHeight()};
}

QSize ConflictMatrix::sizeHint() const
{
    return {namesWidth() + count() * cell() + 1, (count() + 1) * theme::rowHeight() + 1};
}

LockMode ConflictMatrix::modeAt(const QPoint& position) const
{
    const int row = position.y() / theme::rowHeight() - 1;
    if (row >= 0 && row < count())
        return lockModes().at(row);
    const int column = (position.x() - namesWidth()) / cell();
    return row == -1 && position.x() >= namesWidth() && column < count() ? lockModes().at(column) : LockMode::Unknown;
}

void ConflictMatrix::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const LockMode shown = m_hovered != LockMode::Unknown ? m_hovered : m_mode;
    const int chosen = static_cast<int>(lockModes().indexOf(shown));
    const QColor line = theme::hairline(palette());
    const QColor muted = theme::mutedText(palette());
    const QColor text = palette().color(QPalette::Text);
    const QColor band = theme::tint(Tone::Accent, palette(), 0.10);
    if (chosen >= 0) {
        painter.fillRect(QRect(0, cellRect(chosen, 0).top(), width(), theme::rowHeight()), band);
        painter.fillRect(QRect(cellRect(0, chosen).left(), 0, cell(), height()), band);
    }
    const int grid = theme::grid();
    for (int row = 0; row < count(); ++row) {
        const LockMode mode = lockModes().at(row);
        const QRect first = cellRect(row, 0);
        painter.setPen(row == chosen ? text : muted);
        painter.setFont(row == chosen ? theme::strongFont() : font());
        painter.drawText(QRect(grid, first.top(), namesWidth() - 2 * grid, first.height()),
                         Qt::AlignLeft | Qt::AlignVCenter, displayName(mode));
        const QRect head(cellRect(0, row).left(), 0, cell(), theme::rowHeight());
        painter.drawText(head, Qt::AlignCenter, initials(mode));
        painter.setPen(line);
        painter.drawLine(0, first.top(), width(), first.top());
        for (int column = 0; column < count(); ++column) {
            if (!conflicts(mode, lockModes().at(column)))
                continue;
            const QRectF rect = cellRect(row, column);
            const bool lit = chosen < 0 || row == chosen || column == chosen;
            QColor color = theme::color(Tone::Blocker, palette());
            color.setAlphaF(lit ? 1.0F : 0.35F);
            const qreal half = grid * 0.45;
            painter.setPen(QPen(color, 1.75, Qt::SolidLine, Qt::RoundCap));
            painter.drawLine(QPointF(rect.center().x() - half, rect.center().y() - half),
                             QPointF(rect.center().x() + half, rect.center().y() + half));
            painter.drawLine(QPointF(rect.center().x() - half, rect.center().y() + half),
                             QPointF(rect.center().x() + half, rect.center().y() - half));
        }
    }
    if (hasFocus()) {
        painter.setPen(theme::color(Tone::Accent, palette()));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3);
    }
}

void ConflictMatrix::mousePressEvent(QMouseEvent* event)
{
    choose(modeAt(event->position().toPoint()));
}

void ConflictMatrix::mouseMoveEvent(QMouseEvent* event)
{
    if (const LockMode mode = modeAt(event->position().toPoint()); mode != m_hovered) {
        m_hovered = mode;
        update();
        Q_EMIT modeChosen(mode != LockMode::Unknown ? mode : m_mode);
    }
}

void ConflictMatrix::leaveEvent(QEvent*)
{
    m_hovered = LockMode::Unknown;
    update();
    Q_EMIT modeChosen(m_mode);
}

void ConflictMatrix::keyPressEvent(QKeyEvent* event)
{
    const int at = static_cast<int>(lockModes().indexOf(m_mode));
    switch (event->key()) {
    case Qt::Key_Up:
    case Qt::Key_Left:
        choose(lockModes().at(std::max(at - 1, 0)));
        break;
    case Qt::Key_Down:
    case Qt::Key_Right:
        choose(lockModes().at(std::min(at + 1, count() - 1)));
        break;
    case Qt::Key_Escape:
        choose(LockMode::Unknown);
        break;
    default:
        QWidget::keyPressEvent(event);
    }
}

void ConflictMatrix::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    update();
}

void ConflictMatrix::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

void ConflictMatrix::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        updateGeometry();
}

} // namespace lockscope
