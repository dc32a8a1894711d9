#include "models/waitlayoutgraph.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace lockscope {

namespace {

constexpr qint32 none = std::numeric_limits<qint32>::min();
constexpr qint32 unbounded = std::numeric_limits<qint32>::max();

/// Which of two reasons is drawn.
int rank(WaitEdgeKind kind)
{
    switch (kind) {
    case WaitEdgeKind::Hard:
        return 2;
    case WaitEdgeKind::Soft:
        return 1;
    case WaitEdgeKind::Unknown:
        break;
    }
    return 0;
}

WaitEdgeKind stronger(WaitEdgeKind first, WaitEdgeKind second)
{
    return rank(first) >= rank(second) ? first : second;
}

} // namespace

WaitLayoutGraph::WaitLayoutGraph(const WaitGraph& graph, std::chrono::milliseconds minimumWait, const WaitNodeId& shown,
                                 const QHash<WaitBoxId, WaitPlace>& old)
    : m_graph(graph)
    , m_minimumWait(minimumWait)
    , m_boxOfNode(graph.nodes.size(), -1)
{
    for (qint32 index = 0; index < graph.nodes.size(); ++index) {
        const WaitNode& node = graph.nodes[index];
        if (!node.isWaiting() || !counts(node))
            continue;
        for (const Lock& lock : node.waits) {
            const qint32 target = boxOf(lock.target);
            link(target, boxOf(index), WaitEdgeKind::Unknown, false);
        }
    }
    QList<qint32> boxOfTarget(graph.targets.size(), -1); // thousands of edges name a few targets
    for (const WaitEdge& edge : graph.edges) {
        const WaitNode& waiter = graph.nodes[edge.waiter];
        if (!counts(waiter))
            continue;
        const WaitNode& blocker = graph.nodes[edge.blocker];
        const bool cycle = waiter.cycle >= 0 && waiter.cycle == blocker.cycle;
        if (boxOfTarget[edge.target] < 0)
            boxOfTarget[edge.target] = boxOf(graph.targets[edge.target]);
        const qint32 target = boxOfTarget[edge.target];
        const qint32 from = boxOf(edge.blocker);
        const qint32 to = boxOf(edge.waiter);
        if (m_links.contains((static_cast<quint64>(target) << 32) | static_cast<quint64>(from))) {
            boxes[from].behind.append({to, edge.kind, cycle});
            link(target, to, edge.kind, false);
        } else {
            link(from, target, edge.kind, cycle);
            link(target, to, edge.kind, cycle);
        }
    }
    sortBlockersFirst(old);
    cutQueues(chainOf(shown));
}

bool WaitLayoutGraph::counts(const WaitNode& node) const
{
    // Without the start of a wait nobody can say that it is short; and one that a longer one hangs on is not the root.
    return m_minimumWait.count() == 0 || !node.waitingSince || node.cycle >= 0 ||
           m_graph.takenAt - *node.waitingSince >= m_minimumWait || node.longestWaitBehind >= m_minimumWait;
}

qint32 WaitLayoutGraph::boxOf(qint32 node)
{
    qint32& box = m_boxOfNode[node];
    if (box < 0) {
        box = static_cast<qint32>(boxes.size());
        const WaitNode& value = m_graph.nodes[node];
        boxes.append(
            {.id = {.kind = WaitBoxKind::Session, .session = value.id}, .node = node, .cycle = value.cycle >= 0});
    }
    return box;
}

qint32 WaitLayoutGraph::boxOf(const LockTarget& target)
{
    const auto known = m_boxOfTarget.constFind(target);
    if (known != m_boxOfTarget.cend())
        return *known;
    const auto box = static_cast<qint32>(boxes.size());
    m_boxOfTarget.insert(target, box);
    boxes.append({.id = {.kind = WaitBoxKind::Target, .target = target}});
    return box;
}

void WaitLayoutGraph::link(qint32 from, qint32 to, WaitEdgeKind kind, bool cycle)
{
    const quint64 key = (static_cast<quint64>(from) << 32) | static_cast<quint64>(to);
    const auto known = m_links.constFind(key);
    if (known == m_links.cend()) {
        m_links.insert(
            key, {static_cast<qint32>(boxes[from].waiters.size()), static_cast<qint32>(boxes[to].blockers.size())});
        boxes[from].waiters.append({to, kind, cycle});
        boxes[to].blockers.append({from, kind, cycle});
    } else {
        for (WaitLayoutLink* end : {&boxes[from].waiters[known->first], &boxes[to].blockers[known->second]}) {
            end->kind = stronger(end->kind, kind);
            end->cycle = end->cycle || cycle;
        }
    }
    if (cycle) {
        for (const qint32 end : {from, to})
            boxes[end].cycle = true;
    }
}

