#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/clientstate.h"

#include <QObject>

#include <memory>

namespace lockscope {

/// Names one watched ending; never reused by one ReleaseWatch.
enum class WatchId : quint64
{
};

/// The release stopwatch: sees what the server does after a simulated client has ended. One thread and one connection
/// of its own, kept ready while clients live, shared by all clients of one server. This class is the facade for the GUI
/// thread. A look every 2 ms at first, then every 10, 50, 200 ms and 1 s, for as long as the server keeps something of
/// the client. Never ends anything but the backend that watchTermination() names, and never guesses: what was not seen
/// stays empty.
class ReleaseWatch final : public QObject
{
    Q_OBJECT

public:
    explicit ReleaseWatch(Conninfo conninfo, QObject* parent = nullptr);
    ~ReleaseWatch() override; ///< returns within milliseconds: the worker is woken out of any wait
    Q_DISABLE_COPY_MOVE(ReleaseWatch)

    /// Opens the connection, so that it is there when a client ends. Harmless when it is open.
    void prepare();

    /// Learns what the backend holds and who waits for it; armed() follows, then the caller sends its signal and calls
    /// begun(). Also when the watch cannot see anything: then timelineChanged() has told why.
    [[nodiscard]] WatchId arm(ClientEnding ending, const BackendId& backend, const QList<LockKey>& keys);
    /// The signal was sent at that moment: looking starts.
    void begun(WatchId watch, SteadyTime sentAt);
    /// The same for ClientEnding::FromServer: the worker itself sends pg_terminate_backend, guarded by pid and start,
    /// right after learning, so that no connecting is measured. An error of it ends the watch.
    [[nodiscard]] WatchId watchTermination(const BackendId& backend, const QList<LockKey>& keys);
    /// Closes a watch that may never end: a frozen client's, a ghost waiter's.
    void stop(WatchId watch);

Q_SIGNALS:
    void armed(lockscope::WatchId watch);
    /// When watchTermination() sent its statement.
    void terminationSent(lockscope::WatchId watch, lockscope::SteadyTime sentAt);
    /// Times count from the moment of begun(); processGone is the caller's to fill in.
    void timelineChanged(lockscope::WatchId watch, const lockscope::ReleaseTimeline& timeline);

private:
    std::unique_ptr<class ReleaseWatchWorker> m_worker;
    quint64 m_lastWatch = 0;
};

} // namespace lockscope
