#pragma once

#include "models/domain/ledger.h"

#include <QList>
#include <QString>

/// How entries of a ledger read in tables and tooltips. Pure; plain text.
namespace lockscope {

/// "exclusive ×2, in transaction ×3": in which mode, and how often by our own count.
[[nodiscard]] QString describeTakes(const LedgerEntry& entry);

/// Some lines: what is held, how often, and what its state means for the lock.
[[nodiscard]] QString describeHold(const LedgerEntry& entry);

/// "5 ×2, (1, 2) shared": what is held, and what is lost or unknown with that word; "nothing" when there is none.
[[nodiscard]] QString holdsSummary(const QList<LedgerEntry>& entries);

} // namespace lockscope
