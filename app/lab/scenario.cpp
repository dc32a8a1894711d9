#include "app/lab/scenario.h"

#include "app/lab/crashreleasescenario.h"

#include <QCoreApplication>
#include <QJsonArray>

namespace lockscope {

namespace {

struct Lesson
{
    ScenarioDescription description;
    std::function<std::unique_ptr<RunningScenario>(const ScenarioDescription&, const Conninfo&)> make;
};

template <typename Scenario>
std::unique_ptr<RunningScenario> make(const ScenarioDescription& description, const Conninfo& conninfo)
{
    return std::make_unique<Scenario>(description, conninfo);
}

QList<Lesson> lessons()
{
    return {{{QStringLiteral("crash-release"),
              QCoreApplication::translate("lockscope::Scenario", "A Crashed Client Releases Its Lock")},
             make<CrashReleaseScenario>}};
}

} // namespace

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

QList<ScenarioDescription> scenarios()
{
    QList<ScenarioDescription> descriptions;
    for (const Lesson& lesson : lessons())
        descriptions.append(lesson.description);
    return descriptions;
}

class ScenarioRun::Private final
{
public:
    QString name;
    Conninfo conninfo;
    std::unique_ptr<RunningScenario> scenario;
};

ScenarioRun::ScenarioRun(QString name, Conninfo conninfo, QObject* parent)
    : QObject(parent)
    , d(std::make_unique<Private>(Private{std::move(name), std::move(conninfo), nullptr}))
{
}

ScenarioRun::~ScenarioRun() = default;

void ScenarioRun::start()
{
    if (d->scenario)
        return;
    for (const Lesson& lesson : lessons()) {
        if (lesson.description.name != d->name)
            continue;
        d->scenario = lesson.make(lesson.description, d->conninfo);
        connect(d->scenario.get(), &RunningScenario::stepFinished, this, &ScenarioRun::stepFinished);
        connect(d->scenario.get(), &RunningScenario::finished, this, &ScenarioRun::finished);
        connect(d->scenario.get(), &RunningScenario::failed, this, &ScenarioRun::failed);
        d->scenario->start();
        return;
    }
    const Error unknown{.kind = ErrorKind::Usage,
                        .what = tr("There is no scenario named \"%1\".").arg(d->name.left(60)),
                        .advice = tr("List them with: lockscope scenario list")};
    QMetaObject::invokeMethod(
        this, [this, unknown] { Q_EMIT failed(unknown); }, Qt::QueuedConnection);
}

} // namespace lockscope
