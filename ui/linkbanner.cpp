#include "ui/linkbanner.h"

#include "models/domain/displaytext.h"
#include "ui/safetext.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

namespace lockscope {

using namespace std::chrono_literals;

namespace {

/// Whole seconds up to a minute: a banner that counts tenths would shout.
QString calmAge(std::chrono::microseconds age)
{
    if (age < 1min)
        return QStringLiteral("%1 s").arg(std::max<qint64>(0, age / 1s));
    return formatAge(age);
}

QPushButton* button(const QString& objectName, const QString& text, const QString& toolTip)
{
    auto* const result = new QPushButton(text);
    result->setObjectName(objectName);
    result->setAccessibleName(text);
    safetext::setToolTip(result, toolTip);
    return result;
}

} // namespace

LinkBanner::LinkBanner(QWidget* parent, Clock clock)
    : QFrame(parent)
    , m_clock(std::move(clock))
    , m_picture(safetext::label())
    , m_happened(safetext::wrappingLabel())
    , m_meaning(safetext::mutedLabel())
    , m_words(safetext::mutedLabel())
    , m_reconnect(button(QStringLiteral("reconnectButton"), tr("Reconnect Now"), tr("Try at once, without waiting")))
    , m_change(button(QStringLiteral("changeConnectionButton"), tr("Change Connection..."),
                      tr("Choose another server, role or password")))
    , m_resume(button(QStringLiteral("resumeButton"), tr("Resume"), tr("Read the server again")))
{
    setObjectName(QStringLiteral("linkBanner"));
    m_happened->setObjectName(QStringLiteral("linkBannerText"));
    m_meaning->setObjectName(QStringLiteral("linkBannerMeaning"));
    m_words->setObjectName(QStringLiteral("linkBannerWords"));
    m_happened->setFont(theme::strongFont());

    const int grid = theme::grid();
    auto* const texts = new QVBoxLayout;
    texts->setSpacing(grid / 4);
    texts->addWidget(m_happened);
    texts->addWidget(m_meaning);
    texts->addWidget(m_words);
    auto* const layout = new QHBoxLayout(this);
    layout->setContentsMargins(grid + grid / 2, grid, grid, grid);
    layout->setSpacing(grid);
    layout->addWidget(m_picture, 0);
    layout->addLayout(texts, 1);
    layout->addWidget(m_resume, 0, Qt::AlignVCenter);
    layout->addWidget(m_change, 0, Qt::AlignVCenter);
    layout->addWidget(m_reconnect, 0, Qt::AlignVCenter);

    connect(m_reconnect, &QPushButton::clicked, this, &LinkBanner::reconnectRequested);
    connect(m_change, &QPushButton::clicked, this, &LinkBanner::changeConnectionRequested);
    connect(m_resume, &QPushButton::clicked, this, &LinkBanner::resumeRequested);
    m_tick.setInterval(500ms);
    connect(&m_tick, &QTimer::timeout, this, &LinkBanner::refresh);
    hide();
}

void LinkBanner::setLink(const LinkState& link, bool showsRows)
{
    m_link = link;
    m_showsRows = showsRows;
    const bool troubled = link.phase == LinkPhase::Stale || link.phase == LinkPhase::Lost ||
                          link.phase == LinkPhase::Refused || (link.phase == LinkPhase::Connecting && showsRows) ||
                          (link.phase == LinkPhase::Live && link.paused);
    if (!troubled) {
        m_tick.stop();
        hide();
        return;
    }
    const bool pausedOnly = link.phase == LinkPhase::Live;
    m_reconnect->setVisible(link.phase != LinkPhase::Connecting && !pausedOnly);
    m_change->setVisible(link.phase == LinkPhase::Lost || link.phase == LinkPhase::Refused);
    m_resume->setVisible(pausedOnly);
    const QString words = link.error && (link.phase == LinkPhase::Lost || link.phase == LinkPhase::Refused)
                              ? paragraphText(link.error->serverWords, 500)
                              : QString();
    m_words->setText(words);
    m_words->setVisible(!words.isEmpty());
    refresh();
    m_tick.start();
    show();
}

void LinkBanner::refresh()
{
    const int icon = theme::iconSize() + 4;
    m_picture->setPixmap(iconPixmap(picture(), theme::color(tone(), palette()), icon, devicePixelRatioF()));
    m_happened->setText(happened());
    const QString text = meaning();
    m_meaning->setText(text);
    m_meaning->setVisible(!text.isEmpty());
    const bool oneLine = text.isEmpty() && m_words->text().isEmpty();
    m_picture->setAlignment(oneLine ? Qt::AlignVCenter : Qt::AlignTop);
}

Tone LinkBanner::tone() const
{
    switch (m_link.phase) {
    case LinkPhase::Lost:
    case LinkPhase::Refused:
        return Tone::Error;
    case LinkPhase::Stale:
        return Tone::Waiting;
    case LinkPhase::Closed:
    case LinkPhase::Connecting:
    case LinkPhase::Live:
        break;
    }
    return Tone::Accent;
}

IconName LinkBanner::picture() const
{
    switch (m_link.phase) {
    case LinkPhase::Lost:
        return IconName::Disconnect;
    case LinkPhase::Refused:
        return IconName::Error;
    case LinkPhase::Stale:
        return IconName::Hourglass;
    case LinkPhase::Live:
        return IconName::Pause;
    case LinkPhase::Closed:
    case LinkPhase::Connecting:
        break;
    }
    return IconName::Connect;
}

QString LinkBanner::happened() const
{
    switch (m_link.phase) {
    case LinkPhase::Live:
        return tr("Paused: the server is not read.");
    case LinkPhase::Stale:
        return tr("The server does not answer.");
    case LinkPhase::Connecting:
        return m_link.attempt > 1 ? tr("Connecting, attempt %1.").arg(m_link.attempt) : tr("Connecting.");
    case LinkPhase::Lost:
        return m_link.error && !m_link.error->what.isEmpty() ? cellText(m_link.error->what, 500)
                                                             : tr("The connection broke.");
    case LinkPhase::Refused:
        return m_link.error && !m_link.error->what.isEmpty() ? cellText(m_link.error->what, 500)
                                                             : tr("The server refused the connection.");
    case LinkPhase::Closed:
        break;
    }
    return {};
}

QString LinkBanner::meaning() const
{
    const SteadyTime now = m_clock();
    const auto since = [now](SteadyTime then) {
        return std::chrono::duration_cast<std::chrono::microseconds>(now - then);
    };
    QStringList sentences;
    if (m_showsRows && m_link.lastAnswer)
        sentences.append(tr("What you see is %1 old.").arg(calmAge(since(*m_link.lastAnswer))));
    if (m_link.phase == LinkPhase::Lost && m_link.nextAttempt) {
        const auto left = std::chrono::ceil<std::chrono::seconds>(*m_link.nextAttempt - now);
        sentences.append(left > 0s ? tr("Next attempt in %1 s.").arg(left.count()) : tr("Next attempt now."));
    }
    if (m_link.error && (m_link.phase == LinkPhase::Lost || m_link.phase == LinkPhase::Refused) &&
        !m_link.error->advice.isEmpty())
        sentences.append(cellText(m_link.error->advice, 500));
    // The advice for a wrong password says so itself.
    const bool said =
        m_link.error && m_link.error->kind == ErrorKind::Authentication && !m_link.error->advice.isEmpty();
    if (m_link.phase == LinkPhase::Refused && !said)
        sentences.append(tr("It is not tried again by itself."));
    return sentences.join(QLatin1Char(' '));
}

void LinkBanner::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    painter.fillRect(rect(), theme::tint(tone(), palette(), 0.09));
    painter.fillRect(QRect(0, 0, theme::grid() / 2, height()), theme::color(tone(), palette()));
    painter.setPen(theme::hairline(palette()));
    painter.drawLine(rect().bottomLeft(), rect().bottomRight());
}

void LinkBanner::changeEvent(QEvent* event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        m_happened->setFont(theme::strongFont());
        refresh();
    }
}

} // namespace lockscope
