#include "ui/waitspage.h"

#include "models/waitforestcells.h"
#include "ui/actions.h"
#include "ui/explanationview.h"
#include "ui/linkbanner.h"
#include "ui/safetext.h"
#include "ui/waitforestview.h"
#include "ui/waitgraphview.h"
#include "ui/waitsbar.h"
#include "ui/waitsexplainer.h"
#include "ui/waitsmenu.h"
#include "ui/waitsplaces.h"

#include <QAction>
#include <QClipboard>
#include <QDataStream>
#include <QFileDialog>
#include <QGuiApplication>
#include <QIODevice>
#include <QMenu>
#include <QMessageBox>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace lockscope {

namespace {

constexpr quint8 stateVersion = 2;
/// From this many grid units on, the forest and the drawing have place side by side.
constexpr int sideBySide = 150;

} // namespace

class WaitsPage::Parts
{
public:
    Parts(WaitsPage& page, const Actions& actions);

    void setView(const LockViewPointer& next);
    /// What came while the page was hidden.
    void catchUp();
    void setOptions(const WaitForestOptions& options);
    void setLink(const LinkState& next);
    void setLayout(WaitsLayout layout);
    void choose(const WaitNodeId& id, bool byPerson);
    void explain();
    void arrange();
    [[nodiscard]] QMenu* makeMenu(const WaitNodeId& id);
    [[nodiscard]] QByteArray state() const;
    void restoreState(const QByteArray& state);

    WaitsPage& page;
    const Actions& actions;
    WaitForestModel model;
    LinkState link;

    LinkBanner* banner = new LinkBanner;
    WaitsBar* bar = new WaitsBar;
    QStackedWidget* stack = new QStackedWidget;
    WaitForestView* forest = new WaitForestView(model);
    WaitGraphView* graph = new WaitGraphView;
    ExplanationView* explanation = new ExplanationView;
    WaitsExplainer explainer{*explanation};
    QSplitter* centre = new QSplitter(Qt::Vertical);
    QSplitter* splitter = new QSplitter(Qt::Vertical);
    WaitsPlaces* places = nullptr;

private:
    void connectAll();
    [[nodiscard]] bool isBehind();
    void settle();
    void showPlace();
    void showGraph();
    void askForCure(CureKind kind, const WaitNodeId& id);
    void askForOptions(const std::function<void(WaitForestOptions&)>& change);
    void chooseExportFile(const QString& suffix);
    void exportTo(const QString& fileName);

    bool m_sizesChosen = false;
    bool m_behind = false;                 ///< nobody saw the page when something changed
    std::optional<LockViewPointer> m_next; ///< the view to show then
};

