#pragma once

#include "models/domain/lock.h"

#include <QString>

#include <memory>

namespace lockscope {

/// One server process as pg_stat_get_activity shows it. Every QString here is hostile text.
/// A field the server left NULL is empty or 0; restricted says that this role may not see the rest.
struct Backend
{
    BackendId id = {};
    quint32 databaseOid = 0;
    QString database = {}; ///< by name where the name cache knows it, else "database 16384"
    QString user = {};     ///< likewise
    QString applicationName = {};
    QString clientAddress = {}; ///< host part as text; empty for a local socket
    qint32 clientPort = 0;      ///< -1 for a unix socket
    QString backendType = {};
    QString state = {};
    QString query = {};
    QString waitEventType = {};
    QString waitEvent = {};
    std::optional<ServerTime> transactionStart = {};
    std::optional<ServerTime> queryStart = {};
    std::optional<ServerTime> stateChange = {};
    quint32 backendXmin = 0;
    qint32 leaderPid = 0;
    quint32 roleOid = 0;    ///< 0: a background process
    bool superuser = false; ///< its role is one
    /// This console's role has the rights of the backend's role; empty where that is not known.
    std::optional<bool> memberOfItsRole = {};
    bool restricted = false; ///< "<insufficient privilege>": state, query, address and start are hidden from this role

    friend bool operator==(const Backend&, const Backend&) = default;
};

using BackendPointer = std::shared_ptr<const Backend>;

} // namespace lockscope
