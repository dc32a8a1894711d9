#pragma once

#include <QString>

#include <optional>

namespace lockscope {

/// The eight table-level lock modes in PostgreSQL's order of strength, and SIREAD of serializable transactions.
enum class LockMode : quint8
{
    AccessShare = 1,
    RowShare,
    RowExclusive,
    ShareUpdateExclusive,
    Share,
    ShareRowExclusive,
    Exclusive,
    AccessExclusive,
    SIRead,
    Unknown = 0,
};

/// "ExclusiveLock" -> Exclusive, as pg_locks.mode spells it; Unknown for a spelling of a later server.
[[nodiscard]] LockMode lockModeFromServer(QStringView text);
/// The name as pg_locks has it: "ExclusiveLock".
[[nodiscard]] QString serverName(LockMode mode);
/// The name as people read it: "Exclusive".
[[nodiscard]] QString displayName(LockMode mode);

} // namespace lockscope
