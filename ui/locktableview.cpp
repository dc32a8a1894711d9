#include "ui/locktableview.h"

#include "models/lockcolumns.h"
#include "models/locktablemodel.h"
#include "ui/actions.h"
#include "ui/lockdelegate.h"
#include "ui/safetext.h"
#include "ui/theme.h"

#include <QAction>
#include <QApplication>
#include <QContextMenuEvent>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QScopedValueRollback>

#include <algorithm>
#include <array>
#include <vector>

namespace lockscope {

namespace {

/// Rows looked at when columns are sized to their content: a screenful.
constexpr int fittedRows = 60;

/// Left to right at first: what answers "who holds up whom" stands left of what describes them, so that it is on screen
/// in a small window too.
constexpr std::array<LockColumn, lockColumnCount> columnOrder{
    LockColumn::Key,         LockColumn::Mode,     LockColumn::State,    LockColumn::Since, LockColumn::Pid,
    LockColumn::Application, LockColumn::Blockers, LockColumn::Database, LockColumn::User,  LockColumn::BackendState,
    LockColumn::Address,     LockColumn::Type,     LockColumn::Query,
};

} // namespace

LockTableView::LockTableView(const Actions& actions, LockTableModel& model, QWidget* parent)
    : QTableView(parent)
    , m_actions(actions)
    , m_model(model)
    , m_delegate(new LockDelegate(model, this))
{
    setObjectName(QStringLiteral("lockTable"));
    setAccessibleName(tr("Locks"));
    setModel(&model);
    setItemDelegate(m_delegate);
    setShowGrid(false);
    setFrameShape(QFrame::NoFrame);
    setWordWrap(false);
    setCornerButtonEnabled(false);
    setTabKeyNavigation(false);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    setAutoScroll(false); // only keys and clicks scroll, see keyPressEvent()
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    viewport()->setAttribute(Qt::WA_Hover, false);

    QHeaderView* const header = horizontalHeader();
    header->setObjectName(QStringLiteral("lockTableHeader"));
    header->setSectionsMovable(true);
    header->setSectionsClickable(true);
    header->setFirstSectionMovable(true);
    header->setHighlightSections(false);
    header->setSortIndicatorShown(true);
    header->setStretchLastSection(true);
    header->setContextMenuPolicy(Qt::CustomContextMenu);
    applyDefaultColumns();
    setSort(LockViewSpec{}.sortColumn, LockViewSpec{}.sortOrder);

    connect(header, &QHeaderView::sortIndicatorChanged, &m_model, &LockTableModel::sort);
    connect(header, &QHeaderView::customContextMenuRequested, this, [this](const QPoint& position) {
        QMenu* const menu = makeColumnMenu();
        menu->setAttribute(Qt::WA_DeleteOnClose);
        menu->popup(horizontalHeader()->mapToGlobal(position));
    });
    connect(header, &QHeaderView::sectionMoved, this, [this] {
        findFirstColumn();
        noteChangeByPerson();
    });
    connect(header, &QHeaderView::sectionResized, this, [this] {
        // The last column stretches with the window; only a drag is a choice.
        if (QApplication::mouseButtons().testFlag(Qt::LeftButton) && horizontalHeader()->underMouse())
            noteChangeByPerson();
    });
    connect(this, &QTableView::activated, this, [this](const QModelIndex& index) {
        if (const LockRow* const row = m_model.rowAt(index.row()))
            Q_EMIT rowActivated(*row);
    });
    for (const auto id : {ActionId::CopyRow, ActionId::CopyCell, ActionId::CopyAsSql})
        addAction(actions[id]);
    applyMetrics();
}

void LockTableView::setSort(LockColumn column, Qt::SortOrder order)
{
    const QSignalBlocker blocker(horizontalHeader());
    horizontalHeader()->setSortIndicator(static_cast<int>(column), order);
}

void LockTableView::setCompact(bool compact)
{
    m_compact = compact;
    applyMetrics();
}

QByteArray LockTableView::columnState() const
{
    return m_columnsChosen ? horizontalHeader()->saveState() : QByteArray();
}

void LockTableView::restoreColumnState(const QByteArray& state)
{
    const QSignalBlocker blocker(horizontalHeader());
    const int sortSection = horizontalHeader()->sortIndicatorSection();
    const Qt::SortOrder sortOrder = horizontalHeader()->sortIndicatorOrder();
    m_columnsChosen = !state.isEmpty() && horizontalHeader()->restoreState(state);
    if (m_columnsChosen && horizontalHeader()->hiddenSectionCount() == lockColumnCount)
        m_columnsChosen = false;
    if (!m_columnsChosen) {
        applyDefaultColumns();
        fitColumns();
    }
    horizontalHeader()->setSortIndicator(sortSection, sortOrder); // the order of rows is not part of the layout
    findFirstColumn();
    updateGeometries();
    viewport()->update();
}

void LockTableView::fitColumns()
{
    if (m_columnsChosen)
        return;
    const QScopedValueRollback<bool> arranging(m_arranging, true);
    const QFontMetrics metrics(font());
    const int rows = std::min(m_model.rowCount(), fittedRows);
    QStyleOptionViewItem option;
    initViewItemOption(&option);
    for (const LockColumnInfo& column : lockColumns()) {
        const int section = static_cast<int>(column.column);
        if (isColumnHidden(section))
            continue;
        int width = metrics.horizontalAdvance(column.title()) + 2 * theme::grid() + 2;
        if (section == horizontalHeader()->sortIndicatorSection())
            width += 2 * theme::grid();
        const int most = std::max(width, column.widthHint * metrics.averageCharWidth() * 3 / 2);
        // One outlandish key or name must not push the other columns off the screen; rows that need a look are never
        // cut.
        const bool mayCut = column.column == LockColumn::Key || column.column == LockColumn::Application;
        std::vector<int> widths;
        for (int row = 0; row < rows; ++row) {
            const int needed = m_delegate->sizeHint(option, m_model.index(row, section)).width();
            const LockRow* const lock = m_model.rowAt(row);
            if (!mayCut || lock->isWaiting() || lock->isBlocker())
                width = std::max(width, needed);
            else
                widths.push_back(needed);
        }
        if (!widths.empty()) {
            const auto ninth = widths.begin() + static_cast<std::ptrdiff_t>(widths.size() * 9 / 10);
            std::nth_element(widths.begin(), ninth, widths.end());
            width = std::max(width, *ninth);
        }
        setColumnWidth(section, std::min(width, most));
    }
}

const LockRow* LockTableView::currentRow() const
{
    return m_model.rowAt(currentIndex().row());
}

QList<LockRow> LockTableView::selectedRows() const
{
    QModelIndexList indexes = selectionModel()->selectedRows();
    std::sort(indexes.begin(), indexes.end());
    QList<LockRow> rows;
    rows.reserve(indexes.size());
    for (const QModelIndex& index : std::as_const(indexes)) {
        if (const LockRow* const row = m_model.rowAt(index.row()))
            rows.append(*row);
    }
    return rows;
}

QString LockTableView::currentCellText() const
{
    return currentIndex().data().toString();
}

void LockTableView::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Space && event->modifiers() == Qt::NoModifier) {
        Q_EMIT pauseToggleRequested();
        return;
    }
    // Home and End mean the list, not the columns of a row.
    const bool toTop = event->key() == Qt::Key_Home;
    if ((toTop || event->key() == Qt::Key_End) && event->modifiers() == Qt::NoModifier && m_model.rowCount() > 0) {
        const int column = currentIndex().isValid() ? currentIndex().column() : horizontalHeader()->logicalIndex(0);
        const QModelIndex goal = m_model.index(toTop ? 0 : m_model.rowCount() - 1, column);
        setCurrentIndex(goal);
        scrollTo(goal);
        return;
    }
    setAutoScroll(true);
    QTableView::keyPressEvent(event);
    setAutoScroll(false);
}

