#pragma once

#include "models/domain/serverinfo.h"

#include <QList>
#include <QMetaType>

#include <optional>

namespace lockscope {

/// One setting as pg_settings has it.
struct ServerSetting
{
    QString name = {};
    bool exists = false; ///< false: this server's version does not have it
    QString value = {};  ///< as SHOW prints it: "1s", "off"
    QString source = {}; ///< pg_settings.source: "default", "configuration file", ...
    bool pendingRestart = false;
    friend bool operator==(const ServerSetting&, const ServerSetting&) = default;
};

/// How full the shared lock table is.
struct LockTableUse
{
    qint64 used = 0; ///< rows of pg_locks, without the weak relation locks that need no entry (fastpath)
    qint64 fastPath = 0;
    qint64 nominal = 0; ///< max_locks_per_transaction * (max_connections + max_prepared_transactions)
    /// Shared memory nobody has taken yet, into which the lock table may grow; empty where it cannot be read (12, or no
    /// right).
    std::optional<qint64> spareBytes = {};
    friend bool operator==(const LockTableUse&, const LockTableUse&) = default;
};

/// What the role of this connection is allowed, each as far as it could be found out.
struct RoleRights
{
    bool superuser = false;
    bool readAllStats = false;
    bool signalBackend = false;
    bool signalAutovacuum = false;
    bool readAllSettings = false;
    qint64 connectableDatabases = 0; ///< of all databases that allow connections
    qint64 databases = 0;
    friend bool operator==(const RoleRights&, const RoleRights&) = default;
};

/// What the server page shows: read on demand, not with every poll.
struct ServerReport
{
    ServerInfo server = {};
    ServerTime takenAt{};
    QList<ServerSetting> settings = {}; ///< in the order of lockSettings()
    LockTableUse lockTable = {};
    RoleRights rights = {};
    qint64 backends = 0; ///< client backends now
    qint64 maxConnections = 0;
    qint64 preparedTransactions = 0;
    std::optional<qint64> oldestXminAge = {}; ///< transactions since the oldest snapshot that holds vacuum back
    friend bool operator==(const ServerReport&, const ServerReport&) = default;
};

/// The settings that decide how long a stuck lock lives.
[[nodiscard]] const QStringList& lockSettings();

/// One sentence: what this value means for a stuck lock on this server, "not in PostgreSQL 12" included.
[[nodiscard]] QString meaning(const ServerSetting& setting, const ServerInfo& server);

/// What would change what this role sees and may do: a sentence and the statement. Empty when there is nothing to gain.
struct RightsAdvice
{
    QString what = {}; ///< "Sees queries, states and addresses of other roles"
    bool has = false;
    QString without = {}; ///< what is missing without it
    QString grant = {};   ///< "GRANT pg_read_all_stats TO monitor;" with the role quoted as PostgreSQL does
    friend bool operator==(const RightsAdvice&, const RightsAdvice&) = default;
};
[[nodiscard]] QList<RightsAdvice> rightsAdvice(const ServerReport& report);

/// A role name as an identifier in SQL: quoted always, with quotes doubled.
[[nodiscard]] QString quotedIdentifier(const QString& name);

} // namespace lockscope

Q_DECLARE_METATYPE(lockscope::ServerReport)
