#include "ui/statusline.h"

#include "models/domain/displaytext.h"
#include "ui/numbertext.h"
#include "ui/safetext.h"
#include "ui/statusfigure.h"

#include <QEvent>

namespace lockscope {

namespace {

constexpr std::chrono::seconds messageShownFor{10};

} // namespace

StatusLine::StatusLine(QWidget* parent)
    : QStatusBar(parent)
    , m_locks(new StatusFigure(QStringLiteral("locksFigure")))
    , m_waiting(new StatusFigure(QStringLiteral("waitingFigure")))
    , m_otherWaits(new StatusFigure(QStringLiteral("otherWaitsFigure")))
    , m_blockers(new StatusFigure(QStringLiteral("blockersFigure")))
    , m_deadlocks(new StatusFigure(QStringLiteral("deadlocksFigure")))
    , m_shown(new StatusFigure(QStringLiteral("shownFigure")))
    , m_message(new StatusFigure(QStringLiteral("messageFigure")))
    , m_busy(new StatusFigure(QStringLiteral("busyFigure")))
    , m_readOnly(new StatusFigure(QStringLiteral("readOnlyFigure")))
    , m_poll(new StatusFigure(QStringLiteral("pollFigure")))
    , m_interval(new StatusFigure(QStringLiteral("intervalFigure")))
{
    setObjectName(QStringLiteral("statusLine"));
    setSizeGripEnabled(false);
    for (StatusFigure* const figure : {m_locks, m_waiting, m_otherWaits, m_blockers, m_deadlocks, m_shown, m_message})
        addWidget(figure);
    for (StatusFigure* const figure : {m_busy, m_readOnly, m_poll, m_interval})
        addPermanentWidget(figure);
    for (StatusFigure* const figure : {m_locks, m_waiting, m_otherWaits, m_blockers, m_deadlocks, m_shown, m_message,
                                       m_busy, m_readOnly, m_poll, m_interval})
        figure->hide();
    for (StatusFigure* const figure : {m_waiting, m_otherWaits, m_blockers, m_deadlocks}) {
        figure->setClickable();
        connect(figure, &StatusFigure::clicked, this, &StatusLine::waitsRequested);
    }
    m_messageTimer.setSingleShot(true);
    m_messageTimer.setInterval(messageShownFor);
    connect(&m_messageTimer, &QTimer::timeout, this, [this] { m_message->setFigure({}); });
    safetext::setToolTip(m_locks, tr("Rows of pg_locks on the server, of the types that are read"));
    safetext::setToolTip(m_waiting, tr("Locks of this table that are asked for and not granted. Click: who waits for "
                                       "whom"));
    safetext::setToolTip(m_otherWaits, tr("Sessions that wait for locks of types that this table does not list now. "
                                          "Click: who waits for whom"));
    safetext::setToolTip(m_deadlocks, tr("Sessions that wait for each other in a circle. Click: who waits for whom"));
    safetext::setToolTip(m_blockers,
                         tr("Sessions that somebody waits for and that wait for nobody: the ends of the chains. "
                            "Click: who waits for whom"));
    safetext::setToolTip(m_poll, tr("How long the last reading of the server took"));
    safetext::setToolTip(m_interval, tr("How often the server is read; longer than chosen where reading takes long"));
}

void StatusLine::setView(const LockViewPointer& view, bool filtered)
{
    m_view = view;
    m_filtered = filtered;
    refresh();
}

void StatusLine::refresh()
{
    const LockViewPointer& view = m_view;
    if (!view || view->empty) {
        for (StatusFigure* const figure : {m_locks, m_waiting, m_otherWaits, m_blockers, m_deadlocks, m_shown, m_poll})
            figure->setFigure({});
        return;
    }
    // Figures that the server no longer confirms must not look like news.
    const bool fresh = m_link.phase == LinkPhase::Live;
    const auto count = [](qint64 number) { return groupedNumber(number); };
    m_locks->setFigure(view->totalLocks == 1 ? tr("1 lock") : tr("%1 locks").arg(count(view->totalLocks)));
    m_waiting->setFigure(tr("%1 waiting").arg(count(view->waitingLocks)),
                         view->waitingLocks > 0 && fresh ? std::optional(Tone::Waiting) : std::nullopt,
                         view->waitingLocks > 0 && fresh ? std::optional(IconName::Hourglass) : std::nullopt);
    m_otherWaits->setFigure(view->otherWaits == 0 ? QString() : tr("+ %1 for other types").arg(count(view->otherWaits)),
                            fresh ? std::optional(Tone::Waiting) : std::nullopt);
    const qint64 deadlocks = view->waits ? view->waits->cycles.size() : 0;
    m_deadlocks->setFigure(deadlocks == 0   ? QString()
                           : deadlocks == 1 ? tr("1 deadlock")
                                            : tr("%1 deadlocks").arg(count(deadlocks)),
                           fresh ? std::optional(Tone::Blocker) : std::nullopt,
                           fresh ? std::optional(IconName::Warning) : std::nullopt);
    m_blockers->setFigure(view->rootBlockers == 1 ? tr("1 root blocker")
                                                  : tr("%1 root blockers").arg(count(view->rootBlockers)),
                          view->rootBlockers > 0 && fresh ? std::optional(Tone::Blocker) : std::nullopt,
                          view->rootBlockers > 0 && fresh ? std::optional(IconName::Knot) : std::nullopt);
    if (view->shownLocks < view->matchingRows) {
        m_shown->setFigure(tr("showing %1 of %2").arg(count(view->shownLocks), count(view->matchingRows)),
                           Tone::Waiting, IconName::Warning);
        safetext::setToolTip(m_shown,
                             tr("The table stops at %1 rows. A filter finds the rest.").arg(count(view->shownLocks)));
    } else if (m_filtered) {
        m_shown->setFigure(tr("showing %1 of %2").arg(count(view->matchingRows), count(view->totalLocks)), Tone::Accent,
                           IconName::Filter);
        safetext::setToolTip(m_shown, tr("The filter hides the others."));
    } else {
        m_shown->setFigure({});
    }
    m_poll->setFigure(tr("poll %1").arg(formatDuration(view->pollDuration)));
}

void StatusLine::setLink(const LinkState& link)
{
    m_link = link;
    if (link.phase == LinkPhase::Closed)
        m_interval->setFigure({});
    else if (link.phase == LinkPhase::Connecting)
        m_interval->setFigure(tr("connecting"));
    else if (link.phase != LinkPhase::Live)
        m_interval->setFigure(tr("not current"), Tone::Waiting, IconName::Warning);
    else if (link.paused)
        m_interval->setFigure(tr("paused"), Tone::Waiting, IconName::Pause);
    else
        m_interval->setFigure(tr("every %1").arg(intervalText(link.interval)));
    refresh();
}

void StatusLine::setReadOnly(bool readOnly)
{
    m_readOnly->setFigure(readOnly ? tr("read-only") : QString(), Tone::Accent, IconName::Lock);
    safetext::setToolTip(m_readOnly, tr("Started with --read-only: Lockscope looks and does not act."));
}

void StatusLine::say(const QString& message)
{
    m_message->setFigure(cellText(message, 160), Tone::Accent, IconName::Information);
    m_messageTimer.start();
}

void StatusLine::setBusyText(const QString& text)
{
    m_busy->setFigure(cellText(text, 120), Tone::Accent);
}

} // namespace lockscope
