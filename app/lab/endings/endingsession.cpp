#include "app/lab/endings/endingsession.h"

#include "app/lab/labsql.h"

namespace lockscope {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds connectDeadlineOfSession{5000};
constexpr milliseconds identityDeadline{5000};
/// A wait for a lock is ended from outside; the number only has to fit into the int of poll().
constexpr milliseconds unlimited = std::chrono::hours(24 * 20);

} // namespace

EndingSession::EndingSession(Conninfo conninfo, QString applicationName, QObject* parent)
    : QObject(parent)
    , m_conninfo(std::move(conninfo))
    , m_applicationName(std::move(applicationName))
    , m_thread([this] { work(); })
{
}

EndingSession::~EndingSession()
{
    {
        const std::lock_guard lock(m_mutex);
        m_ending = true;
        m_tasks.clear();
        m_cable.reset(); // mended first, so that the goodbye is answered
    }
    m_wakeUp.ring();
    m_wake.notify_one();
    m_thread.join();
}

void EndingSession::open(std::function<void(Result<EndingLink>)> opened)
{
    post([this, opened = std::move(opened)] {
        QMetaObject::invokeMethod(
            this, [opened, result = openNow()] { opened(result); }, Qt::QueuedConnection);
    });
}

void EndingSession::run(const QByteArray& statement, std::function<void(Result<void>)> answered)
{
    post([this, statement, answered = std::move(answered)] {
        const Result<QueryAnswer> answer = m_connection.executeOne(statement, unlimited);
        const Result<void> result = answer ? Result<void>() : failure(answer.error());
        QMetaObject::invokeMethod(
            this, [answered, result] { answered(result); }, Qt::QueuedConnection);
    });
}

std::optional<Error> EndingSession::cutProblem() const
{
    const std::lock_guard lock(m_mutex);
    return m_cutProblem;
}

Result<SteadyTime> EndingSession::cut()
{
    const std::lock_guard lock(m_mutex);
    if (!m_cable)
        return failure(m_cutProblem.value_or(Error{.what = tr("This session is not connected.")}));
    const Result<void> done = m_cable->cut();
    if (!done)
        return failure(done.error());
    return std::chrono::steady_clock::now();
}

void EndingSession::post(std::function<void()> task)
{
    {
        const std::lock_guard lock(m_mutex);
        m_tasks.push_back(std::move(task));
    }
    m_wake.notify_one();
}

void EndingSession::work()
{
    std::unique_lock lock(m_mutex);
    while (!m_ending) {
        if (m_tasks.empty()) {
            m_wake.wait(lock);
            continue;
        }
        const std::function<void()> task = std::move(m_tasks.front());
        m_tasks.pop_front();
        lock.unlock();
        task();
        lock.lock();
    }
    lock.unlock();
    m_connection.close();
}

Result<EndingLink> EndingSession::openNow()
{
    const Conninfo conninfo = withDefaults(m_conninfo.with(QStringLiteral("application_name"), m_applicationName), {});
    if (const Result<void> opened = m_connection.open(conninfo, connectDeadlineOfSession); !opened)
        return failure(opened.error());
    const Result<QueryAnswer> answer =
        m_connection.executeOne(labStatement(QStringLiteral("ending_link")), identityDeadline);
    if (!answer)
        return failure(answer.error());
    if (answer->rows() != 1)
        return failure({.kind = ErrorKind::Server, .what = tr("The server did not say which backend serves us.")});
    EndingLink link;
    link.backend = {static_cast<qint32>(answer->int64(0, 0)), ServerTime(microseconds(answer->int64(0, 1)))};
    link.overTcp = answer->int64(0, 2) > 0;
    link.timeouts = {.keepalivesIdle = seconds(answer->int64(0, 3)),
                     .keepalivesInterval = seconds(answer->int64(0, 4)),
                     .keepalivesCount = static_cast<int>(answer->int64(0, 5)),
                     .userTimeout = milliseconds(answer->int64(0, 6))};
    Result<std::unique_ptr<platform::LinkCut>> cable = platform::LinkCut::prepare(m_connection.socket());
    const std::lock_guard lock(m_mutex);
    if (!cable)
        m_cutProblem = cable.error();
    else if (!m_ending)
        m_cable = std::move(*cable);
    return link;
}

} // namespace lockscope
