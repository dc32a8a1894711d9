#include "app/lab/scenario/poolactor.h"

#include <algorithm>

namespace lockscope {

namespace {

using Kind = ExpectedAnswer::Kind;

ActAnswer answerOfCall(const PoolCall& call)
{
    ActAnswer answer;
    switch (call.answer) {
    case PoolAnswer::True:
        answer.kind = Kind::True;
        break;
    case PoolAnswer::False:
        answer.kind = Kind::False;
        break;
    case PoolAnswer::RefusedByMap:
    case PoolAnswer::NotInMap:
        answer.kind = Kind::False;
        answer.words = word(call.answer);
        break;
    case PoolAnswer::NoConnection:
        answer.kind = Kind::NoConnection;
        break;
    case PoolAnswer::Failed:
        answer.kind = Kind::Error;
        break;
    case PoolAnswer::Lost:
        answer.kind = Kind::Lost;
        break;
    }
    if (call.error) {
        answer.sqlState = call.error->sqlState;
        answer.words =
            call.error->serverWords.isEmpty() ? call.error->what : call.error->serverWords.section(u'\n', 0, 0);
    }
    answer.notices = call.notices;
    answer.sameConnection = call.hit;
    answer.elapsed = call.elapsed;
    return answer;
}

} // namespace

PoolActor::PoolActor(ScenarioActor description, Conninfo server, QObject* parent)
    : LessonActor(std::move(description), parent)
    , m_server(std::move(server))
{
}

PoolActor::~PoolActor() = default;

void PoolActor::start(const Conninfo& conninfo)
{
    m_asked.clear();
    m_starting = true;
    m_pool = std::make_unique<PooledLockService>(name(), conninfo, description().pool);
    if (!isDirect()) // else the question waits for one of the pooler's server connections, which the lesson counts
        m_pool->setLookConninfo(m_server);
    connect(m_pool.get(), &PooledLockService::stateChanged, this, [this] { poolChanged(); });
    // Queued: what needs no statement may be answered from inside the call.
    connect(
        m_pool.get(), &PooledLockService::called, this,
        [this](const PoolCall& call) {
            const auto asked = m_asked.constFind(call.request);
            if (asked == m_asked.cend())
                return;
            const quint64 number = *asked;
            m_asked.erase(asked);
            Q_EMIT answered(number, answerOfCall(call));
        },
        Qt::QueuedConnection);
    m_pool->open();
}

void PoolActor::perform(const ScenarioAct& act, quint64 number)
{
    if (!m_pool) {
        answerLater(number, {.kind = Kind::Lost, .words = tr("it is not connected")});
        return;
    }
    if (act.verb == ActVerb::Disconnect) {
        QMetaObject::invokeMethod(
            this,
            [this, number] {
                m_pool.reset();
                Q_EMIT changed();
                Q_EMIT answered(number, {});
            },
            Qt::QueuedConnection);
        return;
    }
    const QString request = tr("request %1").arg(++m_lastRequest);
    m_asked.insert(request, number);
    if (act.verb == ActVerb::Acquire)
        m_pool->acquire(request, act.key.value_or(LockKey()));
    else
        m_pool->release(request, act.key.value_or(LockKey()), act.failing);
}

void PoolActor::kill(KillStep::How)
{
    QMetaObject::invokeMethod(
        this,
        [this] {
            m_pool.reset();
            Q_EMIT changed();
            Q_EMIT killed();
        },
        Qt::QueuedConnection);
}

QList<BackendId> PoolActor::backends() const
{
    QList<BackendId> backends;
    if (!m_pool || !isDirect())
        return backends;
    for (const PoolSlot& slot : m_pool->state().slotList) {
        if (slot.backendPid != 0)
            backends.append(BackendId{.pid = slot.backendPid});
    }
    return backends;
}

ScenarioActorState PoolActor::state() const
{
    ScenarioActorState state{.name = name(), .kind = ActorKind::Pool, .words = tr("not started")};
    if (!m_pool)
        return state;
    const PoolState& pool = m_pool->state();
    state.words = pool.phase == PoolState::Phase::Ready
                      ? tr("%1 of %2 connections free")
                            .arg(QString::number(pool.freeSlots()), QString::number(pool.slotList.size()))
                      : tr("opening");
    for (const PoolSlot& slot : pool.slotList) {
        state.connections.append({.label = QString::number(slot.number),
                                  .backendPid = isDirect() ? slot.backendPid : 0,
                                  .doing = slot.checkedOutBy.isEmpty()
                                               ? word(slot.phase)
                                               : tr("%1 by %2").arg(word(slot.phase), slot.checkedOutBy)});
    }
    state.believes = believes().value_or(QList<LockKey>());
    return state;
}

std::optional<int> PoolActor::freeConnections() const
{
    return m_pool ? std::optional(m_pool->state().freeSlots()) : std::nullopt;
}

std::optional<QList<LockKey>> PoolActor::believes() const
{
    QList<LockKey> keys;
    if (m_pool) {
        for (const auto& [key, slot] : m_pool->state().map)
            keys.append(key);
    }
    std::sort(keys.begin(), keys.end());
    return keys;
}

void PoolActor::poolChanged()
{
    const PoolState& pool = m_pool->state();
    if (m_starting && pool.phase == PoolState::Phase::Ready) {
        m_starting = false;
        Q_EMIT started();
    } else if (m_starting && pool.phase == PoolState::Phase::Failed) {
        m_starting = false;
        Q_EMIT notStarted(
            pool.error.value_or(Error{.kind = ErrorKind::Internal, .what = tr("The pool could not be opened.")}));
    }
    Q_EMIT changed();
}

void PoolActor::answerLater(quint64 number, const ActAnswer& answer)
{
    QMetaObject::invokeMethod(
        this, [this, number, answer] { Q_EMIT answered(number, answer); }, Qt::QueuedConnection);
}

} // namespace lockscope
