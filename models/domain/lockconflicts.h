#pragma once

#include "models/domain/lockmode.h"

#include <QList>

namespace lockscope {

/// True when one session has to wait for the other (PostgreSQL's table of conflicting lock modes). SIReadLock and modes
/// of later servers conflict with nothing here. Symmetric; pure.
[[nodiscard]] bool conflicts(LockMode a, LockMode b);

/// The eight modes that can be waited for, weakest first.
[[nodiscard]] const QList<LockMode>& lockModes();

/// Which statements take it, in PostgreSQL's words: "SELECT", "CREATE INDEX CONCURRENTLY, VACUUM, ANALYZE".
[[nodiscard]] QString takenBy(LockMode mode);

} // namespace lockscope
