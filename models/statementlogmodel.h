#pragma once

#include "models/domain/sessionstate.h"

#include <QAbstractTableModel>
#include <QByteArray>
#include <QList>

namespace lockscope {

/// Every statement that operator sessions and clients sent, newest last, with its values, answer and notices.
/// For the thread of its views. Bounded: the oldest are dropped in blocks. Passwords are masked before anything is
/// stored, and long SQL is cut. Never touches a file: exports are returned.
class StatementLogModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        TimeColumn,
        SessionColumn,
        BackendColumn,
        SqlColumn,
        ResultColumn,
        NoticesColumn,
        DurationColumn,
        ColumnCount,
    };

    enum Role
    {
        RecordRole = Qt::UserRole, ///< the StatementRecord
        FailedRole,
        HousekeepingRole,
        SortRole, ///< numbers as numbers, times in microseconds
    };

    static constexpr int defaultCapacity = 10'000;
    static constexpr int maximumSqlCharacters = 16 * 1024;

    explicit StatementLogModel(QObject* parent = nullptr, int capacity = defaultCapacity);
    Q_DISABLE_COPY_MOVE(StatementLogModel)

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

    void append(const QList<StatementRecord>& records);
    void clear();
    /// Statements that the console sent for itself are shown unless this is off; they are kept either way.
    void setShowHousekeeping(bool show);
    [[nodiscard]] bool showsHousekeeping() const { return m_showHousekeeping; }
    /// An empty record for a row that is not there.
    [[nodiscard]] StatementRecord recordAt(int row) const;

    /// The shown rows. Times are UTC, durations are milliseconds.
    [[nodiscard]] QByteArray toCsv() const;
    /// The shown rows, a line each, for pasting into a ticket.
    [[nodiscard]] QString toText() const;

private:
    [[nodiscard]] const StatementRecord& recordOf(qint64 serial) const { return m_records.at(serial - m_firstSerial); }
    [[nodiscard]] bool isShown(const StatementRecord& record) const
    {
        return m_showHousekeeping || !record.housekeeping;
    }
    [[nodiscard]] QList<qint64> shownSerials() const;
    [[nodiscard]] QString text(const StatementRecord& record, int column) const;
    void dropOldest();
    void arrange(const QList<qint64>& serials);

    int m_capacity;
    bool m_showHousekeeping = true;
    QList<StatementRecord> m_records;
    qint64 m_firstSerial = 0; ///< serial number of the first record kept; they count up without end
    QList<qint64> m_rows;     ///< the serial number shown in each row
};

} // namespace lockscope
