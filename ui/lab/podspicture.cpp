#include "ui/lab/podspicture.h"

#include "models/domain/displaytext.h"
#include "ui/safetext.h"

#include <QEvent>
#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace lockscope {

namespace {

using labdrawing::KeyLozenge;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds frame{16};
constexpr qsizetype answersShown = 2;
constexpr int lineGrids = 3; ///< height of the line to the server

Pill pillOf(PodPhase phase)
{
    switch (phase) {
    case PodPhase::Starting:
        return {word(phase), PillShape::Hourglass, Tone::Waiting};
    case PodPhase::Running:
        return {word(phase), PillShape::Play, Tone::Mine};
    case PodPhase::Frozen:
        return {word(phase), PillShape::Pause, Tone::Waiting};
    case PodPhase::Ended:
        break;
    }
    return {word(phase), PillShape::Cross, Tone::Gone};
}

QString shortAnswer(int code)
{
    switch (code) {
    case 200:
        return PodsPicture::tr("200 done");
    case 202:
        return PodsPicture::tr("202 accepted");
    case 409:
        return PodsPicture::tr("409 refused");
    case 500:
        return PodsPicture::tr("500 lock lost");
    case 502:
        return PodsPicture::tr("502 pod gone");
    case 503:
        return PodsPicture::tr("503 not now");
    default:
        return QString::number(code);
    }
}

Tone toneOf(int code)
{
    return code == 200                  ? Tone::New
           : code == 202                ? Tone::Mine
           : code == 409 || code == 503 ? Tone::Waiting
                                        : Tone::Blocker;
}

qreal lineHeight(const LabLook& look)
{
    return std::ceil(std::max(QFontMetricsF(look.font).height(), QFontMetricsF(look.monospace).height())) + 2;
}

QString mapText(const QList<LockKey>& map)
{
    QStringList keys;
    for (const LockKey& key : map)
        keys.append(key.toString());
    return QStringLiteral("{%1}").arg(keys.join(QStringLiteral(", ")));
}

} // namespace

PodsPicture::PodsPicture(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("podPicture"));
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setSizePolicy(policy);
    m_timer.setInterval(frame);
    connect(&m_timer, &QTimer::timeout, this, &PodsPicture::fly);
}

void PodsPicture::setPod(const PodState& pod, const QList<LockKey>& holds, const QList<LockKey>& doubted)
{
    if (m_pod == pod && m_holds == holds && m_doubted == doubted)
        return;
    if (pod.phase == PodPhase::Ended)
        m_request.reset();
    m_pod = pod;
    m_holds = holds;
    m_doubted = doubted;
    shown();
}

void PodsPicture::setRows(qsizetype connections)
{
    if (m_rows == connections)
        return;
    m_rows = connections;
    updateGeometry();
}

void PodsPicture::showRequest(const PodRequest& request)
{
    m_request = Flight{tr("sync %1").arg(request.key.toString()), Tone::Held, steady_clock::now()};
    m_timer.start();
    shown();
}

void PodsPicture::showAnswer(const PodAnswer& answer)
{
    m_request.reset();
    m_answers.append({shortAnswer(answer.code), toneOf(answer.code), steady_clock::now()});
    if (m_answers.size() > answersShown)
        m_answers.removeFirst();
    m_words = answer.code == 200 || answer.code == 202 ? QString() : answer.words;
    m_timer.start();
    shown();
}

void PodsPicture::forgetAnswers()
{
    m_answers.clear();
    m_words.clear();
    m_request.reset();
    shown();
}

/// Why it ended comes first: nothing else is of use then.
QString PodsPicture::told() const
{
    return m_pod.phase == PodPhase::Ended && m_pod.ending ? m_pod.ending->what : m_words;
}

QStringList PodsPicture::lines() const
{
    QStringList lines{QStringLiteral("%1, %2").arg(cellText(m_pod.name, 40), word(m_pod.phase))};
    for (const PodConnection& connection : m_pod.connections)
        lines.append(connection.backendPid == 0
                         ? connection.doing
                         : QStringLiteral("%1 %2").arg(QString::number(connection.backendPid), connection.doing));
    lines.append(tr("Map: %1").arg(mapText(m_pod.map)));
    for (const Flight& answer : m_answers)
        lines.append(answer.text);
    if (const QString words = told(); !words.isEmpty())
        lines.append(cellText(words, 200));
    return lines;
}

void PodsPicture::shown()
{
    setAccessibleName(cellText(m_pod.name, 40));
    setAccessibleDescription(lines().join(QLatin1Char('\n')));
    QString tip = m_words;
    if (m_pod.ending) {
        tip = m_pod.ending->what;
        if (!m_pod.ending->serverWords.isEmpty())
            tip += QLatin1Char('\n') + m_pod.ending->serverWords;
    }
    safetext::setToolTip(this, tip);
    update();
}

void PodsPicture::fly()
{
    const auto flies = [this](const Flight& flight) { return progress(flight) < 1; };
    const bool any = (m_request && flies(*m_request)) || std::any_of(m_answers.cbegin(), m_answers.cend(), flies);
    if (!any)
        m_timer.stop();
    update();
}

double PodsPicture::progress(const Flight& flight) const
{
    if (!labdrawing::motionWanted(this))
        return 1;
    const std::chrono::duration<double> spent = steady_clock::now() - flight.startedAt;
    const double linear = std::clamp(spent / std::chrono::duration<double>(labdrawing::flight), 0.0, 1.0);
    return linear * (2 - linear);
}

qreal PodsPicture::stripHeight(const LabLook& look) const
{
    return labdrawing::tagSize({}, look).height() + lineHeight(look) + look.grid;
}

