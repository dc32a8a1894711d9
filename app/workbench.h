#pragma once

#include "app/postgres/conninfo.h"
#include "models/clienttreemodel.h"
#include "models/domain/clientstate.h"
#include "models/domain/sessionstate.h"
#include "models/domain/snapshot.h"
#include "models/sessiontreemodel.h"
#include "models/statementlogmodel.h"

#include <QObject>
#include <QSet>
#include <QTimer>

#include <map>
#include <memory>
#include <optional>

namespace lockscope {

class ClientsPanel;
class OperatorPanel;
class OperatorSession;
class ReleaseWatch;
class SimulatedClient;

/// What a person works with: operator sessions, simulated clients and the statements both have sent. Carries the wishes
/// of the two panels to the sessions and processes, and their states back into the models. GUI thread; nothing here
/// waits. Never re-acquires or restarts anything by itself.
class Workbench final : public QObject
{
    Q_OBJECT

public:
    explicit Workbench(QObject* parent = nullptr);
    ~Workbench() override;
    Q_DISABLE_COPY_MOVE(Workbench)

    [[nodiscard]] SessionTreeModel& sessions() { return m_sessionModel; }
    [[nodiscard]] ClientTreeModel& clients() { return m_clientModel; }
    [[nodiscard]] StatementLogModel& statements() { return m_statementModel; }
    /// Who on the watched server is one of ours; empty and 0 for anybody else.
    [[nodiscard]] std::optional<SessionId> sessionOf(qint32 backendPid) const;
    [[nodiscard]] std::optional<ClientId> clientOf(qint32 backendPid) const;
    [[nodiscard]] qint32 backendOf(SessionId id) const;
    [[nodiscard]] qint32 backendOf(ClientId id) const;
    void serve(OperatorPanel& panel);
    void serve(ClientsPanel& panel);

    /// Where new sessions and clients connect to, once that server has answered; those that live keep their own
    /// connections and say where they are.
    void setConninfo(const std::optional<Conninfo>& conninfo);
    void serverIdentified(const ServerInfo& server, const QString& title);
    /// Tells lost sessions of that server whether it still holds anything for them.
    void snapshotTaken(const Snapshot& snapshot);

    /// Disconnects every session and asks every client to end; ended() follows once, after two seconds at the latest.
    void endEverything();

Q_SIGNALS:
    /// Those on the server that is watched: elsewhere the same pid is somebody else's.
    void ownBackendsChanged(const QSet<qint32>& pids);
    /// Something just changed on the server through us: worth a look before the next poll is due.
    void serverTouched();
    void ended();

private:
    struct Place
    {
        ServerInfo server;
        QString title;
    };
    struct Operator
    {
        std::unique_ptr<OperatorSession> session;
        Place place;
        std::optional<SteadyTime> lostAt = {};
    };
    struct Client
    {
        std::unique_ptr<SimulatedClient> process;
        Place place;
    };

    SessionId startSession(const QString& name);
    ClientId startClient(const QString& name);
    void removeSession(SessionId id);
    void removeClient(ClientId id);
    void show(SessionState state);
    void show(ClientState state);
    [[nodiscard]] bool isHere(const Place& place) const;
    void placesChanged();
    void publishOwnBackends();
    void checkEnded();
    /// Calls act(session) when the session still exists; a click may arrive after it was removed.
    template <typename Action>
    void withSession(SessionId id, Action act);
    template <typename Action>
    void withClient(ClientId id, Action act);

    SessionTreeModel m_sessionModel;
    ClientTreeModel m_clientModel;
    StatementLogModel m_statementModel;
    std::optional<Conninfo> m_conninfo;
    std::optional<Place> m_watched;               ///< empty until the server has answered
    std::shared_ptr<ReleaseWatch> m_releaseWatch; ///< of that server; shared with its clients, opened by the first one
    std::map<SessionId, Operator> m_sessions;
    std::map<ClientId, Client> m_clients;
    QSet<qint32> m_ownBackends;
    QTimer m_endDeadline;
    quint32 m_nextId = 1;
    bool m_ending = false;
    bool m_ended = false;
};

} // namespace lockscope
