#include "app/postgres/serverreportreader.h"

#include "app/postgres/sqlfile.h"

#include <QHash>

namespace lockscope {

namespace {

using std::chrono::milliseconds;

QList<ServerSetting> settingsIn(const QueryAnswer& answer)
{
    QHash<QString, ServerSetting> found;
    for (int row = 0; row < answer.rows(); ++row)
        found.insert(answer.text(row, 0), {.name = answer.text(row, 0),
                                           .exists = true,
                                           .value = answer.text(row, 1),
                                           .source = answer.text(row, 2),
                                           .pendingRestart = answer.boolean(row, 3)});
    QList<ServerSetting> settings;
    for (const QString& name : lockSettings())
        settings.append(found.value(name, ServerSetting{.name = name}));
    return settings;
}

} // namespace

Result<ServerReport> readServerReport(LibpqConnection& connection, const ServerInfo& server, milliseconds deadline)
{
    ServerReport report;
    report.server = server;
    // Asked one by one: with a full lock table, or a locked catalog, what needs neither is still answered.
    const auto ask = [&](const char* file) {
        return connection.executeOne(sqlStatement(QString::fromLatin1(file)), deadline);
    };
    const auto use = ask("lock_table_use");
    if (!use)
        return failure(use.error());
    report.lockTable.used = use->int64(0, 0);
    report.lockTable.fastPath = use->int64(0, 1);
    report.backends = use->int64(0, 2);
    if (!use->isNull(0, 3))
        report.oldestXminAge = use->int64(0, 3);
    report.takenAt = ServerTime(std::chrono::microseconds(use->int64(0, 4)));

    const auto limits = ask("lock_table_limits");
    if (!limits)
        return failure(limits.error());
    report.lockTable.nominal = limits->int64(0, 0);
    report.maxConnections = limits->int64(0, 1);
    report.preparedTransactions = limits->int64(0, 2);

    const QByteArray names = lockSettings().join(u',').toLatin1();
    const auto settings =
        connection.executeOne(sqlStatement(QStringLiteral("lock_settings")).replace("%1", names), deadline);
    if (!settings)
        return failure(settings.error());
    report.settings = settingsIn(*settings);

    if (server.versionNumber >= 130000) {
        if (const auto spare = ask("spare_memory"); spare && spare->rows() == 1)
            report.lockTable.spareBytes = spare->int64(0, 0);
        else if (!spare && connection.isBroken())
            return failure(spare.error());
    }
    report.rights = {.superuser = server.isSuperuser, .readAllStats = server.seesAllStats};
    if (const auto rights = ask("role_rights"); rights && rights->rows() == 1)
        report.rights = {.superuser = rights->boolean(0, 0),
                         .readAllStats = rights->boolean(0, 1),
                         .signalBackend = rights->boolean(0, 2),
                         .signalAutovacuum = rights->boolean(0, 3),
                         .readAllSettings = rights->boolean(0, 4),
                         .connectableDatabases = rights->int64(0, 5),
                         .databases = rights->int64(0, 6)};
    else if (!rights && connection.isBroken())
        return failure(rights.error());
    return report;
}

} // namespace lockscope
