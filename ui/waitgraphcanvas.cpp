#include "ui/waitgraphcanvas.h"

#include "ui/waitgraphitems.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace lockscope {

namespace {

constexpr qreal canvas = 1e6; ///< larger than any drawing: nothing moves when the drawing grows

enum class Direction
{
    ToBlockers,
    ToWaiters
};

std::pair<qint32, qint32> ends(const WaitLine& line, Direction direction)
{
    return direction == Direction::ToWaiters ? std::pair(line.from, line.to) : std::pair(line.to, line.from);
}

/// The boxes and lines of all whom a session waits for, or who wait for it, directly and through others. Follows the
/// graph: what meets at a target in the drawing need not block each other.
class Chain
{
public:
    Chain(const WaitGraph& graph, const WaitDrawing& drawing)
        : m_graph(graph)
        , m_drawing(drawing)
    {
        for (qint32 line = 0; line < drawing.lines.size(); ++line)
            m_lines.insert({drawing.lines[line].from, drawing.lines[line].to}, line);
    }

    void follow(qint32 start, Direction direction)
    {
        QMultiHash<qint32, const WaitEdge*> edges;
        for (const WaitEdge& edge : m_graph.edges)
            edges.insert(direction == Direction::ToWaiters ? edge.blocker : edge.waiter, &edge);
        QSet<qint32> seen{start};
        QList<qint32> open{start};
        while (!open.isEmpty()) {
            const qint32 node = open.takeLast();
            addWaits(node, direction);
            const auto [begin, end] = std::as_const(edges).equal_range(node);
            for (auto edge = begin; edge != end; ++edge) {
                addEdge(**edge);
                const qint32 next = direction == Direction::ToWaiters ? (*edge)->waiter : (*edge)->blocker;
                if (!seen.contains(next)) {
                    seen.insert(next);
                    open.append(next);
                }
            }
        }
    }

    QSet<qint32> boxes;
    QSet<qint32> lines;

private:
    [[nodiscard]] qint32 boxOf(qint32 node) const { return m_drawing.indexOf(m_graph.nodes[node].id); }
    [[nodiscard]] qint32 boxOf(WaitBoxKind kind, const LockTarget& target) const
    {
        return m_drawing.indexes.value({.kind = kind, .target = target}, -1);
    }

    bool addLine(qint32 from, qint32 to)
    {
        const auto line = m_lines.constFind({from, to});
        if (line == m_lines.cend())
            return false;
        lines.insert(*line);
        boxes.insert(from);
        boxes.insert(to);
        return true;
    }

    void addEdge(const WaitEdge& edge)
    {
        const LockTarget& lock = m_graph.targets[edge.target];
        const qint32 target = boxOf(WaitBoxKind::Target, lock);
        if (!addLine(target, boxOf(edge.waiter)))
            addLine(target, boxOf(WaitBoxKind::More, lock)); // it has no box of its own
        addLine(boxOf(edge.blocker), target);
        addLine(boxOf(edge.blocker), boxOf(edge.waiter));
    }

    /// Where nobody is known to be in front of it.
    void addWaits(qint32 node, Direction direction)
    {
        if (direction == Direction::ToWaiters)
            return;
        for (const Lock& lock : m_graph.nodes[node].waits)
            addLine(boxOf(WaitBoxKind::Target, lock.target), boxOf(node));
    }

    const WaitGraph& m_graph;
    const WaitDrawing& m_drawing;
    QHash<std::pair<qint32, qint32>, qint32> m_lines;
};

} // namespace

WaitGraphCanvas::WaitGraphCanvas(const QPalette& palette, QObject* parent)
    : QGraphicsScene(parent)
    , m_look(WaitGraphLook::current(palette))
    , m_lines(new WaitLinesItem(m_look))
{
    setItemIndexMethod(QGraphicsScene::NoIndex); // boxes come and go with every poll
    setSceneRect(-canvas, -canvas, 2 * canvas, 2 * canvas);
    setBackgroundBrush(m_look.ground());
    addItem(m_lines);
    connect(&m_fading, &QVariantAnimation::valueChanged, this, [this](const QVariant& value) { fade(value.toReal()); });
    connect(&m_fading, &QVariantAnimation::finished, this, [this] { finishFading(); });
}

