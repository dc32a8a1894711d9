#pragma once

#include "models/domain/contention.h"
#include "ui/lab/plot.h"

namespace lockscope {

/// What a contention run showed, as plots. Pure functions; any thread.

/// Acquisitions a second, over time.
[[nodiscard]] Plot throughputPlot(const ContentionReport& report);
/// How long takes waited, on a logarithmic scale.
[[nodiscard]] Plot waitPlot(const ContentionReport& report);
/// Acquisitions of each client, beside the mean.
[[nodiscard]] Plot fairnessPlot(const ContentionReport& report);
/// What it does to others: sessions waiting, and the round trip of a session that locks nothing.
[[nodiscard]] Plot serverPlot(const ContentionReport& report);

/// The run in a sentence or two: what limited it.
[[nodiscard]] QString contentionSentence(const ContentionReport& report);
/// "1.3 ms", "2.40 s".
[[nodiscard]] QString shortTime(std::chrono::microseconds time);

} // namespace lockscope
