#include "app/lab/scenario/podactor.h"

#include "app/lab/scenario/clientactor.h"

#include <algorithm>

namespace lockscope {

namespace {

using Kind = ExpectedAnswer::Kind;

} // namespace

PodActor::PodActor(ScenarioActor description, std::shared_ptr<ReleaseWatch> watch, QObject* parent)
    : LessonActor(std::move(description), parent)
    , m_watch(std::move(watch))
{
}

PodActor::~PodActor() = default;

void PodActor::start(const Conninfo& conninfo)
{
    m_asked.clear();
    m_kill.reset();
    m_starting = true;
    m_pod = std::make_unique<Pod>(name(), conninfo, description().pool.size, m_watch);
    connect(m_pod.get(), &Pod::stateChanged, this, [this] { podChanged(); });
    // Queued: what needs no statement may be answered from inside the call.
    connect(
        m_pod.get(), &Pod::answered, this, [this](const PodAnswer& told) { podAnswered(told); }, Qt::QueuedConnection);
    // Not from inside: a program that is missing is told at once.
    QMetaObject::invokeMethod(
        m_pod.get(), [pod = m_pod.get()] { pod->start(); }, Qt::QueuedConnection);
}

void PodActor::perform(const ScenarioAct& act, quint64 number)
{
    if (!m_pod || m_pod->state().phase == PodPhase::Ended) {
        answerLater(number, {.kind = Kind::Lost, .words = tr("it is not running")});
    } else if (act.verb == ActVerb::Sync) {
        m_asked.insert(m_pod->sync(act.key.value_or(LockKey()), act.duration), number);
    } else {
        if (act.verb == ActVerb::Freeze)
            m_pod->freeze();
        else
            m_pod->thaw();
        answerLater(number, {});
    }
}

void PodActor::kill(KillStep::How how)
{
    if (!m_pod || m_pod->state().phase == PodPhase::Ended) {
        QMetaObject::invokeMethod(this, &PodActor::killed, Qt::QueuedConnection);
        return;
    }
    m_kill = how;
    m_pod->end(endingOf(how));
}

QList<BackendId> PodActor::backends() const
{
    QList<BackendId> backends;
    if (!m_pod || !isDirect())
        return backends;
    for (const PodConnection& connection : m_pod->state().connections) {
        if (connection.backendPid != 0)
            backends.append(BackendId{connection.backendPid, connection.backendStart});
    }
    return backends;
}

ScenarioActorState PodActor::state() const
{
    ScenarioActorState state{.name = name(), .kind = ActorKind::Pod, .words = tr("not started")};
    if (!m_pod)
        return state;
    const PodState& pod = m_pod->state();
    state.words = word(pod.phase);
    int number = 0;
    for (const PodConnection& connection : pod.connections)
        state.connections.append({.label = QString::number(++number),
                                  .backendPid = isDirect() ? connection.backendPid : 0,
                                  .doing = connection.doing});
    state.believes = pod.map;
    return state;
}

std::optional<ReleaseTimeline> PodActor::release() const
{
    return m_pod ? m_pod->state().release : std::nullopt;
}

std::optional<int> PodActor::freeConnections() const
{
    if (!m_pod)
        return {};
    const QList<PodConnection>& connections = m_pod->state().connections;
    return static_cast<int>(std::count_if(connections.cbegin(), connections.cend(), [](const PodConnection& one) {
        return one.doing == QStringLiteral("free");
    }));
}

std::optional<QList<LockKey>> PodActor::believes() const
{
    QList<LockKey> keys = m_pod ? m_pod->state().map : QList<LockKey>();
    std::sort(keys.begin(), keys.end());
    return keys;
}

void PodActor::podChanged()
{
    const PodState& pod = m_pod->state();
    const bool ended = pod.phase == PodPhase::Ended;
    if (m_starting && (pod.phase == PodPhase::Running || ended)) {
        m_starting = false;
        if (ended)
            Q_EMIT notStarted(
                pod.ending.value_or(Error{.kind = ErrorKind::Internal, .what = tr("The pod ended before it ran.")}));
        else
            Q_EMIT started();
    }
    if (ended) {
        const QHash<quint64, quint64> asked = std::exchange(m_asked, {});
        for (const quint64 number : asked)
            Q_EMIT answered(number, {.kind = Kind::Lost, .words = tr("the process ended")});
    }
    const bool serverDid = pod.release && (pod.release->backendGone || pod.release->error);
    if (m_kill && (m_kill == KillStep::How::FromServer ? serverDid || ended : ended)) {
        m_kill.reset();
        Q_EMIT killed();
    }
    Q_EMIT changed();
}

void PodActor::podAnswered(const PodAnswer& told)
{
    const auto asked = m_asked.constFind(told.request);
    if (asked == m_asked.cend())
        return;
    const quint64 number = *asked;
    if (told.code != 202)
        m_asked.erase(asked); // the last word on this request
    ActAnswer answer{.code = told.code, .elapsed = told.elapsed, .words = told.words};
    // A request is granted or refused as a whole; the code tells more.
    answer.kind = told.code == 409 ? Kind::False : told.code == 503 ? Kind::NoConnection : Kind::Done;
    if (told.code == 500)
        answer.kind = Kind::Lost;
    Q_EMIT answered(number, answer);
}

void PodActor::answerLater(quint64 number, const ActAnswer& answer)
{
    QMetaObject::invokeMethod(
        this, [this, number, answer] { Q_EMIT answered(number, answer); }, Qt::QueuedConnection);
}

} // namespace lockscope
