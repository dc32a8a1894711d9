#include "app/lab/querythread.h"

namespace lockscope {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds connectDeadlineOfQueries{5000};
constexpr milliseconds queryDeadline{2000};
constexpr milliseconds farewellDeadline{1000};

} // namespace

QueryThread::QueryThread(Conninfo conninfo, QString applicationName, QObject* parent)
    : QObject(parent)
    , m_conninfo(std::move(conninfo))
    , m_applicationName(std::move(applicationName))
    , m_thread([this] { run(); })
{
}

QueryThread::~QueryThread()
{
    {
        const std::lock_guard lock(m_mutex);
        m_ending = true;
        m_questions.clear();
        // A question under way is given up; without a farewell there is nothing else to wait for.
        if (m_farewell.isEmpty())
            m_wakeUp.ring();
    }
    m_wake.notify_one();
    m_thread.join();
}

void QueryThread::ask(const QByteArray& statement, std::function<void(Result<Rows>)> answered)
{
    {
        const std::lock_guard lock(m_mutex);
        m_questions.push_back({statement, std::move(answered)});
    }
    m_wake.notify_one();
}

void QueryThread::setFarewell(const QList<QByteArray>& statements)
{
    const std::lock_guard lock(m_mutex);
    m_farewell = statements;
}

void QueryThread::run()
{
    std::unique_lock lock(m_mutex);
    while (!m_ending) {
        if (m_questions.empty()) {
            m_wake.wait(lock);
            continue;
        }
        const Question question = std::move(m_questions.front());
        m_questions.pop_front();
        lock.unlock();
        Result<Rows> rows = answer(question.statement);
        QMetaObject::invokeMethod(
            this, [answered = question.answered, rows = std::move(rows)] { answered(rows); }, Qt::QueuedConnection);
        lock.lock();
    }
    const QList<QByteArray> farewell = m_farewell;
    lock.unlock();
    for (const QByteArray& statement : farewell) {
        if (m_connection.isOpen()) // nobody is left to hear of a failure
            static_cast<void>(m_connection.execute(statement, farewellDeadline));
    }
    m_connection.close();
}

Result<QueryThread::Rows> QueryThread::answer(const QByteArray& statement)
{
    if (!m_connection.isOpen()) {
        const Result<void> opened =
            m_connection.open(withDefaults(m_conninfo.with(QStringLiteral("application_name"), {}), m_applicationName),
                              connectDeadlineOfQueries);
        if (!opened)
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

} // namespace lockscope
