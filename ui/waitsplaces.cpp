#include "ui/waitsplaces.h"

#include "models/domain/linkstate.h"
#include "models/waitforestcells.h"
#include "ui/actions.h"

#include <QAction>
#include <QPushButton>
#include <QSet>
#include <QStackedWidget>

namespace lockscope {

WaitsPlaces::WaitsPlaces(const Actions& actions, QStackedWidget* stack, QWidget* content, QObject* parent)
    : QObject(parent)
    , m_stack(stack)
    , m_content(content)
    , m_notConnected(add(stack, QStringLiteral("waitsNotConnectedState"), IconName::Connect))
    , m_connecting(add(stack, QStringLiteral("waitsConnectingState"), IconName::Hourglass))
    , m_nobody(add(stack, QStringLiteral("nobodyWaitsState"), IconName::Waits))
    , m_tooShort(add(stack, QStringLiteral("shortWaitsState"), IconName::Hourglass))
{
    stack->addWidget(content);
    const auto press = [&actions](ActionId id) { return [action = actions[id]] { action->trigger(); }; };

    m_notConnected->setTitle(tr("Not Connected"));
    m_notConnected->setText(tr("Connect to a PostgreSQL server to see who waits for whom, and who is at the root of "
                               "it. A sandbox is a private throw-away server on this machine, made to try things "
                               "out."));
    connect(m_notConnected->addButton(QStringLiteral("waitsConnectButton"), tr("Connect..."), tr("Choose a server")),
            &QPushButton::clicked, this, press(ActionId::Connect));
    connect(m_notConnected->addButton(QStringLiteral("waitsSandboxButton"), tr("Start a Sandbox"),
                                      tr("Start a private throw-away server and connect to it")),
            &QPushButton::clicked, this, press(ActionId::StartSandbox));

    connect(
        m_connecting->addButton(QStringLiteral("waitsDisconnectButton"), tr("Cancel"), tr("Stop trying to connect")),
        &QPushButton::clicked, this, press(ActionId::Disconnect));

    m_nobody->setTitle(tr("Nobody Waits for a Lock"));
    m_showAll = m_nobody->addButton(QStringLiteral("waitsAllSessionsButton"), tr("Show All Sessions"),
                                    tr("List the sessions that wait for nobody too"));
    connect(m_showAll, &QPushButton::clicked, this, &WaitsPlaces::allSessionsRequested);

    m_tooShort->setTitle(tr("Only Short Waits"));
    connect(m_tooShort->addButton(QStringLiteral("waitsAnyButton"), tr("Show Any Wait"), tr("However short they are")),
            &QPushButton::clicked, this, &WaitsPlaces::anyWaitRequested);
}

EmptyState* WaitsPlaces::add(QStackedWidget* stack, const QString& objectName, IconName picture)
{
    auto* const state = new EmptyState;
    state->setObjectName(objectName);
    state->setPicture(picture);
    stack->addWidget(state);
    return state;
}

void WaitsPlaces::describeNobodyWaits(const LockView& view, const WaitForestOptions& options)
{
    QSet<WaitNodeId> holders;
    if (view.snapshot) {
        qint32 last = 0;
        for (const Lock& lock : view.snapshot->locks) {
            // The locks of one backend stand together.
            if (lock.backend.pid == 0 || lock.backend.pid != last)
                holders.insert(nodeOf(lock, *view.snapshot));
            last = lock.backend.pid;
        }
    }
    const bool advisory = !view.snapshot || view.snapshot->scope == LockScope::AdvisoryOnly;
    const auto count = holders.size();
    QString who;
    if (count == 0)
        who = advisory ? tr("No session holds an advisory lock.") : tr("No session holds a lock.");
    else if (count == 1)
        who = advisory ? tr("1 session holds advisory locks and holds up nobody.")
                       : tr("1 session holds locks and holds up nobody.");
    else
        who = (advisory ? tr("%1 sessions hold advisory locks and hold up nobody.")
                        : tr("%1 sessions hold locks and hold up nobody."))
                  .arg(count);
    m_nobody->setText(tr("Sessions that wait for a lock appear here, under the one that holds them up.") +
                      QLatin1Char(' ') + who);
    m_showAll->setVisible(!options.allSessions);
}

void WaitsPlaces::show(const LockView& view, const LinkState& link, const WaitForestOptions& options, bool hasRows)
{
    QWidget* page = m_content;
    if (view.empty && link.phase == LinkPhase::Closed) {
        page = m_notConnected;
    } else if (view.empty) {
        page = m_connecting;
        const bool trying = link.phase == LinkPhase::Connecting || link.phase == LinkPhase::Live;
        m_connecting->setTitle(trying ? tr("Connecting") : tr("No Connection"));
        m_connecting->setText(trying ? tr("Waiting for the server's first answer.")
                                     : tr("The waits appear here once the server answers."));
    } else if (!hasRows && view.waits && !view.waits->isEmpty()) {
        page = m_tooShort;
        m_tooShort->setText(
            tr("%1. All of them have waited for less than the minimum that is chosen above.").arg(waitSummary(view)));
    } else if (!hasRows) {
        page = m_nobody;
        describeNobodyWaits(view, options);
    }
    if (m_stack->currentWidget() != page)
        m_stack->setCurrentWidget(page);
}

} // namespace lockscope
