#include "ui/mainwindow.h"

#include "models/domain/displaytext.h"
#include "ui/actions.h"
#include "ui/filteredit.h"
#include "ui/headerbar.h"
#include "ui/lockspage.h"
#include "ui/locktableview.h"
#include "ui/pages.h"
#include "ui/safetext.h"
#include "ui/serverbadge.h"
#include "ui/serverpage.h"
#include "ui/shortcutsdialog.h"
#include "ui/statusline.h"
#include "ui/waitspage.h"

#include <QAction>
#include <QCloseEvent>
#include <QMenuBar>
#include <QScreen>
#include <QToolBar>

namespace lockscope {

namespace {

/// Goes up when docks change so much that an old layout would hide one.
constexpr int layoutVersion = 2;
/// The smallest window that shows everything; a screen without room for it and some desktop around is filled.
constexpr QSize smallestWindow(1280, 720);

} // namespace

MainWindow::MainWindow(const Actions& actions, const MainWindowParts& parts, QWidget* parent)
    : QMainWindow(parent)
    , m_actions(actions)
    , m_parts(parts)
    , m_header(new HeaderBar(actions))
    , m_pages(new Pages)
    , m_status(new StatusLine)
    , m_docks(*this, actions)
{
    Q_ASSERT(parts.locks != nullptr);
    setObjectName(QStringLiteral("mainWindow"));
    setDockOptions(AnimatedDocks | AllowTabbedDocks | AllowNestedDocks);
    // The panels at the side need height, the log needs none of their width.
    setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);
    setTabPosition(Qt::RightDockWidgetArea, QTabWidget::North);
    setWindowIcon(icon(IconName::Application, Tone::Accent));
    actions.fill(menuBar());
    setStatusBar(m_status);

    auto* const bar = addToolBar(tr("Server and Filter"));
    bar->setObjectName(QStringLiteral("headerToolBar"));
    bar->setMovable(false);
    bar->setFloatable(false);
    bar->setContextMenuPolicy(Qt::PreventContextMenu);
    bar->toggleViewAction()->setVisible(false);
    bar->addWidget(m_header);

    setCentralWidget(m_pages);
    m_pages->add(parts.locks, IconName::Locks, actions[ActionId::ShowLocks]);
    m_pages->add(parts.waits, IconName::Waits, actions[ActionId::ShowWaits]);
    m_pages->add(parts.lab, IconName::Lab, actions[ActionId::ShowLab]);
    m_pages->add(parts.server, IconName::Server, actions[ActionId::ShowServer]);

    m_docks.add(parts.operatorSessions, QStringLiteral("operatorSessionsDock"), tr("Operator Sessions"),
                tr("Your own sessions, to lock and release"), Qt::RightDockWidgetArea, ActionId::ShowOperatorSessions);
    m_docks.add(parts.simulatedClients, QStringLiteral("simulatedClientsDock"), tr("Simulated Clients"),
                tr("Processes with a connection, to be killed"), Qt::RightDockWidgetArea,
                ActionId::ShowSimulatedClients);
    m_docks.add(parts.statementLog, QStringLiteral("statementLogDock"), tr("Statement Log"),
                tr("What your sessions and clients sent"), Qt::BottomDockWidgetArea, ActionId::ShowStatementLog);

    connectActions();
    fitToScreen();
    setServer(std::nullopt, {});
}

MainWindow::~MainWindow() = default;

void MainWindow::connectActions()
{
    connect(m_actions[ActionId::Quit], &QAction::triggered, this, &QWidget::close);
    connect(m_actions[ActionId::ServerDetails], &QAction::triggered, this, &MainWindow::showServerDetails);
    connect(m_actions[ActionId::KeyboardShortcuts], &QAction::triggered, this, &MainWindow::showShortcuts);
    connect(m_actions[ActionId::About], &QAction::triggered, this, &MainWindow::showAbout);
    connect(m_actions[ActionId::ResetLayout], &QAction::triggered, this, [this] {
        m_docks.reset(heightForDocks());
        m_parts.locks->restoreColumnState({});
        Q_EMIT m_parts.locks->columnStateChanged();
    });
    connect(m_actions[ActionId::Filter], &QAction::triggered, this, [this] {
        m_pages->show(m_parts.locks);
        m_header->filterEdit()->setFocus(Qt::ShortcutFocusReason);
        m_header->filterEdit()->selectAll();
    });
    const auto scheme = [this](ActionId id, ColorScheme wanted) {
        connect(m_actions[id], &QAction::triggered, this, [this, wanted] { Q_EMIT colorSchemeRequested(wanted); });
    };
    scheme(ActionId::SchemeSystem, ColorScheme::FollowSystem);
    scheme(ActionId::SchemeLight, ColorScheme::Light);
    scheme(ActionId::SchemeDark, ColorScheme::Dark);

    LocksPage* const locks = m_parts.locks;
    connect(m_header, &HeaderBar::filterChanged, locks, &LocksPage::requestFilter);
    connect(m_header->filterEdit(), &FilterEdit::left, locks, [locks] { locks->table()->setFocus(); });
    connect(locks, &LocksPage::filterCleared, this, [this] { m_header->filterEdit()->setFilter({}); });
    connect(locks, &LocksPage::filterChosen, m_header->filterEdit(), &FilterEdit::setFilter);
    connect(locks, &LocksPage::viewShown, m_status, &StatusLine::setView);
    connect(m_status, &StatusLine::waitsRequested, m_actions[ActionId::ShowWaits], &QAction::trigger);
}

