#include "app/console.h"

#include "app/lockexporter.h"
#include "models/lockcolumns.h"
#include "ui/clientspanel.h"
#include "ui/headerbar.h"
#include "ui/keyedit.h"
#include "ui/lab/labpage.h"
#include "ui/lockspage.h"
#include "ui/mainwindow.h"
#include "ui/operatorpanel.h"
#include "ui/quitdialog.h"
#include "ui/safetext.h"
#include "ui/serverpage.h"
#include "ui/statementlogpanel.h"
#include "ui/statusline.h"
#include "ui/theme.h"
#include "ui/waitspage.h"

#include <QAction>
#include <QApplication>
#include <QFileDialog>
#include <QFutureWatcher>

namespace lockscope {

namespace {

ColorScheme schemeFrom(const QString& name)
{
    return name == QLatin1String("light")  ? ColorScheme::Light
           : name == QLatin1String("dark") ? ColorScheme::Dark
                                           : ColorScheme::FollowSystem;
}

QString nameOf(ColorScheme scheme)
{
    switch (scheme) {
    case ColorScheme::Light:
        return QStringLiteral("light");
    case ColorScheme::Dark:
        return QStringLiteral("dark");
    case ColorScheme::FollowSystem:
        break;
    }
    return QStringLiteral("system");
}

LockColumn columnFrom(const QString& id)
{
    for (const LockColumnInfo& column : lockColumns()) {
        if (QLatin1String(column.id) == id)
            return column.column;
    }
    return LockColumn::State;
}

} // namespace

Console::Console(Settings& settings, const CommandLine& commandLine, QObject* parent)
    : QObject(parent)
    , m_settings(settings)
    , m_commandLine(commandLine)
    , m_page(new LocksPage(m_actions, m_lockModel))
    , m_waitsPage(new WaitsPage(m_actions))
    , m_labPage(new LabPage)
    , m_serverPage(new ServerPage)
    , m_operatorPanel(new OperatorPanel(&m_workbench.sessions()))
    , m_clientsPanel(new ClientsPanel(&m_workbench.clients()))
    , m_logPanel(new StatementLogPanel(&m_workbench.statements()))
    , m_window(std::make_unique<MainWindow>(m_actions, MainWindowParts{.locks = m_page,
                                                                       .waits = m_waitsPage,
                                                                       .lab = m_labPage,
                                                                       .server = m_serverPage,
                                                                       .operatorSessions = m_operatorPanel,
                                                                       .simulatedClients = m_clientsPanel,
                                                                       .statementLog = m_logPanel}))
    , m_connections(settings, m_window.get())
    , m_investigation(
          {.views = {.locks = *m_page, .waits = *m_waitsPage, .sessions = *m_operatorPanel, .clients = *m_clientsPanel},
           .serverPage = *m_serverPage,
           .window = *m_window,
           .actions = m_actions},
          m_server, m_workbench, m_lockModel, settings, commandLine.readOnly)
    , m_laboratory(*m_labPage, *m_window, m_actions, settings, commandLine.readOnly)
{
    m_window->installEventFilter(this);
    joinServer();
    joinWindow();
    joinPanels();
    restoreSettings();
}

Console::~Console() = default;

/// Nobody sees a hidden or minimised window, so the server is not read for it.
bool Console::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Show || event->type() == QEvent::Hide || event->type() == QEvent::WindowStateChange) {
        const auto* window = static_cast<QWidget*>(watched);
        m_server.setWatched(window->isVisible() && !window->isMinimized());
    }
    return QObject::eventFilter(watched, event);
}

