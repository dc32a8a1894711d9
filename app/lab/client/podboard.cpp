#include "app/lab/client/podboard.h"

namespace lockscope {

namespace {

using std::chrono::steady_clock;

const QString& freeWord()
{
    static const QString word = QStringLiteral("free");
    return word;
}

} // namespace

PodBoard::PodBoard(QString name, int connections, Emit emitEvent)
    : m_name(std::move(name))
    , m_emit(std::move(emitEvent))
    , m_connections(connections, PodConnection{.doing = QStringLiteral("connecting")})
{
}

std::optional<PodBoard::Job> PodBoard::admit(const protocol::Sync& sync)
{
    const std::lock_guard lock(m_mutex);
    Job job{.request = sync.request, .key = sync.key, .work = sync.work, .arrived = steady_clock::now()};
    if (m_map.contains(sync.key) || m_asking.contains(sync.key)) {
        PodAnswer answer = answerTo(job, 409, QStringLiteral("this pod syncs it already"));
        answer.refusedByMap = true;
        m_emit(answer);
        return {};
    }
    if (m_free.empty()) {
        const bool connecting = std::all_of(m_connections.cbegin(), m_connections.cend(),
                                            [](const PodConnection& one) { return one.backendPid == 0; });
        m_emit(answerTo(
            job, 503,
            connecting ? QStringLiteral("the pod is not connected")
                       : QStringLiteral("pool exhausted: all %1 connections are taken").arg(m_connections.size())));
        return {};
    }
    job.connection = *m_free.begin();
    m_free.erase(m_free.begin());
    m_asking.insert(job.key);
    m_connections[job.connection].doing = QStringLiteral("asks for %1").arg(job.key.toString());
    tellStatus();
    return job;
}

void PodBoard::opened(int connection, qint32 backendPid, ServerTime backendStart)
{
    const std::lock_guard lock(m_mutex);
    m_connections[connection] = {.backendPid = backendPid, .backendStart = backendStart, .doing = freeWord()};
    m_free.insert(connection);
    tellStatus();
}

void PodBoard::lost(int connection)
{
    const std::lock_guard lock(m_mutex);
    m_connections[connection] = {.doing = QStringLiteral("lost")};
    m_free.erase(connection);
    tellStatus();
}

void PodBoard::granted(const Job& job, std::optional<qint64> token)
{
    const std::lock_guard lock(m_mutex);
    m_asking.erase(job.key);
    m_map.emplace(job.key, job.connection);
    m_connections[job.connection].key = job.key;
    m_connections[job.connection].doing = QStringLiteral("syncs %1").arg(job.key.toString());
    tellStatus();
    PodAnswer answer = answerTo(job, 202, QStringLiteral("accepted"));
    answer.token = token;
    m_emit(answer);
}

void PodBoard::wrote(const Job& job, std::optional<qint64> token)
{
    const std::lock_guard lock(m_mutex);
    m_emit(protocol::Wrote{job.key, token.value_or(0), steady_clock::now()});
}

void PodBoard::finished(const Job& job, int code, const QString& words, std::optional<qint64> token)
{
    const std::lock_guard lock(m_mutex);
    m_asking.erase(job.key);
    m_map.erase(job.key);
    PodConnection& connection = m_connections[job.connection];
    connection.key.reset();
    if (connection.backendPid != 0) {
        connection.doing = freeWord();
        m_free.insert(job.connection);
    }
    tellStatus();
    PodAnswer answer = answerTo(job, code, words);
    answer.token = token;
    m_emit(answer);
}

void PodBoard::failed(const Error& error)
{
    const std::lock_guard lock(m_mutex);
    m_emit(protocol::Ended{error});
}

PodAnswer PodBoard::answerTo(const Job& job, int code, const QString& words) const
{
    return {.request = job.request,
            .pod = m_name,
            .key = job.key,
            .code = code,
            .words = words,
            .elapsed = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - job.arrived)};
}

void PodBoard::tellStatus()
{
    protocol::PodStatus status{.connections = m_connections, .map = {}};
    for (const auto& [key, connection] : m_map)
        status.map.append(key);
    m_emit(status);
}

} // namespace lockscope
