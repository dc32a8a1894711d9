#include "ui/actions.h"

#include "ui/icons.h"
#include "ui/safetext.h"

#include <QAction>
#include <QActionGroup>
#include <QCoreApplication>
#include <QMenu>
#include <QMenuBar>

#include <optional>

namespace lockscope {

namespace {

enum class MenuId
{
    Server,
    Edit,
    View,
    Panels,
    Appearance,
    Lab,
    Tools,
    Help
};

struct ActionEntry
{
    ActionId id;
    const char* name;
    MenuId menu;
    bool startsSection;
    bool checkable;
    const char* text;
    const char* shortcut; ///< portable text
    const char* toolTip;
    std::optional<IconName> icon;
};

// clang-format off
constexpr ActionEntry entries[] = {
    {ActionId::Connect, "actionConnect", MenuId::Server, false, false, QT_TRANSLATE_NOOP("Actions", "&Connect..."), "Ctrl+O",
     QT_TRANSLATE_NOOP("Actions", "Choose a server and connect to it"), IconName::Connect},
    {ActionId::Disconnect, "actionDisconnect", MenuId::Server, false, false, QT_TRANSLATE_NOOP("Actions", "&Disconnect"), "Ctrl+Shift+O",
     QT_TRANSLATE_NOOP("Actions", "Stop watching this server"), IconName::Disconnect},
    {ActionId::StartSandbox, "actionStartSandbox", MenuId::Server, false, false, QT_TRANSLATE_NOOP("Actions", "Start a &Sandbox"), "Ctrl+B",
     QT_TRANSLATE_NOOP("Actions", "Start a private throw-away PostgreSQL server and connect to it"), IconName::Sandbox},
    {ActionId::ServerDetails, "actionServerDetails", MenuId::Server, true, false, QT_TRANSLATE_NOOP("Actions", "Connection De&tails"), "Ctrl+I",
     QT_TRANSLATE_NOOP("Actions", "Show what this connection told about its server"), IconName::Information},
    {ActionId::ExportCsv, "actionExportCsv", MenuId::Server, true, false, QT_TRANSLATE_NOOP("Actions", "Export as &CSV..."), "Ctrl+E",
     QT_TRANSLATE_NOOP("Actions", "Save the locks that are shown to a file with comma-separated values"), IconName::Export},
    {ActionId::ExportJson, "actionExportJson", MenuId::Server, false, false, QT_TRANSLATE_NOOP("Actions", "Export as &JSON..."), "Ctrl+Shift+E",
     QT_TRANSLATE_NOOP("Actions", "Save the locks that are shown to a JSON file"), std::nullopt},
    {ActionId::Quit, "actionQuit", MenuId::Server, true, false, QT_TRANSLATE_NOOP("Actions", "&Quit"), "Ctrl+Q",
     QT_TRANSLATE_NOOP("Actions", "Close Lockscope; what its sessions hold is released by the server"), IconName::Quit},

    {ActionId::CopyRow, "actionCopyRow", MenuId::Edit, false, false, QT_TRANSLATE_NOOP("Actions", "&Copy Row"), "Ctrl+C",
     QT_TRANSLATE_NOOP("Actions", "Copy the selected rows as they are shown, columns separated by tabs"), IconName::Copy},
    {ActionId::CopyCell, "actionCopyCell", MenuId::Edit, false, false, QT_TRANSLATE_NOOP("Actions", "Copy C&ell"), "Ctrl+Shift+C",
     QT_TRANSLATE_NOOP("Actions", "Copy the text of the current cell"), std::nullopt},
    {ActionId::CopyAsSql, "actionCopyAsSql", MenuId::Edit, false, false, QT_TRANSLATE_NOOP("Actions", "Copy as &SQL"), "Ctrl+Alt+C",
     QT_TRANSLATE_NOOP("Actions", "Copy a SELECT that finds the current lock in pg_locks"), IconName::Document},
    {ActionId::Filter, "actionFilter", MenuId::Edit, true, false, QT_TRANSLATE_NOOP("Actions", "&Filter"), "Ctrl+F",
     QT_TRANSLATE_NOOP("Actions", "Go to the filter"), IconName::Search},
    {ActionId::ClearFilter, "actionClearFilter", MenuId::Edit, false, false, QT_TRANSLATE_NOOP("Actions", "C&lear Filter"), "Ctrl+Shift+F",
     QT_TRANSLATE_NOOP("Actions", "Show all locks again"), std::nullopt},
    {ActionId::GoToBlocker, "actionGoToBlocker", MenuId::Edit, true, false, QT_TRANSLATE_NOOP("Actions", "&Go to Blocker"), "Ctrl+G",
     QT_TRANSLATE_NOOP("Actions", "Select the lock that the current one waits for, or the one that holds up most"), IconName::Knot},

    {ActionId::Refresh, "actionRefresh", MenuId::View, false, false, QT_TRANSLATE_NOOP("Actions", "&Refresh"), "F5",
     QT_TRANSLATE_NOOP("Actions", "Read the locks once, now"), IconName::Refresh},
    {ActionId::Pause, "actionPause", MenuId::View, false, true, QT_TRANSLATE_NOOP("Actions", "&Pause"), "Ctrl+P",
     QT_TRANSLATE_NOOP("Actions", "Stop reading the server and keep what is shown; the space bar in the table does the same"), IconName::Pause},
    {ActionId::ShowLocks, "actionShowLocks", MenuId::View, true, true, QT_TRANSLATE_NOOP("Actions", "&Locks"), "Alt+1",
     QT_TRANSLATE_NOOP("Actions", "Every lock in a table: who holds it, who waits for it"), IconName::Locks},
    {ActionId::ShowWaits, "actionShowWaits", MenuId::View, false, true, QT_TRANSLATE_NOOP("Actions", "&Waits"), "Alt+2",
     QT_TRANSLATE_NOOP("Actions", "Who waits for whom, root blockers first, as a tree and as a drawing"), IconName::Waits},
    {ActionId::ShowLab, "actionShowLab", MenuId::View, false, true, QT_TRANSLATE_NOOP("Actions", "L&ab"), "Alt+3",
     QT_TRANSLATE_NOOP("Actions", "Lessons that run, a pool, pods, ways to die and contention, on real connections and processes"), IconName::Lab},
    {ActionId::ShowServer, "actionShowServer", MenuId::View, false, true, QT_TRANSLATE_NOOP("Actions", "&Server"), "Alt+4",
     QT_TRANSLATE_NOOP("Actions", "What this role may do, how full the lock table is, and the settings that decide how long a lock lives"), IconName::Server},
    {ActionId::AllLockTypes, "actionAllLockTypes", MenuId::View, true, true, QT_TRANSLATE_NOOP("Actions", "&All Lock Types"), "Ctrl+L",
     QT_TRANSLATE_NOOP("Actions", "Show table, row, transaction and other locks too, not only advisory ones"), IconName::AllTypes},
    {ActionId::CompactRows, "actionCompactRows", MenuId::View, false, true, QT_TRANSLATE_NOOP("Actions", "&Compact Rows"), "Ctrl+K",
     QT_TRANSLATE_NOOP("Actions", "Fit more rows on the screen"), std::nullopt},
    {ActionId::ShowDetails, "actionShowDetails", MenuId::Panels, false, true, QT_TRANSLATE_NOOP("Actions", "Lock &Details"), "Ctrl+D",
     QT_TRANSLATE_NOOP("Actions", "Show or hide the details of the selected lock below the table"), std::nullopt},
    {ActionId::ShowOperatorSessions, "actionShowOperatorSessions", MenuId::Panels, false, true, QT_TRANSLATE_NOOP("Actions", "&Operator Sessions"), "Ctrl+1",
     QT_TRANSLATE_NOOP("Actions", "Show or hide the sessions that you acquire and release locks on"), std::nullopt},
    {ActionId::ShowSimulatedClients, "actionShowSimulatedClients", MenuId::Panels, false, true, QT_TRANSLATE_NOOP("Actions", "Simulated &Clients"), "Ctrl+2",
     QT_TRANSLATE_NOOP("Actions", "Show or hide the client processes that are made to be killed"), std::nullopt},
    {ActionId::ShowStatementLog, "actionShowStatementLog", MenuId::Panels, false, true, QT_TRANSLATE_NOOP("Actions", "Statement &Log"), "Ctrl+3",
     QT_TRANSLATE_NOOP("Actions", "Show or hide every statement that was sent, with its answer"), std::nullopt},
    {ActionId::ResetLayout, "actionResetLayout", MenuId::Panels, true, false, QT_TRANSLATE_NOOP("Actions", "&Reset Layout"), "",
     QT_TRANSLATE_NOOP("Actions", "Put panels and columns back where they were at first"), IconName::Reset},
    {ActionId::SchemeSystem, "actionSchemeSystem", MenuId::Appearance, false, true, QT_TRANSLATE_NOOP("Actions", "&Like the Desktop"), "",
     QT_TRANSLATE_NOOP("Actions", "Light or dark as the desktop is"), std::nullopt},
    {ActionId::SchemeLight, "actionSchemeLight", MenuId::Appearance, false, true, QT_TRANSLATE_NOOP("Actions", "Li&ght"), "",
     QT_TRANSLATE_NOOP("Actions", "Dark text on a light ground"), IconName::LightScheme},
    {ActionId::SchemeDark, "actionSchemeDark", MenuId::Appearance, false, true, QT_TRANSLATE_NOOP("Actions", "&Dark"), "",
     QT_TRANSLATE_NOOP("Actions", "Light text on a dark ground"), IconName::DarkScheme},
    {ActionId::TrainingMode, "actionTrainingMode", MenuId::Appearance, true, true, QT_TRANSLATE_NOOP("Actions", "&Training Mode"), "Ctrl+T",
     QT_TRANSLATE_NOOP("Actions", "Everything one and a half times larger, for a projector"), IconName::Training},

    {ActionId::NewOperatorSession, "actionNewOperatorSession", MenuId::Lab, false, false, QT_TRANSLATE_NOOP("Actions", "&New Operator Session"), "Ctrl+N",
     QT_TRANSLATE_NOOP("Actions", "Open a connection of its own to acquire and release locks on"), IconName::Session},
    {ActionId::StartClient, "actionStartClient", MenuId::Lab, false, false, QT_TRANSLATE_NOOP("Actions", "&Start a Simulated Client"), "Ctrl+Shift+N",
     QT_TRANSLATE_NOOP("Actions", "Start a separate process with its own connection, made to be killed"), IconName::Client},
    {ActionId::RunLesson, "actionRunLesson", MenuId::Lab, true, false, QT_TRANSLATE_NOOP("Actions", "Run a &Lesson..."), "Ctrl+Shift+L",
     QT_TRANSLATE_NOOP("Actions", "Choose a lesson and run it step by step"), IconName::Lesson},
    {ActionId::ProbeEndpoint, "actionProbeEndpoint", MenuId::Lab, false, false, QT_TRANSLATE_NOOP("Actions", "&Probe an Endpoint..."), "Ctrl+Shift+P",
     QT_TRANSLATE_NOOP("Actions", "Does this server or pooler keep what advisory locks need?"), IconName::Probe},
    {ActionId::KeyCalculator, "actionKeyCalculator", MenuId::Tools, false, false, QT_TRANSLATE_NOOP("Actions", "&Key Calculator"), "Ctrl+Shift+K",
     QT_TRANSLATE_NOOP("Actions", "Convert a key between its forms and see which programs use it"), IconName::SingleKey},
    {ActionId::KeyNames, "actionKeyNames", MenuId::Tools, false, false, QT_TRANSLATE_NOOP("Actions", "&Names of Keys"), "",
     QT_TRANSLATE_NOOP("Actions", "Give keys names of your own, by number, by range or by a query"), IconName::Rename},
    {ActionId::AuditLog, "actionAuditLog", MenuId::Tools, true, false, QT_TRANSLATE_NOOP("Actions", "&Audit Log"), "",
     QT_TRANSLATE_NOOP("Actions", "What was cancelled, terminated, committed or rolled back from here, and what came of it"), IconName::Log},

    {ActionId::KeyboardShortcuts, "actionKeyboardShortcuts", MenuId::Help, false, false, QT_TRANSLATE_NOOP("Actions", "&Keyboard Shortcuts"), "F1",
     QT_TRANSLATE_NOOP("Actions", "List every shortcut"), IconName::Keyboard},
    {ActionId::About, "actionAbout", MenuId::Help, true, false, QT_TRANSLATE_NOOP("Actions", "&About Lockscope"), "",
     QT_TRANSLATE_NOOP("Actions", "Version and licence"), IconName::About},
};
// clang-format on

static_assert(std::size(entries) == static_cast<std::size_t>(ActionId::End_));

QString translated(const char* source)
{
    return QCoreApplication::translate("Actions", source);
}

} // namespace

Actions::Actions(QObject* parent)
    : QObject(parent)
{
    auto* const schemes = new QActionGroup(this);
    for (const ActionEntry& entry : entries) {
        auto* const action = new QAction(translated(entry.text), this);
        action->setObjectName(QString::fromLatin1(entry.name));
        action->setCheckable(entry.checkable);
        action->setShortcut(QKeySequence(QString::fromLatin1(entry.shortcut), QKeySequence::PortableText));
        const QString shortcut = action->shortcut().toString(QKeySequence::NativeText);
        const QString toolTip = translated(entry.toolTip);
        safetext::setToolTip(action, shortcut.isEmpty() ? toolTip : QStringLiteral("%1 (%2)").arg(toolTip, shortcut));
        action->setStatusTip(QString()); // the status line is for the locks
        if (entry.icon)
            action->setIcon(icon(*entry.icon));
        action->setIconVisibleInMenu(false);
        m_actions[static_cast<std::size_t>(entry.id)] = action;
    }
    for (const auto id : {ActionId::SchemeSystem, ActionId::SchemeLight, ActionId::SchemeDark})
        schemes->addAction((*this)[id]);
    (*this)[ActionId::SchemeSystem]->setChecked(true);
    (*this)[ActionId::ShowDetails]->setChecked(true);
    // Copying belongs to the table: elsewhere the same keys copy what is selected there.
    for (const auto id : {ActionId::CopyRow, ActionId::CopyCell, ActionId::CopyAsSql})
        (*this)[id]->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    (*this)[ActionId::Refresh]->setShortcuts({QKeySequence(Qt::Key_F5), QKeySequence(Qt::CTRL | Qt::Key_R)});
    (*this)[ActionId::Quit]->setMenuRole(QAction::QuitRole);
    (*this)[ActionId::About]->setMenuRole(QAction::AboutRole);
}

QList<QAction*> Actions::all() const
{
    return {m_actions.begin(), m_actions.end()};
}

void Actions::fill(QMenuBar* menuBar) const
{
    QMenu* const server = menuBar->addMenu(tr("&Server"));
    QMenu* const edit = menuBar->addMenu(tr("&Edit"));
    QMenu* const view = menuBar->addMenu(tr("&View"));
    QMenu* const lab = menuBar->addMenu(tr("&Lab"));
    QMenu* const tools = menuBar->addMenu(tr("&Tools"));
    QMenu* const help = menuBar->addMenu(tr("&Help"));
    QMenu* const panels = new QMenu(tr("&Panels"), menuBar);
    QMenu* const appearance = new QMenu(tr("A&ppearance"), menuBar);
    const auto menuOf = [&](MenuId id) {
        switch (id) {
        case MenuId::Server:
            return server;
        case MenuId::Edit:
            return edit;
        case MenuId::View:
            return view;
        case MenuId::Panels:
            return panels;
        case MenuId::Appearance:
            return appearance;
        case MenuId::Lab:
            return lab;
        case MenuId::Tools:
            return tools;
        case MenuId::Help:
            return help;
        }
        return server;
    };
    for (const ActionEntry& entry : entries) {
        QMenu* const menu = menuOf(entry.menu);
        if (entry.startsSection)
            menu->addSeparator();
        menu->addAction((*this)[entry.id]);
    }
    view->addSeparator();
    view->addMenu(panels);
    view->addMenu(appearance);
    for (QMenu* const menu : {server, edit, view, lab, tools, help, panels, appearance})
        menu->setToolTipsVisible(true);
}

} // namespace lockscope
