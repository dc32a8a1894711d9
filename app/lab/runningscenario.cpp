#include "app/lab/runningscenario.h"

#include <algorithm>

namespace lockscope {

RunningScenario::RunningScenario(ScenarioDescription description, QObject* parent)
    : QObject(parent)
{
    m_report.scenario = std::move(description.name);
    m_report.title = std::move(description.title);
}

void RunningScenario::step(const QString& actor, const QString& action, const QString& expected,
                           const QString& observed, bool ok, std::chrono::microseconds elapsed)
{
    const auto number = static_cast<int>(m_report.steps.size()) + 1;
    m_report.steps.append({number, actor, action, expected, observed, ok, elapsed});
    Q_EMIT stepFinished(m_report.steps.last());
}

bool RunningScenario::allOk() const
{
    return std::all_of(m_report.steps.cbegin(), m_report.steps.cend(), [](const ScenarioStep& one) { return one.ok; });
}

void RunningScenario::conclude()
{
    m_report.ok = allOk() && !m_report.steps.isEmpty();
    Q_EMIT finished(m_report);
}

void RunningScenario::giveUp(const Error& error)
{
    Q_EMIT failed(error);
}

} // namespace lockscope
