#pragma once

#include "app/lab/client/podboard.h"
#include "app/postgres/libpqconnection.h"

#include <mutex>
#include <optional>
#include <thread>

namespace lockscope {

/// One connection of a pod, on a thread of its own: takes a key, works without a statement, writes, unlocks on the same
/// connection, whatever happens. Replaces the connection when it is lost, as pools do. While it works it does not look
/// at the connection, as an application between two statements does not: that the session has ended is learnt from the
/// unlock. Never waits for a lock.
class PodWorker final
{
public:
    /// Called on the worker's thread when the first opening failed: the pod cannot start.
    using Failed = std::function<void(const Error&)>;

    /// board and abort outlive the worker; abort, when rung, ends any wait for the server.
    PodWorker(int connection, Conninfo conninfo, PodBoard* board, platform::WakeUp* abort, Failed failed);
    ~PodWorker(); ///< ends the thread
    Q_DISABLE_COPY_MOVE(PodWorker)

    void start();
    /// The next thing to do; the board gives a worker one at a time. Any thread.
    void give(const PodBoard::Job& job);
    /// Says goodbye to the server, without unlocking. Any thread; returns at once.
    void end();

private:
    void run();
    [[nodiscard]] Result<void> open();
    /// false: asked to end before it worked.
    [[nodiscard]] bool reopen();
    void serve(const PodBoard::Job& job);
    void unlock(const PodBoard::Job& job, std::optional<qint64> token);
    /// Whether the connection still answers; anything may have come from the server.
    [[nodiscard]] bool check();
    [[nodiscard]] QString holderOf(LockKey key);
    [[nodiscard]] QString lossOf(const Error& error) const;
    [[nodiscard]] bool isLost(const Error& error) const;
    /// false: asked to end meanwhile.
    [[nodiscard]] bool sleepFor(std::chrono::milliseconds duration);
    [[nodiscard]] std::optional<PodBoard::Job> takeJob();
    [[nodiscard]] bool isEnding();

    const int m_index;
    const Conninfo m_conninfo;
    PodBoard* const m_board;
    const Failed m_failed;
    LibpqConnection m_connection; ///< used only by the thread

    platform::WakeUp m_news;
    std::mutex m_mutex;
    std::optional<PodBoard::Job> m_job; ///< guarded by m_mutex
    bool m_ending = false;              ///< guarded by m_mutex
    std::thread m_thread;
};

} // namespace lockscope
