#pragma once

#include "ui/theme.h"

#include <QList>
#include <QString>

#include <optional>

namespace lockscope {

/// How a series is drawn.
enum class PlotMark : quint8
{
    Points,
    Line,      ///< with small points
    Reference, ///< a line without points: what is expected
    Bars,
    Histogram, ///< bars without gaps: each point is a bin from x to upTo
};

/// The shape of points, so that series are told apart without colours.
enum class PlotShape : quint8
{
    Disc,
    Square,
    Diamond,
    Triangle,
    Ring
};

struct PlotPoint
{
    double x = 0;
    double y = 0;
    std::optional<double> low = {}; ///< whiskers, drawn when both are there
    std::optional<double> high = {};
    std::optional<double> upTo = {}; ///< of a histogram: where the bin ends
    QString note = {};               ///< more in the tooltip: "2 391 of 7 200 unlocks"
    friend bool operator==(const PlotPoint&, const PlotPoint&) = default;
};

struct PlotSeries
{
    QString name = {}; ///< in the legend, the tooltip and the CSV
    PlotMark mark = PlotMark::Points;
    QList<PlotPoint> points = {};
    Tone tone = Tone::Mine;
    PlotShape shape = PlotShape::Disc;
    bool stepped = false; ///< a line goes level, then straight up or down: distributions
    friend bool operator==(const PlotSeries&, const PlotSeries&) = default;
};

struct PlotAxis
{
    QString title = {}; ///< "Pool size"
    QString unit = {};  ///< "ms"; shown behind the title and in tooltips. "%": values are fractions, shown times 100
    bool wholeNumbers = false;
    bool fromZero = true;
    std::optional<double> least = {}; ///< at least this much is shown
    std::optional<double> most = {};
    QStringList categories = {}; ///< names of x = 0, 1, 2, ... in place of numbers; only on the x axis
    bool logarithmic = false;    ///< powers of ten; values not above zero are left out. Not with bars
    friend bool operator==(const PlotAxis&, const PlotAxis&) = default;
};

/// What a plot shows, as a value. Any thread.
struct Plot
{
    QString title = {}; ///< for the accessible name and the first line of the description; not painted
    PlotAxis x = {};
    PlotAxis y = {};
    QList<PlotSeries> series = {};

    [[nodiscard]] bool isEmpty() const; ///< no series has a point
    /// A row for each x, a column for each series (and its whiskers); RFC 4180.
    [[nodiscard]] QString toCsv() const;
    /// The numbers in words, for those who do not see the drawing.
    [[nodiscard]] QString describe() const;
    friend bool operator==(const Plot&, const Plot&) = default;
};

/// "33.3 %", "12", "0.8 ms": a value as its axis says it.
[[nodiscard]] QString plotValue(double value, const PlotAxis& axis);

/// What an axis reaches from and to, and where its ticks are: steps of 1, 2 or 5 times a power of ten, at most `most`
/// of them (at least 2). Never empty, also when from equals to.
struct PlotScale
{
    double from = 0;
    double to = 1;
    QList<double> ticks = {};
    bool logarithmic = false;
    /// 0 at from, 1 at to.
    [[nodiscard]] double fraction(double value) const;
    friend bool operator==(const PlotScale&, const PlotScale&) = default;
};
[[nodiscard]] PlotScale niceScale(double from, double to, int most, bool wholeNumbers);
[[nodiscard]] PlotScale powersOfTen(double from, double to);

} // namespace lockscope
