#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/cure.h"
#include "models/domain/lockrequest.h"

#include <QFuture>

namespace lockscope {

class LibpqConnection;

/// Carries out a cure over an open connection, on the thread of that connection: one statement that compares pid and
/// backend_start (to the microsecond) and signals, then looks for at most `patience` whether it helped. Blocks that
/// long. For CancelQuery and TerminateBackend only. Never signals a backend whose start it cannot see, nor its own.
[[nodiscard]] CureOutcome cureBackend(LibpqConnection& connection, const ServerInfo& server, const CureRequest& request,
                                      std::chrono::milliseconds patience);

/// One more look at the victim of an outcome that was StillThere, over the same connection: what it is by now. Sends
/// nothing but the question. An answer from another server is no answer: before comes back as it was.
[[nodiscard]] CureOutcome lookAfterCure(LibpqConnection& connection, const ServerInfo& server,
                                        const CureOutcome& before);

/// COMMIT PREPARED or ROLLBACK PREPARED, on a connection of its own to the transaction's database (PostgreSQL refuses
/// it from another one), after checking that gid, transaction and moment are still the ones of the request.
[[nodiscard]] QFuture<CureOutcome> curePrepared(const Conninfo& conninfo, const QString& database,
                                                const CureRequest& request);

/// The same as cureBackend() over a connection of its own, for where the observer's cannot be used.
[[nodiscard]] QFuture<CureOutcome> cureBackendApart(const Conninfo& conninfo, const CureRequest& request,
                                                    std::chrono::milliseconds patience);

/// Unlocks a key on a session of one's own that does not hold it, in that database, to see false and the WARNING.
/// Through a pooler nothing is sent: the statement could land on the very backend that holds the key and release it.
[[nodiscard]] QFuture<ForeignRelease> tryForeignRelease(const Conninfo& conninfo, const QString& database, LockKey key,
                                                        LockShare share);

} // namespace lockscope
