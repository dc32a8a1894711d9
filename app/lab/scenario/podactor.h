#pragma once

#include "app/lab/pods/pod.h"
#include "app/lab/scenario/lessonactor.h"

#include <QHash>

#include <memory>

namespace lockscope {

/// A pod: a process with a pool, a map of what it believes it holds, and requests.
class PodActor final : public LessonActor
{
    Q_OBJECT

public:
    /// The stopwatch is shared by all clients and pods of a lesson.
    PodActor(ScenarioActor description, std::shared_ptr<ReleaseWatch> watch, QObject* parent = nullptr);
    ~PodActor() override;
    Q_DISABLE_COPY_MOVE(PodActor)

    void start(const Conninfo& conninfo) override;
    void perform(const ScenarioAct& act, quint64 number) override;
    void kill(KillStep::How how) override;
    [[nodiscard]] QList<BackendId> backends() const override;
    [[nodiscard]] ScenarioActorState state() const override;
    [[nodiscard]] bool hasStopwatch() const override { return isDirect(); }
    [[nodiscard]] std::optional<ReleaseTimeline> release() const override;
    [[nodiscard]] std::optional<int> freeConnections() const override;
    [[nodiscard]] std::optional<QList<LockKey>> believes() const override;

private:
    void podChanged();
    void podAnswered(const PodAnswer& told);
    void answerLater(quint64 number, const ActAnswer& answer);

    const std::shared_ptr<ReleaseWatch> m_watch;
    std::unique_ptr<Pod> m_pod;
    QHash<quint64, quint64> m_asked; ///< by request
    std::optional<KillStep::How> m_kill;
    bool m_starting = false;
};

} // namespace lockscope
