#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/serverinfo.h"
#include "models/domain/targetnames.h"

#include <QObject>

#include <memory>

namespace lockscope {

class ConnectionThread;
class TargetNamerWorker;

/// Finds the names of what is locked, apart from the poll: catalogs may be locked themselves, and a relation can only
/// be named from inside its own database. This class is the facade for the GUI thread; a worker on a thread of its own
/// opens one connection at a time, asks under a short lock_timeout, keeps the connection to the last database for a
/// while, and remembers names and failures. Never blocks the observer, never gives a name of another database, never
/// changes anything.
class TargetNamer final : public QObject
{
    Q_OBJECT

public:
    explicit TargetNamer(QObject* parent = nullptr);
    ~TargetNamer() override; ///< returns at once
    Q_DISABLE_COPY_MOVE(TargetNamer)

    /// Another server, or the same one anew: what was learnt is forgotten.
    void setServer(const Conninfo& conninfo, const ServerInfo& server);
    void close();
    /// May be called with every poll: while an answer is awaited, and for what was not found lately, it costs nothing.
    /// databaseNames says how to reach the other databases.
    void ask(const QSet<ObjectAddress>& addresses, const QHash<quint32, QString>& databaseNames);

Q_SIGNALS:
    /// All names known so far; emitted when there are new ones or new troubles.
    void namesLearnt(const lockscope::TargetNamesPointer& names);

private:
    std::unique_ptr<ConnectionThread> m_thread;
    TargetNamerWorker* m_worker = nullptr; ///< lives on m_thread, deleted there when it ends
    bool m_asking = false;
    quint64 m_serverNumber = 0; ///< what another one answered, and is still in the queue here, is dropped
};

/// The same once, without a thread: blocks for a few seconds at most; for the command line.
[[nodiscard]] TargetNamesPointer namesOnce(const Conninfo& conninfo, const ServerInfo& server,
                                           const QSet<ObjectAddress>& addresses,
                                           const QHash<quint32, QString>& databaseNames);

} // namespace lockscope
