#pragma once

#include <QString>

namespace lockscope {

/// How PgBouncer lends its server connections.
enum class PoolerMode : quint8
{
    Session,
    Transaction,
    Statement
};
/// "session", "transaction", "statement": PgBouncer's own words for pool_mode.
[[nodiscard]] QString word(PoolerMode mode);

inline constexpr int largestServerPool = 32;

/// How the private PgBouncer of the lab is set up.
struct PoolerSpec
{
    PoolerMode mode = PoolerMode::Transaction;
    int poolSize = 2; ///< default_pool_size: server connections; 1 to largestServerPool
    QString resetQuery = QStringLiteral("DISCARD ALL"); ///< server_reset_query; empty: none
    bool resetAlways = false;                           ///< server_reset_query_always: also outside session mode
    /// server_round_robin: lends the server connection that has been free for longest. Without it, as PgBouncer does by
    /// default, the one that came back last, so that calls one after another meet the same connection.
    bool roundRobin = false;
    friend bool operator==(const PoolerSpec&, const PoolerSpec&) = default;
};

} // namespace lockscope
