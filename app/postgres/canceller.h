#pragma once

#include "app/platform/platform.h"
#include "app/postgres/cancelkey.h"

#include <QtGlobal>

#include <future>
#include <mutex>

namespace lockscope {

enum class StatementPurpose
{
    Housekeeping, ///< what the console sends by itself: always sent
    Person,       ///< what the person asked for, answered at once: not sent when the action is cancelled before
    PersonWaits,  ///< the same, but it may wait for a lock: cancelled while it runs, too
};

/// What other threads may do to a session whose own thread is busy: cancel its action, wake its login, end its socket.
/// Shared by the facade and the worker; every function is thread-safe and only statementStarted() ever waits. A cancel
/// names the action it is for, and the next statement is held back until a request under way has arrived, because the
/// server would apply a late one to whatever runs then.
class Canceller final
{
public:
    Canceller() = default;
    Q_DISABLE_COPY_MOVE(Canceller)

    // For the thread of the connection.
    void attach(pg_conn* connection); ///< an open connection: takes its cancel key and its socket
    void detach();                    ///< before it is closed
    void actionStarted(quint64 action);
    void actionEnded();
    /// False: the person has cancelled this action, or stop() was called, so the statement must not be sent. Waits
    /// while a cancel request is under way.
    [[nodiscard]] bool statementStarted(StatementPurpose purpose);
    void statementEnded();

    // For any thread.
    /// Cancels this action, running or still queued; nothing happens when it has ended. A running statement that cannot
    /// wait is let be: had the server done its work already, the error would hide that. To be called again every 100 ms
    /// until the action ends: a request that overtakes its statement finds an idle server process and has no effect.
    void cancel(quint64 action);
    /// Cancels the action under way and all later ones, and wakes a login. Not to be taken back.
    void stop();
    [[nodiscard]] bool isStopped() const;
    /// Ends the socket below a running statement: the call returns at once and the link is broken.
    void shutDownSocket();
    [[nodiscard]] platform::WakeUp* wakeUp() { return &m_wakeUp; }

private:
    [[nodiscard]] bool requestUnderWay() const;
    void sendRequest();

    mutable std::mutex m_mutex;
    platform::WakeUp m_wakeUp;
    CancelKey m_key;
    std::shared_future<bool> m_request;
    qintptr m_socket = -1;
    quint64 m_action = 0; ///< the action under way, or the last one
    quint64 m_cancelledAction = 0;
    bool m_actionRuns = false;
    bool m_statementRuns = false;
    bool m_statementMayWait = false;
    bool m_stopped = false;
};

} // namespace lockscope
