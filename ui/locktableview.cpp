#include "ui/locktableview.h"

#include "models/locktablemodel.h"
#include "ui/actions.h"
#include "ui/lockcolumnlayout.h"
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
#include <QSignalBlocker>

#include <algorithm>
#include <array>

namespace lockscope {

namespace {

/// Rows looked at when columns are sized to their content: the ones on screen, or as many as this.
constexpr int fittedRows = 60;
/// Left to right at first: what answers "who holds up whom" stands left of what describes them, so that it is on screen
/// in a small window too.
constexpr std::array<LockColumn, lockColumnCount> columnOrder{
    LockColumn::Key,  LockColumn::Meaning,     LockColumn::Mode,     LockColumn::State,        LockColumn::Since,
    LockColumn::Pid,  LockColumn::Application, LockColumn::Blockers, LockColumn::BackendState, LockColumn::Database,
    LockColumn::User, LockColumn::Address,     LockColumn::Type,     LockColumn::Query,
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
        if (m_arranging || !QApplication::mouseButtons().testFlag(Qt::LeftButton) || !horizontalHeader()->underMouse())
            return;
        m_widthsChosen = true;
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
    if (!m_columnsChosen)
        return {};
    LockColumnLayout layout{.widthsChosen = m_widthsChosen, .columns = {}};
    for (int visual = 0; visual < lockColumnCount; ++visual) {
        const int section = horizontalHeader()->logicalIndex(visual);
        layout.columns.append({static_cast<LockColumn>(section), !isColumnHidden(section), columnWidth(section)});
    }
    return layout.toBytes();
}

void LockTableView::restoreColumnState(const QByteArray& state)
{
    const QSignalBlocker blocker(horizontalHeader());
    const auto layout = LockColumnLayout::fromBytes(state, QList<LockColumn>(columnOrder.cbegin(), columnOrder.cend()));
    m_columnsChosen = layout.has_value();
    m_widthsChosen = layout && layout->widthsChosen;
    if (layout)
        applyLayout(*layout);
    else
        applyDefaultColumns();
    forgetWidths();
    fitColumns();
    findFirstColumn();
    updateGeometries();
    viewport()->update();
}

void LockTableView::applyLayout(const LockColumnLayout& layout)
{
    const QScopedValueRollback<bool> arranging(m_arranging, true);
    QHeaderView* const header = horizontalHeader();
    for (int visual = 0; visual < layout.columns.size(); ++visual) {
        const LockColumnLayout::Column& column = layout.columns[visual];
        const int section = static_cast<int>(column.column);
        header->moveSection(header->visualIndex(section), visual);
        const int usual = lockColumn(column.column).widthHint * QFontMetrics(font()).averageCharWidth();
        header->setSectionHidden(section, false); // a hidden section takes no width
        header->resizeSection(section, column.width > 0 ? column.width : usual);
        header->setSectionHidden(section, !column.shown);
    }
}

void LockTableView::forgetWidths()
{
    m_widths.forget();
}

void LockTableView::fitColumns()
{
    if (m_widthsChosen)
        return;
    const int first = std::max(0, rowAt(0));
    const int lowest = rowAt(viewport()->height() - 1);
    const int last = lowest < 0 ? std::min(m_model.rowCount(), first + fittedRows) : lowest + 1;
    const auto sorted = static_cast<LockColumn>(horizontalHeader()->sortIndicatorSection());
    QStyleOptionViewItem option;
    initViewItemOption(&option);
    for (const LockColumnInfo& column : lockColumns()) {
        if (!m_widths.begin(column, column.column == sorted, font()))
            continue;
        for (int row = first; row < last; ++row) {
            const LockRow* const lock = m_model.rowAt(row);
            const QModelIndex index = m_model.index(row, static_cast<int>(column.column));
            m_widths.learn(m_delegate->sizeHint(option, index).width(), lock->isWaiting() || lock->isBlocker());
        }
    }
    distributeWidth();
}

void LockTableView::distributeWidth()
{
    if (m_widthsChosen || m_widths.isEmpty())
        return;
    const QScopedValueRollback<bool> arranging(m_arranging, true);
    LockColumnWidths::Columns shown{};
    for (int section = 0; section < lockColumnCount; ++section)
        shown[static_cast<std::size_t>(section)] = !isColumnHidden(section);
    if (!m_columnsChosen)
        shown = m_widths.chooseColumns(shown, viewport()->width(), font());
    const LockColumnWidths::Pixels pixels = m_widths.distribute(shown, viewport()->width(), font());
    for (int section = 0; section < lockColumnCount; ++section) {
        const auto at = static_cast<std::size_t>(section);
        if (isColumnHidden(section) == shown[at])
            setColumnHidden(section, !shown[at]);
        if (shown[at])
            setColumnWidth(section, pixels[at]);
    }
}

void LockTableView::resizeEvent(QResizeEvent* event)
{
    QTableView::resizeEvent(event);
    distributeWidth();
}

void LockTableView::selectRow(quint64 rowId, bool takeFocus)
{
    for (int row = 0; row < m_model.rowCount(); ++row) {
        if (m_model.rowAt(row)->rowId != rowId)
            continue;
        const int column = currentIndex().isValid() ? currentIndex().column() : horizontalHeader()->logicalIndex(0);
        setCurrentIndex(m_model.index(row, column));
        scrollTo(currentIndex());
        if (takeFocus)
            setFocus(Qt::OtherFocusReason);
        return;
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

void LockTableView::focusInEvent(QFocusEvent* event)
{
    // Qt would make the first row the current one, and the next key press would be about it.
    const bool none = !currentIndex().isValid();
    const QSignalBlocker quiet(this);
    QTableView::focusInEvent(event);
    if (none)
        selectionModel()->clear();
}

void LockTableView::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Space && event->modifiers() == Qt::NoModifier) {
        Q_EMIT pauseToggleRequested();
        return;
    }
    if (event->key() == Qt::Key_Delete && (event->modifiers() & ~Qt::KeypadModifier) == Qt::NoModifier) {
        requestCure(CureKind::CancelQuery);
        return;
    }
    if (event->key() == Qt::Key_Delete && (event->modifiers() & ~Qt::KeypadModifier) == Qt::ShiftModifier) {
        requestCure(CureKind::TerminateBackend);
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
    if (QMenu* const menu = makeRowMenu()) {
        menu->setAttribute(Qt::WA_DeleteOnClose);
        menu->popup(event->globalPos());
    }
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
        forgetWidths();
        fitColumns();
    }
}

void LockTableView::requestCure(CureKind kind)
{
    const bool possible = std::any_of(m_offers.cbegin(), m_offers.cend(), [kind](const CureOffer& offer) {
        return offer.kind == kind && offer.applies && offer.possible;
    });
    if (possible && currentRow() != nullptr)
        Q_EMIT cureRequested(kind);
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
            m_columnsChosen = true;
            setColumnHidden(section, !shown);
            if (shown && m_widthsChosen)
                resizeColumnToContents(section);
            fitColumns();
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
