#include "ui/lab/poolplaces.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace lockscope {

namespace {

SlotDetail detailOf(const QSizeF& cell, const LabLook& look)
{
    const qreal line = std::ceil(QFontMetricsF(look.font).height()) + 2;
    if (cell.width() >= 16 * look.grid && cell.height() >= 4 * line + 1.5 * look.grid)
        return SlotDetail::Full;
    if (cell.width() >= 11 * look.grid && cell.height() >= 2 * line + 1.25 * look.grid)
        return SlotDetail::Medium;
    return SlotDetail::Small;
}

} // namespace

PoolPlaces PoolPlaces::of(const QSizeF& size, int slots, bool withPooler, const LabLook& look)
{
    PoolPlaces places;
    const qreal grid = look.grid;
    const qreal line = std::ceil(QFontMetricsF(look.font).height()) + 2;
    const QRectF all = QRectF(QPointF(0, 0), size).adjusted(grid * 1.5, grid, -grid * 1.5, -grid * 1.5);
    const int rowsOfLocks = size.height() > 44 * grid ? 2 : 1;
    const qreal serverHeight = labdrawing::serverBarTitleHeight(look) + rowsOfLocks * (line + grid / 4) + grid / 2;
    const qreal poolerHeight = labdrawing::serverBarTitleHeight(look);
    const qreal between = 2 * grid;
    const qreal bottom = all.bottom() - serverHeight - between - (withPooler ? poolerHeight + between : 0);
    const qreal applicationWidth = std::round(std::clamp(all.width() * 0.24, 17 * grid, 30 * grid));
    // Room for the tags that fly between.
    const QRectF right(QPointF(all.left() + applicationWidth + 6 * grid, all.top()), QPointF(all.right(), bottom));
    places.header = QRectF(right.left(), right.top(), right.width(), line + 2);
    const QRectF area(QPointF(right.left(), places.header.bottom() + grid), right.bottomRight());
    if (slots < 1 || area.width() <= 0 || area.height() <= 0)
        return places;

    const qreal gap = slots > 12 ? grid / 2 : grid;
    const auto cellOf = [&](int columns) {
        const int rows = (slots + columns - 1) / columns;
        return QSizeF(std::min((area.width() - (columns - 1) * gap) / columns, 34 * grid),
                      std::min((area.height() - (rows - 1) * gap) / rows, 18 * grid));
    };
    int bestColumns = 1;
    qreal bestScore = -1;
    for (int columns = 1; columns <= slots; ++columns) {
        const QSizeF cell = cellOf(columns);
        if (cell.width() < 1 || cell.height() < 1)
            continue;
        // What a box can say comes first, then room; a row that is not full looks torn.
        const int rows = (slots + columns - 1) / columns;
        const qreal shape = std::min(cell.width() / 1.6, cell.height());
        const qreal torn = static_cast<qreal>(rows * columns - slots) / columns;
        const SlotDetail said = detailOf(cell, look);
        const int rowsTooMany = said == SlotDetail::Full ? rows : 0; // all is said: one row reads best
        const qreal score = 1e6 * (static_cast<int>(said) + 1) - 1e4 * rowsTooMany + shape * (1 - 0.3 * torn);
        if (score >= bestScore) {
            bestScore = score;
            bestColumns = columns;
        }
    }
    const QSizeF cell = cellOf(bestColumns);
    places.oneRow = bestColumns == slots;
    places.detail = detailOf(cell, look);
    for (int slot = 0; slot < slots; ++slot) {
        places.slotRects.append(QRectF(std::round(area.left() + (slot % bestColumns) * (cell.width() + gap)),
                                       std::round(area.top() + (slot / bestColumns) * (cell.height() + gap)),
                                       std::floor(cell.width()), std::floor(cell.height())));
    }
    // In a large window everything stays together.
    const qreal end = std::min(bottom, std::max(places.slotRects.last().bottom(), all.top() + 20 * grid));
    places.application = QRectF(all.left(), all.top(), applicationWidth, end - all.top());
    qreal top = std::min(bottom, end + 2 * grid) + between;
    if (withPooler) {
        places.pooler = QRectF(all.left(), top, all.width(), poolerHeight);
        top = places.pooler.bottom() + between;
    }
    places.server = QRectF(all.left(), top, all.width(), serverHeight);
    return places;
}

QPointF PoolPlaces::doorOf(int slot) const
{
    if (slot < 1 || slot > slotRects.size())
        return door();
    const QRectF& rect = slotRects.at(slot - 1);
    return {rect.left() + std::min(rect.width() / 2, 4 * (rect.height() / 8)), rect.center().y()};
}

} // namespace lockscope
