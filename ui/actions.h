#pragma once

#include <QList>
#include <QObject>
#include <QString>

#include <array>

class QAction;
class QMenuBar;

namespace lockscope {

/// Everything a person can ask for by menu or shortcut.
enum class ActionId : int
{
    Connect,
    Disconnect,
    StartSandbox,
    ServerDetails,
    ExportCsv,
    ExportJson,
    Quit,
    CopyRow,
    CopyCell,
    CopyAsSql,
    Filter,
    ClearFilter,
    GoToBlocker,
    Refresh,
    Pause,
    ShowLocks,
    ShowWaits,
    ShowLab,
    ShowServer,
    AllLockTypes,
    CompactRows,
    ShowDetails,
    ShowOperatorSessions,
    ShowSimulatedClients,
    ShowStatementLog,
    ResetLayout,
    SchemeSystem,
    SchemeLight,
    SchemeDark,
    TrainingMode,
    NewOperatorSession,
    StartClient,
    RunLesson,
    ProbeEndpoint,
    KeyCalculator,
    KeyNames,
    AuditLog,
    KeyboardShortcuts,
    About,
    End_,
};

/// The one action table: id, text, menu, shortcut, tooltip, icon. Each action's objectName is "action" and its id
/// ("actionRefresh"). GUI thread. Knows texts and shortcuts only; what happens is said by whoever connects to
/// triggered.
class Actions final : public QObject
{
    Q_OBJECT

public:
    explicit Actions(QObject* parent = nullptr);
    Q_DISABLE_COPY_MOVE(Actions)

    [[nodiscard]] QAction* operator[](ActionId id) const { return m_actions[static_cast<std::size_t>(id)]; }
    [[nodiscard]] QList<QAction*> all() const;
    /// Puts every action into its menu.
    void fill(QMenuBar* menuBar) const;

private:
    std::array<QAction*, static_cast<std::size_t>(ActionId::End_)> m_actions{};
};

} // namespace lockscope
