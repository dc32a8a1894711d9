#pragma once

#include "app/postgres/libpqconnection.h"
#include "models/domain/contention.h"
#include "models/domain/lockrequest.h"

#include <QList>

#include <atomic>
#include <mutex>
#include <random>
#include <thread>

namespace lockscope {

/// One client of a contention run: takes a key, holds it, gives it back, again and again. open(), run() and close() on
/// one thread at a time; counts() and wake() may be called from others. Never takes a second key while it has one, and
/// counts nothing once the run is to end: takes that are let go then would look quicker than they were.
class ContentionWorker final
{
public:
    /// ending outlives the worker; set, it ends run().
    ContentionWorker(Conninfo conninfo, ContentionSpec spec, int number, qint32 keyClass,
                     const std::atomic_bool& ending);
    Q_DISABLE_COPY_MOVE(ContentionWorker)

    [[nodiscard]] Result<void> open();
    /// Until `ending` is set; an error ends it early.
    [[nodiscard]] Result<void> run();
    void close() { m_connection.close(); } ///< not while it runs
    /// Brings it back from any wait, a login included, and for good: the connection is closed, so that the server frees
    /// what it holds.
    void wake() { m_wakeUp.ring(); }
    [[nodiscard]] ContentionClient counts() const;

private:
    /// False: given up. What is granted is counted.
    [[nodiscard]] Result<bool> take(LockKey key, LockShare share);
    [[nodiscard]] Result<bool> waitInServer(LockKey key, LockShare share);
    [[nodiscard]] Result<bool> tryAgainAndAgain(LockKey key, LockShare share);
    void hold();
    void sleep(std::chrono::microseconds time);
    template <typename Change>
    void count(Change change);

    const Conninfo m_conninfo;
    const ContentionSpec m_spec;
    const int m_number;
    const qint32 m_keyClass;
    const std::atomic_bool& m_ending;
    platform::WakeUp m_wakeUp;
    LibpqConnection m_connection{&m_wakeUp};
    std::mt19937 m_random;
    mutable std::mutex m_mutex;
    ContentionClient m_counts; ///< guarded by m_mutex
};

} // namespace lockscope