void MainWindow::setServer(const std::optional<ServerInfo>& server, const QString& title)
{
    m_server = server;
    m_title = title;
    m_header->setServer(server, title);
    m_parts.locks->setServerTitle(title);
    if (m_parts.waits != nullptr)
        m_parts.waits->setServer(server);
    if (m_parts.server != nullptr)
        m_parts.server->setServer(server, title);
    const QString shownTitle = cellText(title, 80);
    safetext::setWindowTitle(this, shownTitle.isEmpty() ? tr("Lockscope") : tr("%1 - Lockscope").arg(shownTitle));
    updateActions();
}

void MainWindow::setLink(const LinkState& link)
{
    m_link = link;
    m_status->setLink(link);
    m_parts.locks->setLink(link);
    if (m_parts.waits != nullptr)
        m_parts.waits->setLink(link);
    if (m_parts.server != nullptr)
        m_parts.server->setLink(link);
    updateActions();
}

void MainWindow::setBusyText(const QString& text)
{
    m_status->setBusyText(text);
}

void MainWindow::showFiltered(const QString& filter)
{
    m_pages->show(m_parts.locks);
    m_header->filterEdit()->setFilter(filter);
    m_parts.locks->requestFilter(filter);
}

void MainWindow::setColorScheme(ColorScheme scheme)
{
    const ActionId id = scheme == ColorScheme::Light  ? ActionId::SchemeLight
                        : scheme == ColorScheme::Dark ? ActionId::SchemeDark
                                                      : ActionId::SchemeSystem;
    m_actions[id]->setChecked(true);
}

QByteArray MainWindow::layoutState() const
{
    return saveState(layoutVersion);
}

void MainWindow::restoreLayout(const QByteArray& geometry, const QByteArray& state)
{
    if (!geometry.isEmpty())
        restoreGeometry(geometry);
    if (!state.isEmpty())
        m_arranged = restoreState(state, layoutVersion);
    m_docks.followDocks();
}

void MainWindow::allowClose()
{
    m_closeAllowed = true;
    close();
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    if (m_closeAllowed) {
        event->accept();
        return;
    }
    event->ignore();
    Q_EMIT closeRequested();
}

void MainWindow::showEvent(QShowEvent* event)
{
    // The first layout depends on the size that the window came up with.
    if (!m_arranged)
        m_docks.reset(heightForDocks());
    m_arranged = true;
    QMainWindow::showEvent(event);
}

bool MainWindow::event(QEvent* event)
{
    // Qt tells a change of the desktop's look by ThemeChange; ApplicationPaletteChange also follows our own
    // setPalette().
    if (event->type() == QEvent::ThemeChange)
        Q_EMIT systemThemeChanged();
    return QMainWindow::event(event);
}

void MainWindow::fitToScreen()
{
    resize(smallestWindow);
    const QScreen* const home = screen();
    if (home == nullptr)
        return;
    const QSize room = home->availableSize();
    if (room.width() < smallestWindow.width() * 9 / 8 || room.height() < smallestWindow.height() * 9 / 8)
        setWindowState(windowState() | Qt::WindowMaximized); // a frame would push the edges off the screen
    else
        resize(QSize(room.width() * 19 / 20, room.height() * 19 / 20)
                   .boundedTo(QSize(2 * smallestWindow.width(), 2 * smallestWindow.height())));
}

int MainWindow::heightForDocks() const
{
    int height = this->height() - menuBar()->sizeHint().height() - m_status->sizeHint().height();
    if (const auto* const bar = findChild<QToolBar*>())
        height -= bar->sizeHint().height();
    return height;
}

void MainWindow::changeEvent(QEvent* event)
{
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::FontChange && m_arranged)
        m_docks.followTextSize();
}

void MainWindow::showServerDetails()
{
    if (!m_server)
        return;
    safetext::messageBox(this, QMessageBox::NoIcon, tr("Connection Details"), serverDetails(*m_server))->open();
}

void MainWindow::showShortcuts()
{
    auto* const dialog = new ShortcutsDialog(m_actions, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void MainWindow::showAbout()
{
    auto* const box = safetext::messageBox(
        this, QMessageBox::NoIcon, tr("About Lockscope"), tr("Lockscope %1").arg(QStringLiteral(LOCKSCOPE_VERSION)),
        tr("See, test and explain PostgreSQL locks.\n\nFree software under the MIT licence. Made with Qt %1.")
            .arg(QString::fromLatin1(qVersion())));
    box->setIconPixmap(icon(IconName::Application, Tone::Accent).pixmap(6 * theme::grid()));
    box->open();
}

void MainWindow::updateActions()
{
    const bool open = m_link.phase != LinkPhase::Closed;
    for (const auto id : {ActionId::Disconnect, ActionId::Refresh, ActionId::Pause, ActionId::AllLockTypes,
                          ActionId::ExportCsv, ActionId::ExportJson})
        m_actions[id]->setEnabled(open);
    for (const auto id : {ActionId::ServerDetails, ActionId::NewOperatorSession, ActionId::StartClient})
        m_actions[id]->setEnabled(open && m_server.has_value());
    QAction* const pause = m_actions[ActionId::Pause];
    pause->setChecked(m_link.paused);
    pause->setIconText(m_link.paused ? tr("Resume") : tr("Pause"));
    pause->setIcon(icon(m_link.paused ? IconName::Resume : IconName::Pause));
}

} // namespace lockscope
