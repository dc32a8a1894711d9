#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/poolstate.h"

#include <QObject>

#include <memory>

namespace lockscope {

/// An application in small: a pool of dedicated QSqlDatabase connections, each with a thread of its own, and a lock
/// service over them in one of four forms. Facade for the GUI thread: every call returns at once and is answered by
/// signals. Never retries; a lost connection stays lost. What its connections hold is asked on a connection of its own.
class PooledLockService final : public QObject
{
    Q_OBJECT

public:
    /// name: in application_name, "lockscope lab: shop-2" for the second connection of "shop".
    PooledLockService(QString name, Conninfo conninfo, PoolSpec spec, QObject* parent = nullptr);
    /// Returns at once; the connections are closed in the background, so everything they held is released. Not to be
    /// called from inside a slot of its signals: deleteLater() there.
    ~PooledLockService() override;
    Q_DISABLE_COPY_MOVE(PooledLockService)

    /// Before open(): where to ask what the connections hold, when that is not the pool's own conninfo. To be given for
    /// a pool behind a pooler: straight to the server behind it, because a pooler with few server connections lets the
    /// question wait. While it cannot be asked, state().lookError says so and the keys are those last seen.
    void setLookConninfo(Conninfo conninfo);
    /// Once. Ends in phase Ready or Failed.
    void open();
    /// Answered by called(). Several may be under way at once: they are the application's concurrent requests.
    void acquire(const QString& request, LockKey key);
    /// failing: the unlock does not succeed, as when the network hiccups (a statement that raises an error is sent in
    /// its place), which tells Dedicated and DedicatedWithoutFinally apart.
    void release(const QString& request, LockKey key, bool failing = false);
    /// pg_advisory_unlock_all on every connection, and a new, empty map.
    void unlockEverything();

    [[nodiscard]] const PoolState& state() const;

Q_SIGNALS:
    void stateChanged(const lockscope::PoolState& state);
    /// The call left for that slot: the picture lets it fly. slot 0: it waits for a free connection.
    void dispatched(const QString& request, lockscope::PoolAction action, lockscope::LockKey key, int slot);
    void called(const lockscope::PoolCall& call);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace lockscope
