#pragma once

#include "app/platform/platform.h"
#include "app/postgres/libpqconnection.h"
#include "models/domain/serverinfo.h"
#include "models/domain/targetnames.h"

#include <QObject>
#include <QTimer>

#include <memory>

namespace lockscope {

/// TargetNamer's other half: owns the connection and asks, on the namer's thread. Blocks there, and only there, a few
/// seconds at most. Never touches a widget or a model.
class TargetNamerWorker final : public QObject
{
    Q_OBJECT

public:
    TargetNamerWorker(const Conninfo& conninfo, const ServerInfo& server,
                      const std::shared_ptr<platform::WakeUp>& wakeUp);
    ~TargetNamerWorker() override;
    Q_DISABLE_COPY_MOVE(TargetNamerWorker)

    void ask(const QSet<ObjectAddress>& addresses, const QHash<quint32, QString>& databaseNames);

Q_SIGNALS:
    /// Once for each ask(); names is null when nothing new was learnt.
    void answered(const lockscope::TargetNamesPointer& names);

private:
    struct Question
    {
        quint32 databaseOid = 0; ///< to be asked in
        QList<ObjectAddress> relations = {};
        QList<ObjectAddress> objects = {};
    };

    struct Unreachable
    {
        SteadyTime at = {};
        std::chrono::seconds pause{0}; ///< until it is tried again
    };

    [[nodiscard]] QHash<quint32, Question> questionsFor(const QSet<ObjectAddress>& addresses);
    [[nodiscard]] Result<void> connectTo(quint32 databaseOid, const QString& database);
    [[nodiscard]] Result<void> answer(const Question& question);
    [[nodiscard]] Result<void> nameRelations(const QList<ObjectAddress>& addresses);
    [[nodiscard]] Result<void> nameObject(const ObjectAddress& address);
    void remember(const ObjectAddress& address, const ObjectName& name);

    Conninfo m_conninfo;
    ServerInfo m_server;
    const std::shared_ptr<platform::WakeUp> m_wakeUp;
    std::unique_ptr<LibpqConnection> m_connection;
    quint32 m_connectedTo = 0;
    QTimer m_idle; ///< closes a connection that nothing was asked over for a while

    TargetNames m_names;
    bool m_changed = false;
    QHash<ObjectAddress, SteadyTime> m_askedAt; ///< of names and of what was not there
    QHash<quint32, Unreachable> m_unreachable;  ///< databases
};

} // namespace lockscope
