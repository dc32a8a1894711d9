#pragma once

#include "app/postgres/libpqconnection.h"
#include "models/domain/serverinfo.h"

#include <chrono>

namespace lockscope {

/// What one connection is connected to: asked right after login, on the thread of the connection.
/// Works for a role without rights and on PostgreSQL 12 and later; what a role may not see stays empty.
/// Fails only when the server does not answer or the link breaks; never changes anything on the server.
[[nodiscard]] Result<ServerInfo> inquireServer(LibpqConnection& connection, std::chrono::milliseconds deadline);

/// To the one of several hosts that was reached: names, keys and pids of another server would be wrong ones. Reads the
/// service file where there is one.
[[nodiscard]] Conninfo sameHost(const Conninfo& conninfo, const ServerInfo& server);

} // namespace lockscope
