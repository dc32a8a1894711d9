#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/scenariodocument.h"
#include "models/domain/scenariostate.h"

#include <QObject>

#include <memory>

namespace lockscope {

/// Runs one lesson on the server of conninfo with actors of its own, step by step or by itself. GUI thread (any thread
/// with an event loop); nothing here waits. Touches only what it started, refuses to start when somebody else uses its
/// keys. After reset() and after the end everything that it made is gone, whatever happened.
class ScenarioRun final : public QObject
{
    Q_OBJECT

public:
    ScenarioRun(ScenarioDocument document, Conninfo conninfo, QObject* parent = nullptr);
    /// Ends everything it made; at most about three seconds on a server that does not answer.
    ~ScenarioRun() override;
    Q_DISABLE_COPY_MOVE(ScenarioRun)

    void play(); ///< goes on by itself to the end; from the beginning after the end
    /// One step, a `say` too, then waits: phase Paused. Also after the last one, so that what it has shown can be
    /// looked at (position is then the number of steps); the next call removes everything, and finished() comes.
    void stepOnce();
    void pause(); ///< after the step that is under way
    void reset(); ///< removes everything, back to the beginning: phase Idle

    [[nodiscard]] const ScenarioDocument& document() const;
    [[nodiscard]] const ScenarioRunState& state() const;

Q_SIGNALS:
    void stateChanged(const lockscope::ScenarioRunState& state);
    void said(const QString& text);
    void stepFinished(const lockscope::ScenarioStep& step);
    /// After the last step, or the first one that did not come true, and after everything was removed.
    void finished(const lockscope::ScenarioReport& report);
    void failed(const lockscope::Error& error); ///< could not run at all

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace lockscope
