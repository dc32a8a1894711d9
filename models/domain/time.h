#pragma once

#include <QString>

#include <chrono>
#include <optional>

namespace lockscope {

/// A moment on the server's clock. PostgreSQL counts microseconds, so do we: QDateTime would lose them.
using ServerTime = std::chrono::sys_time<std::chrono::microseconds>;

/// A moment on this machine's monotonic clock: the only clock that staleness and stopwatches may use.
using SteadyTime = std::chrono::steady_clock::time_point;

/// "0.4 s", "12.4 s", "3 m 12 s", "2 h 05 m", "3 d 4 h"; a negative age (clock skew) reads as "0 s".
[[nodiscard]] QString formatAge(std::chrono::microseconds age);

/// "0.8 ms", "12 ms", "1.3 s": for durations of statements and polls.
[[nodiscard]] QString formatDuration(std::chrono::microseconds duration);

} // namespace lockscope
