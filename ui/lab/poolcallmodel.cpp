#include "ui/lab/poolcallmodel.h"

#include "models/domain/csv.h"
#include "models/domain/displaytext.h"
#include "models/domain/time.h"

#include <array>

namespace lockscope {

namespace {

bool isNumber(int column)
{
    return column == PoolCallModel::NumberColumn || column == PoolCallModel::SlotColumn ||
           column == PoolCallModel::PidColumn || column == PoolCallModel::TimeColumn;
}

QString hitText(const PoolCall& call)
{
    return !call.hit ? QString() : *call.hit ? PoolCallModel::tr("yes") : PoolCallModel::tr("no");
}

/// What the server said, word for word; an error of a call where it gave one.
QString warningText(const PoolCall& call)
{
    QStringList words = call.notices;
    if (call.error)
        words.append(call.error->serverWords.isEmpty() ? call.error->what : call.error->serverWords);
    return words.join(QStringLiteral("; "));
}

} // namespace

PoolCallModel::PoolCallModel(QObject* parent)
    : QAbstractTableModel(parent)
{
}

void PoolCallModel::add(const PoolCall& call)
{
    if (m_calls.size() >= mostCalls) {
        constexpr qsizetype share = mostCalls / 10;
        beginRemoveRows({}, 0, static_cast<int>(share - 1));
        m_calls.remove(0, share);
        endRemoveRows();
    }
    const int row = static_cast<int>(m_calls.size());
    beginInsertRows({}, row, row);
    m_calls.append(call);
    endInsertRows();
}

void PoolCallModel::clear()
{
    if (m_calls.isEmpty())
        return;
    beginResetModel();
    m_calls.clear();
    endResetModel();
}

QString PoolCallModel::csv() const
{
    CsvWriter writer;
    writer.addRow({QStringLiteral("number"), QStringLiteral("request"), QStringLiteral("action"), QStringLiteral("key"),
                   QStringLiteral("slot"), QStringLiteral("pid"), QStringLiteral("answer"), QStringLiteral("hit"),
                   QStringLiteral("elapsed_us"), QStringLiteral("notices"), QStringLiteral("error"),
                   QStringLiteral("statements")});
    for (const PoolCall& call : m_calls) {
        writer.addRow({static_cast<qint64>(call.number), call.request, word(call.action), call.key.toString(),
                       call.slot == 0 ? CsvCell::empty() : CsvCell(call.slot),
                       call.backendPid == 0 ? CsvCell::empty() : CsvCell(call.backendPid), word(call.answer),
                       call.hit ? CsvCell::boolean(*call.hit) : CsvCell::empty(),
                       static_cast<qint64>(call.elapsed.count()), call.notices.join(QStringLiteral("; ")),
                       call.error ? CsvCell(call.error->what) : CsvCell::empty(),
                       call.statements.join(QStringLiteral("; "))});
    }
    return writer.text();
}

int PoolCallModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_calls.size());
}

int PoolCallModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant PoolCallModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= m_calls.size())
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::AlignVCenter | (isNumber(index.column()) ? Qt::AlignRight : Qt::AlignLeft));
    if (role != Qt::DisplayRole)
        return {};
    const PoolCall& call = m_calls.at(index.row());
    switch (index.column()) {
    case NumberColumn:
        return QString::number(call.number);
    case RequestColumn:
        return cellText(call.request, 200);
    case CallColumn:
        return QStringLiteral("%1 %2").arg(word(call.action), call.key.toString());
    case SlotColumn:
        return call.slot == 0 ? QString() : QString::number(call.slot);
    case PidColumn:
        return call.backendPid == 0 ? QString() : QString::number(call.backendPid);
    case AnswerColumn:
        return word(call.answer);
    case HitColumn:
        return hitText(call);
    case TimeColumn:
        return formatDuration(call.elapsed);
    case WarningColumn:
        return cellText(warningText(call));
    default:
        return {};
    }
}

QVariant PoolCallModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    static const std::array<const char*, ColumnCount> titles{
        QT_TR_NOOP("No."),    QT_TR_NOOP("Request"), QT_TR_NOOP("Call"), QT_TR_NOOP("Slot"), QT_TR_NOOP("Pid"),
        QT_TR_NOOP("Answer"), QT_TR_NOOP("Hit"),     QT_TR_NOOP("Time"), QT_TR_NOOP("Words")};
    if (role == Qt::DisplayRole)
        return tr(titles.at(static_cast<std::size_t>(section)));
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::AlignVCenter | (isNumber(section) ? Qt::AlignRight : Qt::AlignLeft));
    if (role == Qt::ToolTipRole && section == HitColumn)
        return plainTooltip(tr("Whether a release ran on the connection that had taken the lock."));
    if (role == Qt::ToolTipRole && section == WarningColumn)
        return plainTooltip(
            tr("The server's WARNING or error, word for word; of a call that never reached it, the reason."));
    return {};
}

} // namespace lockscope
