#include "ui/outcomeview.h"

#include "models/domain/displaytext.h"
#include "ui/safetext.h"
#include "ui/statepill.h"
#include "ui/tonelabel.h"
#include "ui/wordsview.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QVBoxLayout>

#include <algorithm>

namespace lockscope {

namespace {

QString childName(const QString& prefix, const QString& name)
{
    return prefix.isEmpty() ? name : prefix + name.at(0).toUpper() + name.mid(1);
}

bool isWarning(const QString& notice)
{
    return notice.startsWith(QLatin1String("WARNING"));
}

} // namespace

OutcomeView::OutcomeView(const QString& namePrefix, QWidget* parent)
    : QWidget(parent)
    , m_pill(new StatePill(this))
    , m_text(new ToneLabel(this))
    , m_notices(new WordsView(this))
{
    m_pill->setObjectName(childName(namePrefix, QStringLiteral("outcomePill")));
    m_text->setObjectName(childName(namePrefix, QStringLiteral("outcomeText")));
    m_text->setAccessibleName(tr("Last outcome"));
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_notices->setObjectName(childName(namePrefix, QStringLiteral("outcomeNotices")));
    m_notices->setAccessibleName(tr("Words of the server"));
    safetext::setToolTip(m_notices, tr("The words of the server, as they came."));
    m_text->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Minimum);
    m_text->setAlignment(Qt::AlignLeft | Qt::AlignTop);

    auto* row = new QHBoxLayout;
    row->setSpacing(theme::grid());
    row->addWidget(m_pill, 0, Qt::AlignTop);
    row->addWidget(m_text, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::grid() / 2);
    layout->addLayout(row);
    layout->addWidget(m_notices);
    layout->addStretch(1);

    m_timer.setInterval(std::chrono::milliseconds(100));
    connect(&m_timer, &QTimer::timeout, this, &OutcomeView::showElapsed);
    clear({});
}

void OutcomeView::reserveLines(int lines)
{
    m_reservedLines = lines;
    applyReserve();
}

void OutcomeView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        applyReserve();
}

void OutcomeView::applyReserve()
{
    const QMargins margins = contentsMargins();
    if (m_reservedLines > 0)
        setMinimumHeight(m_reservedLines * fontMetrics().lineSpacing() + margins.top() + margins.bottom());
}

void OutcomeView::clear(const QString& hint)
{
    m_timer.stop();
    m_pill->setVisible(false);
    m_text->setMuted();
    m_text->setText(hint);
    setVisible(!hint.isEmpty() || m_reservedLines > 0);
    setNotices({}, false);
}

void OutcomeView::setOutcome(const Outcome& outcome)
{
    m_timer.stop();
    m_pill->setPill(pillOf(outcome.kind));
    m_pill->setVisible(true);
    setVisible(true);
    m_text->setBody();
    m_text->setText(cellText(describe(outcome)));
    QStringList lines = outcome.notices;
    bool warns = std::any_of(lines.cbegin(), lines.cend(), isWarning);
    if (outcome.error && !outcome.error->serverWords.isEmpty()) {
        lines.append(outcome.error->serverWords);
        warns = true;
    }
    setNotices(lines, warns);
}

void OutcomeView::setError(const QString& word, const Error& error)
{
    m_timer.stop();
    m_pill->setPill({word, PillShape::Cross, Tone::Error});
    m_pill->setVisible(true);
    setVisible(true);
    m_text->setBody();
    m_text->setText(error.advice.isEmpty() ? cellText(error.what)
                                           : cellText(error.what) + QLatin1Char(' ') + cellText(error.advice));
    setNotices(error.serverWords.isEmpty() ? QStringList() : QStringList{error.serverWords}, true);
}

void OutcomeView::setRunning(const QString& doing, SteadyTime since, bool waitsForLock)
{
    m_doing = cellText(doing);
    m_since = since;
    m_pill->setPill(waitsForLock ? Pill{tr("waiting"), PillShape::Hourglass, Tone::Waiting}
                                 : Pill{tr("running"), PillShape::Play, Tone::Mine});
    m_pill->setVisible(true);
    setVisible(true);
    m_text->setBody();
    setNotices({}, false);
    showElapsed();
    m_timer.start();
}

void OutcomeView::setNotices(QStringList lines, bool warns)
{
    const qsizetype more = lines.size() - maximumNotices;
    if (more > 0)
        lines.resize(maximumNotices);
    for (QString& line : lines)
        line = paragraphText(line, maximumNoticeLength);
    if (more > 0)
        lines.append(tr("and %n more, see the statement log", nullptr, static_cast<int>(more)));
    m_notices->setWords(lines.join(QLatin1Char('\n')), warns ? std::optional(Tone::Waiting) : std::nullopt);
}

void OutcomeView::showElapsed()
{
    const auto elapsed = std::chrono::duration_cast<std::chrono::microseconds>(SteadyTime::clock::now() - m_since);
    m_text->setText(tr("%1, for %2", "what runs, how long").arg(m_doing, formatAge(elapsed)));
}

} // namespace lockscope
