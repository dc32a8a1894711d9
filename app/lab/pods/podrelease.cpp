#include "app/lab/pods/podrelease.h"

#include <algorithm>

namespace lockscope {

namespace {

using std::chrono::microseconds;

/// The person asked for the end: a watch that cannot get ready in this time must not hold it up.
constexpr std::chrono::milliseconds armingDeadline{2500};

/// The later of two moments, and nothing as long as one is not there.
std::optional<microseconds> latest(const std::optional<microseconds>& a, const std::optional<microseconds>& b)
{
    return a && b ? std::optional(std::max(*a, *b)) : std::nullopt;
}

} // namespace

PodRelease::PodRelease(std::shared_ptr<ReleaseWatch> watch, QObject* parent)
    : QObject(parent)
    , m_watch(std::move(watch))
{
    m_deadline.setSingleShot(true);
    m_deadline.setInterval(armingDeadline);
    connect(&m_deadline, &QTimer::timeout, this, &PodRelease::ready);
    connect(m_watch.get(), &ReleaseWatch::armed, this, [this](WatchId id) {
        if (m_unarmed.remove(static_cast<quint64>(id)) && m_unarmed.isEmpty() && m_deadline.isActive()) {
            m_deadline.stop();
            Q_EMIT ready();
        }
    });
    connect(m_watch.get(), &ReleaseWatch::terminationSent, this, [this](WatchId id, SteadyTime moment) {
        if (m_parts.contains(id) && !m_sentAt)
            m_sentAt = moment;
    });
    connect(m_watch.get(), &ReleaseWatch::timelineChanged, this, &PodRelease::takeTimeline);
}

PodRelease::~PodRelease()
{
    stop();
}

void PodRelease::arm(ClientEnding ending, const QList<Watched>& backends)
{
    stop();
    m_sentAt.reset();
    m_processGone.reset();
    m_timeline = ReleaseTimeline{.ending = ending};
    for (const Watched& one : backends) {
        const WatchId id = ending == ClientEnding::FromServer ? m_watch->watchTermination(one.backend, one.keys)
                                                              : m_watch->arm(ending, one.backend, one.keys);
        m_parts[id] = {.ending = ending, .backendPid = one.backend.pid, .keys = one.keys};
        if (ending != ClientEnding::FromServer)
            m_unarmed.insert(static_cast<quint64>(id));
    }
    join();
    if (ending == ClientEnding::FromServer)
        return;
    if (m_unarmed.isEmpty()) // there is no backend to look at
        Q_EMIT ready();
    else
        m_deadline.start();
}

void PodRelease::begun(SteadyTime sentAt)
{
    m_deadline.stop();
    m_sentAt = sentAt;
    for (const auto& [id, part] : m_parts)
        m_watch->begun(id, sentAt);
}

void PodRelease::stop()
{
    m_deadline.stop();
    for (const auto& [id, part] : m_parts)
        m_watch->stop(id);
    m_parts.clear();
    m_unarmed.clear();
    m_timeline.reset();
}

void PodRelease::setProcessGone(SteadyTime moment)
{
    if (!m_sentAt)
        return;
    m_processGone = std::max(microseconds(0), std::chrono::duration_cast<microseconds>(moment - *m_sentAt));
    join();
}

void PodRelease::takeTimeline(WatchId id, const ReleaseTimeline& timeline)
{
    const auto part = m_parts.find(id);
    if (part == m_parts.end())
        return;
    part->second = timeline;
    join();
    Q_EMIT changed();
}

void PodRelease::join()
{
    ReleaseTimeline joined;
    joined.ending = m_timeline->ending;
    joined.backendGone = joined.keysFree = microseconds(0);
    joined.finished = true;
    for (const auto& [id, part] : m_parts) {
        // The backend that held something is the one to name.
        if (joined.backendPid == 0 || (joined.keys.isEmpty() && !part.keys.isEmpty()))
            joined.backendPid = part.backendPid;
        joined.keys.append(part.keys);
        joined.backendGone = latest(joined.backendGone, part.backendGone);
        joined.keysFree = latest(joined.keysFree, part.keysFree);
        if (part.nextGranted && (!joined.nextGranted || *part.nextGranted < *joined.nextGranted)) {
            joined.nextGranted = part.nextGranted;
            joined.nextPid = part.nextPid;
            joined.nextApplicationName = part.nextApplicationName;
        }
        joined.anyoneWaited = joined.anyoneWaited || part.anyoneWaited;
        joined.grain = std::max(joined.grain, part.grain);
        joined.finished = joined.finished && part.finished;
        if (part.error && !joined.error)
            joined.error = part.error;
    }
    if (m_parts.empty()) {
        joined.backendGone.reset();
        joined.keysFree.reset();
    }
    joined.processGone = m_processGone;
    const bool waitsForProcess = joined.ending != ClientEnding::FromServer && !m_processGone;
    joined.finished = joined.finished && !waitsForProcess;
    m_timeline = joined;
}

} // namespace lockscope
