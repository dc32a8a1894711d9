#pragma once

#include "models/lockview.h"

#include <QAbstractTableModel>
#include <QSet>

#include <vector>

namespace lockscope {

/// The lock table for a view: one LockView at a time, brought from one to the next by its edit script, so that
/// selection, current row and scroll position survive. GUI thread. Never sorts, filters, fetches or looks at a clock:
/// whoever feeds it did all that elsewhere; a click on a header only says what is wanted.
class LockTableModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Role
    {
        RowRole = Qt::UserRole, ///< LockRow
        MarkRole,               ///< RowMark as int
        WaitingRole,            ///< bool
        BlockerRole,            ///< bool: somebody waits behind this row
        MineRole,               ///< bool: a session or client of this console
        StaleRole,              ///< bool: not confirmed by the last poll
    };

    explicit LockTableModel(QObject* parent = nullptr);
    Q_DISABLE_COPY_MOVE(LockTableModel)

    /// Each update once and in order. One that does not follow from what is shown is a mistake of the caller and
    /// becomes a reset.
    void apply(const LockViewUpdate& update);
    /// Backends of this console's own sessions and clients.
    void setOwnBackends(const QSet<qint32>& pids);
    /// How old what is shown is when polls are overdue; empty when it is fresh.
    void setStale(std::optional<std::chrono::milliseconds> age);

    /// Never null. While an update is replayed still the one before; rowAt() is right at any moment.
    [[nodiscard]] const LockViewPointer& view() const { return m_view; }
    [[nodiscard]] std::optional<std::chrono::milliseconds> staleAge() const { return m_staleAge; }
    [[nodiscard]] const LockRow* rowAt(int row) const; ///< null out of range; valid until the next apply()
    [[nodiscard]] int rowOf(quint64 rowId) const;      ///< -1 when it is not shown; O(rows)

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
    /// Only asks: see sortRequested().
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

Q_SIGNALS:
    void sortRequested(lockscope::LockColumn column, Qt::SortOrder order);

private:
    void replayRanges(const EditScript& script, const LockView& next);
    void replayLayout(const EditScript& script, const LockView& next);
    void removeWatchedRows(std::vector<int>& newRows);
    void pointAt(const LockView& view);
    void columnChanged(LockColumn column);
    void rowsChanged(int first, int last, const QList<int>& roles);

    LockViewPointer m_view = std::make_shared<const LockView>();
    std::vector<const LockRow*> m_rows; ///< into m_view, and while a script is replayed into the next one as well
    QSet<qint32> m_ownBackends;
    std::optional<std::chrono::milliseconds> m_staleAge;
};

} // namespace lockscope
