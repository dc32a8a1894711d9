#include "ui/lab/poolpicture.h"

#include "models/domain/displaytext.h"
#include "ui/lab/pooltext.h"
#include "ui/quietpaint.h"

#include <QEvent>
#include <QHelpEvent>
#include <QPainter>
#include <QTimerEvent>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace lockscope {

using namespace labdrawing;

namespace {

constexpr std::chrono::milliseconds frame{16};
constexpr qsizetype mostFlights = 12; ///< of a run that is faster than the eye, a few

qreal lineOf(const LabLook& look)
{
    return std::ceil(QFontMetricsF(look.font).height()) + 2;
}

Tone toneOf(const PoolSlot& slot, const LockKey& key)
{
    return slot.leaked.contains(key) ? Tone::Blocker : Tone::Held;
}

/// The answer as a tag has room for it.
QString shortAnswer(const PoolCall& call)
{
    return word(call.answer);
}

} // namespace

PoolPicture::PoolPicture(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("poolPicture"));
    setAccessibleName(tr("Picture of the pool"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    describe();
}

QSize PoolPicture::sizeHint() const
{
    return {80 * theme::grid(), 40 * theme::grid()};
}

QSize PoolPicture::minimumSizeHint() const
{
    return {52 * theme::grid(), 28 * theme::grid()};
}

void PoolPicture::setState(const std::optional<PoolState>& state)
{
    if (m_state == state)
        return;
    m_state = state;
    describe();
    update();
}

void PoolPicture::setPlannedSpec(const PoolSpec& spec)
{
    if (m_planned == spec)
        return;
    m_planned = spec;
    update();
}

void PoolPicture::setPooler(const std::optional<PoolerSpec>& pooler)
{
    m_pooler = pooler;
    update();
}

void PoolPicture::describe()
{
    setAccessibleDescription(paragraphText(m_state ? pooltext::describe(*m_state) : tr("No pool is open."), 8 * 1024));
}

void PoolPicture::launch(Flight flight)
{
    if (!motionWanted(this) || !isVisible() || m_flights.size() >= mostFlights) {
        update();
        return;
    }
    flight.start = Clock::now();
    // The answer starts when its call has arrived.
    for (const Flight& other : std::as_const(m_flights)) {
        if (other.slot == flight.slot && other.back != flight.back)
            flight.start = std::max(flight.start, other.start + labdrawing::flight);
    }
    if (flight.start > Clock::now() + labdrawing::flight) {
        update(); // calls faster than the eye: what flies must not lag behind what is said
        return;
    }
    m_flights.append(flight);
    if (!m_timer.isActive())
        m_timer.start(static_cast<int>(frame.count()), this);
    update();
}

void PoolPicture::callDispatched(PoolAction action, const LockKey& key, int slot)
{
    if (slot < 1)
        return; // it waits at the application, which the state tells
    launch({.slot = slot, .text = QStringLiteral("%1 %2").arg(word(action), key.toString()), .tone = Tone::Accent});
}

void PoolPicture::callAnswered(const PoolCall& call)
{
    m_last = call;
    if (call.slot < 1) {
        update();
        return;
    }
    launch({.slot = call.slot, .back = true, .text = shortAnswer(call), .tone = pooltext::pillOf(call.answer).tone});
}

void PoolPicture::forgetCalls()
{
    m_last.reset();
    m_flights.clear();
    m_timer.stop();
    update();
}

void PoolPicture::timerEvent(QTimerEvent* event)
{
    if (event->timerId() != m_timer.timerId())
        return;
    const auto now = Clock::now();
    m_flights.removeIf([now](const Flight& flight) { return now >= flight.start + labdrawing::flight; });
    if (m_flights.isEmpty())
        m_timer.stop();
    update();
}

PoolPlaces PoolPicture::places() const
{
    return PoolPlaces::of(size(), static_cast<int>(shownSlots().size()), m_pooler.has_value(),
                          LabLook::current(palette()));
}

QList<PoolSlot> PoolPicture::shownSlots() const
{
    if (m_state && !m_state->slotList.isEmpty())
        return m_state->slotList;
    QList<PoolSlot> planned;
    for (int number = 1; number <= (m_state ? m_state->spec.size : m_planned.size); ++number)
        planned.append({.number = number, .phase = SlotPhase::Lost});
    return planned;
}

void PoolPicture::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(rect(), palette().color(QPalette::Base));
    const LabLook look = LabLook::current(palette());
    const PoolPlaces where = places();
    paintApplication(&painter, where, look);
    paintHeader(&painter, where, look);
    const bool real = m_state && !m_state->slotList.isEmpty();
    const QList<PoolSlot> slotList = shownSlots();
    const QRectF below = where.pooler.isEmpty() ? where.server : where.pooler;
    for (qsizetype index = 0; index < std::min(slotList.size(), where.slotRects.size()); ++index) {
        const QRectF& rect = where.slotRects.at(index);
        if (!real) {
            paintSessionBox(
                &painter, rect,
                {.title = where.detail == SlotDetail::Small ? QString::number(index + 1) : tr("Slot %1").arg(index + 1),
                 .faded = true},
                look);
            continue;
        }
        if (where.oneRow && slotList.at(index).phase != SlotPhase::Lost)
            paintTie(&painter, {std::round(rect.center().x()) + 0.5, rect.bottom()},
                     {std::round(rect.center().x()) + 0.5, below.top()}, look);
        paintSlot(&painter, slotList.at(index), rect, where.detail, look);
    }
    paintServers(&painter, where, look);
    paintTags(&painter, where, look);
}

