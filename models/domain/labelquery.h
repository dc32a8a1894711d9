#pragma once

#include "models/domain/lockkey.h"
#include "models/domain/serverinfo.h"

#include <QDateTime>
#include <QList>

#include <chrono>
#include <optional>
#include <utility>

namespace lockscope {

inline constexpr std::chrono::milliseconds shortestLabelQueryTimeout{100};
inline constexpr std::chrono::milliseconds longestLabelQueryTimeout{60'000};

/// A person's own SQL that names keys, and the server it is for.
struct LabelQuery
{
    QString id = {};       ///< made once, never shown
    QString host = {};     ///< as ServerInfo has it; empty: any
    int port = 0;          ///< 0: any
    QString database = {}; ///< empty: any
    QString sql = {};
    std::chrono::milliseconds timeout{5000};

    [[nodiscard]] bool isFor(const ServerInfo& server) const
    {
        return (host.isEmpty() || host == server.host) && (port == 0 || port == server.port) &&
               (database.isEmpty() || database == server.database);
    }
    friend bool operator==(const LabelQuery&, const LabelQuery&) = default;
};

/// How a label query did last.
struct LabelQueryState
{
    bool isForThisServer = false; ///< there is a connection, and the query is for it
    bool running = false;
    std::optional<QDateTime> lastRun = {}; ///< of this machine's clock; empty: not yet on this server
    std::chrono::microseconds elapsed{0};
    qint64 rows = 0;
    qint64 unreadable = 0; ///< rows without a key or a name
    bool truncated = false;
    std::optional<Error> error = {};                   ///< of the last run; names of an earlier one stay in use
    QList<std::pair<LockKey, QString>> firstRows = {}; ///< by key; the texts are hostile
    friend bool operator==(const LabelQueryState&, const LabelQueryState&) = default;
};

} // namespace lockscope
