#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/poolstate.h"

#include <QObject>

#include <memory>

namespace lockscope {

class PoolMeasureThread;

/// Measures how often the unlock of the naive lock service finds the connection that has the lock: for each size of
/// the pool so many pairs of a real acquire and a real unlock, each on a connection that the checkout order picks. One
/// thread drives all connections. Facade for the GUI thread. Touches keys of its own only and leaves none behind.
class PoolMeasure final : public QObject
{
    Q_OBJECT

public:
    explicit PoolMeasure(Conninfo conninfo, QObject* parent = nullptr);
    ~PoolMeasure() override; ///< as stop(), and waits some milliseconds for the thread, which is woken out of any wait
    Q_DISABLE_COPY_MOVE(PoolMeasure)

    /// Ends a measurement under way first. Answered by progress() and then by finished() or failed(): a plan that
    /// cannot be carried out, a refused login, a pooler in between (its backends change, so that a missed unlock could
    /// not be cleaned up).
    void start(const HitRatePlan& plan);
    /// Nothing is emitted any more; the connections are closed.
    void stop();
    [[nodiscard]] bool isRunning() const;

Q_SIGNALS:
    /// About 20 times a second while a size is measured, and once when it is complete (unlocks as planned).
    void progress(const lockscope::HitRate& rate);
    void finished(const QList<lockscope::HitRate>& rates);
    void failed(const lockscope::Error& error);

private:
    const Conninfo m_conninfo;
    std::unique_ptr<PoolMeasureThread> m_thread;
    quint64 m_run = 0; ///< answers of an earlier run are not passed on
    bool m_running = false;
};

} // namespace lockscope
