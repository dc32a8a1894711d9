#include "app/selection.h"

#include "app/workbench.h"
#include "models/locktablemodel.h"
#include "ui/clientspanel.h"
#include "ui/lockspage.h"
#include "ui/operatorpanel.h"
#include "ui/waitspage.h"

#include <QScopedValueRollback>

namespace lockscope {

Selection::Selection(const Views& views, const Workbench& workbench, const LockTableModel& model, QObject* parent)
    : QObject(parent)
    , m_views(views)
    , m_workbench(workbench)
    , m_model(model)
{
    connect(&views.locks, &LocksPage::sessionSelected, this,
            [this](const WaitNodeId& id) { choose(id, &m_views.locks); });
    connect(&views.waits, &WaitsPage::sessionSelected, this,
            [this](const WaitNodeId& id) { choose(id, &m_views.waits); });
    connect(&views.sessions, &OperatorPanel::selectionChanged, this, [this] {
        if (const auto id = m_views.sessions.selected())
            choosePid(m_workbench.backendOf(*id), &m_views.sessions);
    });
    connect(&views.clients, &ClientsPanel::selectionChanged, this, [this] {
        if (const auto id = m_views.clients.selected())
            choosePid(m_workbench.backendOf(*id), &m_views.clients);
    });
}

void Selection::select(const WaitNodeId& id)
{
    choose(id, nullptr);
}

/// A panel knows pids only; what the last reading has under that number is meant.
void Selection::choosePid(qint32 pid, const QObject* from)
{
    const LockView& view = *m_model.view();
    if (pid == 0 || !view.snapshot)
        return;
    if (const BackendPointer backend = view.snapshot->backends.value(pid))
        choose({.backend = backend->id}, from);
}

void Selection::choose(const WaitNodeId& id, const QObject* from)
{
    if (m_passingOn || id.isNull())
        return;
    const QScopedValueRollback passingOn(m_passingOn, true);
    if (from != &m_views.locks)
        m_views.locks.selectSession(id);
    if (from != &m_views.waits)
        m_views.waits.selectSession(id);
    if (const auto session = m_workbench.sessionOf(id.backend.pid); session && from != &m_views.sessions)
        m_views.sessions.select(*session);
    if (const auto client = m_workbench.clientOf(id.backend.pid); client && from != &m_views.clients)
        m_views.clients.select(*client);
}

} // namespace lockscope
