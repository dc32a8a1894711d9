#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/lock.h"
#include "models/domain/serverinfo.h"

#include <QFuture>

namespace lockscope {

/// One-off work on a connection and a thread of its own: nothing here blocks the caller or the end of the program. The
/// conninfo is completed by withDefaults(); connecting takes at most openTimeout(), each statement at most five
/// seconds. One attempt each.

/// Connects, asks and closes: for "Test connection". The value is what was learnt.
[[nodiscard]] QFuture<Result<ServerInfo>> testConnection(const Conninfo& conninfo);

/// pg_terminate_backend guarded by pid and backend_start to the microsecond, in one statement: between looking and
/// ending, the operating system may give the pid to another session. false: no such backend any more, nothing was sent.
/// true: the server sent the signal; the backend ends a moment later. An error of kind Usage when backend has no start,
/// of kind Server when the role may not see it or may not signal.
[[nodiscard]] QFuture<Result<bool>> terminateBackend(const Conninfo& conninfo, const BackendId& backend);

} // namespace lockscope
