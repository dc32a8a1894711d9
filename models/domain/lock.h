#pragma once

#include "models/domain/lockmode.h"
#include "models/domain/locktarget.h"
#include "models/domain/time.h"

namespace lockscope {

/// A backend is a pid together with its start: the operating system gives a pid out again.
/// backendStart is empty where this role may not see it: it needs pg_read_all_stats.
struct BackendId
{
    qint32 pid = 0; ///< 0: no backend; the lock belongs to a prepared transaction
    std::optional<ServerTime> backendStart = {};

    friend auto operator<=>(const BackendId&, const BackendId&) = default;
};

size_t qHash(const BackendId& id, size_t seed = 0) noexcept;

/// One row of pg_locks.
struct Lock
{
    LockTarget target = {};
    LockMode mode = LockMode::Unknown;
    bool granted = false;
    BackendId backend = {};
    quint64 virtualTransaction = 0;           ///< process number << 32 | local xid, as "4/20"
    std::optional<ServerTime> waitStart = {}; ///< empty when granted, before 14, and for a moment after queueing

    friend bool operator==(const Lock&, const Lock&) = default;
};

/// True when both are the same row of pg_locks seen at two moments: (pid, backend_start, target, mode); held or
/// waiting is a property. Rows of prepared transactions have no pid, so the virtual transaction stands in.
[[nodiscard]] bool sameIdentity(const Lock& a, const Lock& b);
/// A strict weak order that agrees with sameIdentity().
[[nodiscard]] bool identityLess(const Lock& a, const Lock& b);

} // namespace lockscope
