#pragma once

#include "app/postgres/lockreader.h"
#include "app/postgres/observer.h"

#include <QObject>
#include <QTimer>

#include <memory>

namespace lockscope {

/// The observer's other half: owns the connection and polls, on the observer's thread. Blocks there, and only there, up
/// to the deadline of one question. Never touches a widget or a model.
class ObserverWorker final : public QObject
{
    Q_OBJECT

public:
    ObserverWorker(const Conninfo& conninfo, const ObserverOptions& options,
                   const std::shared_ptr<platform::WakeUp>& wakeUp);
    ~ObserverWorker() override;
    Q_DISABLE_COPY_MOVE(ObserverWorker)

    void start();
    void setInterval(std::chrono::milliseconds interval);
    void setScope(LockScope scope);
    void setPaused(bool paused);
    void setWatched(bool watched);
    void setEveryBackend(bool every);
    void work(const Observer::Work& work, const std::function<void(const Error&)>& unreachable);
    void refreshNow();
    void reconnectNow();

Q_SIGNALS:
    void serverIdentified(const lockscope::ServerInfo& server);
    void snapshotTaken(const lockscope::SnapshotPointer& snapshot);
    void linkChanged(const lockscope::LinkState& link);

private:
    void connectNow();
    void poll();
    void pollOrConnect();
    void lose(const Error& error);
    void rearm();
    void publish(LinkPhase phase, std::optional<Error> error = {});
    [[nodiscard]] bool idle() const { return m_link.paused || !m_watched; }

    Conninfo m_conninfo;
    ObserverOptions m_options;
    const std::shared_ptr<platform::WakeUp> m_wakeUp;
    QTimer m_timer; ///< the next poll, or the next attempt to connect
    std::unique_ptr<LibpqConnection> m_connection;
    std::unique_ptr<LockReader> m_reader;
    ServerInfo m_server;
    LinkState m_link;
    std::chrono::microseconds m_lastPoll{0};
    bool m_watched = true;
    bool m_everLive = false;
};

} // namespace lockscope
