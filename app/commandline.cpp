#include "app/commandline.h"

#include <CLI/CLI.hpp>

#include <sstream>
#include <string>
#include <vector>

namespace lockscope {

namespace {

constexpr const char* conninfoHelp = "URI, key=value string or service=NAME; without it the PG* environment is used";

constexpr const char* footer = R"(
Exit status: 0 fine, 1 the answer is bad news (an expectation failed), 2 wrong usage, 3 cannot connect.

Passwords come from the passfile (~/.pgpass), a service file, PGPASSWORD or the window; keep them out of arguments.

Examples:
  lockscope --sandbox                          a throw-away server to try things on
  lockscope service=prod                       open the console on a service of pg_service.conf
  lockscope locks postgresql://db1/app --json  print every advisory lock, for scripts
  lockscope waits service=prod                 who waits for whom, and who is at the root of it
  lockscope key -1                             what a key looks like in pg_locks
  lockscope scenario run crash-release --sandbox
  lockscope probe postgresql://pooler:6432/app does this endpoint keep what advisory locks need?
)";

void addFormats(CLI::App& command, bool& json, bool* csv = nullptr)
{
    command.add_flag("--json", json, "Print JSON; its keys are stable");
    if (csv)
        command.add_flag("--csv", *csv, "Print CSV");
}

CommandLineExit wrongUsage(const QString& text)
{
    return {ExitCode::WrongUsage,
            QStringLiteral("lockscope: %1\nRun 'lockscope --help' for what it understands.\n").arg(text)};
}

} // namespace

std::variant<CommandLine, CommandLineExit> parseCommandLine(const QStringList& arguments)
{
    CommandLine result;
    std::string conninfo;
    std::string subject;
    std::string database;
    bool json = false;
    bool csv = false;

    CLI::App app("See, test and explain PostgreSQL locks, advisory locks first.", "lockscope");
    app.footer(footer);
    app.set_version_flag("--version", "lockscope " LOCKSCOPE_VERSION);
    app.get_formatter()->column_width(34);
    app.add_option("CONNINFO", conninfo, conninfoHelp)->option_text(" ");
    app.add_flag("--sandbox", result.sandbox, "Start a private throw-away server and open the console on it");
    app.add_flag("--read-only", result.readOnly, "Look only: no sessions, no clients, nothing is locked or ended");
    app.require_subcommand(0, 1);

    CLI::App* locks = app.add_subcommand("locks", "Print one reading of the lock table");
    locks->add_option("CONNINFO", conninfo, conninfoHelp)->option_text(" ");
    locks->add_flag("--all", result.allTypes, "Every lock type, not only advisory locks");
    addFormats(*locks, json, &csv);

    CLI::App* waits = app.add_subcommand("waits", "Print who waits for whom, root blockers first");
    waits->add_option("CONNINFO", conninfo, conninfoHelp)->option_text(" ");
    addFormats(*waits, json);

    CLI::App* key = app.add_subcommand("key", "Convert and name a key: bigint, pair, what pg_locks shows, who uses it");
    key->add_option("VALUE", subject,
                    "A bigint (-1), a pair (\"-5, 7\"), classid/objid/objsubid, hexadecimal (0x5), a message "
                    "(\"[5,0,42,1]\") or a call (\"pg_advisory_lock(5)\")")
        ->option_text(" ")
        ->required();
    key->add_option("--hash-on", conninfo,
                    "Read VALUE as a text and ask this server for hashtext and hashtextextended of it")
        ->option_text("CONNINFO");
    key->add_flag(
        "--text", result.asText,
        "Read VALUE as a text without a server: its crc32, and what programs make of a database of that name");
    key->add_option("--database", database,
                    "The name of the database the key is in: some programs derive theirs from it")
        ->option_text("NAME");
    addFormats(*key, json);

    CLI::App* scenario = app.add_subcommand("scenario", "Lessons that run and check themselves");
    scenario->require_subcommand(1);
    CLI::App* list = scenario->add_subcommand("list", "Name the scenarios");
    addFormats(*list, json);
    CLI::App* run = scenario->add_subcommand("run", "Run one: each step expected and observed");
    run->add_option("NAME", subject, "The scenario, see 'lockscope scenario list', or the path of a YAML file")
        ->option_text(" ")
        ->required();
    run->add_option("CONNINFO", conninfo, conninfoHelp)->option_text(" ");
    run->add_flag("--sandbox", result.sandbox, "Run it on a private throw-away server");
    run->add_flag("--yes", result.yes, "Do not ask before it runs on a server that is not the sandbox");
    addFormats(*run, json);

    CLI::App* probe = app.add_subcommand("probe", "Do advisory locks work through this server, pooler or proxy?");
    probe->add_option("CONNINFO", conninfo, conninfoHelp)->option_text(" ");
    addFormats(*probe, json);

    for (CLI::App* command : {locks, waits, key, scenario, list, run, probe})
        command->footer("");

    std::vector<std::string> reversed; // CLI11 takes its arguments from the back
    for (qsizetype i = arguments.size() - 1; i > 0; --i)
        reversed.push_back(arguments.at(i).toStdString());
    try {
        app.parse(reversed);
    } catch (const CLI::Success& success) {
        std::ostringstream out;
        app.exit(success, out, out);
        return CommandLineExit{ExitCode::Fine, QString::fromStdString(out.str())};
    } catch (const CLI::ParseError& error) {
        return wrongUsage(QString::fromUtf8(error.what()));
    }

    if (locks->parsed())
        result.verb = CommandLine::Verb::Locks;
    else if (waits->parsed())
        result.verb = CommandLine::Verb::Waits;
    else if (key->parsed())
        result.verb = CommandLine::Verb::Key;
    else if (list->parsed())
        result.verb = CommandLine::Verb::ScenarioList;
    else if (run->parsed())
        result.verb = CommandLine::Verb::ScenarioRun;
    else if (probe->parsed())
        result.verb = CommandLine::Verb::Probe;
    result.conninfo = QString::fromStdString(conninfo);
    result.subject = QString::fromStdString(subject);
    result.database = QString::fromStdString(database);
    result.format = json ? CommandLine::Format::Json : csv ? CommandLine::Format::Csv : CommandLine::Format::Text;
    if (result.sandbox && !result.conninfo.isEmpty())
        return wrongUsage(QStringLiteral("--sandbox starts a server of its own and takes no connection string."));
    if (app.get_option("--sandbox")->count() > 0 && result.verb != CommandLine::Verb::Console)
        return wrongUsage(
            QStringLiteral("--sandbox before a sub-command has no meaning: only 'scenario run' takes it."));
    if (result.readOnly && result.verb != CommandLine::Verb::Console)
        return wrongUsage(QStringLiteral("--read-only is for the console; a sub-command says itself what it does."));
    if (json && csv)
        return wrongUsage(QStringLiteral("--json and --csv are two formats: choose one."));
    return result;
}

} // namespace lockscope
