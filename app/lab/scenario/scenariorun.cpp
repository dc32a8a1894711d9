#include "app/lab/scenario/scenariorun.h"

#include "app/lab/scenario/preparation.h"
#include "app/lab/scenario/removal.h"
#include "app/lab/scenario/setupsession.h"
#include "app/lab/scenario/stage.h"
#include "app/lab/scenario/steprun.h"
#include "models/domain/scenariowords.h"

#include <QCoreApplication>
#include <QTimer>

#include <algorithm>

namespace lockscope {

namespace {

using Phase = ScenarioRunState::Phase;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// How often the picture is refreshed while nothing else looks.
constexpr milliseconds lookEvery{200};
/// Changes that come together are told together.
constexpr milliseconds tellAfter{10};

} // namespace

class ScenarioRun::Private final : public QObject
{
    Q_DECLARE_TR_FUNCTIONS(lockscope::ScenarioRun)

public:
    Private(ScenarioRun* run, ScenarioDocument lesson, Conninfo parameters);

    void play();
    void stepOnce();
    void pause();
    void reset();

    ScenarioRun* q;
    const ScenarioDocument document;
    const Conninfo conninfo;
    ScenarioRunState state;

private:
    enum class Afterwards
    {
        Finish,
        Fail,
        BackToStart,
    };
    void begin();
    void prepared();
    void next();
    void runStep();
    void takeStep(bool ok, const QString& observed, microseconds elapsed);
    void takeLook(const Result<ServerPicture>& picture);
    void goOn();
    void remove(Afterwards then);
    void removed(const QString& left);
    void add(ScenarioStep step);
    void enter(Phase phase);
    void publish();
    [[nodiscard]] bool isOver() const;

