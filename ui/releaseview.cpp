#include "ui/releaseview.h"

#include "models/domain/displaytext.h"
#include "ui/theme.h"

#include <QPainter>

#include <algorithm>

namespace lockscope {

namespace {

using std::chrono::microseconds;

constexpr int nameCharacters = 40;
constexpr int errorCharacters = 300;

} // namespace

ReleaseView::ReleaseView(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("releaseView"));
    setAccessibleName(tr("Stopwatch of the last ending"));
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    m_timer.setParent(this);
    m_timer.setObjectName(QStringLiteral("releaseTimer"));
    m_timer.setInterval(std::chrono::milliseconds(100));
    connect(&m_timer, &QTimer::timeout, this, QOverload<>::of(&ReleaseView::update));
    shown();
}

void ReleaseView::clear()
{
    m_timeline.reset();
    m_clientName.clear();
    shown();
}

void ReleaseView::setRelease(const QString& clientName, const ReleaseTimeline& timeline)
{
    const bool another = !m_timeline || m_clientName != clientName || m_timeline->ending != timeline.ending ||
                         m_timeline->backendPid != timeline.backendPid;
    if (another)
        m_firstShown = SteadyTime::clock::now();
    m_clientName = clientName;
    m_timeline = timeline;
    shown();
}

QStringList ReleaseView::lines() const
{
    QStringList all{title()};
    for (const Step& step : steps())
        all.append(step.what + QStringLiteral(": ") + step.when);
    if (const QString text = footer(); !text.isEmpty())
        all.append(text);
    return all;
}

QString ReleaseView::title() const
{
    if (!m_timeline)
        return tr("Kill a client that holds a key, and see here when the server frees it.");
    const QString name = cellText(m_clientName, nameCharacters);
    switch (m_timeline->ending) {
    case ClientEnding::Kill:
        return tr("%1 was killed (SIGKILL)").arg(name);
    case ClientEnding::Terminate:
        return tr("%1 was asked to end (SIGTERM)").arg(name);
    case ClientEnding::FromServer:
        return tr("%1 was terminated from the server").arg(name);
    case ClientEnding::Quit:
        return tr("%1 quit without unlocking").arg(name);
    }
    return name;
}

QString ReleaseView::footer() const
{
    if (!m_timeline)
        return {};
    if (m_timeline->error) {
        const QString& words = m_timeline->error->serverWords;
        return tr("The watch failed: %1").arg(cellText(m_timeline->error->what, errorCharacters)) +
               (words.isEmpty() ? QString() : QLatin1Char(' ') + cellText(words, errorCharacters));
    }
    if (m_timeline->grain > microseconds(0))
        return tr("Looked at least every %1, so each time may be late by as much.")
            .arg(formatDuration(m_timeline->grain));
    return {};
}

QList<ReleaseView::Step> ReleaseView::steps() const
{
    if (!m_timeline)
        return {};
    const ReleaseTimeline& timeline = *m_timeline;
    bool earlierAwaited = false;
    const auto step = [&](const QString& what, const std::optional<microseconds>& at) -> Step {
        if (at) {
            const QString grain =
                timeline.grain > microseconds(0) ? QStringLiteral(" ±") + formatDuration(timeline.grain) : QString();
            return {what, formatDuration(*at) + grain, StepState::Seen};
        }
        if (timeline.finished || timeline.error)
            return {what, tr("not seen"), StepState::NotSeen};
        // One running clock is enough: every open step has waited as long.
        if (earlierAwaited)
            return {what, tr("waiting"), StepState::Awaited};
        earlierAwaited = true;
        return {what, tr("waiting, %1").arg(formatAge(elapsed())), StepState::Awaited};
    };

    const bool fromServer = timeline.ending == ClientEnding::FromServer;
    QList<Step> list;
    list.append({fromServer                              ? tr("Termination requested")
                 : timeline.ending == ClientEnding::Quit ? tr("Quit requested")
                                                         : tr("Signal sent"),
                 formatDuration(microseconds(0)), StepState::Seen});
    const Step processGone = step(tr("Process gone"), timeline.processGone);
    const Step backendGone =
        step(timeline.backendPid == 0 ? tr("Backend gone") : tr("Backend %1 gone").arg(timeline.backendPid),
             timeline.backendGone);
    list.append(processGone);
    list.append(backendGone);
    if (!timeline.keys.isEmpty()) {
        const QString key = timeline.keys.size() == 1 ? tr("Key %1 free").arg(timeline.keys.first().toString())
                                                      : tr("%1 keys free").arg(timeline.keys.size());
        list.append(step(key, timeline.keysFree));
    }
    if (timeline.anyoneWaited) {
        const QString name = cellText(timeline.nextApplicationName, nameCharacters);
        const QString who = timeline.nextPid == 0 ? tr("Next waiter granted")
                            : name.isEmpty()      ? tr("Granted to %1").arg(timeline.nextPid)
                                                  : tr("Granted to %1 %2").arg(QString::number(timeline.nextPid), name);
        list.append(step(who, timeline.nextGranted));
    }
    return list;
}

