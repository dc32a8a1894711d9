#pragma once

#include <QDeadlineTimer>
#include <QObject>
#include <QThread>
#include <QTimer>

#include <chrono>
#include <functional>
#include <memory>

namespace lockscope {

/// The thread of one connection: starts at once and owns the worker that is handed to it, which is deleted on this
/// thread when the thread ends. Belongs to the thread that made it, for which waiting is optional: a link that died
/// silently keeps its thread for seconds. Never terminates a running thread.
class ConnectionThread final : public QObject
{
    Q_OBJECT

public:
    /// How to bring back a thread that is blocked on its connection. What the functions need they must keep alive.
    struct Levers
    {
        std::function<void()> nudge;           ///< at once and every 100 ms, as long as there is patience
        std::function<void()> force;           ///< after that, again and again: it may come between two calls
        std::chrono::milliseconds patience{0}; ///< counted from the beginning of the end
        /// After this the thread is left to itself, for good: QPSQL asks the server while it opens, without a deadline
        /// and before anybody knows its socket.
        std::chrono::milliseconds forcedFor{3000};
    };

    /// name is what debuggers and `ps -L` show.
    ConnectionThread(const QString& name, Levers levers);
    /// Ends the thread and waits for that, at most patience + forcedFor.
    ~ConnectionThread() override;
    Q_DISABLE_COPY_MOVE(ConnectionThread)

    /// Takes a worker without parent that belongs to the calling thread.
    void adopt(QObject* worker);
    /// Ends the thread without waiting for it: it becomes a child of the application, which waits for it at the very
    /// end. More than eight at a time are not kept waiting: the oldest is forced at once, which may take 40 ms.
    static void endInBackground(std::unique_ptr<ConnectionThread> thread);

private:
    void beginToEnd();
    void hurry();
    void press();

    std::unique_ptr<QThread> m_thread;
    Levers m_levers;
    QTimer m_pressing;
    bool m_ending = false;
    QDeadlineTimer m_patienceEnds;
    QDeadlineTimer m_forceEnds;
};

} // namespace lockscope
