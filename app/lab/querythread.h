#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/result.h"

#include <QList>
#include <QObject>
#include <QStringList>

#include <functional>
#include <memory>

namespace lockscope {

class ConnectionThread;

/// One connection on a thread of its own that a scenario asks the server through: questions one after another, answers
/// on the thread of this object. Opened by the first question. Never retries.
class QueryThread final : public QObject
{
    Q_OBJECT

public:
    /// The rows of an answer as text; NULL is an empty text.
    using Rows = QList<QStringList>;

    QueryThread(Conninfo conninfo, QString applicationName, QObject* parent = nullptr);
    /// Returns at once. The farewell, if there is one, is sent in the background, then the connection closes; on a
    /// server that does not answer it is given up after about three seconds. Only the end of the application waits for
    /// that.
    ~QueryThread() override;
    Q_DISABLE_COPY_MOVE(QueryThread)

    /// answered is called on this object's thread, never from inside ask(), and not at all once this object is gone.
    void ask(const QByteArray& statement, std::function<void(Result<Rows>)> answered);
    /// Statements to be sent when this object goes, whatever happens; replaces earlier ones.
    void setFarewell(const QList<QByteArray>& statements);

private:
    class Link;
    class Worker;

    std::shared_ptr<Link> m_link;
    std::unique_ptr<ConnectionThread> m_thread;
    Worker* m_worker; ///< lives on the thread, and goes with it
};

} // namespace lockscope
