#include "ui/lab/plotpainter.h"

#include "ui/quietpaint.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace lockscope {

namespace {

constexpr qreal pointSize = 7;

QString axisTitle(const PlotAxis& axis)
{
    return axis.unit.isEmpty() || axis.unit == QLatin1String("%") ? axis.title
                                                                  : QStringLiteral("%1, %2").arg(axis.title, axis.unit);
}

QString tickText(double value, const PlotAxis& axis)
{
    PlotAxis bare = axis;
    if (bare.unit != QLatin1String("%"))
        bare.unit.clear(); // the title says it
    bare.wholeNumbers = false;
    return plotValue(value, bare);
}

void paintShape(QPainter* painter, const QPointF& center, PlotShape shape, qreal size)
{
    const qreal half = size / 2;
    const auto at = [&center](qreal x, qreal y) { return center + QPointF(x, y); };
    switch (shape) {
    case PlotShape::Disc:
    case PlotShape::Ring:
        painter->drawEllipse(center, half, half);
        break;
    case PlotShape::Square:
        painter->drawRect(QRectF(at(-half * 0.9, -half * 0.9), at(half * 0.9, half * 0.9)));
        break;
    case PlotShape::Diamond:
        painter->drawPolygon(QPolygonF({at(0, -half * 1.2), at(half * 1.2, 0), at(0, half * 1.2), at(-half * 1.2, 0)}));
        break;
    case PlotShape::Triangle:
        painter->drawPolygon(QPolygonF({at(0, -half * 1.1), at(half * 1.1, half), at(-half * 1.1, half)}));
        break;
    }
}

bool isBars(PlotMark mark)
{
    return mark == PlotMark::Bars || mark == PlotMark::Histogram;
}

} // namespace

PlotPainter::PlotPainter(const Plot& plot, const QRectF& rect, const LabLook& look)
    : m_plot(plot)
    , m_look(look)
    , m_rect(rect)
    , m_line(std::ceil(QFontMetricsF(look.font).height()))
{
    m_barSeries = std::count_if(plot.series.cbegin(), plot.series.cend(),
                                [](const PlotSeries& one) { return one.mark == PlotMark::Bars; });
    const qreal gap = look.grid / 2;
    m_legend = QRectF(rect.left(), rect.top(), rect.width(), 0);
    m_legend.setHeight(layLegend(nullptr, m_legend));
    const qreal top = m_legend.bottom() + (plot.y.title.isEmpty() ? 0 : m_line) + look.grid;
    const qreal bottom = rect.bottom() - m_line - gap - (plot.x.title.isEmpty() ? 0 : m_line);
    scaleY(std::clamp(static_cast<int>((bottom - top) / (1.6 * m_line)), 2, 9));
    qreal widest = 0;
    const QFontMetricsF metrics(look.font);
    for (const double tick : std::as_const(m_y.ticks))
        widest = std::max(widest, metrics.horizontalAdvance(tickText(tick, plot.y)));
    const qreal left = rect.left() + std::ceil(widest) + look.grid;
    const qreal right = rect.right() - 1.5 * look.grid;
    m_area = QRectF(QPointF(left, top), QPointF(std::max(left + 1, right), std::max(top + 1, bottom)));
    scaleX(std::clamp(static_cast<int>(m_area.width() / (5 * look.grid)), 2, 17));
}

double PlotPainter::smallestGap() const
{
    QList<double> places;
    for (const PlotSeries& one : m_plot.series) {
        for (const PlotPoint& point : one.points)
            places.append(point.x);
    }
    std::sort(places.begin(), places.end());
    double gap = std::numeric_limits<double>::max();
    for (qsizetype index = 1; index < places.size(); ++index) {
        if (places.at(index) > places.at(index - 1))
            gap = std::min(gap, places.at(index) - places.at(index - 1));
    }
    return gap == std::numeric_limits<double>::max() ? 1 : gap;
}

