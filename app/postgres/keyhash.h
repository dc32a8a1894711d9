#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/lockkey.h"

#include <chrono>

namespace lockscope {

/// Asks a server for the key that a text hashes to: the hash functions belong to the server and may differ between
/// versions. Opens a connection of its own and closes it; blocks up to the deadline, so never on the GUI thread.
[[nodiscard]] Result<LockKey> hashOnServer(const Conninfo& conninfo, const TextKey& text,
                                           std::chrono::milliseconds deadline);

} // namespace lockscope
