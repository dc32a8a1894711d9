#pragma once

#include "app/postgres/conninfo.h"
#include "app/postgres/operatorconnection.h"

#include <QObject>

#include <memory>

namespace lockscope {

class ConnectionThread;
class PoolConnectionWorker;

/// Statements that one call sends over a connection of a pool, one after another until one fails.
struct PoolErrand
{
    QStringList statements = {};
    /// Ends an open transaction with ROLLBACK unless the last statement answered true: a try that was refused, an
    /// error.
    bool rollBackUnlessTrue = false;
};

struct PoolErrandAnswer
{
    QList<StatementAnswer> statements = {}; ///< those that were sent
    std::optional<Error> error = {};        ///< of the one that failed
    bool lost = false;                      ///< the connection ended, before or meanwhile
};

/// One connection of a pool: a named QSqlDatabase on a thread of its own. This class is the facade for the GUI thread:
/// every call returns at once and is answered by a signal, in the order of the calls. No ledger, no settings that could
/// stay with a pooler's server connection. Never reopens.
class PoolConnection final : public QObject
{
    Q_OBJECT

public:
    /// applicationName: as it shall be shown by the server, see poolApplicationName().
    PoolConnection(const QString& applicationName, Conninfo conninfo, QObject* parent = nullptr);
    /// Returns at once; what runs is cancelled and the connection closed in the background.
    ~PoolConnection() override;
    Q_DISABLE_COPY_MOVE(PoolConnection)

    void open();                        ///< once; answered by opened() or refused()
    void run(const PoolErrand& errand); ///< answered by answered(), whatever happens
    void close();                       ///< a clean goodbye, after what runs; answered by closed()
    /// For many at a time, before they are deleted: each begins to end, so that none waits for another.
    void beginToEnd();

Q_SIGNALS:
    void opened(qint32 backendPid, bool behindPooler);
    void refused(const lockscope::Error& error);
    void answered(const lockscope::PoolErrandAnswer& answer);
    void ended(
        const lockscope::Error& error); ///< by the server or by the link, at once; comes before the answer of what ran
    void closed();

private:
    std::shared_ptr<Canceller> m_canceller;
    std::unique_ptr<ConnectionThread> m_thread;
    PoolConnectionWorker* m_worker; ///< lives on m_thread, which deletes it
};

/// "lockscope lab: shop-2": at most 63 bytes, the name is cut before the number is; what cannot travel in a connection
/// string of QPSQL (controls and semicolons) becomes a question mark.
[[nodiscard]] QString poolApplicationName(const QString& name, int number);

} // namespace lockscope
