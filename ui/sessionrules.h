#pragma once

#include "models/domain/sessionstate.h"

#include <optional>

namespace lockscope {

enum class SessionAction
{
    Try,
    Lock,
    LockWithTimeout,
    Cancel,
    Release,
    ReleaseAll,
    Begin,
    Commit,
    Rollback,
    Disconnect,
    Remove,
};

/// Why this action makes no sense for this session now, in one sentence of plain text; empty when it does.
/// Pure: the one place that knows, so that buttons, menus and shortcuts agree. Leaving (cancel, disconnect, remove) is
/// possible in a read-only console too.
[[nodiscard]] QString whyNot(SessionAction action, const std::optional<SessionState>& session, bool hasKey,
                             const QString& readOnlyReason);

} // namespace lockscope
