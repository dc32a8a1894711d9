// What the thread of the lock view does to know who waits for whom, with readings that hurt: a long queue (the k-th
// waiter names k others, so 2 000 waiters are two million entries), a long chain, a crowd behind shared holders, and
// many locks with few waits. Prints JSON, asserts nothing.

#include "models/domain/waitgraph.h"
#include "tests/bench/churn.h"

#include <algorithm>

using namespace lockscope;
using namespace lockscope::bench;

namespace {

constexpr int rounds = 50;
constexpr quint32 database = 5;
constexpr ServerTime begin{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};

class Maker
{
public:
    void add(qint64 key, qint32 pid, LockMode mode, bool granted)
    {
        Lock lock;
        lock.target = LockTarget::advisory(database, LockKey::bigint(key));
        lock.mode = mode;
        lock.granted = granted;
        lock.backend = {.pid = pid, .backendStart = begin - std::chrono::seconds(pid)};
        if (!granted)
            lock.waitStart = begin + std::chrono::milliseconds(pid);
        m_snapshot.locks.append(lock);
        if (m_snapshot.backends.contains(pid))
            return;
        Backend backend;
        backend.id = lock.backend;
        backend.backendType = QStringLiteral("client backend");
        backend.applicationName = QStringLiteral("pod-%1").arg(pid);
        m_snapshot.backends.insert(pid, std::make_shared<const Backend>(backend));
    }
    void wait(qint64 key, qint32 pid, LockMode mode, const QList<qint32>& blockers)
    {
        add(key, pid, mode, false);
        m_snapshot.blockers.insert(pid, blockers);
    }
    Snapshot take()
    {
        m_snapshot.takenAt = begin + std::chrono::hours(1);
        std::sort(m_snapshot.locks.begin(), m_snapshot.locks.end(), identityLess);
        m_snapshot.totalLocks = m_snapshot.locks.size();
        return std::move(m_snapshot);
    }

private:
    Snapshot m_snapshot;
};

/// modeOf(place in the queue); who asks for the same mode as Share does not keep others of it out.
template <typename ModeOf>
Snapshot queue(int waiters, ModeOf modeOf)
{
    Maker maker;
    maker.add(1, 1, LockMode::Exclusive, true);
    QList<std::pair<qint32, LockMode>> ahead{{1, LockMode::Exclusive}};
    for (qint32 place = 0; place < waiters; ++place) {
        const LockMode mode = modeOf(place);
        QList<qint32> blockers;
        for (const auto& [pid, other] : ahead) {
            if (mode == LockMode::Exclusive || other == LockMode::Exclusive)
                blockers.append(pid);
        }
        const qint32 pid = 1000 + place * 7;
        std::sort(blockers.begin(), blockers.end());
        maker.wait(1, pid, mode, blockers);
        ahead.append({pid, mode});
    }
    return maker.take();
}

Snapshot chain(int waiters)
{
    Maker maker;
    maker.add(1, 1, LockMode::Exclusive, true);
    for (qint32 pid = 2; pid <= waiters + 1; ++pid) {
        maker.add(pid, pid, LockMode::Exclusive, true);
        maker.wait(pid - 1, pid, LockMode::Exclusive, {pid - 1});
    }
    return maker.take();
}

/// Each waiter is kept out by every holder: these edges are all true, and none is left out.
Snapshot crowd(int holders, int waiters)
{
    Maker maker;
    QList<qint32> blockers;
    for (qint32 pid = 1; pid <= holders; ++pid) {
        maker.add(1, pid, LockMode::Share, true);
        blockers.append(pid);
    }
    for (qint32 pid = holders + 1; pid <= holders + waiters; ++pid) {
        maker.wait(1, pid, LockMode::Exclusive, blockers);
        blockers.append(pid);
    }
    return maker.take();
}

/// 500 backends hold keys, and as many wait as are asked for, ten to a key.
Snapshot manyLocks(int locks, int waiters)
{
    Maker maker;
    for (int lock = 0; lock < locks; ++lock)
        maker.add(lock, 1 + lock % 500, LockMode::Exclusive, true);
    QList<qint32> blockers;
    for (int waiter = 0; waiter < waiters; ++waiter) {
        const int key = waiter / 10;
        if (waiter % 10 == 0)
            blockers = {1 + key % 500};
        maker.wait(key, 1000 + waiter, LockMode::Exclusive, blockers);
        blockers.append(1000 + waiter);
    }
    return maker.take();
}

QJsonObject measure(const Snapshot& snapshot)
{
    Samples building;
    WaitGraph graph;
    for (int round = 0; round < rounds; ++round)
        graph = building.measure([&] { return waitGraphOf(snapshot); });
    qint64 entries = 0;
    for (const QList<qint32>& blockers : snapshot.blockers)
        entries += blockers.size();
    return {{QStringLiteral("locks"), snapshot.locks.size()}, {QStringLiteral("entries"), entries},
            {QStringLiteral("nodes"), graph.nodes.size()},    {QStringLiteral("edges"), graph.edges.size()},
            {QStringLiteral("roots"), graph.roots.size()},    {QStringLiteral("graph"), building.json()}};
}

/// What reading every row once costs, for comparison.
QJsonObject measureScan(const Snapshot& snapshot)
{
    Samples scanning;
    qsizetype waiting = 0;
    for (int round = 0; round < rounds; ++round)
        waiting = scanning.measure([&] {
            return std::count_if(snapshot.locks.cbegin(), snapshot.locks.cend(),
                                 [](const Lock& lock) { return !lock.granted; });
        });
    return {{QStringLiteral("waiting"), waiting}, {QStringLiteral("scan"), scanning.json()}};
}

} // namespace

int main()
{
    const auto exclusive = [](int) { return LockMode::Exclusive; };
    const auto mixed = [](int place) { return place % 5 == 0 ? LockMode::Exclusive : LockMode::Share; };
    const Snapshot large = manyLocks(100'000, 100);
    print({{QStringLiteral("benchmark"), QStringLiteral("waitgraph")},
           {QStringLiteral("queueOf2000"), measure(queue(2000, exclusive))},
           {QStringLiteral("mixedQueueOf2000"), measure(queue(2000, mixed))},
           {QStringLiteral("chainOf2000"), measure(chain(2000))},
           {QStringLiteral("crowd500Behind500"), measure(crowd(500, 500))},
           {QStringLiteral("locks40000Waiters100"), measure(manyLocks(40'000, 100))},
           {QStringLiteral("locks100000Waiters100"), measure(large)},
           {QStringLiteral("locks100000Waiters0"), measure(manyLocks(100'000, 0))},
           {QStringLiteral("locks100000Scan"), measureScan(large)},
           {QStringLiteral("memory"), memoryJson()}});
    return 0;
}
