#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/endingtrial.h"

namespace lockscope {

/// "lockscope lab: killed-idle", "lockscope lab: killed-idle, next": who it is on the server.
[[nodiscard]] QString trialName(EndingKind kind, const QString& role = {});
/// How the client of a trial connects: the settings of its session as connection options, so that they hold from its
/// first statement on. Behind a pooler without them: PgBouncer refuses the start-up parameter "options". Pure; any
/// thread.
[[nodiscard]] Conninfo victimConninfo(const Conninfo& server, EndingKind kind, const EndingSettings& settings,
                                      int serverVersion);
/// How those connect who hold or wait in the same trial: their waits end by themselves should this process be killed.
[[nodiscard]] Conninfo companionConninfo(const Conninfo& server, const EndingSettings& settings, int serverVersion);

} // namespace lockscope
