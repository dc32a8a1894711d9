#pragma once

#include <QThread>

#include <chrono>
#include <functional>

namespace lockscope {

/// The thread of one connection: starts at once, and its destructor makes it quit and joins it. Owns the worker that is
/// handed to it, which is deleted on this thread when the thread ends. Used from the thread that made it; never
/// terminates a running thread.
class ConnectionThread final : public QThread
{
    Q_OBJECT

public:
    /// name is what debuggers and `ps -L` show.
    explicit ConnectionThread(const QString& name);
    ~ConnectionThread() override;
    Q_DISABLE_COPY_MOVE(ConnectionThread)

    /// Takes a worker without parent that belongs to the calling thread.
    void adopt(QObject* worker);
    /// Asks the event loop to quit and waits. While the thread does not come back, nudge() is called every 100 ms of
    /// `patience`, then force() once, which must unblock it; then waits without limit. Blocks the caller.
    void end(std::chrono::milliseconds patience, const std::function<void()>& nudge,
             const std::function<void()>& force);
};

} // namespace lockscope
