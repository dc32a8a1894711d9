#pragma once

#include "models/domain/cure.h"
#include "models/lockcolumns.h"
#include "ui/lockcolumnwidths.h"

#include <QTableView>

class QMenu;

namespace lockscope {

class Actions;
class LockDelegate;
class LockTableModel;
struct LockColumnLayout;

/// The lock table as a view: fixed row heights, no vertical header, columns that can be hidden and moved, sorting that
/// only asks. Columns take what they need, the query what is left. GUI thread. Never scrolls by itself: it follows the
/// keyboard and the mouse, not the data; when the current row leaves, nothing is selected, so that the next key press
/// cannot hit another lock.
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
    /// Widens columns to what is on screen, unless a person chose the widths. Columns never narrow by themselves:
    /// the table must not move under the mouse with every poll.
    void fitColumns();
    /// The next fit starts anew: another server, other kinds of locks.
    void forgetWidths();
    /// takeFocus: the keys that come next are for this row.
    void selectRow(quint64 rowId, bool takeFocus = true);
    /// What can be done about the current row's session: for its menu and keys.
    void setCureOffers(const QList<CureOffer>& offers) { m_offers = offers; }
    /// The header's context menu: which columns are shown. The caller owns and shows it.
    [[nodiscard]] QMenu* makeColumnMenu();
    /// The context menu of the current row; null without one. The caller owns and shows it.
    [[nodiscard]] QMenu* makeRowMenu();
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
    /// The person wants to see only locks like this one.
    void filterChosen(const QString& filter);
    /// Delete, Shift+Delete or the menu: to the session of the current row. Only where it is possible.
    void cureRequested(lockscope::CureKind kind);
    void labelRequested(const lockscope::LockRow& row);
    void waitsRequested(const lockscope::LockRow& row);
    void modeRequested(lockscope::LockMode mode);

protected:
    void focusInEvent(QFocusEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;
    void rowsAboutToBeRemoved(const QModelIndex& parent, int start, int end) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void applyDefaultColumns();
    void applyLayout(const LockColumnLayout& layout);
    void requestCure(CureKind kind);
    void addCures(QMenu* menu);
    void addQuestions(QMenu* menu, const LockRow& row);
    void addFilters(QMenu* menu, const LockRow& row);
    void distributeWidth();
    void applyMetrics();
    void noteChangeByPerson();
    void findFirstColumn();
    [[nodiscard]] int visibleColumnCount() const;

    const Actions& m_actions;
    LockTableModel& m_model;
    LockDelegate* m_delegate;
    bool m_compact = false;
    bool m_columnsChosen = false; ///< which, and in what order
    bool m_widthsChosen = false;
    LockColumnWidths m_widths;
    QList<CureOffer> m_offers;
    bool m_arranging = false;
};

} // namespace lockscope
