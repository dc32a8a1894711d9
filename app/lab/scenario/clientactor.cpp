#include "app/lab/scenario/clientactor.h"

#include "models/domain/outcome.h"

namespace lockscope {

ClientEnding endingOf(KillStep::How how)
{
    switch (how) {
    case KillStep::How::Terminate:
        return ClientEnding::Terminate;
    case KillStep::How::Quit:
        return ClientEnding::Quit;
    case KillStep::How::FromServer:
        return ClientEnding::FromServer;
    case KillStep::How::Kill:
        break;
    }
    return ClientEnding::Kill;
}

ClientActor::ClientActor(ScenarioActor description, std::shared_ptr<ReleaseWatch> watch, QObject* parent)
    : LessonActor(std::move(description), parent)
    , m_watch(std::move(watch))
{
}

ClientActor::~ClientActor() = default;

void ClientActor::start(const Conninfo& conninfo)
{
    m_asked.clear();
    m_kill.reset();
    m_starting = true;
    m_client = std::make_unique<SimulatedClient>(ClientId{++m_lastId}, name(), conninfo, m_watch);
    connect(m_client.get(), &SimulatedClient::stateChanged, this, [this] { clientChanged(); });
    connect(m_client.get(), &SimulatedClient::finished, this,
            [this](const ClientState&, const Outcome& outcome) { clientAnswered(outcome); });
    // Not from inside: a program that is missing is told at once.
    QMetaObject::invokeMethod(
        m_client.get(), [client = m_client.get()] { client->start(); }, Qt::QueuedConnection);
}

void ClientActor::perform(const ScenarioAct& act, quint64 number)
{
    if (!m_client || m_client->state().phase == ClientPhase::Ended) {
        answerLater(number, {.kind = ExpectedAnswer::Kind::Lost, .words = tr("it is not running")});
        return;
    }
    if (act.verb == ActVerb::Freeze || act.verb == ActVerb::Thaw) {
        if (act.verb == ActVerb::Freeze)
            m_client->freeze();
        else
            m_client->thaw();
        answerLater(number, {});
        return;
    }
    m_asked.push_back({number, act.verb});
    const LockKey key = act.key.value_or(LockKey());
    switch (act.verb) {
    case ActVerb::Try:
        m_client->acquire(key, {.share = act.share, .level = act.level, .wait = WaitPolicy::Try});
        break;
    case ActVerb::Lock:
        m_client->acquire(key, {.share = act.share,
                                .level = act.level,
                                .wait = act.lockTimeout ? WaitPolicy::Timeout : WaitPolicy::Block,
                                .lockTimeout = act.lockTimeout.value_or(std::chrono::milliseconds(0))});
        break;
    case ActVerb::Unlock:
        m_client->release(key, act.share);
        break;
    case ActVerb::UnlockAll:
        m_client->releaseAll();
        break;
    case ActVerb::Begin:
        m_client->begin();
        break;
    case ActVerb::Commit:
        m_client->commit();
        break;
    case ActVerb::Rollback:
        m_client->rollback();
        break;
    case ActVerb::Work:
        m_client->work(act.duration);
        break;
    default:
        m_asked.pop_back();
        answerLater(number, {.kind = ExpectedAnswer::Kind::Error, .words = tr("a client cannot do that")});
    }
}

void ClientActor::kill(KillStep::How how)
{
    if (!m_client || m_client->state().phase == ClientPhase::Ended) {
        QMetaObject::invokeMethod(this, &ClientActor::killed, Qt::QueuedConnection);
        return;
    }
    m_kill = how;
    m_client->end(endingOf(how));
}

QList<BackendId> ClientActor::backends() const
{
    if (!m_client || !isDirect() || m_client->state().backendPid == 0)
        return {};
    return {{m_client->state().backendPid, m_client->state().backendStart}};
}

ScenarioActorState ClientActor::state() const
{
    ScenarioActorState state{.name = name(), .kind = ActorKind::Client, .words = tr("not started")};
    if (!m_client)
        return state;
    const ClientState& client = m_client->state();
    state.words = word(client.phase);
    state.connections.append({.backendPid = isDirect() ? client.backendPid : 0,
                              .doing = client.doing.isEmpty() ? word(client.phase) : client.doing});
    return state;
}

std::optional<ReleaseTimeline> ClientActor::release() const
{
    return m_client ? m_client->state().release : std::nullopt;
}

void ClientActor::clientChanged()
{
    const ClientState& client = m_client->state();
    const bool ended = client.phase == ClientPhase::Ended;
    if (m_starting && (client.backendPid != 0 || ended)) {
        m_starting = false;
        if (ended)
            Q_EMIT notStarted(client.ending.value_or(
                Error{.kind = ErrorKind::Internal, .what = tr("The client ended before it was connected.")}));
        else
            Q_EMIT started();
    }
    // What it was asked last is never answered; a pooler's client may end without a word as well.
    while (ended && !m_asked.empty()) {
        const Asked asked = m_asked.front();
        m_asked.pop_front();
        Q_EMIT answered(asked.number, {.kind = ExpectedAnswer::Kind::Lost,
                                       .words = client.ending ? client.ending->what : tr("the process ended")});
    }
    const bool serverDid = client.release && (client.release->backendGone || client.release->error);
    if (m_kill && (m_kill == KillStep::How::FromServer ? serverDid || ended : ended)) {
        m_kill.reset();
        Q_EMIT killed();
    }
    Q_EMIT changed();
}

void ClientActor::clientAnswered(const Outcome& outcome)
{
    if (m_asked.empty())
        return;
    const Asked asked = m_asked.front();
    m_asked.pop_front();
    Q_EMIT answered(asked.number, answerOf(outcome, asked.verb));
}

void ClientActor::answerLater(quint64 number, const ActAnswer& answer)
{
    QMetaObject::invokeMethod(
        this, [this, number, answer] { Q_EMIT answered(number, answer); }, Qt::QueuedConnection);
}

} // namespace lockscope
