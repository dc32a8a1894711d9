#include "app/lab/clientprocess.h"

#include "app/lab/clientexecutable.h"
#include "app/platform/platform.h"

#include <QCoreApplication>

namespace lockscope {

namespace {

constexpr std::chrono::milliseconds killDeadline{1000};

} // namespace

ClientProcess::ClientProcess() = default;

ClientProcess::~ClientProcess()
{
    stop();
}

void ClientProcess::stop()
{
    m_process.disconnect();
    if (!isRunning())
        return;
    m_process.kill();
    m_process.waitForFinished(killDeadline.count());
}

Result<void> ClientProcess::start(const QStringList& arguments,
                                  const std::function<protocol::Command(const QString& password)>& opening)
{
    const Result<QString> executable = findClientExecutable();
    if (!executable)
        return failure(executable.error());
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    const QString password = environment.value(QStringLiteral("PGPASSWORD"));
    environment.remove(QStringLiteral("PGPASSWORD"));
    m_process.setProcessEnvironment(environment);
    m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    m_process.setProgram(*executable);
    m_process.setArguments(QStringList{QString::number(platform::currentProcessId())} + arguments);
    platform::prepareChild(m_process, std::nullopt, platform::ProcessSignal::Kill);
    m_process.start();
    send(opening(password));
    return {};
}

void ClientProcess::send(const protocol::Command& command)
{
    m_process.write(protocol::encode(command));
}

std::optional<protocol::Event> ClientProcess::takeEvent()
{
    m_lines.append(m_process.readAllStandardOutput());
    const auto line = m_lines.takeLine();
    if (!line)
        return {};
    if (line->oversized) {
        return protocol::Complaint{{.kind = ErrorKind::Internal,
                                    .what = QCoreApplication::translate(
                                        "lockscope::ClientProcess", "The client said something too long to be read.")}};
    }
    const Result<protocol::Event> event = protocol::decodeEvent(line->text);
    return event ? *event : protocol::Event(protocol::Complaint{event.error()});
}

bool ClientProcess::setFrozen(bool frozen)
{
    if (m_frozen == frozen || m_process.state() != QProcess::Running)
        return false;
    const auto signal = frozen ? platform::ProcessSignal::Stop : platform::ProcessSignal::Continue;
    if (!platform::sendSignal(m_process.processId(), signal))
        return false;
    m_frozen = frozen;
    return true;
}

Result<void> ClientProcess::end(ClientEnding ending)
{
    // Only this thread reaps the process, so as long as QProcess says that it runs, its id is nobody else's.
    switch (ending) {
    case ClientEnding::Kill:
        return platform::sendSignal(m_process.processId(), platform::ProcessSignal::Kill);
    case ClientEnding::Terminate:
        return platform::sendSignal(m_process.processId(), platform::ProcessSignal::Terminate);
    case ClientEnding::Quit:
        send(protocol::Quit{});
        break;
    case ClientEnding::FromServer:
        break;
    }
    return {};
}

} // namespace lockscope
