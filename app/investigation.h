#pragma once

#include "app/auditlog.h"
#include "app/cureflow.h"
#include "app/keytools.h"
#include "app/selection.h"
#include "app/serverlink.h"
#include "models/waitforestmodel.h"

#include <QObject>
#include <QTimer>

namespace lockscope {

class Actions;
class MainWindow;
class ServerPage;
class Settings;

/// Joins what helps to find out why something is stuck, and to do something about it: the waits, one selection on all
/// pages, explanations with their cures, the names of keys and the server page. GUI thread; waits for nothing. Holds no
/// logic of its own beyond which signal goes where.
class Investigation final : public QObject
{
    Q_OBJECT

public:
    struct Parts
    {
        Selection::Views views;
        ServerPage& serverPage;
        MainWindow& window;
        const Actions& actions;
    };

    Investigation(const Parts& parts, ServerLink& server, const Workbench& workbench, const LockTableModel& model,
                  Settings& settings, bool readOnly, QObject* parent = nullptr);
    Q_DISABLE_COPY_MOVE(Investigation)

    void restoreSettings();
    void saveLayout();
    /// A connection was chosen; its server has not answered yet.
    void open(const Conninfo& conninfo);
    void serverIdentified(const ServerInfo& server);
    void close();

private:
    void joinCures(bool readOnly);
    void joinKeys();
    void joinWaits();
    void joinServerPage();
    void show(const LockViewUpdate& update);
    void setOptions(const WaitForestOptions& options);
    void readReport();

    Parts m_parts;
    ServerLink& m_server;
    Settings& m_settings;
    Selection m_selection;
    AuditLog m_auditLog;
    CureFlow m_cures;
    KeyNames m_names;
    KeyTools m_keys;
    LockViewPointer m_view;
    QTimer m_reportTimer; ///< while the server page is shown
};

} // namespace lockscope