    ScenarioRunState m_told;
    QString m_server;
    std::unique_ptr<Stage> m_stage; ///< its farewell comes last
    std::unique_ptr<SetupSession> m_setup;
    std::unique_ptr<Preparation> m_preparation;
    std::unique_ptr<StepRun> m_step;
    std::unique_ptr<Removal> m_removal;
    Afterwards m_afterwards = Afterwards::Finish;
    bool m_stepAsked = false; ///< go on by one step after the preparation
    bool m_playAsked = false; ///< begin again after the removal
    bool m_somethingMade = false;
    SteadyTime m_removalStarted;
    QTimer m_lookAgain;
    QTimer m_tell;
};

ScenarioRun::Private::Private(ScenarioRun* run, ScenarioDocument lesson, Conninfo parameters)
    : q(run)
    , document(std::move(lesson))
    , conninfo(std::move(parameters))
{
    m_lookAgain.setInterval(lookEvery);
    connect(&m_lookAgain, &QTimer::timeout, this, [this] {
        if (m_stage && (state.phase == Phase::Paused || state.phase == Phase::Running))
            m_stage->look([this](const Result<ServerPicture>& picture) { takeLook(picture); });
    });
    m_tell.setSingleShot(true);
    m_tell.setInterval(tellAfter);
    connect(&m_tell, &QTimer::timeout, this, [this] { publish(); });
}

bool ScenarioRun::Private::isOver() const
{
    return state.phase == Phase::Idle || state.phase == Phase::Finished || state.phase == Phase::Failed;
}

void ScenarioRun::Private::play()
{
    if (state.phase == Phase::Resetting) {
        m_playAsked = m_afterwards == Afterwards::BackToStart;
        return;
    }
    if (isOver()) {
        begin();
        state.playing = true;
        publish();
        return;
    }
    state.playing = true;
    if (state.phase == Phase::Paused)
        next();
    else
        publish();
}

void ScenarioRun::Private::stepOnce()
{
    if (state.phase == Phase::Resetting)
        return;
    state.playing = false;
    if (isOver()) {
        begin();
        m_stepAsked = true;
    } else if (state.phase == Phase::Paused) {
        next();
    } else {
        publish();
    }
}

void ScenarioRun::Private::pause()
{
    m_stepAsked = false;
    m_playAsked = false;
    state.playing = false;
    publish();
}

void ScenarioRun::Private::reset()
{
    m_playAsked = false;
    if (state.phase == Phase::Resetting) {
        m_afterwards = Afterwards::BackToStart;
    } else if (isOver()) {
        state = {};
        publish();
    } else {
        remove(Afterwards::BackToStart);
    }
}

void ScenarioRun::Private::begin()
{
    state = {};
    m_server.clear();
    m_stepAsked = false;
    m_somethingMade = false;
    m_setup.reset();
    m_stage = std::make_unique<Stage>(document, conninfo);
    m_setup = std::make_unique<SetupSession>(conninfo);
    m_preparation = std::make_unique<Preparation>(document, *m_setup, *m_stage);
    connect(m_stage.get(), &Stage::changed, &m_tell, qOverload<>(&QTimer::start));
    // Queued, here and below: what follows deletes the sender.
    connect(m_preparation.get(), &Preparation::serverKnown, this, [this](const QString& server) { m_server = server; });
    connect(m_preparation.get(), &Preparation::makes, this, [this] { m_somethingMade = true; });
    connect(
        m_preparation.get(), &Preparation::done, this, [this] { prepared(); }, Qt::QueuedConnection);
    connect(
        m_preparation.get(), &Preparation::failed, this,
        [this](const Error& error) {
            if (state.phase != Phase::Preparing)
                return;
            state.error = error;
            remove(Afterwards::Fail);
        },
        Qt::QueuedConnection);
    enter(Phase::Preparing);
    m_lookAgain.start();
    m_preparation->start();
}

void ScenarioRun::Private::prepared()
{
    if (state.phase != Phase::Preparing)
        return;
    m_preparation.reset();
    if (state.playing || std::exchange(m_stepAsked, false))
        next();
    else
        enter(Phase::Paused);
}

/// The next step that is for this server, or the end.
void ScenarioRun::Private::next()
{
    const QList<ScenarioStepDocument>& steps = document.steps;
    while (state.position < steps.size() && m_stage->versionNumber() / 10000 < steps.at(state.position).minimumVersion)
        ++state.position;
    if (state.position >= steps.size())
        remove(Afterwards::Finish);
    else if (const auto* const say = std::get_if<SayStep>(&steps.at(state.position).what)) {
        state.narration = say->text;
        Q_EMIT q->said(say->text);
        goOn();
    } else {
        runStep();
    }
}

void ScenarioRun::Private::runStep()
{
    m_step = std::make_unique<StepRun>(document.steps.at(state.position), *m_stage);
    const StepRun* const running = m_step.get();
    connect(
        m_step.get(), &StepRun::finished, this,
        [this, running](bool ok, const QString& observed, microseconds elapsed) {
            if (m_step.get() == running && state.phase == Phase::Running)
                takeStep(ok, observed, elapsed);
        },
        Qt::QueuedConnection);
    enter(Phase::Running);
    m_step->start();
}

void ScenarioRun::Private::takeStep(bool ok, const QString& observed, microseconds elapsed)
{
    m_step.reset();
    const ScenarioStepWords words = wordsOf(document.steps.at(state.position));
    add({.actor = words.actor,
         .action = words.action,
         .expected = words.expected,
         .observed = observed,
         .ok = ok,
         .elapsed = elapsed,
         .position = state.position});
    if (state.phase != Phase::Running)
        return; // whoever heard of the step has reset the lesson
    if (ok)
        goOn();
    else
        remove(Afterwards::Finish);
}

/// The stage tells what has changed; that it cannot see any more is said here.
void ScenarioRun::Private::takeLook(const Result<ServerPicture>& picture)
{
    if (state.phase != Phase::Paused && state.phase != Phase::Running)
        return;
    state.error.reset();
    if (!picture) {
        state.error = picture.error();
        state.error->advice = tr("What this lesson has on the server may be gone. Reset it and start over once the "
                                 "server answers again.");
    }
    m_tell.start();
}

void ScenarioRun::Private::goOn()
{
    ++state.position;
    enter(Phase::Paused);
    if (!state.playing)
        return;
    // Not from here: many `say` in a row would be as many calls inside each other.
    QMetaObject::invokeMethod(
        this,
        [this] {
            if (state.playing && state.phase == Phase::Paused)
                next();
        },
        Qt::QueuedConnection);
}

void ScenarioRun::Private::remove(Afterwards then)
{
    m_afterwards = then;
    m_removalStarted = steady_clock::now();
    m_preparation.reset();
    m_step.reset();
    m_removal = std::make_unique<Removal>(m_somethingMade ? document.reset : QStringList(), *m_setup, *m_stage);
    connect(
        m_removal.get(), &Removal::done, this, [this](const QString& left) { removed(left); }, Qt::QueuedConnection);
    enter(Phase::Resetting);
    // In the next turn: this may be inside a signal of one of the actors that end now.
    QMetaObject::invokeMethod(m_removal.get(), &Removal::start, Qt::QueuedConnection);
}

void ScenarioRun::Private::removed(const QString& left)
{
    m_lookAgain.stop();
    if (left.isEmpty())
        m_stage->forget();
    if (m_afterwards == Afterwards::Finish)
        add({.actor = tr("console"),
             .action = tr("removes everything"),
             .expected = tr("no backend and no lock of this lesson is left"),
             .observed = left.isEmpty() ? tr("nothing is left") : left,
             .ok = left.isEmpty(),
             .elapsed = std::chrono::duration_cast<microseconds>(steady_clock::now() - m_removalStarted)});
    state.actors.clear();
    state.locks.clear();
    m_tell.stop();
    m_removal.reset();
    m_setup.reset();
    m_stage.reset();
    state.playing = false;
    switch (m_afterwards) {
    case Afterwards::Finish: {
        const bool ok =
            std::all_of(state.steps.cbegin(), state.steps.cend(), [](const ScenarioStep& step) { return step.ok; });
        const ScenarioReport report{
            .scenario = document.name, .title = document.title, .server = m_server, .ok = ok, .steps = state.steps};
        enter(Phase::Finished);
        Q_EMIT q->finished(report);
        return;
    }
    case Afterwards::Fail: {
        const Error error = state.error.value_or(Error());
        enter(Phase::Failed);
        Q_EMIT q->failed(error);
        return;
    }
    case Afterwards::BackToStart:
        state = {};
        if (!left.isEmpty())
            state.error = Error{.kind = ErrorKind::Server,
                                .what = tr("Something of the lesson may be left on the server."),
                                .serverWords = left};
        if (std::exchange(m_playAsked, false))
            play();
        else
            publish();
    }
}

void ScenarioRun::Private::add(ScenarioStep step)
{
    step.step = static_cast<int>(state.steps.size()) + 1;
    state.steps.append(step);
    Q_EMIT q->stepFinished(step);
}

void ScenarioRun::Private::enter(Phase phase)
{
    state.phase = phase;
    publish();
}

void ScenarioRun::Private::publish()
{
    m_tell.stop();
    if (m_stage) {
        state.actors = m_stage->actorStates();
        state.locks = m_stage->locks();
    }
    if (m_told == state)
        return;
    m_told = state;
    Q_EMIT q->stateChanged(ScenarioRunState(state));
}

ScenarioRun::ScenarioRun(ScenarioDocument document, Conninfo conninfo, QObject* parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this, std::move(document), std::move(conninfo)))
{
}

ScenarioRun::~ScenarioRun() = default;

void ScenarioRun::play()
{
    d->play();
}

void ScenarioRun::stepOnce()
{
    d->stepOnce();
}

void ScenarioRun::pause()
{
    d->pause();
}

void ScenarioRun::reset()
{
    d->reset();
}

const ScenarioDocument& ScenarioRun::document() const
{
    return d->document;
}

const ScenarioRunState& ScenarioRun::state() const
{
    return d->state;
}

} // namespace lockscope
