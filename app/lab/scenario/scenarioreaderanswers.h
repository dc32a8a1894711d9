#pragma once

#include "app/lab/scenario/scenarioreadermap.h"
#include "models/domain/scenariodocument.h"

namespace lockscope::scenarioreader {

/// The answers that a verb can have, as `expect` may say them. later: for `answered`, where the act cannot wait any
/// more.
[[nodiscard]] QList<ExpectedAnswer::Kind> answersOf(ActVerb verb, bool later);
/// What is expected of a verb when a file does not say; empty: it must say.
[[nodiscard]] std::optional<ExpectedAnswer::Kind> defaultAnswer(ActVerb verb);
/// A word, a pod's code, or a map {answer, value, sqlstate, warning, code, same connection, at least, at most}.
[[nodiscard]] std::optional<ExpectedAnswer> answer(const YamlNode& node, ActVerb verb, bool later,
                                                   ScenarioFaults& faults);

} // namespace lockscope::scenarioreader
