#pragma once

#include "app/postgres/cancelkey.h"
#include "app/postgres/conninfo.h"
#include "app/postgres/libpqconnection.h"
#include "models/domain/lock.h"

#include <QList>
#include <QObject>
#include <QStringList>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace lockscope {

/// How a statement of a LabSession ended.
struct LabAnswer
{
    Result<QList<QStringList>> rows; ///< as text, NULL is a null text; at most the first 100
    QStringList notices = {};        ///< "WARNING: ..."
    std::chrono::microseconds elapsed{0};
    bool lost = false; ///< the session has ended, with this statement or before
};

/// One session of the lab on a thread of its own: statements one after another, answers on the thread of this object.
/// Can be cancelled from outside, closed with a goodbye, or cut off without one, as by the death of its process. Never
/// sends a statement that it was not asked for (through a pooler another session would pay for it), never reconnects.
class LabSession final : public QObject
{
    Q_OBJECT

public:
    /// conninfo is used as it is, application_name included.
    explicit LabSession(Conninfo conninfo, QObject* parent = nullptr);
    /// Says goodbye; a statement that runs is cancelled, and nobody waits for that. Returns within milliseconds.
    ~LabSession() override;
    Q_DISABLE_COPY_MOVE(LabSession)

    struct Login
    {
        BackendId backend = {}; ///< pid 0 when it was not asked for
        qint32 claimedPid = 0;  ///< what the login told; a pooler makes it up
    };
    /// Once. identify: asks the server which backend this is. opened is never called from inside, and not at all once
    /// this object is gone; the same goes for the other answers.
    void open(bool identify, std::function<void(const Result<Login>&)> opened);
    /// No deadline: cancel() or the end of the session end it.
    void execute(const QByteArray& sql, std::function<void(const LabAnswer&)> answered);
    /// Cancels the statement that runs, if one does: to be called again until it has answered, because a request that
    /// overtakes its statement has no effect.
    void cancel();
    /// A clean goodbye after the statements that are under way. closed may be empty.
    void close(std::function<void()> closed);
    /// Ends the socket without a goodbye, at once.
    void cutOff(std::function<void()> closed);

private:
    using Task = std::function<void()>;

    void run();
    void push(Task task, bool first = false);
    void answer(std::function<void()> call);
    Result<Login> openNow(bool identify);
    LabAnswer executeNow(const QByteArray& sql);
    void closeNow();

    const Conninfo m_conninfo;
    platform::WakeUp m_wakeUp;
    LibpqConnection m_connection{&m_wakeUp}; ///< used only by the thread
    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<Task> m_tasks; ///< guarded by m_mutex, as all that follows
    CancelKey m_cancelKey;
    qintptr m_socket = -1; ///< only while a statement runs: libpq closes a broken link's socket by itself
    bool m_ending = false;
    std::thread m_thread; ///< last: everything else is there when it starts
};

} // namespace lockscope
