#pragma once

#include "app/lab/pool/checkout.h"
#include "app/postgres/poolconnection.h"
#include "models/domain/time.h"

#include <QObject>
#include <QTimer>

#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace lockscope {

/// A pool of dedicated connections: opens all at once, hands out free ones, lets callers wait for one, and notices when
/// one ends. Lives on the GUI thread, which never waits. Knows nothing of locks; replaces a connection only when told.
class ConnectionPool final : public QObject
{
    Q_OBJECT

public:
    using Taken = std::function<void(int slot)>; ///< 0: none became free in time
    using Answered = std::function<void(const PoolErrandAnswer& answer)>;

    ConnectionPool(QString name, Conninfo conninfo, PoolSpec spec, QObject* parent = nullptr);
    ~ConnectionPool() override;
    Q_DISABLE_COPY_MOVE(ConnectionPool)

    void open(); ///< answered by opened() or refused(); one refused login is enough for the latter
    /// A free connection, at once when there is one (true), else when one comes back, or 0 after checkoutTimeout.
    /// That time does not count while the pool opens.
    bool take(const QString& request, Taken taken);
    void run(int slot, const PoolErrand& errand, Answered answered);
    void giveBack(int slot); ///< whoever waits longest gets the next free one
    /// Closes the connection of that slot and opens a new one, which is free then; done is called in any case.
    void replace(int slot, std::function<void()> done);
    /// The backend that has just answered, which a pooler may change from one statement to the next.
    void setBackendPid(int slot, qint32 backendPid);

    [[nodiscard]] const QList<PoolSlot>& slotList() const { return m_slots; } ///< without keys
    [[nodiscard]] QStringList waiting() const;
    [[nodiscard]] bool behindPooler() const { return m_behindPooler; }
    /// Whether no statement runs or waits on that slot, and how many were answered or started until now.
    [[nodiscard]] bool isQuiet(int slot) const;
    [[nodiscard]] quint64 activity(int slot) const;

Q_SIGNALS:
    void opened();
    void refused(const lockscope::Error& error);
    void changed();      ///< slotList() or waiting()
    void lost(int slot); ///< its connection ended; slotList() says so already

private:
    struct Member
    {
        std::unique_ptr<PoolConnection> connection;
        std::deque<Answered> awaited;
        std::function<void()> replaced;
        quint64 activity = 0;
    };
    struct Waiter
    {
        QString request;
        Taken taken;
        SteadyTime since{};
    };

    void makeConnection(int slot);
    void becomeOpen(int slot, qint32 backendPid, bool behindPooler);
    void becomeRefused(int slot, const Error& error);
    void become(int slot, SlotPhase phase, const QString& checkedOutBy = {});
    void lose(int slot, const Error& ending);
    void endAll();
    void serveWaiters();
    void awaitNextTimeout();
    void timeOut();
    [[nodiscard]] Member& member(int slot) { return m_members[static_cast<size_t>(slot - 1)]; }
    [[nodiscard]] const Member& member(int slot) const { return m_members[static_cast<size_t>(slot - 1)]; }

    const QString m_name;
    const Conninfo m_conninfo;
    const PoolSpec m_spec;
    Checkout m_checkout;
    QList<PoolSlot> m_slots;
    std::vector<Member> m_members;
    std::deque<Waiter> m_waiters;
    QTimer m_timeout;
    bool m_ready = false;
    bool m_behindPooler = false;
};

} // namespace lockscope
