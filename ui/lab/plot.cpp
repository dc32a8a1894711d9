#include "ui/lab/plot.h"

#include "models/domain/csv.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace lockscope {

namespace {

QString text(const char* source)
{
    return QCoreApplication::translate("Plot", source);
}

/// Three significant digits, never in powers of ten for what a person reads: "0.33", "12.5", "1234".
QString numberText(double value)
{
    if (!std::isfinite(value))
        return text("unknown");
    const double size = std::abs(value);
    if (size >= 1e7 || (size > 0 && size < 1e-4))
        return QString::number(value, 'g', 3);
    const int digits = size >= 100 || size == 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4;
    QString number = QString::number(value, 'f', digits);
    if (number.contains(QLatin1Char('.'))) {
        while (number.endsWith(QLatin1Char('0')))
            number.chop(1);
        if (number.endsWith(QLatin1Char('.')))
            number.chop(1);
    }
    return number;
}

QString headOf(const PlotAxis& axis)
{
    return axis.unit.isEmpty() || axis.unit == QLatin1String("%")
               ? axis.title
               : QStringLiteral("%1 (%2)").arg(axis.title, axis.unit);
}

QString categoryOf(double value, const PlotAxis& axis)
{
    const auto index = static_cast<qsizetype>(std::llround(value));
    return index >= 0 && index < axis.categories.size() ? axis.categories.at(index) : QString();
}

CsvCell csvX(double value, const PlotAxis& axis)
{
    return axis.categories.isEmpty() ? CsvCell::real(value) : CsvCell(categoryOf(value, axis));
}

} // namespace

QString plotValue(double value, const PlotAxis& axis)
{
    if (!axis.categories.isEmpty())
        return categoryOf(value, axis);
    if (axis.unit == QLatin1String("%"))
        return QStringLiteral("%1 %").arg(numberText(value * 100));
    const QString number = axis.wholeNumbers ? QString::number(std::llround(value)) : numberText(value);
    return axis.unit.isEmpty() ? number : QStringLiteral("%1 %2").arg(number, axis.unit);
}

bool Plot::isEmpty() const
{
    return std::all_of(series.cbegin(), series.cend(), [](const PlotSeries& one) { return one.points.isEmpty(); });
}

QString Plot::toCsv() const
{
    QList<double> places;
    bool withBins = false;
    for (const PlotSeries& one : series) {
        for (const PlotPoint& point : one.points) {
            places.append(point.x);
            withBins = withBins || point.upTo.has_value();
        }
    }
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());

    const auto whiskers = [](const PlotSeries& one) {
        return std::any_of(one.points.cbegin(), one.points.cend(),
                           [](const PlotPoint& point) { return point.low && point.high; });
    };
    CsvWriter writer;
    QList<CsvCell> head{headOf(x)};
    if (withBins)
        head.append(text("%1, up to").arg(headOf(x)));
    for (const PlotSeries& one : series) {
        head.append(one.name);
        if (whiskers(one)) {
            head.append(text("%1, low").arg(one.name));
            head.append(text("%1, high").arg(one.name));
        }
    }
    writer.addRow(head);
    for (const double place : std::as_const(places)) {
        // Several points of one series at one place, as in a cloud, are rows of their own.
        for (qsizetype repeat = 0;; ++repeat) {
            QList<CsvCell> cells;
            std::optional<double> upTo;
            bool any = false;
            for (const PlotSeries& one : series) {
                qsizetype seen = 0;
                const PlotPoint* found = nullptr;
                for (const PlotPoint& point : one.points) {
                    if (point.x == place && seen++ == repeat)
                        found = &point;
                }
                any = any || found != nullptr;
                if (found != nullptr && found->upTo)
                    upTo = found->upTo;
                cells.append(found != nullptr ? CsvCell::real(found->y) : CsvCell::empty());
                if (whiskers(one)) {
                    const bool both = found != nullptr && found->low && found->high;
                    cells.append(both ? CsvCell::real(*found->low) : CsvCell::empty());
                    cells.append(both ? CsvCell::real(*found->high) : CsvCell::empty());
                }
            }
            if (!any)
                break;
            if (withBins)
                cells.prepend(upTo ? CsvCell::real(*upTo) : CsvCell::empty());
            cells.prepend(csvX(place, x));
            writer.addRow(cells);
        }
    }
    return writer.text();
}

QString Plot::describe() const
{
    constexpr qsizetype most = 60; // a screen reader reads all of it
    QStringList lines;
    if (!title.isEmpty())
        lines.append(title);
    for (const PlotSeries& one : series) {
        QStringList values;
        for (const PlotPoint& point : one.points.mid(0, most)) {
            const QString place = point.upTo ? text("%1 to %2").arg(plotValue(point.x, x), plotValue(*point.upTo, x))
                                             : plotValue(point.x, x);
            values.append(QStringLiteral("%1: %2").arg(place, plotValue(point.y, y)));
        }
        if (one.points.size() > most)
            values.append(text("and %1 more").arg(one.points.size() - most));
        if (!values.isEmpty())
            lines.append(QStringLiteral("%1: %2").arg(one.name, values.join(QStringLiteral(", "))));
    }
    return lines.join(QLatin1Char('\n'));
}

double PlotScale::fraction(double value) const
{
    if (logarithmic)
        return value <= 0 ? 0 : (std::log10(value) - std::log10(from)) / (std::log10(to) - std::log10(from));
    return (value - from) / (to - from);
}

PlotScale niceScale(double from, double to, int most, bool wholeNumbers)
{
    if (!std::isfinite(from) || !std::isfinite(to)) {
        from = 0;
        to = 1;
    }
    if (to < from)
        std::swap(from, to);
    if (to - from <= std::abs(to) * 1e-12) {
        const double room = to == 0 ? 1 : std::abs(to) * 0.5;
        from -= from == 0 ? 0 : room;
        to += room;
    }
    const double least = (to - from) / std::max(1, most - 1);
    const double power = std::pow(10, std::floor(std::log10(least)));
    double step = 10 * power;
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (factor * power >= least * (1 - 1e-9)) {
            step = factor * power;
            break;
        }
    }
    if (wholeNumbers)
        step = std::max(1.0, std::round(step));

    PlotScale scale;
    const double first = std::floor(from / step + 1e-9);
    const double last = std::ceil(to / step - 1e-9);
    for (double tick = first; tick <= last && scale.ticks.size() < 1000; ++tick)
        scale.ticks.append(tick * step == 0 ? 0 : tick * step);
    scale.from = scale.ticks.first();
    scale.to = scale.ticks.last();
    return scale;
}

PlotScale powersOfTen(double from, double to)
{
    constexpr double smallest = 1e-9;
    from = std::max(smallest, from);
    to = std::max(from, to);
    const double first = std::floor(std::log10(from) + 1e-9);
    const double last = std::max(first + 1, std::ceil(std::log10(to) - 1e-9));
    PlotScale scale;
    scale.logarithmic = true;
    scale.from = std::pow(10, first);
    scale.to = std::pow(10, last);
    for (double power = first; power <= last; ++power)
        scale.ticks.append(std::pow(10, power));
    return scale;
}

} // namespace lockscope
