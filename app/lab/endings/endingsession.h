#pragma once

#include "app/lab/endings/endinglink.h"
#include "app/platform/linkcut.h"
#include "app/postgres/conninfo.h"
#include "app/postgres/libpqconnection.h"

#include <QObject>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace lockscope {

/// One plain session of a trial, inside this process, on a thread of its own: who waits next for the key, who holds it
/// against a ghost, and the session whose cable is cut. Facade for the GUI thread: every call returns at once, answers
/// come on the thread of this object and not at all once it is gone. Never retries, never unlocks.
class EndingSession final : public QObject
{
    Q_OBJECT

public:
    EndingSession(Conninfo conninfo, QString applicationName, QObject* parent = nullptr);
    ~EndingSession() override; ///< within milliseconds: what runs is cancelled, the connection closed
    Q_DISABLE_COPY_MOVE(EndingSession)

    void open(std::function<void(Result<EndingLink>)> opened);
    /// However long it takes.
    void run(const QByteArray& statement, std::function<void(Result<void>)> answered);
    /// Why the cable cannot be cut; empty: it can. Known once open() was answered.
    [[nodiscard]] std::optional<Error> cutProblem() const;
    /// Cuts the cable, also while a statement runs, and says when.
    [[nodiscard]] Result<SteadyTime> cut();
    [[nodiscard]] const QString& applicationName() const { return m_applicationName; }

private:
    void post(std::function<void()> task);
    void work();
    Result<EndingLink> openNow();

    const Conninfo m_conninfo;
    const QString m_applicationName;
    platform::WakeUp m_wakeUp;               ///< rings for a new task, and to end what runs
    LibpqConnection m_connection{&m_wakeUp}; ///< used only by the thread
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<std::function<void()>> m_tasks;  ///< guarded by m_mutex
    std::unique_ptr<platform::LinkCut> m_cable; ///< guarded by m_mutex
    std::optional<Error> m_cutProblem;          ///< guarded by m_mutex
    bool m_ending = false;                      ///< guarded by m_mutex
    std::thread m_thread;                       ///< last: everything else is there when it starts
};

} // namespace lockscope
