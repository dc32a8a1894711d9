#include "app/lab/labsession.h"

#include "app/lab/labsql.h"
#include "app/postgres/servererror.h"

namespace lockscope {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// A lock is waited for as long as it takes; the number only has to fit into the int of poll().
constexpr milliseconds unlimited = std::chrono::hours(24 * 20);
constexpr milliseconds identityDeadline{5000};
constexpr int mostRows = 100;

QList<QStringList> textOf(const QueryAnswer& answer)
{
    QList<QStringList> rows;
    for (int row = 0; row < std::min(answer.rows(), mostRows); ++row) {
        QStringList columns;
        for (int column = 0; column < answer.columns(); ++column)
            columns.append(answer.isNull(row, column) ? QString() : answer.text(row, column));
        rows.append(columns);
    }
    return rows;
}

} // namespace

LabSession::LabSession(Conninfo conninfo, QObject* parent)
    : QObject(parent)
    , m_conninfo(std::move(conninfo))
    , m_thread([this] { run(); })
{
}

LabSession::~LabSession()
{
    {
        const std::lock_guard lock(m_mutex);
        m_ending = true;
        m_tasks.clear();
        m_wakeUp.ring();
    }
    m_wake.notify_one();
    m_thread.join();
}

void LabSession::open(bool identify, std::function<void(const Result<Login>&)> opened)
{
    push([this, identify, opened = std::move(opened)] {
        answer([opened, login = openNow(identify)] { opened(login); });
    });
}

void LabSession::execute(const QByteArray& sql, std::function<void(const LabAnswer&)> answered)
{
    push([this, sql, answered = std::move(answered)] {
        answer([answered, told = executeNow(sql)] { answered(told); });
    });
}

void LabSession::cancel()
{
    const std::lock_guard lock(m_mutex);
    if (m_socket >= 0)
        static_cast<void>(m_cancelKey.send());
}

void LabSession::close(std::function<void()> closed)
{
    push([this, closed = std::move(closed)] {
        closeNow();
        if (closed)
            answer(closed);
    });
}

void LabSession::cutOff(std::function<void()> closed)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_socket >= 0)
            platform::shutdownSocket(m_socket);
    }
    push(
        [this, closed = std::move(closed)] {
            if (m_connection.isOpen())
                platform::shutdownSocket(m_connection.socket());
            closeNow();
            if (closed)
                answer(closed);
        },
        true);
}

void LabSession::push(Task task, bool first)
{
    {
        const std::lock_guard lock(m_mutex);
        if (first)
            m_tasks.push_front(std::move(task));
        else
            m_tasks.push_back(std::move(task));
    }
    m_wake.notify_one();
}

void LabSession::answer(std::function<void()> call)
{
    QMetaObject::invokeMethod(this, std::move(call), Qt::QueuedConnection);
}

void LabSession::run()
{
    std::unique_lock lock(m_mutex);
    while (!m_ending) {
        if (m_tasks.empty()) {
            m_wake.wait(lock);
            continue;
        }
        const Task task = std::move(m_tasks.front());
        m_tasks.pop_front();
        lock.unlock();
        task();
        lock.lock();
    }
    lock.unlock();
    closeNow();
}

Result<LabSession::Login> LabSession::openNow(bool identify)
{
    if (const Result<void> opened = m_connection.open(m_conninfo, openTimeout(m_conninfo)); !opened)
        return failure(opened.error());
    {
        const std::lock_guard lock(m_mutex);
        m_cancelKey = CancelKey(m_connection.handle());
    }
    Login login{.backend = {}, .claimedPid = m_connection.claimedPid()};
    if (!identify)
        return login;
    const Result<QueryAnswer> identity =
        m_connection.executeOne(labStatement(QStringLiteral("watch_identity")), identityDeadline);
    if (!identity)
        return failure(identity.error());
    if (identity->rows() != 1)
        return failure(
            {.kind = ErrorKind::Server, .what = tr("The server did not say which backend serves this session.")});
    login.backend.pid = static_cast<qint32>(identity->int64(0, 0));
    if (!identity->isNull(0, 1))
        login.backend.backendStart = ServerTime(microseconds(identity->int64(0, 1)));
    return login;
}

LabAnswer LabSession::executeNow(const QByteArray& sql)
{
    {
        const std::lock_guard lock(m_mutex);
        m_socket = m_connection.isOpen() ? m_connection.socket() : -1;
    }
    const SteadyTime sent = steady_clock::now();
    const Result<QueryAnswer> told = m_connection.executeOne(sql, unlimited);
    LabAnswer answer{.rows = QList<QStringList>(),
                     .notices = m_connection.takeNotices(),
                     .elapsed = std::chrono::duration_cast<microseconds>(steady_clock::now() - sent)};
    {
        const std::lock_guard lock(m_mutex);
        m_socket = -1;
    }
    if (told) {
        answer.rows = textOf(*told);
    } else {
        answer.rows = failure(told.error());
        answer.lost =
            told.error().kind == ErrorKind::Connection || endsSession(told.error().sqlState) || !m_connection.isOpen();
    }
    return answer;
}

void LabSession::closeNow()
{
    {
        const std::lock_guard lock(m_mutex);
        m_cancelKey = {};
    }
    m_connection.close();
}

} // namespace lockscope
