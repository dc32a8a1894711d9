#include "app/lab/probe/probestop.h"

namespace lockscope {

void ProbeStop::stop()
{
    const std::lock_guard lock(m_mutex);
    m_stopped = true;
    for (platform::WakeUp* const wakeUp : m_wakeUps)
        wakeUp->ring();
}

void ProbeStop::add(platform::WakeUp* wakeUp)
{
    const std::lock_guard lock(m_mutex);
    m_wakeUps.push_back(wakeUp);
}

void ProbeStop::remove(platform::WakeUp* wakeUp)
{
    const std::lock_guard lock(m_mutex);
    std::erase(m_wakeUps, wakeUp);
}

} // namespace lockscope
