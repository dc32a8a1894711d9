#pragma once

#include "models/domain/clientstate.h"
#include "models/domain/lockkey.h"

#include <QList>
#include <QString>

#include <chrono>
#include <optional>

namespace lockscope {

enum class PodPhase : quint8
{
    Starting,
    Running,
    Frozen, ///< SIGSTOP: it does nothing, and the server does not know
    Ended,
};
/// "starting", "running", "frozen", "ended".
[[nodiscard]] QString word(PodPhase phase);

/// One connection of a pod's own pool.
struct PodConnection
{
    qint32 backendPid = 0;
    std::optional<ServerTime> backendStart = {};
    std::optional<LockKey> key = {}; ///< what the pod believes it holds there
    QString doing = {};              ///< "free", "syncs 5", "lost"
    friend bool operator==(const PodConnection&, const PodConnection&) = default;
};

/// How a pod answered a request, as a web service would.
struct PodAnswer
{
    quint64 request = 0;
    QString pod = {};
    LockKey key = {};
    /// 202 accepted (lock taken, work runs), 200 done, 409 held elsewhere or by this pod, 503 pool exhausted or pod not
    /// running, 500 lock lost, 502 the pod ended before it answered
    int code = 0;
    QString words = {};               ///< "held by another session", "this pod syncs it already"
    bool refusedByMap = false;        ///< 409 without asking the server
    std::optional<qint64> token = {}; ///< the fencing token that came with the lock
    std::chrono::microseconds elapsed{0};
    friend bool operator==(const PodAnswer&, const PodAnswer&) = default;
};

/// A pod's write to what the lock protects, as the resource saw it.
struct PodWrite
{
    QString pod = {};
    LockKey key = {};
    qint64 token = 0;     ///< 0: it had none
    qint64 newest = 0;    ///< the highest token that the resource had seen for this key before; 0: none
    bool accepted = true; ///< false: the resource has seen a higher token
    bool stale = false;   ///< a higher token had been seen before: accepted, it overwrote newer work
    bool late = false;    ///< the pod no longer held the lock at that moment, by what the server shows
    friend bool operator==(const PodWrite&, const PodWrite&) = default;
};

/// All that the window shows of one pod.
struct PodState
{
    QString name = {};
    PodPhase phase = PodPhase::Starting;
    qint64 processId = 0;
    QList<PodConnection> connections = {};
    QList<LockKey> map = {}; ///< what the pod's own map believes it holds
    std::optional<PodAnswer> lastAnswer = {};
    std::optional<ReleaseTimeline> release = {};
    std::optional<Error> ending = {};
    friend bool operator==(const PodState&, const PodState&) = default;
};

} // namespace lockscope
