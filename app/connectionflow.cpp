#include "app/connectionflow.h"

#include "app/postgres/errand.h"
#include "app/sandbox/sandbox.h"
#include "app/settings.h"
#include "ui/connectdialog.h"

#include <algorithm>

namespace lockscope {

namespace {

Result<ConnectionSummary> summarise(const QString& text)
{
    return Conninfo::parse(text).map([](const Conninfo& conninfo) { return conninfo.summary(); });
}

/// "app at db1", for the title when no profile names the connection.
QString titleOf(const Conninfo& conninfo)
{
    const ConnectionSummary summary = conninfo.summary();
    if (!summary.service.isEmpty())
        return summary.service;
    return summary.database.isEmpty() ? summary.host : QStringLiteral("%1 at %2").arg(summary.database, summary.host);
}

/// Two texts that say the same are one connection.
QString canonical(const QString& text)
{
    const auto conninfo = Conninfo::parse(text);
    return conninfo ? conninfo->toTextWithoutSecrets() : text;
}

/// Nothing but the password stands between the person and the server; without a SQLSTATE none was given at all.
bool wantsPassword(const Error& error)
{
    return error.kind == ErrorKind::Authentication &&
           (error.sqlState.isEmpty() || error.sqlState == QLatin1String("28P01"));
}

} // namespace

ConnectionFlow::ConnectionFlow(Settings& settings, QWidget* window, QObject* parent)
    : QObject(parent)
    , m_settings(settings)
    , m_window(window)
{
}

ConnectionFlow::~ConnectionFlow() = default;

QList<ConnectionProfile> ConnectionFlow::recent() const
{
    QList<ConnectionProfile> list;
    for (const QString& text : m_settings.recentConnections()) {
        if (const auto conninfo = Conninfo::parse(text))
            list.append({.name = titleOf(*conninfo), .conninfo = text});
    }
    return list;
}

QList<ConnectionProfile> ConnectionFlow::offered() const
{
    QList<ConnectionProfile> list = recent();
    for (const ConnectionProfile& profile : m_settings.profiles()) {
        const QString text = canonical(profile.conninfo);
        const auto same = std::find_if(list.begin(), list.end(),
                                       [&text](const ConnectionProfile& other) { return other.conninfo == text; });
        if (same != list.end())
            *same = {.name = profile.name, .conninfo = text};
        else
            list.append(profile);
    }
    return list;
}

ConnectDialog& ConnectionFlow::dialog()
{
    if (!m_dialog) {
        m_dialog = new ConnectDialog(&summarise, m_window);
        m_dialog->setAttribute(Qt::WA_DeleteOnClose);
        // It is deleted only when control is back in the event loop: until then it must not be taken for an open one.
        connect(m_dialog, &QDialog::finished, this, [this] { m_dialog.clear(); });
        connect(m_dialog, &ConnectDialog::connectRequested, this, &ConnectionFlow::choose);
        connect(m_dialog, &ConnectDialog::testRequested, this, &ConnectionFlow::test);
        connect(m_dialog, &ConnectDialog::sandboxRequested, this, &ConnectionFlow::startSandbox);
        connect(m_dialog, &ConnectDialog::cancelRequested, this, [this] {
            const bool wasAttempting = m_attempting;
            giveUp();
            if (wasAttempting)
                Q_EMIT cancelled();
        });
        connect(m_dialog, &ConnectDialog::profilesChanged, this, [this](const QList<ConnectionProfile>& profiles) {
            m_settings.setProfiles(profiles);
            Q_EMIT offeredChanged();
        });
        m_dialog->setProfiles(m_settings.profiles());
        m_dialog->setRecent(recent());
    }
    return *m_dialog;
}

void ConnectionFlow::showDialog()
{
    dialog().open();
    dialog().raise();
}

void ConnectionFlow::connectTo(const QString& conninfo, const QString& profileName)
{
    choose(conninfo, {}, profileName);
}

void ConnectionFlow::choose(const QString& text, const QString& password, const QString& profileName)
{
    giveUp();
    // The same text again, with the password that was missing, is still that profile.
    if (text != m_chosenText || !profileName.isEmpty())
        m_chosenName = profileName;
    m_chosenText = text;
    m_choseSandbox = false;
    auto conninfo = Conninfo::parse(text);
    if (!conninfo)
        return fail(conninfo.error());
    if (!password.isEmpty())
        conninfo->set(QStringLiteral("password"), password);
    m_chosen = *conninfo;
    m_attempting = true;
    if (m_dialog)
        m_dialog->setBusy(true, tr("Connecting"));
    Q_EMIT connectionChosen(m_chosen, m_chosenName.isEmpty() ? titleOf(m_chosen) : m_chosenName);
}

void ConnectionFlow::test(const QString& text, const QString& password)
{
    auto conninfo = Conninfo::parse(text);
    if (!conninfo)
        return dialog().setError(conninfo.error());
    if (!password.isEmpty())
        conninfo->set(QStringLiteral("password"), password);
    ConnectDialog* const asking = &dialog();
    asking->setBusy(true, tr("Testing the connection"));
    auto* watcher = new QFutureWatcher<Result<ServerInfo>>(asking);
    m_test = watcher;
    connect(watcher, &QFutureWatcher<Result<ServerInfo>>::finished, asking, [asking, watcher] {
        watcher->deleteLater();
        asking->setBusy(false);
        if (const auto result = watcher->result())
            asking->setTestResult(*result);
        else
            asking->setError(result.error());
    });
    watcher->setFuture(testConnection(*conninfo));
}

void ConnectionFlow::startSandbox()
{
    giveUp();
    m_chosenText.clear();
    m_chosenName.clear();
    if (m_sandbox)
        return chooseSandbox();
    if (m_dialog)
        m_dialog->setBusy(true, tr("Starting a sandbox server"));
    makeSandbox();
    m_sandbox->start();
}

void ConnectionFlow::makeSandbox()
{
    m_sandbox = std::make_unique<Sandbox>();
    connect(m_sandbox.get(), &Sandbox::progress, this, [this](const QString& step) {
        if (m_dialog)
            m_dialog->setBusy(true, step);
        Q_EMIT busyChanged(step);
    });
    connect(m_sandbox.get(), &Sandbox::started, this, &ConnectionFlow::chooseSandbox);
    connect(m_sandbox.get(), &Sandbox::failed, this, [this](const Error& error) {
        m_sandbox.release()->deleteLater(); // it is still on the stack of its own signal
        fail(error);
    });
    connect(m_sandbox.get(), &Sandbox::ended, this, [this](const Error& error) {
        m_sandbox.release()->deleteLater();
        if (m_choseSandbox) // else its sessions say that they are lost
            fail(error);
    });
}

void ConnectionFlow::chooseSandbox()
{
    m_attempting = true;
    m_choseSandbox = true;
    m_chosen = m_sandbox->socketConninfo();
    Q_EMIT connectionChosen(m_chosen, tr("sandbox"));
}

std::optional<Conninfo> ConnectionFlow::sandboxOverTcp() const
{
    return m_choseSandbox && m_sandbox ? std::optional(m_sandbox->conninfo()) : std::nullopt;
}

void ConnectionFlow::giveUp()
{
    m_attempting = false;
    delete m_test; // its answer is of no interest any more
    if (m_sandbox && !m_sandbox->isRunning())
        Sandbox::endInBackground(std::move(m_sandbox));
    if (m_dialog)
        m_dialog->setBusy(false);
    Q_EMIT busyChanged({});
}

void ConnectionFlow::serverIdentified(const ServerInfo&)
{
    Q_EMIT busyChanged({});
    if (!m_attempting)
        return;
    m_attempting = false;
    const QString text = m_chosen.toTextWithoutSecrets(); // empty: the environment, which may say otherwise next time
    if (!m_choseSandbox && !text.isEmpty()) {             // the sandbox is gone tomorrow
        m_settings.rememberConnection(text);
        Q_EMIT offeredChanged();
    }
    if (m_dialog) {
        m_dialog->setBusy(false);
        m_dialog->close();
    }
}

void ConnectionFlow::linkChanged(const LinkState& link)
{
    if (m_attempting && link.phase == LinkPhase::Refused && link.error)
        fail(*link.error);
}

void ConnectionFlow::fail(const Error& error)
{
    m_attempting = false;
    Q_EMIT busyChanged({});
    showDialog();
    m_dialog->setBusy(false);
    if (!m_chosenText.isEmpty())
        m_dialog->setConninfo(m_chosenText);
    m_dialog->setError(error);
    if (wantsPassword(error))
        m_dialog->askForPassword();
}

} // namespace lockscope
