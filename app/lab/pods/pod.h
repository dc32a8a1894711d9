#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/podstate.h"

#include <QObject>

#include <chrono>
#include <memory>

namespace lockscope {

class ReleaseWatch;

/// One pod: a process (lockscope-client, in its pod role) with a pool of its own and a map of the keys that it believes
/// it holds. Facade for the GUI thread; talks to the process over stdin and stdout. The process dies with the console.
/// Never restarts it by itself.
class Pod final : public QObject
{
    Q_OBJECT

public:
    Pod(QString name, Conninfo conninfo, int connections, std::shared_ptr<ReleaseWatch> watch,
        QObject* parent = nullptr);
    ~Pod() override; ///< kills the process
    Q_DISABLE_COPY_MOVE(Pod)

    void start();
    /// A request, as by HTTP: lock the key, work for so long, write to the resource, unlock on the same connection.
    /// Answered by answered() with 202 and later 200 or 500, or at once with 409 or 503; with 502 when the pod ended
    /// before it had answered for good, and 503 when it is not running. Never from inside this call. Returns the
    /// request's number.
    quint64 sync(LockKey key, std::chrono::milliseconds work);
    /// Ends the process, the timeline comes with stateChanged. FromServer terminates the sessions that hold a key (when
    /// none does, the first one): the pod goes on, learns it when it uses them, and replaces them.
    void end(ClientEnding ending);
    void freeze();
    void thaw();

    [[nodiscard]] const PodState& state() const;
    /// When the pod wrote last, by the clock of its own process, which is ours: the words of several pods may be read
    /// in another order than they were said.
    [[nodiscard]] SteadyTime wroteAt() const;
    /// When the signal of the last end() was sent; empty before.
    [[nodiscard]] std::optional<SteadyTime> endingSentAt() const;

Q_SIGNALS:
    void stateChanged(const lockscope::PodState& state);
    void answered(const lockscope::PodAnswer& answer);
    /// The pod writes to what the lock protects, with the fencing token it got (0: none, on a standby); the resource
    /// decides. Comes before the last answer of the request.
    void wrote(lockscope::LockKey key, qint64 token);
    void releaseObserved(const lockscope::PodState& state);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace lockscope
