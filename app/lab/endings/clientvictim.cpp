#include "app/lab/endings/clientvictim.h"

#include "app/lab/endings/trialconninfo.h"
#include "app/lab/pooler/pgbouncer.h"
#include "app/lab/protocol.h"
#include "app/lab/simulatedclient.h"

namespace lockscope {

namespace {

using std::chrono::steady_clock;

ClientEnding endingOf(EndingKind kind)
{
    switch (kind) {
    case EndingKind::SaidGoodbye:
        return ClientEnding::Terminate;
    case EndingKind::ExitedWithoutUnlock:
        return ClientEnding::Quit;
    case EndingKind::TerminatedFromServer:
        return ClientEnding::FromServer;
    default:
        return ClientEnding::Kill;
    }
}

} // namespace

ClientVictim::ClientVictim(EndingKind kind, Conninfo conninfo, std::shared_ptr<ReleaseWatch> watch, QObject* parent)
    : Victim(std::move(watch), parent)
    , m_kind(kind)
    , m_conninfo(std::move(conninfo))
{
}

ClientVictim::~ClientVictim()
{
    if (m_client)
        m_client->disconnect(this);
}

void ClientVictim::take(LockKey key, WaitPolicy wait)
{
    m_key = key;
    if (m_kind != EndingKind::KilledBehindPooler) {
        startClient(m_conninfo, key, wait);
        return;
    }
    if (const Result<QString> found = findPgBouncer(); !found) {
        const Error& error = found.error();
        Q_EMIT impossible(error.advice.isEmpty() ? error.what : error.what + QLatin1Char(' ') + error.advice);
        return;
    }
    // One server connection: the picture is the same with more, and this one is easy to follow.
    m_pooler = std::make_unique<PgBouncer>(m_conninfo, PoolerSpec{.mode = PoolerMode::Transaction, .poolSize = 1});
    connect(m_pooler.get(), &PgBouncer::started, this,
            [this, key, wait] { startClient(m_pooler->conninfo(), key, wait); });
    connect(m_pooler.get(), &PgBouncer::failed, this, &ClientVictim::failed);
    connect(m_pooler.get(), &PgBouncer::ended, this, &ClientVictim::failed);
    m_pooler->start();
}

void ClientVictim::startClient(const Conninfo& conninfo, LockKey key, WaitPolicy wait)
{
    m_client = std::make_unique<SimulatedClient>(ClientId{1}, trialName(m_kind), conninfo, watch());
    connect(m_client.get(), &SimulatedClient::stateChanged, this, &ClientVictim::clientChanged);
    connect(m_client.get(), &SimulatedClient::finished, this,
            [this](const ClientState&, const Outcome& outcome) { clientAnswered(outcome); });
    m_client->start();
    m_client->acquire(key, {.wait = wait});
}

void ClientVictim::runStatement(std::chrono::milliseconds length)
{
    m_asked = true;
    m_client->work(length);
}

void ClientVictim::end()
{
    m_ending = true;
    if (m_kind == EndingKind::Frozen) {
        const ClientState& state = m_client->state();
        watchWhile({state.backendPid, state.backendStart}, m_key, [this]() -> Result<SteadyTime> {
            m_client->freeze();
            if (m_client->state().phase != ClientPhase::Frozen)
                return failure({.kind = ErrorKind::Internal, .what = tr("The client process could not be stopped.")});
            return steady_clock::now();
        });
        return;
    }
    m_client->end(endingOf(m_kind));
}

QString ClientVictim::applicationName() const
{
    return protocol::clientApplicationName(trialName(m_kind));
}

QString ClientVictim::deed() const
{
    const QString process = QString::number(m_processId);
    switch (m_kind) {
    case EndingKind::SaidGoodbye:
        return tr("Process %1 was asked to end (SIGTERM) and closed its connection.").arg(process);
    case EndingKind::ExitedWithoutUnlock:
        return tr("Process %1 exited without unlocking.").arg(process);
    case EndingKind::TerminatedFromServer:
        return tr("pg_terminate_backend was sent to the backend of process %1.").arg(process);
    case EndingKind::Frozen:
        return tr("Process %1 was stopped (SIGSTOP).").arg(process);
    case EndingKind::KilledBehindPooler:
        return tr("Process %1, a client of PgBouncer, was killed (SIGKILL).").arg(process);
    default:
        return tr("Process %1 was killed (SIGKILL).").arg(process);
    }
}

void ClientVictim::clientChanged(const ClientState& state)
{
    if (state.processId != 0)
        m_processId = state.processId;
    if (!m_told && state.backendPid != 0) {
        m_told = true;
        Q_EMIT connected({.backend = {state.backendPid, state.backendStart}});
    }
    if (m_asked && state.phase == ClientPhase::Working) {
        m_asked = false;
        Q_EMIT runs(state.doingSince.value_or(steady_clock::now()));
    }
    if (!m_ending) {
        if (state.phase == ClientPhase::Ended)
            Q_EMIT failed(state.ending.value_or(
                Error{.kind = ErrorKind::Internal, .what = tr("The client process ended by itself.")}));
        return;
    }
    if (m_kind == EndingKind::Frozen || !state.release)
        return;
    // The client looks at the server before it sends its signal; a running clock may begin when the deed is known to be
    // done. What is measured counts from the very moment.
    const bool done = state.release->processGone || state.release->backendGone || state.release->keysFree;
    if (!m_begun && done) {
        m_begun = true;
        const auto since = state.release->processGone.value_or(
            state.release->keysFree.value_or(state.release->backendGone.value_or(std::chrono::microseconds(0))));
        Q_EMIT ended(steady_clock::now() - since);
    }
    if (m_begun)
        Q_EMIT timelineChanged(*state.release);
}

void ClientVictim::clientAnswered(const Outcome& outcome)
{
    if (m_ending || m_asked)
        return;
    if (outcome.kind == OutcomeKind::Acquired) {
        Q_EMIT holds();
        return;
    }
    if (outcome.kind == OutcomeKind::Done)
        return;
    Q_EMIT failed(outcome.error.value_or(Error{.kind = ErrorKind::Server, .what = describe(outcome)}));
}

} // namespace lockscope
