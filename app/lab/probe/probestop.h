#pragma once

#include "app/platform/platform.h"

#include <atomic>
#include <mutex>
#include <vector>

namespace lockscope {

/// Ends all waits of a probe's clients at once, from any thread and for good.
class ProbeStop
{
public:
    ProbeStop() = default;
    Q_DISABLE_COPY_MOVE(ProbeStop)
    void stop();
    [[nodiscard]] bool isStopped() const { return m_stopped; }

private:
    friend class ProbeClient;
    void add(platform::WakeUp* wakeUp);
    void remove(platform::WakeUp* wakeUp);

    std::mutex m_mutex;
    std::vector<platform::WakeUp*> m_wakeUps; ///< guarded by m_mutex
    std::atomic<bool> m_stopped = false;
};

} // namespace lockscope
