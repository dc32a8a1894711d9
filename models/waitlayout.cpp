#include "models/waitlayout.h"

#include "models/waitlayoutgraph.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace lockscope {

namespace {

/// Gives rows to boxes whose columns are known.
class Rows
{
public:
    explicit Rows(WaitLayoutGraph& graph)
        : m_graph(graph)
        , m_visited(graph.boxes.size(), false)
    {
    }

    void keep(qint32 box, qint32 row) { take(box, row); }
    /// Nothing stands there; a hole may be kept there.
    [[nodiscard]] bool isFree(const WaitPlace& place) const { return !m_cells.contains(place); }
    void reserve(const WaitPlace& place)
    {
        m_reserved.insert(place);
        m_reservedRows.insert(place.row);
    }

    /// Everything that can be reached from there and has no row yet. A tree of new boxes only goes where whole rows
    /// are free, so that it crosses nothing; one that hangs on older boxes goes beside them.
    void placeTree(qint32 root)
    {
        if (m_visited[root])
            return;
        if (m_graph.boxes[root].placed) {
            descend(root, m_graph.boxes[root].place.row);
            return;
        }
        if (const auto row = rowOfNeighbours(root)) {
            take(root, nearestFree(m_graph.boxes[root].place.column, *row));
            descend(root, m_graph.boxes[root].place.row);
            return;
        }
        const qint32 below = m_lastRow + 1; // nothing is there to meet
        const qsizetype before = m_taken.size();
        take(root, below);
        descend(root, below);
        const qint32 count = m_lastRow - below + 1;
        const QList<qint32> tree = lift(before, below);
        const qint32 rows = freeRows(count) - below;
        for (const qint32 box : tree)
            take(box, m_graph.boxes[box].place.row + rows);
    }

private:
    void take(qint32 index, qint32 row)
    {
        WaitLayoutBox& box = m_graph.boxes[index];
        box.place.row = row;
        box.placed = true;
        m_cells.insert(box.place);
        ++m_rows[row];
        m_lastRow = std::max(m_lastRow, row);
        m_taken.append(index);
    }

    /// Where what it blocks stands already, or where it stood itself in another column.
    [[nodiscard]] std::optional<qint32> rowOfNeighbours(qint32 index) const
    {
        const WaitLayoutBox& box = m_graph.boxes[index];
        if (box.movedFromRow)
            return box.movedFromRow;
        for (const WaitLayoutLink& link : box.waiters) {
            const WaitLayoutBox& waiter = m_graph.boxes[link.box];
            if (waiter.placed)
                return waiter.place.row;
            if (waiter.movedFromRow)
                return waiter.movedFromRow;
            for (const WaitLayoutLink& next : waiter.waiters) {
                if (m_graph.boxes[next.box].placed)
                    return m_graph.boxes[next.box].place.row;
            }
        }
        return {};
    }

    [[nodiscard]] qint32 nearestFree(qint32 column, qint32 row) const
    {
        for (qint32 distance = 0;; ++distance) {
            if (isFree({column, row + distance}))
                return row + distance;
            if (row - distance >= 0 && isFree({column, row - distance}))
                return row - distance;
        }
    }

    [[nodiscard]] qint32 firstFree(qint32 column, qint32 row) const
    {
        while (!isFree({column, row}) || m_reserved.contains({column, row}))
            ++row;
        return row;
    }

    /// Depth first without recursion: chains are as long as the server has backends.
    void descend(qint32 root, qint32 row)
    {
        struct Frame
        {
            qint32 box;
            qsizetype next;
            qint32 nextRow; ///< for the next child
            qint32 last;
        };
        QList<Frame> stack{{root, 0, row, row}};
        m_visited[root] = true;
        for (;;) {
            Frame& frame = stack.last();
            const auto& waiters = m_graph.boxes[frame.box].waiters;
            if (frame.next == waiters.size()) {
                const qint32 last = frame.last;
                stack.removeLast();
                if (stack.isEmpty())
                    return;
                stack.last().last = std::max(stack.last().last, last);
                stack.last().nextRow = std::max(stack.last().nextRow, last + 1);
                continue;
            }
            const qint32 child = waiters[frame.next++].box;
            if (m_visited[child] || !m_graph.boxes[child].visible)
                continue;
            m_visited[child] = true;
            WaitLayoutBox& box = m_graph.boxes[child];
            if (box.placed) {
                // An older box has its place; new siblings look for free cells from their blocker's row on.
                const qint32 last = frame.nextRow - 1; // frame moves when the stack grows
                stack.append({child, 0, box.place.row, last});
                continue;
            }
            take(child, box.movedFromRow ? nearestFree(box.place.column, *box.movedFromRow)
                                         : firstFree(box.place.column, frame.nextRow));
            stack.append({child, 0, box.place.row, box.place.row});
        }
    }

    /// The first of so many whole rows that nothing stands in and no hole is kept in.
    [[nodiscard]] qint32 freeRows(qint32 count)
    {
        const auto isUsed = [this](qint32 row) { return m_rows.contains(row) || m_reservedRows.contains(row); };
        while (isUsed(m_firstFreeRow))
            ++m_firstFreeRow; // rows only fill up
        qint32 first = m_firstFreeRow;
        for (qint32 row = first; row - first < count; ++row) {
            if (isUsed(row))
                first = row + 1;
        }
        return first;
    }

