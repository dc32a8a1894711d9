#pragma once

#include "models/domain/serverinfo.h"
#include "models/lockrow.h"

#include <QJsonObject>
#include <QString>

namespace lockscope {

/// Who waits for whom, written down for others to read. Pure functions of what a view holds; any thread. Filter, sort
/// and row limit of the view do not matter: a graph with holes would be a lie.

/// The stable JSON of "lockscope waits --json": keys may be added, never renamed.
[[nodiscard]] QJsonObject waitsJson(const ServerInfo& server, const LockView& view);

/// For a terminal: root blockers first, under each who waits for it, a session a line; and a line that counts. Control
/// characters of the server's text are pictures, not commands.
[[nodiscard]] QString waitsText(const LockView& view);

} // namespace lockscope
