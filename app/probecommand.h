#pragma once

#include "app/commands.h"

namespace lockscope {

/// `lockscope probe`: runs a Probe and prints what it found; spins the application's event loop meanwhile. A signal
/// ends it as it should be ended: what it locked is released, what cannot be is named, and the answer is bad news.
[[nodiscard]] ExitCode runProbe(const CommandLine& commandLine, CommandStreams streams);

} // namespace lockscope
