#include "models/domain/scenariostate.h"

#include <QJsonArray>

namespace lockscope {

QJsonObject ScenarioReport::toJson() const
{
    QJsonArray stepObjects;
    for (const ScenarioStep& one : steps) {
        stepObjects.append(QJsonObject{{QStringLiteral("step"), one.step},
                                       {QStringLiteral("actor"), one.actor},
                                       {QStringLiteral("action"), one.action},
                                       {QStringLiteral("expected"), one.expected},
                                       {QStringLiteral("observed"), one.observed},
                                       {QStringLiteral("ok"), one.ok},
                                       {QStringLiteral("elapsedMs"), static_cast<double>(one.elapsed.count()) / 1000}});
    }
    return {{QStringLiteral("scenario"), scenario},
            {QStringLiteral("title"), title},
            {QStringLiteral("server"), server},
            {QStringLiteral("ok"), ok},
            {QStringLiteral("steps"), stepObjects}};
}

} // namespace lockscope
