#pragma once

#include "app/postgres/conninfo.h"
#include "app/sandbox/serverbinaries.h"
#include "models/domain/result.h"

#include <QObject>
#include <QString>

#include <chrono>
#include <memory>

namespace lockscope {

/// A private throw-away PostgreSQL server: a cluster in a temporary directory that only its owner can enter, a private
/// socket, a free loopback port, a generated password. Lives on one thread with an event loop (the GUI thread:
/// everything is a QProcess). The server dies with this process, also when this process is killed; the directory of a
/// killed run is removed by the next start. As root the server runs as an unprivileged account. Never listens on
/// anything but 127.0.0.1, never keeps the password in a file longer than initdb needs it. On Linux the end of the
/// *thread* that started it ends the server as well.
class Sandbox final : public QObject
{
    Q_OBJECT

public:
    explicit Sandbox(QObject* parent = nullptr);
    ~Sandbox() override; ///< stops the server (immediate) and removes everything; blocks meanwhile
    Q_DISABLE_COPY_MOVE(Sandbox)

    /// Extra lines for postgresql.conf ("max_connections = 20"), before start(). They win over the sandbox's own
    /// settings, but not over those that keep it private and readable (addresses, sockets, where and in which language
    /// it logs).
    void setConfiguration(const QString& lines);
    /// Returns at once, answers by started() or failed(). Does nothing while a server starts, runs or stops.
    void start();
    /// Blocks for tests and the command line: start() and wait. Spins no event loop of the caller.
    [[nodiscard]] Result<void> startAndWait(std::chrono::milliseconds deadline);
    /// Ends sessions and server (a fast shutdown), removes everything and says stopped(). Returns at once.
    void stop();
    /// The same for a sandbox that nobody needs any more: it becomes a child of the application, says nothing and
    /// deletes itself. Where the application ends first, it waits.
    static void endInBackground(std::unique_ptr<Sandbox> sandbox);
    /// Stops at once, as a crash of the machine would, and keeps directory and port for restartAndWait(): for faults.
    [[nodiscard]] Result<void> haltAndWait(std::chrono::milliseconds deadline);
    /// Stops at once and starts again on the same directory and port: for faults. Also after haltAndWait() and after
    /// ended().
    [[nodiscard]] Result<void> restartAndWait(std::chrono::milliseconds deadline);

    [[nodiscard]] bool isRunning() const;
    /// How to connect, with the password; host is the loopback address. Valid after started().
    [[nodiscard]] Conninfo conninfo() const;
    /// The same over the private socket.
    [[nodiscard]] Conninfo socketConninfo() const;
    [[nodiscard]] QString directory() const;       ///< empty while there is none: also a moment after start()
    [[nodiscard]] qint64 serverProcessId() const;  ///< postmaster; 0 when it does not run
    [[nodiscard]] QString serverLog() const;       ///< the last lines
    [[nodiscard]] ServerBinaries binaries() const; ///< what it was started from; valid after started()

    /// Removes directories of runs whose process is gone, and ends servers still running there. Called by start(), on a
    /// thread of its own. Returns how many directories it removed.
    static int removeLeftovers();

Q_SIGNALS:
    void progress(const QString& step); ///< "Creating a cluster", "Starting the server"
    void started();                     ///< also after a restart
    void failed(const lockscope::Error& error);
    void
    ended(const lockscope::Error& error); ///< the server went away by itself; its directory stays for restartAndWait()
    void stopped();                       ///< answer to stop()

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace lockscope