WaitGraphCanvas::~WaitGraphCanvas()
{
    finishFading();
}

void WaitGraphCanvas::setView(const LockViewPointer& view, std::chrono::milliseconds minimumWait,
                              const WaitNodeId& shown, std::chrono::milliseconds fadeTime)
{
    m_view = view;
    if (view && view->waits) {
        m_drawing = m_layout.update(*view->waits, {.minimumWait = minimumWait, .shown = shown});
    } else {
        m_drawing = {};
        m_layout.forget();
    }
    rebuild(fadeTime);
}

void WaitGraphCanvas::setOwnBackends(const QSet<qint32>& pids)
{
    m_ownBackends = pids;
    rebuild(std::chrono::milliseconds(0));
}

void WaitGraphCanvas::setStale(bool stale)
{
    m_look.stale = stale;
    update();
}

void WaitGraphCanvas::setPalette(const QPalette& palette)
{
    const bool stale = m_look.stale;
    m_look = WaitGraphLook::current(palette);
    m_look.stale = stale;
    finishFading();
    for (WaitBoxItem* item : std::as_const(m_items))
        item->lookChanged();
    m_lines->setStrokes(waitStrokes(m_drawing, m_look));
    measure();
    setBackgroundBrush(m_look.ground());
}

void WaitGraphCanvas::forgetPlaces()
{
    m_layout.forget();
}

/// Brings the items to the drawing.
void WaitGraphCanvas::rebuild(std::chrono::milliseconds fadeTime)
{
    finishFading();
    const bool wasEmpty = m_items.isEmpty();
    for (auto item = m_items.begin(); item != m_items.end();) {
        if (m_drawing.indexes.contains(item.key())) {
            ++item;
        } else {
            m_leaving.append(item.value());
            item = m_items.erase(item);
        }
    }
    for (const WaitBox& box : std::as_const(m_drawing.boxes)) {
        WaitBoxItem*& item = m_items[box.id];
        if (item == nullptr) {
            item = new WaitBoxItem(m_look);
            addItem(item);
            m_entering.append(item);
        }
        const bool mine = box.node >= 0 && m_ownBackends.contains(box.id.session.backend.pid);
        item->setBox(box, waitBoxText(box, *m_view, mine));
    }
    m_lines->setStrokes(waitStrokes(m_drawing, m_look));
    measure();
    setSelected(m_selected, m_focused);
    // A person who looks at an empty page waits for an answer: it comes at once.
    if (fadeTime.count() <= 0 || wasEmpty || (m_entering.isEmpty() && m_leaving.isEmpty())) {
        finishFading();
        return;
    }
    fade(0);
    m_fading.setDuration(static_cast<int>(fadeTime.count()));
    m_fading.setStartValue(0.0);
    m_fading.setEndValue(1.0);
    m_fading.start();
}

void WaitGraphCanvas::measure()
{
    m_bounds = m_lines->boundingRect();
    for (const WaitBox& box : std::as_const(m_drawing.boxes))
        m_bounds |= m_look.rect(box);
}

void WaitGraphCanvas::fade(qreal progress)
{
    for (WaitBoxItem* item : std::as_const(m_entering))
        item->setOpacity(progress);
    for (WaitBoxItem* item : std::as_const(m_leaving))
        item->setOpacity(1 - progress);
}

void WaitGraphCanvas::finishFading()
{
    m_fading.stop();
    for (WaitBoxItem* item : std::as_const(m_entering))
        item->setOpacity(1);
    m_entering.clear();
    qDeleteAll(m_leaving);
    m_leaving.clear();
}

