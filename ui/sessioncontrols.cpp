#include "ui/sessioncontrols.h"

#include "ui/icons.h"
#include "ui/keyedit.h"
#include "ui/safetext.h"
#include "ui/tightbutton.h"
#include "ui/tonelabel.h"

#include <QComboBox>
#include <QGridLayout>
#include <QPushButton>
#include <QShortcut>
#include <QSpinBox>
#include <QVBoxLayout>

namespace lockscope {

SessionControls::SessionControls(QWidget* parent)
    : QWidget(parent)
    , m_key(new KeyEdit({}, this))
    , m_shareBox(new QComboBox(this))
    , m_levelBox(new QComboBox(this))
    , m_timeoutSpin(new QSpinBox(this))
    , m_levelHint(new ToneLabel(this))
{
    m_key->setObjectName(QStringLiteral("keyInput"));

    m_shareBox->setObjectName(QStringLiteral("shareBox"));
    m_shareBox->setAccessibleName(tr("Mode"));
    m_shareBox->addItem(tr("Exclusive"), static_cast<int>(LockShare::Exclusive));
    m_shareBox->addItem(tr("Shared"), static_cast<int>(LockShare::Shared));
    safetext::setToolTip(m_shareBox,
                         tr("Exclusive: one session at a time. Shared: any number of sessions, while nobody holds it "
                            "exclusively. A lock is released in the mode it was taken in."));

    m_levelBox->setObjectName(QStringLiteral("levelBox"));
    m_levelBox->setAccessibleName(tr("Level"));
    m_levelBox->addItem(tr("Session"), static_cast<int>(LockLevel::Session));
    m_levelBox->addItem(tr("Transaction"), static_cast<int>(LockLevel::Transaction));
    safetext::setToolTip(m_levelBox,
                         tr("Session: held until it is released as often as it was taken, or the session ends. "
                            "Transaction: held until commit or rollback, and cannot be released before."));

    m_timeoutSpin->setObjectName(QStringLiteral("timeoutSpin"));
    m_timeoutSpin->setAccessibleName(tr("Lock timeout in seconds"));
    m_timeoutSpin->setRange(1, 3600);
    m_timeoutSpin->setValue(5);
    m_timeoutSpin->setPrefix(tr("max ", "before a number of seconds"));
    m_timeoutSpin->setSuffix(tr(" s", "seconds"));
    safetext::setToolTip(m_timeoutSpin,
                         tr("How long Lock With Timeout waits before the server gives up (lock_timeout)."));

    m_levelHint->setObjectName(QStringLiteral("levelHint"));
    m_levelHint->setTone(Tone::Waiting);
    m_levelHint->setText(
        tr("No transaction is open, so this lock ends with its own statement. Begin first to keep it."));
    m_levelHint->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Minimum);

    addButton(SessionAction::Try, QStringLiteral("tryButton"), tr("Try"),
              tr("Asks for the lock and answers at once: granted, or held elsewhere (Return)."));
    addButton(SessionAction::Lock, QStringLiteral("lockButton"), tr("Lock"),
              tr("Takes the lock, waiting as long as it takes (Ctrl+Return)."));
    addButton(SessionAction::LockWithTimeout, QStringLiteral("lockTimeoutButton"), tr("Lock With Timeout"),
              tr("Takes the lock, waiting no longer than the lock timeout."));
    addButton(SessionAction::Cancel, QStringLiteral("cancelButton"), tr("Cancel"),
              tr("Asks the server to give up the statement that runs. The session and its locks stay (Esc)."));
    addButton(SessionAction::Release, QStringLiteral("releaseButton"), tr("Release"),
              tr("Gives back one session-level take of this key in this mode. Where it is not held, the server answers "
                 "false with a warning."));
    addButton(SessionAction::ReleaseAll, QStringLiteral("releaseAllButton"), tr("Release All"),
              tr("Gives back every session-level advisory lock of this session, however often taken."));
    addButton(SessionAction::Begin, QStringLiteral("beginButton"), tr("Begin"), tr("Opens a transaction."));
    addButton(SessionAction::Commit, QStringLiteral("commitButton"), tr("Commit"),
              tr("Commits the transaction. Its transaction-level locks are released."));
    addButton(SessionAction::Rollback, QStringLiteral("rollbackButton"), tr("Rollback"),
              tr("Rolls the transaction back. Its transaction-level locks are released, session-level locks stay."));
    addButton(SessionAction::Disconnect, QStringLiteral("disconnectButton"), tr("Disconnect"),
              tr("Closes the connection of this session. The server frees all its locks."));
    addButton(SessionAction::Remove, QStringLiteral("removeSessionButton"), tr("Remove"),
              tr("Takes an ended session off the list."));

