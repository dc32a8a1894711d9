#pragma once

#include "app/postgres/libpqconnection.h"
#include "models/domain/serverinfo.h"

#include <chrono>

namespace lockscope {

/// What one connection is connected to: asked right after login, on the thread of the connection.
/// Works for a role without rights and on PostgreSQL 12 and later; what a role may not see stays empty.
/// Fails only when the server does not answer or the link breaks; never changes anything on the server.
[[nodiscard]] Result<ServerInfo> inquireServer(LibpqConnection& connection, std::chrono::milliseconds deadline);

} // namespace lockscope
