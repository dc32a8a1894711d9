#include "tests/bench/churn.h"

#include <QFile>
#include <QJsonDocument>

#include <algorithm>
#include <cstdio>
#include <ctime>

namespace lockscope::bench {

namespace {

constexpr qint32 backendCount = 100;
constexpr quint32 database = 5;
constexpr ServerTime begin{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};

double quantile(std::vector<double> values, double share)
{
    if (values.empty())
        return 0.0;
    std::sort(values.begin(), values.end());
    return values[std::min(static_cast<size_t>(share * static_cast<double>(values.size())), values.size() - 1)];
}

BackendPointer makeBackend(const BackendId& id, const QString& state)
{
    Backend backend;
    backend.id = id;
    backend.databaseOid = database;
    backend.database = QStringLiteral("shop");
    backend.user = QStringLiteral("role%1").arg(id.pid % 7);
    backend.applicationName = QStringLiteral("pod-%1").arg(id.pid);
    backend.clientAddress = QStringLiteral("10.0.0.%1").arg(id.pid);
    backend.clientPort = 5000 + id.pid;
    backend.backendType = QStringLiteral("client backend");
    backend.state = state;
    backend.stateChange = begin - std::chrono::minutes(5);
    backend.queryStart = backend.stateChange;
    backend.query = QStringLiteral("SELECT pg_catalog.pg_advisory_lock(%1)").arg(id.pid);
    return std::make_shared<const Backend>(backend);
}

LockTarget queuedKey()
{
    return LockTarget::advisory(database, LockKey::bigint(0));
}

} // namespace

Churn::Churn(int locks, int queue)
{
    for (qint32 pid = 1; pid <= backendCount; ++pid) {
        const BackendId id{.pid = pid, .backendStart = begin - std::chrono::seconds(pid)};
        m_backends.insert(pid, makeBackend(id, QStringLiteral("idle")));
    }
    for (int lock = 0; lock < locks; ++lock)
        m_locks.push_back(newLock());
    for (int waiter = 0; waiter < queue; ++waiter)
        joinQueue();
}

BackendId Churn::holder()
{
    return {.pid = 1, .backendStart = begin - std::chrono::seconds(1)};
}

void Churn::joinQueue()
{
    Lock lock;
    lock.target = queuedKey();
    lock.mode = LockMode::Exclusive;
    lock.backend = {.pid = ++m_lastPid, .backendStart = begin + std::chrono::seconds(m_seconds)};
    lock.waitStart = begin + std::chrono::seconds(m_seconds) + std::chrono::microseconds(m_lastPid);
    m_backends.insert(m_lastPid, makeBackend(lock.backend, QStringLiteral("active")));
    m_queue.push_back(lock);
}

void Churn::addQueue(Snapshot& snapshot) const
{
    if (m_queue.empty())
        return;
    Lock held = m_queue.front();
    held.granted = true;
    held.backend = holder();
    held.waitStart.reset();
    snapshot.locks.append(held);
    QList<qint32> ahead{held.backend.pid};
    for (const Lock& lock : m_queue) {
        snapshot.locks.append(lock);
        snapshot.blockers.insert(lock.backend.pid, QList<qint32>(ahead.cbegin(), ahead.cend()));
        ahead.append(lock.backend.pid);
    }
}

Lock Churn::newLock()
{
    const qint32 pid = 1 + static_cast<qint32>(m_random() % backendCount);
    m_lastKey += 1 + m_random() % 1000;
    const qint64 key = m_random() % 2 == 0 ? m_lastKey : -m_lastKey;
    Lock lock;
    lock.target = LockTarget::advisory(database, LockKey::bigint(key));
    lock.mode = LockMode::Exclusive;
    lock.granted = true;
    lock.backend = {.pid = pid, .backendStart = begin - std::chrono::seconds(pid)};
    return lock;
}

SnapshotPointer Churn::next()
{
    const size_t leaving = m_seconds <= 0 ? 0 : m_locks.size() / 100;
    for (size_t change = 0; change < leaving; ++change)
        m_locks[m_random() % m_locks.size()] = newLock();
    const size_t impatient = m_seconds <= 0 ? 0 : m_queue.size() / 100;
    for (size_t change = 0; change < impatient; ++change) {
        const size_t place = m_random() % m_queue.size();
        m_backends.remove(m_queue[place].backend.pid);
        m_queue.erase(m_queue.begin() + static_cast<std::ptrdiff_t>(place));
        joinQueue();
    }
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->takenAt = begin + std::chrono::seconds(++m_seconds);
    snapshot->backends = m_backends;
    snapshot->databaseNames = {{database, QStringLiteral("shop")}};
    snapshot->locks = QList<Lock>(m_locks.begin(), m_locks.end());
    for (qint32 waiter = 0; waiter < 20; ++waiter) {
        const Lock& wanted = m_locks[static_cast<size_t>(waiter) * 7];
        Lock lock = wanted;
        lock.granted = false;
        lock.waitStart = begin - std::chrono::seconds(waiter);
        lock.backend.pid = 1 + (wanted.backend.pid + waiter) % backendCount;
        lock.backend.backendStart = begin - std::chrono::seconds(lock.backend.pid);
        if (lock.backend.pid == wanted.backend.pid || snapshot->blockers.contains(lock.backend.pid))
            continue;
        snapshot->blockers.insert(lock.backend.pid, {wanted.backend.pid});
        snapshot->locks.append(lock);
    }
    addQueue(*snapshot);
    std::sort(snapshot->locks.begin(), snapshot->locks.end(), identityLess);
    snapshot->totalLocks = snapshot->locks.size();
    return snapshot;
}

double processorMilliseconds()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

QJsonObject Samples::json() const
{
    return {{QStringLiteral("medianMs"), quantile(m_milliseconds, 0.5)},
            {QStringLiteral("p99Ms"), quantile(m_milliseconds, 0.99)},
            {QStringLiteral("maxMs"), quantile(m_milliseconds, 1.0)},
            {QStringLiteral("processorMedianMs"), quantile(m_processorMilliseconds, 0.5)},
            {QStringLiteral("processorP99Ms"), quantile(m_processorMilliseconds, 0.99)},
            {QStringLiteral("rounds"), static_cast<int>(m_milliseconds.size())}};
}

QJsonObject memoryJson()
{
    QJsonObject result;
    QFile status(QStringLiteral("/proc/self/status"));
    if (!status.open(QIODevice::ReadOnly))
        return result;
    const QList<QByteArray> lines = status.readAll().split('\n');
    for (const QByteArray& line : lines) {
        const double mebibytes = line.simplified().split(' ').value(1).toDouble() / 1024;
        if (line.startsWith("VmRSS:"))
            result.insert(u"residentMiB", mebibytes);
        else if (line.startsWith("VmHWM:"))
            result.insert(u"highestMiB", mebibytes);
    }
    return result;
}

void print(const QJsonObject& object)
{
    std::puts(QJsonDocument(object).toJson(QJsonDocument::Indented).constData());
}

} // namespace lockscope::bench
