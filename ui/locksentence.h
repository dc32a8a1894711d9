#pragma once

#include "models/lockrow.h"

#include <QString>

namespace lockscope {

/// One lock in words a colleague would say: who holds or waits, for how long, for what, and who stands in between.
/// Pure; any thread. Says only what the row and the other rows of the view tell; names are cut and stripped for a
/// label.
[[nodiscard]] QString lockSentence(const LockRow& row, const LockView& view);

/// A SELECT that finds this very lock: numbers and PostgreSQL's own words only, never text of the server.
[[nodiscard]] QString lockQuery(const Lock& lock);

} // namespace lockscope
