#pragma once

#include "models/domain/outcome.h"
#include "models/domain/scenariodocument.h"

#include <QString>
#include <QStringList>

#include <chrono>
#include <optional>

namespace lockscope {

/// What an actor of a lesson answered to an act.
struct ActAnswer
{
    ExpectedAnswer::Kind kind = ExpectedAnswer::Kind::Done;
    std::optional<QString> value = {};
    QString sqlState = {};
    QStringList notices = {};
    std::optional<int> code = {};
    std::optional<bool> sameConnection = {};
    std::chrono::microseconds elapsed{0};
    QString words = {}; ///< more about it, by the server or by the actor
    friend bool operator==(const ActAnswer&, const ActAnswer&) = default;
};

/// Whether all that is expected is so.
[[nodiscard]] bool fits(const ActAnswer& answer, const ExpectedAnswer& expected);
/// "true", "false, WARNING: you don't own a lock of type ExclusiveLock", "timed out, SQLSTATE 55P03: ...". Hostile
/// text.
[[nodiscard]] QString describe(const ActAnswer& answer);

/// From an error of a statement; lost: the session ended.
[[nodiscard]] ActAnswer answerOf(const Error& error, bool lost);
/// From the outcome of a simulated client. asked: a try is answered by true and false, a lock by "granted".
[[nodiscard]] ActAnswer answerOf(const Outcome& outcome, ActVerb asked);

} // namespace lockscope