    const int gap = theme::grid() / 2;
    auto* options = new QHBoxLayout;
    options->setSpacing(gap);
    options->addWidget(m_shareBox, 1);
    options->addWidget(m_levelBox, 1);
    auto* buttons = new QGridLayout;
    buttons->setSpacing(gap);
    // Twelve columns, so that rows of two and rows of three line up.
    const auto place = [this, buttons](SessionAction action, int row, int column, int span) {
        buttons->addWidget(m_buttons.value(action), row, column, 1, span);
    };
    place(SessionAction::Try, 0, 0, 3);
    place(SessionAction::Lock, 0, 3, 3);
    place(SessionAction::Cancel, 0, 6, 6);
    place(SessionAction::LockWithTimeout, 1, 0, 6);
    buttons->addWidget(m_timeoutSpin, 1, 6, 1, 6);
    place(SessionAction::Release, 2, 0, 6);
    place(SessionAction::ReleaseAll, 2, 6, 6);
    place(SessionAction::Begin, 3, 0, 4);
    place(SessionAction::Commit, 3, 4, 4);
    place(SessionAction::Rollback, 3, 8, 4);
    for (int column = 0; column < 12; ++column)
        buttons->setColumnStretch(column, 1);
    const auto showAsIcon = [this](SessionAction action, IconName name) {
        m_buttons.value(action)->setText({});
        m_buttons.value(action)->setIcon(icon(name));
    };
    showAsIcon(SessionAction::Disconnect, IconName::Disconnect);
    showAsIcon(SessionAction::Remove, IconName::Trash);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(gap);
    layout->addWidget(m_key);
    layout->addLayout(options);
    layout->addWidget(m_levelHint);
    layout->addLayout(buttons);

    m_timer.setInterval(std::chrono::milliseconds(100));
    connect(&m_timer, &QTimer::timeout, this, &SessionControls::showElapsed);
    connect(m_key, &KeyEdit::keyChanged, this, &SessionControls::refresh);
    connect(m_key, &KeyEdit::submitted, this, [this] { trigger(SessionAction::Try); });
    connect(m_key, &KeyEdit::submittedToWait, this, [this] { trigger(SessionAction::Lock); });
    connect(m_levelBox, &QComboBox::currentIndexChanged, this, &SessionControls::refresh);
    auto* escape = new QShortcut(QKeySequence(Qt::Key_Escape), this);
    escape->setContext(Qt::WidgetWithChildrenShortcut);
    connect(escape, &QShortcut::activated, this, [this] { trigger(SessionAction::Cancel); });
    refresh();
}

void SessionControls::addButton(SessionAction action, const QString& objectName, const QString& text,
                                const QString& tip)
{
    auto* button = new TightButton(text, this);
    button->setObjectName(objectName);
    button->setAccessibleName(text);
    m_buttons.insert(action, button);
    m_tips.insert(action, tip);
    connect(button, &QPushButton::clicked, this, [this, action] { trigger(action); });
}

QList<QWidget*> SessionControls::listTools() const
{
    return {m_buttons.value(SessionAction::Disconnect), m_buttons.value(SessionAction::Remove)};
}

void SessionControls::setSession(const std::optional<SessionState>& session)
{
    m_session = session;
    refresh();
}

void SessionControls::setReadOnlyReason(const QString& reason)
{
    m_readOnlyReason = reason;
    refresh();
}

void SessionControls::setShare(LockShare share)
{
    m_shareBox->setCurrentIndex(m_shareBox->findData(static_cast<int>(share)));
}

LockRequest SessionControls::request(WaitPolicy wait) const
{
    return {.share = static_cast<LockShare>(m_shareBox->currentData().toInt()),
            .level = static_cast<LockLevel>(m_levelBox->currentData().toInt()),
            .wait = wait,
            .lockTimeout = std::chrono::seconds(m_timeoutSpin->value())};
}

void SessionControls::trigger(SessionAction action)
{
    if (!reason(action).isEmpty())
        return; // a shortcut, where a button would be greyed out
    const auto acquire = [this](WaitPolicy wait) {
        const KeyInput key = *m_key->key();
        m_key->remember(key);
        Q_EMIT acquireRequested(key, request(wait));
    };
    switch (action) {
    case SessionAction::Try:
        return acquire(WaitPolicy::Try);
    case SessionAction::Lock:
        return acquire(WaitPolicy::Block);
    case SessionAction::LockWithTimeout:
        return acquire(WaitPolicy::Timeout);
    case SessionAction::Release:
        Q_EMIT releaseRequested(*m_key->key(), request(WaitPolicy::Try).share);
        return;
    default:
        Q_EMIT actionRequested(action);
    }
}

void SessionControls::refresh()
{
    for (auto [action, button] : m_buttons.asKeyValueRange()) {
        const QString why = reason(action);
        button->setEnabled(why.isEmpty());
        safetext::setToolTip(button, why.isEmpty() ? m_tips.value(action) : why);
    }
    m_levelHint->setVisible(m_session && m_session->transaction == TransactionPhase::None &&
                            static_cast<LockLevel>(m_levelBox->currentData().toInt()) == LockLevel::Transaction);
    const bool busy = m_session && m_session->phase == SessionPhase::Busy && m_session->doingSince;
    if (busy != m_timer.isActive())
        busy ? m_timer.start() : m_timer.stop();
    showElapsed();
}

void SessionControls::showElapsed()
{
    QPushButton* button = m_buttons.value(SessionAction::Cancel);
    if (!m_timer.isActive()) {
        button->setText(tr("Cancel"));
        return;
    }
    const auto elapsed = SteadyTime::clock::now() - *m_session->doingSince;
    button->setText(tr("Cancel (%1)").arg(formatAge(std::chrono::duration_cast<std::chrono::microseconds>(elapsed))));
}

QString SessionControls::reason(SessionAction action) const
{
    return whyNot(action, m_session, m_key->key().has_value(), m_readOnlyReason);
}

} // namespace lockscope
