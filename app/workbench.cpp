#include "app/workbench.h"

#include "app/lab/releasewatch.h"
#include "app/lab/simulatedclient.h"
#include "app/postgres/operatorsession.h"
#include "ui/clientspanel.h"
#include "ui/operatorpanel.h"

#include <algorithm>

namespace lockscope {

namespace {

using namespace std::chrono_literals;

/// A link that died keeps a session from closing politely; its socket is shut down by then.
constexpr auto endDeadline = 2s;

bool hasUnknown(const SessionState& state)
{
    return std::any_of(state.ledger.cbegin(), state.ledger.cend(),
                       [](const LedgerEntry& entry) { return entry.state == HoldState::Unknown; });
}

bool isConnected(SessionPhase phase)
{
    return phase == SessionPhase::Idle || phase == SessionPhase::Busy || phase == SessionPhase::Connecting;
}

} // namespace

Workbench::Workbench(QObject* parent)
    : QObject(parent)
{
    m_endDeadline.setSingleShot(true);
    connect(&m_endDeadline, &QTimer::timeout, this, [this] {
        m_ended = true;
        Q_EMIT ended();
    });
}

Workbench::~Workbench() = default;

template <typename Action>
void Workbench::withSession(SessionId id, Action act)
{
    if (const auto found = m_sessions.find(id); found != m_sessions.end())
        act(*found->second.session);
}

template <typename Action>
void Workbench::withClient(ClientId id, Action act)
{
    if (const auto found = m_clients.find(id); found != m_clients.end())
        act(*found->second.process);
}

void Workbench::serve(OperatorPanel& panel)
{
    connect(&panel, &OperatorPanel::newSessionRequested, this, [this, &panel](const QString& name) {
        if (m_watched && !m_ending)
            panel.select(startSession(name));
    });
    connect(&panel, &OperatorPanel::acquireRequested, this,
            [this](SessionId id, const KeyInput& key, const LockRequest& request) {
                withSession(id, [&](OperatorSession& session) { session.acquire(key, request); });
            });
    connect(&panel, &OperatorPanel::releaseRequested, this, [this](SessionId id, const KeyInput& key, LockShare share) {
        withSession(id, [&](OperatorSession& session) { session.release(key, share); });
    });
    const auto forward = [this, &panel](auto signal, auto call) {
        connect(&panel, signal, this, [this, call](SessionId id) {
            withSession(id, [call](OperatorSession& session) { (session.*call)(); });
        });
    };
    forward(&OperatorPanel::releaseAllRequested, &OperatorSession::releaseAll);
    forward(&OperatorPanel::beginRequested, &OperatorSession::begin);
    forward(&OperatorPanel::commitRequested, &OperatorSession::commit);
    forward(&OperatorPanel::rollbackRequested, &OperatorSession::rollback);
    forward(&OperatorPanel::cancelRequested, &OperatorSession::cancel);
    forward(&OperatorPanel::disconnectRequested, &OperatorSession::disconnectFromServer);
    connect(&panel, &OperatorPanel::removeRequested, this, &Workbench::removeSession);
}

void Workbench::serve(ClientsPanel& panel)
{
    connect(&panel, &ClientsPanel::startRequested, this, [this, &panel](const QString& name) {
        if (m_watched && !m_ending)
            panel.select(startClient(name));
    });
    connect(&panel, &ClientsPanel::holdRequested, this,
            [this](ClientId id, const KeyInput& key, const LockRequest& request) {
                withClient(id, [&](SimulatedClient& client) { client.acquire(key, request); });
            });
    connect(&panel, &ClientsPanel::releaseRequested, this, [this](ClientId id, const KeyInput& key, LockShare share) {
        withClient(id, [&](SimulatedClient& client) { client.release(key, share); });
    });
    connect(&panel, &ClientsPanel::workRequested, this, [this](ClientId id, std::chrono::milliseconds duration) {
        withClient(id, [&](SimulatedClient& client) { client.work(duration); });
    });
    connect(&panel, &ClientsPanel::endRequested, this, [this](ClientId id, ClientEnding ending) {
        withClient(id, [&](SimulatedClient& client) { client.end(ending); });
    });
    const auto forward = [this, &panel](auto signal, auto call) {
        connect(&panel, signal, this,
                [this, call](ClientId id) { withClient(id, [call](SimulatedClient& client) { (client.*call)(); }); });
    };
    forward(&ClientsPanel::beginRequested, &SimulatedClient::begin);
    forward(&ClientsPanel::commitRequested, &SimulatedClient::commit);
    forward(&ClientsPanel::rollbackRequested, &SimulatedClient::rollback);
    forward(&ClientsPanel::freezeRequested, &SimulatedClient::freeze);
    forward(&ClientsPanel::thawRequested, &SimulatedClient::thaw);
    connect(&panel, &ClientsPanel::removeRequested, this, &Workbench::removeClient);
}

void Workbench::setConninfo(const std::optional<Conninfo>& conninfo)
{
    m_conninfo = conninfo;
    m_releaseWatch = conninfo ? std::make_shared<ReleaseWatch>(*conninfo) : nullptr;
    m_watched.reset();
    placesChanged();
}

void Workbench::serverIdentified(const ServerInfo& server, const QString& title)
{
    m_watched = Place{server, title};
    placesChanged();
}

bool Workbench::isHere(const Place& place) const
{
    return m_watched && m_watched->server.isSameServer(place.server);
}

std::optional<SessionId> Workbench::sessionOf(qint32 backendPid) const
{
    for (const auto& [id, one] : m_sessions) {
        if (backendPid != 0 && backendOf(id) == backendPid)
            return id;
    }
    return std::nullopt;
}

std::optional<ClientId> Workbench::clientOf(qint32 backendPid) const
{
    for (const auto& [id, one] : m_clients) {
        if (backendPid != 0 && backendOf(id) == backendPid)
            return id;
    }
    return std::nullopt;
}

qint32 Workbench::backendOf(SessionId id) const
{
    const auto known = m_sessions.find(id);
    return known != m_sessions.end() && isHere(known->second.place) ? known->second.session->state().backendPid : 0;
}

qint32 Workbench::backendOf(ClientId id) const
{
    const auto known = m_clients.find(id);
    return known != m_clients.end() && isHere(known->second.place) ? known->second.process->state().backendPid : 0;
}

void Workbench::placesChanged()
{
    for (const auto& [id, one] : m_sessions)
        show(one.session->state());
    for (const auto& [id, one] : m_clients)
        show(one.process->state());
    publishOwnBackends();
}

void Workbench::show(SessionState state)
{
    Operator& known = m_sessions.at(state.id);
    if (state.phase == SessionPhase::Lost && !known.lostAt)
        known.lostAt = std::chrono::steady_clock::now();
    if (!isHere(known.place))
        state.elsewhere = known.place.title;
    m_sessionModel.setState(state);
}

void Workbench::show(ClientState state)
{
    const Client& known = m_clients.at(state.id);
    if (!isHere(known.place))
        state.elsewhere = known.place.title;
    m_clientModel.setState(state);
}

SessionId Workbench::startSession(const QString& name)
{
    const SessionId id{m_nextId++};
    auto made = std::make_unique<OperatorSession>(id, name, *m_conninfo);
    OperatorSession& session = *made;
    m_sessions.emplace(id, Operator{std::move(made), *m_watched});
    connect(&session, &OperatorSession::stateChanged, this, [this](const SessionState& state) {
        show(state);
        publishOwnBackends();
        checkEnded();
    });
    connect(&session, &OperatorSession::statementExecuted, this,
            [this](const StatementRecord& record) { m_statementModel.append({record}); });
    connect(&session, &OperatorSession::finished, this, &Workbench::serverTouched);
    show(session.state());
    session.open();
    return id;
}

ClientId Workbench::startClient(const QString& name)
{
    const ClientId id{m_nextId++};
    auto made = std::make_unique<SimulatedClient>(id, name, *m_conninfo, m_releaseWatch);
    SimulatedClient& client = *made;
    m_clients.emplace(id, Client{std::move(made), *m_watched});
    connect(&client, &SimulatedClient::stateChanged, this, [this](const ClientState& state) {
        show(state);
        publishOwnBackends();
        checkEnded();
    });
    connect(&client, &SimulatedClient::statementExecuted, this,
            [this](const StatementRecord& record) { m_statementModel.append({record}); });
    connect(&client, &SimulatedClient::finished, this, &Workbench::serverTouched);
    connect(&client, &SimulatedClient::releaseObserved, this, &Workbench::serverTouched);
    show(client.state());
    client.start();
    return id;
}

void Workbench::removeSession(SessionId id)
{
    m_sessionModel.remove(id);
    m_sessions.erase(id);
    publishOwnBackends();
}

void Workbench::removeClient(ClientId id)
{
    m_clientModel.remove(id);
    m_clients.erase(id);
    publishOwnBackends();
}

void Workbench::publishOwnBackends()
{
    QSet<qint32> pids;
    for (const auto& [id, one] : m_sessions) {
        if (isHere(one.place))
            pids.insert(one.session->state().backendPid);
    }
    for (const auto& [id, one] : m_clients) {
        if (isHere(one.place))
            pids.insert(one.process->state().backendPid);
    }
    pids.remove(0);
    if (pids == m_ownBackends)
        return;
    m_ownBackends = pids;
    Q_EMIT ownBackendsChanged(m_ownBackends);
}

void Workbench::snapshotTaken(const Snapshot& snapshot)
{
    if (snapshot.totalLocks != snapshot.locks.size())
        return; // what was not kept may be ours
    const SteadyTime askedAt = snapshot.receivedAt - snapshot.pollDuration;
    for (const auto& [id, one] : m_sessions) {
        const SessionState& state = one.session->state();
        if (!isHere(one.place) || !one.lostAt || askedAt < *one.lostAt || !hasUnknown(state))
            continue;
        const bool stillThere = std::any_of(snapshot.locks.cbegin(), snapshot.locks.cend(), [&state](const Lock& lock) {
            return lock.backend.pid == state.backendPid && (!lock.backend.backendStart || !state.backendStart ||
                                                            lock.backend.backendStart == state.backendStart);
        });
        if (!stillThere)
            one.session->backendConfirmedGone();
    }
}

void Workbench::endEverything()
{
    if (m_ending)
        return;
    m_ending = true;
    m_endDeadline.start(endDeadline);
    for (const auto& [id, one] : m_sessions) {
        one.session->cancel();
        one.session->disconnectFromServer();
    }
    // Not killed: the server would keep the backend of a client that waits for a lock until the lock is granted.
    for (const auto& [id, one] : m_clients) {
        one.process->thaw();
        one.process->end(ClientEnding::Terminate);
    }
    checkEnded();
}

void Workbench::checkEnded()
{
    if (!m_ending || m_ended)
        return;
    const bool sessionsEnded = std::none_of(m_sessions.cbegin(), m_sessions.cend(), [](const auto& entry) {
        return isConnected(entry.second.session->state().phase);
    });
    const bool clientsEnded = std::none_of(m_clients.cbegin(), m_clients.cend(), [](const auto& entry) {
        return entry.second.process->state().phase != ClientPhase::Ended;
    });
    if (!sessionsEnded || !clientsEnded)
        return;
    m_ended = true;
    m_endDeadline.stop();
    QMetaObject::invokeMethod(this, &Workbench::ended, Qt::QueuedConnection);
}

} // namespace lockscope
