#pragma once

#include "ui/lab/plot.h"

#include <QWidget>

namespace lockscope {

/// One small plot: axes with units, series told apart by shape and word, values under the mouse, numbers copied as CSV
/// from its menu. GUI thread. Shows a Plot as it is; never measures, smooths or leaves out.
class PlotView final : public QWidget
{
    Q_OBJECT

public:
    explicit PlotView(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(PlotView)

    void setPlot(const Plot& plot);
    [[nodiscard]] const Plot& plot() const { return m_plot; }
    /// Said in place of the drawing while there is nothing to draw.
    void setEmptyText(const QString& text);
    void copyAsCsv() const;
    /// The values nearest to a place of the widget, a line each; empty where there are none.
    [[nodiscard]] QString valuesAt(const QPointF& place) const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override; ///< Ctrl+C; left and right step through the values
    void focusOutEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override; ///< tooltip
    void contextMenuEvent(QContextMenuEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    [[nodiscard]] QRectF plotRect() const;
    void mark(std::optional<double> x);
    [[nodiscard]] QList<double> allX() const;
    [[nodiscard]] QString valuesOf(double x) const;
    [[nodiscard]] std::optional<double> nearestX(const QPointF& place) const;

    Plot m_plot;
    QString m_emptyText;
    std::optional<double> m_marked; ///< the x that mouse or keyboard points at
};

} // namespace lockscope
