#pragma once

#include "models/domain/poolerspec.h"
#include "models/domain/poolstate.h"
#include "ui/statepill.h"

#include <QString>

namespace lockscope {

/// What the pool page says, as pure functions. Texts that come from elsewhere go in as they are: whoever shows the
/// result makes it fit to be shown.
namespace pooltext {

/// "Dedicated without finally".
[[nodiscard]] QString title(LockServiceForm form);
/// How that form works, one sentence.
[[nodiscard]] QString explain(LockServiceForm form);
[[nodiscard]] QString title(CheckoutOrder order);
[[nodiscard]] QString explain(CheckoutOrder order);

[[nodiscard]] Pill pillOf(SlotPhase phase);
[[nodiscard]] Pill pillOf(PoolAnswer answer);

/// Every connection is lent or lost, so that the next call has to wait.
[[nodiscard]] bool isExhausted(const PoolState& state);
/// "3 connections: 2 free, 1 checked out, 1 with a leaked key".
[[nodiscard]] QString summary(const PoolState& state);
/// The picture in words, a line for each slot.
[[nodiscard]] QString describe(const PoolState& state);
/// "PgBouncer, transaction mode, 2 server connections".
[[nodiscard]] QString describe(const PoolerSpec& pooler);

/// What the measured rates mean, beside 1/N; empty without rates.
[[nodiscard]] QString verdict(const QList<HitRate>& rates, CheckoutOrder order);

/// "slot 2 (pid 491)"; only what is known of it.
[[nodiscard]] QString slotName(int slot, qint32 backendPid);

} // namespace pooltext

} // namespace lockscope
