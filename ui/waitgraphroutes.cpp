#include "ui/waitgraphroutes.h"

#include "ui/waitgraphlook.h"

#include <QHash>
#include <QMap>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

namespace lockscope {

namespace {

/// An upright part in the gap left of a column; gets a track of its own.
struct Run
{
    qint32 gap = 0;
    qreal top = 0;
    qreal bottom = 0;
    qreal x = 0;
};

struct FanEnd
{
    qreal y = 0;
    qint32 line = -1;
};

/// All lines on one side of a target.
struct Fan
{
    qreal hubX = 0;
    qreal hubY = 0;
    qreal endX = 0;
    qint32 gap = 0;
    qsizetype run = -1;
    QList<FanEnd> ends = {};
};

/// A line that does not go from a column to the next.
struct Detour
{
    qint32 line = -1;
    QPointF from = {};
    QPointF to = {};
    qreal channel = 0;
    qsizetype firstRun = -1;
    qsizetype secondRun = -1; ///< -1: back to the side it came from
};

QPainterPath roundedLine(const QList<QPointF>& points, qreal radius)
{
    QPainterPath path(points.first());
    for (qsizetype index = 1; index + 1 < points.size(); ++index) {
        const QLineF in(points[index], points[index - 1]);
        const QLineF out(points[index], points[index + 1]);
        const qreal cut = std::min({radius, in.length() / 2, out.length() / 2});
        if (cut <= 0)
            continue;
        path.lineTo(in.pointAt(cut / in.length()));
        path.quadTo(points[index], out.pointAt(cut / out.length()));
    }
    path.lineTo(points.last());
    return path;
}

bool isStronger(WaitEdgeKind kind, WaitEdgeKind than)
{
    const auto rank = [](WaitEdgeKind value) {
        return value == WaitEdgeKind::Hard ? 2 : value == WaitEdgeKind::Soft ? 1 : 0;
    };
    return rank(kind) > rank(than);
}

class Router
{
public:
    Router(const WaitDrawing& drawing, const WaitGraphLook& look)
        : m_drawing(drawing)
        , m_look(look)
    {
    }

    QList<WaitStroke> strokes()
    {
        for (qint32 index = 0; index < m_drawing.lines.size(); ++index)
            sort(index);
        for (auto* fans : {&m_fansIn, &m_fansOut}) {
            for (Fan& fan : *fans)
                openRun(fan);
        }
        giveTracks();
        for (const auto* fans : {&m_fansIn, &m_fansOut}) {
            for (const Fan& fan : *fans)
                draw(fan);
        }
        for (const Detour& detour : std::as_const(m_detours))
            draw(detour);
        return m_strokes;
    }

private:
    [[nodiscard]] const WaitBox& from(qint32 line) const { return m_drawing.boxes[m_drawing.lines[line].from]; }
    [[nodiscard]] const WaitBox& to(qint32 line) const { return m_drawing.boxes[m_drawing.lines[line].to]; }

    void sort(qint32 line)
    {
        const WaitLine& value = m_drawing.lines[line];
        const WaitBox& front = from(line);
        const WaitBox& back = to(line);
        const QRectF first = m_look.rect(front);
        const QRectF second = m_look.rect(back);
        if (front.id.kind == WaitBoxKind::Session && back.id.kind == WaitBoxKind::Session) {
            sortQueue(line, front, back, first, second);
        } else if (back.place.column == front.place.column + 1) {
            const bool in = back.id.kind == WaitBoxKind::Target;
            Fan& fan = in ? m_fansIn[value.to] : m_fansOut[value.from];
            fan.hubX = in ? second.left() : first.right();
            fan.hubY = (in ? second : first).center().y();
            fan.endX = in ? first.right() : second.left();
            fan.ends.append({(in ? first : second).center().y(), line});
            fan.gap = back.place.column;
        } else {
            detour(line, {first.right(), first.center().y()}, {second.left(), second.center().y()}, front, back);
        }
    }

    /// Who stands behind whom in one queue: neighbours are joined directly.
    void sortQueue(qint32 line, const WaitBox& front, const WaitBox& back, const QRectF& first, const QRectF& second)
    {
        const WaitLine& value = m_drawing.lines[line];
        if (front.place.column == back.place.column && std::abs(front.place.row - back.place.row) == 1) {
            const bool down = front.place.row < back.place.row;
            const qreal x = first.left() + (down ? 3 : 5) * m_look.grid;
            QPainterPath path(QPointF(x, down ? first.bottom() : first.top()));
            path.lineTo(x, down ? second.top() : second.bottom());
            m_strokes.append({path, value.kind, value.cycle, {line}});
        } else if (front.place.column == back.place.column) {
            const qreal shift = first.height() / 4;
            const bool down = front.place.row < back.place.row;
            const QPointF start(first.right(), first.center().y() + (down ? shift : -shift));
            const QPointF end(second.right(), second.center().y() + (down ? -shift : shift));
            m_detours.append({line, start, end, 0, addRun(front.place.column + 1, start.y(), end.y()), -1});
        } else {
            const qreal shift = first.height() / 4;
            detour(line, {first.right(), first.center().y() + shift}, {second.left(), second.center().y() + shift},
                   front, back);
        }
    }