void Console::joinServer()
{
    connect(&m_connections, &ConnectionFlow::connectionChosen, this, &Console::open);
    connect(&m_connections, &ConnectionFlow::cancelled, this, &Console::disconnectFromServer);
    connect(&m_connections, &ConnectionFlow::busyChanged, m_window.get(), &MainWindow::setBusyText);
    connect(&m_connections, &ConnectionFlow::offeredChanged, this,
            [this] { m_window->headerBar()->setRecentProfiles(m_connections.offered()); });

    connect(&m_server, &ServerLink::viewUpdated, m_page, &LocksPage::applyUpdate);
    connect(&m_server, &ServerLink::linkChanged, this, &Console::showLink);
    connect(&m_server, &ServerLink::serverIdentified, this, [this](const ServerInfo& server) {
        m_window->setServer(server, m_title);
        m_connections.serverIdentified(server);
        m_workbench.serverIdentified(server, m_title);
        m_investigation.serverIdentified(server);
        m_laboratory.setServer(m_conninfo, m_title, m_connections.choseSandbox(), server,
                               m_connections.sandboxOverTcp());
        setConnected(true);
    });
    connect(&m_server, &ServerLink::snapshotTaken, &m_workbench,
            [this](const SnapshotPointer& snapshot) { m_workbench.snapshotTaken(*snapshot); });
    connect(&m_laboratory, &Laboratory::sandboxRequested, &m_connections, &ConnectionFlow::startSandbox);
    connect(&m_workbench, &Workbench::serverTouched, &m_server, &ServerLink::refreshSoon);
    connect(&m_workbench, &Workbench::ownBackendsChanged, &m_lockModel, &LockTableModel::setOwnBackends);
}

void Console::joinWindow()
{
    HeaderBar* const header = m_window->headerBar();
    connect(header, &HeaderBar::intervalRequested, this, [this](std::chrono::milliseconds interval) {
        m_settings.set(Setting::PollInterval, QVariant::fromValue<qlonglong>(interval.count()));
        m_server.setInterval(interval);
    });
    connect(header, &HeaderBar::profileRequested, this,
            [this](const ConnectionProfile& profile) { m_connections.connectTo(profile.conninfo, profile.name); });
    connect(m_page, &LocksPage::specRequested, this, &Console::respecify);
    connect(m_page, &LocksPage::reconnectRequested, &m_server, &ServerLink::reconnectNow);
    connect(m_page, &LocksPage::exportRequested, this, &Console::exportLocksTo);
    connect(m_page, &LocksPage::columnStateChanged, this,
            [this] { m_settings.set(Setting::TableState, m_page->columnState()); });
    connect(m_page, &LocksPage::lockActivated, this, [this](const LockRow& row) {
        if (const auto key = row.lock.target.key()) {
            m_operatorPanel->keyEdit()->setKey(*key);
            m_clientsPanel->keyEdit()->setKey(*key);
        }
    });

    const auto on = [this](ActionId id, auto act) { connect(m_actions[id], &QAction::triggered, this, act); };
    on(ActionId::Connect, [this] { m_connections.showDialog(); });
    on(ActionId::Disconnect, [this] { disconnectFromServer(); });
    on(ActionId::StartSandbox, [this] { m_connections.startSandbox(); });
    on(ActionId::Refresh, [this] { m_server.refreshNow(); });
    on(ActionId::Pause, [this](bool paused) { m_server.setPaused(paused); });
    on(ActionId::AllLockTypes, [this](bool all) {
        const LockScope scope = all ? LockScope::AllTypes : LockScope::AdvisoryOnly;
        m_settings.set(Setting::AllLockTypes, all);
        m_page->setScope(scope);
        m_server.setScope(scope);
    });
    on(ActionId::NewOperatorSession, [this] { m_operatorPanel->startNewSession(); });
    on(ActionId::StartClient, [this] { m_clientsPanel->startClient(); });
    on(ActionId::TrainingMode, [this](bool training) {
        m_settings.set(Setting::TrainingMode, training);
        applyLook();
    });
    connect(m_window.get(), &MainWindow::colorSchemeRequested, this, [this](ColorScheme scheme) {
        m_settings.set(Setting::ColorScheme, nameOf(scheme));
        applyLook();
    });
    connect(m_window.get(), &MainWindow::systemThemeChanged, this, &Console::applyLook);
    connect(m_window.get(), &MainWindow::closeRequested, this, &Console::askToQuit);
    connect(&m_workbench, &Workbench::ended, this, [this] {
        m_server.close();
        m_window->allowClose();
        Q_EMIT finished();
    });
}