microseconds ReleaseView::elapsed() const
{
    // The measured times are the truth; our own clock only began when the first word of the ending arrived here.
    auto latest = std::chrono::duration_cast<microseconds>(SteadyTime::clock::now() - m_firstShown);
    for (const auto& seen : {m_timeline->processGone, m_timeline->backendGone, m_timeline->keysFree})
        latest = std::max(latest, seen.value_or(microseconds(0)));
    return latest;
}

int ReleaseView::lineHeight() const
{
    return std::max(fontMetrics().height(), QFontMetrics(theme::monospace()).height()) + theme::grid() / 2;
}

int ReleaseView::textHeight(const QString& text, int width) const
{
    if (text.isEmpty())
        return 0;
    return fontMetrics().boundingRect(QRect(0, 0, width, QWIDGETSIZE_MAX), Qt::TextWordWrap, text).height();
}

int ReleaseView::heightForWidth(int width) const
{
    const int gap = theme::grid() / 2;
    const int footerHeight = textHeight(footer(), width);
    return textHeight(title(), width) + gap + static_cast<int>(steps().size()) * lineHeight() +
           (footerHeight == 0 ? 0 : gap + footerHeight);
}

QSize ReleaseView::sizeHint() const
{
    const int width = theme::grid() * 36;
    return {width, heightForWidth(width)};
}

QSize ReleaseView::minimumSizeHint() const
{
    return {theme::grid() * 20, lineHeight()};
}

void ReleaseView::shown()
{
    const bool awaits = m_timeline && !m_timeline->finished && !m_timeline->error;
    if (awaits != m_timer.isActive())
        awaits ? m_timer.start() : m_timer.stop();
    setAccessibleDescription(lines().join(QLatin1Char('\n')));
    updateGeometry();
    update();
}

void ReleaseView::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor muted = theme::mutedText(palette());
    QRect rest = rect();
    painter.setPen(m_timeline ? palette().color(QPalette::WindowText) : muted);
    QRect used;
    painter.drawText(rest, Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, title(), &used);
    rest.setTop(used.bottom() + 1 + theme::grid() / 2);

    const QList<Step> list = steps();
    for (qsizetype row = 0; row < list.size(); ++row) {
        const QRect line(rest.left(), rest.top(), rest.width(), lineHeight());
        paintStep(&painter, line, list.at(row), row == 0, row + 1 == list.size());
        rest.setTop(line.bottom() + 1);
    }
    if (!footer().isEmpty()) {
        painter.setFont(font());
        painter.setPen(m_timeline->error ? theme::color(Tone::Error, palette()) : muted);
        rest.setTop(rest.top() + theme::grid() / 2);
        painter.drawText(rest, Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, footer());
    }
}

void ReleaseView::paintStep(QPainter* painter, const QRect& rect, const Step& step, bool first, bool last) const
{
    const QColor muted = theme::mutedText(palette());
    const QColor color = step.state == StepState::Seen      ? theme::color(Tone::New, palette())
                         : step.state == StepState::Awaited ? theme::color(Tone::Waiting, palette())
                                                            : muted;
    const int middle = rect.center().y();
    const int radius = theme::grid() / 2;
    const QPoint center(rect.left() + radius + 2, middle);

    QColor line = muted;
    line.setAlphaF(0.4F);
    painter->setPen(QPen(line, 1.5));
    if (!first)
        painter->drawLine(QPoint(center.x(), rect.top()), QPoint(center.x(), middle - radius - 1));
    if (!last)
        painter->drawLine(QPoint(center.x(), middle + radius + 1), QPoint(center.x(), rect.bottom() + 1));
    // Filled, open or crossed out: the colour is not the only thing that tells them apart.
    painter->setPen(QPen(color, 1.5));
    painter->setBrush(step.state == StepState::Seen ? QBrush(color) : QBrush(Qt::NoBrush));
    painter->drawEllipse(center, radius - 1, radius - 1);
    if (step.state == StepState::NotSeen)
        painter->drawLine(center + QPoint(-radius + 1, radius - 1), center + QPoint(radius - 1, -radius + 1));

    const QFont mono = theme::monospace();
    const int whenWidth = QFontMetrics(mono).horizontalAdvance(step.when) + 1;
    const QRect words = rect.adjusted(theme::grid() * 2, 0, -whenWidth - theme::grid(), 0);
    painter->setPen(step.state == StepState::NotSeen ? muted : palette().color(QPalette::WindowText));
    painter->setFont(font());
    painter->drawText(words, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                      fontMetrics().elidedText(step.what, Qt::ElideRight, words.width()));
    painter->setFont(mono);
    painter->setPen(step.state == StepState::Seen ? palette().color(QPalette::WindowText) : color);
    painter->drawText(rect, Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, step.when);
}

} // namespace lockscope
