#pragma once

#include "app/lab/scenario/scenarioreadercast.h"
#include "models/domain/scenariodocument.h"

namespace lockscope::scenarioreader {

/// The list `steps` of a lesson, in order; actors have been read.
[[nodiscard]] QList<ScenarioStepDocument> steps(const YamlNode& node, const QList<ScenarioActor>& actors,
                                                ScenarioFaults& faults);

/// One `act`: verb, actor and what that verb takes. members: of the step; the rest (because, server) is the caller's.
[[nodiscard]] std::optional<ScenarioAct> act(ScenarioMap& members, Cast& cast, ScenarioFaults& faults);
/// What `expect` and `wait until` look at.
[[nodiscard]] std::optional<ScenarioCondition> condition(const YamlNode& node, Cast& cast, ScenarioFaults& faults);

} // namespace lockscope::scenarioreader
