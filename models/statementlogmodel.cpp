#include "models/statementlogmodel.h"

#include "models/domain/csv.h"
#include "models/domain/displaytext.h"
#include "models/domain/redaction.h"

#include <QDateTime>
#include <QHash>

#include <algorithm>

namespace lockscope {

namespace {

QDateTime dateTime(const StatementRecord& record)
{
    using namespace std::chrono;
    return QDateTime::fromMSecsSinceEpoch(duration_cast<milliseconds>(record.sentAt.time_since_epoch()).count());
}

qint64 microsecondsSinceEpoch(const StatementRecord& record)
{
    using namespace std::chrono;
    return duration_cast<microseconds>(record.sentAt.time_since_epoch()).count();
}

QString cut(const QString& text)
{
    if (text.size() <= StatementLogModel::maximumSqlCharacters)
        return text;
    return firstCharacters(text, StatementLogModel::maximumSqlCharacters - 1) + QChar(0x2026);
}

/// As it is kept: nothing secret, nothing endless. Cut first, so that masking a huge text costs little.
StatementRecord keepable(StatementRecord record)
{
    record.sql = withoutPasswords(cut(record.sql));
    record.result = withoutPasswords(cut(record.result));
    for (QString& notice : record.notices)
        notice = withoutPasswords(cut(notice));
    return record;
}

QString joinedNotices(const StatementRecord& record)
{
    return record.notices.join(QStringLiteral("; "));
}

bool isNumeric(int column)
{
    return column == StatementLogModel::BackendColumn || column == StatementLogModel::DurationColumn;
}

QString headerText(int column)
{
    switch (column) {
    case StatementLogModel::TimeColumn:
        return StatementLogModel::tr("Time");
    case StatementLogModel::SessionColumn:
        return StatementLogModel::tr("Session");
    case StatementLogModel::BackendColumn:
        return StatementLogModel::tr("Backend");
    case StatementLogModel::SqlColumn:
        return StatementLogModel::tr("SQL");
    case StatementLogModel::ResultColumn:
        return StatementLogModel::tr("Result");
    case StatementLogModel::NoticesColumn:
        return StatementLogModel::tr("Notices");
    case StatementLogModel::DurationColumn:
        return StatementLogModel::tr("Duration");
    default:
        return {};
    }
}

QVariant sortValue(const StatementRecord& record, int column, const QString& text)
{
    switch (column) {
    case StatementLogModel::TimeColumn:
        return microsecondsSinceEpoch(record);
    case StatementLogModel::BackendColumn:
        return record.backendPid;
    case StatementLogModel::DurationColumn:
        return qint64(record.duration.count());
    default:
        return text;
    }
}

QString tooltip(const StatementRecord& record, int column, const QString& text)
{
    switch (column) {
    case StatementLogModel::SqlColumn:
        return plainTooltip(record.sql);
    case StatementLogModel::ResultColumn:
        return plainTooltip(record.result);
    case StatementLogModel::NoticesColumn:
        return plainTooltip(record.notices.join(u'\n'));
    default:
        return plainTooltip(text);
    }
}

} // namespace

StatementLogModel::StatementLogModel(QObject* parent, int capacity)
    : QAbstractTableModel(parent)
    , m_capacity(std::max(1, capacity))
{
}

int StatementLogModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int StatementLogModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString StatementLogModel::text(const StatementRecord& record, int column) const
{
    switch (column) {
    case TimeColumn:
        return dateTime(record).toString(QStringLiteral("HH:mm:ss.zzz"));
    case SessionColumn:
        return cellText(record.session);
    case BackendColumn:
        return record.backendPid == 0 ? QString() : QString::number(record.backendPid);
    case SqlColumn:
        return cellText(record.sql);
    case ResultColumn:
        return cellText(record.result);
    case NoticesColumn:
        return cellText(joinedNotices(record));
    case DurationColumn:
        return formatDuration(record.duration);
    default:
        return {};
    }
}

QVariant StatementLogModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const StatementRecord& record = recordOf(m_rows.at(index.row()));
    switch (role) {
    case Qt::DisplayRole:
        return text(record, index.column());
    case Qt::ToolTipRole:
        return tooltip(record, index.column(), text(record, index.column()));
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::AlignVCenter | (isNumeric(index.column()) ? Qt::AlignRight : Qt::AlignLeft));
    case RecordRole:
        return QVariant::fromValue(record);
    case FailedRole:
        return record.failed;
    case HousekeepingRole:
        return record.housekeeping;
    case SortRole:
        return sortValue(record, index.column(), text(record, index.column()));
    default:
        return {};
    }
}

QVariant StatementLogModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return QAbstractTableModel::headerData(section, orientation, role);
    if (role == Qt::DisplayRole)
        return headerText(section);
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::AlignVCenter | (isNumeric(section) ? Qt::AlignRight : Qt::AlignLeft));
    return {};
}