void PoolPicture::paintApplication(QPainter* painter, const PoolPlaces& places, const LabLook& look) const
{
    const PoolSpec& spec = m_state ? m_state->spec : m_planned;
    const bool waits = m_state && !m_state->waiting.isEmpty();
    const QString form = pooltext::title(spec.form);
    const bool fits = QFontMetricsF(look.font).horizontalAdvance(form) <= places.application.width() - 2 * look.grid;
    SessionBox box{.title = tr("Application"),
                   .note =
                       fits || spec.form != LockServiceForm::DedicatedWithoutFinally ? form : tr("Without finally")};
    box.faded = !m_state;
    if (waits)
        box.edge = Tone::Waiting;
    QRectF room = paintSessionBox(painter, places.application, box, look);
    const qreal line = lineOf(look);
    if (waits) {
        const qsizetype count = m_state->waiting.size();
        const Pill pill{count == 1 ? tr("1 waits") : tr("%1 wait").arg(count), PillShape::Hourglass, Tone::Waiting};
        const QRectF place(room.left(), room.bottom() - 2 * line, room.width(), line);
        paintPill(painter, place.toAlignedRect(), pill, look.font, look.palette);
        paintText(painter, place.translated(0, line), m_state->waiting.join(QStringLiteral(", ")), look.font,
                  theme::mutedText(look.palette));
        room.setBottom(place.top());
    }
    if (!m_state || room.height() < 2 * line)
        return;
    room.setTop(room.top() + look.grid / 2);
    const QRectF head(room.left(), room.top(), room.width(), line);
    const QString words = !m_state->map.isEmpty()               ? tr("Its map says:")
                          : spec.form == LockServiceForm::Naive ? tr("Keeps no map")
                                                                : tr("Its map is empty");
    paintText(painter, head, words, look.font, theme::mutedText(look.palette));
    room.setTop(head.bottom());
    QList<KeyLozenge> believed;
    for (const auto& [key, slot] : m_state->map)
        believed.append({.key = key.toString(),
                         .word = slot == 0 ? tr("being taken") : tr("slot %1").arg(slot),
                         .tone = Tone::Mine,
                         .outlined = true});
    paintLozenges(painter, room, believed, look);
}

void PoolPicture::paintHeader(QPainter* painter, const PoolPlaces& places, const LabLook& look) const
{
    QRectF line = places.header;
    if (!m_state) {
        paintText(painter, line,
                  m_planned.size == 1 ? tr("A pool of one connection, not open yet")
                                      : tr("A pool of %1 connections, not open yet").arg(m_planned.size),
                  look.font, theme::mutedText(look.palette));
        return;
    }
    std::optional<Pill> pill;
    if (m_state->phase == PoolState::Phase::Opening)
        pill = Pill{tr("opening"), PillShape::Hourglass, Tone::Held};
    else if (m_state->phase == PoolState::Phase::Closed)
        pill = Pill{tr("closed"), PillShape::Stop, Tone::Gone};
    else if (m_state->phase == PoolState::Phase::Failed)
        pill = Pill{tr("failed"), PillShape::Cross, Tone::Error};
    else if (pooltext::isExhausted(*m_state))
        pill = Pill{tr("exhausted"), PillShape::Warning, Tone::Error};
    if (pill) {
        paintPill(painter, line.toAlignedRect(), *pill, look.font, look.palette);
        line.setLeft(line.left() + pillSize(*pill, look.font).width() + look.grid);
    }
    paintText(painter, line, pooltext::summary(*m_state), look.font,
              look.palette.color(QPalette::Active, QPalette::Text));
}

