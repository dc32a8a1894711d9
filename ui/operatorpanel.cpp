#include "ui/operatorpanel.h"

#include "models/sessiontreemodel.h"
#include "ui/emptyhint.h"
#include "ui/holdlist.h"
#include "ui/keyedit.h"
#include "ui/ledgertree.h"
#include "ui/outcomeview.h"
#include "ui/panelscroll.h"
#include "ui/poolerstrip.h"
#include "ui/sessioncontrols.h"

#include <QFrame>
#include <QVBoxLayout>

#include <algorithm>

namespace lockscope {

OperatorPanel::OperatorPanel(SessionTreeModel* model, QWidget* parent)
    : QWidget(parent)
    , m_model(model)
    , m_poolerStrip(new PoolerStrip)
    , m_controls(new SessionControls)
    , m_outcome(new OutcomeView)
{
    const NameStarter::Words words{.editName = QStringLiteral("sessionNameEdit"),
                                   .buttonName = QStringLiteral("newSessionButton"),
                                   .label = tr("Name of the new session"),
                                   .button = tr("New Session"),
                                   .buttonTip = tr("Opens a connection of its own to take and release locks on."),
                                   .suggested = {QStringLiteral("alice"), QStringLiteral("bob"),
                                                 QStringLiteral("carol"), QStringLiteral("dave"),
                                                 QStringLiteral("erin"), QStringLiteral("frank"),
                                                 QStringLiteral("grace"), QStringLiteral("heidi")}};
    m_list = new HoldList(
        model, words,
        [](const QModelIndex& index) {
            if (index.parent().isValid())
                return ledgerRow(index.data(SessionTreeModel::EntryRole).value<LedgerEntry>());
            return ledgerRow(index.data(SessionTreeModel::StateRole).value<SessionState>());
        },
        this);
    build();

    connect(m_list, &HoldList::startRequested, this, &OperatorPanel::newSessionRequested);
    connect(m_list, &HoldList::lockPicked, this, [this](const LedgerEntry& entry) {
        m_controls->keyEdit()->setKey(entry.key);
        m_controls->setShare(entry.share);
    });
    connect(m_list, &HoldList::currentChanged, this, &OperatorPanel::follow);
    connect(m_controls, &SessionControls::acquireRequested, this,
            [this](const KeyInput& key, const LockRequest& request) {
                if (m_selected)
                    Q_EMIT acquireRequested(*m_selected, key, request);
            });
    connect(m_controls, &SessionControls::releaseRequested, this, [this](const KeyInput& key, LockShare share) {
        if (m_selected)
            Q_EMIT releaseRequested(*m_selected, key, share);
    });
    connect(m_controls, &SessionControls::actionRequested, this, &OperatorPanel::act);
    m_list->refresh();
}

void OperatorPanel::build()
{
    setObjectName(QStringLiteral("operatorPanel"));
    setAccessibleName(tr("Operator sessions"));
    m_list->tree()->setObjectName(QStringLiteral("sessionTree"));
    m_list->tree()->setAccessibleName(tr("Operator sessions and their locks"));
    new EmptyHint(m_list->tree(),
                  tr("No session yet.\nA session is a connection of its own to take and release locks on. "
                     "Start one above."));

    auto* content = new QWidget;
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(theme::grid(), theme::grid(), theme::grid(), theme::grid());
    layout->setSpacing(theme::grid());
    for (QWidget* const tool : m_controls->listTools())
        m_list->starter()->addTool(tool);
    layout->addWidget(m_list->starter());
    layout->addWidget(m_list->tree(), 1);
    layout->addWidget(m_poolerStrip);
    layout->addWidget(m_controls);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    outer->addWidget(new PanelScroll(content, this), 1);
    // Below what scrolls: the answer to the last action is in sight however low the dock is.
    auto* hairline = new QFrame(this);
    hairline->setFrameStyle(static_cast<int>(QFrame::HLine) | static_cast<int>(QFrame::Plain));
    hairline->setForegroundRole(QPalette::Mid);
    outer->addWidget(hairline);
    m_outcome->setContentsMargins(theme::grid(), theme::grid(), theme::grid(), theme::grid());
    m_outcome->reserveLines(2);
    outer->addWidget(m_outcome);
}

void OperatorPanel::setConnected(bool connected)
{
    m_list->setConnected(connected);
}

void OperatorPanel::setReadOnlyReason(const QString& reason)
{
    m_list->setReadOnlyReason(reason);
    m_controls->setReadOnlyReason(reason);
}

void OperatorPanel::select(SessionId id)
{
    m_list->tree()->setCurrentIndex(m_model->index(id));
}

void OperatorPanel::startNewSession()
{
    m_list->starter()->start();
}

KeyEdit* OperatorPanel::keyEdit() const
{
    return m_controls->keyEdit();
}

void OperatorPanel::follow(const QModelIndex& current)
{
    const std::optional<SessionId> before = m_selected;
    m_selected = current.isValid() ? std::optional(m_model->id(current)) : std::nullopt;
    showSelected();
    if (m_selected != before)
        Q_EMIT selectionChanged();
}

void OperatorPanel::showSelected()
{
    const std::optional<SessionState> state = m_selected ? m_model->state(*m_selected) : std::nullopt;
    m_controls->setSession(state);
    m_poolerStrip->setVisible(state && state->behindPooler);
    if (state)
        showOutcome(*state);
    else
        m_outcome->clear(tr("The answer of the server to the last action appears here."));
}

void OperatorPanel::showOutcome(const SessionState& state)
{
    if (state.phase == SessionPhase::Busy && state.doingSince) {
        const bool waits = std::any_of(state.ledger.cbegin(), state.ledger.cend(),
                                       [](const LedgerEntry& entry) { return entry.state == HoldState::Waiting; });
        m_outcome->setRunning(state.doing, *state.doingSince, waits);
    } else if (state.ending) {
        m_outcome->setError(word(state.phase), *state.ending);
    } else if (state.lastOutcome) {
        m_outcome->setOutcome(*state.lastOutcome);
    } else {
        m_outcome->clear(tr("The answer of the server to the last action appears here."));
    }
}

void OperatorPanel::act(SessionAction action)
{
    if (!m_selected)
        return;
    switch (action) {
    case SessionAction::ReleaseAll:
        Q_EMIT releaseAllRequested(*m_selected);
        break;
    case SessionAction::Begin:
        Q_EMIT beginRequested(*m_selected);
        break;
    case SessionAction::Commit:
        Q_EMIT commitRequested(*m_selected);
        break;
    case SessionAction::Rollback:
        Q_EMIT rollbackRequested(*m_selected);
        break;
    case SessionAction::Cancel:
        Q_EMIT cancelRequested(*m_selected);
        break;
    case SessionAction::Disconnect:
        Q_EMIT disconnectRequested(*m_selected);
        break;
    case SessionAction::Remove:
        Q_EMIT removeRequested(*m_selected);
        break;
    case SessionAction::Try:
    case SessionAction::Lock:
    case SessionAction::LockWithTimeout:
    case SessionAction::Release:
        break; // come with key and mode, by signals of their own
    }
}

} // namespace lockscope
