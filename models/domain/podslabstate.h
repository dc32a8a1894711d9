#pragma once

#include "models/domain/podstate.h"

#include <QStringList>

namespace lockscope {

/// One request to a pod and what became of it. A request that is tried again stays one request.
struct PodRequest
{
    quint64 number = 0; ///< of the lab, counts up from 1
    QString pod = {};
    LockKey key = {};
    std::chrono::milliseconds work{0};
    std::chrono::system_clock::time_point askedAt{};
    int attempts = 1;
    bool retrying = false;               ///< refused, and to be asked again
    std::optional<PodAnswer> first = {}; ///< 202, 409, 503, 500 or 502
    std::optional<PodAnswer> last = {};  ///< after a 202: 200, 500 or 502
    friend bool operator==(const PodRequest&, const PodRequest&) = default;
};

/// Who holds a key, by the server's word.
struct PodHolder
{
    LockKey key = {};
    qint32 pid = 0;               ///< 0: a prepared transaction
    QString pod = {};             ///< when it is a connection of one of the pods; else empty
    QString applicationName = {}; ///< hostile text
    friend bool operator==(const PodHolder&, const PodHolder&) = default;
};

/// A pod that believes it holds a key which the server gave to somebody else, or to nobody.
struct PodMisbelief
{
    QString pod = {};
    LockKey key = {};
    std::optional<PodHolder> holder = {}; ///< empty: nobody holds it
    friend bool operator==(const PodMisbelief&, const PodMisbelief&) = default;
};
/// "pod-a believes it holds key 5; the server gave it to pod-b."
[[nodiscard]] QString describe(const PodMisbelief& misbelief);

/// From the end of a pod that held a key to the next pod that has it, each time from the moment the signal was sent.
struct PodHandOver
{
    QString from = {};
    ClientEnding ending = ClientEnding::Kill;
    LockKey key = {};
    std::optional<std::chrono::microseconds> keyFree = {};  ///< seen by the release watch
    std::chrono::microseconds grain{0};                     ///< longest time between two looks of the watch
    std::optional<std::chrono::microseconds> accepted = {}; ///< another pod answered 202
    QString to = {};
    friend bool operator==(const PodHandOver&, const PodHandOver&) = default;
};

/// Requests that arrive by themselves.
struct PodLoad
{
    double requestsPerSecond = 2; ///< 0.1 to 50, spread over the pods in turn
    int keys = 1;                 ///< 1 to 8: this many, from firstKey on
    LockKey firstKey = LockKey::bigint(5);
    std::chrono::milliseconds work{500};
    friend bool operator==(const PodLoad&, const PodLoad&) = default;
};
/// The n-th key of a load (from 0): its first key counted on; at the end of the range it starts from the lowest again.
[[nodiscard]] LockKey keyAt(const PodLoad& load, int number);

/// How often each answer came since the lab was reset.
struct PodAnswerCounts
{
    int accepted = 0;  ///< 202
    int done = 0;      ///< 200
    int refused = 0;   ///< 409
    int exhausted = 0; ///< 503
    int lost = 0;      ///< 500 and 502
    int dropped = 0;   ///< not even asked: too many were unanswered
    friend bool operator==(const PodAnswerCounts&, const PodAnswerCounts&) = default;
};

/// All that the pods' page shows.
struct PodsLabState
{
    QList<PodState> pods = {};
    QList<PodHolder> holders = {};
    bool holdersKnown = false; ///< the server was asked at least once
    QList<PodMisbelief> misbeliefs = {};
    QList<PodRequest> requests = {}; ///< oldest first, the last 500
    QList<PodWrite> writes = {};     ///< oldest first, the last 500
    PodAnswerCounts counts = {};
    bool fencing = false;
    bool retries = false;
    std::optional<PodLoad> load = {};
    std::optional<PodHandOver> handOver = {}; ///< the latest
    std::optional<Error> problem = {};        ///< why the server could not be asked
    friend bool operator==(const PodsLabState&, const PodsLabState&) = default;
};

/// What the resource made of a write: "refused: token 812 is older than 815".
[[nodiscard]] QString describe(const PodWrite& write);
/// Whether this write did harm: it was accepted over newer work, or by a pod that no longer held the lock.
[[nodiscard]] bool isDamage(const PodWrite& write);

} // namespace lockscope
