#include "ui/lab/contentionpage.h"

#include "ui/emptystate.h"
#include "ui/icons.h"
#include "ui/lab/contentionplots.h"
#include "ui/lab/figurerow.h"
#include "ui/lab/keptfont.h"
#include "ui/lab/plotview.h"
#include "ui/numbertext.h"
#include "ui/panelscroll.h"
#include "ui/safetext.h"
#include "ui/theme.h"
#include "ui/tonelabel.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QGridLayout>
#include <QPushButton>
#include <QStackedWidget>

namespace lockscope {

namespace {

using std::chrono::microseconds;

QSpinBox* numberField(const QString& name, const QString& accessibleName, int least, int most,
                      const QString& suffix = {})
{
    auto* const field = new QSpinBox;
    field->setObjectName(name);
    field->setAccessibleName(accessibleName);
    field->setRange(least, most);
    field->setSuffix(suffix);
    return field;
}

QDoubleSpinBox* timeField(const QString& name, const QString& accessibleName)
{
    auto* const field = new QDoubleSpinBox;
    field->setObjectName(name);
    field->setAccessibleName(accessibleName);
    field->setRange(0, 10'000);
    field->setDecimals(1);
    field->setSuffix(ContentionPage::tr(" ms"));
    return field;
}

microseconds timeOf(const QDoubleSpinBox* field)
{
    return microseconds(qRound64(field->value() * 1000));
}

void setTime(QDoubleSpinBox* field, microseconds time)
{
    field->setValue(static_cast<double>(time.count()) / 1000);
}

} // namespace

class ContentionPage::Parts
{
public:
    explicit Parts(ContentionPage& owner)
        : page(owner)
    {
    }
    void build();
    void refreshFigures();
    void refreshControls();
    void exportRun();

    [[nodiscard]] QWidget* makeControls();
    [[nodiscard]] QWidget* makeResults();