/// The session and everything in front of it.
QSet<qint32> WaitLayoutGraph::chainOf(const WaitNodeId& shown) const
{
    QSet<qint32> result;
    const qint32 node = m_graph.indexes.value(shown, -1);
    if (shown.isNull() || node < 0 || m_boxOfNode[node] < 0)
        return result;
    QList<qint32> open{m_boxOfNode[node]};
    while (!open.isEmpty()) {
        const qint32 box = open.takeLast();
        if (result.contains(box))
            continue;
        result.insert(box);
        for (const WaitLayoutLink& link : boxes[box].blockers)
            open.append(link.box);
    }
    return result;
}

void WaitLayoutGraph::sortBlockersFirst(const QHash<WaitBoxId, WaitPlace>& old)
{
    QList<qint32> open(boxes.size());
    QList<qint32> inCycles;
    QList<qint32> all;
    m_position.fill(-1, boxes.size());
    for (qint32 index = 0; index < boxes.size(); ++index) {
        open[index] = static_cast<qint32>(boxes[index].blockers.size());
        if (open[index] == 0)
            m_order.append(index);
        if (boxes[index].node < 0)
            continue;
        (boxes[index].cycle ? inCycles : all).append(index);
    }
    // A deadlock has no beginning: it is cut in front of the session that stands leftmost already, or the first by id.
    // The sessions outside of one only stand here for graphs that do not mark all their cycles.
    const auto leftmostFirst = [&](qint32 a, qint32 b) {
        const auto first = old.value(boxes[a].id, {unbounded, 0}).column;
        const auto second = old.value(boxes[b].id, {unbounded, 0}).column;
        return first != second ? first < second : boxes[a].node < boxes[b].node;
    };
    std::sort(inCycles.begin(), inCycles.end(), leftmostFirst);
    std::sort(all.begin(), all.end(), leftmostFirst);
    inCycles.append(all);
    qsizetype nextCut = 0;
    QList<bool> queued(boxes.size(), false);
    for (const qint32 index : std::as_const(m_order))
        queued[index] = true;
    for (qsizetype next = 0; next < boxes.size(); ++next) {
        if (next == m_order.size()) {
            while (nextCut < inCycles.size() && queued[inCycles[nextCut]])
                ++nextCut;
            if (nextCut == inCycles.size())
                break;
            m_order.append(inCycles[nextCut]);
            queued[inCycles[nextCut]] = true;
        }
        const qint32 index = m_order[next];
        m_position[index] = static_cast<qint32>(next);
        for (const WaitLayoutLink& link : std::as_const(boxes[index].waiters)) {
            if (--open[link.box] == 0 && !queued[link.box]) {
                m_order.append(link.box);
                queued[link.box] = true;
            }
        }
    }
}

bool WaitLayoutGraph::waitsLonger(qint32 first, qint32 second) const
{
    const WaitNode& a = m_graph.nodes[boxes[first].node];
    const WaitNode& b = m_graph.nodes[boxes[second].node];
    if (a.waitingSince && b.waitingSince && *a.waitingSince != *b.waitingSince)
        return *a.waitingSince < *b.waitingSince;
    if (a.waitingSince.has_value() != b.waitingSince.has_value())
        return a.waitingSince.has_value();
    return boxes[first].node < boxes[second].node;
}

void WaitLayoutGraph::cutQueues(const QSet<qint32>& pinned)
{
    const qsizetype drawn = boxes.size(); // cutting appends boxes
    QList<bool> waited(drawn);
    for (qsizetype index = 0; index < drawn; ++index)
        waited[index] = !boxes[index].blockers.isEmpty();
    for (qsizetype position = 0; position < drawn; ++position) {
        const qint32 index = m_order[position];
        WaitLayoutBox& box = boxes[index];
        // Of a deadlock some are not reached yet: they count as visible.
        box.visible =
            !waited[index] || std::any_of(box.blockers.cbegin(), box.blockers.cend(),
                                          [this](const WaitLayoutLink& blocker) { return boxes[blocker.box].visible; });
        if (!box.visible || box.id.kind != WaitBoxKind::Target)
            continue;
        std::sort(box.waiters.begin(), box.waiters.end(),
                  [this](const WaitLayoutLink& a, const WaitLayoutLink& b) { return waitsLonger(a.box, b.box); });
        if (box.waiters.size() > WaitLayout::longestQueue)
            cutQueue(index, pinned);
    }
}

