#include "app/investigation.h"

#include "app/settings.h"
#include "app/workbench.h"
#include "models/locktablemodel.h"
#include "ui/actions.h"
#include "ui/clientspanel.h"
#include "ui/keyedit.h"
#include "ui/lockspage.h"
#include "ui/locktableview.h"
#include "ui/mainwindow.h"
#include "ui/operatorpanel.h"
#include "ui/pages.h"
#include "ui/safetext.h"
#include "ui/serverpage.h"
#include "ui/statusline.h"
#include "ui/waitspage.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>

namespace lockscope {

namespace {

using namespace std::chrono_literals;

constexpr auto reportReadEvery = 10s;

} // namespace

Investigation::Investigation(const Parts& parts, ServerLink& server, const Workbench& workbench,
                             const LockTableModel& model, Settings& settings, bool readOnly, QObject* parent)
    : QObject(parent)
    , m_parts(parts)
    , m_server(server)
    , m_settings(settings)
    , m_selection(parts.views, workbench, model)
    , m_cures(m_auditLog, &parts.window)
    , m_names(KeyNames::fileBeside(settings.fileName()))
    , m_keys(m_names, &parts.window)
{
    connect(&server, &ServerLink::viewUpdated, this, &Investigation::show);
    connect(&workbench, &Workbench::ownBackendsChanged, &parts.views.waits, &WaitsPage::setOwnBackends);
    connect(&workbench, &Workbench::ownBackendsChanged, &m_cures, &CureFlow::setOwnBackends);
    joinCures(readOnly);
    m_names.setReadOnly(readOnly);
    joinKeys();
    joinWaits();
    joinServerPage();
}

void Investigation::joinCures(bool readOnly)
{
    m_cures.setReadOnly(readOnly);
    m_parts.window.statusLine()->setReadOnly(readOnly);
    m_parts.views.locks.setReadOnly(readOnly);
    m_parts.views.waits.setReadOnly(readOnly);
    m_cures.setPostWork([this](Observer::Work work, std::function<void(const Error&)> unreachable) {
        m_server.post(std::move(work), std::move(unreachable));
    });
    connect(&m_parts.views.locks, &LocksPage::cureRequested, &m_cures, &CureFlow::request);
    connect(&m_parts.views.waits, &WaitsPage::cureRequested, &m_cures, &CureFlow::request);
    connect(&m_parts.views.waits, &WaitsPage::foreignReleaseRequested, &m_cures, &CureFlow::requestForeignRelease);
    connect(&m_parts.views.locks, &LocksPage::foreignReleaseRequested, this, [this](const LockRow& row) {
        if (m_view && m_view->snapshot)
            m_cures.requestForeignRelease(nodeOf(row.lock, *m_view->snapshot));
    });
    connect(&m_cures, &CureFlow::outcomeShown, this, [this](const QString& sentence) {
        m_parts.window.statusLine()->say(sentence);
        m_server.refreshSoon();
    });
    connect(m_parts.actions[ActionId::AuditLog], &QAction::triggered, &m_cures, &CureFlow::showAuditLog);
}

void Investigation::joinKeys()
{
    m_names.setPostWork([this](Observer::Work work, std::function<void(const Error&)> unreachable) {
        m_server.post(std::move(work), std::move(unreachable));
    });
    connect(&m_names, &KeyNames::dictionaryChanged, &m_server, &ServerLink::setDictionary);
    connect(&m_names, &KeyNames::failed, this,
            [this](const Error& error) { safetext::errorBox(&m_parts.window, tr("Names of Keys"), error)->open(); });
    connect(m_parts.actions[ActionId::KeyCalculator], &QAction::triggered, &m_keys, &KeyTools::showCalculator);
    connect(m_parts.actions[ActionId::KeyNames], &QAction::triggered, &m_keys, &KeyTools::showNames);
    connect(&m_keys, &KeyTools::findRequested, &m_parts.window, &MainWindow::showFiltered);
    connect(&m_keys, &KeyTools::keyChosen, this, [this](const LockKey& key) {
        m_parts.views.sessions.keyEdit()->setKey(key);
        m_parts.views.clients.keyEdit()->setKey(key);
    });
    connect(&m_parts.views.locks, &LocksPage::labelRequested, this, [this](const LockRow& row) {
        if (const auto key = row.lock.target.key())
            m_keys.nameKey(*key, m_view ? m_view->databaseNames.value(row.lock.target.databaseOid) : QString());
    });
}

void Investigation::joinWaits()
{
    WaitsPage& waits = m_parts.views.waits;
    LocksPage& locks = m_parts.views.locks;
    Pages* const pages = m_parts.window.pages();
    connect(&waits, &WaitsPage::optionsRequested, this, &Investigation::setOptions);
    connect(&waits, &WaitsPage::reconnectRequested, &m_server, &ServerLink::reconnectNow);
    connect(&waits, &WaitsPage::filterRequested, &m_parts.window, &MainWindow::showFiltered);
    connect(&waits, &WaitsPage::stateChanged, this,
            [this] { m_settings.set(Setting::WaitsState, m_parts.views.waits.state()); });
    connect(&waits, &WaitsPage::sessionActivated, this, [this, pages](const WaitNodeId& id) {
        pages->show(&m_parts.views.locks);
        m_selection.select(id);
        m_parts.views.locks.table()->setFocus();
        const LockRow* const row = m_parts.views.locks.table()->currentRow();
        if (row == nullptr || row->lock.backend.pid != id.backend.pid)
            m_parts.window.statusLine()->say(tr(
                "This session has no row in the table: it has no lock of the types that are shown, or a filter hides "
                "it."));
    });
    connect(&locks, &LocksPage::sessionActivated, this, [this, pages](const WaitNodeId& id) {
        pages->show(&m_parts.views.waits);
        m_selection.select(id);
    });
}

void Investigation::joinServerPage()
{
    ServerPage& page = m_parts.serverPage;
    Pages* const pages = m_parts.window.pages();
    m_reportTimer.setInterval(reportReadEvery);
    connect(&m_reportTimer, &QTimer::timeout, this, &Investigation::readReport);
    connect(pages, &Pages::pageShown, this, &Investigation::readReport);
    connect(&page, &ServerPage::refreshRequested, this, &Investigation::readReport);
    connect(&page, &ServerPage::copyRequested, this,
            [](const QString& text) { QApplication::clipboard()->setText(text); });
    connect(&m_server, &ServerLink::reportRead, &page, &ServerPage::setReport);
    connect(&m_server, &ServerLink::reportFailed, &page, &ServerPage::setTrouble);
    connect(&m_parts.views.locks, &LocksPage::modeRequested, this, [this, pages](LockMode mode) {
        pages->show(&m_parts.serverPage);
        m_parts.serverPage.showMode(mode);
    });
}

/// Only while somebody looks at it: the figures cost a scan of the lock table each.
void Investigation::readReport()
{
    if (m_parts.window.pages()->current() != &m_parts.serverPage || !m_server.server()) {
        m_reportTimer.stop();
        return;
    }
    m_reportTimer.start();
    m_server.requestReport();
}

void Investigation::show(const LockViewUpdate& update)
{
    m_view = update.view;
    m_parts.views.waits.setView(update.view);
    m_cures.setView(update.view);
    m_keys.setDatabases(update.view->databaseNames);
    m_parts.window.pages()->setBadge(
        &m_parts.views.waits, update.view->rootBlockers + (update.view->waits ? update.view->waits->cycles.size() : 0));
}

void Investigation::setOptions(const WaitForestOptions& options)
{
    m_settings.set(Setting::MinimumWait, QVariant::fromValue<qlonglong>(options.minimumWait.count()));
    m_settings.set(Setting::AllSessions, options.allSessions);
    m_settings.set(Setting::HideIdle, options.hideIdle);
    m_parts.views.waits.setOptions(options);
    m_server.setEveryBackend(options.allSessions);
}

void Investigation::restoreSettings()
{
    m_parts.views.waits.restoreState(m_settings.value(Setting::WaitsState).toByteArray());
    const qint64 minimum = m_settings.value(Setting::MinimumWait).toLongLong();
    setOptions({.minimumWait = std::chrono::milliseconds(std::clamp<qint64>(minimum, 0, 3'600'000)),
                .allSessions = m_settings.value(Setting::AllSessions).toBool(),
                .hideIdle = m_settings.value(Setting::HideIdle).toBool()});
    m_names.load();
}

void Investigation::saveLayout()
{
    m_settings.set(Setting::WaitsState, m_parts.views.waits.state());
}

void Investigation::open(const Conninfo& conninfo)
{
    close(); // until this server has answered
    m_cures.setConninfo(conninfo);
}

void Investigation::serverIdentified(const ServerInfo& server)
{
    m_parts.views.locks.setServer(server);
    m_cures.setServer(server);
    m_names.setServer(m_server.conninfo(), server);
    m_keys.setServer(server);
    readReport();
}

void Investigation::close()
{
    m_parts.views.locks.setServer(std::nullopt);
    m_cures.setServer(std::nullopt);
    m_names.close();
    m_keys.setServer(std::nullopt);
    m_reportTimer.stop();
    m_view.reset();
}

} // namespace lockscope