void PoolPicture::paintSlot(QPainter* painter, const PoolSlot& slot, const QRectF& rect, SlotDetail detail,
                            const LabLook& look) const
{
    if (detail == SlotDetail::Small) {
        paintSmallSlot(painter, slot, rect, look);
        return;
    }
    const bool leaks = !slot.leaked.isEmpty();
    const bool narrow = rect.width() < 15 * look.grid;
    SessionBox box{.title = narrow ? QString::number(slot.number) : tr("Slot %1").arg(slot.number)};
    if (slot.backendPid != 0)
        box.pid = rect.width() >= 18 * look.grid ? tr("pid %1").arg(slot.backendPid) : QString::number(slot.backendPid);
    box.faded = slot.phase == SlotPhase::Lost;
    if (leaks)
        box.edge = Tone::Blocker;
    else if (slot.phase == SlotPhase::CheckedOut)
        box.edge = Tone::Mine;
    QList<KeyLozenge> keys;
    for (const LockKey& key : slot.leaked)
        keys.append({.key = key.toString(), .word = tr("leaked"), .tone = Tone::Blocker});
    for (const LockKey& key : slot.keys) {
        if (!slot.leaked.contains(key))
            keys.append({.key = key.toString(), .tone = toneOf(slot, key)});
    }
    if (detail == SlotDetail::Full || keys.isEmpty())
        box.pill = pooltext::pillOf(slot.phase);
    if (detail == SlotDetail::Full && !slot.checkedOutBy.isEmpty())
        box.note = tr("by %1").arg(slot.checkedOutBy);
    const QRectF room = paintSessionBox(painter, rect, box, look);
    if (!keys.isEmpty())
        paintLozenges(painter, room, keys, look);
}

void PoolPicture::paintSmallSlot(QPainter* painter, const PoolSlot& slot, const QRectF& rect, const LabLook& look) const
{
    const bool leaks = !slot.leaked.isEmpty();
    const bool out = slot.phase == SlotPhase::CheckedOut;
    const bool lost = slot.phase == SlotPhase::Lost;
    const Tone tone = leaks ? Tone::Blocker : out ? Tone::Mine : lost ? Tone::Error : Tone::Held;
    const QColor color = theme::color(tone, look.palette);
    QPen pen(leaks || out ? color
                          : quietpaint::blend(theme::mutedText(look.palette), theme::hairline(look.palette), 0.6),
             leaks || out ? 1.5 : 1.0);
    if (lost)
        pen.setStyle(Qt::DashLine);
    painter->setPen(pen);
    painter->setBrush(leaks || out ? theme::pillBackground(tone, look.palette)
                      : lost       ? QColor(Qt::transparent)
                                   : look.palette.color(QPalette::Active, QPalette::Base));
    painter->drawRoundedRect(quietpaint::crisp(rect.toAlignedRect()), quietpaint::cornerRadius,
                             quietpaint::cornerRadius);

    const qreal line = lineOf(look);
    const qreal inset = rect.width() < 7 * look.grid ? look.grid / 2 - 1 : look.grid;
    const QRectF inner = rect.adjusted(inset, 0, -inset, 0);
    const QString pid = slot.backendPid == 0 ? QString() : QString::number(slot.backendPid);
    const bool withPid = rect.height() >= 2 * line && !pid.isEmpty() &&
                         QFontMetricsF(look.monospace).horizontalAdvance(pid) <= inner.width() + 1;
    const qreal top = rect.top() + (rect.height() - (withPid ? 2 : 1) * line) / 2;
    const QRectF first(inner.left(), top, inner.width(), line);
    const QColor text = lost ? theme::mutedText(look.palette) : look.palette.color(QPalette::Active, QPalette::Text);
    paintText(painter, first, QString::number(slot.number), look.strongFont, leaks || out ? color : text);
    // The key, too small for its number: filled where it is held.
    if (!slot.keys.isEmpty()) {
        const qreal size = look.grid * 0.6;
        const QPointF middle(first.right() - size, first.center().y());
        painter->setPen(Qt::NoPen);
        painter->setBrush(color);
        painter->drawPolygon(QPolygonF({middle + QPointF(0, -size), middle + QPointF(size, 0),
                                        middle + QPointF(0, size), middle + QPointF(-size, 0)}));
    }
    if (withPid)
        paintText(painter, first.translated(0, line), pid, look.monospace, theme::mutedText(look.palette));
}

