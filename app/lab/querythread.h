#pragma once

#include "app/postgres/conninfo.h"
#include "app/postgres/libpqconnection.h"

#include <QList>
#include <QObject>
#include <QStringList>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace lockscope {

/// One connection on a thread of its own that a scenario asks the server through: questions one after another, answers
/// on the thread of this object. Opened by the first question. Never retries.
class QueryThread final : public QObject
{
    Q_OBJECT

public:
    /// The rows of an answer as text; NULL is an empty text.
    using Rows = QList<QStringList>;

    QueryThread(Conninfo conninfo, QString applicationName, QObject* parent = nullptr);
    /// Sends the farewell, if there is one, then closes; at most about three seconds on a server that does not answer.
    ~QueryThread() override;
    Q_DISABLE_COPY_MOVE(QueryThread)

    /// answered is called on this object's thread, never from inside ask(), and not at all once this object is gone.
    void ask(const QByteArray& statement, std::function<void(Result<Rows>)> answered);
    /// Statements to be sent when this object goes, whatever happens; replaces earlier ones.
    void setFarewell(const QList<QByteArray>& statements);

private:
    struct Question
    {
        QByteArray statement;
        std::function<void(Result<Rows>)> answered;
    };

    void run();
    Result<Rows> answer(const QByteArray& statement);

    const Conninfo m_conninfo;
    const QString m_applicationName;
    platform::WakeUp m_wakeUp;
    LibpqConnection m_connection{&m_wakeUp}; ///< used only by the thread
    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<Question> m_questions; ///< guarded by m_mutex
    QList<QByteArray> m_farewell;     ///< guarded by m_mutex
    bool m_ending = false;            ///< guarded by m_mutex
    std::thread m_thread;             ///< last: everything else is there when it starts
};

} // namespace lockscope
