#pragma once

#include "models/domain/lockkey.h"
#include "models/domain/result.h"

#include <QList>
#include <QString>
#include <QStringList>

#include <chrono>
#include <optional>

namespace lockscope {

/// Which free connection a pool hands out.
enum class CheckoutOrder : quint8
{
    Random,
    RoundRobin,
    Fifo, ///< the one that has been free the longest
    Lifo, ///< the one that was returned last
};

/// How an application's lock service uses its pool.
enum class LockServiceForm : quint8
{
    Naive,                   ///< every call takes any connection and gives it back: the bug
    Dedicated,               ///< one connection from acquire to release, kept in a map by key, returned in all cases
    DedicatedWithoutFinally, ///< the same, but a failed unlock never returns the connection
    TransactionLevel,        ///< BEGIN, pg_try_advisory_xact_lock, COMMIT on one connection
};

enum class SlotPhase : quint8
{
    Opening,
    Free,
    CheckedOut,
    Lost, ///< its connection ended
};

/// "random", "round-robin", "fifo", "lifo"; the words that scenario files use.
[[nodiscard]] QString word(CheckoutOrder order);
/// "naive", "dedicated", "dedicated-without-finally", "transaction-level".
[[nodiscard]] QString word(LockServiceForm form);
/// "opening", "free", "checked out", "lost".
[[nodiscard]] QString word(SlotPhase phase);

inline constexpr int smallestPool = 1;
inline constexpr int largestPool = 32;

struct PoolSpec
{
    int size = 3; ///< smallestPool to largestPool
    CheckoutOrder order = CheckoutOrder::Random;
    LockServiceForm form = LockServiceForm::Naive;
    std::chrono::milliseconds checkoutTimeout{1000}; ///< how long a call waits for a free connection
    std::optional<quint32> seed = {};                ///< of the random order: the same seed gives the same picture
    friend bool operator==(const PoolSpec&, const PoolSpec&) = default;
};

/// One connection of the pool.
struct PoolSlot
{
    int number = 0; ///< from 1
    SlotPhase phase = SlotPhase::Opening;
    qint32 backendPid = 0;            ///< the server's own word; through a pooler it changes from call to call
    QString checkedOutBy = {};        ///< the request that has it: "request 7"
    QList<LockKey> keys = {};         ///< what pg_locks shows for this backend, session- and transaction-level
    QList<LockKey> leaked = {};       ///< of those, keys that the service believes released, or has lost track of
    std::optional<Error> ending = {}; ///< why it was lost
    friend bool operator==(const PoolSlot&, const PoolSlot&) = default;
};

enum class PoolAnswer : quint8
{
    True,
    False,        ///< of a try: held elsewhere; of an unlock: not the owner, with the server's WARNING
    RefusedByMap, ///< this process holds or is taking that key already: no statement was sent
    NotInMap,     ///< nothing to release: no statement was sent
    NoConnection, ///< the pool was exhausted until checkoutTimeout
    Failed,       ///< the statement failed, see error
    Lost,         ///< the connection ended meanwhile
};
/// "true", "false", "refused by the map", ...
[[nodiscard]] QString word(PoolAnswer answer);

enum class PoolAction : quint8
{
    Acquire,
    Release
};
/// "acquire", "release".
[[nodiscard]] QString word(PoolAction action);

/// One call of an application to its lock service, once it has been answered.
struct PoolCall
{
    quint64 number = 0;   ///< from 1
    QString request = {}; ///< who called: "request 7"
    PoolAction action = PoolAction::Acquire;
    LockKey key = {};
    int slot = 0;                ///< where the statement ran; 0 when none was sent
    qint32 backendPid = 0;       ///< which backend ran it, asked in the same statement
    QStringList statements = {}; ///< as sent
    PoolAnswer answer = PoolAnswer::True;
    QStringList notices = {}; ///< "WARNING: you don't own a lock of type ExclusiveLock"
    /// Of a release: whether it ran on the backend on which that key was acquired. Empty where it does not apply.
    std::optional<bool> hit = {};
    std::chrono::microseconds elapsed{0};
    std::optional<Error> error = {};
    friend bool operator==(const PoolCall&, const PoolCall&) = default;
};

/// How often the unlock found the connection that had the lock, for one size of the pool.
struct HitRate
{
    int poolSize = 0;
    qint64 hits = 0;
    qint64 unlocks = 0;
    [[nodiscard]] double measured() const
    {
        return unlocks == 0 ? 0.0 : static_cast<double>(hits) / static_cast<double>(unlocks);
    }
    [[nodiscard]] double expected() const { return poolSize == 0 ? 0.0 : 1.0 / poolSize; }
    /// Three standard deviations of a fair pick among poolSize connections.
    [[nodiscard]] double threeSigma() const;
    friend bool operator==(const HitRate&, const HitRate&) = default;
};

/// A measurement of the naive service: pools of each size from one to the other, so many unlocks for each.
struct HitRatePlan
{
    int fromSize = smallestPool;
    int toSize = 16;
    qint64 unlocks = 1000; ///< per size; 1 to mostUnlocks
    CheckoutOrder order = CheckoutOrder::Random;
    std::optional<quint32> seed = {}; ///< of the random order
    friend bool operator==(const HitRatePlan&, const HitRatePlan&) = default;
};
inline constexpr qint64 mostUnlocks = 1'000'000;

/// All that the window shows of one pool. Immutable: a new one comes with each change.
struct PoolState
{
    enum class Phase : quint8
    {
        Opening,
        Ready,
        Closed,
        Failed
    };
    Phase phase = Phase::Opening;
    PoolSpec spec = {};
    QList<PoolSlot> slotList = {};
    QList<std::pair<LockKey, int>> map = {}; ///< what the service believes: key and slot
    QStringList waiting = {};                ///< requests that wait for a free connection
    qint64 calls = 0;
    std::optional<Error> error = {};
    /// Why the server could not be asked what the connections hold: the keys are then those last seen.
    std::optional<Error> lookError = {};
    [[nodiscard]] int freeSlots() const;
    friend bool operator==(const PoolState&, const PoolState&) = default;
};

} // namespace lockscope
