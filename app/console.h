#pragma once

#include "app/commandline.h"
#include "app/connectionflow.h"
#include "app/investigation.h"
#include "app/laboratory.h"
#include "app/serverlink.h"
#include "app/settings.h"
#include "app/workbench.h"
#include "models/locktablemodel.h"
#include "ui/actions.h"

#include <QObject>
#include <QPointer>

#include <memory>

namespace lockscope {

class ClientsPanel;
class LabPage;
class LocksPage;
class MainWindow;
class OperatorPanel;
class QuitDialog;
class ServerPage;
class StatementLogPanel;
class WaitsPage;
enum class ExportFormat;
enum class StatementLogFormat;

/// The composition root: makes the models, the pages, the connections, and joins them. GUI thread; waits for nothing.
/// State goes down to the window, wishes come up from it. Holds no logic of its own beyond which signal goes where.
class Console final : public QObject
{
    Q_OBJECT

public:
    Console(Settings& settings, const CommandLine& commandLine, QObject* parent = nullptr);
    ~Console() override;
    Q_DISABLE_COPY_MOVE(Console)

    /// Shows the window and does what the command line asked for.
    void start();
    /// Ends without asking: the desktop or a signal said so.
    void quitNow();
    [[nodiscard]] MainWindow& window() { return *m_window; }

Q_SIGNALS:
    void finished(); ///< once: every session and client has ended, nothing is left to do

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void joinServer();
    void joinWindow();
    void joinPanels();
    void restoreSettings();
    void saveLayout();
    void open(const Conninfo& conninfo, const QString& title);
    void disconnectFromServer();
    void setConnected(bool connected);
    void showLink(const LinkState& link);
    void respecify(const LockViewSpec& spec);
    void applyLook();
    void exportLocksTo(const QString& fileName, ExportFormat format);
    void exportStatements(StatementLogFormat format);
    void askToQuit();

    Settings& m_settings;
    CommandLine m_commandLine;
    Actions m_actions;
    LockTableModel m_lockModel;
    Workbench m_workbench;
    ServerLink m_server;
    QString m_title;
    Conninfo m_conninfo; ///< of the server that is watched or tried
    LocksPage* m_page;   ///< owned by the window, like the other pages and the panels
    WaitsPage* m_waitsPage;
    LabPage* m_labPage;
    ServerPage* m_serverPage;
    OperatorPanel* m_operatorPanel;
    ClientsPanel* m_clientsPanel;
    StatementLogPanel* m_logPanel;
    std::unique_ptr<MainWindow> m_window;
    ConnectionFlow m_connections;
    Investigation m_investigation;
    Laboratory m_laboratory;
    QPointer<QuitDialog> m_quitDialog;
    bool m_quitting = false;
};

} // namespace lockscope