WaitsPage::Parts::Parts(WaitsPage& owner, const Actions& table)
    : page(owner)
    , actions(table)
{
    centre->setObjectName(QStringLiteral("waitsCentre"));
    centre->addWidget(forest);
    centre->addWidget(graph);
    splitter->setObjectName(QStringLiteral("waitsSplitter"));
    splitter->addWidget(centre);
    splitter->addWidget(explanation);
    splitter->setStretchFactor(0, 1);
    splitter->setStretchFactor(1, 0);
    for (QSplitter* const each : {centre, splitter}) {
        each->setCollapsible(0, false);
        each->setCollapsible(1, false);
    }
    stack->setObjectName(QStringLiteral("waitsStack"));
    places = new WaitsPlaces(actions, stack, splitter, &page);

    auto* const layout = new QVBoxLayout(&page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(banner);
    layout->addWidget(bar);
    layout->addWidget(stack, 1);
    const int grid = theme::grid();
    explanation->setContentsMargins(grid + grid / 2, grid / 2, grid + grid / 2, grid / 2);
    explanation->setVisible(actions[ActionId::ShowDetails]->isChecked());
    connectAll();
    setLayout(WaitsLayout::Tree);
    showPlace();
}

void WaitsPage::Parts::connectAll()
{
    connect(banner, &LinkBanner::reconnectRequested, &page, &WaitsPage::reconnectRequested);
    connect(banner, &LinkBanner::changeConnectionRequested, &page, [this] { actions[ActionId::Connect]->trigger(); });
    connect(banner, &LinkBanner::resumeRequested, &page, [this] { actions[ActionId::Pause]->trigger(); });

    connect(bar, &WaitsBar::optionsRequested, &page, &WaitsPage::optionsRequested);
    connect(bar, &WaitsBar::layoutRequested, &page, [this](WaitsLayout layout) {
        setLayout(layout);
        Q_EMIT page.stateChanged();
    });
    connect(bar, &WaitsBar::zoomInRequested, graph, &WaitGraphView::zoomIn);
    connect(bar, &WaitsBar::zoomOutRequested, graph, &WaitGraphView::zoomOut);
    connect(bar, &WaitsBar::fitRequested, graph, &WaitGraphView::fitAll);
    connect(bar, &WaitsBar::exportSvgRequested, &page, [this] { chooseExportFile(QStringLiteral("svg")); });
    connect(bar, &WaitsBar::exportPngRequested, &page, [this] { chooseExportFile(QStringLiteral("png")); });
    connect(bar, &WaitsBar::copyTreeRequested, &page,
            [this] { QGuiApplication::clipboard()->setText(forest->treeText()); });

    connect(places, &WaitsPlaces::allSessionsRequested, &page,
            [this] { askForOptions([](WaitForestOptions& options) { options.allSessions = true; }); });
    connect(places, &WaitsPlaces::anyWaitRequested, &page, [this] {
        askForOptions([](WaitForestOptions& options) { options.minimumWait = std::chrono::milliseconds(0); });
    });

    const auto chosen = [this](const WaitNodeId& id) { choose(id, true); };
    connect(forest, &WaitForestView::sessionSelected, &page, chosen);
    connect(graph, &WaitGraphView::sessionSelected, &page, chosen);
    connect(explanation, &ExplanationView::sessionRequested, &page, chosen);
    connect(forest, &WaitForestView::sessionActivated, &page, &WaitsPage::sessionActivated);
    connect(graph, &WaitGraphView::sessionActivated, &page, &WaitsPage::sessionActivated);
    const auto menu = [this](const WaitNodeId& id, const QPoint& position) {
        QMenu* const shown = makeMenu(id);
        shown->setAttribute(Qt::WA_DeleteOnClose);
        shown->popup(position);
    };
    connect(forest, &WaitForestView::menuRequested, &page, menu);
    connect(graph, &WaitGraphView::contextMenuRequested, &page, menu);
    connect(forest, &WaitForestView::pauseToggleRequested, &page, [this] { actions[ActionId::Pause]->trigger(); });
    connect(forest, &WaitForestView::cancelRequested, &page,
            [this](const WaitNodeId& id) { askForCure(CureKind::CancelQuery, id); });
    connect(forest, &WaitForestView::terminateRequested, &page,
            [this](const WaitNodeId& id) { askForCure(CureKind::TerminateBackend, id); });

    connect(explanation, &ExplanationView::cureRequested, &page, &WaitsPage::cureRequested);
    connect(explanation, &ExplanationView::foreignReleaseRequested, &page, &WaitsPage::foreignReleaseRequested);
    connect(explanation, &ExplanationView::copyRequested, &page,
            [](const QString& text) { QGuiApplication::clipboard()->setText(text); });
    connect(actions[ActionId::ShowDetails], &QAction::toggled, explanation, &QWidget::setVisible);
    connect(actions[ActionId::CompactRows], &QAction::toggled, forest, &WaitForestView::setCompact);
    forest->setCompact(actions[ActionId::CompactRows]->isChecked());
    for (QSplitter* const each : {centre, splitter})
        connect(each, &QSplitter::splitterMoved, &page, [this] {
            m_sizesChosen = true;
            Q_EMIT page.stateChanged();
        });
    connect(forest, &WaitForestView::columnStateChanged, &page, &WaitsPage::stateChanged);
}

/// A page that nobody sees does nothing: a jam of 2 000 sessions would cost the other pages their frames.
bool WaitsPage::Parts::isBehind()
{
    m_behind = m_behind || !page.isVisible();
    return m_behind;
}

void WaitsPage::Parts::setView(const LockViewPointer& next)
{
    m_next = next;
    if (isBehind())
        return;
    settle();
}

void WaitsPage::Parts::catchUp()
{
    if (!std::exchange(m_behind, false))
        return;
    graph->selectSession(explainer.selected());
    settle();
}

void WaitsPage::Parts::settle()
{
    if (const auto next = std::exchange(m_next, std::nullopt))
        model.apply(*next);
    if (!forest->isHidden())
        forest->settle();
    showGraph();
    if (model.indexOf(explainer.selected()).isValid())
        forest->selectSession(explainer.selected());
    showPlace();
    explain();
}

void WaitsPage::Parts::setOptions(const WaitForestOptions& options)
{
    model.setOptions(options);
    graph->setOptions(options);
    bar->setOptions(options);
    forest->settle();
    forest->selectSession(explainer.selected());
    showPlace();
    explain();
}

void WaitsPage::Parts::setLink(const LinkState& next)
{
    const bool otherPhase = link.phase != next.phase;
    link = next;
    explainer.setLink(link.phase);
    const bool stale = link.phase != LinkPhase::Live && link.phase != LinkPhase::Closed;
    model.setStale(stale);
    graph->setStale(stale);
    const LockViewPointer newest = m_next.value_or(model.view());
    banner->setLink(link, newest && !newest->empty);
    showPlace();
    if (otherPhase)
        explain();
}

/// The drawing is only kept up to date while somebody sees it.
void WaitsPage::Parts::showGraph()
{
    if (bar->shownLayout() != WaitsLayout::Tree)
        graph->setView(model.view());
}

void WaitsPage::Parts::setLayout(WaitsLayout layout)
{
    bar->setShownLayout(layout);
    showGraph();
    const bool focused = forest->hasFocus() || graph->hasFocus();
    if (forest->isHidden() && layout != WaitsLayout::Graph)
        forest->settle(); // it rested
    forest->setVisible(layout != WaitsLayout::Graph);
    graph->setVisible(layout != WaitsLayout::Tree);
    // Not on to the next widget in turn, which may be a button that asks to end a session.
    if (focused && layout == WaitsLayout::Graph)
        graph->setFocus();
    else if (focused && layout == WaitsLayout::Tree)
        forest->setFocus();
    page.setFocusProxy(layout == WaitsLayout::Graph ? static_cast<QWidget*>(graph) : forest);
    arrange();
    showPlace();
}

/// Sizes follow the window until a person moves a splitter.
void WaitsPage::Parts::arrange()
{
    const int grid = theme::grid();
    const auto orientation = page.width() >= sideBySide * grid ? Qt::Horizontal : Qt::Vertical;
    const bool turned = centre->orientation() != orientation;
    centre->setOrientation(orientation);
    const int height = splitter->height();
    if (!m_sizesChosen) {
        const int words = std::clamp(height * 2 / 5, 18 * grid, 36 * grid);
        splitter->setSizes({height - words, words});
    }
    if (!m_sizesChosen || turned)
        centre->setSizes({height, height}); // halves
}

void WaitsPage::Parts::showPlace()
{
    const LockView& view = *model.view();
    const bool waits = view.waits && !view.waits->nodes.isEmpty();
    const bool drawn = bar->shownLayout() == WaitsLayout::Graph;
    const bool hasRows = drawn ? waits && model.rowCount() > 0 : model.rowCount() > 0;
    places->show(view, link, model.options(), hasRows);
    bar->setVisible(!view.empty);
    bar->setSummary(waitSummary(view));
    bar->setHasContent(model.rowCount() > 0);
}

void WaitsPage::Parts::choose(const WaitNodeId& id, bool byPerson)
{
    explainer.select(id);
    if (!isBehind()) {
        forest->selectSession(id);
        graph->selectSession(id);
        explain();
    }
    if (byPerson)
        Q_EMIT page.sessionSelected(id);
}

void WaitsPage::Parts::explain()
{
    if (isBehind())
        return;
    // The window's own: the application has none in the moment after a dialog closed.
    const auto hasFocus = [this] {
        const QWidget* const focused = page.window()->focusWidget();
        return focused != nullptr && explanation->isAncestorOf(focused) && focused->isVisible() && focused->isEnabled();
    };
    const bool focused = hasFocus();
    if (!explainer.show(model))
        graph->selectSession({});
    // With the session its button goes, and focus with it: back to the list, not to whatever comes next in turn.
    if (focused && !hasFocus())
        (forest->isHidden() ? static_cast<QWidget*>(graph) : forest)->setFocus();
}

void WaitsPage::Parts::askForCure(CureKind kind, const WaitNodeId& id)
{
    const QList<CureOffer> all = explainer.offers(id, *model.view());
    for (const CureOffer& offer : all) {
        if (offer.kind == kind && offer.applies && offer.possible)
            Q_EMIT page.cureRequested(kind, id);
    }
}

void WaitsPage::Parts::askForOptions(const std::function<void(WaitForestOptions&)>& change)
{
    WaitForestOptions wanted = model.options();
    change(wanted);
    Q_EMIT page.optionsRequested(wanted);
}

QMenu* WaitsPage::Parts::makeMenu(const WaitNodeId& id)
{
    catchUp();
    if (id.isNull()) {
        auto* const menu = new QMenu(&page);
        menu->setObjectName(QStringLiteral("waitsDrawingMenu"));
        menu->addAction(WaitsPage::tr("Show &All of the Drawing"), graph, &WaitGraphView::fitAll);
        menu->addAction(WaitsPage::tr("&Tidy Up"), graph, &WaitGraphView::tidy);
        return menu;
    }
    return makeWaitsMenu(&page, id, forest->rowText(id), explainer.offers(id, *model.view()),
                         {.goToLocks = [this, id] { Q_EMIT page.sessionActivated(id); },
                          .filter = [this](const QString& filter) { Q_EMIT page.filterRequested(filter); },
                          .cure = [this, id](CureKind kind) { Q_EMIT page.cureRequested(kind, id); },
                          .copy = [](const QString& text) { QGuiApplication::clipboard()->setText(text); },
                          .openAll = [this] { forest->openAll(); }});
}

void WaitsPage::Parts::chooseExportFile(const QString& suffix)
{
    auto* const dialog = new QFileDialog(&page, WaitsPage::tr("Save the Drawing"));
    dialog->setObjectName(QStringLiteral("waitsExportDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(suffix);
    dialog->setNameFilter(suffix == QLatin1String("svg") ? WaitsPage::tr("SVG drawing (*.svg)")
                                                         : WaitsPage::tr("PNG picture (*.png)"));
    dialog->selectFile(QStringLiteral("waits.") + suffix);
    connect(dialog, &QFileDialog::fileSelected, &page, [this](const QString& fileName) { exportTo(fileName); });
    dialog->open();
}

void WaitsPage::Parts::exportTo(const QString& fileName)
{
    graph->setView(model.view());
    if (const Result<void> done = graph->exportTo(fileName); !done)
        safetext::errorBox(&page, WaitsPage::tr("The Drawing Was Not Saved"), done.error())->open();
}

QByteArray WaitsPage::Parts::state() const
{
    QByteArray result;
    QDataStream stream(&result, QIODevice::WriteOnly);
    stream.setVersion(QDataStream::Qt_6_4);
    stream << stateVersion << static_cast<quint8>(bar->shownLayout())
           << (m_sizesChosen ? splitter->saveState() : QByteArray())
           << (m_sizesChosen ? centre->saveState() : QByteArray()) << forest->columnState()
           << (graph->isFitted() ? 0.0 : graph->zoom());
    return result;
}

void WaitsPage::Parts::restoreState(const QByteArray& state)
{
    QDataStream stream(state);
    stream.setVersion(QDataStream::Qt_6_4);
    quint8 version = 0;
    quint8 layout = 0;
    QByteArray outer;
    QByteArray inner;
    QByteArray columns;
    double zoom = 0;
    stream >> version >> layout >> outer >> inner >> columns >> zoom;
    if (stream.status() != QDataStream::Ok || version != stateVersion ||
        layout > static_cast<quint8>(WaitsLayout::Both))
        return;
    m_sizesChosen = splitter->restoreState(outer) && centre->restoreState(inner);
    forest->restoreColumnState(columns);
    if (zoom > 0)
        graph->setZoom(zoom);
    setLayout(static_cast<WaitsLayout>(layout));
}

WaitsPage::WaitsPage(const Actions& actions, QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("waitsPage"));
    m_parts = std::make_unique<Parts>(*this, actions);
}

WaitsPage::~WaitsPage()
{
    // What shows the model goes before it.
    delete m_parts->stack;
}

void WaitsPage::setView(const LockViewPointer& view)
{
    m_parts->setView(view);
}

void WaitsPage::setLink(const LinkState& link)
{
    m_parts->setLink(link);
}

void WaitsPage::setServer(const std::optional<ServerInfo>& server)
{
    m_parts->explainer.setServer(server);
    m_parts->explain();
}

void WaitsPage::setReadOnly(bool readOnly)
{
    m_parts->explainer.setReadOnly(readOnly);
    m_parts->explain();
}

void WaitsPage::setOwnBackends(const QSet<qint32>& pids)
{
    m_parts->explainer.setOwnBackends(pids);
    m_parts->model.setOwnBackends(pids);
    m_parts->graph->setOwnBackends(pids);
    m_parts->explain();
}

void WaitsPage::setOptions(const WaitForestOptions& options)
{
    m_parts->setOptions(options);
}

void WaitsPage::selectSession(const WaitNodeId& id)
{
    m_parts->choose(id, false);
}

WaitNodeId WaitsPage::selectedSession() const
{
    return m_parts->explainer.selected();
}

QMenu* WaitsPage::makeMenu(const WaitNodeId& id)
{
    return m_parts->makeMenu(id);
}

QByteArray WaitsPage::state() const
{
    return m_parts->state();
}

void WaitsPage::restoreState(const QByteArray& state)
{
    m_parts->restoreState(state);
}

void WaitsPage::showEvent(QShowEvent* event)
{
    m_parts->catchUp();
    QWidget::showEvent(event);
}

void WaitsPage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    m_parts->arrange();
}

} // namespace lockscope
