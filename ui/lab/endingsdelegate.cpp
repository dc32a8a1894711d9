#include "ui/lab/endingsdelegate.h"

#include "ui/lab/endingsmodel.h"
#include "ui/lab/plot.h"

#include <QPainter>
#include <QPainterPath>

namespace lockscope {

namespace {

using std::chrono::microseconds;
using namespace std::chrono_literals;

QPolygonF diamond(const QPointF& center, qreal radius)
{
    return QPolygonF({center + QPointF(0, -radius), center + QPointF(radius, 0), center + QPointF(0, radius),
                      center + QPointF(-radius, 0)});
}

/// Hatched by hand: a brush pattern has the grain of the device, and is too fine on a sharp screen.
void hatch(QPainter* painter, const QRectF& band, const QColor& line, bool openRight)
{
    painter->save();
    painter->setClipRect(band, Qt::IntersectClip);
    QColor ground = line;
    ground.setAlphaF(0.12F);
    painter->fillRect(band, ground);
    QColor strokes = line;
    strokes.setAlphaF(0.55F);
    painter->setPen(QPen(strokes, 1));
    for (qreal x = band.left() - band.height(); x < band.right(); x += 5)
        painter->drawLine(QPointF(x, band.bottom()), QPointF(x + band.height(), band.top()));
    painter->setPen(QPen(line, 1));
    painter->drawLine(band.topLeft(), band.bottomLeft());
    if (!openRight)
        painter->drawLine(band.topRight() - QPointF(1, 0), band.bottomRight() - QPointF(1, 0));
    painter->restore();
}

} // namespace

Pill pillOf(const EndingState& state)
{
    const QString word = verdictText(state);
    switch (state.verdict) {
    case EndingVerdict::AsExpected:
        return {word, PillShape::Check, Tone::New};
    case EndingVerdict::Earlier:
    case EndingVerdict::Later:
        return {word, PillShape::Warning, Tone::Error};
    case EndingVerdict::None:
        break;
    }
    switch (state.phase) {
    case EndingPhase::Idle:
        return {word, PillShape::Ring, Tone::Held};
    case EndingPhase::Starting:
    case EndingPhase::Cleaning:
        return {word, PillShape::Play, Tone::Mine};
    case EndingPhase::Holding:
        return {word, PillShape::Key, Tone::Mine};
    case EndingPhase::Running:
        return {word, PillShape::Hourglass, Tone::Waiting};
    case EndingPhase::Done:
        return {word, PillShape::Check, Tone::Held};
    case EndingPhase::Explained:
        return {word, PillShape::Question, Tone::Held};
    case EndingPhase::Failed:
        return {word, PillShape::Cross, Tone::Error};
    case EndingPhase::Stopped:
        return {word, PillShape::Stop, Tone::Held};
    }
    return {word, PillShape::Ring, Tone::Held};
}

EndingsDelegate::EndingsDelegate(const EndingsModel& model, QObject* parent)
    : CellDelegate(parent)
    , m_model(model)
{
}

void EndingsDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    CellDelegate::paint(painter, option, index);
    if (index.column() == EndingsModel::Lane)
        paintLane(painter, option.rect, index.row(), option.palette);
    else if (index.column() == EndingsModel::Verdict && m_model.state(index.row()).phase != EndingPhase::Idle)
        paintPill(painter, option.rect.adjusted(theme::grid() / 2, 0, 0, 0), pillOf(m_model.state(index.row())),
                  option.font, option.palette);
}

void EndingsDelegate::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const
{
    CellDelegate::initStyleOption(option, index);
    if (index.column() != EndingsModel::Verdict)
        return;
    if (m_model.state(index.row()).phase == EndingPhase::Idle)
        option->palette.setColor(QPalette::Text, theme::mutedText(option->palette));
    else
        option->text.clear(); // the pill says it
}

QSize EndingsDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    QSize size = CellDelegate::sizeHint(option, index);
    if (index.column() == EndingsModel::Verdict)
        size.setWidth(pillSize(pillOf(m_model.state(index.row())), option.font).width() + 2 * theme::grid());
    return size;
}

QRectF EndingsDelegate::axisOf(const QRect& cell)
{
    return QRectF(cell).adjusted(theme::grid(), 0, -2 * theme::grid(), 0);
}

void EndingsDelegate::paintLane(QPainter* painter, const QRect& cell, int row, const QPalette& palette) const
{
    const EndingState& state = m_model.state(row);
    const QRectF axis = axisOf(cell);
    const double end = static_cast<double>(m_model.axisEnd().count());
    const auto at = [&](microseconds time) {
        return axis.left() + axis.width() * std::min(1.0, static_cast<double>(time.count()) / end);
    };
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setClipRect(cell);

    QColor tick = theme::hairline(palette);
    painter->setPen(QPen(tick, 1));
    for (const double second : niceScale(0, end / 1e6, 6, false).ticks) {
        const qreal x = std::round(at(microseconds(static_cast<qint64>(second * 1e6)))) + 0.5;
        painter->drawLine(QPointF(x, cell.top()), QPointF(x, cell.bottom() + 1));
    }

    const qreal middle = cell.center().y() + 0.5;
    const qreal half = theme::grid() * 0.875;
    const QColor muted = theme::mutedText(palette);
    const ExpectedRelease& expected = state.expected;
    if (expected.rule != ReleaseRule::NotPossible) {
        const bool onAxis = expected.latest && static_cast<double>(expected.earliest.value_or(0us).count()) < end;
        // Not by itself: later than anything that is watched, so the band begins there and goes on.
        const microseconds from = onAxis ? *expected.earliest : state.settings.watchTime;
        const qreal left = std::round(at(from));
        const qreal right =
            onAxis ? std::max(left + 4, std::round(at(*expected.latest))) : static_cast<qreal>(cell.right()) + 1;
        hatch(painter, QRectF(left, middle - half, right - left, 2 * half), muted, !onAxis);
    }

    const std::optional<microseconds> held = m_model.elapsed(row);
    if (held && (state.endedAt || state.released)) {
        const bool running = state.phase == EndingPhase::Running && !state.released;
        const bool amiss = state.verdict == EndingVerdict::Earlier || state.verdict == EndingVerdict::Later;
        const QColor color = theme::color(running ? Tone::Waiting : amiss ? Tone::Error : Tone::New, palette);
        const qreal to = at(*held);
        painter->setPen(QPen(color, 3, Qt::SolidLine, Qt::FlatCap));
        painter->drawLine(QPointF(axis.left(), middle), QPointF(to, middle));
        painter->setPen(QPen(color, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter->drawLine(QPointF(axis.left(), middle - 4), QPointF(axis.left(), middle + 4));
        if (state.released) {
            painter->setBrush(color);
            painter->drawPolygon(diamond(QPointF(to, middle), 4.5));
        } else {
            // Still held: the bar goes on.
            painter->setBrush(Qt::NoBrush);
            painter->drawPolyline(
                QPolygonF({QPointF(to - 1, middle - 4), QPointF(to + 4, middle), QPointF(to - 1, middle + 4)}));
        }
    }
    painter->restore();
}

} // namespace lockscope