void LockTableView::mousePressEvent(QMouseEvent* event)
{
    setAutoScroll(true);
    QTableView::mousePressEvent(event);
    setAutoScroll(false);
}

void LockTableView::contextMenuEvent(QContextMenuEvent* event)
{
    if (currentRow() == nullptr)
        return;
    auto* const menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("lockTableMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const auto id : {ActionId::CopyRow, ActionId::CopyCell, ActionId::CopyAsSql})
        menu->addAction(m_actions[id]);
    menu->popup(event->globalPos());
}

void LockTableView::currentChanged(const QModelIndex& current, const QModelIndex& previous)
{
    QTableView::currentChanged(current, previous);
    Q_EMIT currentRowChanged();
}

void LockTableView::rowsAboutToBeRemoved(const QModelIndex& parent, int start, int end)
{
    // Qt would make a neighbour the current row.
    const int current = currentIndex().row();
    if (current >= start && current <= end)
        selectionModel()->clear();
    QTableView::rowsAboutToBeRemoved(parent, start, end);
}

void LockTableView::changeEvent(QEvent* event)
{
    QTableView::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) {
        applyMetrics();
        fitColumns();
    }
}

QMenu* LockTableView::makeColumnMenu()
{
    auto* const menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("columnMenu"));
    menu->setToolTipsVisible(true);
    for (const LockColumnInfo& column : lockColumns()) {
        const int section = static_cast<int>(column.column);
        auto* const action = menu->addAction(column.title());
        action->setObjectName(QLatin1String("column_") + QLatin1String(column.id));
        safetext::setToolTip(action, column.toolTip());
        action->setCheckable(true);
        action->setChecked(!isColumnHidden(section));
        action->setEnabled(isColumnHidden(section) || visibleColumnCount() > 1);
        connect(action, &QAction::toggled, this, [this, section](bool shown) {
            if (!shown && visibleColumnCount() == 1)
                return;
            setColumnHidden(section, !shown);
            if (shown)
                resizeColumnToContents(section);
            findFirstColumn();
            noteChangeByPerson();
        });
    }
    menu->addSeparator();
    auto* const reset = menu->addAction(tr("Reset Columns"));
    reset->setObjectName(QStringLiteral("resetColumns"));
    connect(reset, &QAction::triggered, this, [this] {
        restoreColumnState({});
        Q_EMIT columnStateChanged();
    });
    return menu;
}

