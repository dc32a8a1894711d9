#pragma once

#include "app/postgres/libpqconnection.h"
#include "models/domain/serverreport.h"

namespace lockscope {

/// Reads what the server page shows over an open connection, on its thread. What this role may not see or this version
/// does not have stays empty; fails only when the server does not answer. Never changes anything.
[[nodiscard]] Result<ServerReport> readServerReport(LibpqConnection& connection, const ServerInfo& server,
                                                    std::chrono::milliseconds deadline);

} // namespace lockscope