void WaitGraphCanvas::setSelected(const WaitNodeId& id, bool focused)
{
    m_selected = id;
    m_focused = focused;
    QSet<qint32> boxes;
    QSet<qint32> lines;
    const qint32 selected = id.isNull() ? -1 : m_drawing.indexOf(id);
    if (selected >= 0) {
        Chain chain(*m_view->waits, m_drawing);
        chain.boxes.insert(selected);
        for (const Direction direction : {Direction::ToBlockers, Direction::ToWaiters})
            chain.follow(m_drawing.boxes[selected].node, direction);
        boxes = chain.boxes;
        lines = chain.lines;
    }
    for (WaitBoxItem* item : std::as_const(m_items)) {
        const qint32 box = m_drawing.indexes.value(item->box().id);
        item->setState({.selected = box == selected,
                        .focused = box == selected && focused,
                        .faded = selected >= 0 && !boxes.contains(box)});
    }
    m_lines->setChain(lines);
    update();
}

bool WaitGraphCanvas::hasCycle() const
{
    return std::any_of(m_drawing.boxes.cbegin(), m_drawing.boxes.cend(), [](const WaitBox& box) { return box.cycle; });
}

const WaitBox* WaitGraphCanvas::boxAt(const QPointF& point) const
{
    const auto box = std::find_if(m_drawing.boxes.cbegin(), m_drawing.boxes.cend(),
                                  [&](const WaitBox& candidate) { return m_look.rect(candidate).contains(point); });
    return box == m_drawing.boxes.cend() ? nullptr : &*box;
}

qsizetype WaitGraphCanvas::sessionsOutside(const QRectF& visible) const
{
    qsizetype count = 0;
    for (const WaitBox& box : m_drawing.boxes) {
        if (box.id.kind != WaitBoxKind::Target && !m_look.rect(box).intersects(visible))
            count += std::max(1, box.hidden);
    }
    return count;
}

QRectF WaitGraphCanvas::rectOf(const WaitNodeId& session) const
{
    const qint32 box = m_drawing.indexOf(session);
    return box < 0 ? QRectF() : m_look.rect(m_drawing.boxes[box]);
}

WaitNodeId WaitGraphCanvas::neighbour(const WaitNodeId& from, Qt::Key arrow) const
{
    const WaitBox* best = nullptr;
    int bestDistance = 0;
    const auto offer = [&](const WaitBox& box, int distance) {
        if (box.id.kind == WaitBoxKind::Session && box.id.session != from &&
            (best == nullptr || distance < bestDistance)) {
            best = &box;
            bestDistance = distance;
        }
    };
    const qint32 start = m_drawing.indexOf(from);
    if (start < 0) {
        for (const WaitBox& box : m_drawing.boxes)
            offer(box, (box.place.row + box.place.column) * 2 + (box.cycle ? 0 : 1));
        return best != nullptr ? best->id.session : WaitNodeId();
    }
    const WaitPlace place = m_drawing.boxes[start].place;
    if (arrow == Qt::Key_Up || arrow == Qt::Key_Down) {
        constexpr int otherColumn = 10'000; // the same column first, however far
        for (const WaitBox& box : m_drawing.boxes) {
            const int rows = (box.place.row - place.row) * (arrow == Qt::Key_Up ? -1 : 1);
            if (rows > 0)
                offer(box, rows + otherColumn * std::abs(box.place.column - place.column));
        }
        return best != nullptr ? best->id.session : WaitNodeId();
    }
    const Direction direction = arrow == Qt::Key_Right ? Direction::ToWaiters : Direction::ToBlockers;
    for (const WaitLine& line : m_drawing.lines) {
        const auto [here, target] = ends(line, direction);
        if (here != start || m_drawing.boxes[target].id.kind != WaitBoxKind::Target)
            continue;
        for (const WaitLine& next : m_drawing.lines) {
            if (const auto [middle, end] = ends(next, direction); middle == target)
                offer(m_drawing.boxes[end], std::abs(m_drawing.boxes[end].place.row - place.row));
        }
    }
    return best != nullptr ? best->id.session : WaitNodeId();
}

} // namespace lockscope