/// Keeps who is asked for, who others wait for, and who waits longest; the rest becomes one box.
void WaitLayoutGraph::cutQueue(qint32 target, const QSet<qint32>& pinned)
{
    QList<WaitLayoutLink> links = boxes[target].waiters;
    const auto importance = [&](const WaitLayoutLink& link) {
        const WaitLayoutBox& box = boxes[link.box];
        return box.cycle ? 3 : pinned.contains(link.box) ? 2 : box.waiters.isEmpty() ? 0 : 1;
    };
    std::stable_sort(links.begin(), links.end(),
                     [&](const WaitLayoutLink& a, const WaitLayoutLink& b) { return importance(a) > importance(b); });
    WaitLayoutLink more{.box = static_cast<qint32>(boxes.size())};
    for (qsizetype rest = WaitLayout::longestQueue - 1; rest < links.size(); ++rest) {
        more.kind = stronger(more.kind, links[rest].kind);
        boxes[links[rest].box].blockers.removeIf([target](const WaitLayoutLink& link) { return link.box == target; });
    }
    const qsizetype hidden = links.size() - (WaitLayout::longestQueue - 1);
    links.resize(WaitLayout::longestQueue - 1);
    std::sort(links.begin(), links.end(),
              [this](const WaitLayoutLink& a, const WaitLayoutLink& b) { return waitsLonger(a.box, b.box); });
    links.append(more);
    boxes[target].waiters = links;
    boxes.append({.id = {.kind = WaitBoxKind::More, .target = boxes[target].id.target},
                  .hidden = static_cast<qint32>(hidden),
                  .blockers = {{target, more.kind, false}}});
    m_position.append(static_cast<qint32>(m_order.size()));
    m_order.append(more.box);
}

void WaitLayoutGraph::giveColumns(const QHash<WaitBoxId, WaitPlace>& old)
{
    QList<qint32> before(boxes.size(), none);
    for (qsizetype index = 0; index < boxes.size(); ++index) {
        const auto place = old.constFind(boxes[index].id);
        if (place != old.cend())
            before[index] = place->column;
    }
    // A line of a deadlock that runs backwards binds nobody.
    const auto forwards = [this](qint32 from, qint32 to) { return m_position[from] < m_position[to]; };
    QList<qint32> limit(boxes.size(), unbounded);
    for (auto index = m_order.crbegin(); index != m_order.crend(); ++index) {
        for (const WaitLayoutLink& link : std::as_const(boxes[*index].waiters)) {
            if (!boxes[link.box].visible || !forwards(*index, link.box))
                continue;
            const qint32 next = before[link.box] != none ? before[link.box] : limit[link.box];
            if (next != unbounded)
                limit[*index] = std::min(limit[*index], next - 1);
        }
    }
    for (const qint32 index : std::as_const(m_order)) {
        WaitLayoutBox& box = boxes[index];
        if (!box.visible)
            continue;
        qint32 needed = none;
        for (const WaitLayoutLink& link : std::as_const(box.blockers)) {
            if (boxes[link.box].visible && forwards(link.box, index))
                needed = std::max(needed, boxes[link.box].place.column + 1);
        }
        qint32 column = before[index];
        if (column == none && needed != none)
            column = needed;
        if (column == none)
            column = limit[index] != unbounded ? limit[index] : box.id.kind == WaitBoxKind::Target ? -1 : 0;
        box.place.column = std::max(std::min(column, limit[index]), needed);
    }
}

QList<qint32> WaitLayoutGraph::rootsFirst() const
{
    QList<qint32> result;
    QSet<qint32> added;
    const auto add = [&](qint32 box) {
        if (box >= 0 && boxes[box].visible && !added.contains(box)) {
            added.insert(box);
            result.append(box);
        }
    };
    for (const QList<qint32>& cycle : m_graph.cycles) { // the worst first
        for (const qint32 index : m_order) {
            if (boxes[index].node >= 0 && cycle.contains(boxes[index].node)) {
                add(index);
                break;
            }
        }
    }
    for (const qint32 root : m_graph.roots)
        add(m_boxOfNode[root]);
    for (const qint32 index : m_order)
        add(index);
    return result;
}

} // namespace lockscope
