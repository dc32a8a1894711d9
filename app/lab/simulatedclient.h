#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/clientstate.h"

#include <QObject>

#include <chrono>
#include <memory>

namespace lockscope {

class ReleaseWatch;

/// A separate process (lockscope-client) with its own connection, made to be killed. This class lives on the GUI
/// thread, talks to the process over stdin and stdout (JSON lines, see protocol.h), and watches what the server does
/// when it ends. The connection parameters travel over stdin: no secret in argv or environment. The process dies with
/// the console. Never restarts a client by itself.
class SimulatedClient final : public QObject
{
    Q_OBJECT

public:
    /// watch is shared by the clients of one server, so that many clients need one more connection, not many. Without
    /// one the client makes its own.
    SimulatedClient(ClientId id, QString name, Conninfo conninfo, std::shared_ptr<ReleaseWatch> watch,
                    QObject* parent = nullptr);
    SimulatedClient(ClientId id, QString name, Conninfo conninfo, QObject* parent = nullptr);
    ~SimulatedClient() override; ///< kills the process and waits for it briefly
    Q_DISABLE_COPY_MOVE(SimulatedClient)

    void start();
    void acquire(const KeyInput& key, const LockRequest& request);
    void release(const KeyInput& key, LockShare share);
    void releaseAll();
    void work(std::chrono::milliseconds duration); ///< a running statement: pg_sleep
    void begin();
    void commit();
    void rollback();
    /// Ends the process; the timeline comes with stateChanged. FromServer goes through the connection of the release
    /// watch, and the process then ends by itself, unless it is frozen. Asking again (Kill after Terminate) starts a
    /// new timeline.
    void end(ClientEnding ending);
    void freeze();
    void thaw();

    [[nodiscard]] const ClientState& state() const { return m_state; }

Q_SIGNALS:
    void stateChanged(const lockscope::ClientState& state);
    void statementExecuted(const lockscope::StatementRecord& record);
    void finished(const lockscope::ClientState& state, const lockscope::Outcome& outcome);
    void releaseObserved(const lockscope::ClientState& state); ///< state.release is complete

private:
    class Private;
    std::unique_ptr<Private> d;
    ClientState m_state;
};

} // namespace lockscope
