#include "ui/ledgertree.h"

#include <QHeaderView>

#include <utility>

namespace lockscope {

LedgerTree::LedgerTree(QAbstractItemModel* model, LedgerDelegate::Reader reader, QWidget* parent)
    : QTreeView(parent)
{
    setModel(model);
    setItemDelegate(new LedgerDelegate(std::move(reader), this));
    setHeaderHidden(true);
    for (int column = 1; column < model->columnCount(); ++column)
        setColumnHidden(column, true);
    header()->setStretchLastSection(false);
    header()->setSectionResizeMode(0, QHeaderView::Stretch);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setUniformRowHeights(true);
    setIndentation(theme::grid() * 3 / 2);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setAllColumnsShowFocus(true);
    expandAll();
    connect(model, &QAbstractItemModel::rowsRemoved, this, &LedgerTree::settle);
    connect(this, &QAbstractItemView::clicked, this, &LedgerTree::picked);
    connect(this, &QAbstractItemView::activated, this, &LedgerTree::picked);
    settle();
}

QSize LedgerTree::sizeHint() const
{
    // The smallest height is the hint too: all that is left over comes to the tree by its stretch, and in a low window
    // the controls stay in sight.
    return {theme::grid() * 40, minimumSizeHint().height()};
}

QSize LedgerTree::minimumSizeHint() const
{
    return {theme::grid() * 20, theme::rowHeight(true) * 3 + 2};
}

void LedgerTree::currentChanged(const QModelIndex& current, const QModelIndex& previous)
{
    QTreeView::currentChanged(current, previous);
    Q_EMIT currentMoved(current);
}

void LedgerTree::rowsInserted(const QModelIndex& parent, int start, int end)
{
    QTreeView::rowsInserted(parent, start, end);
    if (!parent.isValid()) {
        for (int row = start; row <= end; ++row)
            expand(model()->index(row, 0));
        settle();
    } else if (model()->rowCount(parent) == end - start + 1) {
        expand(parent); // its first locks; later ones leave a closed row closed
    }
}

void LedgerTree::settle()
{
    if (!currentIndex().isValid() && model()->rowCount() > 0)
        setCurrentIndex(model()->index(0, 0));
    else if (!currentIndex().isValid())
        Q_EMIT currentMoved({});
}

} // namespace lockscope