    void detour(qint32 line, const QPointF& start, const QPointF& end, const WaitBox& front, const WaitBox& back)
    {
        const bool backwards = back.place.column <= front.place.column;
        const qint32 row = backwards || front.place.row == back.place.row ? std::max(front.place.row, back.place.row)
                           : front.place.row < back.place.row             ? back.place.row - 1
                                                                          : back.place.row;
        // Lines in one channel run beside each other.
        static constexpr std::array<qreal, 5> shifts{0, 1, -1, 2, -2};
        const auto use = static_cast<std::size_t>(m_channelUse[row]++);
        const qreal channel = m_look.channel(row) + shifts[use % shifts.size()] * m_look.rowGap / 6;
        const qsizetype first = addRun(front.place.column + 1, start.y(), channel);
        const qsizetype second = addRun(back.place.column, channel, end.y());
        m_detours.append({line, start, end, channel, first, second});
    }

    qsizetype addRun(qint32 gap, qreal first, qreal second)
    {
        m_runs.append({gap, std::min(first, second), std::max(first, second), 0});
        return m_runs.size() - 1;
    }

    void openRun(Fan& fan)
    {
        std::sort(fan.ends.begin(), fan.ends.end(), [](const FanEnd& a, const FanEnd& b) { return a.y < b.y; });
        const qreal top = std::min(fan.hubY, fan.ends.first().y);
        const qreal bottom = std::max(fan.hubY, fan.ends.last().y);
        if (bottom - top > 0.5)
            fan.run = addRun(fan.gap, top, bottom);
    }

    void giveTracks()
    {
        QMap<qint32, QList<qsizetype>> gaps;
        for (qsizetype run = 0; run < m_runs.size(); ++run)
            gaps[m_runs[run].gap].append(run);
        for (auto gap = gaps.begin(); gap != gaps.end(); ++gap) {
            std::stable_sort(gap->begin(), gap->end(),
                             [this](qsizetype a, qsizetype b) { return m_runs[a].top < m_runs[b].top; });
            QList<qreal> ends; // of each track
            QList<qsizetype> tracks;
            for (const qsizetype run : std::as_const(*gap)) {
                const auto free = std::find_if(ends.begin(), ends.end(),
                                               [&](qreal end) { return end + m_look.grid / 2 < m_runs[run].top; });
                const qsizetype track = std::distance(ends.begin(), free);
                if (free == ends.end())
                    ends.append(m_runs[run].bottom);
                else
                    *free = m_runs[run].bottom;
                tracks.append(track);
            }
            const qreal left = m_look.gapLeft(gap.key());
            const qreal step = (m_look.gapRight(gap.key()) - left) / static_cast<qreal>(ends.size() + 1);
            for (qsizetype index = 0; index < tracks.size(); ++index)
                m_runs[(*gap)[index]].x = std::round(left + step * static_cast<qreal>(tracks[index] + 1)) + 0.5;
        }
    }

    void add(const QList<QPointF>& points, const QList<qint32>& lines)
    {
        WaitStroke stroke{.path = roundedLine(points, m_look.grid), .lines = lines};
        for (const qint32 line : lines) {
            const WaitLine& value = m_drawing.lines[line];
            if (isStronger(value.kind, stroke.kind))
                stroke.kind = value.kind;
            stroke.cycle = stroke.cycle || value.cycle;
        }
        m_strokes.append(stroke);
    }

    void draw(const Fan& fan)
    {
        QList<qint32> all;
        for (const FanEnd& end : fan.ends)
            all.append(end.line);
        if (fan.run < 0) {
            add({{fan.hubX, fan.hubY}, {fan.endX, fan.ends.first().y}}, all);
            return;
        }
        const qreal x = m_runs[fan.run].x;
        add({{fan.hubX, fan.hubY}, {x, fan.hubY}}, all);
        QList<FanEnd> above;
        QList<FanEnd> below;
        for (const FanEnd& end : fan.ends) {
            if (std::abs(end.y - fan.hubY) <= 0.5)
                add({{x, fan.hubY}, {fan.endX, end.y}}, {end.line});
            else
                (end.y < fan.hubY ? above : below).append(end);
        }
        std::reverse(above.begin(), above.end());
        for (const QList<FanEnd>& side : {above, below}) {
            qreal y = fan.hubY;
            QList<qint32> further;
            for (const FanEnd& end : side)
                further.append(end.line);
            for (const FanEnd& end : side) {
                const qreal corner = end.y > y ? std::max(y, end.y - m_look.grid) : std::min(y, end.y + m_look.grid);
                add({{x, y}, {x, corner}}, further);
                further.removeFirst();
                add({{x, corner}, {x, end.y}, {fan.endX, end.y}}, {end.line});
                y = corner;
            }
        }
    }

    void draw(const Detour& detour)
    {
        const qreal first = m_runs[detour.firstRun].x;
        if (detour.secondRun < 0) {
            add({detour.from, {first, detour.from.y()}, {first, detour.to.y()}, detour.to}, {detour.line});
            return;
        }
        const qreal second = m_runs[detour.secondRun].x;
        add({detour.from,
             {first, detour.from.y()},
             {first, detour.channel},
             {second, detour.channel},
             {second, detour.to.y()},
             detour.to},
            {detour.line});
    }

    const WaitDrawing& m_drawing;
    const WaitGraphLook& m_look;
    QMap<qint32, Fan> m_fansIn; ///< by target
    QMap<qint32, Fan> m_fansOut;
    QHash<qint32, qint32> m_channelUse;
    QList<Detour> m_detours;
    QList<Run> m_runs;
    QList<WaitStroke> m_strokes;
};

} // namespace

QList<WaitStroke> waitStrokes(const WaitDrawing& drawing, const WaitGraphLook& look)
{
    return Router(drawing, look).strokes();
}

} // namespace lockscope
