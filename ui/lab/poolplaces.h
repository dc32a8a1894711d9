#pragma once

#include "ui/lab/labdrawing.h"

#include <QList>
#include <QRectF>

namespace lockscope {

/// How much a slot's box can say in the room it has.
enum class SlotDetail : quint8
{
    Small,  ///< number, shape, pid when it fits
    Medium, ///< number and pid, state or key
    Full    ///< number and pid, state, who has it, keys
};

/// Where everything of the pool's picture stands. A value: the same size and the same number of slots give the same
/// places, so positions stay put while states change. GUI thread.
struct PoolPlaces
{
    QRectF application = {};
    QRectF header = {}; ///< the line over the slots
    QList<QRectF> slotRects = {};
    SlotDetail detail = SlotDetail::Full;
    bool oneRow = true;
    QRectF pooler = {}; ///< empty without one
    QRectF server = {};

    [[nodiscard]] static PoolPlaces of(const QSizeF& size, int slots, bool withPooler, const LabLook& look);
    /// Where a call starts and ends at the application.
    [[nodiscard]] QPointF door() const { return {application.right(), application.center().y()}; }
    /// Where a call ends at a slot; slot 0 is the application itself.
    [[nodiscard]] QPointF doorOf(int slot) const;
};

} // namespace lockscope
