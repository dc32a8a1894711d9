#pragma once

#include "app/lab/scenario/scenarioreadermap.h"
#include "models/domain/scenariodocument.h"

namespace lockscope::scenarioreader {

/// The whole lesson; only worth something when no fault was added.
[[nodiscard]] ScenarioDocument document(const YamlNode& root, ScenarioFaults& faults);

} // namespace lockscope::scenarioreader
