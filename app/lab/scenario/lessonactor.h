#pragma once

#include "app/lab/scenario/actanswer.h"
#include "app/postgres/conninfo.h"
#include "models/domain/scenariostate.h"

#include <QObject>

#include <chrono>
#include <optional>

namespace lockscope {

/// One actor of a lesson while it runs. Belongs to the GUI thread and never waits; everything is answered by signals,
/// which may come from inside the object that acts, so a receiver must not delete an actor before the next turn of the
/// event loop. Whoever deletes it ends what it started.
class LessonActor : public QObject
{
    Q_OBJECT

public:
    explicit LessonActor(ScenarioActor description, QObject* parent = nullptr)
        : QObject(parent)
        , m_description(std::move(description))
    {
    }
    ~LessonActor() override = default;
    Q_DISABLE_COPY_MOVE(LessonActor)

    [[nodiscard]] const ScenarioActor& description() const { return m_description; }
    [[nodiscard]] const QString& name() const { return m_description.name; }
    [[nodiscard]] bool isDirect() const { return m_description.through.isEmpty(); }

    /// Connects with this conninfo; again after it was disconnected or killed. Answered by started() or notStarted().
    virtual void start(const Conninfo& conninfo) = 0;
    /// Every verb but Connect. Answered by answered(), by a pod's request more than once.
    virtual void perform(const ScenarioAct& act, quint64 number) = 0;
    /// Answered by killed() once its process or socket is gone. FromServer: only for an actor with a stopwatch.
    virtual void kill(KillStep::How how) = 0;
    /// The backends of its own connections; none behind a pooler. The start may be unknown yet.
    [[nodiscard]] virtual QList<BackendId> backends() const = 0;
    /// Without what pg_locks shows.
    [[nodiscard]] virtual ScenarioActorState state() const = 0;
    /// Whether a release watch measures how it ends, and what that has seen.
    [[nodiscard]] virtual bool hasStopwatch() const { return false; }
    [[nodiscard]] virtual std::optional<ReleaseTimeline> release() const { return {}; }
    [[nodiscard]] virtual std::optional<int> freeConnections() const { return {}; }
    [[nodiscard]] virtual std::optional<QList<LockKey>> believes() const { return {}; }

Q_SIGNALS:
    void started();
    void notStarted(const lockscope::Error& error);
    void answered(quint64 number, const lockscope::ActAnswer& answer);
    void killed();
    void changed();

private:
    const ScenarioActor m_description;
};

} // namespace lockscope