void LockTableView::applyDefaultColumns()
{
    const QScopedValueRollback<bool> arranging(m_arranging, true);
    QHeaderView* const header = horizontalHeader();
    for (int visual = 0; visual < lockColumnCount; ++visual)
        header->moveSection(header->visualIndex(static_cast<int>(columnOrder[static_cast<std::size_t>(visual)])),
                            visual);
    for (const LockColumnInfo& column : lockColumns()) {
        const int section = static_cast<int>(column.column);
        header->setSectionHidden(section, !column.visibleByDefault);
        header->resizeSection(section, column.widthHint * QFontMetrics(font()).averageCharWidth());
    }
    findFirstColumn();
}

void LockTableView::applyMetrics()
{
    const int height = theme::rowHeight(m_compact);
    verticalHeader()->setMinimumSectionSize(height);
    verticalHeader()->setDefaultSectionSize(height);
    horizontalHeader()->setMinimumSectionSize(4 * theme::grid());
}

void LockTableView::noteChangeByPerson()
{
    if (m_arranging)
        return;
    m_columnsChosen = true;
    Q_EMIT columnStateChanged();
}

void LockTableView::findFirstColumn()
{
    const QHeaderView* const header = horizontalHeader();
    for (int visual = 0; visual < header->count(); ++visual) {
        const int section = header->logicalIndex(visual);
        if (!header->isSectionHidden(section)) {
            m_delegate->setFirstColumn(section);
            viewport()->update();
            return;
        }
    }
}

int LockTableView::visibleColumnCount() const
{
    return lockColumnCount - horizontalHeader()->hiddenSectionCount();
}

} // namespace lockscope
