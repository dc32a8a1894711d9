#include "app/postgres/canceller.h"

#include <libpq-fe.h>

#include <algorithm>

namespace lockscope {

using namespace std::chrono_literals;

void Canceller::attach(pg_conn* connection)
{
    const std::lock_guard guard(m_mutex);
    m_key = CancelKey(connection);
    m_socket = PQsocket(connection);
}

void Canceller::detach()
{
    const std::lock_guard guard(m_mutex);
    m_key = {};
    m_socket = -1;
}

void Canceller::actionStarted(quint64 action)
{
    const std::lock_guard guard(m_mutex);
    m_action = action;
    m_actionRuns = true;
}

void Canceller::actionEnded()
{
    const std::lock_guard guard(m_mutex);
    m_actionRuns = false;
}

bool Canceller::statementStarted(StatementPurpose purpose)
{
    std::unique_lock lock(m_mutex);
    while (requestUnderWay() && !m_stopped) {
        // In pieces, because stop() must be noticed also while the postmaster hangs.
        const auto request = m_request;
        lock.unlock();
        (void)request.wait_for(20ms);
        lock.lock();
    }
    if (purpose != StatementPurpose::Housekeeping && (m_stopped || (m_actionRuns && m_cancelledAction == m_action)))
        return false;
    m_statementRuns = true;
    m_statementMayWait = purpose == StatementPurpose::PersonWaits;
    return true;
}

void Canceller::statementEnded()
{
    const std::lock_guard guard(m_mutex);
    m_statementRuns = false;
}

void Canceller::cancel(quint64 action)
{
    const std::lock_guard guard(m_mutex);
    if (action < m_action || (action == m_action && !m_actionRuns))
        return;
    m_cancelledAction = std::max(m_cancelledAction, action);
    if (action == m_action)
        sendRequest();
}

void Canceller::stop()
{
    const std::lock_guard guard(m_mutex);
    m_stopped = true;
    m_wakeUp.ring();
    sendRequest();
}

bool Canceller::isStopped() const
{
    const std::lock_guard guard(m_mutex);
    return m_stopped;
}

void Canceller::shutDownSocket()
{
    // Only below a running statement: libpq closes the socket of a broken connection by itself, and its number may
    // belong to another connection by then.
    const std::lock_guard guard(m_mutex);
    if (m_statementRuns && m_socket >= 0)
        platform::shutdownSocket(m_socket);
}

bool Canceller::requestUnderWay() const
{
    return m_request.valid() && m_request.wait_for(0s) != std::future_status::ready;
}

void Canceller::sendRequest()
{
    if (m_statementRuns && m_statementMayWait && !requestUnderWay())
        m_request = m_key.send().share();
}

} // namespace lockscope
