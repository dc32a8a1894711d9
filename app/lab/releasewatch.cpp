#include "app/lab/releasewatch.h"

#include "app/lab/releasewatchworker.h"

namespace lockscope {

ReleaseWatch::ReleaseWatch(Conninfo conninfo, QObject* parent)
    : QObject(parent)
{
    // The worker is joined before this object goes, and what it has posted by then is dropped with the object.
    m_worker = std::make_unique<ReleaseWatchWorker>(
        std::move(conninfo),
        ReleaseWatchWorker::Callbacks{
            .armed =
                [this](WatchId watch) {
                    QMetaObject::invokeMethod(
                        this, [=, this] { Q_EMIT armed(watch); }, Qt::QueuedConnection);
                },
            .sent =
                [this](WatchId watch, SteadyTime sentAt) {
                    QMetaObject::invokeMethod(
                        this, [=, this] { Q_EMIT terminationSent(watch, sentAt); }, Qt::QueuedConnection);
                },
            .changed =
                [this](WatchId watch, const ReleaseTimeline& timeline) {
                    QMetaObject::invokeMethod(
                        this, [=, this] { Q_EMIT timelineChanged(watch, timeline); }, Qt::QueuedConnection);
                },
        });
}

ReleaseWatch::~ReleaseWatch() = default;

void ReleaseWatch::prepare()
{
    m_worker->prepare();
}

WatchId ReleaseWatch::arm(ClientEnding ending, const BackendId& backend, const QList<LockKey>& keys)
{
    const WatchId watch{++m_lastWatch};
    m_worker->arm(watch, ending, backend, keys);
    return watch;
}

void ReleaseWatch::begun(WatchId watch, SteadyTime sentAt)
{
    m_worker->begun(watch, sentAt);
}

WatchId ReleaseWatch::watchTermination(const BackendId& backend, const QList<LockKey>& keys)
{
    return arm(ClientEnding::FromServer, backend, keys);
}

void ReleaseWatch::stop(WatchId watch)
{
    m_worker->stop(watch);
}

} // namespace lockscope
