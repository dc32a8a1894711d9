#pragma once

#include "models/domain/podstate.h"
#include "models/domain/poolstate.h"
#include "models/domain/scenariodocument.h"

#include <QJsonObject>
#include <QList>
#include <QString>

#include <chrono>
#include <optional>

namespace lockscope {

/// One checked step of a lesson. `say` steps are told but not counted here.
struct ScenarioStep
{
    int step = 0; ///< from 1
    QString actor = {};
    QString action = {};
    QString expected = {};
    QString observed = {};
    bool ok = false;
    std::chrono::microseconds elapsed{0};
    qsizetype position =
        -1; ///< of the step in ScenarioDocument::steps; -1: one of the runner's own, before or after them
    friend bool operator==(const ScenarioStep&, const ScenarioStep&) = default;
};

struct ScenarioReport
{
    QString scenario = {};
    QString title = {};
    QString server = {}; ///< "PostgreSQL 15.18"
    bool ok = false;
    QList<ScenarioStep> steps = {};
    /// The stable shape of `lockscope scenario run --json`.
    [[nodiscard]] QJsonObject toJson() const;
    friend bool operator==(const ScenarioReport&, const ScenarioReport&) = default;
};

/// One connection of an actor, for the picture.
struct ScenarioConnection
{
    QString label = {}; ///< "1", "2" of a pool; empty for a session
    qint32 backendPid = 0;
    QString doing = {};        ///< "idle", "waits for 5", "runs pg_sleep", "lost"
    QList<LockKey> holds = {}; ///< what pg_locks shows for that backend
    QList<LockKey> waits = {};
    friend bool operator==(const ScenarioConnection&, const ScenarioConnection&) = default;
};

struct ScenarioActorState
{
    QString name = {};
    ActorKind kind = ActorKind::Session;
    QString words = {}; ///< "not started", "idle", "frozen", "killed"
    QList<ScenarioConnection> connections = {};
    QList<LockKey> believes = {}; ///< pod, pool: its own map
    friend bool operator==(const ScenarioActorState&, const ScenarioActorState&) = default;
};

/// A lock of the lesson as pg_locks shows it now.
struct ScenarioLock
{
    LockKey key = {};
    QString database = {}; ///< only when it is another than the run's
    qint32 pid = 0;        ///< 0: a prepared transaction
    QString who = {};      ///< the actor, "prepared transaction", or the application_name of somebody else
    QString mode = {};
    bool granted = true;
    friend bool operator==(const ScenarioLock&, const ScenarioLock&) = default;
};

/// All that the window shows of a lesson that runs. Immutable: a new one comes with each change.
struct ScenarioRunState
{
    enum class Phase : quint8
    {
        Idle,
        Preparing, ///< looks whether the keys are free, starts the actors
        Paused,    ///< waits for the next step to be asked for
        Running,   ///< a step is under way
        Resetting, ///< removes everything it made
        Finished,
        Failed, ///< could not run at all, see error
    };
    Phase phase = Phase::Idle;
    bool playing = false;           ///< goes on by itself
    qsizetype position = 0;         ///< index into ScenarioDocument::steps of the step that is under way or comes next
    QString narration = {};         ///< the last `say`
    QList<ScenarioStep> steps = {}; ///< what has been checked so far
    QList<ScenarioActorState> actors = {};
    QList<ScenarioLock> locks = {};
    std::optional<Error> error = {};
    friend bool operator==(const ScenarioRunState&, const ScenarioRunState&) = default;
};

} // namespace lockscope