labdrawing::SessionBox PodsPicture::box() const
{
    return {.title = m_pod.name,
            .pid = m_pod.processId > 0 && m_pod.phase != PodPhase::Ended ? tr("process %1").arg(m_pod.processId)
                                                                         : QString(),
            .pill = pillOf(m_pod.phase),
            .edge = m_doubted.isEmpty() ? std::nullopt : std::optional(Tone::Blocker),
            .faded = m_pod.phase == PodPhase::Ended};
}

qreal PodsPicture::boxHeight(const LabLook& look) const
{
    return labdrawing::sessionBoxHeight(box(), look) + static_cast<qreal>(m_rows + 1) * lineHeight(look) +
           1.5 * look.grid;
}

QSize PodsPicture::sizeHint() const
{
    const LabLook look = LabLook::current(palette());
    const qreal height = stripHeight(look) + boxHeight(look) + lineGrids * look.grid;
    return {static_cast<int>(26 * look.grid), static_cast<int>(std::ceil(height))};
}

QSize PodsPicture::minimumSizeHint() const
{
    return {theme::grid() * 22, sizeHint().height()};
}

void PodsPicture::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const LabLook look = LabLook::current(palette());
    const QRectF strip(0, 0, width(), stripHeight(look));
    const QRectF boxRect(0, strip.bottom(), width(), boxHeight(look));
    const QRectF room = labdrawing::paintSessionBox(&painter, boxRect, box(), look);
    paintConnections(&painter, room, look);

    const QPointF from(boxRect.center().x(), boxRect.bottom());
    const QPointF to(from.x(), height());
    if (!m_doubted.isEmpty())
        labdrawing::paintLine(&painter, from, to, labdrawing::LineKind::Soft, Tone::Blocker, look);
    else if (!m_holds.isEmpty())
        labdrawing::paintLine(&painter, from, to, labdrawing::LineKind::Hard, Tone::Mine, look);
    else if (m_pod.phase != PodPhase::Ended)
        labdrawing::paintTie(&painter, from, to, look);
    paintFlights(&painter, strip, look);
}

void PodsPicture::paintConnections(QPainter* painter, QRectF room, const LabLook& look) const
{
    const qreal height = lineHeight(look);
    const QColor muted = theme::mutedText(look.palette);
    const QColor color = look.palette.color(QPalette::Active, QPalette::Text);
    const qreal pidWidth = QFontMetricsF(look.monospace).horizontalAdvance(QStringLiteral("0000000 "));
    QRectF line(room.left(), room.top() + look.grid / 2, room.width(), height);
    for (const PodConnection& connection : m_pod.connections) {
        const bool busy = connection.key.has_value();
        const QString pid = connection.backendPid == 0 ? QStringLiteral("-") : QString::number(connection.backendPid);
        labdrawing::paintText(painter, QRectF(line.left(), line.top(), pidWidth, height), pid, look.monospace, muted);
        labdrawing::paintText(painter, line.adjusted(pidWidth, 0, 0, 0), connection.doing, look.font,
                              busy ? color : muted);
        line.translate(0, height);
    }
    line.moveTop(room.top() + look.grid / 2 + static_cast<qreal>(m_rows) * height + look.grid / 4);
    const QString label = tr("Map:");
    const qreal labelWidth = QFontMetricsF(look.font).horizontalAdvance(label) + look.grid;
    labdrawing::paintText(painter, QRectF(line.left(), line.top(), labelWidth, height), label, look.font, muted);
    const QRectF keys = line.adjusted(labelWidth, 0, 0, 0);
    if (m_pod.map.isEmpty()) {
        labdrawing::paintText(painter, keys, QStringLiteral("{}"), look.monospace, muted);
        return;
    }
    QList<KeyLozenge> lozenges;
    for (const LockKey& key : m_pod.map) {
        const bool doubted = m_doubted.contains(key);
        lozenges.append({.key = key.toString(),
                         .word = doubted ? tr("believed") : QString(),
                         .tone = doubted ? Tone::Blocker : Tone::Mine,
                         .outlined = doubted});
    }
    labdrawing::paintLozenges(painter, keys, lozenges, look);
}

void PodsPicture::paintFlights(QPainter* painter, const QRectF& strip, const LabLook& look) const
{
    const qreal tagHeight = labdrawing::tagSize({}, look).height();
    const qreal rest = strip.top() + tagHeight / 2;
    const qreal edge = strip.bottom();
    if (const QString words = told(); !words.isEmpty()) {
        const qreal taken = m_request ? labdrawing::tagSize(m_request->text, look).width() + 2 * look.grid : 0;
        const QRectF line(0, strip.top() + tagHeight + 1, strip.width() - taken, lineHeight(look));
        labdrawing::paintText(painter, line, words, look.font, theme::mutedText(look.palette));
    }
    qreal left = 0;
    for (const Flight& answer : m_answers) {
        const QSizeF size = labdrawing::tagSize(answer.text, look);
        const qreal y = edge + (rest - edge) * progress(answer);
        labdrawing::paintTag(painter, {left + size.width() / 2, y}, answer.text, answer.tone, look);
        left += size.width() + look.grid / 2;
    }
    // Where nothing answers (a frozen pod), the request stays at the door.
    if (m_request) {
        const QSizeF size = labdrawing::tagSize(m_request->text, look);
        const qreal door = edge - tagHeight / 2 - 2;
        const qreal y = rest + (door - rest) * progress(*m_request);
        labdrawing::paintTag(painter, {strip.width() - size.width() / 2 - look.grid, y}, m_request->text,
                             m_request->tone, look);
    }
}

void PodsPicture::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange ||
        event->type() == QEvent::PaletteChange) {
        updateGeometry();
        update();
    }
}

} // namespace lockscope
