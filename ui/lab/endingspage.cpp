#include "ui/lab/endingspage.h"

#include "models/domain/endingwords.h"
#include "ui/emptystate.h"
#include "ui/icons.h"
#include "ui/lab/endingdetails.h"
#include "ui/lab/endingsdelegate.h"
#include "ui/lab/endingsheader.h"
#include "ui/lab/endingsmodel.h"
#include "ui/lab/endingssettings.h"
#include "ui/panelscroll.h"
#include "ui/safetext.h"
#include "ui/tightbutton.h"
#include "ui/wordsview.h"

#include <QClipboard>
#include <QEvent>
#include <QFileDialog>
#include <QGuiApplication>
#include <QResizeEvent>
#include <QScrollBar>
#include <QSplitter>
#include <QStackedLayout>
#include <QTableView>
#include <QTimer>
#include <QVBoxLayout>

namespace lockscope {

namespace {

/// From this width on, in grid units, the details stand beside the table.
constexpr int wide = 150;

} // namespace

class EndingsPage::Parts
{
public:
    explicit Parts(EndingsPage& owner);

    QPushButton* addButton(const char* name, const QString& text, IconName picture, const QString& toolTip);
    void buildTable();
    void fitTable();
    void fitSplitter(const QSize& size);
    void refresh();
    void showDetails();
    [[nodiscard]] bool mayRun() const;
    void runOrStop(int row);
    void exportTable();

    EndingsPage& page;
    EndingsModel model;
    LabServer server;
    QStackedLayout* stack;
    EmptyState* empty;
    QWidget* content;
    QHBoxLayout* bar;
    QPushButton* runAll = nullptr;
    QPushButton* stopAll = nullptr;
    QPushButton* reset = nullptr;
    QPushButton* copy = nullptr;
    QPushButton* save = nullptr;
    WordsView* words;
    EndingsSettings* settings;
    QSplitter* splitter;
    QTableView* table;
    EndingDetails* details;
    QList<QPushButton*> rowButtons;
    QTimer ticker;
};

EndingsPage::Parts::Parts(EndingsPage& owner)
    : page(owner)
    , stack(new QStackedLayout(&owner))
    , empty(new EmptyState)
    , content(new QWidget)
    , bar(new QHBoxLayout)
    , words(new WordsView)
    , settings(new EndingsSettings)
    , splitter(new QSplitter(Qt::Vertical))
    , table(new QTableView)
    , details(new EndingDetails)
{
    const int grid = theme::grid();
    empty->setPicture(IconName::Kill);
    empty->setTitle(EndingsPage::tr("Every Way to Die"));
    empty->setText(EndingsPage::tr("A client can be killed, frozen, cut off or put back into a pool. Here each is done "
                                   "to a real client that holds a lock, and one stopwatch shows when the lock is free. "
                                   "Connect to a server, or start the sandbox, where nothing can be harmed."));
    connect(empty->addButton(QStringLiteral("endingsSandboxButton"), EndingsPage::tr("Start the Sandbox"),
                             EndingsPage::tr("A private server that is thrown away afterwards.")),
            &QPushButton::clicked, &page, &EndingsPage::sandboxRequested);

    runAll = addButton("runAllButton", EndingsPage::tr("Run All"), IconName::Kill,
                       EndingsPage::tr("Tries every way at the same time, each with a client and a key of its own."));
    stopAll = addButton("stopAllButton", EndingsPage::tr("Stop"), IconName::Cancel,
                        EndingsPage::tr("Gives up what runs and ends everything that it opened."));
    reset = addButton("resetButton", EndingsPage::tr("Reset"), IconName::Reset,
                      EndingsPage::tr("Ends everything and forgets the results."));
    bar->setSpacing(grid);
    bar->addStretch(1);
    copy = addButton("copyTableButton", EndingsPage::tr("Copy Table"), IconName::Copy,
                     EndingsPage::tr("Puts the table on the clipboard, as text with tabs."));
    save = addButton("exportTableButton", EndingsPage::tr("Export…"), IconName::Export,
                     EndingsPage::tr("Saves the table as CSV, times in milliseconds."));
    words->setObjectName(QStringLiteral("endingsWords"));
    words->setAccessibleName(EndingsPage::tr("Message"));
    words->setWords({}, std::nullopt);
    settings->setObjectName(QStringLiteral("endingsSettings"));

    buildTable();
    splitter->setObjectName(QStringLiteral("endingsSplitter"));
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(table);
    splitter->addWidget(new PanelScroll(details, splitter));
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 2);