void PlotPainter::scaleX(int most)
{
    const PlotAxis& axis = m_plot.x;
    if (!axis.categories.isEmpty()) {
        m_x = {};
        m_x.from = -0.5;
        m_x.to = static_cast<double>(axis.categories.size()) - 0.5;
        for (qsizetype index = 0; index < axis.categories.size(); ++index)
            m_x.ticks.append(static_cast<double>(index));
        return;
    }
    double from = std::numeric_limits<double>::max();
    double to = std::numeric_limits<double>::lowest();
    for (const PlotSeries& one : m_plot.series) {
        for (const PlotPoint& point : one.points) {
            if (axis.logarithmic && point.x <= 0)
                continue;
            from = std::min(from, point.x);
            to = std::max({to, point.x, point.upTo.value_or(point.x)});
        }
    }
    if (from > to)
        from = to = axis.logarithmic ? 1 : 0;
    if (m_barSeries > 0) {
        const double half = smallestGap() / 2;
        from -= half;
        to += half;
    }
    from = std::min(from, axis.least.value_or(from));
    to = std::max(to, axis.most.value_or(to));
    if (axis.fromZero && !axis.logarithmic)
        from = std::min(from, 0.0);
    m_x = axis.logarithmic ? powersOfTen(from, to) : niceScale(from, to, most, axis.wholeNumbers);
}

void PlotPainter::scaleY(int most)
{
    const PlotAxis& axis = m_plot.y;
    double from = std::numeric_limits<double>::max();
    double to = std::numeric_limits<double>::lowest();
    for (const PlotSeries& one : m_plot.series) {
        for (const PlotPoint& point : one.points) {
            for (const double value : {point.y, point.low.value_or(point.y), point.high.value_or(point.y)}) {
                if (axis.logarithmic && value <= 0)
                    continue;
                from = std::min(from, value);
                to = std::max(to, value);
            }
        }
    }
    if (from > to)
        from = to = axis.logarithmic ? 1 : 0;
    from = std::min(from, axis.least.value_or(from));
    to = std::max(to, axis.most.value_or(to));
    const bool bars = std::any_of(m_plot.series.cbegin(), m_plot.series.cend(),
                                  [](const PlotSeries& one) { return isBars(one.mark); });
    if ((axis.fromZero || bars) && !axis.logarithmic) {
        from = std::min(from, 0.0);
        to = std::max(to, 0.0);
    }
    m_y = axis.logarithmic ? powersOfTen(from, to) : niceScale(from, to, most, axis.wholeNumbers);
}

QPointF PlotPainter::place(double x, double y) const
{
    return {m_area.left() + m_x.fraction(x) * m_area.width(), m_area.bottom() - m_y.fraction(y) * m_area.height()};
}

QColor PlotPainter::colorOf(const PlotSeries& series) const
{
    return theme::color(series.tone, m_look.palette);
}

qsizetype PlotPainter::barNumber(const PlotSeries& series) const
{
    qsizetype number = 0;
    for (const PlotSeries& one : m_plot.series) {
        if (&one == &series)
            break;
        number += isBars(one.mark) ? 1 : 0;
    }
    return number;
}

QBrush PlotPainter::fillOf(const PlotSeries& series) const
{
    // Told apart by pattern too, not by colour alone.
    static constexpr std::array patterns{Qt::SolidPattern, Qt::BDiagPattern, Qt::Dense4Pattern, Qt::FDiagPattern};
    const auto pattern = patterns.at(static_cast<std::size_t>(barNumber(series)) % patterns.size());
    QColor color = colorOf(series);
    if (pattern == Qt::SolidPattern)
        color = quietpaint::blend(color, m_look.palette.color(QPalette::Active, QPalette::Base), 0.35);
    return QBrush(color, pattern);
}

qreal PlotPainter::layLegend(QPainter* painter, const QRectF& rect) const
{
    if (m_plot.series.size() < 2)
        return 0;
    const QFontMetricsF metrics(m_look.font);
    const qreal swatch = 3 * m_look.grid;
    QPointF at = rect.topLeft();
    for (const PlotSeries& one : m_plot.series) {
        const qreal width =
            std::min(rect.width(), swatch + m_look.grid / 2 + std::ceil(metrics.horizontalAdvance(one.name)) + 1);
        if (at.x() > rect.left() && at.x() + width > rect.right())
            at = {rect.left(), at.y() + m_line + 2};
        if (painter != nullptr) {
            paintSwatch(painter, QRectF(at.x(), at.y(), swatch, m_line), one);
            labdrawing::paintText(
                painter, QRectF(at.x() + swatch + m_look.grid / 2, at.y(), width - swatch - m_look.grid / 2, m_line),
                one.name, m_look.font, m_look.palette.color(QPalette::Active, QPalette::Text));
        }
        at.rx() += width + 2 * m_look.grid;
    }
    return at.y() + m_line - rect.top() + m_look.grid / 2;
}

