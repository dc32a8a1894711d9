#pragma once

#include "models/scenariostepmodel.h"

namespace lockscope::lessonwords {

/// How far a lesson is, in words, out of its run and the table of its steps. Pure; any thread the model lives in.

[[nodiscard]] ScenarioStepModel::State stateOf(const ScenarioStepModel& steps, int row);
/// The row that was done last, or the first that went otherwise than expected; -1: none was done.
[[nodiscard]] int lastStep(const ScenarioStepModel& steps);
[[nodiscard]] bool allAsExpected(const ScenarioRunState& state);
/// "10 steps", "3 of 10 steps done", "Step 4 of 10", "All as expected".
[[nodiscard]] QString progress(const ScenarioRunState& state, const ScenarioStepModel& steps);
/// "bob tries key 5: false"; what was expected too where it went otherwise.
[[nodiscard]] QString told(const ScenarioStepModel& steps, int row);

} // namespace lockscope::lessonwords
