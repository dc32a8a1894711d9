#pragma once

#include "app/postgres/poolconnection.h"

namespace lockscope {

/// What a connection of a pool does, on its thread: opens, sends, answers. Blocks that thread while a statement runs;
/// never sends anything that was not asked for but the settings after the login and a ROLLBACK that the errand wants.
class PoolConnectionWorker final : public QObject
{
    Q_OBJECT

public:
    PoolConnectionWorker(const QString& name, Conninfo conninfo, const std::shared_ptr<Canceller>& canceller);
    Q_DISABLE_COPY_MOVE(PoolConnectionWorker)

    void open();
    void run(const PoolErrand& errand);
    void close();

Q_SIGNALS:
    void opened(qint32 backendPid, bool behindPooler);
    void refused(const lockscope::Error& error);
    void answered(const lockscope::PoolErrandAnswer& answer);
    void ended(const lockscope::Error& error);
    void closed();

private:
    void sayEnding();

    const Conninfo m_conninfo;
    OperatorConnection m_connection;
    bool m_endingSaid = false;
};

} // namespace lockscope
