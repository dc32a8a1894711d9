#pragma once

#include "app/commandline.h"

#include <QTextStream>

namespace lockscope {

/// The sub-commands: they need a QCoreApplication and no display. Answers go to `out`, troubles to `err`, both as
/// UTF-8. Block until they are done; a scenario spins the application's event loop meanwhile.
struct CommandStreams
{
    QTextStream& out;
    QTextStream& err;
};

[[nodiscard]] ExitCode runCommand(const CommandLine& commandLine, CommandStreams streams);

} // namespace lockscope
