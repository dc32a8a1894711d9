#pragma once

#include "ui/celldelegate.h"

#include <QTableView>

namespace lockscope {

/// A quiet table of the lab: rows of one height, no grid, plain tooltips with what a cell cuts, copies what is
/// selected. GUI thread. Only shows.
class QuietTable : public QTableView
{
    Q_OBJECT

public:
    /// How wide a column is.
    struct Column
    {
        QString sample = {}; ///< its widest usual text; empty: it takes the room that is left
        int hiddenBelow = 0; ///< grid units of the table's width under which others need the room more
    };

    explicit QuietTable(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(QuietTable)

    /// One per column of the model, which is set already. Follows the font and the width of the table.
    void setColumns(const QList<Column>& columns);

protected:
    bool viewportEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;
    /// What the tooltip says; empty: nothing.
    [[nodiscard]] virtual QString toolTipFor(const QModelIndex& index) const;
    void resizeEvent(QResizeEvent* event) override;

private:
    void applyMetrics();
    void layColumns();

    QList<Column> m_columns;
};

/// A lesson of the list: the sign of what came of it, number and title. GUI thread.
class LessonListDelegate final : public CellDelegate
{
    Q_OBJECT

public:
    using CellDelegate::CellDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

/// The steps of a lesson: the current one stands out, each result is a sign, a word and a colour.
class LessonStepTable final : public QuietTable
{
    Q_OBJECT

public:
    explicit LessonStepTable(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(LessonStepTable)

    /// The step under way or next, and the one that was done last; -1: none.
    void setCurrentStep(int row, int last);
    [[nodiscard]] int currentStep() const { return m_current; }
    [[nodiscard]] int lastStep() const { return m_last; }
    /// Shares the width between the columns of words.
    void shareWidth();

protected:
    void resizeEvent(QResizeEvent* event) override;
    [[nodiscard]] QString toolTipFor(const QModelIndex& index) const override;

private:
    int m_current = -1;
    int m_last = -1;
};

} // namespace lockscope
