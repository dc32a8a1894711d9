#include "app/commands.h"

#include "app/lab/scenario.h"
#include "app/platform/platform.h"
#include "app/postgres/keyhash.h"
#include "app/postgres/observer.h"
#include "app/postgres/targetnamer.h"
#include "app/sandbox/sandbox.h"
#include "models/domain/displaytext.h"
#include "models/domain/keyreadings.h"
#include "models/jsontext.h"
#include "models/lockexport.h"
#include "models/lockview.h"
#include "models/waitsexport.h"

#include <QEventLoop>
#include <QJsonArray>

namespace lockscope {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds answerDeadline{10'000};
constexpr milliseconds sandboxDeadline{60'000};

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

ExitCode listScenarios(const CommandLine& commandLine, CommandStreams streams)
{
    QJsonArray list;
    for (const ScenarioDescription& scenario : scenarios()) {
        list.append(
            QJsonObject{{QStringLiteral("scenario"), scenario.name}, {QStringLiteral("title"), scenario.title}});
        if (commandLine.format == CommandLine::Format::Text)
            streams.out << scenario.name.leftJustified(24) << scenario.title << '\n';
    }
    if (commandLine.format == CommandLine::Format::Json)
        print(streams, {{QStringLiteral("scenarios"), list}});
    return ExitCode::Fine;
}

void printStep(CommandStreams streams, const ScenarioStep& step)
{
    streams.out << QStringLiteral("%1 %2. %3: %4\n        expected: %5\n        observed: %6\n")
                       .arg(step.ok ? QStringLiteral("ok  ") : QStringLiteral("FAIL"), QString::number(step.step),
                            cellText(step.actor), cellText(step.action), cellText(step.expected),
                            cellText(step.observed));
    streams.out.flush();
}

ExitCode runScenario(const CommandLine& commandLine, CommandStreams streams)
{
    const bool asText = commandLine.format == CommandLine::Format::Text;
    auto conninfo = Conninfo::parse(commandLine.conninfo);
    if (!conninfo)
        return report(streams, conninfo.error());

    // An interrupted run takes its clients and its sandbox with it; while the sandbox starts, the signal waits.
    QEventLoop loop;
    ExitCode code = ExitCode::CannotConnect;
    platform::onTerminationRequest(&loop, [&] {
        streams.err << "lockscope: The scenario was interrupted.\n" << Qt::flush;
        code = ExitCode::BadNews;
        loop.quit();
    });
    Sandbox sandbox;
    if (commandLine.sandbox) {
        QObject::connect(&sandbox, &Sandbox::progress, [&](const QString& step) {
            streams.err << step << '\n' << Qt::flush;
        });
        if (const auto started = sandbox.startAndWait(sandboxDeadline); !started)
            return report(streams, started.error());
        conninfo = sandbox.conninfo();
    }

    ScenarioRun run(commandLine.subject, *conninfo);
    QObject::connect(&run, &ScenarioRun::stepFinished, &loop, [&](const ScenarioStep& step) {
        if (asText)
            printStep(streams, step);
    });
    QObject::connect(&run, &ScenarioRun::finished, &loop, [&](const ScenarioReport& result) {
        if (asText)
            streams.out << (result.ok ? "All steps went as expected.\n"
                                      : "Something went otherwise than expected, see FAIL above.\n");
        else
            print(streams, result.toJson());
        code = result.ok ? ExitCode::Fine : ExitCode::BadNews;
        loop.quit();
    });
    QObject::connect(&run, &ScenarioRun::failed, &loop, [&](const Error& error) {
        code = report(streams, error);
        loop.quit();
    });
    QMetaObject::invokeMethod(&run, &ScenarioRun::start, Qt::QueuedConnection);
    loop.exec();
    return code;
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
    case CommandLine::Verb::Console:
        break; // needs a window, see main.cpp
    }
    return ExitCode::WrongUsage;
}

} // namespace lockscope
