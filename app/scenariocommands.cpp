#include "app/scenariocommands.h"

#include "app/lab/scenario/scenariofile.h"
#include "app/lab/scenario/scenariorun.h"
#include "app/platform/platform.h"
#include "app/sandbox/sandbox.h"
#include "models/domain/displaytext.h"
#include "models/jsontext.h"

#include <QEventLoop>
#include <QJsonArray>

#include <cstdio>

namespace lockscope {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds sandboxDeadline{60'000};

void print(CommandStreams streams, const QJsonObject& object)
{
    streams.out << QString::fromUtf8(jsonForTerminal(object));
}

/// Text for a terminal: a lesson's file and the server are strangers, so no control character passes.
void complain(CommandStreams streams, const Error& error)
{
    streams.err << "lockscope: " << cellText(error.what) << '\n';
    if (!error.advice.isEmpty())
        streams.err << cellText(error.advice) << '\n';
    for (const QString& line : error.serverWords.split(QLatin1Char('\n'), Qt::SkipEmptyParts))
        streams.err << "  " << cellText(line) << '\n';
    streams.err.flush();
}

ExitCode codeOf(const Error& error)
{
    switch (error.kind) {
    case ErrorKind::Usage:
        return ExitCode::WrongUsage;
    case ErrorKind::Connection:
    case ErrorKind::Authentication:
        return ExitCode::CannotConnect;
    case ErrorKind::Server: // it answers, but the lesson cannot run there
    case ErrorKind::Internal:
        break;
    }
    return ExitCode::BadNews;
}

bool namesAFile(const QString& subject)
{
    return subject.contains(QLatin1Char('/')) || subject.endsWith(QStringLiteral(".yaml")) ||
           subject.endsWith(QStringLiteral(".yml"));
}

/// The lesson, or empty after its faults were printed, one a line.
std::optional<ScenarioDocument> findLesson(const QString& subject, CommandStreams streams)
{
    const bool file = namesAFile(subject);
    const Result<ScenarioDocument> lesson = file ? readScenarioFile(subject) : builtInScenario(subject);
    if (lesson)
        return *lesson;
    const QStringList faults = lesson.error().serverWords.split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    if (!file || faults.isEmpty()) {
        complain(streams, lesson.error());
    } else {
        for (const QString& fault : faults) // as compilers do, so that editors find the place
            streams.err << cellText(fault, 4096) << '\n';
        streams.err.flush();
    }
    return {};
}

void printDeeds(CommandStreams streams, const ScenarioDocument& lesson, const ConnectionSummary& where)
{
    streams.err << QStringLiteral("The lesson \"%1\" in database %2 on %3:\n")
                       .arg(cellText(lesson.name), cellText(where.database), cellText(where.host));
    for (const QString& deed : lesson.deeds())
        streams.err << "  - " << cellText(deed) << '\n';
    streams.err.flush();
}

/// Whether it may run on a server that is not the sandbox. Empty: it may.
std::optional<ExitCode> askPermission(const CommandLine& commandLine, const ScenarioDocument& lesson,
                                      const Conninfo& conninfo, CommandStreams streams)
{
    if (commandLine.yes)
        return {};
    if (platform::isTerminal(stdin)) {
        printDeeds(streams, lesson, conninfo.summary());
        streams.err << "Run it there? [y/N] " << Qt::flush;
        const QString answer = QTextStream(stdin).readLine().trimmed().toLower();
        if (answer == QStringLiteral("y") || answer == QStringLiteral("yes"))
            return {};
        streams.err << "Nothing was done.\n" << Qt::flush;
        return ExitCode::BadNews;
    }
    if (commandLine.conninfo.isEmpty()) {
        streams.err << "lockscope: No server was named. What the environment names may be anybody's, so a lesson does "
                       "not run there unasked.\n"
                       "Name it as CONNINFO, use --sandbox, or say --yes.\n";
        return ExitCode::WrongUsage;
    }
    printDeeds(streams, lesson, conninfo.summary()); // who names the server means it
    return {};
}

void printStep(CommandStreams streams, const ScenarioStep& step)
{
    streams.out << QStringLiteral("%1 %2. %3: %4\n        expected: %5\n        observed: %6\n")
                       .arg(step.ok ? QStringLiteral("ok  ") : QStringLiteral("FAIL"), QString::number(step.step),
                            cellText(step.actor), cellText(step.action), cellText(step.expected),
                            cellText(step.observed));
    streams.out.flush();
}

void printFailure(CommandStreams streams, const ScenarioDocument& lesson, const Error& error)
{
    QJsonObject object = ScenarioReport{.scenario = lesson.name, .title = lesson.title}.toJson();
    object.insert(QStringLiteral("error"), error.what);
    object.insert(QStringLiteral("advice"), error.advice);
    object.insert(QStringLiteral("serverWords"), error.serverWords);
    print(streams, object);
}

} // namespace

ExitCode listScenarios(const CommandLine& commandLine, CommandStreams streams)
{
    QJsonArray list;
    for (const ScenarioDocument& lesson : builtInScenarios()) {
        list.append(QJsonObject{{QStringLiteral("scenario"), lesson.name},
                                {QStringLiteral("title"), lesson.title},
                                {QStringLiteral("minimumVersion"), lesson.minimumVersion},
                                {QStringLiteral("needsPooler"), lesson.needsPooler}});
        if (commandLine.format == CommandLine::Format::Text)
            streams.out << lesson.name.leftJustified(32) << lesson.title << '\n';
    }
    if (commandLine.format == CommandLine::Format::Json)
        print(streams, {{QStringLiteral("scenarios"), list}});
    return ExitCode::Fine;
}

ExitCode runScenario(const CommandLine& commandLine, CommandStreams streams)
{
    const bool asText = commandLine.format == CommandLine::Format::Text;
    const std::optional<ScenarioDocument> lesson = findLesson(commandLine.subject, streams);
    if (!lesson)
        return ExitCode::WrongUsage;
    auto conninfo = Conninfo::parse(commandLine.conninfo);
    if (!conninfo) {
        complain(streams, conninfo.error());
        return codeOf(conninfo.error());
    }
    if (!commandLine.sandbox) {
        if (const auto refused = askPermission(commandLine, *lesson, *conninfo, streams))
            return *refused;
    }

    // An interrupted run takes its actors and its sandbox with it; while the sandbox starts, the signal waits.
    QEventLoop loop;
    ExitCode code = ExitCode::BadNews;
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
        if (const auto started = sandbox.startAndWait(sandboxDeadline); !started) {
            complain(streams, started.error());
            return ExitCode::CannotConnect;
        }
        conninfo = sandbox.conninfo();
    }

    ScenarioRun run(*lesson, *conninfo);
    QObject::connect(&run, &ScenarioRun::said, &loop, [&](const QString& text) {
        if (asText)
            streams.out << '\n' << paragraphText(text).trimmed() << '\n' << Qt::flush;
    });
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
        complain(streams, error);
        if (!asText)
            printFailure(streams, *lesson, error);
        code = codeOf(error);
        loop.quit();
    });
    QMetaObject::invokeMethod(&run, &ScenarioRun::play, Qt::QueuedConnection);
    loop.exec();
    return code;
}

} // namespace lockscope