    auto* const layout = new QVBoxLayout(content);
    layout->setContentsMargins(grid, grid, grid, grid);
    layout->setSpacing(grid);
    layout->addLayout(bar);
    layout->addWidget(words);
    layout->addWidget(settings);
    layout->addWidget(splitter, 1);
    stack->addWidget(empty);
    stack->addWidget(content);

    ticker.setInterval(std::chrono::milliseconds(100));
    connect(&ticker, &QTimer::timeout, &page, [this] {
        model.tick();
        table->horizontalHeader()->viewport()->update();
    });
    connect(settings, &EndingsSettings::changed, &page, [this](const EndingSettings& wanted) {
        model.setPlan(wanted, server.versionNumber);
        table->horizontalHeader()->viewport()->update();
        showDetails();
    });
    connect(runAll, &QPushButton::clicked, &page, [this] {
        Q_EMIT page.runRequested(QList<EndingKind>(allEndingKinds.begin(), allEndingKinds.end()), settings->settings());
    });
    connect(stopAll, &QPushButton::clicked, &page, [this] {
        QList<EndingKind> running;
        for (const EndingState& state : model.states()) {
            if (isUnderWay(state.phase))
                running.append(state.kind);
        }
        Q_EMIT page.stopRequested(running);
    });
    connect(reset, &QPushButton::clicked, &page, &EndingsPage::resetRequested);
    connect(copy, &QPushButton::clicked, &page,
            [this] { QGuiApplication::clipboard()->setText(endingsAsText(model.states())); });
    connect(save, &QPushButton::clicked, &page, [this] { exportTable(); });
    connect(table->selectionModel(), &QItemSelectionModel::currentRowChanged, &page, [this] { showDetails(); });
    model.setPlan(settings->settings(), 0);
    table->selectRow(0);
    refresh();
}

QPushButton* EndingsPage::Parts::addButton(const char* name, const QString& text, IconName picture,
                                           const QString& toolTip)
{
    auto* const button = new TightButton(text, content);
    button->setObjectName(QString::fromLatin1(name));
    button->setAccessibleName(text);
    button->setIcon(icon(picture));
    safetext::setToolTip(button, toolTip);
    bar->addWidget(button);
    return button;
}

void EndingsPage::Parts::buildTable()
{
    table->setObjectName(QStringLiteral("endingsTable"));
    table->setAccessibleName(EndingsPage::tr("Ways to die"));
    table->setHorizontalHeader(new EndingsHeader(model, table));
    table->setModel(&model);
    table->setItemDelegate(new EndingsDelegate(model, table));
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setTabKeyNavigation(false);
    table->setShowGrid(false);
    table->setWordWrap(false);
    table->setFrameShape(QFrame::NoFrame);
    table->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    table->verticalHeader()->hide();
    QHeaderView* const header = table->horizontalHeader();
    header->setHighlightSections(false);
    header->setSectionsClickable(false);
    header->setMinimumSectionSize(4 * theme::grid());
    header->setSectionResizeMode(QHeaderView::Fixed);
    header->setSectionResizeMode(EndingsModel::Lane, QHeaderView::Stretch);
    for (int row = 0; row < model.rowCount(); ++row) {
        const EndingKind kind = model.state(row).kind;
        auto* const button = new TightButton(EndingsPage::tr("Run"));
        button->setObjectName(QStringLiteral("runButton-") + word(kind));
        button->setFlat(true);
        connect(button, &QPushButton::clicked, &page, [this, row] {
            table->selectRow(row);
            runOrStop(row);
        });
        rowButtons.append(button);
        table->setIndexWidget(model.index(row, EndingsModel::Run), button);
    }
    connect(table, &QTableView::activated, &page, [this](const QModelIndex& index) {
        if (mayRun())
            runOrStop(index.row());
    });
    fitTable();
}

