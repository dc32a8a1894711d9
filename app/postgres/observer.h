#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/linkstate.h"
#include "models/domain/serverinfo.h"
#include "models/domain/snapshot.h"

#include <QObject>
#include <QTimer>

#include <chrono>
#include <functional>
#include <memory>

namespace lockscope {

class ConnectionThread;
class LibpqConnection;
class ObserverWorker;

inline constexpr std::chrono::milliseconds shortestInterval{250};
inline constexpr std::chrono::milliseconds longestInterval{60'000};

struct ObserverOptions
{
    std::chrono::milliseconds interval{1000}; ///< from shortestInterval to longestInterval
    LockScope scope = LockScope::AdvisoryOnly;
    qint64 keptLocks = 250'000; ///< more rows than this are counted, not kept; waiting ones are always kept
    bool everyBackend = false;  ///< also those without locks
    double share = 0.05;        ///< polling takes at most this share of the time: the interval stretches
};

/// The one read-only connection that polls. This class is the facade for the GUI thread; a worker on a thread of its
/// own owns the libpq connection. One poll in flight; the timer is re-armed after the answer. Reconnects with back-off
/// and jitter, never after a refusal that trying again cannot change, and never closes a connection that still answers:
/// with a full lock table no new login succeeds while an open connection goes on working.
class Observer final : public QObject
{
    Q_OBJECT

public:
    Observer(const Conninfo& conninfo, const ObserverOptions& options, QObject* parent = nullptr);
    ~Observer() override; ///< returns at once: the worker is woken out of any wait and ends in the background
    Q_DISABLE_COPY_MOVE(Observer)

    void start();
    void setInterval(std::chrono::milliseconds interval);
    void setScope(LockScope scope); ///< polls at once
    void setPaused(bool paused);
    void setWatched(bool watched);    ///< false while nobody can see the answer: nothing is asked
    void setEveryBackend(bool every); ///< also reads backends without locks, with the next poll
    /// Runs work on the observer's thread between two polls, on its connection: warm and logged in, which matters when
    /// the lock table or the slots for connections are full. Without a live connection work gets an error at once. It
    /// must take less than a second and leave session and transaction state as they were.
    using Work = std::function<void(LibpqConnection& connection, const ServerInfo& server)>;
    void post(Work work, std::function<void(const Error&)> unreachable);
    void refreshNow();   ///< one poll at once, also when paused
    void reconnectNow(); ///< skips the back-off, and is the only way on after Refused

    [[nodiscard]] const LinkState& link() const { return m_link; }

Q_SIGNALS:
    void serverIdentified(const lockscope::ServerInfo& server); ///< after each successful login
    void snapshotTaken(const lockscope::SnapshotPointer& snapshot);
    void linkChanged(const lockscope::LinkState& link);

private:
    void checkStaleness();

    std::unique_ptr<ConnectionThread> m_thread;
    ObserverWorker* m_worker; ///< lives on m_thread, deleted there when it ends
    QTimer m_stalenessTimer;
    LinkState m_link;
    bool m_watched = true;
    SteadyTime m_askedAgain{}; ///< end of the last pause: what was missed in it is not a fault of the link
};

/// How long to wait before attempt number `attempt` (1 = the first one after a loss): 1 s doubling up to 60 s. jitter
/// from 0 to 1 adds up to a quarter, so that many consoles do not come back in step. A server that says it is starting
/// is asked more often.
[[nodiscard]] std::chrono::milliseconds reconnectDelay(int attempt, double jitter, bool serverIsStarting);

/// The interval in force when a poll took this long and may take `share` of the time.
[[nodiscard]] std::chrono::milliseconds stretchedInterval(std::chrono::milliseconds wanted,
                                                          std::chrono::microseconds poll, double share);

struct OneReading
{
    ServerInfo server;
    SnapshotPointer snapshot;
};
/// One reading without an observer, for the command line: connects, asks, closes. Blocks up to the deadline for each
/// step.
[[nodiscard]] Result<OneReading> readOnce(const Conninfo& conninfo, LockScope scope,
                                          std::chrono::milliseconds deadline);

} // namespace lockscope
