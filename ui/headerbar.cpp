#include "ui/headerbar.h"

#include "ui/actions.h"
#include "ui/filteredit.h"
#include "ui/icons.h"
#include "ui/numbertext.h"
#include "ui/safetext.h"
#include "ui/serverbadge.h"

#include <QAction>
#include <QComboBox>
#include <QHBoxLayout>
#include <QMenu>
#include <QToolButton>

namespace lockscope {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds intervals[] = {250ms, 500ms, 1s, 2s, 5s, 10s, 30s, 60s};
constexpr int offeredLimit = 16;

QToolButton* button(QAction* action, const QString& objectName, const QString& text)
{
    auto* const result = new QToolButton;
    result->setDefaultAction(action);
    result->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    result->setText(text);
    result->setAutoRaise(true);
    result->setObjectName(objectName);
    result->setAccessibleName(text);
    result->setFocusPolicy(Qt::TabFocus);
    return result;
}

} // namespace

HeaderBar::HeaderBar(const Actions& actions, QWidget* parent)
    : QWidget(parent)
    , m_actions(actions)
    , m_badge(new ServerBadge(this))
    , m_interval(new QComboBox(this))
    , m_filter(new FilterEdit(this))
    , m_serverMenu(new QMenu(this))
{
    setObjectName(QStringLiteral("headerBar"));
    m_serverMenu->setObjectName(QStringLiteral("serverMenu"));
    connect(m_badge, &ServerBadge::clicked, this, &HeaderBar::showServerMenu);

    m_interval->setObjectName(QStringLiteral("intervalCombo"));
    m_interval->setAccessibleName(tr("Polling interval"));
    safetext::setToolTip(m_interval,
                         tr("How often the server is read. Lockscope reads less often by itself when reading "
                            "would take more than a twentieth of the time."));
    for (const auto interval : intervals)
        m_interval->addItem(tr("Every %1").arg(intervalText(interval)), static_cast<qlonglong>(interval.count()));
    setInterval(1s);
    connect(m_interval, &QComboBox::activated, this, [this] { Q_EMIT intervalRequested(interval()); });

    safetext::setToolTip(m_filter, tr("Words that must all match, in any column:\n"
                                      "5 finds that key or pid, (-5, 7) a pair of keys, \"idle in\" a phrase.\n"
                                      "One column only: key: pid: app: user: db: mode: state: type: addr: query:"));
    m_filter->setMinimumWidth(18 * theme::grid());
    m_filter->setMaximumWidth(52 * theme::grid());
    connect(m_filter, &FilterEdit::filterChanged, this, &HeaderBar::filterChanged);

    auto* const layout = new QHBoxLayout(this);
    const int grid = theme::grid();
    layout->setContentsMargins(grid / 2, grid / 2, grid, grid / 2);
    layout->setSpacing(grid / 2);
    layout->addWidget(m_badge, 100);
    layout->addSpacing(grid);
    layout->addWidget(button(actions[ActionId::Pause], QStringLiteral("pauseButton"), tr("Pause")));
    layout->addWidget(button(actions[ActionId::Refresh], QStringLiteral("refreshButton"), tr("Refresh")));
    layout->addWidget(m_interval);
    layout->addWidget(
        button(actions[ActionId::AllLockTypes], QStringLiteral("allLockTypesButton"), tr("All Lock Types")));
    layout->addStretch(1);
    layout->addWidget(m_filter, 40);
    setServer(std::nullopt, {});
}

void HeaderBar::setServer(const std::optional<ServerInfo>& server, const QString& title)
{
    m_badge->setServer(server, title);
}

void HeaderBar::setRecentProfiles(const QList<ConnectionProfile>& profiles)
{
    m_offered = profiles.first(std::min<qsizetype>(profiles.size(), offeredLimit));
}

void HeaderBar::setInterval(std::chrono::milliseconds interval)
{
    const auto value = static_cast<qlonglong>(interval.count());
    int position = m_interval->findData(value);
    if (position < 0) {
        position = 0;
        while (position < m_interval->count() && m_interval->itemData(position).toLongLong() < value)
            ++position;
        m_interval->insertItem(position, tr("Every %1").arg(intervalText(interval)), value);
    }
    m_interval->setCurrentIndex(position);
}

std::chrono::milliseconds HeaderBar::interval() const
{
    return std::chrono::milliseconds(m_interval->currentData().toLongLong());
}

void HeaderBar::showServerMenu()
{
    m_serverMenu->clear();
    m_serverMenu->addAction(m_actions[ActionId::ServerDetails]);
    m_serverMenu->addAction(m_actions[ActionId::Connect]);
    m_serverMenu->addAction(m_actions[ActionId::StartSandbox]);
    m_serverMenu->addAction(m_actions[ActionId::Disconnect]);
    if (!m_offered.isEmpty())
        m_serverMenu->addSection(tr("Switch to"));
    for (const ConnectionProfile& profile : std::as_const(m_offered)) {
        auto* const action = m_serverMenu->addAction(QString());
        safetext::setText(action, profile.name.isEmpty() ? profile.conninfo : profile.name);
        safetext::setToolTip(action, profile.conninfo);
        connect(action, &QAction::triggered, this, [this, profile] { Q_EMIT profileRequested(profile); });
    }
    m_serverMenu->popup(m_badge->mapToGlobal(m_badge->rect().bottomLeft()));
}

} // namespace lockscope
