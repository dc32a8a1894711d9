#include "ui/lab/poolstatistics.h"

#include "models/domain/displaytext.h"
#include "ui/icons.h"
#include "ui/lab/plotview.h"
#include "ui/lab/pooltext.h"
#include "ui/numbertext.h"
#include "ui/panelscroll.h"
#include "ui/safetext.h"
#include "ui/theme.h"
#include "ui/tightbutton.h"
#include "ui/tonelabel.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>

namespace lockscope {

namespace {

QSpinBox* numberBox(const QString& objectName, const QString& name, int from, int to, int value)
{
    auto* box = new QSpinBox;
    box->setObjectName(objectName);
    box->setAccessibleName(name);
    box->setRange(from, to);
    box->setValue(value);
    return box;
}

} // namespace

PoolStatistics::PoolStatistics(QWidget* parent)
    : QWidget(parent)
    , m_from(numberBox(QStringLiteral("poolMeasureFromBox"), tr("Smallest pool"), smallestPool, largestPool, 1))
    , m_to(numberBox(QStringLiteral("poolMeasureToBox"), tr("Largest pool"), smallestPool, largestPool, 8))
    , m_unlocks(numberBox(QStringLiteral("poolMeasureUnlocksBox"), tr("Unlocks for each size"), 1,
                          static_cast<int>(mostUnlocks), 1000))
    , m_measure(new TightButton(tr("Measure")))
    , m_copy(new TightButton(QString()))
    , m_sentence(new ToneLabel)
    , m_plot(new PlotView)
{
    setObjectName(QStringLiteral("poolStatistics"));
    m_measure->setObjectName(QStringLiteral("poolMeasureButton"));
    m_copy->setObjectName(QStringLiteral("poolMeasureCopyButton"));
    m_copy->setIcon(icon(IconName::Copy));
    m_copy->setAccessibleName(tr("Copy the numbers as CSV"));
    safetext::setToolTip(m_copy, tr("Copy the numbers as CSV"));
    m_unlocks->setSingleStep(500);
    m_unlocks->setGroupSeparatorShown(false);
    safetext::setToolTip(m_unlocks, tr("Pairs of a real acquire and a real unlock for each size of the pool"));
    m_sentence->setObjectName(QStringLiteral("poolMeasureSentence"));
    m_sentence->setWordWrap(true);
    m_plot->setObjectName(QStringLiteral("poolHitRatePlot"));
    m_plot->setEmptyText(tr("How often does an unlock over any connection find the one that has the lock? Measure it "
                            "for pools of several sizes."));

    const int grid = theme::grid();
    auto* sizes = new QHBoxLayout;
    sizes->setSpacing(grid / 2);
    const auto label = [](const QString& text, QWidget* buddy) {
        QLabel* words = safetext::label(text);
        words->setBuddy(buddy);
        return words;
    };
    sizes->addWidget(label(tr("Sizes"), m_from));
    sizes->addWidget(m_from);
    sizes->addWidget(label(tr("to"), m_to));
    sizes->addWidget(m_to);
    sizes->addStretch(1);
    auto* unlocks = new QHBoxLayout;
    unlocks->setSpacing(grid / 2);
    unlocks->addWidget(m_unlocks);
    unlocks->addWidget(label(tr("unlocks each"), m_unlocks));
    unlocks->addStretch(1);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(grid / 2);
    buttons->addWidget(m_measure, 1);
    buttons->addWidget(m_copy);
    auto* column = new QVBoxLayout;
    column->setSpacing(grid / 2);
    column->addLayout(sizes);
    column->addLayout(unlocks);
    column->addLayout(buttons);
    column->addWidget(m_sentence);
    column->addStretch(1);
    auto* const content = new QWidget;
    column->setContentsMargins(0, 0, 0, 0);
    content->setLayout(column);
    m_side = new PanelScroll(content, this);
    m_layout = new QBoxLayout(QBoxLayout::TopToBottom, this);
    m_layout->setContentsMargins(grid, grid, grid, grid / 2);
    m_layout->setSpacing(grid);
    m_layout->addWidget(m_side);
    m_layout->addWidget(m_plot, 1);

    connect(m_from, &QSpinBox::valueChanged, this, [this](int value) { m_to->setMinimum(value); });
    connect(m_copy, &QPushButton::clicked, m_plot, &PlotView::copyAsCsv);
    connect(m_measure, &QPushButton::clicked, this, [this] {
        if (m_measuring) {
            Q_EMIT stopRequested();
            return;
        }
        m_measuredOrder = m_order;
        Q_EMIT measureRequested(plan());
    });
    refresh();
}

void PoolStatistics::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    // In a low place the plot needs the height: what is set stands beside it.
    const bool low = width() > 1.4 * height();
    m_layout->setDirection(low ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    m_side->setMaximumWidth(low ? 28 * theme::grid() : QWIDGETSIZE_MAX);
    m_side->setMinimumWidth(low ? 28 * theme::grid() : 0);
}

QSize PoolStatistics::minimumSizeHint() const
{
    return {m_side->minimumSizeHint().width() + 2 * theme::grid(),
            m_plot->minimumSizeHint().height() + 2 * theme::grid()};
}

HitRatePlan PoolStatistics::plan() const
{
    HitRatePlan plan;
    plan.fromSize = m_from->value();
    plan.toSize = m_to->value();
    plan.unlocks = m_unlocks->value();
    plan.order = m_order;
    return plan;
}

void PoolStatistics::setProblem(const QString& reason)
{
    m_problem = reason;
    refresh();
}

void PoolStatistics::setOrder(CheckoutOrder order)
{
    m_order = order;
}

void PoolStatistics::setMeasuring(bool measuring)
{
    m_measuring = measuring;
    refresh();
}

void PoolStatistics::setHitRates(const QList<HitRate>& rates)
{
    m_rates = rates;
    showRates();
    refresh();
}

void PoolStatistics::showRates()
{
    Plot plot;
    plot.title = tr("Unlocks that found the right connection, against the size of the pool");
    plot.x = {.title = tr("Pool size"), .wholeNumbers = true};
    plot.y = {.title = tr("Unlocks that found the right connection"), .unit = QStringLiteral("%"), .most = 1.0};
    PlotSeries expected{
        .name = tr("expected 1/N with three standard deviations"), .mark = PlotMark::Reference, .tone = Tone::Held};
    PlotSeries measured{.name = tr("measured"), .mark = PlotMark::Points, .tone = Tone::Mine};
    for (const HitRate& rate : std::as_const(m_rates)) {
        if (rate.unlocks < 1)
            continue;
        measured.points.append(
            {.x = static_cast<double>(rate.poolSize),
             .y = rate.measured(),
             .note = tr("%1 of %2 unlocks").arg(groupedNumber(rate.hits), groupedNumber(rate.unlocks))});
        expected.points.append({.x = static_cast<double>(rate.poolSize),
                                .y = rate.expected(),
                                .low = std::max(0.0, rate.expected() - rate.threeSigma()),
                                .high = std::min(1.0, rate.expected() + rate.threeSigma())});
    }
    if (!measured.points.isEmpty())
        plot.series = {expected, measured};
    m_plot->setPlot(plot);
}

void PoolStatistics::refresh()
{
    m_measure->setText(m_measuring ? tr("Stop") : tr("Measure"));
    m_measure->setAccessibleName(m_measuring ? tr("Stop measuring") : tr("Measure the hit rate"));
    m_measure->setEnabled(m_measuring || m_problem.isEmpty());
    for (QSpinBox* box : {m_from, m_to, m_unlocks})
        box->setEnabled(!m_measuring);
    m_copy->setEnabled(!m_plot->plot().isEmpty());
    QString words;
    if (m_measuring && !m_rates.isEmpty())
        words = tr("Measuring a pool of %1: %2 unlocks so far.")
                    .arg(QString::number(m_rates.last().poolSize), groupedNumber(m_rates.last().unlocks));
    else if (m_measuring)
        words = tr("Opening the connections.");
    else if (!m_problem.isEmpty())
        words = paragraphText(m_problem, 1000);
    else
        words = pooltext::verdict(m_rates, m_measuredOrder);
    if (!m_measuring && !m_problem.isEmpty())
        m_sentence->setTone(Tone::Waiting);
    else
        m_sentence->setBody();
    m_sentence->setText(words);
    m_sentence->setVisible(!words.isEmpty());
}

} // namespace lockscope