/// Columns as wide as what they can hold, so that nothing jumps while stopwatches run.
void EndingsPage::Parts::fitTable()
{
    const QFontMetrics usual(table->font());
    const QFontMetrics figures(theme::monospace());
    const int inset = 2 * theme::grid();
    int way = 0;
    for (const EndingKind kind : allEndingKinds)
        way = std::max(way, usual.horizontalAdvance(titleOf(kind)));
    QHeaderView* const header = table->horizontalHeader();
    header->resizeSection(EndingsModel::Way, way + inset + theme::grid());
    header->resizeSection(EndingsModel::Expected, figures.horizontalAdvance(EndingsPage::tr("about 10.0 s")) + inset);
    header->resizeSection(EndingsModel::Measured, figures.horizontalAdvance(EndingsPage::tr("> 10.0 s")) + inset);
    header->resizeSection(EndingsModel::Verdict,
                          pillSize({.word = EndingsPage::tr("999 ms too late")}, table->font()).width() + inset);
    header->resizeSection(EndingsModel::Run,
                          usual.horizontalAdvance(EndingsPage::tr("Stop")) + theme::iconSize() + 2 * inset);
    table->verticalHeader()->setMinimumSectionSize(theme::rowHeight(true));
}

/// Details beside the table where there is room, else below it; the table shows all of its rows if it can.
void EndingsPage::Parts::fitSplitter(const QSize& size)
{
    const Qt::Orientation wanted = size.width() >= wide * theme::grid() ? Qt::Horizontal : Qt::Vertical;
    if (splitter->orientation() != wanted)
        splitter->setOrientation(wanted);
    table->verticalHeader()->setDefaultSectionSize(theme::rowHeight(wanted == Qt::Vertical));
    if (wanted == Qt::Horizontal) {
        splitter->setSizes({size.width() * 6 / 10, size.width() * 4 / 10});
        return;
    }
    const int rows =
        table->verticalHeader()->length() + table->horizontalHeader()->sizeHint().height() + theme::grid() / 2;
    const int room = size.height() - 14 * theme::grid(); // what bar, settings and gaps take
    const int below = std::max(room - rows, 12 * theme::grid());
    splitter->setSizes({room - below, below});
}

bool EndingsPage::Parts::mayRun() const
{
    return server.connected && server.problem.isEmpty() && !server.behindPooler;
}

