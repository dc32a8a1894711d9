#pragma once

#include "models/domain/endingtrial.h"

namespace lockscope {

/// What the page says of each way to die. Pure functions, any thread; our own words only.

/// "Killed While a Statement Runs".
[[nodiscard]] QString titleOf(EndingKind kind);
/// What the trial does, one sentence.
[[nodiscard]] QString deedOf(EndingKind kind);
/// Why the release comes when it comes, one or two sentences.
[[nodiscard]] QString whyOf(EndingKind kind);
/// What makes it shorter, one or two sentences.
[[nodiscard]] QString whatShortens(EndingKind kind);
/// What to put into a connection, a configuration or a session to get there: SQL with comments, to be copied.
[[nodiscard]] QString statementsOf(EndingKind kind, const EndingSettings& settings);

} // namespace lockscope
