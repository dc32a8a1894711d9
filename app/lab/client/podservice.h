#pragma once

#include "app/lab/client/podworker.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace lockscope {

/// lockscope-client in its pod role: a pool of connections with a thread each, and one board that says who may try.
/// run() belongs to the thread that reads commands; end() may be called on any. Never starts twice.
class PodService final
{
public:
    /// abort outlives the service; ringing it ends any wait for the server.
    PodService(platform::WakeUp* abort, PodBoard::Emit emitEvent);
    ~PodService();
    Q_DISABLE_COPY_MOVE(PodService)

    void run(const protocol::Command& command);
    /// Blocks until the pod is over; returns the exit code of the process. The connections have said goodbye then.
    [[nodiscard]] int wait();
    void end();

private:
    void open(const protocol::OpenPod& command);
    void finish(int code);

    platform::WakeUp* const m_abort;
    const PodBoard::Emit m_emit;
    std::mutex m_mutex;
    std::condition_variable m_over;
    std::optional<int> m_code;         ///< guarded by m_mutex
    std::unique_ptr<PodBoard> m_board; ///< made once, under m_mutex; so are the workers
    std::vector<std::unique_ptr<PodWorker>> m_workers;
};

} // namespace lockscope
