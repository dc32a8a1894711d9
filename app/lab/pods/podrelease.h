#pragma once

#include "app/lab/releasewatch.h"

#include <QObject>
#include <QSet>
#include <QTimer>

#include <map>
#include <optional>

namespace lockscope {

/// What the server does after a pod was ended: a pod has several backends, and this joins their watches into one
/// timeline, in which the last backend to go counts. GUI thread. Never sends a signal itself, but lets the watch
/// terminate backends.
class PodRelease final : public QObject
{
    Q_OBJECT

public:
    struct Watched
    {
        BackendId backend;
        QList<LockKey> keys;
    };

    explicit PodRelease(std::shared_ptr<ReleaseWatch> watch, QObject* parent = nullptr);
    ~PodRelease() override; ///< stops what is being watched
    Q_DISABLE_COPY_MOVE(PodRelease)

    void prepare() { m_watch->prepare(); }
    /// Starts anew: learns, then ready() asks for the signal (at the latest after 2.5 s), and the caller says when it
    /// sent it. For FromServer nothing is asked: the watch itself terminates the backends.
    void arm(ClientEnding ending, const QList<Watched>& backends);
    void begun(SteadyTime sentAt);
    void stop();
    void setProcessGone(SteadyTime moment);

    /// Empty while nothing is or was watched.
    [[nodiscard]] const std::optional<ReleaseTimeline>& timeline() const { return m_timeline; }
    [[nodiscard]] std::optional<SteadyTime> sentAt() const { return m_sentAt; }

Q_SIGNALS:
    void ready();
    void changed();

private:
    void takeTimeline(WatchId id, const ReleaseTimeline& timeline);
    void join();

    const std::shared_ptr<ReleaseWatch> m_watch;
    std::map<WatchId, ReleaseTimeline> m_parts;
    QSet<quint64> m_unarmed;
    std::optional<ReleaseTimeline> m_timeline;
    std::optional<SteadyTime> m_sentAt;
    std::optional<std::chrono::microseconds> m_processGone;
    QTimer m_deadline;
};

} // namespace lockscope
