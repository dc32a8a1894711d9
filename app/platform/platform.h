#pragma once

#include "models/domain/result.h"

#include <QProcess>
#include <QString>

#include <chrono>
#include <cstdio>
#include <functional>
#include <optional>

/// Everything POSIX that Lockscope needs of processes, signals and sockets (files.h has the file system). Implemented
/// in platform_posix.cpp alone; another system needs another one. Nothing else in the tree may include <signal.h>,
/// <unistd.h>, <sys/*> or <poll.h>. Every function may be called on any thread unless it says so.
namespace lockscope::platform {

enum class ProcessSignal
{
    Kill,
    Terminate,
    Stop,
    Continue,
    Interrupt,
    Quit
};

/// Sends a signal to one process. The error says that the process is gone or is not ours. Numbers below 2, which stand
/// for groups of processes or for the first process of the system, are refused.
[[nodiscard]] Result<void> sendSignal(qint64 processId, ProcessSignal signal);
/// A process that has ended and that its parent has not collected yet does not exist any more.
[[nodiscard]] bool processExists(qint64 processId);
/// Blocks until the process, which need not be a child of ours, has ended; false at the timeout.
[[nodiscard]] bool waitForProcessEnd(qint64 processId, std::chrono::milliseconds timeout);

/// Kills every process that works in this directory and has this file open, which proves that it belongs to whoever
/// made them. For what a killed server leaves. Returns how many it killed; 0 on systems without /proc, where they end
/// in their own time.
int endProcessesIn(const QString& directory, const QString& openFile);

/// To be called in the child: it gets the signal when its parent dies. Call it again after a change of user (which
/// clears it). expectedParent: ends the process at once when the parent died before this call. On Linux the death of
/// the *thread* that started the child counts as the death of the parent. Systems without such a request only check
/// expectedParent.
void dieWithParent(ProcessSignal signal, qint64 expectedParent);
[[nodiscard]] qint64 currentProcessId();
/// No core dump and no reading of memory or environ by other processes of the same user: passwords live there.
void forbidInspection();
/// Whether somebody sits at this stream and can be asked.
[[nodiscard]] bool isTerminal(std::FILE* stream);

/// From now on the C library and everything that asks it (libpq) speaks English, so that its words can be recognised;
/// numbers, dates and character sets stay those of the user. To be called once, after the application object, which
/// sets the user's locale, and before there are other threads.
void speakEnglishInternally();

[[nodiscard]] bool isAdministrator(); ///< root, which PostgreSQL refuses to run as
/// An account to run a server as when we are root: "postgres", else "nobody".
struct Account
{
    QString name;
    quint32 userId = 0;
    quint32 groupId = 0;
};
[[nodiscard]] std::optional<Account> unprivilegedAccount();

/// Prepares a process, before start(), to run as that account (none: as we are), in a process group of its own, and to
/// receive `onParentDeath` when this process dies. QProcess must be started from a thread that lives as long as the
/// child is wanted: on Linux the death of the starting *thread* counts. With an account and no working directory it
/// starts in "/". lockFile, when given, is a file that the child keeps locked as long as it lives: see lockHolder() in
/// files.h. A child that cannot become what was asked ends with exit code 126 and a line on its standard error, and
/// executes nothing. On Linux it inherits nothing that is open here but its standard streams: a socket of ours in
/// another process would keep a session, and its locks, alive.
void prepareChild(QProcess& process, const std::optional<Account>& account, ProcessSignal onParentDeath,
                  const QString& lockFile = {});

/// From now on a write to a socket that its other end has closed is an error on this thread, and not the end of the
/// process. For threads that call PQcancel(), which alone of libpq does not see to that: send() without MSG_NOSIGNAL.
void ignoreBrokenPipesOnThisThread();

/// Ends both directions of a connected socket, so that a thread blocked on it returns at once. The one way out of a
/// call on a link that died silently, because the kernel reports such a link only after many minutes.
void shutdownSocket(qintptr socket);

/// A wake-up for waitForSocket from another thread; safe to ring from any thread, stays rung until cleared.
class WakeUp
{
public:
    WakeUp();
    ~WakeUp();
    Q_DISABLE_COPY_MOVE(WakeUp)
    void ring();
    void clear();
    [[nodiscard]] int descriptor() const { return m_descriptors[0]; }

private:
    int m_descriptors[2] = {-1, -1};
};

enum class SocketEvent
{
    Readable,
    Writable,
    TimedOut,
    WokenUp,
    Failed
};
/// Waits until the socket is ready, the timeout passes, or wakeUp (may be null) rings; a rung wake-up comes first. A
/// broken or closed link counts as ready: reading or writing tells what is wrong. Socket -1 waits for the wake-up
/// alone.
[[nodiscard]] SocketEvent waitForSocket(qintptr socket, bool forWriting, std::chrono::milliseconds timeout,
                                        const WakeUp* wakeUp);

/// Calls back on the thread of `context` (which needs an event loop) when this process is asked to end by SIGINT,
/// SIGTERM or SIGHUP; a signal that is ignored already (nohup) stays ignored. One caller per process at a time; when
/// context is destroyed the signals end the process again.
void onTerminationRequest(QObject* context, std::function<void()> callback);

} // namespace lockscope::platform
