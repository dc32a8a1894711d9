#include "ui/clientspanel.h"

#include "models/clienttreemodel.h"
#include "ui/clientcontrols.h"
#include "ui/emptyhint.h"
#include "ui/holdlist.h"
#include "ui/keyedit.h"
#include "ui/ledgertree.h"
#include "ui/outcomeview.h"
#include "ui/panelscroll.h"
#include "ui/releaseview.h"

#include <QVBoxLayout>

namespace lockscope {

ClientsPanel::ClientsPanel(ClientTreeModel* model, QWidget* parent)
    : QWidget(parent)
    , m_model(model)
    , m_controls(new ClientControls)
    , m_outcome(new OutcomeView(QStringLiteral("client")))
    , m_release(new ReleaseView)
{
    QStringList names;
    for (char letter = 'a'; letter <= 'z'; ++letter)
        names.append(QStringLiteral("pod-") + QLatin1Char(letter));
    const NameStarter::Words words{.editName = QStringLiteral("clientNameEdit"),
                                   .buttonName = QStringLiteral("startClientButton"),
                                   .label = tr("Name of the new client"),
                                   .button = tr("Start Client"),
                                   .buttonTip = tr("Starts a separate process with a connection of its own, made to be "
                                                   "killed."),
                                   .suggested = names};
    m_list = new HoldList(
        model, words,
        [](const QModelIndex& index) {
            if (index.parent().isValid())
                return ledgerRow(index.data(ClientTreeModel::EntryRole).value<LedgerEntry>());
            return ledgerRow(index.data(ClientTreeModel::StateRole).value<ClientState>());
        },
        this);
    build();

    connect(m_list, &HoldList::startRequested, this, &ClientsPanel::startRequested);
    connect(m_list, &HoldList::lockPicked, this, [this](const LedgerEntry& entry) {
        m_controls->keyEdit()->setKey(entry.key);
        m_controls->setShare(entry.share);
    });
    connect(m_list, &HoldList::currentChanged, this, &ClientsPanel::follow);
    connect(m_controls, &ClientControls::holdRequested, this, [this](const KeyInput& key, const LockRequest& request) {
        if (m_selected)
            Q_EMIT holdRequested(*m_selected, key, request);
    });
    connect(m_controls, &ClientControls::releaseRequested, this, [this](const KeyInput& key, LockShare share) {
        if (m_selected)
            Q_EMIT releaseRequested(*m_selected, key, share);
    });
    connect(m_controls, &ClientControls::workRequested, this, [this](std::chrono::milliseconds duration) {
        if (m_selected)
            Q_EMIT workRequested(*m_selected, duration);
    });
    connect(m_controls, &ClientControls::actionRequested, this, &ClientsPanel::act);
    m_list->refresh();
}

void ClientsPanel::build()
{
    setObjectName(QStringLiteral("clientsPanel"));
    setAccessibleName(tr("Simulated clients"));
    m_list->tree()->setObjectName(QStringLiteral("clientTree"));
    m_list->tree()->setAccessibleName(tr("Simulated clients and their locks"));
    new EmptyHint(m_list->tree(),
                  tr("No client yet.\nA client is a separate process with a connection of its own, made to be "
                     "killed. Start one above."));

    auto* content = new QWidget;
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(theme::grid(), theme::grid(), theme::grid(), theme::grid());
    layout->setSpacing(theme::grid());
    m_list->starter()->addTool(m_controls->removeButton());
    layout->addWidget(m_list->starter());
    layout->addWidget(m_list->tree(), 1);
    layout->addWidget(m_controls);
    m_outcome->reserveLines(1);
    layout->addWidget(m_outcome);
    layout->addWidget(m_release);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    m_scroll = new PanelScroll(content, this);
    outer->addWidget(m_scroll);
}

void ClientsPanel::setConnected(bool connected)
{
    m_list->setConnected(connected);
}

void ClientsPanel::setReadOnlyReason(const QString& reason)
{
    m_list->setReadOnlyReason(reason);
    m_controls->setReadOnlyReason(reason);
}

void ClientsPanel::select(ClientId id)
{
    m_list->tree()->setCurrentIndex(m_model->index(id));
}

void ClientsPanel::startClient()
{
    m_list->starter()->start();
}

KeyEdit* ClientsPanel::keyEdit() const
{
    return m_controls->keyEdit();
}

void ClientsPanel::follow(const QModelIndex& current)
{
    findLatestRelease();
    const std::optional<ClientId> before = m_selected;
    m_selected = current.isValid() ? std::optional(m_model->id(current)) : std::nullopt;
    showSelected();
    if (m_selected != before)
        Q_EMIT selectionChanged();
}

void ClientsPanel::findLatestRelease()
{
    const QList<ClientState> states = m_model->states();
    for (const ClientState& state : states) {
        if (!state.release || m_releases.value(state.id) == *state.release)
            continue;
        const bool begins = !m_releases.contains(state.id);
        m_releases.insert(state.id, *state.release);
        m_latestRelease = state;
        // In a low dock the stopwatch may be below the edge; it finds its height only after this.
        if (begins)
            QMetaObject::invokeMethod(
                m_scroll, [this] { m_scroll->ensureWidgetVisible(m_release, 0, theme::grid()); }, Qt::QueuedConnection);
    }
    if (states.isEmpty()) {
        m_releases.clear();
        m_latestRelease.reset();
    }
}

void ClientsPanel::showSelected()
{
    const std::optional<ClientState> state = m_selected ? m_model->state(*m_selected) : std::nullopt;
    m_controls->setClient(state);

    // An ended client that is selected shows its own end, otherwise the last end of all stays in sight.
    const std::optional<ClientState>& ended = state && state->release ? state : m_latestRelease;
    if (ended)
        m_release->setRelease(ended->name, *ended->release);
    else
        m_release->clear();

    if (!state)
        m_outcome->clear({});
    else if (state->doingSince && (state->phase == ClientPhase::Waiting || state->phase == ClientPhase::Working))
        m_outcome->setRunning(state->doing, *state->doingSince, state->phase == ClientPhase::Waiting);
    else if (state->ending)
        m_outcome->setError(word(state->phase), *state->ending);
    else if (state->lastOutcome && state->phase != ClientPhase::Ended)
        m_outcome->setOutcome(*state->lastOutcome);
    else
        m_outcome->clear({});
    // The stopwatch needs the line more than an ended client does.
    if (state && state->phase == ClientPhase::Ended && !state->ending)
        m_outcome->hide();
}

void ClientsPanel::act(ClientAction action)
{
    if (!m_selected)
        return;
    switch (action) {
    case ClientAction::Begin:
        Q_EMIT beginRequested(*m_selected);
        break;
    case ClientAction::Commit:
        Q_EMIT commitRequested(*m_selected);
        break;
    case ClientAction::Rollback:
        Q_EMIT rollbackRequested(*m_selected);
        break;
    case ClientAction::Kill:
        Q_EMIT endRequested(*m_selected, ClientEnding::Kill);
        break;
    case ClientAction::Terminate:
        Q_EMIT endRequested(*m_selected, ClientEnding::Terminate);
        break;
    case ClientAction::FromServer:
        Q_EMIT endRequested(*m_selected, ClientEnding::FromServer);
        break;
    case ClientAction::Quit:
        Q_EMIT endRequested(*m_selected, ClientEnding::Quit);
        break;
    case ClientAction::Freeze:
        Q_EMIT freezeRequested(*m_selected);
        break;
    case ClientAction::Thaw:
        Q_EMIT thawRequested(*m_selected);
        break;
    case ClientAction::Remove:
        Q_EMIT removeRequested(*m_selected);
        break;
    case ClientAction::Hold:
    case ClientAction::Wait:
    case ClientAction::Release:
    case ClientAction::Work:
        break; // come with key or duration, by signals of their own
    }
}

} // namespace lockscope
