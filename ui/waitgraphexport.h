#pragma once

#include "models/domain/result.h"
#include "models/lockrow.h"
#include "models/waitlayout.h"

#include <QPalette>
#include <QSet>

namespace lockscope {

/// Writes the whole drawing with its title, the server's time and the legend, on a light ground. SVG keeps text as
/// text; PNG has twice the size. By the ending of the name, anything else is a usage error. GUI thread: it asks for
/// fonts. An existing file is replaced when the new one is complete, or stays as it was.
[[nodiscard]] Result<void> exportWaitGraph(const WaitDrawing& drawing, const LockView& view,
                                           const QSet<qint32>& ownBackends, const QPalette& palette,
                                           const QString& fileName);

} // namespace lockscope
