#pragma once

#include "app/lab/linebuffer.h"
#include "app/lab/protocol.h"
#include "models/domain/clientstate.h"
#include "models/domain/result.h"

#include <QProcess>
#include <QStringList>

#include <functional>
#include <optional>

namespace lockscope {

/// The lockscope-client process behind a simulated client and behind a pod: how it is started without a secret in its
/// arguments or environment, spoken to, frozen and ended. On one thread with an event loop, which has to live as long
/// as the process is wanted. Never starts it again by itself, and never talks to the server.
class ClientProcess final
{
public:
    ClientProcess();
    ~ClientProcess(); ///< stop()
    Q_DISABLE_COPY_MOVE(ClientProcess)

    /// For connecting to its signals; everything else goes through this class.
    [[nodiscard]] const QProcess* signalSource() const { return &m_process; }
    [[nodiscard]] qint64 processId() const { return m_process.processId(); }
    [[nodiscard]] QString errorText() const { return m_process.errorString(); }
    [[nodiscard]] bool isRunning() const { return m_process.state() != QProcess::NotRunning; }
    [[nodiscard]] bool isFrozen() const { return m_frozen; }

    /// arguments: for people who look at the process list; the number of our own process goes first. opening: the first
    /// command, which gets what PGPASSWORD says here; the client's environment has it removed, because /proc shows it.
    [[nodiscard]] Result<void> start(const QStringList& arguments,
                                     const std::function<protocol::Command(const QString& password)>& opening);
    /// Kills it and waits for that, at most a second; signals nothing any more.
    void stop();
    void send(const protocol::Command& command);
    /// The next event of those it has said, whole; a line that could not be read is a Complaint.
    [[nodiscard]] std::optional<protocol::Event> takeEvent();

    /// Stops it (SIGSTOP) or lets it go on. Returns whether that changed anything.
    bool setFrozen(bool frozen);
    /// Kill, Terminate or Quit; nothing for FromServer, which is not done here.
    [[nodiscard]] Result<void> end(ClientEnding ending);

private:
    QProcess m_process;
    LineBuffer m_lines;
    bool m_frozen = false;
};

} // namespace lockscope
