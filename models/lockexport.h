#pragma once

#include "models/domain/serverinfo.h"
#include "models/lockrow.h"

#include <QByteArray>
#include <QJsonObject>

namespace lockscope {

/// Writing locks down for others to read. Pure functions of what a view holds; any thread. Gone rows are not written,
/// except where a person chose the rows.

/// All columns under their stable names; UTF-8, RFC 4180, safe to open in a spreadsheet.
[[nodiscard]] QByteArray locksCsv(const LockView& view);

/// Chosen rows for the clipboard, with a header line; rows is what is written, view gives the time and the names.
[[nodiscard]] QString rowsAsCsv(const QList<LockRow>& rows, const LockView& view);
[[nodiscard]] QString rowsAsTsv(const QList<LockRow>& rows, const LockView& view);

/// The stable JSON of "lockscope locks --json": keys may be added, never renamed.
[[nodiscard]] QJsonObject locksJson(const ServerInfo& server, const LockView& view);

/// A snapshot as a view of all its rows, in the order that needs attention first: for exports without a window.
[[nodiscard]] LockViewPointer viewOf(const SnapshotPointer& snapshot);
[[nodiscard]] QJsonObject locksJson(const ServerInfo& server, const SnapshotPointer& snapshot);

/// For a terminal: the columns that a window shows at first, aligned, under their titles (what keys mean only where
/// that is known of one); and a line that counts. Control characters of the server's text are pictures, not commands.
[[nodiscard]] QString locksText(const LockView& view);

} // namespace lockscope