void EndingsPage::Parts::refresh()
{
    stack->setCurrentWidget(server.connected ? content : static_cast<QWidget*>(empty));
    const bool may = mayRun();
    const bool busy = model.isBusy();
    QString problem = server.problem;
    if (problem.isEmpty() && server.behindPooler)
        problem =
            EndingsPage::tr("This connection goes through a pooler, so every way would show what the pooler does. "
                            "Connect to the server directly.");
    const bool allBusy = std::all_of(model.states().cbegin(), model.states().cend(),
                                     [](const EndingState& state) { return isUnderWay(state.phase); });
    const bool anyTried = std::any_of(model.states().cbegin(), model.states().cend(),
                                      [](const EndingState& state) { return state.phase != EndingPhase::Idle; });
    runAll->setEnabled(may && !allBusy);
    stopAll->setEnabled(busy);
    reset->setEnabled(anyTried);
    settings->setEnabled(may);
    settings->setServerVersion(server.versionNumber);
    words->setWords(problem, problem.isEmpty() ? std::nullopt : std::optional(Tone::Waiting));
    for (int row = 0; row < rowButtons.size(); ++row) {
        const EndingState& state = model.state(row);
        const bool underWay = isUnderWay(state.phase);
        QPushButton* const button = rowButtons.at(row);
        safetext::setText(button, underWay ? EndingsPage::tr("Stop") : EndingsPage::tr("Run"));
        button->setIcon(icon(underWay ? IconName::Cancel : IconName::Resume));
        button->setAccessibleName(underWay ? EndingsPage::tr("Stop: %1").arg(titleOf(state.kind))
                                           : EndingsPage::tr("Run: %1").arg(titleOf(state.kind)));
        safetext::setToolTip(button, problem.isEmpty() ? deedOf(state.kind) : problem);
        button->setEnabled(underWay ? state.phase != EndingPhase::Cleaning : may);
    }
    if (busy != ticker.isActive())
        busy ? ticker.start() : ticker.stop();
    table->horizontalHeader()->viewport()->update();
    showDetails();
}

void EndingsPage::Parts::showDetails()
{
    if (const QModelIndex current = table->currentIndex(); current.isValid())
        details->setEnding(model.state(current.row()), settings->settings());
}

void EndingsPage::Parts::runOrStop(int row)
{
    const EndingState& state = model.state(row);
    const EndingKind kind = state.kind; // the answer may come at once and change the row
    if (isUnderWay(state.phase))
        Q_EMIT page.stopRequested({kind});
    else
        Q_EMIT page.runRequested({kind}, settings->settings());
}

void EndingsPage::Parts::exportTable()
{
    auto* const dialog = new QFileDialog(&page, EndingsPage::tr("Export the Table"));
    dialog->setObjectName(QStringLiteral("endingsExportDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilter(EndingsPage::tr("CSV files (*.csv)"));
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    dialog->selectFile(QStringLiteral("ways-to-die.csv"));
    connect(dialog, &QFileDialog::fileSelected, &page, [this](const QString& fileName) {
        Q_EMIT page.exportRequested(fileName, endingsAsCsv(model.states()).toUtf8());
    });
    dialog->open();
}

EndingsPage::EndingsPage(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("endingsPage"));
    setAccessibleName(tr("Every way to die"));
    m_parts = std::make_unique<Parts>(*this);
}

EndingsPage::~EndingsPage() = default;

void EndingsPage::setServer(const LabServer& server)
{
    m_parts->server = server;
    m_parts->model.setPlan(m_parts->settings->settings(), server.versionNumber);
    m_parts->refresh();
}

void EndingsPage::setEnding(const EndingState& state)
{
    m_parts->model.setState(state);
    m_parts->refresh();
}

void EndingsPage::setError(const Error& error)
{
    m_parts->words->setWords(
        error.serverWords.isEmpty() ? error.what : error.what + QLatin1Char('\n') + error.serverWords, Tone::Error);
}

EndingSettings EndingsPage::settings() const
{
    return m_parts->settings->settings();
}

void EndingsPage::setSettings(const EndingSettings& settings)
{
    m_parts->settings->setSettings(settings);
}

void EndingsPage::select(EndingKind kind)
{
    for (int row = 0; row < m_parts->model.rowCount(); ++row) {
        if (m_parts->model.state(row).kind == kind)
            m_parts->table->selectRow(row);
    }
}

EndingKind EndingsPage::selected() const
{
    const QModelIndex current = m_parts->table->currentIndex();
    return m_parts->model.state(std::max(0, current.row())).kind;
}

void EndingsPage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    if (m_parts)
        m_parts->fitSplitter(event->size());
}

void EndingsPage::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (!m_parts || event->type() != QEvent::FontChange)
        return;
    m_parts->fitTable();
    m_parts->fitSplitter(size());
}

} // namespace lockscope
