#pragma once

#include "app/lockviewfeed.h"
#include "app/postgres/observer.h"
#include "app/postgres/targetnamer.h"
#include "models/domain/serverreport.h"

#include <QObject>
#include <QTimer>

#include <memory>
#include <optional>

namespace lockscope {

/// The watched server: one observer at a time, the feed that turns its snapshots into views, and the namer of what they
/// show. GUI thread; waits for nothing. Remembers interval, scope, pause and being watched for the next server. Never
/// acts on the server.
class ServerLink final : public QObject
{
    Q_OBJECT

public:
    explicit ServerLink(QObject* parent = nullptr);
    ~ServerLink() override;
    Q_DISABLE_COPY_MOVE(ServerLink)

    /// Lets go of the server before, if any.
    void open(const Conninfo& conninfo);
    void close();

    void setInterval(std::chrono::milliseconds interval);
    void setScope(LockScope scope);
    void setPaused(bool paused);
    void setWatched(bool watched); ///< false while nobody can see the answer
    void refreshNow();
    /// Something just happened that the next poll will show: soon, but once for many happenings.
    void refreshSoon();
    void reconnectNow();
    void respecify(const LockViewSpec& spec) { m_feed.respecify(spec); }
    void setDictionary(const KeyDictionaryPointer& dictionary) { m_feed.setDictionary(dictionary); }
    void setEveryBackend(bool every);
    /// See Observer::post(); without an observer `unreachable` is called at once.
    void post(Observer::Work work, std::function<void(const Error&)> unreachable);
    /// Answered by reportRead() or reportFailed().
    void requestReport();

    [[nodiscard]] LockScope scope() const { return m_options.scope; }
    [[nodiscard]] const std::optional<ServerInfo>& server() const { return m_server; }
    [[nodiscard]] const Conninfo& conninfo() const { return m_conninfo; }

Q_SIGNALS:
    void serverIdentified(const lockscope::ServerInfo& server);
    void linkChanged(const lockscope::LinkState& link);
    void snapshotTaken(const lockscope::SnapshotPointer& snapshot);
    void viewUpdated(const lockscope::LockViewUpdate& update);
    void reportRead(const lockscope::ServerReport& report);
    void reportFailed(const lockscope::Error& error);

private:
    void show(const LockViewUpdate& update);
    void identify(const ServerInfo& server);

    Conninfo m_conninfo;
    ObserverOptions m_options;
    bool m_paused = false;
    bool m_watched = true;
    std::optional<ServerInfo> m_server;
    quint64 m_serverNumber = 0; ///< a report of another one is dropped
    LockViewFeed m_feed;
    TargetNamer m_namer;
    QTimer m_soon;
    std::unique_ptr<Observer> m_observer;
};

} // namespace lockscope
