#pragma once

#include "app/lab/scenario.h"

#include <QObject>

namespace lockscope {

/// A lesson while it runs: what ScenarioRun drives. Lives on one thread with an event loop; a subclass is one lesson.
/// A subclass reports each step once through step(), ends with conclude() or giveUp(), and leaves nothing behind on the
/// server when it is destroyed, whatever had happened by then.
class RunningScenario : public QObject
{
    Q_OBJECT

public:
    RunningScenario(ScenarioDescription description, QObject* parent);
    ~RunningScenario() override = default;
    Q_DISABLE_COPY_MOVE(RunningScenario)

    virtual void start() = 0;

Q_SIGNALS:
    void stepFinished(const lockscope::ScenarioStep& step);
    void finished(const lockscope::ScenarioReport& report);
    void failed(const lockscope::Error& error);

protected:
    void setServer(const QString& server) { m_report.server = server; }
    /// Adds the next step and tells it. elapsed: how long the step took, or what it measured.
    void step(const QString& actor, const QString& action, const QString& expected, const QString& observed, bool ok,
              std::chrono::microseconds elapsed);
    [[nodiscard]] bool allOk() const;
    void conclude();
    void giveUp(const Error& error);

private:
    ScenarioReport m_report;
};

} // namespace lockscope
