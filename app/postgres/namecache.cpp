#include "app/postgres/namecache.h"

#include "app/postgres/lockrows.h"
#include "app/postgres/servertext.h"
#include "app/postgres/sqlfile.h"

namespace lockscope {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::seconds askedAgainAfter{10};

} // namespace

NameCache::NameCache(const ServerInfo& server)
    : m_encodingHere(server.serverEncoding)
{
}

void NameCache::ask(LibpqConnection& connection, milliseconds deadline)
{
    m_askedAt = steady_clock::now();
    const auto question = [&](const QString& name) {
        return connection.executeOne(textAsItIs(m_encodingHere) + sqlStatement(name), deadline);
    };
    if (const auto answer = question(QStringLiteral("database_names"))) {
        m_databaseNames.clear();
        m_databaseEncodings.clear();
        for (int row = 0; row < answer->rows(); ++row) {
            const auto oid = static_cast<quint32>(answer->int64(row, 0));
            m_databaseNames.insert(oid, sharedText(answer->bytes(row, 1), m_encodingHere));
            m_databaseEncodings.insert(oid, answer->text(row, 2));
        }
    }
    if (const auto answer = question(QStringLiteral("role_names"))) {
        m_roles.clear();
        for (int row = 0; row < answer->rows(); ++row)
            m_roles.insert(static_cast<quint32>(answer->int64(row, 0)),
                           {.name = sharedText(answer->bytes(row, 1), m_encodingHere),
                            .superuser = answer->boolean(row, 2),
                            .memberOfIt = answer->boolean(row, 3)});
    }
}

void NameCache::noteUnknown(LibpqConnection& connection, milliseconds deadline)
{
    if (steady_clock::now() - m_askedAt > askedAgainAfter)
        ask(connection, deadline);
}

bool NameCache::knows(quint32 databaseOid, quint32 roleOid) const
{
    return (databaseOid == 0 || m_databaseNames.contains(databaseOid)) && (roleOid == 0 || m_roles.contains(roleOid));
}

QString NameCache::roleName(quint32 oid) const
{
    const auto role = m_roles.constFind(oid);
    if (role != m_roles.cend())
        return role->name;
    return oid == 0 ? QString() : QStringLiteral("role %1").arg(oid);
}

void NameCache::name(Backend& backend) const
{
    backend.database = nameOrNumber(m_databaseNames, backend.databaseOid, QStringLiteral("database"));
    backend.user = roleName(backend.roleOid);
    if (const auto role = m_roles.constFind(backend.roleOid); role != m_roles.cend()) {
        backend.superuser = role->superuser;
        backend.memberOfItsRole = role->memberOfIt;
    }
}

} // namespace lockscope
