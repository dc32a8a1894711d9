#pragma once

#include "models/domain/lockkey.h"

#include <QString>

#include <compare>
#include <optional>

namespace lockscope {

/// pg_locks.locktype.
enum class LockType : quint8
{
    Relation,
    Extend,
    FrozenId,
    Page,
    Tuple,
    TransactionId,
    VirtualXid,
    SpeculativeToken,
    Object,
    UserLock,
    Advisory,
    ApplyTransaction,
    Unknown,
};

[[nodiscard]] LockType lockTypeFromServer(QStringView text);
/// As pg_locks spells it: "advisory".
[[nodiscard]] QString serverName(LockType type);

/// What a lock is on: all target columns of pg_locks in one small value (100 000 of them must fit in memory).
/// A column that the server left NULL is 0; which columns mean something follows from the type.
struct LockTarget
{
    LockType type = LockType::Unknown;
    quint16 objsubid = 0;
    quint16 tuple = 0;
    quint32 databaseOid = 0; ///< 0 for shared objects and for targets without a database
    quint32 relationOid = 0;
    quint32 page = 0;
    quint32 classid = 0;
    quint32 objid = 0;
    quint64 transactionId = 0; ///< xid; for virtualxid: process number << 32 | local xid

    /// The advisory key; empty for other types and for tags that no SQL function makes.
    [[nodiscard]] std::optional<LockKey> key() const;
    [[nodiscard]] static LockTarget advisory(quint32 databaseOid, LockKey key);

    friend constexpr auto operator<=>(const LockTarget&, const LockTarget&) = default;
};

size_t qHash(const LockTarget& target, size_t seed = 0) noexcept;

/// The target without its database, from numbers alone: "5", "(-5, 7)", "relation 16384", "tuple (3, 7) of 16384",
/// "transaction 751", "virtual transaction 4/20", "object 1259/16384".
[[nodiscard]] QString describe(const LockTarget& target);

} // namespace lockscope