    ContentionPage& page;
    LabServer server;
    bool running = false;
    ContentionReport report;
    QStackedWidget* stack = new QStackedWidget;
    EmptyState* empty = new EmptyState;
    QSpinBox* clients = numberField(QStringLiteral("contentionClients"), ContentionPage::tr("Number of clients"), 1,
                                    mostContentionClients);
    QSpinBox* keys =
        numberField(QStringLiteral("contentionKeys"), ContentionPage::tr("Number of keys"), 1, mostContentionKeys);
    QComboBox* method = new QComboBox;
    QSpinBox* shared = numberField(QStringLiteral("contentionShared"), ContentionPage::tr("Share of shared locks"), 0,
                                   100, QStringLiteral(" %"));
    QComboBox* distribution = new QComboBox;
    QDoubleSpinBox* hold = timeField(QStringLiteral("contentionHold"), ContentionPage::tr("Mean hold time"));
    QDoubleSpinBox* firstBackOff =
        timeField(QStringLiteral("contentionFirstBackOff"), ContentionPage::tr("First back-off"));
    QDoubleSpinBox* longestBackOff =
        timeField(QStringLiteral("contentionLongestBackOff"), ContentionPage::tr("Longest back-off"));
    QSpinBox* tries =
        numberField(QStringLiteral("contentionTries"), ContentionPage::tr("Tries before a take is given up"), 1, 1000);
    QSpinBox* duration = numberField(QStringLiteral("contentionDuration"), ContentionPage::tr("Duration of the run"), 1,
                                     600, ContentionPage::tr(" s"));
    QPushButton* start = new QPushButton(ContentionPage::tr("Start"));
    QPushButton* exportButton = new QPushButton(ContentionPage::tr("Export..."));
    QPushButton* copy = new QPushButton(ContentionPage::tr("Copy"));
    ToneLabel* words = new ToneLabel;
    ToneLabel* rate = nullptr;
    ToneLabel* median = nullptr;
    ToneLabel* tail = nullptr;
    ToneLabel* fairness = nullptr;
    ToneLabel* refused = nullptr;
    ToneLabel* bystander = nullptr;
    PlotView* throughput = new PlotView;
    PlotView* waits = new PlotView;
    PlotView* shares = new PlotView;
    PlotView* effect = new PlotView;
};

QWidget* ContentionPage::Parts::makeControls()
{
    const int grid = theme::grid();
    method->setObjectName(QStringLiteral("contentionMethod"));
    method->setAccessibleName(ContentionPage::tr("How a key is taken"));
    method->addItem(ContentionPage::tr("Block"), static_cast<int>(ContentionMethod::Block));
    method->addItem(ContentionPage::tr("Try, back off"), static_cast<int>(ContentionMethod::Try));
    method->setItemData(0, ContentionPage::tr("pg_advisory_lock: waits in the queue of the key"), Qt::ToolTipRole);
    method->setItemData(1, ContentionPage::tr("pg_try_advisory_lock: refused at once, waits a little, and tries again"),
                        Qt::ToolTipRole);
    distribution->setObjectName(QStringLiteral("contentionDistribution"));
    distribution->setAccessibleName(ContentionPage::tr("Distribution of hold times"));
    for (const HoldDistribution one :
         {HoldDistribution::Fixed, HoldDistribution::Uniform, HoldDistribution::Exponential})
        distribution->addItem(word(one), static_cast<int>(one));
    safetext::setToolTip(firstBackOff, ContentionPage::tr("How long a client waits after its first refused try; each "
                                                          "further wait is about twice as long."));
    safetext::setToolTip(longestBackOff, ContentionPage::tr("The longest wait between two tries"));
    safetext::setToolTip(tries, ContentionPage::tr("After so many refused tries a client gives this take up."));
    start->setObjectName(QStringLiteral("contentionStart"));
    start->setDefault(true);

    auto* const panel = new QWidget;
    auto* const form = new QFormLayout(panel);
    form->setContentsMargins(grid * 2, grid * 2, grid * 2, grid * 2);
    form->setSpacing(grid);
    form->setRowWrapPolicy(QFormLayout::DontWrapRows);
    form->addRow(safetext::label(ContentionPage::tr("Clients")), clients);
    form->addRow(safetext::label(ContentionPage::tr("Keys")), keys);
    form->addRow(safetext::label(ContentionPage::tr("Method")), method);
    form->addRow(safetext::label(ContentionPage::tr("Shared locks")), shared);
    form->addRow(safetext::label(ContentionPage::tr("Held for")), hold);
    form->addRow(safetext::label(ContentionPage::tr("Distribution")), distribution);
    form->addRow(safetext::label(ContentionPage::tr("First back-off")), firstBackOff);
    form->addRow(safetext::label(ContentionPage::tr("Longest")), longestBackOff);
    form->addRow(safetext::label(ContentionPage::tr("Tries")), tries);
    form->addRow(safetext::label(ContentionPage::tr("Run for")), duration);
    form->addRow(start);
    return panel;
}

QWidget* ContentionPage::Parts::makeResults()
{
    const int grid = theme::grid();
    auto* const results = new QWidget;
    auto* const layout = new QVBoxLayout(results);
    layout->setContentsMargins(grid * 2, grid * 2, grid * 2, grid);
    layout->setSpacing(grid);
    auto* const figures = new FigureRow;
    rate = figures->add(QStringLiteral("contentionRate"), ContentionPage::tr("acquisitions per s"),
                        QStringLiteral("00 000"), ContentionPage::tr("Keys taken by all clients together"));
    median =
        figures->add(QStringLiteral("contentionMedian"), ContentionPage::tr("median wait"), QStringLiteral("00.0 ms"),
                     ContentionPage::tr("Half of the takes waited no longer, from the first attempt to the key"));
    tail = figures->add(QStringLiteral("contentionTail"), ContentionPage::tr("99 % waited less"),
                        QStringLiteral("00.0 ms"), ContentionPage::tr("One take in a hundred waited longer"));
    fairness =
        figures->add(QStringLiteral("contentionFairness"), ContentionPage::tr("fairness"), QStringLiteral("100 %"),
                     ContentionPage::tr("Jain's index: 100 % when all clients got the key equally often"));
    refused = figures->add(QStringLiteral("contentionRefused"), ContentionPage::tr("tries refused"),
                           QStringLiteral("100 %"), ContentionPage::tr("Share of the statements that answered false"));
    bystander = figures->add(
        QStringLiteral("contentionBystander"), ContentionPage::tr("SELECT 1 elsewhere"),
        ContentionPage::tr("%1, then %2").arg(QStringLiteral("0.00 ms"), QStringLiteral("0.00 ms")),
        ContentionPage::tr("Round trip of a session that locks nothing: median before the run, and during it"));
    layout->addWidget(figures);
    copy->setObjectName(QStringLiteral("contentionCopy"));
    copy->setAccessibleName(ContentionPage::tr("Copy the figures as CSV"));
    exportButton->setObjectName(QStringLiteral("contentionExport"));
    exportButton->setAccessibleName(ContentionPage::tr("Save the figures as CSV or JSON"));
    words->setObjectName(QStringLiteral("contentionWords"));
    words->setWordWrap(true);
    auto* const told = new QHBoxLayout;
    told->setSpacing(grid);
    told->addWidget(words, 1);
    told->addWidget(copy, 0, Qt::AlignTop);
    told->addWidget(exportButton, 0, Qt::AlignTop);
    layout->addLayout(told);

    auto* const plots = new QGridLayout;
    plots->setSpacing(grid);
    const std::pair<PlotView*, QString> all[] = {{throughput, ContentionPage::tr("Acquisitions per second")},
                                                 {waits, ContentionPage::tr("How long a take waited")},
                                                 {shares, ContentionPage::tr("Who got the key")},
                                                 {effect, ContentionPage::tr("A session that locks nothing")}};
    int place = 0;
    for (const auto& [plot, name] : all) {
        auto* const caption = safetext::label(name);
        keepFont(caption, KeptFont::Strong);
        plot->setEmptyText(ContentionPage::tr("Start a run to see this."));
        plots->addWidget(caption, place / 2 * 2, place % 2);
        plots->addWidget(plot, place / 2 * 2 + 1, place % 2);
        plots->setRowStretch(place / 2 * 2 + 1, 1);
        plots->setColumnStretch(place % 2, 1);
        ++place;
    }
    throughput->setObjectName(QStringLiteral("contentionThroughputPlot"));
    waits->setObjectName(QStringLiteral("contentionWaitPlot"));
    shares->setObjectName(QStringLiteral("contentionFairnessPlot"));
    effect->setObjectName(QStringLiteral("contentionServerPlot"));
    layout->addLayout(plots, 1);
    return results;
}

void ContentionPage::Parts::build()
{
    empty->setObjectName(QStringLiteral("contentionEmpty"));
    empty->setPicture(IconName::Contention);
    empty->setTitle(ContentionPage::tr("Contention needs a server"));
    empty->setText(
        ContentionPage::tr("Many clients fight for few keys, on connections of their own. Start the sandbox, a "
                           "private throw-away server, or connect to a server of yours."));
    QPushButton* const sandbox =
        empty->addButton(QStringLiteral("contentionSandboxButton"), ContentionPage::tr("Start a Sandbox"),
                         ContentionPage::tr("Start a private throw-away server and connect to it"));
    QObject::connect(sandbox, &QPushButton::clicked, &page, &ContentionPage::sandboxRequested);

    auto* const work = new QWidget;
    auto* const row = new QHBoxLayout(work);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    auto* const controls = new PanelScroll(makeControls(), work);
    controls->setFixedWidth(theme::grid() * 33);
    row->addWidget(controls);
    row->addWidget(makeResults(), 1);
    stack->addWidget(work);
    stack->addWidget(empty);
    auto* const layout = new QVBoxLayout(&page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(stack);
    page.setFocusProxy(clients);

    QObject::connect(start, &QPushButton::clicked, &page, [this] {
        if (running) {
            Q_EMIT page.stopRequested();
            return;
        }
        const ContentionSpec wanted = page.spec();
        if (const QString problem = problemOf(wanted); !problem.isEmpty())
            page.setError({.kind = ErrorKind::Usage, .what = problem});
        else
            Q_EMIT page.startRequested(wanted);
    });
    QObject::connect(method, &QComboBox::currentIndexChanged, &page, [this] { refreshControls(); });
    QObject::connect(copy, &QPushButton::clicked, &page,
                     [this] { QApplication::clipboard()->setText(QString::fromUtf8(report.toCsv())); });
    QObject::connect(exportButton, &QPushButton::clicked, &page, [this] { exportRun(); });
}

void ContentionPage::Parts::exportRun()
{
    auto* const dialog = new QFileDialog(&page, ContentionPage::tr("Export the Run"));
    dialog->setObjectName(QStringLiteral("contentionExportDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters({ContentionPage::tr("CSV files (*.csv)"), ContentionPage::tr("JSON files (*.json)")});
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    QObject::connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString& filter) {
        dialog->setDefaultSuffix(filter.contains(QLatin1StringView("json")) ? QStringLiteral("json")
                                                                            : QStringLiteral("csv"));
    });
    dialog->selectFile(QStringLiteral("contention"));
    QObject::connect(dialog, &QFileDialog::fileSelected, &page, [this](const QString& file) {
        Q_EMIT page.exportRequested(file, file.endsWith(QLatin1StringView(".json")) ? report.toJson() : report.toCsv());
    });
    dialog->open();
}

void ContentionPage::Parts::refreshControls()
{
    const bool may = server.connected && server.problem.isEmpty();
    const bool tryAgain = method->currentData().toInt() == static_cast<int>(ContentionMethod::Try);
    for (QWidget* const field :
         {static_cast<QWidget*>(clients), static_cast<QWidget*>(keys), static_cast<QWidget*>(method),
          static_cast<QWidget*>(shared), static_cast<QWidget*>(distribution), static_cast<QWidget*>(hold),
          static_cast<QWidget*>(duration)})
        field->setEnabled(may && !running);
    for (QWidget* const field :
         {static_cast<QWidget*>(firstBackOff), static_cast<QWidget*>(longestBackOff), static_cast<QWidget*>(tries)})
        field->setEnabled(may && !running && tryAgain);
    start->setEnabled(may);
    start->setText(running ? ContentionPage::tr("Stop") : ContentionPage::tr("Start"));
    start->setAccessibleName(running ? ContentionPage::tr("Stop the run") : ContentionPage::tr("Start the run"));
    safetext::setToolTip(start, server.problem);
    copy->setEnabled(!report.samples.isEmpty());
    exportButton->setEnabled(!report.samples.isEmpty());
}

void ContentionPage::Parts::refreshFigures()
{
    const QString nothing = QStringLiteral("\u2013");
    const bool any = !report.samples.isEmpty();
    const WaitHistogram histogram = report.total().waits;
    rate->setText(any ? groupedNumber(qRound64(report.acquisitionsPerSecond())) : nothing);
    median->setText(histogram.count() > 0 ? shortTime(histogram.quantile(0.5)) : nothing);
    tail->setText(histogram.count() > 0 ? shortTime(histogram.quantile(0.99)) : nothing);
    fairness->setText(any ? QStringLiteral("%1 %").arg(100 * report.fairness(), 0, 'f', 0) : nothing);
    refused->setText(any ? QStringLiteral("%1 %").arg(100 * report.refusedShare(), 0, 'f', 0) : nothing);
    const auto during = report.bystanderDuring();
    bystander->setText(
        during && report.bystanderBefore
            ? ContentionPage::tr("%1, then %2").arg(shortTime(*report.bystanderBefore), shortTime(*during))
            : nothing);
    throughput->setPlot(throughputPlot(report));
    waits->setPlot(waitPlot(report));
    shares->setPlot(fairnessPlot(report));
    effect->setPlot(serverPlot(report));
    words->setMuted();
    words->setText(
        any ? contentionSentence(report)
            : ContentionPage::tr("Each client is a connection of its own: it takes a key, holds it, gives it "
                                 "back, and starts again. The keys belong to this run alone."));
}

ContentionPage::ContentionPage(QWidget* parent)
    : QWidget(parent)
    , m_parts(std::make_unique<Parts>(*this))
{
    setObjectName(QStringLiteral("contentionPage"));
    setAccessibleName(tr("Contention"));
    m_parts->build();
    setSpec({});
    refresh();
}

ContentionPage::~ContentionPage() = default;

void ContentionPage::refresh()
{
    m_parts->stack->setCurrentIndex(m_parts->server.connected ? 0 : 1);
    m_parts->refreshControls();
    m_parts->refreshFigures();
}

void ContentionPage::setServer(const LabServer& server)
{
    m_parts->server = server;
    refresh();
}

void ContentionPage::setRunning(bool running)
{
    m_parts->running = running;
    m_parts->refreshControls();
}

void ContentionPage::setReport(const ContentionReport& report)
{
    m_parts->report = report;
    refresh();
}

void ContentionPage::setError(const Error& error)
{
    m_parts->words->setTone(Tone::Error);
    m_parts->words->setText(error.advice.isEmpty() ? error.what : error.what + u' ' + error.advice);
}

ContentionSpec ContentionPage::spec() const
{
    return {.clients = m_parts->clients->value(),
            .keys = m_parts->keys->value(),
            .method = static_cast<ContentionMethod>(m_parts->method->currentData().toInt()),
            .sharedPercent = m_parts->shared->value(),
            .distribution = static_cast<HoldDistribution>(m_parts->distribution->currentData().toInt()),
            .meanHold = timeOf(m_parts->hold),
            .firstBackOff = timeOf(m_parts->firstBackOff),
            .longestBackOff = timeOf(m_parts->longestBackOff),
            .tries = m_parts->tries->value(),
            .duration = std::chrono::seconds(m_parts->duration->value())};
}

void ContentionPage::setSpec(const ContentionSpec& spec)
{
    m_parts->clients->setValue(spec.clients);
    m_parts->keys->setValue(spec.keys);
    m_parts->method->setCurrentIndex(m_parts->method->findData(static_cast<int>(spec.method)));
    m_parts->shared->setValue(spec.sharedPercent);
    m_parts->distribution->setCurrentIndex(m_parts->distribution->findData(static_cast<int>(spec.distribution)));
    setTime(m_parts->hold, spec.meanHold);
    setTime(m_parts->firstBackOff, spec.firstBackOff);
    setTime(m_parts->longestBackOff, spec.longestBackOff);
    m_parts->tries->setValue(spec.tries);
    m_parts->duration->setValue(static_cast<int>(spec.duration.count()));
}

} // namespace lockscope
