#pragma once

#include <QString>

#include <chrono>

namespace lockscope {

/// "20 000": digits in groups of three, kept together by narrow no-break spaces.
[[nodiscard]] QString groupedNumber(qint64 number);
/// A chosen interval: "250 ms", "1 s", "1.5 s", "60 s".
[[nodiscard]] QString intervalText(std::chrono::milliseconds interval);

} // namespace lockscope
