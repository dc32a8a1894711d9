#pragma once

#include "app/postgres/libpqconnection.h"
#include "models/domain/serverinfo.h"
#include "models/domain/snapshot.h"

#include <chrono>

namespace lockscope {

/// Makes snapshots over one open connection: locks in one round trip, the backends they name in a second one, so that a
/// server with thousands of idle sessions sends only what is shown. Keeps the names of databases and roles, asked apart
/// from the poll under the session's lock_timeout. Lives on the thread of its connection; never changes anything on the
/// server.
class LockReader
{
public:
    LockReader(LibpqConnection& connection, const ServerInfo& server, qint64 keptLocks);

    /// Session settings of a reader, and the names for a start. Settings are left out behind a pooler, where they would
    /// stay on somebody else's server connection.
    [[nodiscard]] Result<void> prepareSession(std::chrono::milliseconds deadline);
    /// Reads once. A failure of the backend half alone still gives a snapshot, see Snapshot::withoutNames.
    [[nodiscard]] Result<SnapshotPointer> read(LockScope scope, std::chrono::milliseconds deadline);

private:
    void readLocks(const QueryAnswer& answer, LockScope scope, Snapshot& snapshot) const;
    [[nodiscard]] Result<void> readBackends(Snapshot& snapshot, std::chrono::milliseconds deadline);
    void askNames(std::chrono::milliseconds deadline);
    [[nodiscard]] QByteArray statementFor(LockScope scope) const;

    LibpqConnection& m_connection;
    ServerInfo m_server;
    qint64 m_keptLocks;
    quint64 m_serial = 0;
    QHash<quint32, QString> m_databaseNames;
    QHash<quint32, QString> m_roleNames;
    SteadyTime m_namesAskedAt{};
    QHash<qint32, BackendPointer> m_backends; ///< of the last snapshot: unchanged ones keep their pointer
};

} // namespace lockscope
