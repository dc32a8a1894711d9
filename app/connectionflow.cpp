#include "app/connectionflow.h"

#include "app/postgres/errand.h"
#include "app/sandbox/sandbox.h"
#include "app/settings.h"
#include "ui/connectdialog.h"

#include <QFutureWatcher>

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

ConnectDialog& ConnectionFlow::dialog()
{
    if (!m_dialog) {
        m_dialog = new ConnectDialog(&summarise, m_window);
        m_dialog->setAttribute(Qt::WA_DeleteOnClose);
        connect(m_dialog, &ConnectDialog::connectRequested, this, &ConnectionFlow::choose);
        connect(m_dialog, &ConnectDialog::testRequested, this, &ConnectionFlow::test);
        connect(m_dialog, &ConnectDialog::sandboxRequested, this, &ConnectionFlow::startSandbox);
        connect(m_dialog, &ConnectDialog::cancelRequested, this, [this] {
            m_attempting = false;
            m_dialog->setBusy(false);
            stopSandbox();
            Q_EMIT busyChanged({});
            Q_EMIT cancelled();
        });
        connect(m_dialog, &ConnectDialog::profilesChanged, this, [this](const QList<ConnectionProfile>& profiles) {
            m_settings.setProfiles(profiles);
            Q_EMIT profilesChanged();
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
    m_chosenText = text;
    auto conninfo = Conninfo::parse(text);
    if (!conninfo)
        return fail(conninfo.error());
    if (!password.isEmpty())
        conninfo->set(QStringLiteral("password"), password);
    m_chosen = *conninfo;
    m_attempting = true;
    if (m_dialog)
        m_dialog->setBusy(true, tr("Connecting"));
    stopSandbox();
    Q_EMIT connectionChosen(m_chosen, profileName.isEmpty() ? titleOf(m_chosen) : profileName);
}

void ConnectionFlow::test(const QString& text, const QString& password)
{
    auto conninfo = Conninfo::parse(text);
    if (!conninfo)
        return dialog().setError(conninfo.error());
    if (!password.isEmpty())
        conninfo->set(QStringLiteral("password"), password);
    dialog().setBusy(true, tr("Testing the connection"));
    auto* watcher = new QFutureWatcher<Result<ServerInfo>>(m_dialog);
    connect(watcher, &QFutureWatcher<Result<ServerInfo>>::finished, m_dialog, [this, watcher] {
        watcher->deleteLater();
        m_dialog->setBusy(false);
        if (const auto result = watcher->result())
            m_dialog->setTestResult(*result);
        else
            m_dialog->setError(result.error());
    });
    watcher->setFuture(testConnection(*conninfo));
}

void ConnectionFlow::startSandbox()
{
    m_sandbox = std::make_unique<Sandbox>();
    if (m_dialog)
        m_dialog->setBusy(true, tr("Starting a sandbox server"));
    connect(m_sandbox.get(), &Sandbox::progress, this, &ConnectionFlow::busyChanged);
    connect(m_sandbox.get(), &Sandbox::progress, this, [this](const QString& step) {
        if (m_dialog)
            m_dialog->setBusy(true, step);
    });
    connect(m_sandbox.get(), &Sandbox::started, this, [this] {
        m_attempting = true;
        m_chosen = m_sandbox->socketConninfo();
        m_chosenText.clear();
        Q_EMIT connectionChosen(m_chosen, tr("sandbox"));
    });
    connect(m_sandbox.get(), &Sandbox::failed, this, [this](const Error& error) {
        m_sandbox.release()->deleteLater(); // it is still on the stack of its own signal
        fail(error);
    });
    m_sandbox->start();
}

void ConnectionFlow::stopSandbox()
{
    m_sandbox.reset();
}

void ConnectionFlow::serverIdentified(const ServerInfo&)
{
    Q_EMIT busyChanged({});
    if (!m_attempting)
        return;
    m_attempting = false;
    if (!usesSandbox()) { // the sandbox is gone tomorrow
        m_settings.rememberConnection(m_chosen.toTextWithoutSecrets());
        Q_EMIT profilesChanged();
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
}

} // namespace lockscope
