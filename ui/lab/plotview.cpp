#include "ui/lab/plotview.h"

#include "models/domain/displaytext.h"
#include "ui/icons.h"
#include "ui/lab/plotpainter.h"

#include <QAction>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace lockscope {

PlotView::PlotView(QWidget* parent)
    : QWidget(parent)
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setAccessibleName(tr("Plot"));
}

void PlotView::setPlot(const Plot& plot)
{
    if (m_plot == plot)
        return;
    m_plot = plot;
    m_marked.reset();
    setAccessibleName(plot.title.isEmpty() ? tr("Plot") : cellText(plot.title, 200));
    setAccessibleDescription(paragraphText(plot.isEmpty() ? m_emptyText : plot.describe()));
    update();
}

void PlotView::setEmptyText(const QString& text)
{
    m_emptyText = text;
    if (m_plot.isEmpty())
        setAccessibleDescription(paragraphText(text));
    update();
}

void PlotView::copyAsCsv() const
{
    if (!m_plot.isEmpty())
        QGuiApplication::clipboard()->setText(m_plot.toCsv());
}

QSize PlotView::sizeHint() const
{
    return {48 * theme::grid(), 30 * theme::grid()};
}

QSize PlotView::minimumSizeHint() const
{
    return {24 * theme::grid(), 16 * theme::grid()};
}

QRectF PlotView::plotRect() const
{
    const int inset = theme::grid();
    return QRectF(rect()).adjusted(inset, inset, -inset, -inset);
}

QList<double> PlotView::allX() const
{
    QList<double> places;
    for (const PlotSeries& one : m_plot.series) {
        for (const PlotPoint& point : one.points)
            places.append(point.x);
    }
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    return places;
}

QString PlotView::valuesOf(double x) const
{
    constexpr qsizetype mostOfOneSeries = 4;
    QStringList lines;
    QString head;
    for (const PlotSeries& one : m_plot.series) {
        qsizetype told = 0;
        for (const PlotPoint& point : one.points) {
            if (point.x != x || told++ >= mostOfOneSeries)
                continue;
            if (head.isEmpty() || point.upTo)
                head = point.upTo ? tr("%1: %2 to %3", "title of an axis, a bin of a histogram")
                                        .arg(m_plot.x.title, plotValue(x, m_plot.x), plotValue(*point.upTo, m_plot.x))
                                  : tr("%1: %2", "title of an axis, value").arg(m_plot.x.title, plotValue(x, m_plot.x));
            QString line = tr("%1: %2", "name of a series, value").arg(one.name, plotValue(point.y, m_plot.y));
            if (point.low && point.high)
                line +=
                    tr(" (%1 to %2)", "a range").arg(plotValue(*point.low, m_plot.y), plotValue(*point.high, m_plot.y));
            if (!point.note.isEmpty())
                line += QStringLiteral(", ") + point.note;
            lines.append(line);
        }
    }
    if (lines.isEmpty())
        return {};
    lines.prepend(head);
    return lines.join(QLatin1Char('\n'));
}

std::optional<double> PlotView::nearestX(const QPointF& place) const
{
    if (m_plot.isEmpty())
        return {};
    const LabLook look = LabLook::current(palette());
    const PlotPainter painter(m_plot, plotRect(), look);
    const QRectF area = painter.area();
    if (!area.adjusted(-look.grid, -look.grid, look.grid, look.grid).contains(place))
        return {};
    std::optional<double> nearest;
    qreal distance = 0;
    for (const PlotSeries& one : m_plot.series) {
        for (const PlotPoint& point : one.points) {
            const qreal from = painter.place(point.x, point.y).x();
            const qreal to = point.upTo ? painter.place(*point.upTo, point.y).x() : from;
            const qreal away = std::max({0.0, from - place.x(), place.x() - to});
            if (!nearest || away < distance) {
                nearest = point.x;
                distance = away;
            }
        }
    }
    return nearest;
}

QString PlotView::valuesAt(const QPointF& place) const
{
    const auto x = nearestX(place);
    return x ? valuesOf(*x) : QString();
}

void PlotView::mark(std::optional<double> x)
{
    if (m_marked == x)
        return;
    m_marked = x;
    update();
}

void PlotView::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    painter.fillRect(rect(), palette().color(QPalette::Base));
    const LabLook look = LabLook::current(palette());
    if (m_plot.isEmpty()) {
        painter.setFont(look.font);
        painter.setPen(theme::mutedText(palette()));
        painter.drawText(plotRect(), Qt::AlignCenter | Qt::TextWordWrap, paragraphText(m_emptyText, 1000));
    } else {
        PlotPainter(m_plot, plotRect(), look).paint(&painter, m_marked);
    }
    if (hasFocus()) {
        painter.setPen(QPen(theme::color(Tone::Accent, palette()), 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void PlotView::mouseMoveEvent(QMouseEvent* event)
{
    mark(nearestX(event->position()));
    const QString values = m_marked ? valuesOf(*m_marked) : QString();
    if (values.isEmpty())
        QToolTip::hideText();
    else
        QToolTip::showText(event->globalPosition().toPoint(), plainTooltip(values), this);
}

void PlotView::leaveEvent(QEvent* event)
{
    mark({});
    QWidget::leaveEvent(event);
}

void PlotView::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy)) {
        copyAsCsv();
        return;
    }
    const QList<double> places = allX();
    if (places.isEmpty() || (event->key() != Qt::Key_Left && event->key() != Qt::Key_Right)) {
        QWidget::keyPressEvent(event);
        return;
    }
    const bool forward = event->key() == Qt::Key_Right;
    qsizetype index = m_marked ? places.indexOf(*m_marked) + (forward ? 1 : -1) : forward ? 0 : places.size() - 1;
    index = std::clamp<qsizetype>(index, 0, places.size() - 1);
    mark(places.at(index));
    const LabLook look = LabLook::current(palette());
    const PlotPainter painter(m_plot, plotRect(), look);
    const QPointF at(painter.place(*m_marked, painter.yScale().from).x(), painter.area().center().y());
    QToolTip::showText(mapToGlobal(at.toPoint()), plainTooltip(valuesOf(*m_marked)), this);
    setAccessibleDescription(paragraphText(valuesOf(*m_marked) + QLatin1Char('\n') + m_plot.describe()));
}

void PlotView::focusOutEvent(QFocusEvent* event)
{
    mark({});
    QWidget::focusOutEvent(event);
}

bool PlotView::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        QToolTip::showText(help->globalPos(), plainTooltip(valuesAt(help->pos())), this);
        return true;
    }
    return QWidget::event(event);
}

void PlotView::contextMenuEvent(QContextMenuEvent* event)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    auto* copy = menu->addAction(icon(IconName::Copy), tr("Copy as CSV"), this, &PlotView::copyAsCsv);
    copy->setObjectName(QStringLiteral("plotCopyAction"));
    copy->setEnabled(!m_plot.isEmpty());
    menu->popup(event->globalPos());
}

void PlotView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange) {
        updateGeometry();
        update();
    }
}

} // namespace lockscope
