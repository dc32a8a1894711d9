#pragma once

#include "app/lab/releasewatch.h"
#include "app/postgres/libpqconnection.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace lockscope {

/// Everything of the release watch that happens on its own thread: owns the connection, learns, looks, measures.
/// Tasks come from the GUI thread through post(); answers go back through the two callbacks, called on the worker's
/// thread.
class ReleaseWatchWorker final
{
public:
    struct Callbacks
    {
        std::function<void(WatchId)> armed;
        std::function<void(WatchId, SteadyTime)> sent;
        std::function<void(WatchId, const ReleaseTimeline&)> changed;
    };

    ReleaseWatchWorker(Conninfo conninfo, Callbacks callbacks);
    ~ReleaseWatchWorker(); ///< ends the thread
    Q_DISABLE_COPY_MOVE(ReleaseWatchWorker)

    void prepare();
    void arm(WatchId watch, ClientEnding ending, const BackendId& backend, const QList<LockKey>& keys);
    void begun(WatchId watch, SteadyTime sentAt);
    void stop(WatchId watch);

private:
    struct Waiter
    {
        qint32 pid = 0;
        LockKey key;
        QString applicationName;
    };
    struct Watch
    {
        BackendId backend;
        ReleaseTimeline timeline;
        QList<Waiter> waiters;
        std::optional<SteadyTime> sentAt;
        SteadyTime lastLook;
        SteadyTime nextLook;
    };

    void post(std::function<void()> task);
    void run();
    void learn(Watch& watch);
    void terminate(WatchId id, Watch& watch);
    void lookAtAllDue();
    void look(WatchId id, Watch& watch);
    static bool judge(Watch& watch, const QueryAnswer& answer, std::chrono::microseconds seenAt);
    [[nodiscard]] std::optional<SteadyTime> nextLook() const;
    void fail(Watch& watch, const Error& error);
    Result<void> open();
    Result<QueryAnswer> ask(const QByteArray& statement);

    const Conninfo m_conninfo;
    const Callbacks m_callbacks;
    platform::WakeUp m_wakeUp;
    LibpqConnection m_connection{&m_wakeUp}; ///< made here, used only by the worker's thread
    std::map<WatchId, Watch> m_watches;      ///< worker's thread only

    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<std::function<void()>> m_tasks; ///< guarded by m_mutex
    bool m_ending = false;                     ///< guarded by m_mutex
    std::thread m_thread;                      ///< last: everything else is there when it starts
};

} // namespace lockscope
