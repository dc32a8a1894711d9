#pragma once

#include "app/lab/pool/connectionpool.h"
#include "app/lab/pool/holdbook.h"
#include "app/lab/pool/keywatch.h"
#include "app/lab/pool/lockmap.h"
#include "app/lab/pool/pooledlockservice.h"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace lockscope {

/// How a PooledLockService does it: takes connections from the pool as its form wants, keeps the map, and joins what
/// the service believes with what the server shows. GUI thread. Answers only by signals and never from inside a call.
class PooledLockService::Private final : public QObject
{
public:
    Private(PooledLockService& service, QString name, Conninfo conninfo, PoolSpec spec);
    Q_DISABLE_COPY_MOVE(Private)

    void open();
    void acquire(const QString& request, LockKey key);
    void release(const QString& request, LockKey key, bool failing);
    void unlockEverything();

    std::optional<Conninfo> lookConninfo;
    PoolState state;

private:
    /// A call under way.
    struct Call
    {
        PoolCall answer;
        SteadyTime since{};
        quint64 entry = 0; ///< of the map; 0: none
    };
    using CallPointer = std::shared_ptr<Call>;
    using Ran = std::function<void(const CallPointer& call)>;

    [[nodiscard]] bool hasMap() const { return state.spec.form != LockServiceForm::Naive; }
    [[nodiscard]] static CallPointer begin(const QString& request, PoolAction action, LockKey key);
    void answerLater(const CallPointer& call, PoolAnswer answer, std::optional<Error> error = {});
    void finish(const CallPointer& call);
    /// dispatched() and, with a connection, run(); without one the call ends as NoConnection.
    void take(const CallPointer& call, const PoolErrand& errand, const Ran& ran);
    void run(int slot, const CallPointer& call, const PoolErrand& errand, const Ran& ran);

    void acquired(const CallPointer& call);
    void releasedNaively(const CallPointer& call);
    void releasedDedicated(const CallPointer& call);
    void noteRelease(const CallPointer& call);
    void connectionLost(int slot);

    void rememberActivity();
    void takeSeen(const KeyWatch::Keys& keys);
    void lookAtKeys();
    void giveUpAll(int slot, quint64 entry, bool leaked);
    [[nodiscard]] Error noConnectionError() const;
    void publish();

    PooledLockService& m_service;
    const QString m_name;
    const Conninfo m_conninfo;
    bool m_openAsked = false;
    LockMap m_map;
    HoldBook m_book;
    QList<int> m_leakedSlots;                            ///< checked out for ever: nobody has them any more
    std::vector<std::optional<quint64>> m_activityAsked; ///< per slot, when the look was asked; empty: it was not quiet
    struct SeenKeys
    {
        QList<LockKey> keys;
        QList<LockKey> leaked;
    };
    std::vector<SeenKeys> m_seen; ///< per slot
    PoolState m_published;
    std::unique_ptr<KeyWatch> m_watch;
    std::unique_ptr<ConnectionPool> m_pool; ///< last: it calls back until it is gone
};

} // namespace lockscope
