#pragma once

#include "models/domain/backend.h"
#include "models/domain/lock.h"

#include <QHash>
#include <QList>

#include <chrono>
#include <memory>

namespace lockscope {

/// Which rows of pg_locks a poll reads.
enum class LockScope : quint8
{
    AdvisoryOnly,
    AllTypes
};

/// One row of pg_prepared_xact(). gid and owner are hostile text.
struct PreparedTransaction
{
    QString gid = {};
    quint32 transactionId = 0;
    ServerTime preparedAt{};
    QString owner = {};
    quint32 databaseOid = 0;
    friend bool operator==(const PreparedTransaction&, const PreparedTransaction&) = default;
};

/// One reading of the server: immutable once published, shared between threads by SnapshotPointer.
struct Snapshot
{
    quint64 serial = 0; ///< counts up by one with each snapshot of one observer
    LockScope scope = LockScope::AdvisoryOnly;
    ServerTime takenAt{};                      ///< clock_timestamp() of the server
    SteadyTime receivedAt{};                   ///< when the answer was complete on this machine
    std::chrono::microseconds pollDuration{0}; ///< from sending to the last row
    qint64 totalLocks = 0;                     ///< rows of this scope on the server, also those not kept
    bool withoutNames = false; ///< text columns were left out: bytes in a foreign encoding made them unreadable
    QList<Lock> locks = {};    ///< sorted by identityLess()
    QHash<qint32, BackendPointer> backends = {}; ///< by pid; unchanged backends keep their pointer between snapshots
    QHash<qint32, QList<qint32>> blockers = {};  ///< waiting pid -> pg_blocking_pids, without duplicates; 0 = prepared
    /// With AdvisoryOnly: locks of other types that somebody waits for, and those of backends that wait or are waited
    /// for, so that a chain can be followed across types. Sorted by identityLess(); empty with AllTypes.
    QList<Lock> otherLocks = {};
    /// Prepared transactions that hold a lock, by the virtual transaction of their rows in pg_locks.
    QHash<quint64, PreparedTransaction> prepared = {};
    bool everyBackend = false;                  ///< backends holds those without locks too
    QHash<quint32, QString> databaseNames = {}; ///< oid -> name, as far as known
};

using SnapshotPointer = std::shared_ptr<const Snapshot>;

} // namespace lockscope
