#include "app/commands.h"

#include "app/lab/scenario.h"
#include "app/platform/platform.h"
#include "app/postgres/keyhash.h"
#include "app/postgres/observer.h"
#include "app/sandbox/sandbox.h"
#include "models/domain/displaytext.h"
#include "models/domain/keyreadings.h"
#include "models/lockexport.h"

#include <QEventLoop>
#include <QJsonArray>
#include <QJsonDocument>

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
    streams.out << QJsonDocument(object).toJson(QJsonDocument::Indented);
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
    switch (commandLine.format) {
    case CommandLine::Format::Json:
        print(streams, locksJson(reading->server, reading->snapshot));
        break;
    case CommandLine::Format::Csv:
        streams.out << QString::fromUtf8(locksCsv(*viewOf(reading->snapshot)));
        break;
    case CommandLine::Format::Text:
        streams.out << locksText(*viewOf(reading->snapshot));
        break;
    }
    return ExitCode::Fine;
}

QString readingLine(const KeyReading& reading)
{
    const LockKey key = reading.key;
    return QStringLiteral("%1  %2  classid %3  objid %4  objsubid %5\n")
        .arg(key.form() == KeyForm::Bigint ? QStringLiteral("bigint   ") : QStringLiteral("int4 pair"),
             key.toString().leftJustified(28), QString::number(key.classid()), QString::number(key.objid()),
             QString::number(key.objsubid()));
}

ExitCode printKey(const CommandLine& commandLine, CommandStreams streams)
{
    QList<KeyReading> readings;
    if (commandLine.conninfo.isEmpty()) {
        const auto read = keyReadings(commandLine.subject);
        if (!read)
            return report(streams, read.error());
        readings = *read;
    } else {
        const auto conninfo = Conninfo::parse(commandLine.conninfo);
        if (!conninfo)
            return report(streams, conninfo.error());
        for (const TextHash hash : {TextHash::Hashtext, TextHash::Hashtextextended}) {
            const auto key = hashOnServer(*conninfo, {.text = commandLine.subject, .hash = hash}, answerDeadline);
            if (!key)
                return report(streams, key.error());
            readings.append(readingsOf(*key));
        }
    }
    if (commandLine.format == CommandLine::Format::Json) {
        print(streams, keyReadingsJson(commandLine.subject, readings));
        return ExitCode::Fine;
    }
    for (const KeyReading& reading : readings)
        streams.out << readingLine(reading);
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
