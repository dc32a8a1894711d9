#pragma once

#include "app/lab/protocol.h"
#include "models/domain/time.h"

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>

namespace lockscope {

/// What a pod knows of itself: its connections, and its map from key to the connection that holds it, as a lock service
/// with dedicated connections keeps it. Decides alone, without the server, whether a request may try. Any thread; every
/// change is told at once, in order. Never talks to the server.
class PodBoard final
{
public:
    using Emit = std::function<void(const protocol::Event&)>;

    /// A request that was let through, with the connection that it has to itself.
    struct Job
    {
        quint64 request = 0;
        LockKey key;
        std::chrono::milliseconds work{0};
        SteadyTime arrived;
        int connection = 0;
    };

    PodBoard(QString name, int connections, Emit emitEvent);
    Q_DISABLE_COPY_MOVE(PodBoard)

    /// The job, or nothing: then 409 (the map has the key, or it is being asked for) or 503 (no connection is free) was
    /// answered.
    [[nodiscard]] std::optional<Job> admit(const protocol::Sync& sync);
    void opened(int connection, qint32 backendPid, ServerTime backendStart);
    /// The connection is no use any more, and another one is to take its place.
    void lost(int connection);
    /// 202: the key is in the map until finished().
    void granted(const Job& job, std::optional<qint64> token);
    void wrote(const Job& job, std::optional<qint64> token);
    /// The last answer: 200, 409 or 500. Takes the key out of the map and gives the connection back, in all cases.
    void finished(const Job& job, int code, const QString& words, std::optional<qint64> token);
    /// The pod cannot go on because of this.
    void failed(const Error& error);

private:
    [[nodiscard]] PodAnswer answerTo(const Job& job, int code, const QString& words) const;
    void tellStatus();

    const QString m_name;
    const Emit m_emit;
    std::mutex m_mutex;
    QList<PodConnection> m_connections; ///< guarded by m_mutex, as all below
    std::set<int> m_free;               ///< the first one is taken first, so that pictures stay calm
    std::map<LockKey, int> m_map;
    std::set<LockKey> m_asking; ///< let through, not granted yet
};

} // namespace lockscope
