#pragma once

#include "models/domain/snapshot.h"

#include <QJsonObject>

#include <ctime>
#include <random>
#include <vector>

namespace lockscope::bench {

/// A server that holds many advisory locks of 100 backends, a few waiters among them, and from one reading to the next
/// replaces a share of its locks. The same sequence in each run.
class Churn
{
public:
    explicit Churn(int locks);

    /// The next reading, a second later: one lock in a hundred left and as many came.
    [[nodiscard]] SnapshotPointer next();

private:
    [[nodiscard]] Lock newLock();

    std::mt19937 m_random{1};
    std::vector<Lock> m_locks;
    QHash<qint32, BackendPointer> m_backends;
    qint64 m_lastKey = 0;
    int m_seconds = 0;
};

/// Milliseconds of each round: on the wall clock, and of processor time, which a busy machine does not spoil.
class Samples
{
public:
    template <typename Function>
    auto measure(Function&& function)
    {
        const SteadyTime begin = std::chrono::steady_clock::now();
        const std::clock_t processorBegin = std::clock();
        auto result = function();
        m_processorMilliseconds.push_back(static_cast<double>(std::clock() - processorBegin) * 1000.0 / CLOCKS_PER_SEC);
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
