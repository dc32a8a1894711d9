#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/poolerspec.h"

#include <QObject>

#include <memory>

namespace lockscope {

/// Where PgBouncer is installed: LOCKSCOPE_PGBOUNCER when that is set, else PATH and the usual places. The error says
/// how to install it. Asks no program anything.
[[nodiscard]] Result<QString> findPgBouncer();

/// A private PgBouncer in front of one server: configuration and socket in a directory that only its owner can enter,
/// that socket only, gone with this object and also when this process is killed (the directory is removed by the next
/// start). GUI thread (any thread with an event loop that lives as long as it). Runs as an unprivileged account where
/// we are root, which PgBouncer refuses. Nothing waits but the destructor, for a moment.
class PgBouncer final : public QObject
{
    Q_OBJECT

public:
    /// server: a direct connection, with its password.
    PgBouncer(Conninfo server, PoolerSpec spec, QObject* parent = nullptr);
    ~PgBouncer() override;
    Q_DISABLE_COPY_MOVE(PgBouncer)

    /// Answers by started(), once it accepts connections, or failed(), neither from inside this call. Whether the
    /// server behind it answers is learnt by whoever connects. Does nothing while it starts or runs; may be called
    /// again after failed() and ended().
    void start();
    [[nodiscard]] bool isRunning() const;
    /// How to connect through it; valid after started(). Database and user are those of the server's conninfo; no
    /// password is asked for.
    [[nodiscard]] Conninfo conninfo() const;
    [[nodiscard]] const PoolerSpec& spec() const;
    /// Its server connections' backend pids, as SHOW SERVERS tells, in its order; answered by serversListed(), and not
    /// at all when it does not run or ends meanwhile. Never blocks.
    void listServers();
    [[nodiscard]] QString log() const;       ///< the last lines
    [[nodiscard]] QString directory() const; ///< empty before start()
    [[nodiscard]] qint64 processId() const;  ///< 0 when it does not run

    /// Removes directories of runs whose process is gone. Called by start(), on a thread of its own. Returns how many.
    static int removeLeftovers();

    // From the event loop: this object may be deleted in a slot.
Q_SIGNALS:
    void started();
    void failed(const lockscope::Error& error);
    void ended(const lockscope::Error& error); ///< it went away by itself
    void serversListed(const QList<qint32>& backendPids);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace lockscope
