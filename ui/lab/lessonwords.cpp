#include "ui/lab/lessonwords.h"

#include <QCoreApplication>

#include <algorithm>

namespace lockscope::lessonwords {

namespace {

using Phase = ScenarioRunState::Phase;
using State = ScenarioStepModel::State;

QString tr(const char* text)
{
    return QCoreApplication::translate("LessonWords", text);
}

bool isDone(State state)
{
    return state == State::AsExpected || state == State::Otherwise;
}

} // namespace

ScenarioStepModel::State stateOf(const ScenarioStepModel& steps, int row)
{
    return static_cast<State>(steps.index(row, 0).data(ScenarioStepModel::StateRole).toInt());
}

int lastStep(const ScenarioStepModel& steps)
{
    int last = -1;
    for (int row = 0; row < steps.rowCount(); ++row) {
        const State state = stateOf(steps, row);
        if (state == State::Otherwise)
            return row;
        if (state == State::AsExpected)
            last = row;
    }
    return last;
}

bool allAsExpected(const ScenarioRunState& state)
{
    return state.phase == Phase::Finished &&
           std::all_of(state.steps.cbegin(), state.steps.cend(), [](const ScenarioStep& one) { return one.ok; });
}

QString progress(const ScenarioRunState& state, const ScenarioStepModel& steps)
{
    const int all = steps.rowCount();
    int done = 0;
    for (int row = 0; row < all; ++row)
        done += isDone(stateOf(steps, row)) ? 1 : 0;
    switch (state.phase) {
    case Phase::Idle:
        return all == 1 ? tr("1 step") : tr("%1 steps").arg(all);
    case Phase::Preparing:
        return tr("Preparing");
    case Phase::Paused:
        if (!state.playing)
            return tr("%1 of %2 steps done").arg(QString::number(done), QString::number(all));
        [[fallthrough]];
    case Phase::Running:
        return steps.currentRow() < 0
                   ? tr("Ending")
                   : tr("Step %1 of %2").arg(QString::number(steps.currentRow() + 1), QString::number(all));
    case Phase::Resetting:
        return tr("Removing everything");
    case Phase::Finished:
        return allAsExpected(state) ? tr("All as expected") : tr("Otherwise than expected");
    case Phase::Failed:
        return tr("Could not run");
    }
    return {};
}

QString told(const ScenarioStepModel& steps, int row)
{
    const auto cell = [&steps, row](int column) { return steps.index(row, column).data().toString(); };
    const QString who =
        QStringLiteral("%1 %2").arg(cell(ScenarioStepModel::ActorColumn), cell(ScenarioStepModel::ActionColumn));
    switch (stateOf(steps, row)) {
    case State::AsExpected:
        return tr("%1: %2").arg(who, cell(ScenarioStepModel::ObservedColumn));
    case State::Otherwise:
        return tr("%1: %2, expected was %3")
            .arg(who, cell(ScenarioStepModel::ObservedColumn), cell(ScenarioStepModel::ExpectedColumn));
    default:
        return who;
    }
}

} // namespace lockscope::lessonwords
