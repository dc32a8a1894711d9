#pragma once

#include "models/domain/serverinfo.h"

#include <QJsonObject>
#include <QJsonValue>

#include <optional>

namespace lockscope {

/// How the command line's JSON spells what all of its commands tell. Pure functions; any thread.

/// ISO 8601 in UTC with the server's microseconds, which QDateTime does not have: "2026-11-22T13:00:00.123456Z".
[[nodiscard]] QString timeText(ServerTime time);
[[nodiscard]] QJsonValue timeOrNull(const std::optional<ServerTime>& time);
[[nodiscard]] QJsonValue textOrNull(const QString& text); ///< null where it is empty
[[nodiscard]] QJsonObject serverJson(const ServerInfo& server);

/// The object as indented JSON in which no control or format character of a server's text stands as itself: a terminal
/// would obey it. They are written as \uXXXX, which every reader turns back.
[[nodiscard]] QByteArray jsonForTerminal(const QJsonObject& object);

} // namespace lockscope
