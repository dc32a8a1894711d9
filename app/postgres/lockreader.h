#pragma once

#include "app/postgres/libpqconnection.h"
#include "app/postgres/namecache.h"
#include "models/domain/serverinfo.h"
#include "models/domain/snapshot.h"

#include <chrono>

namespace lockscope {

/// Makes snapshots over one open connection: locks in one round trip, the backends they name in a second one, so that a
/// server with thousands of idle sessions sends only what is shown. The locks of a snapshot are always those of one
/// statement: while only advisory locks are waited for that is the one that gathers them, else the one that reads every
/// type. Reads no catalog, except for names of databases and roles, apart from the poll and under the session's
/// lock_timeout. Lives on the thread of its connection; never changes anything on the server.
class LockReader
{
public:
    LockReader(LibpqConnection& connection, const ServerInfo& server, qint64 keptLocks);

    /// Session settings of a reader, and the names for a start. Settings are left out behind a pooler, where they would
    /// stay on somebody else's server connection.
    [[nodiscard]] Result<void> prepareSession(std::chrono::milliseconds deadline);
    /// Reads once. A failure of the backend half alone still gives a snapshot, see Snapshot::withoutNames.
    [[nodiscard]] Result<SnapshotPointer> read(LockScope scope, std::chrono::milliseconds deadline);
    /// Also reads backends without locks from now on.
    void setEveryBackend(bool every) { m_everyBackend = every; }

private:
    /// The clock and the locks. everyType: one row each, else the advisory ones, gathered.
    [[nodiscard]] Result<std::vector<QueryAnswer>> askLocks(bool everyType, std::chrono::milliseconds deadline);
    [[nodiscard]] Result<void> readBackends(const QSet<qint32>& pids, Snapshot& snapshot,
                                            std::chrono::milliseconds deadline);
    [[nodiscard]] Result<QueryAnswer> askBackends(const QSet<qint32>& pids, bool everyBackend, Snapshot& snapshot,
                                                  std::chrono::milliseconds deadline);
    void takeBackends(const QueryAnswer& answer, Snapshot& snapshot, std::chrono::milliseconds deadline);
    [[nodiscard]] Result<void> readPrepared(const QHash<quint64, quint32>& transactions, Snapshot& snapshot,
                                            std::chrono::milliseconds deadline);

    LibpqConnection& m_connection;
    ServerInfo m_server;
    qint64 m_keptLocks;
    bool m_everyBackend = false;
    bool m_waitsCrossTypes = false; ///< in the last reading of AdvisoryOnly
    quint64 m_serial = 0;
    NameCache m_names;
    QHash<qint32, BackendPointer> m_backends; ///< of the last snapshot: unchanged ones keep their pointer
};

} // namespace lockscope
