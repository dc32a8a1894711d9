#pragma once

#include "app/postgres/poolconnection.h"
#include "models/domain/poolstate.h"

namespace lockscope {

/// What a call of the lock service sends in each form. Pure. Each lock statement also asks which backend runs it,
/// because behind a pooler only the same statement can tell.
[[nodiscard]] PoolErrand acquireErrand(LockServiceForm form, LockKey key);
/// failing: in place of the unlock goes a statement that raises an error.
[[nodiscard]] PoolErrand releaseErrand(LockServiceForm form, LockKey key, bool failing);
[[nodiscard]] PoolErrand unlockAllErrand(LockServiceForm form);

/// What came back, as far as the answers alone can tell it: answer, backend, statements, notices, error.
void fillIn(PoolCall& call, const PoolErrand& errand, const PoolErrandAnswer& answer);

} // namespace lockscope
