#include "models/podrequestmodel.h"

#include "models/domain/displaytext.h"

#include <QDateTime>

#include <algorithm>

namespace lockscope {

namespace {

const PodAnswer* latest(const PodRequest& request)
{
    return request.last ? &*request.last : request.first ? &*request.first : nullptr;
}

} // namespace

PodRequestModel::PodRequestModel(QObject* parent)
    : QAbstractTableModel(parent)
{
}

void PodRequestModel::setRequests(const QList<PodRequest>& requests)
{
    const quint64 oldest = requests.isEmpty() ? 0 : requests.constFirst().number;
    const auto stays = requests.isEmpty()
                           ? m_requests.cend()
                           : std::find_if(m_requests.cbegin(), m_requests.cend(),
                                          [oldest](const PodRequest& one) { return one.number >= oldest; });
    if (const auto gone = static_cast<int>(stays - m_requests.cbegin()); gone > 0) {
        beginRemoveRows({}, 0, gone - 1);
        m_requests.remove(0, gone);
        endRemoveRows();
    }
    // Numbers count up, so what is left is the beginning of the new list.
    const qsizetype common = std::min(m_requests.size(), requests.size());
    for (qsizetype row = 0; row < common; ++row) {
        if (m_requests.at(row) == requests.at(row))
            continue;
        m_requests[row] = requests.at(row);
        Q_EMIT dataChanged(index(static_cast<int>(row), 0), index(static_cast<int>(row), ColumnCount - 1));
    }
    if (requests.size() > common) {
        beginInsertRows({}, static_cast<int>(common), static_cast<int>(requests.size()) - 1);
        m_requests = requests;
        endInsertRows();
    }
}

int PodRequestModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_requests.size());
}

int PodRequestModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant PodRequestModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const PodRequest& request = m_requests.at(index.row());
    if (role == Qt::DisplayRole)
        return text(request, index.column());
    if (role == CodeRole)
        return latest(request) == nullptr ? 0 : latest(request)->code;
    if (role == Qt::TextAlignmentRole) {
        const bool number = index.column() == TokenColumn || index.column() == DurationColumn;
        return static_cast<int>((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    return {};
}

QString PodRequestModel::text(const PodRequest& request, int column) const
{
    const PodAnswer* const answer = latest(request);
    switch (column) {
    case TimeColumn:
        return QDateTime::fromMSecsSinceEpoch(
                   std::chrono::duration_cast<std::chrono::milliseconds>(request.askedAt.time_since_epoch()).count())
            .toString(QStringLiteral("hh:mm:ss"));
    case PodColumn:
        return cellText(request.pod);
    case KeyColumn:
        return request.key.toString();
    case AnswerColumn:
        return !request.first ? tr("none yet")
               : request.last ? QStringLiteral("%1, %2").arg(QString::number(request.first->code),
                                                             QString::number(request.last->code))
                              : QString::number(request.first->code);
    case WordsColumn: {
        const QString words = answer == nullptr ? QString() : cellText(answer->words, 256);
        if (request.retrying)
            return tr("%1; asked again, attempt %2").arg(words, QString::number(request.attempts));
        return request.attempts > 1 ? tr("%1, at attempt %2").arg(words, QString::number(request.attempts)) : words;
    }
    case TokenColumn:
        return answer != nullptr && answer->token ? QString::number(*answer->token) : QString();
    case DurationColumn:
        return answer == nullptr ? QString() : formatDuration(answer->elapsed);
    default:
        return {};
    }
}

QVariant PodRequestModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole) {
        const bool number = section == TokenColumn || section == DurationColumn;
        return static_cast<int>((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case TimeColumn:
        return tr("Time");
    case PodColumn:
        return tr("Pod");
    case KeyColumn:
        return tr("Key");
    case AnswerColumn:
        return tr("Answer");
    case WordsColumn:
        return tr("In Words");
    case TokenColumn:
        return tr("Token");
    default:
        return tr("Took");
    }
}

QString PodRequestModel::toText() const
{
    QStringList lines;
    QStringList cells;
    for (int column = 0; column < ColumnCount; ++column)
        cells.append(headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
    lines.append(cells.join(QLatin1Char('\t')));
    for (const PodRequest& request : m_requests) {
        cells.clear();
        for (int column = 0; column < ColumnCount; ++column)
            cells.append(text(request, column));
        lines.append(cells.join(QLatin1Char('\t')));
    }
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

} // namespace lockscope
