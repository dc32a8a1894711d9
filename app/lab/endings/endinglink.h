#pragma once

#include "models/domain/endingtrial.h"
#include "models/domain/lock.h"

namespace lockscope {

/// What a session was told of itself when it was opened.
struct EndingLink
{
    BackendId backend = {};
    bool overTcp = false;
    LinkTimeouts timeouts = {}; ///< of the server's end of the connection, as they really are
    friend bool operator==(const EndingLink&, const EndingLink&) = default;
};

} // namespace lockscope
