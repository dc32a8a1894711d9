#pragma once

#include "app/lab/pool/checkout.h"
#include "app/postgres/libpqconnection.h"

#include <QByteArray>
#include <QObject>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace lockscope {

/// The thread of one measurement: its connections, its keys, its loop. Signals are emitted on that thread. Ends when
/// the plan is carried out, on the first error, or when the object is destroyed, which waits for it.
class PoolMeasureThread final : public QObject
{
    Q_OBJECT

public:
    PoolMeasureThread(Conninfo conninfo, const HitRatePlan& plan);
    ~PoolMeasureThread() override;
    Q_DISABLE_COPY_MOVE(PoolMeasureThread)

    void start(); ///< once, after the signals are connected

Q_SIGNALS:
    void progress(const lockscope::HitRate& rate);
    void finished(const QList<lockscope::HitRate>& rates);
    void failed(const lockscope::Error& error);

private:
    void measure();
    [[nodiscard]] Result<void> openTo(int size);
    [[nodiscard]] Result<HitRate> measureSize(int size);
    /// One acquire on a picked connection, one unlock on another pick, and cleaning up when that missed.
    [[nodiscard]] Result<bool> pairHits(Checkout& checkout);
    [[nodiscard]] Result<bool> ask(int slot, const QByteArray& statement);
    [[nodiscard]] QByteArray nextKey();

    const Conninfo m_conninfo;
    const HitRatePlan m_plan;
    const qint32 m_keyClass; ///< first half of all keys: random, so that nobody's key is touched
    qint32 m_lastKey = 0;
    platform::WakeUp m_wakeUp;
    std::atomic<bool> m_ending = false;
    std::vector<std::unique_ptr<LibpqConnection>> m_connections; ///< used only by the thread
    std::thread m_thread;
};

} // namespace lockscope
