#include "ui/waitforestview.h"

#include "ui/theme.h"
#include "ui/waitforestdelegate.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QScopedValueRollback>

#include <algorithm>

namespace lockscope {

namespace {

/// Rows looked at when columns are sized to their content.
constexpr int fittedRows = 60;
/// How a remembered layout begins.
constexpr char chosenColumns = 'c';

using Column = WaitForestModel::Column;

size_t at(int column)
{
    return static_cast<size_t>(column);
}

bool isRootBlocker(const WaitForestRow& row)
{
    return row.node != nullptr && row.node->root;
}

} // namespace

WaitForestView::WaitForestView(WaitForestModel& model, QWidget* parent)
    : QTreeView(parent)
    , m_model(model)
    , m_delegate(new WaitForestDelegate(model, this))
{
    setObjectName(QStringLiteral("waitForest"));
    setAccessibleName(tr("Who waits for whom"));
    setModel(&model);
    setItemDelegate(m_delegate);
    setFrameShape(QFrame::NoFrame);
    setUniformRowHeights(true);
    setRootIsDecorated(true);
    setAllColumnsShowFocus(true);
    setExpandsOnDoubleClick(false);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    setAutoScroll(false); // only keys and clicks scroll, see keyPressEvent()
    viewport()->setAttribute(Qt::WA_Hover, false);

    QHeaderView* const header = this->header();
    header->setObjectName(QStringLiteral("waitForestHeader"));
    header->setSectionsMovable(false);
    header->setHighlightSections(false);
    header->setStretchLastSection(false);
    header->setMinimumSectionSize(theme::grid() * 4);
    header->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(header, &QHeaderView::customContextMenuRequested, this, [this](const QPoint& position) {
        QMenu* const menu = makeColumnMenu();
        menu->setAttribute(Qt::WA_DeleteOnClose);
        menu->popup(this->header()->mapToGlobal(position));
    });
    connect(header, &QHeaderView::sectionResized, this, [this] {
        // Columns follow the window; only a drag is a choice.
        if (!m_quiet && QApplication::mouseButtons().testFlag(Qt::LeftButton) && this->header()->underMouse()) {
            m_columnsChosen = true;
            Q_EMIT columnStateChanged();
        }
    });
    connect(this, &QTreeView::collapsed, this, [this](const QModelIndex& index) {
        m_closed.insert(index.data(WaitForestModel::NodeIdRole).value<WaitNodeId>());
    });
    connect(this, &QTreeView::expanded, this, [this](const QModelIndex& index) {
        m_closed.remove(index.data(WaitForestModel::NodeIdRole).value<WaitNodeId>());
    });
    connect(this, &QTreeView::activated, this, [this](const QModelIndex& index) {
        Q_EMIT sessionActivated(index.data(WaitForestModel::NodeIdRole).value<WaitNodeId>());
    });
    connect(&model, &QAbstractItemModel::modelReset, this, [this] {
        m_closed.clear();
        forgetWidths();
    });
    applyMetrics();
}

void WaitForestView::setCompact(bool compact)
{
    m_delegate->setCompact(compact);
    scheduleDelayedItemsLayout();
}

void WaitForestView::settle()
{
    std::vector<QModelIndex> open;
    const auto openChildren = [&](const QModelIndex& parent) {
        for (int row = 0; row < m_model.rowCount(parent); ++row) {
            const QModelIndex child = m_model.index(row, 0, parent);
            if (m_model.rowCount(child) > 0)
                open.push_back(child);
        }
    };
    openChildren({});
    while (!open.empty()) {
        const QModelIndex index = open.back();
        open.pop_back();
        if (!isExpanded(index) && !m_closed.contains(m_model.rowAt(index)->id))
            expand(index);
        openChildren(index);
    }
    learnWidths();
    distributeWidth();
}

void WaitForestView::openAll()
{
    m_closed.clear();
    settle();
}

void WaitForestView::selectSession(const WaitNodeId& id)
{
    if (id == currentSession())
        return;
    const QScopedValueRollback<bool> quiet(m_quiet, true);
    const QModelIndex index = m_model.indexOf(id);
    if (!index.isValid()) {
        selectionModel()->clear();
        return;
    }
    for (QModelIndex above = index.parent(); above.isValid(); above = above.parent())
        expand(above);
    setCurrentIndex(index);
    scrollTo(index);
}

WaitNodeId WaitForestView::currentSession() const
{
    const WaitForestRow* const row = m_model.rowAt(currentIndex());
    return row == nullptr ? WaitNodeId() : row->id;
}

QString WaitForestView::textOf(const QModelIndex& index) const
{
    QStringList cells;
    for (int column = 0; column < WaitForestModel::ColumnCount; ++column)
        cells.append(index.siblingAtColumn(column).data().toString());
    return cells.join(u'\t');
}

QString WaitForestView::rowText(const WaitNodeId& id) const
{
    const QModelIndex index = m_model.indexOf(id);
    return index.isValid() ? textOf(index) : QString();
}

QString WaitForestView::treeText() const
{
    QStringList titles;
    for (int column = 0; column < WaitForestModel::ColumnCount; ++column)
        titles.append(m_model.headerData(column, Qt::Horizontal).toString());
    QString text = titles.join(u'\t') + u'\n';
    struct Place
    {
        QModelIndex index;
        int depth;
    };
    std::vector<Place> open;
    const auto addChildren = [&](const QModelIndex& parent, int depth) {
        for (int row = m_model.rowCount(parent) - 1; row >= 0; --row)
            open.push_back({m_model.index(row, 0, parent), depth});
    };
    addChildren({}, 0);
    while (!open.empty()) {
        const Place place = open.back();
        open.pop_back();
        text += QString(place.depth * 2, u' ') + textOf(place.index) + u'\n';
        addChildren(place.index, place.depth + 1);
    }
    return text;
}

bool WaitForestView::event(QEvent* event)
{
    // While the forest has the focus, copying means its row, whatever a menu's shortcut would copy.
    if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent*>(event)->matches(QKeySequence::Copy) &&
        !currentSession().isNull()) {
        event->accept();
        return true;
    }
    return QTreeView::event(event);
}

