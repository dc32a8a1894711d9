#pragma once

#include "models/domain/result.h"
#include "models/domain/serverinfo.h"
#include "models/lockrow.h"

#include <QFuture>

namespace lockscope {

enum class ExportFormat;

/// Writes what the table shows to a file, on a pool thread: a hundred thousand rows take longer than a frame. The file
/// appears whole or not at all. The value is the number of rows written.
[[nodiscard]] QFuture<Result<qsizetype>> exportLocks(const LockViewPointer& view, const ServerInfo& server,
                                                     const QString& fileName, ExportFormat format);

/// The same for bytes that are made already, such as the statement log.
[[nodiscard]] Result<void> writeFile(const QString& fileName, const QByteArray& content);

} // namespace lockscope
