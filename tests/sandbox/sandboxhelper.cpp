#include "app/platform/platform.h"
#include "app/sandbox/sandbox.h"

#include <QCoreApplication>
#include <QProcess>
#include <QTextStream>

#include <chrono>

using namespace std::chrono_literals;
using namespace lockscope;

/// The process that the tests of this folder kill, stop and ask to end. Says one line of what the test needs to know,
/// then waits.

namespace {

void say(const QString& text)
{
    QTextStream(stdout) << text << Qt::endl;
}

int waitToBeKilled()
{
    static_cast<void>(platform::waitForSocket(-1, false, 60s, nullptr));
    return 1;
}

/// Starts a child, says its process id, and waits.
int waitWithChild(QProcess& child, const QString& program, const QStringList& arguments)
{
    child.start(program, arguments);
    if (!child.waitForStarted())
        return 1;
    // A child of ours speaks once it has made itself die with us.
    if (!arguments.contains(QStringLiteral("child")) || child.waitForReadyRead())
        say(QString::number(child.processId()));
    return waitToBeKilled();
}

int answerRequests(bool thenForget)
{
    auto context = std::make_unique<QObject>();
    platform::onTerminationRequest(context.get(), [] {
        say(QStringLiteral("asked to end"));
        QCoreApplication::exit(7);
    });
    if (thenForget)
        context.reset();
    say(QStringLiteral("listening"));
    return QCoreApplication::exec();
}

} // namespace

int main(int argc, char* argv[])
{
    const QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    const QString task = arguments.value(1);

    if (task == QStringLiteral("child")) {
        platform::dieWithParent(platform::ProcessSignal::Kill, arguments.value(2).toLongLong());
        say(QStringLiteral("obedient"));
        return waitToBeKilled();
    }
    if (task == QStringLiteral("parent")) {
        QProcess child;
        return waitWithChild(child, QCoreApplication::applicationFilePath(),
                             {QStringLiteral("child"), QString::number(platform::currentProcessId())});
    }
    if (task == QStringLiteral("parent of an account's child")) {
        QProcess child;
        platform::prepareChild(child, platform::isAdministrator() ? platform::unprivilegedAccount() : std::nullopt,
                               platform::ProcessSignal::Terminate);
        return waitWithChild(child, QStringLiteral("sleep"), {QStringLiteral("60")});
    }
    if (task == QStringLiteral("secretive")) {
        platform::forbidInspection();
        say(QStringLiteral("hidden"));
        return waitToBeKilled();
    }
    if (task == QStringLiteral("answer"))
        return answerRequests(false);
    if (task == QStringLiteral("forget"))
        return answerRequests(true);
    if (task == QStringLiteral("sandbox")) {
        Sandbox sandbox;
        if (const auto started = sandbox.startAndWait(60s); !started) {
            say(started.error().what);
            return 1;
        }
        say(QStringLiteral("%1 %2").arg(QString::number(sandbox.serverProcessId()), sandbox.directory()));
        return waitToBeKilled();
    }
    if (task == QStringLiteral("initdb")) {
        Sandbox sandbox;
        sandbox.start();
        while (sandbox.directory().isEmpty())
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        say(sandbox.directory());
        return waitToBeKilled();
    }
    return 2;
}
