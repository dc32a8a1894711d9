#pragma once

#include <QString>
#include <QStringList>

#include <variant>

namespace lockscope {

/// Exit codes that scripts and CI depend on.
enum class ExitCode : int
{
    Fine = 0,
    BadNews = 1,
    WrongUsage = 2,
    CannotConnect = 3
};

/// What was asked for on the command line.
struct CommandLine
{
    enum class Verb
    {
        Console,
        Locks,
        Key,
        ScenarioList,
        ScenarioRun,
        Waits,
        Probe
    };
    enum class Format
    {
        Text,
        Json,
        Csv
    };

    Verb verb = Verb::Console;
    Format format = Format::Text;
    QString conninfo = {}; ///< empty: the PG* environment, or for the console: ask
    bool sandbox = false;
    bool readOnly = false;
    bool allTypes = false;
    QString subject = {};  ///< the key to read, or the scenario (or its file) to run
    QString database = {}; ///< the one that the key is in; empty: not known
    bool asText = false;   ///< the key is a text
    bool yes = false;      ///< a scenario may run on any server, unasked
    friend bool operator==(const CommandLine&, const CommandLine&) = default;
};

/// Nothing to run: help or version (code 0, for stdout) or wrong usage (code 2, for stderr).
struct CommandLineExit
{
    ExitCode code = ExitCode::Fine;
    QString text;
};

/// Pure: reads no environment and prints nothing. arguments[0] is the program.
[[nodiscard]] std::variant<CommandLine, CommandLineExit> parseCommandLine(const QStringList& arguments);

} // namespace lockscope
