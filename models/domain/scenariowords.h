#pragma once

#include "models/domain/scenariodocument.h"

#include <chrono>

namespace lockscope {

/// A step in plain words, before it has run and after: the same everywhere a lesson is told.
struct ScenarioStepWords
{
    QString actor = {};    ///< "alice"; "server" where the lock table is looked at; "console" for `say`
    QString action = {};   ///< "tries key 5", "is killed with SIGKILL", "shows key 5"
    QString expected = {}; ///< "true", "bob waits for key 5, alice holds it"; empty for `say`
    friend bool operator==(const ScenarioStepWords&, const ScenarioStepWords&) = default;
};
[[nodiscard]] ScenarioStepWords wordsOf(const ScenarioStepDocument& step);
/// "true", "false with a WARNING that contains \"you don't own\"", "SQLSTATE 55P03", "waits", ...
[[nodiscard]] QString wordsOf(const ExpectedAnswer& answer);
/// "key 5 is held by alice, bob waits", "app has 2 free connections", ...
[[nodiscard]] QString wordsOf(const ScenarioCondition& condition);
/// "250 ms", "2 s", "1 min": the largest unit that needs no fraction.
[[nodiscard]] QString durationWords(std::chrono::milliseconds duration);

} // namespace lockscope