    /// Takes off the boxes that were placed in these rows since then, and returns them. Boxes that changed their column
    /// stand elsewhere.
    QList<qint32> lift(qsizetype since, qint32 firstRow)
    {
        QList<qint32> lifted;
        for (qsizetype index = since; index < m_taken.size(); ++index) {
            const WaitPlace place = m_graph.boxes[m_taken[index]].place;
            if (place.row < firstRow)
                continue;
            lifted.append(m_taken[index]);
            m_cells.remove(place);
            if (--m_rows[place.row] == 0)
                m_rows.remove(place.row);
        }
        m_taken.resize(since);
        m_lastRow = firstRow - 1;
        return lifted;
    }

    WaitLayoutGraph& m_graph;
    QList<bool> m_visited;
    QList<qint32> m_taken;
    QSet<WaitPlace> m_cells;
    QSet<WaitPlace> m_reserved;
    QSet<qint32> m_reservedRows;
    QHash<qint32, qint32> m_rows; ///< how many boxes stand in a row
    qint32 m_lastRow = -1;
    qint32 m_firstFreeRow = 0;
};

} // namespace

size_t qHash(const WaitBoxId& id, size_t seed) noexcept
{
    return qHashMulti(seed, static_cast<quint8>(id.kind), id.session, id.target);
}

size_t qHash(const WaitPlace& place, size_t seed) noexcept
{
    return qHashMulti(seed, place.column, place.row);
}

qint32 WaitDrawing::indexOf(const WaitNodeId& session) const
{
    return indexes.value({.kind = WaitBoxKind::Session, .session = session}, -1);
}

void WaitLayout::forget()
{
    m_places.clear();
    m_holes.clear();
}

WaitDrawing WaitLayout::update(const WaitGraph& graph, const Options& options)
{
    erase_if(m_holes, [&graph](const auto& hole) { return hole.value().until <= graph.takenAt; });
    QHash<WaitBoxId, WaitPlace> old = m_places;
    for (auto hole = m_holes.cbegin(); hole != m_holes.cend(); ++hole)
        old.insert(hole.key(), hole->place); // whoever comes back in time gets its place back
    WaitLayoutGraph layout(graph, options.minimumWait, options.shown, old);
    if (std::none_of(layout.boxes.cbegin(), layout.boxes.cend(),
                     [this](const WaitLayoutBox& box) { return box.visible && m_places.contains(box.id); })) {
        forget(); // nothing is left that should stay where it is
        old.clear();
    }
    layout.giveColumns(old);

    Rows rows(layout);
    QSet<WaitBoxId> present;
    QList<qint32> returned;
    for (qint32 index = 0; index < layout.boxes.size(); ++index) {
        WaitLayoutBox& box = layout.boxes[index];
        if (!box.visible)
            continue;
        present.insert(box.id);
        const auto place = old.constFind(box.id);
        if (place == old.cend())
            continue;
        box.movedFromRow = place->row;
        if (place->column == box.place.column) {
            if (m_places.contains(box.id))
                rows.keep(index, place->row);
            else
                returned.append(index);
        }
    }
    for (const qint32 index : std::as_const(returned)) {
        if (rows.isFree({layout.boxes[index].place.column, *layout.boxes[index].movedFromRow}))
            rows.keep(index, *layout.boxes[index].movedFromRow);
    }
    erase_if(m_holes, [&present](const auto& hole) { return present.contains(hole.key()); });
    for (auto place = m_places.cbegin(); place != m_places.cend(); ++place) {
        if (!present.contains(place.key()))
            m_holes.insert(place.key(), {place.value(), graph.takenAt + holeTime});
    }
    for (const Hole& hole : std::as_const(m_holes))
        rows.reserve(hole.place);
    for (const qint32 index : layout.rootsFirst())
        rows.placeTree(index);

    m_places.clear();
    WaitDrawing drawing;
    QList<qint32> indexes(layout.boxes.size(), -1);
    for (qsizetype index = 0; index < layout.boxes.size(); ++index) {
        const WaitLayoutBox& box = layout.boxes[index];
        if (!box.visible)
            continue;
        indexes[index] = static_cast<qint32>(drawing.boxes.size());
        drawing.indexes.insert(box.id, indexes[index]);
        m_places.insert(box.id, box.place);
        drawing.boxes.append(
            {.id = box.id, .place = box.place, .node = box.node, .hidden = box.hidden, .cycle = box.cycle});
    }
    const auto addLine = [&](qint32 from, const WaitLayoutLink& link) {
        if (indexes[from] >= 0 && indexes[link.box] >= 0)
            drawing.lines.append(
                {.from = indexes[from], .to = indexes[link.box], .kind = link.kind, .cycle = link.cycle});
    };
    for (qint32 index = 0; index < layout.boxes.size(); ++index) {
        for (const WaitLayoutLink& link : std::as_const(layout.boxes[index].waiters))
            addLine(index, link);
        for (const WaitLayoutLink& link : std::as_const(layout.boxes[index].behind))
            addLine(index, link);
    }
    return drawing;
}

} // namespace lockscope
