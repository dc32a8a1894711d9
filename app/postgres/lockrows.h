#pragma once

#include "app/postgres/libpqconnection.h"
#include "models/domain/snapshot.h"

#include <QHash>

namespace lockscope {

/// The rows of advisory_locks.sql, all_locks.sql, backends.sql and prepared_transactions.sql as values: columns in the
/// order of those files. Pure functions over one answer; a NULL becomes what the value's comment says.

namespace LockField {
enum
{
    Pid,
    VirtualTransaction,
    Database,
    Mode,
    Granted,
    ObjectSubId,
    WaitStart,
    Blockers,
    Keys,
    ClassId = Keys,
    ObjectId,
    Type,
    Relation,
    Page,
    Tuple,
    VirtualXid,
    TransactionId
};
}
namespace BackendField {
enum
{
    Pid,
    BackendStart,
    Database,
    Role,
    ClientPort,
    TransactionStart,
    QueryStart,
    StateChange,
    Xmin,
    LeaderPid,
    ClientAddress,
    Type,
    State,
    WaitEventType,
    WaitEvent,
    ApplicationName,
    Query
};
}
namespace PreparedField {
enum
{
    Gid,
    TransactionId,
    PreparedAt,
    Owner,
    Database
};
}

/// What both lock statements share: everything but the target's own numbers.
[[nodiscard]] Lock lockHead(const QueryAnswer& answer, int row);
/// The target of a row of all_locks.sql.
void fillTarget(const QueryAnswer& answer, int row, LockTarget& target);
/// Without the names that stand in catalogs, and with query as UTF-8, whatever the session wrote it in.
[[nodiscard]] Backend backendIn(const QueryAnswer& answer, int row);
/// Without gid and owner.
[[nodiscard]] PreparedTransaction preparedIn(const QueryAnswer& answer, int row);

/// pg_blocking_pids in order and without repetition: a parallel leader is named once for each of its workers.
[[nodiscard]] QList<qint32> blockersIn(QByteArrayView array);
/// "4/20" -> 4 << 32 | 20. "-1/751" -> 0xffffffff << 32 | 751: a transaction that was prepared before the server was
/// last started has its transaction id there instead. 0 for anything else.
[[nodiscard]] quint64 virtualTransactionIn(QByteArrayView text);
/// The name for an oid, "database 16384" when it is not known, empty for 0.
[[nodiscard]] QString nameOrNumber(const QHash<quint32, QString>& names, quint32 oid, const QString& kind);

/// Calls visit(qint64) for each element of an int8 array in text form, "{1,-2,3}". A hundred thousand keys come this
/// way, so nothing is copied.
template <typename Visitor>
void forEachInteger(QByteArrayView array, Visitor&& visit)
{
    quint64 magnitude = 0;
    bool negative = false;
    bool any = false;
    for (const char character : array) {
        if (character >= '0' && character <= '9') {
            magnitude = magnitude * 10 + static_cast<quint64>(character - '0');
            any = true;
        } else if (character == '-') {
            negative = true;
        } else {
            if (any)
                visit(static_cast<qint64>(negative ? ~magnitude + 1 : magnitude));
            magnitude = 0;
            negative = any = false;
        }
    }
    if (any)
        visit(static_cast<qint64>(negative ? ~magnitude + 1 : magnitude));
}

} // namespace lockscope
