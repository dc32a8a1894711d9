#pragma once

#include "app/lab/scenario/lessonactor.h"
#include "app/lab/simulatedclient.h"

#include <deque>
#include <memory>

namespace lockscope {

/// A lockscope-client: a process with one connection, which can be killed and frozen.
class ClientActor final : public LessonActor
{
    Q_OBJECT

public:
    /// The stopwatch is shared by all clients and pods of a lesson.
    ClientActor(ScenarioActor description, std::shared_ptr<ReleaseWatch> watch, QObject* parent = nullptr);
    ~ClientActor() override;
    Q_DISABLE_COPY_MOVE(ClientActor)

    void start(const Conninfo& conninfo) override;
    void perform(const ScenarioAct& act, quint64 number) override;
    void kill(KillStep::How how) override;
    [[nodiscard]] QList<BackendId> backends() const override;
    [[nodiscard]] ScenarioActorState state() const override;
    [[nodiscard]] bool hasStopwatch() const override { return isDirect(); }
    [[nodiscard]] std::optional<ReleaseTimeline> release() const override;

private:
    struct Asked
    {
        quint64 number = 0;
        ActVerb verb = ActVerb::Try;
    };
    void clientChanged();
    void clientAnswered(const Outcome& outcome);
    void answerLater(quint64 number, const ActAnswer& answer);

    const std::shared_ptr<ReleaseWatch> m_watch;
    std::unique_ptr<SimulatedClient> m_client;
    std::deque<Asked> m_asked;
    std::optional<KillStep::How> m_kill; ///< asked for, not told yet
    bool m_starting = false;
    quint32 m_lastId = 0;
};

/// How a process of the lab is ended.
[[nodiscard]] ClientEnding endingOf(KillStep::How how);

} // namespace lockscope
