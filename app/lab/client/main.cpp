// lockscope-client: one simulated client, a process of its own with a connection of its own, made to be killed; or a
// pod, with a pool of connections. Three threads: this one waits for SIGTERM, one reads commands from stdin, one talks
// to the server (a pod has one for each connection). Started by the console as
//     lockscope-client PARENT-PID NAME [pod]
// The name is only for people who look at the process list; everything else, the password above all, comes over stdin.

#include "app/lab/client/clientsession.h"
#include "app/lab/client/podservice.h"
#include "app/lab/linebuffer.h"
#include "app/lab/protocol.h"
#include "app/platform/platform.h"

#include <QCoreApplication>
#include <QTimer>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <mutex>
#include <thread>

namespace {

using namespace lockscope;

constexpr std::chrono::milliseconds cancelPatience{1000};

/// One line at a time, from any thread.
class EventWriter
{
public:
    void write(const protocol::Event& event)
    {
        const QByteArray line = protocol::encode(event);
        const std::lock_guard lock(m_mutex);
        std::fwrite(line.constData(), 1, static_cast<size_t>(line.size()), stdout);
        std::fflush(stdout);
    }

private:
    std::mutex m_mutex;
};

/// Commands on their way from the reading thread to the connection's thread. Nothing in it: asked to end.
class CommandQueue
{
public:
    void put(std::optional<protocol::Command> command)
    {
        const std::lock_guard lock(m_mutex);
        if (command)
            m_commands.push_back(std::move(*command));
        else
            m_ending = true;
        m_arrived.ring();
    }
    /// Waits for a command, for the end, or for the socket to have something to read (-1: no socket).
    enum class News
    {
        Command,
        End,
        Socket
    };
    News wait(qintptr socket, protocol::Command& command)
    {
        for (;;) {
            {
                const std::lock_guard lock(m_mutex);
                m_arrived.clear();
                if (m_ending)
                    return News::End;
                if (!m_commands.empty()) {
                    command = std::move(m_commands.front());
                    m_commands.pop_front();
                    return News::Command;
                }
            }
            const platform::SocketEvent event =
                platform::waitForSocket(socket, false, std::chrono::hours(1), &m_arrived);
            if (event == platform::SocketEvent::Readable || event == platform::SocketEvent::Failed)
                return News::Socket;
        }
    }

private:
    std::mutex m_mutex;
    platform::WakeUp m_arrived;
    std::deque<protocol::Command> m_commands; ///< guarded by m_mutex
    bool m_ending = false;                    ///< guarded by m_mutex
};

[[noreturn]] void leave(int code)
{
    // Not exit(): another thread may be inside libpq or reading stdin, and nothing here needs cleaning up.
    std::_Exit(code);
}

/// Reads until the console closes its end. That and Quit end the process at once, even while a statement runs.
void readCommands(EventWriter& writer, const std::function<void(protocol::Command)>& take)
{
    LineBuffer lines;
    std::array<char, 4096> bytes;
    std::streambuf& input = *std::cin.rdbuf();
    while (input.sgetc() != std::streambuf::traits_type::eof()) {
        const std::streamsize count = input.sgetn(
            bytes.data(), std::min<std::streamsize>(std::max<std::streamsize>(input.in_avail(), 1), bytes.size()));
        lines.append(QByteArrayView(bytes.data(), count));
        while (const auto line = lines.takeLine()) {
            if (line->oversized) {
                writer.write(protocol::Complaint{
                    {.kind = ErrorKind::Internal, .what = QStringLiteral("A command was too long to be read.")}});
                continue;
            }
            Result<protocol::Command> command = protocol::decodeCommand(line->text);
            if (!command)
                writer.write(protocol::Complaint{command.error()});
            else if (std::holds_alternative<protocol::Quit>(*command))
                leave(0);
            else
                take(std::move(*command));
        }
    }
    leave(0);
}

/// The life of the connection. Returns the exit code.
int serve(CommandQueue& queue, ClientSession& session)
{
    for (;;) {
        protocol::Command command;
        bool goesOn = true;
        switch (queue.wait(session.isConnected() ? session.socket() : -1, command)) {
        case CommandQueue::News::Command:
            goesOn = session.run(command);
            break;
        case CommandQueue::News::Socket:
            goesOn = session.checkConnection();
            break;
        case CommandQueue::News::End:
            session.close();
            return 0;
        }
        if (!goesOn) {
            session.close();
            return 1;
        }
    }
}

} // namespace

int main(int argumentCount, char** arguments)
{
    platform::forbidInspection();
    const qint64 parent = argumentCount > 1 ? QByteArray(arguments[1]).toLongLong() : 0;
    if (parent <= 0) {
        std::fputs("lockscope-client is started by lockscope; on its own it has nothing to do.\n", stderr);
        return 2;
    }
    platform::dieWithParent(platform::ProcessSignal::Kill, parent);
    std::ios::sync_with_stdio(false);

    const QCoreApplication application(argumentCount, arguments);
    platform::speakEnglishInternally();
    EventWriter writer;
    platform::WakeUp abort;
    const auto emitEvent = [&writer](const protocol::Event& event) { writer.write(event); };
    QObject context;
    if (argumentCount > 3 && QByteArrayView(arguments[3]) == QByteArrayView("pod")) {
        PodService pod(&abort, emitEvent);
        platform::onTerminationRequest(&context, [&] {
            pod.end();
            QTimer::singleShot(cancelPatience, &context, [&abort] { abort.ring(); });
        });
        std::thread([&] {
            readCommands(writer, [&pod](const protocol::Command& command) { pod.run(command); });
        }).detach();
        std::thread([&] { leave(pod.wait()); }).detach();
        return QCoreApplication::exec();
    }
    CommandQueue queue;
    ClientSession session(&abort, emitEvent);
    // As a well-behaved application does: cancels what runs, says goodbye to the server, ends. A server that does not
    // answer does not hold it up.
    platform::onTerminationRequest(&context, [&] {
        queue.put(std::nullopt);
        session.cancel();
        QTimer::singleShot(cancelPatience, &context, [&abort] { abort.ring(); });
    });
    std::thread([&] {
        readCommands(writer, [&queue](protocol::Command command) { queue.put(std::move(command)); });
    }).detach();
    std::thread([&] { leave(serve(queue, session)); }).detach();
    return QCoreApplication::exec();
}
