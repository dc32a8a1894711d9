#pragma once

#include "models/domain/snapshot.h"

#include <QList>
#include <QString>

#include <algorithm>
#include <memory>

namespace lockscope::test {

/// Snapshots written down by hand, for widgets that show them. Times count from one moment, so that texts can be
/// compared.
class MadeUpLocks
{
public:
    static constexpr ServerTime start{std::chrono::seconds(1'700'000'000)};
    static constexpr quint32 database = 16384;

    /// One backend and one advisory lock of it. waitedFor: it waits since then. Returns the backend to be changed
    /// further.
    Backend& add(qint32 pid, const QString& application, LockKey key,
                 std::optional<std::chrono::milliseconds> waitedFor = {}, const QList<qint32>& blockers = {},
                 LockMode mode = LockMode::Exclusive)
    {
        Lock lock;
        lock.target = LockTarget::advisory(database, key);
        lock.mode = mode;
        lock.granted = !waitedFor.has_value();
        lock.backend = {pid, start - std::chrono::hours(2)};
        if (waitedFor)
            lock.waitStart = m_now - *waitedFor;
        m_locks.append(lock);
        if (!blockers.isEmpty())
            m_blockers.insert(pid, blockers);
        auto& backend = m_backends[pid];
        if (!backend) {
            backend = std::make_shared<Backend>();
            backend->id = lock.backend;
            backend->databaseOid = database;
            backend->database = QStringLiteral("app");
            backend->user = QStringLiteral("worker");
            backend->applicationName = application;
            backend->clientAddress = QStringLiteral("10.0.3.%1").arg(pid % 250 + 1);
            backend->clientPort = 40000 + pid % 20000;
            backend->backendType = QStringLiteral("client backend");
            backend->state = waitedFor ? QStringLiteral("active") : QStringLiteral("idle");
            backend->query = QStringLiteral("SELECT pg_advisory_lock(%1)").arg(key.toSqlArguments());
            if (waitedFor) {
                backend->waitEventType = QStringLiteral("Lock");
                backend->waitEvent = QStringLiteral("advisory");
                backend->transactionStart = m_now - *waitedFor;
            }
            backend->stateChange = m_now - std::chrono::minutes(3);
        }
        return *backend;
    }

    void remove(qint32 pid)
    {
        m_locks.removeIf([pid](const Lock& lock) { return lock.backend.pid == pid; });
        m_blockers.remove(pid);
    }

    void pass(std::chrono::milliseconds time) { m_now += time; }

    [[nodiscard]] SnapshotPointer snapshot()
    {
        auto result = std::make_shared<Snapshot>();
        result->serial = ++m_serial;
        result->takenAt = m_now;
        result->pollDuration = std::chrono::milliseconds(3);
        result->locks = m_locks;
        std::sort(result->locks.begin(), result->locks.end(), identityLess);
        result->totalLocks = result->locks.size();
        for (auto backend = m_backends.cbegin(); backend != m_backends.cend(); ++backend)
            result->backends.insert(backend.key(), std::make_shared<const Backend>(*backend.value()));
        result->blockers = m_blockers;
        result->databaseNames.insert(database, QStringLiteral("app"));
        return result;
    }

private:
    QList<Lock> m_locks;
    QHash<qint32, std::shared_ptr<Backend>> m_backends;
    QHash<qint32, QList<qint32>> m_blockers;
    ServerTime m_now = start;
    quint64 m_serial = 0;
};

} // namespace lockscope::test
