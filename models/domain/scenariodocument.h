#pragma once

#include "models/domain/lockkey.h"
#include "models/domain/lockrequest.h"
#include "models/domain/poolerspec.h"
#include "models/domain/poolstate.h"

#include <QList>
#include <QString>
#include <QStringList>

#include <chrono>
#include <optional>
#include <utility>
#include <variant>

/// A lesson as its YAML file says it, checked: names resolved, verbs allowed for their actors, numbers in range.
/// Values only. docs/scenario-format.md describes the file; app/lab/scenario/scenariofile reads it, the runner runs it.
namespace lockscope {

enum class ActorKind : quint8
{
    Session, ///< one libpq connection of the console: any statement
    Client,  ///< lockscope-client: a process with one connection
    Pool,    ///< connections of one application with a lock service over them
    Pod,     ///< a process with a pool and a map of what it believes it holds
    Pooler,  ///< a private PgBouncer
};
/// "session", "client", "pool", "pod", "pooler".
[[nodiscard]] QString word(ActorKind kind);

struct ScenarioActor
{
    QString name = {}; ///< letters, digits and hyphens; unique; also what people see
    ActorKind kind = ActorKind::Session;
    QString through = {};     ///< the pooler that it connects through; empty: straight to the server
    QString database = {};    ///< empty: the one of the run's conninfo
    bool startsLater = false; ///< connects with the act "connect", not before the first step
    PoolSpec pool = {};       ///< Pool; Pod uses its size
    PoolerSpec pooler = {};   ///< Pooler
    int minimumVersion = 0;   ///< on a server older than this major it takes no part; its steps say the same
    /// SET on each of its connections right after login, name and value: client_connection_check_interval,
    /// lock_timeout,
    /// ... From a list of settings that a lesson may change, all of them harmless to others.
    QList<std::pair<QString, QString>> settings = {};
    friend bool operator==(const ScenarioActor&, const ScenarioActor&) = default;
};

enum class ActVerb : quint8
{
    Connect,    ///< session, client, pool, pod that starts later
    Disconnect, ///< session, pool: a clean goodbye
    Try,        ///< session, client
    Lock,       ///< session, client: waits until granted
    Unlock,     ///< session, client
    UnlockAll,  ///< session, client
    Begin,      ///< session, client
    Commit,     ///< session, client
    Rollback,   ///< session, client
    Sql,        ///< session: one statement
    Work,       ///< session, client: pg_sleep for `duration`
    Cancel,     ///< session: cancels what runs
    Acquire,    ///< pool: the lock service takes the key
    Release,    ///< pool: the lock service gives the key back
    Sync,       ///< pod: a request that locks the key, works for `duration`, unlocks
    Freeze,     ///< client, pod
    Thaw,       ///< client, pod
};
/// As files spell it: "try", "unlock all", "sql", ...
[[nodiscard]] QString word(ActVerb verb);

/// What an act is expected to answer. Unset members are not looked at.
struct ExpectedAnswer
{
    enum class Kind : quint8
    {
        Any,            ///< it answers at all
        True,           ///< try, unlock, acquire, release, or a statement whose first value is true
        False,          ///< the same with false; for a pool also when its map refused
        Granted,        ///< lock: returned
        Waits,          ///< the server shows it waiting; the act goes on, see ScenarioCondition::answered
        Done,           ///< a command that returns nothing of interest
        TimedOut,       ///< 55P03
        Cancelled,      ///< 57014
        DeadlockVictim, ///< 40P01
        NoConnection,   ///< pool: exhausted
        Lost,           ///< the session ended before it answered
        Error,          ///< any error of the server, usually with sqlState
    };
    Kind kind = Kind::Any;
    std::optional<QString> value = {}; ///< first column of the first row, as text
    QString sqlState = {};
    QString warning = {};                    ///< some notice contains this
    std::optional<int> code = {};            ///< pod: 200, 202, 409, 500, 503
    std::optional<bool> sameConnection = {}; ///< pool: the release ran on the backend of its acquire
    std::optional<std::chrono::milliseconds> atLeast = {};
    std::optional<std::chrono::milliseconds> atMost = {};
    friend bool operator==(const ExpectedAnswer&, const ExpectedAnswer&) = default;
};
/// "true", "waits", "timed out", "deadlock victim", ...: as files spell it.
[[nodiscard]] QString word(ExpectedAnswer::Kind kind);

struct ScenarioAct
{
    QString actor = {};
    ActVerb verb = ActVerb::Try;
    std::optional<LockKey> key = {};
    LockShare share = LockShare::Exclusive;
    LockLevel level = LockLevel::Session;
    std::optional<std::chrono::milliseconds> lockTimeout = {}; ///< lock
    QString sql = {};
    std::chrono::milliseconds duration{0}; ///< work, sync
    int times = 1;                         ///< the same act again and again; all must answer as expected
    bool failing = false;                  ///< pool release: the unlock statement fails, as when the network hiccups
    bool background = false;               ///< not waited for: a later condition asks for its answer
    ExpectedAnswer expected = {};
    friend bool operator==(const ScenarioAct&, const ScenarioAct&) = default;
};

/// What the server (or an actor) should show, for `expect` and `wait until`. All members that are set must hold at
/// once.
struct ScenarioCondition
{
    // about one key, in pg_locks
    std::optional<LockKey> key = {};
    QString database = {}; ///< empty: the one of the run
    std::optional<QStringList> heldBy =
        {}; ///< exactly these actors; "prepared" names prepared transactions; empty list: nobody
    std::optional<QStringList> waiting = {}; ///< exactly these actors
    std::optional<int> rows = {};            ///< rows of pg_locks with this key
    QString shownAs = {};                    ///< some holder's application_name contains this
    // about one actor
    QString actor = {};
    std::optional<bool> connected = {};          ///< a backend of the actor is there; false: all its backends are gone
    std::optional<ExpectedAnswer> answered = {}; ///< the act that went on in the background has answered like this
    std::optional<QString> waitsFor = {};        ///< pg_blocking_pids names a backend of that actor
    std::optional<int> freeConnections = {};     ///< pool
    std::optional<QList<LockKey>> believes = {}; ///< pod, pool: keys in its own map
    std::optional<QStringList> statesAre = {};   ///< pg_stat_activity.state of its backends, sorted
    friend bool operator==(const ScenarioCondition&, const ScenarioCondition&) = default;
};

struct SayStep
{
    QString text = {};
    friend bool operator==(const SayStep&, const SayStep&) = default;
};
struct ActStep
{
    ScenarioAct act = {};
    friend bool operator==(const ActStep&, const ActStep&) = default;
};
/// expect: true at once, and again when `during` is set: at every look until then.
struct ExpectStep
{
    ScenarioCondition condition = {};
    std::chrono::milliseconds during{0};
    friend bool operator==(const ExpectStep&, const ExpectStep&) = default;
};
struct WaitUntilStep
{
    ScenarioCondition condition = {};
    std::chrono::milliseconds within{5000};
    friend bool operator==(const WaitUntilStep&, const WaitUntilStep&) = default;
};
/// Ends an actor of this lesson, and measures what the server does.
struct KillStep
{
    enum class How : quint8
    {
        Kill,       ///< SIGKILL (client, pod); a session's socket is closed without a goodbye
        Terminate,  ///< SIGTERM
        Quit,       ///< exits without unlocking
        FromServer, ///< pg_terminate_backend
    };
    QString actor = {};
    How how = How::Kill;
    std::optional<std::chrono::milliseconds> releasedWithin = {}; ///< its locks are gone by then
    std::optional<std::chrono::milliseconds> stillHeldAfter = {}; ///< its locks are still there then
    friend bool operator==(const KillStep&, const KillStep&) = default;
};

/// "kill -9", "terminate", "quit", "from server".
[[nodiscard]] QString word(KillStep::How how);

struct ScenarioStepDocument
{
    std::variant<SayStep, ActStep, ExpectStep, WaitUntilStep, KillStep> what = {};
    int line = 0;
    int minimumVersion = 0; ///< skipped on a server older than this major, as if it were not in the file
    QString note = {};      ///< `because`: one sentence why this is so, shown beside the result
    friend bool operator==(const ScenarioStepDocument&, const ScenarioStepDocument&) = default;
};

/// Limits of a lesson; the reader refuses what is beyond them.
inline constexpr int smallestScenarioServer = 12;
inline constexpr int largestScenario = 500;    ///< steps
inline constexpr int largestScenarioCast = 32; ///< actors
inline constexpr int largestScenarioLink = 64; ///< connections of all actors together
inline constexpr std::chrono::minutes longestScenarioDuration{10};

struct ScenarioDocument
{
    QString name = {};            ///< letters, digits, hyphens: "pool-trap"
    QString title = {};           ///< "A Pool Breaks Naive Locking"
    QString about = {};           ///< what one learns, a paragraph or two of plain text
    int minimumVersion = 12;      ///< major version of the server
    bool needsPooler = false;     ///< has an actor of kind Pooler
    int preparedTransactions = 0; ///< max_prepared_transactions that it needs
    /// Statements run on a session of the lesson's own before the first and after the last step (also when it failed).
    /// The reset ones must not fail when there is nothing to remove.
    QStringList prepare = {};
    QStringList reset = {};
    QList<ScenarioActor> actors = {};
    QList<ScenarioStepDocument> steps = {};
    /// All keys that it touches, in order: they must be free on the server before it starts.
    [[nodiscard]] QList<LockKey> keys() const;
    /// What it will do on a server, in plain sentences, for the question before it runs on anything but the sandbox:
    /// "Opens 4 connections.", "Takes advisory keys 5 and (1, 2).", "Creates and drops a table.", "Kills processes that
    /// it started itself."
    [[nodiscard]] QStringList deeds() const;
    friend bool operator==(const ScenarioDocument&, const ScenarioDocument&) = default;
};

} // namespace lockscope
