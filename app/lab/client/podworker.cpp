#include "app/lab/client/podworker.h"

#include "app/lab/labsql.h"
#include "app/postgres/servererror.h"

namespace lockscope {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Nothing that a pod asks ever waits for a lock.
constexpr milliseconds answersSoon{30000};
constexpr milliseconds reopenPause{1000};

/// ":key" of a statement: the argument list of an advisory lock function.
StatementParameter keyParameter(LockKey key)
{
    if (key.form() == KeyForm::Bigint)
        return {":key", {key.value()}};
    return {":key", {key.first(), key.second()}};
}

/// "pod-a (lockscope client)" is "pod-a" to a person.
QString shortName(QString applicationName)
{
    const QString tail = protocol::clientApplicationName({});
    if (applicationName.endsWith(tail))
        applicationName.chop(tail.size());
    return applicationName;
}

} // namespace

PodWorker::PodWorker(int connection, Conninfo conninfo, PodBoard* board, platform::WakeUp* abort, Failed failed)
    : m_index(connection)
    , m_conninfo(std::move(conninfo))
    , m_board(board)
    , m_failed(std::move(failed))
    , m_connection(abort)
{
}

PodWorker::~PodWorker()
{
    end();
    if (m_thread.joinable())
        m_thread.join();
}

void PodWorker::start()
{
    m_thread = std::thread([this] { run(); });
}

void PodWorker::give(const PodBoard::Job& job)
{
    const std::lock_guard lock(m_mutex);
    m_job = job;
    m_news.ring();
}

void PodWorker::end()
{
    const std::lock_guard lock(m_mutex);
    m_ending = true;
    m_news.ring();
}

void PodWorker::run()
{
    if (const Result<void> opened = open(); !opened) {
        if (!isEnding())
            m_failed(opened.error());
        return;
    }
    bool alive = true;
    while (alive && !isEnding()) {
        if (const std::optional<PodBoard::Job> job = takeJob()) {
            serve(*job);
        } else {
            const platform::SocketEvent event =
                platform::waitForSocket(m_connection.socket(), false, std::chrono::hours(1), &m_news);
            const bool something = event == platform::SocketEvent::Readable || event == platform::SocketEvent::Failed;
            if (something && !check())
                m_connection.close();
        }
        if (!m_connection.isOpen() && !isEnding())
            alive = reopen();
    }
    m_connection.close();
}

Result<void> PodWorker::open()
{
    if (const Result<void> opened = m_connection.open(m_conninfo, openTimeout(m_conninfo)); !opened)
        return opened;
    const Result<QueryAnswer> identity =
        m_connection.executeOne(labStatement(QStringLiteral("watch_identity")), answersSoon);
    if (!identity)
        return failure(identity.error());
    if (identity->rows() != 1)
        return failure({.kind = ErrorKind::Server,
                        .what = QStringLiteral("The server did not say which backend serves the pod.")});
    m_board->opened(m_index, static_cast<qint32>(identity->int64(0, 0)),
                    ServerTime(std::chrono::microseconds(identity->int64(0, 1))));
    return {};
}

bool PodWorker::reopen()
{
    m_board->lost(m_index);
    for (;;) {
        const Result<void> opened = open();
        if (opened)
            return true;
        m_connection.close();
        // What trying again cannot change (a password that is refused now) is left alone: the place in the pool stays
        // lost.
        const milliseconds pause = isWorthRetrying(opened.error()) ? reopenPause : milliseconds(std::chrono::hours(24));
        if (!sleepFor(pause))
            return false;
    }
}

void PodWorker::serve(const PodBoard::Job& job)
{
    const Result<QueryAnswer> taken =
        m_connection.executeOne(labStatement(QStringLiteral("pod_take"), {keyParameter(job.key)}), answersSoon);
    if (!taken) {
        if (isLost(taken.error())) {
            m_connection.close();
            m_board->lost(m_index);
        }
        m_board->finished(job, 500, QStringLiteral("the server could not be asked: %1").arg(lossOf(taken.error())), {});
        return;
    }
    if (!taken->boolean(0, 0)) {
        m_board->finished(job, 409, holderOf(job.key), {});
        return;
    }
    const std::optional<qint64> token = taken->isNull(0, 1) ? std::nullopt : std::optional(taken->int64(0, 1));
    m_board->granted(job, token);
    if (!sleepFor(job.work))
        return; // the process ends, and the server gives the key up with the session
    m_board->wrote(job, token);
    unlock(job, token);
}

void PodWorker::unlock(const PodBoard::Job& job, std::optional<qint64> token)
{
    const Result<QueryAnswer> unlocked =
        m_connection.executeOne(releaseStatement(job.key, LockShare::Exclusive).toUtf8(), answersSoon);
    if (unlocked && unlocked->boolean(0, 0)) {
        m_board->finished(job, 200, QStringLiteral("done"), token);
        return;
    }
    // What this session still is worth is not known: another one takes its place.
    m_connection.close();
    m_board->lost(m_index);
    const QString why =
        unlocked ? QStringLiteral("the server says that this session does not hold it") : lossOf(unlocked.error());
    m_board->finished(job, 500, QStringLiteral("lock lost: %1").arg(why), token);
}

bool PodWorker::check()
{
    const Result<QueryAnswer> answer = m_connection.executeOne("SELECT 1", answersSoon);
    return answer || !isLost(answer.error());
}

QString PodWorker::holderOf(LockKey key)
{
    const Result<QueryAnswer> holders = m_connection.executeOne(keyStatement(key), answersSoon);
    for (int row = 0; holders && row < holders->rows(); ++row) {
        if (!holders->boolean(row, 1))
            continue;
        if (holders->isNull(row, 0))
            return QStringLiteral("held by a prepared transaction");
        return QStringLiteral("held by another session: %1, pid %2")
            .arg(shortName(holders->text(row, 4)), QString::number(holders->int64(row, 0)));
    }
    return QStringLiteral("held by another session");
}

QString PodWorker::lossOf(const Error& error) const
{
    if (endsSession(error.sqlState))
        return QStringLiteral("the server has ended the session (%1)").arg(error.sqlState);
    if (isLost(error))
        return QStringLiteral("the connection is gone");
    return error.serverWords.isEmpty() ? error.what : error.serverWords.section(QLatin1Char('\n'), 0, 0);
}

bool PodWorker::isLost(const Error& error) const
{
    return error.kind == ErrorKind::Connection || endsSession(error.sqlState) || !m_connection.isOpen();
}

bool PodWorker::sleepFor(milliseconds duration)
{
    // The clock goes on while the process is stopped, so a pod that wakes late is done at once.
    const SteadyTime until = steady_clock::now() + duration;
    while (!isEnding()) {
        const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
        if (left <= milliseconds(0))
            return true;
        static_cast<void>(platform::waitForSocket(-1, false, left, &m_news));
    }
    return false;
}

std::optional<PodBoard::Job> PodWorker::takeJob()
{
    const std::lock_guard lock(m_mutex);
    if (!m_ending)
        m_news.clear();
    return std::exchange(m_job, std::nullopt);
}

bool PodWorker::isEnding()
{
    const std::lock_guard lock(m_mutex);
    return m_ending;
}

} // namespace lockscope
