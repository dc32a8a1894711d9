#pragma once

#include "models/domain/clientstate.h"

#include <optional>

namespace lockscope {

enum class ClientAction
{
    Hold,
    Wait,
    Release,
    Work,
    Begin,
    Commit,
    Rollback,
    Kill,
    Terminate,
    FromServer,
    Quit,
    Freeze,
    Thaw,
    Remove,
};

/// Why this action makes no sense for this simulated client now, in one sentence of plain text; empty when it does.
/// Pure: the one place that knows. Ending a client is possible in a read-only console too.
[[nodiscard]] QString whyNot(ClientAction action, const std::optional<ClientState>& client, bool hasKey,
                             const QString& readOnlyReason);

} // namespace lockscope
