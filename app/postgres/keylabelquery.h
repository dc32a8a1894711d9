#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/keydictionary.h"

#include <QFuture>
#include <QHash>

#include <chrono>

namespace lockscope {

class LibpqConnection;

/// The answer of a person's own query for names of keys.
struct KeyLabelAnswer
{
    quint32 databaseOid = 0;
    QHash<LockKey, QString> labels = {};
    qint64 rows = 0;        ///< of the answer
    qint64 unreadable = 0;  ///< rows without a key or a name: NULL, empty, or no number
    bool truncated = false; ///< there were more than maximumKeyLabels
    std::chrono::microseconds elapsed{0};
};
inline constexpr qint64 maximumKeyLabels = 50'000;
inline constexpr qsizetype maximumKeyLabelLength = 300; ///< characters; longer texts are cut

/// Runs sql, which the person wrote: one statement that returns (key bigint, text) or (key1 int, key2 int, text). On a
/// connection of its own with default_transaction_read_only, inside a READ ONLY transaction that is rolled back, as one
/// statement of the extended protocol, so that nothing can be appended to it; under `timeout`. The server describes it
/// first, and what returns no two or three columns, COPY and COMMIT among it, is never run. Errors say what to change;
/// one of kind Usage is about the query. Connecting takes at most openTimeout(). Never blocks the caller.
[[nodiscard]] QFuture<Result<KeyLabelAnswer>> askKeyLabels(const Conninfo& conninfo, const QString& sql,
                                                           std::chrono::milliseconds timeout);

/// Asks the server for the keys it alone can compute and says databaseOid back; blocks, on the connection's thread. All
/// questions go as one statement. A hash is of the bytes of this database's encoding, so only ASCII texts may be asked
/// for another database. Texts the server cannot hash (no such characters in its encoding, NUL) have no answer.
[[nodiscard]] Result<QList<ServerHash>> askServerHashes(LibpqConnection& connection, quint32 databaseOid,
                                                        const QList<KeyDictionary::HashQuestion>& questions,
                                                        std::chrono::milliseconds deadline);

} // namespace lockscope