void Console::joinPanels()
{
    connect(m_logPanel, &StatementLogPanel::exportRequested, this, &Console::exportStatements);
    connect(m_logPanel, &StatementLogPanel::clearRequested, &m_workbench.statements(), &StatementLogModel::clear);
    connect(m_logPanel, &StatementLogPanel::housekeepingShown, this,
            [this](bool shown) { m_settings.set(Setting::ShowHousekeeping, shown); });
    if (m_commandLine.readOnly) {
        const QString reason = tr("Lockscope was started with --read-only: it looks and does not act.");
        m_operatorPanel->setReadOnlyReason(reason);
        m_clientsPanel->setReadOnlyReason(reason);
    } else { // otherwise nobody listens to the panels, whatever they let through
        m_workbench.serve(*m_operatorPanel);
        m_workbench.serve(*m_clientsPanel);
    }
}

void Console::restoreSettings()
{
    const std::chrono::milliseconds interval =
        std::clamp(std::chrono::milliseconds(m_settings.value(Setting::PollInterval).toLongLong()), shortestInterval,
                   longestInterval);
    m_window->headerBar()->setInterval(interval);
    m_server.setInterval(interval);

    const bool all = m_settings.value(Setting::AllLockTypes).toBool();
    m_actions[ActionId::AllLockTypes]->setChecked(all);
    m_page->setScope(all ? LockScope::AllTypes : LockScope::AdvisoryOnly);
    m_server.setScope(all ? LockScope::AllTypes : LockScope::AdvisoryOnly);

    LockViewSpec spec;
    if (const qint64 limit = m_settings.value(Setting::RowLimit).toLongLong(); limit >= 0)
        spec.rowLimit = limit;
    spec.sortColumn = columnFrom(m_settings.value(Setting::SortColumn).toString());
    spec.sortOrder = m_settings.value(Setting::SortDescending).toBool() ? Qt::DescendingOrder : Qt::AscendingOrder;
    m_page->setSpec(spec);
    m_server.respecify(spec);

    m_page->restoreColumnState(m_settings.value(Setting::TableState).toByteArray());
    m_page->restoreSplitterState(m_settings.value(Setting::PageState).toByteArray());
    m_investigation.restoreSettings();
    m_logPanel->setShowHousekeeping(m_settings.value(Setting::ShowHousekeeping).toBool());
    m_window->setColorScheme(schemeFrom(m_settings.value(Setting::ColorScheme).toString()));
    m_actions[ActionId::TrainingMode]->setChecked(m_settings.value(Setting::TrainingMode).toBool());
    m_window->headerBar()->setRecentProfiles(m_connections.offered());
    applyLook();
    m_window->restoreLayout(m_settings.value(Setting::WindowGeometry).toByteArray(),
                            m_settings.value(Setting::WindowState).toByteArray());
}

void Console::saveLayout()
{
    m_settings.set(Setting::WindowGeometry, m_window->saveGeometry());
    m_settings.set(Setting::WindowState, m_window->layoutState());
    m_settings.set(Setting::PageState, m_page->splitterState());
    m_investigation.saveLayout();
}

void Console::start()
{
    m_window->show();
    const bool environmentNamesAServer =
        qEnvironmentVariableIsSet("PGHOST") || qEnvironmentVariableIsSet("PGHOSTADDR") ||
        qEnvironmentVariableIsSet("PGSERVICE") || qEnvironmentVariableIsSet("PGDATABASE");
    if (m_commandLine.sandbox)
        m_connections.startSandbox();
    else if (!m_commandLine.conninfo.isEmpty() || environmentNamesAServer)
        m_connections.connectTo(m_commandLine.conninfo);
}

void Console::open(const Conninfo& conninfo, const QString& title)
{
    m_title = title;
    m_conninfo = conninfo;
    m_window->setServer(std::nullopt, title);
    setConnected(false); // until this server has answered
    m_workbench.setConninfo(conninfo);
    m_investigation.open(conninfo);
    m_laboratory.leaveServer(); // until this server has answered
    m_server.open(conninfo);
}

