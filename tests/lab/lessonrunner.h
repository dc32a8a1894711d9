#pragma once

#include "app/postgres/libpqconnection.h"
#include "models/domain/scenariodocument.h"
#include "models/domain/scenariostate.h"

#include <QString>

namespace lockscope {
class ScenarioRun;
}

namespace lockscope::test {

/// A lesson as a person would write it, without its head. One that cannot be read fails the test.
[[nodiscard]] ScenarioDocument lessonOf(const QByteArray& yaml);
/// alice holds key 5, bob and a client wait for it, and there is a table: everything that a lesson may leave.
[[nodiscard]] QByteArray entangledLesson();
/// Plays it to its report; a lesson that cannot run fails the test.
[[nodiscard]] ScenarioReport finish(ScenarioRun& run);
/// Plays it and returns why it could not run; one that could fails the test.
[[nodiscard]] Error fail(ScenarioRun& run);
/// "ok alice tries key 5: true", a line for each step.
[[nodiscard]] QString textOf(const ScenarioReport& report);

/// Runs the lesson to its end, spinning the event loop. Empty when every step came true; else each failed step, with
/// what was expected and observed, or why it could not run.
[[nodiscard]] QString failuresOf(const ScenarioDocument& lesson, const Conninfo& server);
/// Runs the lesson until so many steps have been checked and destroys the run in their midst.
void interruptAfter(int steps, const ScenarioDocument& lesson, const Conninfo& server);
/// What lessons have left on the server, waiting a moment for backends that are about to end; empty: nothing.
[[nodiscard]] QString leftOnServer(LibpqConnection& observer);

} // namespace lockscope::test