void StatementLogModel::append(const QList<StatementRecord>& records)
{
    // Of a flood only the end would stay, so only the end is taken in.
    const qsizetype skipped = std::max<qsizetype>(0, records.size() - m_capacity);
    QList<StatementRecord> kept;
    QList<qint64> shown;
    qint64 serial = m_firstSerial + m_records.size();
    for (const StatementRecord& record : records.sliced(skipped)) {
        kept.append(keepable(record));
        if (isShown(record))
            shown.append(serial);
        ++serial;
    }
    if (shown.isEmpty()) {
        m_records += kept;
    } else {
        const int first = rowCount();
        beginInsertRows({}, first, first + static_cast<int>(shown.size()) - 1);
        m_records += kept;
        m_rows += shown;
        endInsertRows();
    }
    if (m_records.size() > m_capacity)
        dropOldest();
}

/// A tenth more than needed goes, so that a full log does not move its rows with every statement.
void StatementLogModel::dropOldest()
{
    const qsizetype dropped = std::min(m_records.size() - 1, m_records.size() - m_capacity + m_capacity / 10);
    const qint64 firstKept = m_firstSerial + dropped;
    const auto end = std::lower_bound(m_rows.cbegin(), m_rows.cend(), firstKept);
    const int rows = static_cast<int>(end - m_rows.cbegin());
    if (rows > 0)
        beginRemoveRows({}, 0, rows - 1);
    m_rows.remove(0, rows);
    m_records.remove(0, dropped);
    m_firstSerial = firstKept;
    if (rows > 0)
        endRemoveRows();
}

void StatementLogModel::clear()
{
    const bool shown = !m_rows.isEmpty();
    if (shown)
        beginRemoveRows({}, 0, rowCount() - 1);
    m_firstSerial += m_records.size();
    m_records.clear();
    m_rows.clear();
    if (shown)
        endRemoveRows();
}

QList<qint64> StatementLogModel::shownSerials() const
{
    QList<qint64> serials;
    for (qsizetype position = 0; position < m_records.size(); ++position) {
        if (isShown(m_records.at(position)))
            serials.append(m_firstSerial + position);
    }
    return serials;
}

/// Housekeeping rows are scattered all over, and thousands of single row signals are slow in a shown view. So rows come
/// and go at the end, and one layout change puts them where they belong; selection and current row stay.
void StatementLogModel::setShowHousekeeping(bool show)
{
    if (m_showHousekeeping == show)
        return;
    m_showHousekeeping = show;
    const QList<qint64> target = shownSerials();
    QList<qint64> scattered;
    const QList<qint64>& larger = show ? target : m_rows;
    std::copy_if(larger.cbegin(), larger.cend(), std::back_inserter(scattered),
                 [this](qint64 serial) { return recordOf(serial).housekeeping; });
    if (scattered.isEmpty())
        return;
    if (show) {
        beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(scattered.size()) - 1);
        m_rows += scattered;
        endInsertRows();
        arrange(target);
    } else {
        arrange(target + scattered);
        beginRemoveRows({}, static_cast<int>(target.size()), rowCount() - 1);
        m_rows = target;
        endRemoveRows();
    }
}

void StatementLogModel::arrange(const QList<qint64>& serials)
{
    if (serials == m_rows)
        return;
    Q_EMIT layoutAboutToBeChanged({}, VerticalSortHint);
    QHash<qint64, int> rows;
    rows.reserve(serials.size());
    for (int row = 0; row < serials.size(); ++row)
        rows.insert(serials.at(row), row);
    const QModelIndexList before = persistentIndexList();
    QModelIndexList after;
    after.reserve(before.size());
    for (const QModelIndex& persistent : before)
        after.append(createIndex(rows.value(m_rows.at(persistent.row())), persistent.column()));
    m_rows = serials;
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged({}, VerticalSortHint);
}

StatementRecord StatementLogModel::recordAt(int row) const
{
    return row >= 0 && row < m_rows.size() ? recordOf(m_rows.at(row)) : StatementRecord();
}

QByteArray StatementLogModel::toCsv() const
{
    CsvWriter writer;
    writer.addRow(
        {tr("Time"), tr("Session"), tr("Backend"), tr("SQL"), tr("Result"), tr("Notices"), tr("Duration (ms)")});
    for (const qint64 serial : m_rows) {
        const StatementRecord& record = recordOf(serial);
        writer.addRow({dateTime(record).toUTC().toString(Qt::ISODateWithMs), record.session, record.backendPid,
                       record.sql, record.result, joinedNotices(record),
                       CsvCell::real(static_cast<double>(record.duration.count()) / 1000.0)});
    }
    return writer.toUtf8();
}

QString StatementLogModel::toText() const
{
    QString result;
    for (const qint64 serial : m_rows) {
        const StatementRecord& record = recordOf(serial);
        QStringList parts;
        for (const int column : {TimeColumn, SessionColumn, BackendColumn, SqlColumn})
            parts += column == SqlColumn ? cellText(record.sql, maximumSqlCharacters) : text(record, column);
        result += parts.join(QStringLiteral("  ")) + QStringLiteral("  -> ") + cellText(record.result);
        if (!record.notices.isEmpty())
            result += QStringLiteral("  ") + cellText(joinedNotices(record));
        result += QStringLiteral("  (") + formatDuration(record.duration) + QStringLiteral(")\n");
    }
    return result;
}

} // namespace lockscope
