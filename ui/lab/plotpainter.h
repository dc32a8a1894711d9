#pragma once

#include "ui/lab/labdrawing.h"
#include "ui/lab/plot.h"

#include <QRectF>

#include <optional>

class QPainter;

namespace lockscope {

/// Where the parts of a plot are in a rectangle, and how they are painted. A value for one painting; GUI thread.
/// Never changes what the plot says.
class PlotPainter final
{
public:
    PlotPainter(const Plot& plot, const QRectF& rect, const LabLook& look);

    /// marked: an x that is pointed at.
    void paint(QPainter* painter, std::optional<double> marked) const;
    /// Between the axes.
    [[nodiscard]] QRectF area() const { return m_area; }
    [[nodiscard]] QPointF place(double x, double y) const;
    [[nodiscard]] const PlotScale& xScale() const { return m_x; }
    [[nodiscard]] const PlotScale& yScale() const { return m_y; }

private:
    void scaleX(int most);
    void scaleY(int most);
    [[nodiscard]] double smallestGap() const;
    qreal layLegend(QPainter* painter, const QRectF& rect) const;
    void paintAxes(QPainter* painter) const;
    void paintSeries(QPainter* painter, const PlotSeries& series, std::optional<double> marked) const;
    void paintBars(QPainter* painter, const PlotSeries& series) const;
    void paintLines(QPainter* painter, const PlotSeries& series) const;
    void paintWhiskers(QPainter* painter, const PlotSeries& series) const;
    void paintPoints(QPainter* painter, const PlotSeries& series, std::optional<double> marked) const;
    void paintSwatch(QPainter* painter, const QRectF& rect, const PlotSeries& series) const;
    [[nodiscard]] QColor colorOf(const PlotSeries& series) const;
    [[nodiscard]] QBrush fillOf(const PlotSeries& series) const;
    [[nodiscard]] qsizetype barNumber(const PlotSeries& series) const;

    const Plot& m_plot;
    const LabLook& m_look;
    QRectF m_rect;
    QRectF m_area;
    QRectF m_legend;
    PlotScale m_x;
    PlotScale m_y;
    qreal m_line = 0;
    qsizetype m_barSeries = 0;
};

} // namespace lockscope
