#pragma once

#include "models/domain/time.h"

#include <QString>
#include <QStringList>

namespace lockscope {

/// What one connection learnt about its server right after login. Asked once, published as one value.
struct ServerInfo
{
    QString version = {};  ///< "15.18"
    int versionNumber = 0; ///< 150018
    QString database = {};
    quint32 databaseOid = 0;
    QString role = {}; ///< current_user
    bool isSuperuser = false;
    bool seesAllStats = false;      ///< pg_read_all_stats: query, state and backend_start of other roles are visible
    bool signalsBackends = false;   ///< pg_signal_backend: may cancel and terminate sessions of other roles
    bool signalsAutovacuum = false; ///< pg_signal_autovacuum_worker, from 18 on
    bool isStandby = false;
    QString host = {}; ///< host or socket directory of this connection
    int port = 0;
    bool tls = false;
    QString tlsDescription = {}; ///< "TLSv1.3, TLS_AES_256_GCM_SHA384"; empty without TLS
    bool localSocket = false;
    QString systemIdentifier = {}; ///< pg_control_system(); empty where not permitted
    QString serverEncoding = {};
    qint32 backendPid = 0;
    qint32 claimedPid = 0;                       ///< PQbackendPID: differs from backendPid behind a pooler
    std::optional<ServerTime> backendStart = {}; ///< of this connection's own backend
    bool backendOlderThanLogin = false;          ///< it ran before this connection was asked for: a pooler lent it
    qint64 lockCapacity = 0; ///< max_locks_per_transaction * (max_connections + max_prepared_transactions)

    /// What is certain. False says nothing: a pooler that hands on the backend's own pid and has just opened its
    /// connection to the server cannot be told from the server.
    [[nodiscard]] bool behindPooler() const
    {
        return (claimedPid != 0 && claimedPid != backendPid) || backendOlderThanLogin;
    }
    /// Pids and locks of the two are the same ones. A promotion keeps them, so the role of a standby does not count.
    [[nodiscard]] bool isSameServer(const ServerInfo& other) const
    {
        return systemIdentifier == other.systemIdentifier && host == other.host && port == other.port;
    }
    friend bool operator==(const ServerInfo&, const ServerInfo&) = default;
};

} // namespace lockscope
