#pragma once

#include "models/lockrow.h"

#include <QTableView>

class QMenu;

namespace lockscope {

class Actions;
class LockDelegate;
class LockTableModel;

/// The lock table as a view: fixed row heights, no vertical header, columns that can be hidden and moved, sorting that
/// only asks. GUI thread. Never scrolls by itself: it follows the keyboard and the mouse, not the data; when the
/// current row leaves, nothing is selected, so that the next key press cannot hit another lock.
class LockTableView final : public QTableView
{
    Q_OBJECT

public:
    LockTableView(const Actions& actions, LockTableModel& model, QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(LockTableView)

    /// What the header shows; does not ask for sorting.
    void setSort(LockColumn column, Qt::SortOrder order);
    void setCompact(bool compact);
    /// Order, widths and visibility of the columns; empty until a person changed any of it.
    [[nodiscard]] QByteArray columnState() const;
    /// An empty or foreign state is the default layout.
    void restoreColumnState(const QByteArray& state);
    /// Widths from what is on screen, unless a person chose them.
    void fitColumns();
    /// The header's context menu: which columns are shown. The caller owns and shows it.
    [[nodiscard]] QMenu* makeColumnMenu();
    [[nodiscard]] const LockRow* currentRow() const;
    /// From top to bottom; gone rows included when chosen.
    [[nodiscard]] QList<LockRow> selectedRows() const;
    [[nodiscard]] QString currentCellText() const;

Q_SIGNALS:
    void currentRowChanged();
    void pauseToggleRequested();
    /// Return or a double click on a row.
    void rowActivated(const lockscope::LockRow& row);
    void columnStateChanged();

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;
    void rowsAboutToBeRemoved(const QModelIndex& parent, int start, int end) override;
    void changeEvent(QEvent* event) override;

private:
    void applyDefaultColumns();
    void applyMetrics();
    void noteChangeByPerson();
    void findFirstColumn();
    [[nodiscard]] int visibleColumnCount() const;

    const Actions& m_actions;
    LockTableModel& m_model;
    LockDelegate* m_delegate;
    bool m_compact = false;
    bool m_columnsChosen = false;
    bool m_arranging = false;
};

} // namespace lockscope
