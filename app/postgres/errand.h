#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/serverinfo.h"

#include <QFuture>

namespace lockscope {

/// One-off work on a connection and a thread of its own: nothing here blocks the caller or the end of the program. The
/// conninfo is completed by withDefaults(); connecting takes at most openTimeout(), each statement at most five
/// seconds. One attempt each.

/// Connects, asks and closes: for "Test connection". The value is what was learnt.
[[nodiscard]] QFuture<Result<ServerInfo>> testConnection(const Conninfo& conninfo);

} // namespace lockscope
