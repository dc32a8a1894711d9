#pragma once

#include "app/commands.h"

namespace lockscope {

/// `lockscope scenario list`: the lessons that are built in.
[[nodiscard]] ExitCode listScenarios(const CommandLine& commandLine, CommandStreams streams);
/// `lockscope scenario run`: one of them, or a file. Spins the application's event loop until it is over; asks on the
/// terminal before it runs on anything but the sandbox, and cleans up when it is interrupted.
[[nodiscard]] ExitCode runScenario(const CommandLine& commandLine, CommandStreams streams);

} // namespace lockscope