void PlotPainter::paintSwatch(QPainter* painter, const QRectF& rect, const PlotSeries& series) const
{
    const QColor color = colorOf(series);
    const QPointF middle = rect.center();
    painter->setPen(QPen(color, 1.5, series.mark == PlotMark::Reference ? Qt::DashLine : Qt::SolidLine));
    if (isBars(series.mark)) {
        painter->setPen(QPen(color, 1));
        painter->setBrush(fillOf(series));
        painter->drawRect(QRectF(rect.left() + 0.5, std::round(middle.y() - m_line * 0.3) + 0.5, rect.width() - 1,
                                 std::round(m_line * 0.6)));
        return;
    }
    if (series.mark != PlotMark::Points)
        painter->drawLine(QPointF(rect.left(), middle.y()), QPointF(rect.right(), middle.y()));
    if (series.mark != PlotMark::Reference) {
        painter->setPen(QPen(color, 1.5));
        painter->setBrush(series.shape == PlotShape::Ring ? m_look.palette.color(QPalette::Active, QPalette::Base)
                                                          : color);
        paintShape(painter, middle, series.shape, pointSize);
    }
}

void PlotPainter::paint(QPainter* painter, std::optional<double> marked) const
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    layLegend(painter, m_legend);
    paintAxes(painter);
    if (marked) {
        const qreal x = place(*marked, m_y.from).x();
        painter->setPen(QPen(theme::mutedText(m_look.palette), 1, Qt::DotLine));
        painter->drawLine(QPointF(x, m_area.top()), QPointF(x, m_area.bottom()));
    }
    for (const PlotSeries& one : m_plot.series) {
        if (isBars(one.mark))
            paintBars(painter, one);
    }
    for (const PlotSeries& one : m_plot.series) {
        if (!isBars(one.mark))
            paintSeries(painter, one, marked);
    }
    painter->restore();
}

void PlotPainter::paintAxes(QPainter* painter) const
{
    const QColor muted = theme::mutedText(m_look.palette);
    const QColor hairline = theme::hairline(m_look.palette);
    const qreal gap = m_look.grid / 2;
    if (!m_plot.y.title.isEmpty())
        labdrawing::paintText(painter, QRectF(m_rect.left(), m_legend.bottom(), m_rect.width(), m_line),
                              axisTitle(m_plot.y), m_look.font, muted);
    for (const double tick : m_y.ticks) {
        const qreal y = std::round(place(m_x.from, tick).y()) + 0.5;
        painter->setPen(QPen(hairline, 1));
        painter->drawLine(QPointF(m_area.left(), y), QPointF(m_area.right(), y));
        labdrawing::paintText(painter,
                              QRectF(m_rect.left(), y - m_line / 2, m_area.left() - gap - m_rect.left(), m_line),
                              tickText(tick, m_plot.y), m_look.font, muted, Qt::AlignRight | Qt::AlignVCenter);
    }
    painter->setPen(QPen(muted, 1));
    const qreal base = std::round(m_area.bottom()) + 0.5;
    painter->drawLine(QPointF(m_area.left(), base), QPointF(m_area.right(), base));

    // As many words as fit beside each other.
    const QFontMetricsF metrics(m_look.font);
    qreal free = -std::numeric_limits<qreal>::max();
    const qreal room =
        m_x.ticks.size() < 2 ? m_area.width() : place(m_x.ticks.at(1), 0).x() - place(m_x.ticks.at(0), 0).x();
    for (const double tick : m_x.ticks) {
        const qreal x = std::round(place(tick, m_y.from).x()) + 0.5;
        painter->setPen(QPen(muted, 1));
        painter->drawLine(QPointF(x, base), QPointF(x, base + 3));
        const QString words = tickText(tick, m_plot.x);
        const qreal width = m_plot.x.categories.isEmpty() ? std::ceil(metrics.horizontalAdvance(words)) + 1
                                                          : std::min(std::ceil(metrics.horizontalAdvance(words)) + 1,
                                                                     std::max(room - gap, 4 * m_look.grid));
        if (x - width / 2 < free)
            continue;
        free = x + width / 2 + gap;
        labdrawing::paintText(painter, QRectF(x - width / 2, base + gap, width, m_line), words, m_look.font, muted,
                              Qt::AlignCenter);
    }
    if (!m_plot.x.title.isEmpty())
        labdrawing::paintText(painter, QRectF(m_area.left(), m_rect.bottom() - m_line, m_area.width(), m_line),
                              axisTitle(m_plot.x), m_look.font, muted, Qt::AlignCenter);
}

