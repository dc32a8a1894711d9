#pragma once

#include "app/postgres/libpqconnection.h"
#include "models/domain/backend.h"
#include "models/domain/serverinfo.h"

#include <QHash>

#include <chrono>

namespace lockscope {

/// Names of databases and roles by oid, asked apart from the poll because they stand in catalogs: a locked catalog, a
/// full lock table or a name in a foreign encoding costs the names, never the locks. Each half may fail alone; what is
/// known stays. Lives on the thread of its connection.
class NameCache
{
public:
    explicit NameCache(const ServerInfo& server);

    void ask(LibpqConnection& connection, std::chrono::milliseconds deadline);
    /// Asks again when an oid in use is not known, but not each time: it may stay unknown (dropped meanwhile, no
    /// rights).
    void noteUnknown(LibpqConnection& connection, std::chrono::milliseconds deadline);

    [[nodiscard]] bool knows(quint32 databaseOid, quint32 roleOid) const; ///< 0 is always known: there is none
    [[nodiscard]] const QHash<quint32, QString>& databaseNames() const { return m_databaseNames; }
    /// In which sessions of this database write; the server does not keep another trace of it. UTF8 when not known.
    [[nodiscard]] QString encodingOf(quint32 databaseOid) const { return m_databaseEncodings.value(databaseOid); }
    [[nodiscard]] QString roleName(quint32 oid) const; ///< "role 10" when not known, empty for 0
    /// Fills database, user, superuser and memberOfItsRole from databaseOid and roleOid.
    void name(Backend& backend) const;

private:
    struct Role
    {
        QString name = {};
        bool superuser = false;
        bool memberOfIt = false;
    };

    QString m_encodingHere;
    QHash<quint32, QString> m_databaseNames;
    QHash<quint32, QString> m_databaseEncodings;
    QHash<quint32, Role> m_roles;
    SteadyTime m_askedAt{};
};

} // namespace lockscope
