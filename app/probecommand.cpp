#include "app/probecommand.h"

#include "app/lab/probe/probe.h"
#include "app/platform/platform.h"
#include "models/domain/displaytext.h"
#include "models/jsontext.h"

#include <QEventLoop>

namespace lockscope {

namespace {

ExitCode refuse(CommandStreams streams, const Error& error)
{
    streams.err << "lockscope: " << cellText(error.what) << '\n';
    if (!error.advice.isEmpty())
        streams.err << cellText(error.advice) << '\n';
    const QStringList lines = error.serverWords.split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    for (const QString& line : lines)
        streams.err << "  " << cellText(line) << '\n';
    return error.kind == ErrorKind::Usage ? ExitCode::WrongUsage : ExitCode::CannotConnect;
}

} // namespace

ExitCode runProbe(const CommandLine& commandLine, CommandStreams streams)
{
    const bool asText = commandLine.format == CommandLine::Format::Text;
    const auto conninfo = Conninfo::parse(commandLine.conninfo);
    if (!conninfo)
        return refuse(streams, conninfo.error());

    QEventLoop loop;
    ExitCode code = ExitCode::CannotConnect;
    Probe probe(*conninfo);
    platform::onTerminationRequest(&loop, [&] {
        streams.err << "lockscope: The probe is interrupted and cleans up.\n" << Qt::flush;
        probe.stop();
    });
    QObject::connect(&probe, &Probe::checkFinished, &loop, [&](const ProbeCheck& check) {
        if (asText)
            streams.out << probeText(check) << Qt::flush;
    });
    QObject::connect(&probe, &Probe::finished, &loop, [&](const ProbeReport& report) {
        if (asText)
            streams.out << '\n' << cellText(report.endpoint) << '\n' << probeConclusion(report);
        else
            streams.out << QString::fromUtf8(jsonForTerminal(report.toJson()));
        code = report.ok ? ExitCode::Fine : ExitCode::BadNews;
        loop.quit();
    });
    QObject::connect(&probe, &Probe::failed, &loop, [&](const Error& error) {
        code = refuse(streams, error);
        loop.quit();
    });
    probe.start();
    loop.exec();
    return code;
}

} // namespace lockscope
