#pragma once

#include "models/lockrow.h"

#include <QString>

namespace lockscope {

/// The whole view in words: how many wait, and the longest wait of all with who stands in between.
struct Situation
{
    QString title;
    QString text; ///< empty where nobody waits
};
[[nodiscard]] Situation situation(const LockView& view);

/// What is known to go wrong, worst first, a line each: three of them, and how many more. Empty when nothing is.
[[nodiscard]] QString findingsText(const LockView& view);

/// The row that holds what row waits for, a holder before an earlier waiter; for any other row, or none, the root
/// blocker with the most waiters. Null where the view shows no such row.
[[nodiscard]] const LockRow* blockerRow(const LockRow* row, const LockView& view);

/// A filter that finds the locks of this kind only; empty where a filter cannot say it.
[[nodiscard]] QString keyFilter(const LockRow& row);
[[nodiscard]] QString applicationFilter(const LockRow& row);

/// A SELECT that finds this very lock: numbers and PostgreSQL's own words only, never text of the server.
[[nodiscard]] QString lockQuery(const Lock& lock);

} // namespace lockscope
