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

bool holdsAnything(const QList<LedgerEntry>& ledger)
{
    return std::any_of(ledger.cbegin(), ledger.cend(), [](const LedgerEntry& entry) {
        return entry.state == HoldState::Held || entry.state == HoldState::Waiting;
    });
}

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
    connect(&m_endDeadline, &QTimer::timeout, this, &Workbench::ended);
}

Workbench::~Workbench() = default;

template <typename Action>
void Workbench::withSession(SessionId id, Action act)
{
    if (const auto found = m_sessions.find(id); found != m_sessions.end())
        act(*found->second);
}

template <typename Action>
void Workbench::withClient(ClientId id, Action act)
{
    if (const auto found = m_clients.find(id); found != m_clients.end())
        act(*found->second);
}

void Workbench::serve(OperatorPanel& panel)
{
    connect(&panel, &OperatorPanel::newSessionRequested, this, [this, &panel](const QString& name) {
        if (m_conninfo)
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
        if (m_conninfo)
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
}

SessionId Workbench::startSession(const QString& name)
{
    const SessionId id{m_nextId++};
    auto session = std::make_unique<OperatorSession>(id, name, *m_conninfo);
    connect(session.get(), &OperatorSession::stateChanged, this, [this](const SessionState& state) {
        m_sessionModel.setState(state);
        publishOwnBackends();
        checkEnded();
    });
    connect(session.get(), &OperatorSession::statementExecuted, this,
            [this](const StatementRecord& record) { m_statementModel.append({record}); });
    connect(session.get(), &OperatorSession::finished, this, &Workbench::serverTouched);
    m_sessionModel.setState(session->state());
    session->open();
    m_sessions.emplace(id, std::move(session));
    return id;
}

ClientId Workbench::startClient(const QString& name)
{
    const ClientId id{m_nextId++};
    auto client = std::make_unique<SimulatedClient>(id, name, *m_conninfo, m_releaseWatch);
    connect(client.get(), &SimulatedClient::stateChanged, this, [this](const ClientState& state) {
        m_clientModel.setState(state);
        publishOwnBackends();
        checkEnded();
    });
    connect(client.get(), &SimulatedClient::statementExecuted, this,
            [this](const StatementRecord& record) { m_statementModel.append({record}); });
    connect(client.get(), &SimulatedClient::finished, this, &Workbench::serverTouched);
    connect(client.get(), &SimulatedClient::releaseObserved, this, &Workbench::serverTouched);
    m_clientModel.setState(client->state());
    client->start();
    m_clients.emplace(id, std::move(client));
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
    for (const auto& [id, session] : m_sessions)
        pids.insert(session->state().backendPid);
    for (const auto& [id, client] : m_clients)
        pids.insert(client->state().backendPid);
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
    for (const auto& [id, session] : m_sessions) {
        const SessionState& state = session->state();
        if (state.phase != SessionPhase::Lost || !hasUnknown(state))
            continue;
        const bool stillThere = std::any_of(snapshot.locks.cbegin(), snapshot.locks.cend(), [&state](const Lock& lock) {
            return lock.backend.pid == state.backendPid && (!lock.backend.backendStart || !state.backendStart ||
                                                            lock.backend.backendStart == state.backendStart);
        });
        if (!stillThere)
            session->backendConfirmedGone();
    }
}

QList<SessionState> Workbench::sessionsHoldingLocks() const
{
    QList<SessionState> holding;
    for (const auto& [id, session] : m_sessions) {
        if (isConnected(session->state().phase) && holdsAnything(session->state().ledger))
            holding.append(session->state());
    }
    return holding;
}

QList<ClientState> Workbench::clientsHoldingLocks() const
{
    QList<ClientState> holding;
    for (const auto& [id, client] : m_clients) {
        if (client->state().phase != ClientPhase::Ended && holdsAnything(client->state().ledger))
            holding.append(client->state());
    }
    return holding;
}

void Workbench::endEverything()
{
    m_ending = true;
    m_endDeadline.start(endDeadline);
    for (const auto& [id, session] : m_sessions) {
        session->cancel();
        session->disconnectFromServer();
    }
    for (const auto& [id, client] : m_clients) {
        if (client->state().phase != ClientPhase::Ended)
            client->end(ClientEnding::Kill);
    }
    checkEnded();
}

void Workbench::checkEnded()
{
    if (!m_ending)
        return;
    const bool sessionsEnded = std::none_of(m_sessions.cbegin(), m_sessions.cend(),
                                            [](const auto& entry) { return isConnected(entry.second->state().phase); });
    const bool clientsEnded = std::none_of(m_clients.cbegin(), m_clients.cend(), [](const auto& entry) {
        return entry.second->state().phase != ClientPhase::Ended;
    });
    if (!sessionsEnded || !clientsEnded)
        return;
    m_ending = false;
    m_endDeadline.stop();
    QMetaObject::invokeMethod(this, &Workbench::ended, Qt::QueuedConnection);
}

} // namespace lockscope
