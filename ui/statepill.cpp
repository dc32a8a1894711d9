#include "ui/statepill.h"

#include <QCoreApplication>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>

namespace lockscope {

namespace {

QString text(const char* source)
{
    return QCoreApplication::translate("StatePill", source);
}

bool waitsForLock(const QList<LedgerEntry>& ledger)
{
    return std::any_of(ledger.cbegin(), ledger.cend(),
                       [](const LedgerEntry& entry) { return entry.state == HoldState::Waiting; });
}

/// The shape in a square of 12 units.
void paintShape(QPainter* painter, PillShape shape, const QColor& color, const QColor& background)
{
    painter->setPen(QPen(color, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter->setBrush(Qt::NoBrush);
    switch (shape) {
    case PillShape::Key:
        painter->setBrush(color);
        painter->drawEllipse(QRectF(0.8, 3.5, 5, 5));
        painter->setBrush(Qt::NoBrush);
        painter->drawLine(QPointF(5.8, 6), QPointF(11.2, 6));
        painter->drawLine(QPointF(8.6, 6), QPointF(8.6, 8.4));
        painter->drawLine(QPointF(11, 6), QPointF(11, 8.4));
        break;
    case PillShape::Hourglass: {
        QPainterPath path;
        path.moveTo(2.5, 1.5);
        path.lineTo(9.5, 1.5);
        path.lineTo(2.5, 10.5);
        path.lineTo(9.5, 10.5);
        path.closeSubpath();
        painter->drawPath(path);
        painter->setBrush(color);
        painter->drawPolygon(QPolygonF({{6, 6.6}, {9, 10.5}, {3, 10.5}}));
        break;
    }
    case PillShape::Ring:
        painter->drawEllipse(QRectF(2.5, 2.5, 7, 7));
        break;
    case PillShape::Play:
        painter->setBrush(color);
        painter->drawPolygon(QPolygonF({{3.5, 2.5}, {9.5, 6}, {3.5, 9.5}}));
        break;
    case PillShape::Pause:
        painter->drawLine(QPointF(4, 2.5), QPointF(4, 9.5));
        painter->drawLine(QPointF(8, 2.5), QPointF(8, 9.5));
        break;
    case PillShape::Check:
        painter->drawPolyline(QPolygonF({{2.2, 6.3}, {5, 9.2}, {10, 3}}));
        break;
    case PillShape::Cross:
        painter->drawLine(QPointF(3, 3), QPointF(9, 9));
        painter->drawLine(QPointF(9, 3), QPointF(3, 9));
        break;
    case PillShape::Question: {
        QPainterPath path;
        path.moveTo(3.6, 4);
        path.cubicTo(3.6, 0.6, 9, 0.8, 8.6, 4);
        path.cubicTo(8.4, 5.6, 6, 5.6, 6, 7.6);
        painter->drawPath(path);
        painter->drawPoint(QPointF(6, 10.4));
        break;
    }
    case PillShape::Warning:
        painter->setBrush(color);
        painter->drawPolygon(QPolygonF({{6, 1.5}, {11, 10.5}, {1, 10.5}}));
        painter->setPen(QPen(background, 1.4, Qt::SolidLine, Qt::RoundCap));
        painter->drawLine(QPointF(6, 5), QPointF(6, 7.3));
        painter->drawPoint(QPointF(6, 9.3));
        break;
    case PillShape::Stop:
        painter->drawRect(QRectF(3, 3, 6, 6));
        break;
    case PillShape::Knot:
        painter->drawEllipse(QRectF(1, 3.5, 5.6, 5.6));
        painter->drawEllipse(QRectF(5.4, 3.5, 5.6, 5.6));
        break;
    }
}

} // namespace

Pill pillOf(HoldState state)
{
    switch (state) {
    case HoldState::Held:
        return {word(state), PillShape::Key, Tone::Held};
    case HoldState::Waiting:
        return {word(state), PillShape::Hourglass, Tone::Waiting};
    case HoldState::Released:
        return {word(state), PillShape::Check, Tone::Gone};
    case HoldState::Lost:
        return {word(state), PillShape::Cross, Tone::Error};
    case HoldState::Unknown:
        return {word(state), PillShape::Question, Tone::Waiting};
    }
    return {};
}

Pill pillOf(const SessionState& state)
{
    switch (state.phase) {
    case SessionPhase::Connecting:
        return {word(state.phase), PillShape::Hourglass, Tone::Held};
    case SessionPhase::Idle:
        if (state.transaction == TransactionPhase::Failed)
            return {word(state.transaction), PillShape::Cross, Tone::Error};
        if (state.transaction == TransactionPhase::Open)
            return {word(state.transaction), PillShape::Stop, Tone::Mine};
        return {word(state.phase), PillShape::Ring, Tone::Held};
    case SessionPhase::Busy:
        if (waitsForLock(state.ledger))
            return {text("waiting"), PillShape::Hourglass, Tone::Waiting};
        return {word(state.phase), PillShape::Play, Tone::Mine};
    case SessionPhase::Lost:
        return {word(state.phase), PillShape::Cross, Tone::Error};
    case SessionPhase::Closed:
        return {word(state.phase), PillShape::Stop, Tone::Gone};
    case SessionPhase::Failed:
        return {word(state.phase), PillShape::Cross, Tone::Error};
    }
    return {};
}

Pill pillOf(const ClientState& state)
{
    switch (state.phase) {
    case ClientPhase::Starting:
        return {word(state.phase), PillShape::Hourglass, Tone::Held};
    case ClientPhase::Idle:
        if (state.transaction == TransactionPhase::Failed)
            return {word(state.transaction), PillShape::Cross, Tone::Error};
        if (state.transaction == TransactionPhase::Open)
            return {text("idle in transaction"), PillShape::Stop, Tone::Mine};
        return {word(state.phase), PillShape::Ring, Tone::Held};
    case ClientPhase::Waiting:
        return {text("waiting"), PillShape::Hourglass, Tone::Waiting};
    case ClientPhase::Working:
        return {word(state.phase), PillShape::Play, Tone::Mine};
    case ClientPhase::Frozen:
        return {word(state.phase), PillShape::Pause, Tone::Waiting};
    case ClientPhase::Ended:
        return {word(state.phase), PillShape::Cross, Tone::Gone};
    }
    return {};
}

Pill pillOf(OutcomeKind kind)
{
    switch (kind) {
    case OutcomeKind::Acquired:
    case OutcomeKind::Released:
        return {word(kind), PillShape::Check, Tone::New};
    case OutcomeKind::HeldElsewhere:
        return {word(kind), PillShape::Key, Tone::Waiting};
    case OutcomeKind::NotHeld:
        return {word(kind), PillShape::Warning, Tone::Waiting};
    case OutcomeKind::TimedOut:
        return {word(kind), PillShape::Hourglass, Tone::Waiting};
    case OutcomeKind::Cancelled:
        return {word(kind), PillShape::Stop, Tone::Held};
    case OutcomeKind::DeadlockVictim:
        return {word(kind), PillShape::Knot, Tone::Error};
    case OutcomeKind::Lost:
    case OutcomeKind::Failed:
        return {word(kind), PillShape::Cross, Tone::Error};
    case OutcomeKind::Done:
        return {word(kind), PillShape::Check, Tone::Held};
    }
    return {};
}

QSize pillSize(const Pill& pill, const QFont& font)
{
    const QFontMetrics metrics(font);
    const int height = metrics.height() + 2;
    return {height / 2 + metrics.ascent() + 4 + metrics.horizontalAdvance(pill.word) + height / 2, height};
}

void paintPill(QPainter* painter, const QRect& rect, const Pill& pill, const QFont& font, const QPalette& palette)
{
    const QFontMetrics metrics(font);
    QSize size = pillSize(pill, font);
    size.setWidth(std::min(size.width(), rect.width()));
    const QRectF box(rect.left() + 0.5, rect.top() + (rect.height() - size.height()) / 2 + 0.5, size.width() - 1,
                     size.height() - 1);
    const QColor color = theme::color(pill.tone, palette);
    const QColor background = theme::pillBackground(pill.tone, palette);

    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(background);
    painter->drawRoundedRect(box, box.height() / 2, box.height() / 2);

    const qreal inset = size.height() / 2.0 - 1;
    const qreal side = metrics.ascent();
    painter->save();
    painter->translate(box.left() + inset, box.center().y() - side / 2);
    painter->scale(side / 12, side / 12);
    paintShape(painter, pill.shape, color, background);
    painter->restore();

    painter->setFont(font);
    painter->setPen(color);
    const QRectF words = box.adjusted(inset + side + 4, 0, -inset + 2, 0);
    painter->drawText(words, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                      metrics.elidedText(pill.word, Qt::ElideRight, static_cast<int>(words.width()) + 1));
    painter->restore();
}

StatePill::StatePill(QWidget* parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void StatePill::setPill(const Pill& pill)
{
    if (m_pill == pill)
        return;
    m_pill = pill;
    setAccessibleName(pill.word);
    updateGeometry();
    update();
}

QSize StatePill::sizeHint() const
{
    return pillSize(m_pill, font());
}

void StatePill::paintEvent(QPaintEvent* /*event*/)
{
    if (m_pill.word.isEmpty())
        return;
    QPainter painter(this);
    paintPill(&painter, rect(), m_pill, font(), palette());
}

} // namespace lockscope
