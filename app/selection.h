#pragma once

#include "models/domain/waitgraph.h"

#include <QObject>

namespace lockscope {

class ClientsPanel;
class LocksPage;
class LockTableModel;
class OperatorPanel;
class WaitsPage;
class Workbench;

/// One selection everywhere: a session chosen in the lock table, the wait forest, the drawing or a panel is shown as
/// chosen in all of them that have it. GUI thread. Never clears a selection because another view does not have it.
class Selection final : public QObject
{
    Q_OBJECT

public:
    struct Views
    {
        LocksPage& locks;
        WaitsPage& waits;
        OperatorPanel& sessions;
        ClientsPanel& clients;
    };

    Selection(const Views& views, const Workbench& workbench, const LockTableModel& model, QObject* parent = nullptr);
    Q_DISABLE_COPY_MOVE(Selection)

    void select(const WaitNodeId& id);

private:
    void choose(const WaitNodeId& id, const QObject* from);
    void choosePid(qint32 pid, const QObject* from);

    Views m_views;
    const Workbench& m_workbench;
    const LockTableModel& m_model;
    bool m_passingOn = false;
};

} // namespace lockscope