void WaitForestView::focusInEvent(QFocusEvent* event)
{
    // Qt would make the first row the current one, and the next key press would be about it.
    const QScopedValueRollback<bool> quiet(m_quiet, true);
    const bool none = !currentIndex().isValid();
    QTreeView::focusInEvent(event);
    if (none)
        selectionModel()->clear();
}

void WaitForestView::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy) && !currentSession().isNull()) {
        QGuiApplication::clipboard()->setText(rowText(currentSession()));
        return;
    }
    if (event->key() == Qt::Key_Space && event->modifiers() == Qt::NoModifier) {
        Q_EMIT pauseToggleRequested();
        return;
    }
    if (event->key() == Qt::Key_Delete && !currentSession().isNull()) {
        if (event->modifiers() == Qt::NoModifier)
            Q_EMIT cancelRequested(currentSession());
        else if (event->modifiers() == Qt::ShiftModifier)
            Q_EMIT terminateRequested(currentSession());
        return;
    }
    setAutoScroll(true);
    QTreeView::keyPressEvent(event);
    setAutoScroll(false);
}

void WaitForestView::mousePressEvent(QMouseEvent* event)
{
    setAutoScroll(true);
    QTreeView::mousePressEvent(event);
    setAutoScroll(false);
}

void WaitForestView::contextMenuEvent(QContextMenuEvent* event)
{
    const WaitNodeId id = currentSession();
    if (id.isNull())
        return;
    const bool byKey = event->reason() == QContextMenuEvent::Keyboard;
    Q_EMIT menuRequested(id,
                         byKey ? viewport()->mapToGlobal(visualRect(currentIndex()).bottomLeft()) : event->globalPos());
}

void WaitForestView::currentChanged(const QModelIndex& current, const QModelIndex& previous)
{
    QTreeView::currentChanged(current, previous);
    if (!m_quiet && current.siblingAtColumn(0) != previous.siblingAtColumn(0))
        Q_EMIT sessionSelected(currentSession());
}

void WaitForestView::rowsAboutToBeRemoved(const QModelIndex& parent, int start, int end)
{
    // Qt would make a neighbour the current row.
    for (QModelIndex above = currentIndex(); above.isValid(); above = above.parent()) {
        if (above.parent() == parent && above.row() >= start && above.row() <= end) {
            const QScopedValueRollback<bool> quiet(m_quiet, true);
            selectionModel()->clear();
            break;
        }
    }
    QTreeView::rowsAboutToBeRemoved(parent, start, end);
}

void WaitForestView::drawRow(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    if (const WaitForestRow* const row = m_model.rowAt(index)) {
        QColor background;
        if (selectionModel()->isSelected(index))
            background = theme::selection(palette());
        else if (index.data(WaitForestModel::StaleRole).toBool())
            background = palette().color(QPalette::Active, QPalette::AlternateBase);
        else if (row->cycle)
            background = theme::tint(Tone::Error, palette(), 0.09);
        else if (row->node != nullptr && !row->node->isWaiting())
            background = theme::tint(Tone::Blocker, palette(), isRootBlocker(*row) ? 0.09 : 0.04);
        if (background.isValid())
            painter->fillRect(option.rect, background);
    }
    QTreeView::drawRow(painter, option, index);
}

void WaitForestView::changeEvent(QEvent* event)
{
    QTreeView::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) {
        applyMetrics();
        forgetWidths();
        learnWidths();
        distributeWidth();
    }
}

void WaitForestView::resizeEvent(QResizeEvent* event)
{
    QTreeView::resizeEvent(event);
    distributeWidth();
}

void WaitForestView::applyMetrics()
{
    setIndentation(theme::grid() * 5 / 2);
    header()->setMinimumSectionSize(theme::grid() * 4);
}

void WaitForestView::forgetWidths()
{
    m_widths.fill(0);
}

