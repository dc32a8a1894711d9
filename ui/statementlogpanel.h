#pragma once

#include <QWidget>

class QCheckBox;
class QPushButton;
class QSortFilterProxyModel;
class QTableView;

namespace lockscope {

class FilterEdit;
class StatementLogModel;

enum class StatementLogFormat
{
    Csv,
    Text
};

/// The statement log: every statement as it was sent, with its answer and the server's notices. Follows the newest row
/// unless the person scrolled up. GUI thread. Never writes a file and never empties the log: both are asked for.
class StatementLogPanel final : public QWidget
{
    Q_OBJECT

public:
    /// The model is not owned and must outlive the panel.
    explicit StatementLogPanel(StatementLogModel* model, QWidget* parent = nullptr);
    ~StatementLogPanel() override;
    Q_DISABLE_COPY_MOVE(StatementLogPanel)

    /// Statements that the console sends for itself; off at first.
    void setShowHousekeeping(bool show);
    /// The selected rows from top to bottom: SQL that can be pasted, each with its answer as a comment above it.
    [[nodiscard]] QString selectedAsSql() const;

Q_SIGNALS:
    /// The rows to export are those that the model shows (StatementLogModel::toCsv(), toText()).
    void exportRequested(lockscope::StatementLogFormat format);
    void clearRequested();
    void housekeepingShown(bool shown);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void buildTable();
    void buildTools();
    void applyMetrics();
    void stretchSql();
    void followTail();
    void copy();
    void refresh();

    StatementLogModel* m_model;
    QSortFilterProxyModel* m_proxy;
    QTableView* m_table;
    FilterEdit* m_filter;
    QCheckBox* m_housekeeping;
    QPushButton* m_copy;
    QPushButton* m_export;
    QPushButton* m_clear;
    bool m_anyNotices = false;
    bool m_atTail = true;
};

} // namespace lockscope
