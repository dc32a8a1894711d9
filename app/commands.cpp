#include "app/commands.h"

#include "app/postgres/keyhash.h"
#include "app/postgres/observer.h"
#include "app/postgres/targetnamer.h"
#include "app/probecommand.h"
#include "app/scenariocommands.h"
#include "models/domain/displaytext.h"
#include "models/domain/keyreadings.h"
#include "models/jsontext.h"
#include "models/lockexport.h"
#include "models/lockview.h"
#include "models/waitsexport.h"

namespace lockscope {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds answerDeadline{10'000};

/// Error text for a terminal: the server's words come last, without control characters.
ExitCode report(CommandStreams streams, const Error& error)
{
    streams.err << "lockscope: " << cellText(error.what) << '\n';
    if (!error.advice.isEmpty())
        streams.err << cellText(error.advice) << '\n';
    for (const QString& line : error.serverWords.split(QLatin1Char('\n'), Qt::SkipEmptyParts))
        streams.err << "  " << cellText(line) << '\n';
    return error.kind == ErrorKind::Usage ? ExitCode::WrongUsage : ExitCode::CannotConnect;
}

void print(CommandStreams streams, const QJsonObject& object)
{
    streams.out << QString::fromUtf8(jsonForTerminal(object));
}

/// All rows, with what keys mean and what tables are called.
LockViewPointer namedView(const Conninfo& conninfo, const OneReading& reading)
{
    LockViewBuilder builder;
    LockViewSpec spec;
    spec.rowLimit = 0;
    static_cast<void>(builder.respecify(spec));
    builder.setDictionary(std::make_shared<const KeyDictionary>(KeyDictionary::builtIn()));
    const LockViewUpdate update = builder.update(reading.snapshot);
    if (update.unknownNames.isEmpty())
        return update.view;
    builder.setTargetNames(namesOnce(conninfo, reading.server, update.unknownNames, reading.snapshot->databaseNames));
    return builder.refresh().view;
}

ExitCode printLocks(const CommandLine& commandLine, CommandStreams streams)
{
    const auto conninfo = Conninfo::parse(commandLine.conninfo);
    if (!conninfo)
        return report(streams, conninfo.error());
    const auto reading =
        readOnce(*conninfo, commandLine.allTypes ? LockScope::AllTypes : LockScope::AdvisoryOnly, answerDeadline);
    if (!reading)
        return report(streams, reading.error());
    const LockViewPointer view = namedView(*conninfo, *reading);
    switch (commandLine.format) {
    case CommandLine::Format::Json:
        print(streams, locksJson(reading->server, *view));
        break;
    case CommandLine::Format::Csv:
        streams.out << QString::fromUtf8(locksCsv(*view));
        break;
    case CommandLine::Format::Text:
        streams.out << locksText(*view);
        break;
    }
    return ExitCode::Fine;
}

ExitCode printWaits(const CommandLine& commandLine, CommandStreams streams)
{
    const auto conninfo = Conninfo::parse(commandLine.conninfo);
    if (!conninfo)
        return report(streams, conninfo.error());
    const auto reading = readOnce(*conninfo, LockScope::AllTypes, answerDeadline);
    if (!reading)
        return report(streams, reading.error());
    const LockViewPointer view = namedView(*conninfo, *reading);
    if (commandLine.format == CommandLine::Format::Json)
        print(streams, waitsJson(reading->server, *view));
    else
        streams.out << waitsText(*view);
    return ExitCode::Fine;
}

ExitCode printKey(const CommandLine& commandLine, CommandStreams streams)
{
    const QString& value = commandLine.subject;
    const KeyDictionary dictionary = KeyDictionary::builtIn();
    QString database = commandLine.database;
    QList<KeyReading> readings;
    if (!commandLine.conninfo.isEmpty()) {
        const auto conninfo = Conninfo::parse(commandLine.conninfo);
        if (!conninfo)
            return report(streams, conninfo.error());
        for (const TextHash hash : {TextHash::Hashtext, TextHash::Hashtextextended}) {
            const TextKey text{.text = value, .hash = hash};
            const auto key = hashOnServer(*conninfo, text, answerDeadline);
            if (!key)
                return report(streams, key.error());
            readings.append(readingsOf(*key, describe(KeyInput(text))));
        }
        if (database.isEmpty())
            database = conninfo->resolvedValue(QStringLiteral("dbname"));
        nameReadings(readings, dictionary, database);
    } else if (!commandLine.asText) {
        const auto read = keyReadings(value, dictionary, database);
        if (!read)
            return report(streams, read.error());
        readings = *read;
    }
    if (!commandLine.conninfo.isEmpty() || commandLine.asText) {
        QList<KeyReading> made = textReadings(value);
        nameReadings(made, dictionary, value); // the formulas take it for the name of a database
        readings += made;
    }
    if (commandLine.format == CommandLine::Format::Json)
        print(streams, keyReadingsJson(value, readings));
    else
        streams.out << keyReadingsText(readings);
    return ExitCode::Fine;
}

} // namespace

ExitCode runCommand(const CommandLine& commandLine, CommandStreams streams)
{
    switch (commandLine.verb) {
    case CommandLine::Verb::Locks:
        return printLocks(commandLine, streams);
    case CommandLine::Verb::Waits:
        return printWaits(commandLine, streams);
    case CommandLine::Verb::Key:
        return printKey(commandLine, streams);
    case CommandLine::Verb::ScenarioList:
        return listScenarios(commandLine, streams);
    case CommandLine::Verb::ScenarioRun:
        return runScenario(commandLine, streams);
    case CommandLine::Verb::Probe:
        return runProbe(commandLine, streams);
    case CommandLine::Verb::Console:
        break; // needs a window, see main.cpp
    }
    return ExitCode::WrongUsage;
}

} // namespace lockscope