/// What the rows on screen need. Columns never narrow by themselves: the tree must not move under the mouse.
void WaitForestView::learnWidths()
{
    if (m_columnsChosen || m_model.rowCount() == 0)
        return;
    QStyleOptionViewItem option;
    initViewItemOption(&option);
    for (int column = 0; column < WaitForestModel::ColumnCount; ++column) {
        const int title = header()->sectionSizeHint(column) + theme::grid();
        m_widths[at(column)] = std::max(m_widths[at(column)], title);
    }
    QModelIndex index = indexAt(QPoint(0, 0));
    for (int row = 0; row < fittedRows && index.isValid(); ++row, index = indexBelow(index)) {
        int depth = 1;
        for (QModelIndex above = index.parent(); above.isValid(); above = above.parent())
            ++depth;
        for (int column = 0; column < WaitForestModel::ColumnCount; ++column) {
            const int content = m_delegate->sizeHint(option, index.siblingAtColumn(column)).width();
            const int indent = column == Column::Session ? depth * indentation() : 0;
            m_widths[at(column)] = std::max(m_widths[at(column)], content + indent);
        }
    }
}

/// The tree and the state get what they need, then how long and how many; what is left goes to what is waited for and
/// the query. Where there is no place for a column, it steps aside rather than cut another to nothing.
void WaitForestView::distributeWidth()
{
    if (m_columnsChosen || m_widths[0] == 0)
        return;
    const QScopedValueRollback<bool> quiet(m_quiet, true);
    const int grid = theme::grid();
    auto widths = m_widths;
    widths[Column::Session] = std::clamp(widths[Column::Session], 20 * grid, 44 * grid);
    widths[Column::State] = std::clamp(widths[Column::State], 14 * grid, 34 * grid);
    const int wish = std::clamp(widths[Column::WaitsFor], 16 * grid, 40 * grid);
    int left = viewport()->width() - widths[Column::Session] - widths[Column::State] - widths[Column::Since] -
               widths[Column::StuckBehind] - wish;
    const auto take = [&](Column column, int width) {
        const bool fits = left >= width;
        setColumnHidden(column, !fits);
        if (fits)
            left -= width;
        return fits;
    };
    take(Column::LongestBehind, widths[Column::LongestBehind]);
    const bool query = take(Column::Query, 24 * grid);
    take(Column::TotalBehind, widths[Column::TotalBehind]);
    widths[Column::WaitsFor] = wish + (query ? 0 : left);
    if (query) {
        const int more = std::clamp(m_widths[Column::WaitsFor] - wish, 0, std::max(0, left / 2));
        widths[Column::WaitsFor] += more;
        widths[Column::Query] = 24 * grid + left - more;
    }
    // Too narrow for all: what is waited for gives way first, then the state down to its pill, then the names.
    int missing = std::max(0, -left);
    const auto give = [&](Column column, int least) {
        const int given = std::clamp(widths[column] - least, 0, missing);
        widths[column] -= given;
        missing -= given;
    };
    if (missing > 0)
        widths[Column::WaitsFor] = wish;
    give(Column::WaitsFor, 18 * grid);
    give(Column::State, 15 * grid);
    give(Column::Session, 24 * grid);
    give(Column::WaitsFor, 12 * grid);
    for (int column = 0; column < WaitForestModel::ColumnCount; ++column) {
        if (!isColumnHidden(column))
            setColumnWidth(column, widths[at(column)]);
    }
}

QByteArray WaitForestView::columnState() const
{
    return m_columnsChosen ? QByteArray(1, chosenColumns) + header()->saveState() : QByteArray();
}

void WaitForestView::restoreColumnState(const QByteArray& state)
{
    const QScopedValueRollback<bool> quiet(m_quiet, true);
    m_columnsChosen = state.startsWith(chosenColumns) && header()->restoreState(state.sliced(1));
    for (const int column : {Column::Session, Column::State}) {
        if (m_columnsChosen && isColumnHidden(column))
            setColumnHidden(column, false);
    }
    learnWidths();
    distributeWidth();
}

QMenu* WaitForestView::makeColumnMenu()
{
    auto* const menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("waitColumnsMenu"));
    for (int column = Column::WaitsFor; column < WaitForestModel::ColumnCount; ++column) {
        QAction* const action = menu->addAction(m_model.headerData(column, Qt::Horizontal).toString());
        action->setCheckable(true);
        action->setChecked(!isColumnHidden(column));
        connect(action, &QAction::toggled, this, [this, column](bool shown) {
            m_columnsChosen = true;
            setColumnHidden(column, !shown);
            if (shown && columnWidth(column) < theme::grid() * 6)
                setColumnWidth(column, std::max(m_widths[at(column)], theme::grid() * 10));
            Q_EMIT columnStateChanged();
        });
    }
    menu->addSeparator();
    connect(menu->addAction(tr("&Automatic Columns")), &QAction::triggered, this, [this] {
        restoreColumnState({});
        Q_EMIT columnStateChanged();
    });
    return menu;
}

} // namespace lockscope