void PoolPicture::paintServers(QPainter* painter, const PoolPlaces& places, const LabLook& look) const
{
    if (m_pooler) {
        paintServerBar(painter, places.pooler, QStringLiteral("PgBouncer"), pooltext::describe(*m_pooler), look);
        const qreal x = std::round(places.pooler.center().x()) + 0.5;
        paintTie(painter, {x, places.pooler.bottom()}, {x, places.server.top()}, look);
    }
    const QString note = !m_state             ? QString()
                         : m_state->lookError ? tr("as last seen: the server could not be asked")
                                              : tr("the locks as the server has them, pg_locks");
    const QRectF room = paintServerBar(painter, places.server, QStringLiteral("PostgreSQL"), note, look);
    if (!m_state)
        return;
    // A backend holds a key once, through however many slots it is reached.
    QList<std::pair<qint32, LockKey>> seen;
    QList<KeyLozenge> locks;
    for (const bool leaked : {true, false}) {
        for (const PoolSlot& slot : m_state->slotList) {
            for (const LockKey& key : slot.keys) {
                const std::pair<qint32, LockKey> lock{slot.backendPid, key};
                if (slot.leaked.contains(key) != leaked || seen.contains(lock))
                    continue;
                seen.append(lock);
                locks.append(
                    {.key = key.toString(),
                     .word = leaked ? tr("pid %1, leaked").arg(slot.backendPid) : tr("pid %1").arg(slot.backendPid),
                     .tone = toneOf(slot, key)});
            }
        }
    }
    if (locks.isEmpty())
        paintText(painter, QRectF(room.topLeft(), QSizeF(room.width(), lineOf(look))),
                  tr("This pool holds no advisory lock."), look.font, theme::mutedText(look.palette));
    else
        paintLozenges(painter, room, locks, look);
}

void PoolPicture::paintTags(QPainter* painter, const PoolPlaces& places, const LabLook& look) const
{
    const auto now = Clock::now();
    bool lastFlies = false;
    for (const Flight& flight : m_flights) {
        if (now < flight.start) {
            lastFlies = lastFlies || flight.back;
            continue;
        }
        lastFlies = lastFlies || flight.back;
        const double part = std::min(1.0, std::chrono::duration<double>(now - flight.start) /
                                              std::chrono::duration<double>(labdrawing::flight));
        const double eased = part * part * (3 - 2 * part);
        QPointF from = places.door();
        QPointF to = places.doorOf(flight.slot);
        if (flight.back)
            std::swap(from, to);
        painter->setPen(QPen(theme::hairline(look.palette), 1.5));
        painter->drawLine(from, to);
        paintTag(painter, from + (to - from) * eased, flight.text, flight.tone, look);
    }
    if (!m_last || lastFlies)
        return;
    // Where it came from stays in sight until the next call.
    const Tone tone = pooltext::pillOf(m_last->answer).tone;
    const QString answer = shortAnswer(*m_last);
    const QSizeF size = tagSize(answer, look);
    QPointF center(places.application.right() + 3 * look.grid, places.application.center().y());
    if (m_last->slot >= 1 && m_last->slot <= places.slotRects.size()) {
        const QRectF& slot = places.slotRects.at(m_last->slot - 1);
        center = QPointF(std::min(slot.right() - size.width() / 2 - 2, width() - size.width() / 2 - 2),
                         // At the foot where there is room: the pid and the state are at the head.
                         slot.height() >= 8 * look.grid       ? slot.bottom() - size.height() / 2 - 2
                         : places.detail == SlotDetail::Small ? slot.top() - 1
                                                              : slot.top() - look.grid / 4);
    } else {
        center.setX(std::max(places.application.right() - size.width() / 2 + look.grid * 5,
                             places.application.left() + size.width() / 2));
    }
    paintTag(painter, center, answer, tone, look);
}

QString PoolPicture::toolTipFor(const QPointF& place) const
{
    const PoolPlaces where = places();
    if (!m_state)
        return {};
    for (qsizetype index = 0; index < std::min(m_state->slotList.size(), where.slotRects.size()); ++index) {
        if (!where.slotRects.at(index).contains(place))
            continue;
        PoolState one;
        one.slotList = {m_state->slotList.at(index)};
        return pooltext::describe(one).section(QLatin1Char('\n'), 1);
    }
    if (where.application.contains(place))
        return pooltext::explain(m_state->spec.form);
    if (where.server.contains(place))
        return tr("What pg_locks says of the connections of this pool. A leaked key is one that the application "
                  "believes released, or has lost track of. %1")
            .arg(m_state->lookError ? m_state->lookError->what : QString());
    return {};
}

bool PoolPicture::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* const help = static_cast<QHelpEvent*>(event);
    const QString words = toolTipFor(help->pos());
    if (words.isEmpty())
        QToolTip::hideText();
    else
        QToolTip::showText(help->globalPos(), plainTooltip(words), this);
    return true;
}

void PoolPicture::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange) {
        updateGeometry();
        update();
    }
}

} // namespace lockscope
