#include "ui/clientcontrols.h"

#include "ui/icons.h"
#include "ui/keyedit.h"
#include "ui/safetext.h"
#include "ui/tightbutton.h"
#include "ui/tonelabel.h"

#include <QComboBox>
#include <QGridLayout>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

namespace lockscope {

ClientControls::ClientControls(QWidget* parent)
    : QWidget(parent)
    , m_key(new KeyEdit(QStringLiteral("client"), this))
    , m_shareBox(new QComboBox(this))
    , m_levelBox(new QComboBox(this))
    , m_workSpin(new QSpinBox(this))
{
    m_key->setObjectName(QStringLiteral("clientKeyInput"));

    m_shareBox->setObjectName(QStringLiteral("clientShareBox"));
    m_shareBox->setAccessibleName(tr("Mode"));
    m_shareBox->addItem(tr("Exclusive"), static_cast<int>(LockShare::Exclusive));
    m_shareBox->addItem(tr("Shared"), static_cast<int>(LockShare::Shared));
    safetext::setToolTip(m_shareBox, tr("Exclusive: one session at a time. Shared: any number, while nobody holds it "
                                        "exclusively."));
    m_levelBox->setObjectName(QStringLiteral("clientLevelBox"));
    m_levelBox->setAccessibleName(tr("Level"));
    m_levelBox->addItem(tr("Session"), static_cast<int>(LockLevel::Session));
    m_levelBox->addItem(tr("Transaction"), static_cast<int>(LockLevel::Transaction));
    safetext::setToolTip(m_levelBox, tr("Session: held until it is released or the session ends. Transaction: held "
                                        "until commit or rollback; without a transaction it ends with its statement."));
    m_workSpin->setObjectName(QStringLiteral("workSpin"));
    m_workSpin->setAccessibleName(tr("Seconds of work"));
    m_workSpin->setRange(1, 3600);
    m_workSpin->setValue(10);
    m_workSpin->setSuffix(tr(" s", "seconds"));
    safetext::setToolTip(m_workSpin, tr("How long Work keeps the server busy."));

    addDoingButtons();
    addEndingButtons();
    build();
    connect(m_key, &KeyEdit::keyChanged, this, &ClientControls::refresh);
    connect(m_key, &KeyEdit::submitted, this, [this] { trigger(ClientAction::Hold); });
    connect(m_key, &KeyEdit::submittedToWait, this, [this] { trigger(ClientAction::Wait); });
    refresh();
}

void ClientControls::addDoingButtons()
{
    addButton(ClientAction::Hold, QStringLiteral("holdButton"), tr("Hold Key"),
              tr("The client tries for the key once and keeps it: the server shows a granted lock (Return)."));
    addButton(ClientAction::Wait, QStringLiteral("waitButton"), tr("Wait for Key"),
              tr("The client queues for the key: the server shows a lock that is not granted until its turn comes "
                 "(Ctrl+Return)."));
    addButton(ClientAction::Release, QStringLiteral("clientReleaseButton"), tr("Release"),
              tr("The client unlocks the key once: the server passes it to the next in the queue."));
    addButton(ClientAction::Work, QStringLiteral("workButton"), tr("Work"),
              tr("The client runs a statement of that length: the server shows it as active, and notices the client's "
                 "end only when the statement is over."));
    addButton(ClientAction::Begin, QStringLiteral("clientBeginButton"), tr("Begin"),
              tr("The client opens a transaction and does nothing more: the server shows it as idle in transaction."));
    addButton(ClientAction::Commit, QStringLiteral("clientCommitButton"), tr("Commit"),
              tr("The client commits: the server frees its transaction-level locks and keeps the session-level ones."));
    addButton(ClientAction::Rollback, QStringLiteral("clientRollbackButton"), tr("Rollback"),
              tr("The client rolls back: the server frees its transaction-level locks and keeps the session-level "
                 "ones."));
}

void ClientControls::addEndingButtons()
{
    addButton(ClientAction::Kill, QStringLiteral("killButton"), tr("Kill -9"),
              tr("SIGKILL, no goodbye: the kernel closes the socket. The server notices at once while the backend is "
                 "idle, but only at the end of a statement that runs or waits."));
    addButton(
        ClientAction::Terminate, QStringLiteral("terminateButton"), tr("SIGTERM"),
        tr("Asks the process to end: the client may say goodbye first, so the server sees an orderly disconnect."));
    addButton(ClientAction::FromServer, QStringLiteral("terminateFromServerButton"), tr("Terminate"),
              tr("pg_terminate_backend: the server ends the backend and frees its locks; the client finds out later."));
    addButton(ClientAction::Quit, QStringLiteral("quitClientButton"), tr("Quit"),
              tr("The program ends in good order but forgets to unlock: the server frees the locks with the session."));
    addButton(ClientAction::Freeze, QStringLiteral("freezeButton"), tr("Freeze"),
              tr("SIGSTOP, like a debugger or a machine out of breath: the server sees nothing, and the locks stay."));
    addButton(ClientAction::Thaw, QStringLiteral("thawButton"), tr("Continue"),
              tr("SIGCONT: the frozen client goes on where it stopped."));
    addButton(ClientAction::Remove, QStringLiteral("removeClientButton"), tr("Remove"),
              tr("Takes an ended client off the list."));
}

void ClientControls::addButton(ClientAction action, const QString& objectName, const QString& text, const QString& tip)
{
    auto* button = new TightButton(text, this);
    button->setObjectName(objectName);
    button->setAccessibleName(text);
    m_buttons.insert(action, button);
    m_tips.insert(action, tip);
    connect(button, &QPushButton::clicked, this, [this, action] { trigger(action); });
}

void ClientControls::build()
{
    const int gap = theme::grid() / 2;
    auto* options = new QHBoxLayout;
    options->setSpacing(gap);
    options->addWidget(m_shareBox, 1);
    options->addWidget(m_levelBox, 1);

    auto* buttons = new QGridLayout;
    buttons->setSpacing(gap);
    const auto place = [this, buttons](ClientAction action, int row, int column) {
        buttons->addWidget(m_buttons.value(action), row, column);
    };
    place(ClientAction::Hold, 0, 0);
    place(ClientAction::Wait, 0, 1);
    place(ClientAction::Release, 0, 2);
    place(ClientAction::Begin, 1, 0);
    place(ClientAction::Commit, 1, 1);
    place(ClientAction::Rollback, 1, 2);
    place(ClientAction::Work, 2, 0);
    buttons->addWidget(m_workSpin, 2, 1);
    place(ClientAction::Freeze, 2, 2);
    place(ClientAction::Thaw, 2, 2); // only one of the two is shown
    for (int column = 0; column < 3; ++column)
        buttons->setColumnStretch(column, 1);
    auto* endingsLabel = new ToneLabel;
    endingsLabel->setMuted();
    endingsLabel->setText(tr("Ways to end it:"));
    auto* endings = new QHBoxLayout;
    endings->setSpacing(gap);
    for (const auto action :
         {ClientAction::Kill, ClientAction::Terminate, ClientAction::FromServer, ClientAction::Quit})
        endings->addWidget(m_buttons.value(action), 1);
    m_buttons.value(ClientAction::Remove)->setText({});
    m_buttons.value(ClientAction::Remove)->setIcon(icon(IconName::Trash));

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(gap);
    layout->addWidget(m_key);
    layout->addLayout(options);
    layout->addLayout(buttons);
    layout->addWidget(endingsLabel);
    layout->addLayout(endings);
}

QWidget* ClientControls::removeButton() const
{
    return m_buttons.value(ClientAction::Remove);
}

void ClientControls::setClient(const std::optional<ClientState>& client)
{
    m_client = client;
    refresh();
}

void ClientControls::setReadOnlyReason(const QString& reason)
{
    m_readOnlyReason = reason;
    refresh();
}

void ClientControls::setShare(LockShare share)
{
    m_shareBox->setCurrentIndex(m_shareBox->findData(static_cast<int>(share)));
}

LockRequest ClientControls::request(WaitPolicy wait) const
{
    return {.share = static_cast<LockShare>(m_shareBox->currentData().toInt()),
            .level = static_cast<LockLevel>(m_levelBox->currentData().toInt()),
            .wait = wait};
}

void ClientControls::trigger(ClientAction action)
{
    if (!reason(action).isEmpty())
        return; // a shortcut, where a button would be greyed out
    switch (action) {
    case ClientAction::Hold:
    case ClientAction::Wait: {
        const KeyInput key = *m_key->key();
        m_key->remember(key);
        Q_EMIT holdRequested(key, request(action == ClientAction::Hold ? WaitPolicy::Try : WaitPolicy::Block));
        return;
    }
    case ClientAction::Release:
        Q_EMIT releaseRequested(*m_key->key(), request(WaitPolicy::Try).share);
        return;
    case ClientAction::Work:
        Q_EMIT workRequested(std::chrono::seconds(m_workSpin->value()));
        return;
    default:
        Q_EMIT actionRequested(action);
    }
}

void ClientControls::refresh()
{
    const bool frozen = m_client && m_client->phase == ClientPhase::Frozen;
    m_buttons.value(ClientAction::Freeze)->setVisible(!frozen);
    m_buttons.value(ClientAction::Thaw)->setVisible(frozen);
    for (auto [action, button] : m_buttons.asKeyValueRange()) {
        const QString why = reason(action);
        button->setEnabled(why.isEmpty());
        safetext::setToolTip(button, why.isEmpty() ? m_tips.value(action) : why);
    }
}

QString ClientControls::reason(ClientAction action) const
{
    return whyNot(action, m_client, m_key->key().has_value(), m_readOnlyReason);
}

} // namespace lockscope