void PlotPainter::paintBars(QPainter* painter, const PlotSeries& series) const
{
    const qreal base = std::round(m_area.bottom() -
                                  std::clamp(m_y.fraction(m_y.logarithmic ? m_y.from : 0), 0.0, 1.0) * m_area.height());
    const double gap = m_plot.x.categories.isEmpty() ? smallestGap() : 1;
    const qreal slot = std::abs(place(m_x.from + gap, 0).x() - place(m_x.from, 0).x());
    const auto bars = static_cast<qreal>(std::max<qsizetype>(1, m_barSeries));
    const qreal width = std::clamp(slot * 0.7 / bars, 2.0, 6 * m_look.grid);
    qreal number = 0;
    for (const PlotSeries& one : m_plot.series) {
        if (&one == &series)
            break;
        number += one.mark == PlotMark::Bars ? 1 : 0;
    }
    painter->setPen(QPen(colorOf(series), 1));
    painter->setBrush(fillOf(series));
    for (const PlotPoint& point : series.points) {
        const QPointF top = place(point.x, point.y);
        QRectF bar;
        if (series.mark == PlotMark::Histogram)
            bar = QRectF(QPointF(top.x(), top.y()), QPointF(place(point.upTo.value_or(point.x + gap), 0).x(), base));
        else
            bar = QRectF(QPointF(top.x() + (number - bars / 2) * width, top.y()), QSizeF(width, base - top.y()));
        bar = bar.normalized();
        if (point.y != 0)
            painter->drawRect(QRectF(QPointF(std::round(bar.left()) + 0.5, std::round(bar.top()) + 0.5),
                                     QPointF(std::max(std::round(bar.left()) + 1.5, std::round(bar.right()) - 0.5),
                                             std::round(bar.bottom()) + 0.5)));
    }
}

void PlotPainter::paintSeries(QPainter* painter, const PlotSeries& series, std::optional<double> marked) const
{
    painter->save();
    painter->setClipRect(m_area.adjusted(-pointSize, -pointSize, pointSize, pointSize));
    if (series.mark == PlotMark::Line || series.mark == PlotMark::Reference)
        paintLines(painter, series);
    paintWhiskers(painter, series);
    if (series.mark != PlotMark::Reference)
        paintPoints(painter, series, marked);
    painter->restore();
}

void PlotPainter::paintLines(QPainter* painter, const PlotSeries& series) const
{
    QPainterPath path;
    for (const PlotPoint& point : series.points) {
        const QPointF at = place(point.x, point.y);
        if (path.elementCount() == 0) {
            path.moveTo(at);
            continue;
        }
        if (series.stepped)
            path.lineTo(at.x(), path.currentPosition().y());
        path.lineTo(at);
    }
    QPen pen(colorOf(series), 1.5, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin);
    if (series.mark == PlotMark::Reference)
        pen.setDashPattern({4, 3});
    painter->setPen(pen);
    painter->setBrush(Qt::NoBrush);
    painter->drawPath(path);
    if (series.mark == PlotMark::Reference && series.points.size() == 1) {
        const qreal y = place(series.points.first().x, series.points.first().y).y();
        painter->drawLine(QPointF(m_area.left(), y), QPointF(m_area.right(), y));
    }
}

void PlotPainter::paintWhiskers(QPainter* painter, const PlotSeries& series) const
{
    painter->setPen(QPen(colorOf(series), 1));
    const qreal cap = m_look.grid / 2;
    for (const PlotPoint& point : series.points) {
        if (!point.low || !point.high)
            continue;
        const QPointF low = place(point.x, *point.low);
        const QPointF high = place(point.x, *point.high);
        painter->drawLine(low, high);
        painter->drawLine(low - QPointF(cap, 0), low + QPointF(cap, 0));
        painter->drawLine(high - QPointF(cap, 0), high + QPointF(cap, 0));
    }
}

void PlotPainter::paintPoints(QPainter* painter, const PlotSeries& series, std::optional<double> marked) const
{
    const QColor color = colorOf(series);
    const QColor ground = m_look.palette.color(QPalette::Active, QPalette::Base);
    const bool quiet = series.mark == PlotMark::Line && series.points.size() > 60; // a line of beads says no more
    for (const PlotPoint& point : series.points) {
        const QPointF at = place(point.x, point.y);
        painter->setPen(QPen(color, 1.5));
        const bool isMarked = marked && *marked == point.x;
        if (quiet && !isMarked)
            continue;
        painter->setBrush(series.shape == PlotShape::Ring ? ground : color);
        paintShape(painter, at, series.shape, isMarked ? pointSize + 3 : pointSize);
    }
}

} // namespace lockscope
