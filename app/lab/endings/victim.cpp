#include "app/lab/endings/victim.h"

namespace lockscope {

Victim::Victim(std::shared_ptr<ReleaseWatch> watch, QObject* parent)
    : QObject(parent)
    , m_watch(std::move(watch))
{
    connect(m_watch.get(), &ReleaseWatch::armed, this, [this](WatchId id) {
        if (id != m_watchId || !m_act)
            return;
        const auto act = std::exchange(m_act, nullptr);
        const Result<SteadyTime> at = act();
        if (!at) {
            Q_EMIT failed(at.error());
            return;
        }
        m_watch->begun(id, *at);
        Q_EMIT ended(*at);
    });
    connect(m_watch.get(), &ReleaseWatch::timelineChanged, this, [this](WatchId id, const ReleaseTimeline& timeline) {
        if (id == m_watchId)
            Q_EMIT timelineChanged(timeline);
    });
}

Victim::~Victim()
{
    if (m_watchId)
        m_watch->stop(*m_watchId);
}

void Victim::watchWhile(const BackendId& backend, LockKey key, std::function<Result<SteadyTime>()> act)
{
    m_act = std::move(act);
    m_watchId = m_watch->arm(ClientEnding::Kill, backend, {key});
}

} // namespace lockscope
