#pragma once

#include "app/lab/scenario/stage.h"

#include <QObject>
#include <QTimer>

namespace lockscope {

/// One step of a lesson while it runs: does it, looks, and says what was observed. Used once. GUI thread, never waits;
/// finished() always comes, because every step has a deadline.
class StepRun final : public QObject
{
    Q_OBJECT

public:
    StepRun(const ScenarioStepDocument& step, Stage& stage, QObject* parent = nullptr);
    Q_DISABLE_COPY_MOVE(StepRun)

    void start();

Q_SIGNALS:
    /// Once. elapsed: how long it took, or what it measured.
    void finished(bool ok, const QString& observed, std::chrono::microseconds elapsed);

private:
    using Checked = std::function<void()>;

    void begin(const ActStep& step);
    void begin(const ExpectStep& step);
    void begin(const WaitUntilStep& step);
    void begin(const KillStep& step);
    void begin(const SayStep& step);

    void perform();
    void takeAnswer(const ActAnswer& answer);
    void lookForWaiting();
    void lookForRelease();
    void lookForEnd();
    void kill();
    /// Looks, and goes on with check when the server answered.
    void look(Checked check);
    void lookAgain(Checked check);
    void finish(bool ok, const QString& observed);
    [[nodiscard]] std::chrono::microseconds elapsed() const;
    [[nodiscard]] std::chrono::milliseconds deadline() const;

    const ScenarioStepDocument m_step;
    Stage& m_stage;
    QTimer m_deadline;
    QTimer m_lookAgain;
    SteadyTime m_startedAt;
    std::optional<std::chrono::microseconds> m_measured;
    ScenarioAct m_act;
    quint64 m_number = 0; ///< of the act that is under way
    int m_left = 0;       ///< times that the act is still to be done
    KillStep m_kill;
    bool m_killed = false;
    QList<PictureLock> m_held; ///< what the killed actor had before
    QString m_observed;        ///< last seen, should the deadline pass
    bool m_finished = false;
};

} // namespace lockscope
