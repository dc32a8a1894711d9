#pragma once

#include "app/lab/scenario/scenarioreadermap.h"
#include "models/domain/scenariodocument.h"

namespace lockscope::scenarioreader {

/// The map `actors` of a lesson: names, kinds, what each kind may have, and that all of it together is possible.
/// minimumVersion: of the lesson, against which settings that newer servers brought are checked.
[[nodiscard]] QList<ScenarioActor> actors(const YamlNode& node, int minimumVersion, ScenarioFaults& faults);

} // namespace lockscope::scenarioreader
