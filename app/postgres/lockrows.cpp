#include "app/postgres/lockrows.h"

#include <algorithm>

namespace lockscope {

namespace {

std::optional<ServerTime> timeIn(const QueryAnswer& answer, int row, int column)
{
    if (answer.isNull(row, column))
        return std::nullopt;
    return ServerTime(std::chrono::microseconds(answer.int64(row, column)));
}

quint32 unsignedIn(const QueryAnswer& answer, int row, int column)
{
    return static_cast<quint32>(answer.int64(row, column));
}

QString latin(const QueryAnswer& answer, int row, int column)
{
    return QString::fromLatin1(answer.bytes(row, column));
}

} // namespace

Lock lockHead(const QueryAnswer& answer, int row)
{
    Lock lock;
    lock.backend.pid = static_cast<qint32>(answer.int64(row, LockField::Pid));
    lock.virtualTransaction = virtualTransactionIn(answer.bytes(row, LockField::VirtualTransaction));
    lock.target.databaseOid = unsignedIn(answer, row, LockField::Database);
    lock.target.objsubid = static_cast<quint16>(answer.int64(row, LockField::ObjectSubId));
    lock.mode = lockModeFromServer(latin(answer, row, LockField::Mode));
    lock.granted = answer.boolean(row, LockField::Granted);
    lock.waitStart = timeIn(answer, row, LockField::WaitStart);
    return lock;
}

void fillTarget(const QueryAnswer& answer, int row, LockTarget& target)
{
    target.type = lockTypeFromServer(latin(answer, row, LockField::Type));
    target.classid = unsignedIn(answer, row, LockField::ClassId);
    target.objid = unsignedIn(answer, row, LockField::ObjectId);
    target.relationOid = unsignedIn(answer, row, LockField::Relation);
    target.page = unsignedIn(answer, row, LockField::Page);
    target.tuple = static_cast<quint16>(answer.int64(row, LockField::Tuple));
    target.transactionId = answer.isNull(row, LockField::VirtualXid)
                               ? static_cast<quint64>(answer.int64(row, LockField::TransactionId))
                               : virtualTransactionIn(answer.bytes(row, LockField::VirtualXid));
}

Backend backendIn(const QueryAnswer& answer, int row)
{
    Backend backend;
    backend.id.pid = static_cast<qint32>(answer.int64(row, BackendField::Pid));
    backend.id.backendStart = timeIn(answer, row, BackendField::BackendStart);
    backend.databaseOid = unsignedIn(answer, row, BackendField::Database);
    backend.roleOid = unsignedIn(answer, row, BackendField::Role);
    backend.clientPort = static_cast<qint32>(answer.int64(row, BackendField::ClientPort));
    backend.transactionStart = timeIn(answer, row, BackendField::TransactionStart);
    backend.queryStart = timeIn(answer, row, BackendField::QueryStart);
    backend.stateChange = timeIn(answer, row, BackendField::StateChange);
    backend.backendXmin = unsignedIn(answer, row, BackendField::Xmin);
    backend.leaderPid = static_cast<qint32>(answer.int64(row, BackendField::LeaderPid));
    backend.clientAddress = answer.text(row, BackendField::ClientAddress);
    backend.backendType = answer.text(row, BackendField::Type);
    backend.state = answer.text(row, BackendField::State);
    backend.waitEventType = answer.text(row, BackendField::WaitEventType);
    backend.waitEvent = answer.text(row, BackendField::WaitEvent);
    backend.applicationName = answer.text(row, BackendField::ApplicationName);
    backend.query = answer.text(row, BackendField::Query);
    // The server hides start and state of other roles' sessions from a role without pg_read_all_stats, and says so
    // here.
    backend.restricted = !backend.id.backendStart && backend.query == QLatin1String("<insufficient privilege>");
    if (backend.restricted)
        backend.query.clear();
    return backend;
}

PreparedTransaction preparedIn(const QueryAnswer& answer, int row)
{
    return {.transactionId = unsignedIn(answer, row, PreparedField::TransactionId),
            .preparedAt = timeIn(answer, row, PreparedField::PreparedAt).value_or(ServerTime{}),
            .databaseOid = unsignedIn(answer, row, PreparedField::Database)};
}

QList<qint32> blockersIn(QByteArrayView array)
{
    QList<qint32> pids;
    forEachInteger(array, [&pids](qint64 pid) { pids.append(static_cast<qint32>(pid)); });
    std::sort(pids.begin(), pids.end());
    pids.erase(std::unique(pids.begin(), pids.end()), pids.end());
    return pids;
}

quint64 virtualTransactionIn(QByteArrayView text)
{
    const qsizetype slash = text.indexOf('/');
    if (slash < 0)
        return 0;
    const auto process = static_cast<quint32>(text.first(slash).toLongLong()); // -1: none
    const auto local = static_cast<quint32>(text.sliced(slash + 1).toULongLong());
    return quint64(process) << 32 | local;
}

QString nameOrNumber(const QHash<quint32, QString>& names, quint32 oid, const QString& kind)
{
    if (oid == 0)
        return {};
    const auto name = names.constFind(oid);
    return name != names.cend() ? *name : QStringLiteral("%1 %2").arg(kind, QString::number(oid));
}

} // namespace lockscope
