#pragma once

#include "models/domain/result.h"
#include "models/domain/time.h"

namespace lockscope {

enum class LinkPhase
{
    Closed,     ///< not asked to connect, or closed by the person
    Connecting, ///< an attempt is under way
    Live,       ///< the last poll was answered
    Stale,      ///< polls are overdue; what is shown is old (two missed polls)
    Lost,       ///< the connection broke; the next attempt is scheduled
    Refused,    ///< an answer that trying again cannot change (password, database, role): waits for the person
};

/// What the observer knows of its own connection.
struct LinkState
{
    LinkPhase phase = LinkPhase::Closed;
    std::optional<SteadyTime> lastAnswer = {};  ///< when the last poll was answered
    std::optional<SteadyTime> nextAttempt = {}; ///< when Lost: when the next attempt starts
    int attempt = 0;                            ///< attempts since the link was last live
    std::optional<Error> error = {};            ///< why, when Lost or Refused
    std::chrono::milliseconds interval{1000};   ///< the interval in force, after stretching
    bool paused = false;

    friend bool operator==(const LinkState&, const LinkState&) = default;
};

} // namespace lockscope
