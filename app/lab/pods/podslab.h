#pragma once

#include "app/lab/pods/fencedresource.h"
#include "app/lab/pods/podjudge.h"
#include "app/postgres/conninfo.h"
#include "models/domain/podslabstate.h"

#include <QObject>
#include <QTimer>

#include <memory>
#include <vector>

namespace lockscope {

class Pod;
class ReleaseWatch;

/// Pods around one server: starts them, sends them requests by hand and at a rate, tries refused ones again, keeps the
/// resource that they write to, asks the server who really holds, and measures the hand-over. GUI thread; never waits
/// for the server. Everything it started is gone with it.
class PodsLab final : public QObject
{
    Q_OBJECT

public:
    static constexpr int mostPods = 8;
    static constexpr int mostConnections = 8;

    explicit PodsLab(Conninfo conninfo, QObject* parent = nullptr);
    ~PodsLab() override; ///< kills the pods
    Q_DISABLE_COPY_MOVE(PodsLab)

    /// The next one of pod-a to pod-h that is not there; empty when all are.
    QString addPod(int connections);
    void removePod(const QString& name);
    /// A new process under the same name, with the same number of connections; what was left of the old one is killed.
    void restart(const QString& name);
    void end(const QString& name, ClientEnding ending);
    void freeze(const QString& name);
    void thaw(const QString& name);

    /// Returns the number of the request; 0 where there is no such pod.
    quint64 sync(const QString& name, LockKey key, std::chrono::milliseconds work);
    /// Requests at a rate; empty stops them.
    void setLoad(const std::optional<PodLoad>& load);
    void setFencing(bool fencing);
    /// Whether a refused request is asked again until it is let through, every 25 to 100 ms.
    void setRetries(bool retries);
    /// Forgets requests, writes, tokens and figures; stops the load. The pods go on.
    void clear();

    [[nodiscard]] const PodsLabState& state() const { return m_state; }

Q_SIGNALS:
    /// At most every 30 ms.
    void stateChanged(const lockscope::PodsLabState& state);
    void asked(const lockscope::PodRequest& request);
    void answered(const lockscope::PodAnswer& answer);

private:
    struct Entry;

    [[nodiscard]] Entry* find(const QString& name);
    void startPod(Entry& entry);
    void watch(Entry& entry);
    void abandon(Entry& entry);
    void send(PodRequest& request);
    void tryAgain(quint64 number);
    void takeState(Entry& entry);
    void takeAnswer(Entry& entry, const PodAnswer& answer);
    void takeWrite(const Entry& entry, LockKey key, qint64 token);
    void decideWrites();
    void count(const PodAnswer& answer);
    void arrive();
    void takeLook();
    [[nodiscard]] PodRequest* request(quint64 number);
    [[nodiscard]] bool isBusy() const;
    void changed();

    const Conninfo m_conninfo;
    const std::shared_ptr<ReleaseWatch> m_watch;
    std::unique_ptr<PodHolders> m_holders;
    std::vector<std::unique_ptr<Entry>> m_entries;
    FencedResource m_resource;
    PodsLabState m_state;
    quint64 m_lastRequest = 0;
    quint64 m_turn = 0;
    PodJudge m_judge;
    struct Writing
    {
        SteadyTime at;
        QString pod;
        LockKey key;
        qint64 token = 0;
    };
    QList<Writing> m_writing; ///< heard of, and not put in order yet
    QTimer m_writeTimer;
    QTimer m_loadTimer;
    QTimer m_publishTimer;
};

} // namespace lockscope
