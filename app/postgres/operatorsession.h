#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/sessionstate.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>

namespace lockscope {

class Canceller;
class ConnectionThread;
class OperatorSessionWorker;

/// A named dedicated connection that a person acquires and releases on: one QSqlDatabase, made, used and removed on one
/// thread by one worker. This class is the facade for the GUI thread: every call returns at once and is answered by
/// signals. Statements run one after another in the order they were asked for; cancel() overtakes them. Never
/// re-acquires, never reopens: a lost session stays lost until the person makes a new one.
class OperatorSession final : public QObject
{
    Q_OBJECT

public:
    /// The server knows the session as "lockscope: <name>", cut to the 63 bytes that it keeps.
    OperatorSession(SessionId id, QString name, Conninfo conninfo, QObject* parent = nullptr);
    /// Returns at once; what runs is cancelled and the connection closed in the background, within about two seconds
    /// even on a link that died (the socket is shut down).
    ~OperatorSession() override;
    Q_DISABLE_COPY_MOVE(OperatorSession)

    /// Once. Ends in phase Idle or Failed; what is asked for meanwhile waits.
    void open();
    void acquire(const KeyInput& key, const LockRequest& request);
    void release(const KeyInput& key, LockShare share);
    void releaseAll();
    void begin();
    void commit();
    void rollback();
    /// Cancels the running action, or the first one that waits for its turn; a finished one is not touched. The request
    /// goes out on a thread of its own, because it blocks while the postmaster hangs. When it has no effect within two
    /// seconds, finished() says so with action "cancel", and the action itself goes on.
    void cancel();
    /// Cancels what runs and waits, rolls back and says goodbye: phase Closed, locks released. On a link that does not
    /// answer the socket is shut down after 1.5 s: phase Lost, locks unknown.
    void disconnectFromServer();
    /// The observer saw that the backend of this (lost) session is gone: unknown locks become lost.
    void backendConfirmedGone();

    [[nodiscard]] const SessionState& state() const { return m_state; }

Q_SIGNALS:
    void stateChanged(const lockscope::SessionState& state);
    void statementExecuted(const lockscope::StatementRecord& record);
    /// Each finished action; also stored as state().lastOutcome.
    void finished(const lockscope::SessionState& state, const lockscope::Outcome& outcome);

private:
    void ask(const std::function<void(OperatorSessionWorker&, quint64)>& action);
    void tell(const std::function<void(OperatorSessionWorker&)>& message);
    void repeatCancel();

    std::shared_ptr<Canceller> m_canceller;
    std::unique_ptr<ConnectionThread> m_thread;
    OperatorSessionWorker* m_worker; ///< lives on m_thread, which deletes it
    SessionState m_state;
    quint64 m_asked = 0;    ///< number of the last action asked for
    quint64 m_finished = 0; ///< number of the last action that finished
    quint64 m_cancelled = 0;
    SteadyTime m_cancelledAt{};
    QTimer m_cancelTimer;
    QTimer m_goodbyeTimer;
};

/// The application_name of a session: "lockscope: alice". At most 63 bytes, cut between characters; what cannot travel
/// in a connection string of QPSQL (controls and semicolons) becomes a question mark, as the server itself does it.
[[nodiscard]] QString applicationNameOf(const QString& sessionName);

} // namespace lockscope