void Console::disconnectFromServer()
{
    m_connections.giveUp();
    m_server.close();
    m_investigation.close();
    m_laboratory.leaveServer();
    m_workbench.setConninfo(std::nullopt);
    setConnected(false);
    m_title.clear();
    m_window->setServer(std::nullopt, {});
}

void Console::setConnected(bool connected)
{
    m_operatorPanel->setConnected(connected);
    m_clientsPanel->setConnected(connected);
}

void Console::showLink(const LinkState& link)
{
    m_window->setLink(link);
    m_connections.linkChanged(link);
}

void Console::respecify(const LockViewSpec& spec)
{
    m_settings.set(Setting::SortColumn, QLatin1String(lockColumn(spec.sortColumn).id));
    m_settings.set(Setting::SortDescending, spec.sortOrder == Qt::DescendingOrder);
    m_page->setSpec(spec);
    m_server.respecify(spec);
}

void Console::applyLook()
{
    theme::apply(*qApp, schemeFrom(m_settings.value(Setting::ColorScheme).toString()),
                 m_settings.value(Setting::TrainingMode).toBool());
}

void Console::exportLocksTo(const QString& fileName, ExportFormat format)
{
    auto* watcher = new QFutureWatcher<Result<qsizetype>>(this);
    connect(watcher, &QFutureWatcher<Result<qsizetype>>::finished, this, [this, watcher, fileName] {
        watcher->deleteLater();
        if (const auto written = watcher->result())
            m_window->statusLine()->say(
                tr("%n lock(s) written to %1", nullptr, static_cast<int>(*written)).arg(fileName));
        else
            safetext::messageBox(m_window.get(), QMessageBox::Warning, tr("Export"), written.error().what,
                                 written.error().advice)
                ->open();
    });
    watcher->setFuture(exportLocks(m_lockModel.view(), m_server.server().value_or(ServerInfo{}), fileName, format));
}

void Console::exportStatements(StatementLogFormat format)
{
    const bool csv = format == StatementLogFormat::Csv;
    auto* chooser = new QFileDialog(m_window.get(), tr("Export the Statement Log"));
    chooser->setAttribute(Qt::WA_DeleteOnClose);
    chooser->setAcceptMode(QFileDialog::AcceptSave);
    chooser->setNameFilter(csv ? tr("CSV files (*.csv)") : tr("Text files (*.txt)"));
    chooser->setDefaultSuffix(csv ? QStringLiteral("csv") : QStringLiteral("txt"));
    connect(chooser, &QFileDialog::fileSelected, this, [this, csv](const QString& fileName) {
        const StatementLogModel& log = m_workbench.statements();
        if (const auto written = writeFile(fileName, csv ? log.toCsv() : log.toText().toUtf8()); !written)
            safetext::messageBox(m_window.get(), QMessageBox::Warning, tr("Export"), written.error().what,
                                 written.error().advice)
                ->open();
        else
            m_window->statusLine()->say(tr("Statement log written to %1").arg(fileName));
    });
    chooser->open();
}

void Console::askToQuit()
{
    if (m_quitting || m_quitDialog)
        return;
    const QList<SessionState> sessions = m_workbench.sessions().states();
    const QList<ClientState> clients = m_workbench.clients().states();
    if (!QuitDialog::isNeeded(sessions, clients))
        return quitNow();
    m_quitDialog = new QuitDialog(sessions, clients, m_window.get());
    m_quitDialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(m_quitDialog, &QDialog::accepted, this, &Console::quitNow);
    m_quitDialog->open();
}

void Console::quitNow()
{
    if (std::exchange(m_quitting, true))
        return;
    saveLayout();
    m_connections.giveUp();
    m_window->setBusyText(tr("Ending sessions and clients"));
    m_laboratory.leaveServer();
    m_workbench.endEverything();
}

} // namespace lockscope
