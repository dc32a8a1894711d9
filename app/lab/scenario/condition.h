#pragma once

#include "models/domain/scenariodocument.h"

#include <QString>

namespace lockscope {

class Stage;

/// What a condition of a lesson finds.
struct Observation
{
    bool ok = false;
    QString words = {}; ///< what is so, in the words in which the condition says what should be. Hostile text
};

/// By the stage's last look at the server, and by what its actors say of themselves.
[[nodiscard]] Observation observe(const ScenarioCondition& condition, const Stage& stage);

} // namespace lockscope
