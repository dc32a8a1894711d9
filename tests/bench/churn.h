#pragma once

#include "models/domain/snapshot.h"

#include <QJsonObject>

#include <random>
#include <vector>

namespace lockscope::bench {

/// A server that holds many advisory locks of 100 backends, a few waiters among them, and from one reading to the next
/// replaces a share of its locks. The same sequence in each run.
class Churn
{
public:
    /// queue: so many more backends wait for one key, each blocked by its holder and by all who came before.
    explicit Churn(int locks, int queue = 0);

    /// The next reading, a second later: one lock in a hundred left and as many came, and likewise in the queue.
    [[nodiscard]] SnapshotPointer next();
    /// Who holds the key of the queue.
    [[nodiscard]] static BackendId holder();

private:
    [[nodiscard]] Lock newLock();
    void joinQueue();
    void addQueue(Snapshot& snapshot) const;

    std::mt19937 m_random{1};
    std::vector<Lock> m_locks;
    QHash<qint32, BackendPointer> m_backends;
    std::vector<Lock> m_queue; ///< who waits longest first
    qint32 m_lastPid = 1000;
    qint64 m_lastKey = 0;
    int m_seconds = 0;
};

/// Processor time of this thread.
[[nodiscard]] double processorMilliseconds();

/// Milliseconds of each round: on the wall clock, and of processor time, which a busy machine does not spoil.
class Samples
{
public:
    template <typename Function>
    auto measure(Function&& function)
    {
        const SteadyTime begin = std::chrono::steady_clock::now();
        const double processorBegin = processorMilliseconds();
        auto result = function();
        m_processorMilliseconds.push_back(processorMilliseconds() - processorBegin);
        m_milliseconds.push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
        return result;
    }
    /// {"medianMs", "p99Ms", "maxMs", "processorMedianMs", "processorP99Ms", "rounds"}
    [[nodiscard]] QJsonObject json() const;

private:
    std::vector<double> m_milliseconds;
    std::vector<double> m_processorMilliseconds;
};

/// Resident memory of this process now, and at its highest.
[[nodiscard]] QJsonObject memoryJson();

void print(const QJsonObject& object);

} // namespace lockscope::bench
