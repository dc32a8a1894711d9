#include "app/postgres/serverinquiry.h"

#include "app/postgres/sqlfile.h"

#include <libpq-fe.h>

namespace lockscope {

namespace {

/// As resources/sql/server_info.sql selects them.
enum Column
{
    Version,
    VersionNumber,
    Database,
    DatabaseOid,
    Role,
    IsSuperuser,
    SeesAllStats,
    IsStandby,
    ServerEncoding,
    BackendPid,
    BackendStart,
    LockCapacity,
    SignalsBackends,
    SignalsAutovacuum,
    BackendAge,
};

QString tlsDescription(pg_conn* connection)
{
    QStringList parts;
    for (const char* name : {"protocol", "cipher"}) {
        if (const auto* value = PQsslAttribute(connection, name))
            parts.append(QString::fromUtf8(value));
    }
    return parts.join(QLatin1StringView(", "));
}

} // namespace

Result<ServerInfo> inquireServer(LibpqConnection& connection, std::chrono::milliseconds deadline)
{
    const auto answer = connection.executeOne(sqlStatement(QStringLiteral("server_info")), deadline);
    if (!answer)
        return failure(answer.error());
    // A statement of its own: the right to call the function is checked even in a branch that is never taken, and a
    // server can withhold it.
    const auto identifier = connection.executeOne(sqlStatement(QStringLiteral("system_identifier")), deadline);
    if (!identifier && connection.isBroken())
        return failure(identifier.error());

    auto* const handle = connection.handle();
    const auto host = QString::fromUtf8(PQhost(handle));
    ServerInfo info{
        // "15.18 (Debian 15.18-0+deb12u1)"
        .version = answer->text(0, Version).section(QLatin1Char(' '), 0, 0),
        .versionNumber = static_cast<int>(answer->int64(0, VersionNumber)),
        .database = answer->text(0, Database),
        .databaseOid = static_cast<quint32>(answer->int64(0, DatabaseOid)),
        .role = answer->text(0, Role),
        .isSuperuser = answer->boolean(0, IsSuperuser),
        .seesAllStats = answer->boolean(0, SeesAllStats),
        .signalsBackends = answer->boolean(0, SignalsBackends),
        .signalsAutovacuum = answer->boolean(0, SignalsAutovacuum),
        .isStandby = answer->boolean(0, IsStandby),
        .host = host,
        .port = QString::fromUtf8(PQport(handle)).toInt(),
        .tls = PQsslInUse(handle) == 1,
        .localSocket = host.startsWith(QLatin1Char('/')) || host.startsWith(QLatin1Char('@')),
        .systemIdentifier = identifier && identifier->rows() == 1 ? identifier->text(0, 0) : QString(),
        .serverEncoding = answer->text(0, ServerEncoding),
        .backendPid = static_cast<qint32>(answer->int64(0, BackendPid)),
        .claimedPid = connection.claimedPid(),
        .lockCapacity = answer->int64(0, LockCapacity),
    };
    if (info.tls)
        info.tlsDescription = tlsDescription(handle);
    if (!answer->isNull(0, BackendStart))
        info.backendStart = ServerTime(std::chrono::microseconds(answer->int64(0, BackendStart)));
    if (!answer->isNull(0, BackendAge))
        info.backendOlderThanLogin =
            connection.loginClock().isOlder(std::chrono::microseconds(answer->int64(0, BackendAge)));
    return info;
}

Conninfo sameHost(const Conninfo& conninfo, const ServerInfo& server)
{
    const auto isList = [&conninfo](const QString& keyword) {
        return conninfo.resolvedValue(keyword).contains(QLatin1Char(','));
    };
    if (!isList(QStringLiteral("host")) && !isList(QStringLiteral("hostaddr")))
        return conninfo;
    return conninfo.with(QStringLiteral("host"), server.host)
        .with(QStringLiteral("hostaddr"), {})
        .with(QStringLiteral("port"), QString::number(server.port));
}

} // namespace lockscope
