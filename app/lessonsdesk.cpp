#include "app/lessonsdesk.h"

#include "app/lab/scenario/scenariofile.h"
#include "app/lab/scenario/scenariorun.h"
#include "ui/lab/lessonspage.h"

#include <QFileInfo>

#include <algorithm>

namespace lockscope {

namespace {

using std::chrono::milliseconds;

/// How long it takes to read a step aloud, about 15 characters a second, and to see what came of it.
milliseconds readingTime(const ScenarioStepDocument& step)
{
    constexpr milliseconds character{65};
    const auto* const say = std::get_if<SayStep>(&step.what);
    const qsizetype characters = step.note.size() + (say != nullptr ? say->text.size() : 0);
    return std::clamp<milliseconds>(milliseconds(1200) + character * static_cast<int>(characters), milliseconds(1200),
                                    milliseconds(12'000));
}

} // namespace

LessonsDesk::LessonsDesk(LessonsPage& page, LabConsent& consent, QObject* parent)
    : QObject(parent)
    , m_page(page)
    , m_consent(consent)
    , m_lessons(builtInScenarios())
{
    connect(&page, &LessonsPage::lessonChosen, this, &LessonsDesk::choose);
    connect(&page, &LessonsPage::openFileRequested, this, &LessonsDesk::openFile);
    connect(&page, &LessonsPage::stepRequested, this, [this] { withRun(&ScenarioRun::stepOnce); });
    connect(&page, &LessonsPage::playRequested, this, &LessonsDesk::play);
    connect(&page, &LessonsPage::pauseRequested, this, [this] {
        stopPlaying();
        if (!m_run)
            return;
        m_run->pause();
        show(m_run->state()); // the run itself may have stood still already, and then it says nothing
    });
    m_reading.setSingleShot(true);
    connect(&m_reading, &QTimer::timeout, this, [this] {
        if (m_playing && m_run)
            m_run->stepOnce();
    });
    connect(&page, &LessonsPage::resetRequested, this, [this] {
        stopPlaying();
        if (m_run)
            m_run->reset();
    });
    page.setLessons(m_lessons);
}

LessonsDesk::~LessonsDesk() = default;

void LessonsDesk::setPlace(const std::optional<LabPlace>& place)
{
    const bool same = m_place && place && m_place->conninfo == place->conninfo;
    m_place = place;
    m_page.setServer(place ? place->server : LabServer{});
    if (same)
        return;
    stopPlaying();
    m_run.reset();
    m_page.setState({});
}

void LessonsDesk::openFile(const QString& file)
{
    const QString name = QFileInfo(file).fileName();
    const Result<ScenarioDocument> document = readScenarioFile(file);
    if (!document) {
        const Error& error = document.error();
        m_page.setFaults(name, error.serverWords.isEmpty() ? error.what : error.serverWords);
        return;
    }
    m_page.setFaults({}, {});
    const auto known = std::find_if(m_lessons.begin(), m_lessons.end(),
                                    [&](const ScenarioDocument& one) { return one.name == document->name; });
    if (known != m_lessons.end())
        *known = *document; // read anew, or one of ours that the person changed
    else
        m_lessons.append(*document);
    if (m_chosen == document->name) {
        stopPlaying();
        m_run.reset();
    }
    m_page.setLessons(m_lessons);
    m_page.choose(document->name);
    m_page.setState({});
}

void LessonsDesk::choose(const QString& name)
{
    m_chosen = name;
    stopPlaying();
    m_run.reset();
}

const ScenarioDocument* LessonsDesk::chosen() const
{
    const auto found = std::find_if(m_lessons.cbegin(), m_lessons.cend(),
                                    [this](const ScenarioDocument& one) { return one.name == m_chosen; });
    return found == m_lessons.cend() ? nullptr : &*found;
}

void LessonsDesk::play(LessonPace pace)
{
    stopPlaying();
    if (pace == LessonPace::AtOnce) {
        withRun(&ScenarioRun::play);
        return;
    }
    withRun([this](ScenarioRun& run) {
        m_playing = true;
        run.stepOnce();
    });
}

void LessonsDesk::stopPlaying()
{
    m_playing = false;
    m_reading.stop();
}

void LessonsDesk::show(ScenarioRunState state)
{
    using Phase = ScenarioRunState::Phase;
    if (state.phase == Phase::Finished || state.phase == Phase::Failed)
        stopPlaying();
    // While it is paused the state comes again and again, with what the server shows now.
    if (m_playing && state.phase == Phase::Paused && !m_reading.isActive()) {
        const qsizetype done = state.position - 1;
        const QList<ScenarioStepDocument>& steps = m_run->document().steps;
        m_reading.start(done >= 0 && done < steps.size() ? readingTime(steps.at(done)) : milliseconds(0));
    }
    state.playing = state.playing || m_playing;
    m_page.setState(state);
}

void LessonsDesk::withRun(const std::function<void(ScenarioRun&)>& act)
{
    if (m_run) {
        act(*m_run);
        return;
    }
    const ScenarioDocument* const document = chosen();
    if (document == nullptr || !m_place || !m_place->server.problem.isEmpty())
        return;
    m_consent.ask(tr("Run the lesson \"%1\"").arg(document->title), document->deeds(), this,
                  [this, act, name = document->name] {
                      const ScenarioDocument* const allowed = chosen();
                      if (allowed == nullptr || allowed->name != name || m_run || !m_place)
                          return; // another one was chosen while the question stood
                      makeRun(*allowed);
                      act(*m_run);
                  });
}

void LessonsDesk::makeRun(const ScenarioDocument& document)
{
    m_run = std::make_unique<ScenarioRun>(document, m_place->conninfo);
    connect(m_run.get(), &ScenarioRun::stateChanged, this, &LessonsDesk::show);
    connect(m_run.get(), &ScenarioRun::finished, this, [this](const ScenarioReport& report) {
        m_page.setResult(report.scenario, report.ok ? LessonResult::AsExpected : LessonResult::Otherwise);
    });
    connect(m_run.get(), &ScenarioRun::failed, this, [this] { m_page.setResult(m_chosen, LessonResult::Otherwise); });
}

} // namespace lockscope
