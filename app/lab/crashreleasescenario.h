#pragma once

#include "app/lab/querythread.h"
#include "app/lab/runningscenario.h"
#include "app/lab/simulatedclient.h"

#include <QTimer>

#include <functional>

namespace lockscope {

class ReleaseWatch;

/// The lesson "crash-release": pod-a holds key 5, pod-b waits for it, pod-a is killed with SIGKILL, and the server
/// gives the key to pod-b - with measured times. Key 5 is an application's key like any other: when a foreign session
/// holds it or waits for it, the lesson says so and touches nothing.
class CrashReleaseScenario final : public RunningScenario
{
    Q_OBJECT

public:
    CrashReleaseScenario(const ScenarioDescription& description, const Conninfo& conninfo, QObject* parent = nullptr);
    /// Kills its clients and ends their backends; at most about three seconds on a server that does not answer.
    ~CrashReleaseScenario() override;
    Q_DISABLE_COPY_MOVE(CrashReleaseScenario)

    void start() override;

private:
    /// One row of watch_key.sql.
    struct KeyUser
    {
        qint32 pid = 0;
        bool granted = false;
        QList<qint32> blockers;
        QString applicationName;
    };
    enum class Stage
    {
        Looking,
        HolderStarting,
        HolderShown,
        WaiterStarting,
        WaiterShown,
        Killing,
        Ending,
        CleaningUp,
        Over
    };

    void enter(Stage stage);
    void askServer();
    void askForKey();
    void checkKey(const QList<KeyUser>& users);
    void startClient(std::unique_ptr<SimulatedClient>& client, quint32 number, const QString& name);
    void clientChanged(const SimulatedClient& client);
    void clientAnswered(const SimulatedClient& client, const Outcome& outcome);
    void judgeRelease();
    void timeOut();
    void cleanUp();
    void checkLeftovers();
    void complete();
    void abandon(const Error& error);
    void closeConnections(std::function<void()> afterwards);
    /// A step that did not come true ends the lesson.
    void failStep(const QString& observed);
    void passStep(const QString& observed, std::chrono::microseconds elapsed);
    void passStep(const QString& observed) { passStep(observed, elapsed()); }
    [[nodiscard]] std::chrono::microseconds elapsed() const;
    [[nodiscard]] QString actor() const;
    [[nodiscard]] QString action() const;
    [[nodiscard]] QString expectation() const;
    void setFarewell();
    [[nodiscard]] static QList<KeyUser> readUsers(const QueryThread::Rows& rows);

    const Conninfo m_conninfo;
    std::unique_ptr<QueryThread> m_queries; ///< its farewell comes after the clients are gone
    std::shared_ptr<ReleaseWatch> m_watch;
    std::unique_ptr<SimulatedClient> m_holder;
    std::unique_ptr<SimulatedClient> m_waiter;
    QList<BackendId> m_backends; ///< of the clients, also of those that are gone
    QTimer m_deadline;
    QTimer m_askAgain;
    Stage m_stage = Stage::Looking;
    SteadyTime m_stageStarted;
    bool m_stepFailed = false;
};

} // namespace lockscope
