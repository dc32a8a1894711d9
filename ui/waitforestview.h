#pragma once

#include "models/waitforestmodel.h"

#include <QTreeView>

#include <array>

class QMenu;

namespace lockscope {

class WaitForestDelegate;

/// The wait forest as a view: expanded but for what a person closed, columns that take what they need, the tree and the
/// state first. GUI thread. Never scrolls by itself; when the current session leaves, nothing is selected, so that the
/// next key press cannot hit another one.
class WaitForestView final : public QTreeView
{
    Q_OBJECT

public:
    explicit WaitForestView(WaitForestModel& model, QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(WaitForestView)

    void setCompact(bool compact);
    /// After each change of the model: opens what came, fits the columns.
    void settle();
    /// Shows it as selected; says nothing back. One that is not shown clears the selection.
    void selectSession(const WaitNodeId& id);
    [[nodiscard]] WaitNodeId currentSession() const; ///< null without one
    /// Opens all, also what a person closed.
    void openAll();
    /// As it stands there, columns separated by tabs, indented by two spaces a level; every row.
    [[nodiscard]] QString treeText() const;
    [[nodiscard]] QString rowText(const WaitNodeId& id) const;
    /// Widths and visibility of the columns; empty until a person changed any of it.
    [[nodiscard]] QByteArray columnState() const;
    void restoreColumnState(const QByteArray& state);
    /// The header's context menu. The caller owns and shows it.
    [[nodiscard]] QMenu* makeColumnMenu();

Q_SIGNALS:
    /// By the person; null: nothing is selected any more.
    void sessionSelected(const lockscope::WaitNodeId& id);
    void sessionActivated(const lockscope::WaitNodeId& id);
    void menuRequested(const lockscope::WaitNodeId& id, const QPoint& globalPosition);
    void cancelRequested(const lockscope::WaitNodeId& id);
    void terminateRequested(const lockscope::WaitNodeId& id);
    void pauseToggleRequested();
    void columnStateChanged();

protected:
    bool event(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;
    void rowsAboutToBeRemoved(const QModelIndex& parent, int start, int end) override;
    void drawRow(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void learnWidths();
    void distributeWidth();
    void applyMetrics();
    void forgetWidths();
    [[nodiscard]] QString textOf(const QModelIndex& index) const;

    WaitForestModel& m_model;
    WaitForestDelegate* m_delegate;
    QSet<WaitNodeId> m_closed; ///< by the person
    std::array<int, WaitForestModel::ColumnCount> m_widths{};
    bool m_quiet = false; ///< what changes now is no choice of the person's
    bool m_columnsChosen = false;
};

} // namespace lockscope
