#pragma once

#include "models/waitlayout.h"

#include <QList>
#include <QPainterPath>

namespace lockscope {

struct WaitGraphLook;

/// One stroke of the pen; where several lines run together, it stands for all of them.
struct WaitStroke
{
    QPainterPath path = {};
    WaitEdgeKind kind = WaitEdgeKind::Unknown; ///< the strongest of its lines
    bool cycle = false;
    QList<qint32> lines = {}; ///< indexes into WaitDrawing::lines
};

/// The way of each line: in the gaps between columns and rows, never through a box. Upright parts of different targets
/// run beside each other. Pure.
[[nodiscard]] QList<WaitStroke> waitStrokes(const WaitDrawing& drawing, const WaitGraphLook& look);

} // namespace lockscope
