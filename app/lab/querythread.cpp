#include "app/lab/querythread.h"

#include "app/platform/platform.h"
#include "app/postgres/connectionthread.h"
#include "app/postgres/libpqconnection.h"

#include <QDeadlineTimer>

#include <mutex>
#include <utility>

namespace lockscope {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds connectDeadlineOfQueries{5000};
constexpr milliseconds queryDeadline{2000};
constexpr milliseconds farewellDeadline{1000};

} // namespace

/// What the two threads share; stays as long as either of them.
class QueryThread::Link
{
public:
    explicit Link(QueryThread* asker)
        : m_asker(asker)
    {
    }

    platform::WakeUp wakeUp;

    void setFarewell(const QList<QByteArray>& statements)
    {
        const std::lock_guard lock(m_mutex);
        m_farewell = statements;
    }
    [[nodiscard]] QList<QByteArray> farewell() const
    {
        const std::lock_guard lock(m_mutex);
        return m_farewell;
    }
    /// Dropped when nobody is left to hear it.
    void tell(std::function<void()> call)
    {
        const std::lock_guard lock(m_mutex);
        if (m_asker)
            QMetaObject::invokeMethod(m_asker, std::move(call), Qt::QueuedConnection);
    }
    void forgetAsker()
    {
        const std::lock_guard lock(m_mutex);
        m_asker = nullptr;
        m_ends = QDeadlineTimer(queryDeadline + farewellDeadline);
    }
    /// Brings the thread back from a question that nobody waits for; one before a farewell may end by itself, because
    /// the connection is needed once more.
    void hurry()
    {
        const std::lock_guard lock(m_mutex);
        if (m_farewell.isEmpty() || m_ends.hasExpired())
            wakeUp.ring();
    }

private:
    mutable std::mutex m_mutex;
    QueryThread* m_asker;
    QList<QByteArray> m_farewell;
    QDeadlineTimer m_ends{QDeadlineTimer::Forever};
};

class QueryThread::Worker final : public QObject
{
public:
    Worker(Conninfo conninfo, std::shared_ptr<Link> link)
        : m_conninfo(std::move(conninfo))
        , m_link(std::move(link))
    {
    }
    ~Worker() override
    {
        const QList<QByteArray> farewell = m_link->farewell();
        for (const QByteArray& statement : farewell) {
            if (m_connection.isOpen()) // nobody is left to hear of a failure
                static_cast<void>(m_connection.execute(statement, farewellDeadline));
        }
    }
    Q_DISABLE_COPY_MOVE(Worker)

    [[nodiscard]] Result<Rows> answer(const QByteArray& statement);

private:
    const Conninfo m_conninfo;
    const std::shared_ptr<Link> m_link;
    LibpqConnection m_connection{&m_link->wakeUp};
};

Result<QueryThread::Rows> QueryThread::Worker::answer(const QByteArray& statement)
{
    if (!m_connection.isOpen()) {
        if (const Result<void> opened = m_connection.open(m_conninfo, connectDeadlineOfQueries); !opened)
            return failure(opened.error());
    }
    const Result<QueryAnswer> answer = m_connection.executeOne(statement, queryDeadline);
    if (!answer)
        return failure(answer.error());
    Rows rows;
    for (int row = 0; row < answer->rows(); ++row) {
        QStringList columns;
        for (int column = 0; column < answer->columns(); ++column)
            columns.append(answer->isNull(row, column) ? QString() : answer->text(row, column));
        rows.append(columns);
    }
    return rows;
}

QueryThread::QueryThread(Conninfo conninfo, QString applicationName, QObject* parent)
    : QObject(parent)
    , m_link(std::make_shared<Link>(this))
    , m_thread(std::make_unique<ConnectionThread>(
          QStringLiteral("lab questions"), ConnectionThread::Levers{.nudge = [link = m_link] { link->hurry(); },
                                                                    .force = [link = m_link] { link->hurry(); },
                                                                    .patience = queryDeadline + farewellDeadline}))
    , m_worker(new Worker(withDefaults(conninfo.with(QStringLiteral("application_name"), {}), applicationName), m_link))
{
    m_thread->adopt(m_worker);
}

QueryThread::~QueryThread()
{
    m_link->forgetAsker();
    ConnectionThread::endInBackground(std::move(m_thread));
}

void QueryThread::ask(const QByteArray& statement, std::function<void(Result<Rows>)> answered)
{
    QMetaObject::invokeMethod(
        m_worker,
        [worker = m_worker, link = m_link, statement, answered = std::move(answered)] {
            link->tell([answered, rows = worker->answer(statement)] { answered(rows); });
        },
        Qt::QueuedConnection);
}

void QueryThread::setFarewell(const QList<QByteArray>& statements)
{
    m_link->setFarewell(statements);
}

} // namespace lockscope
