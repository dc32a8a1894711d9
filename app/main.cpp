#include "app/commandline.h"
#include "app/commands.h"
#include "app/console.h"
#include "app/platform/platform.h"
#include "app/settings.h"
#include "ui/theme.h"

#include <QApplication>
#include <QTextStream>

#include <cstdio>
#include <memory>

namespace {

using namespace lockscope;

/// On systems where a display is named by the environment, Qt aborts when there is none; a sentence is kinder.
bool displayIsMissing()
{
#if defined(Q_OS_UNIX) && !defined(Q_OS_MACOS)
    return qEnvironmentVariableIsEmpty("DISPLAY") && qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY") &&
           qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM");
#else
    return false;
#endif
}

int runConsole(int argc, char** argv, const CommandLine& commandLine, QTextStream& err)
{
    if (displayIsMissing()) {
        err << "lockscope: There is no display here (DISPLAY and WAYLAND_DISPLAY are empty), so the window cannot "
               "open.\n"
               "The sub-commands work without one: lockscope locks, lockscope key, lockscope scenario run "
               "crash-release --sandbox.\n";
        return static_cast<int>(ExitCode::CannotConnect);
    }
    QApplication application(argc, argv);
    platform::speakEnglishInternally();
    QApplication::setQuitOnLastWindowClosed(false); // the console ends its sessions first
    Settings settings;
    Console console(settings, commandLine);
    QObject::connect(&console, &Console::finished, &application, &QCoreApplication::quit, Qt::QueuedConnection);
    platform::onTerminationRequest(&console, [&console] { console.quitNow(); });
    console.start();
    return QApplication::exec();
}

} // namespace

int main(int argc, char** argv)
{
    QCoreApplication::setApplicationName(QStringLiteral("lockscope"));
    QCoreApplication::setApplicationVersion(QStringLiteral(LOCKSCOPE_VERSION));
    platform::forbidInspection();

    QTextStream out(stdout);
    QTextStream err(stderr);
    QStringList arguments;
    for (int i = 0; i < argc; ++i)
        arguments << QString::fromLocal8Bit(argv[i]);

    const auto parsed = parseCommandLine(arguments);
    if (const auto* ending = std::get_if<CommandLineExit>(&parsed)) {
        (ending->code == ExitCode::Fine ? out : err) << ending->text;
        return static_cast<int>(ending->code);
    }
    const CommandLine& commandLine = std::get<CommandLine>(parsed);
    if (commandLine.verb == CommandLine::Verb::Console)
        return runConsole(argc, argv, commandLine, err);

    QCoreApplication application(argc, argv);
    platform::speakEnglishInternally();
    return static_cast<int>(runCommand(commandLine, {out, err}));
}
