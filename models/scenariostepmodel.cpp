#include "models/scenariostepmodel.h"

#include "models/domain/displaytext.h"

#include <algorithm>

namespace lockscope {

namespace {

QString timeWords(std::chrono::microseconds elapsed)
{
    const double milliseconds = static_cast<double>(elapsed.count()) / 1000;
    if (milliseconds >= 1000)
        return ScenarioStepModel::tr("%1 s").arg(milliseconds / 1000, 0, 'f', 2);
    return ScenarioStepModel::tr("%1 ms").arg(milliseconds, 0, 'f', milliseconds < 10 ? 1 : 0);
}

} // namespace

ScenarioStepModel::ScenarioStepModel(QObject* parent)
    : QAbstractTableModel(parent)
{
}

void ScenarioStepModel::setDocument(const ScenarioDocument& document)
{
    beginResetModel();
    m_planned.clear();
    for (qsizetype position = 0; position < document.steps.size(); ++position) {
        const ScenarioStepDocument& step = document.steps.at(position);
        if (!std::holds_alternative<SayStep>(step.what))
            m_planned.append({.words = wordsOf(step),
                              .note = step.note,
                              .position = position,
                              .minimumVersion = step.minimumVersion,
                              .done = {}});
    }
    m_rows = m_planned;
    m_current = -1;
    endResetModel();
}

void ScenarioStepModel::resize(qsizetype count)
{
    if (count < m_rows.size()) {
        beginRemoveRows({}, static_cast<int>(count), static_cast<int>(m_rows.size()) - 1);
        m_rows.resize(count);
        endRemoveRows();
    } else if (count > m_rows.size()) {
        beginInsertRows({}, static_cast<int>(m_rows.size()), static_cast<int>(count) - 1);
        m_rows.resize(count);
        endInsertRows();
    }
}

void ScenarioStepModel::setState(const ScenarioRunState& state)
{
    // A run adds steps of its own: whether the keys are free before the first one, whether everything is gone at the
    // end. The first are told by the page; what comes after the planned ones are rows at the end.
    QList<Row> rows = m_planned;
    const bool runs = state.phase == ScenarioRunState::Phase::Running || state.phase == ScenarioRunState::Phase::Paused;
    m_current = -1;
    for (const ScenarioStep& step : state.steps) {
        const auto planned = std::find_if(m_planned.cbegin(), m_planned.cend(), [&step](const Row& row) {
            return step.position >= 0 && row.position == step.position;
        });
        if (planned != m_planned.cend()) {
            Row& row = rows[planned - m_planned.cbegin()];
            row.done = step;
            row.state = step.ok ? State::AsExpected : State::Otherwise;
            continue;
        }
        rows.append({.words = {.actor = step.actor, .action = step.action, .expected = step.expected},
                     .note = {},
                     .position = -1,
                     .done = step,
                     .state = step.ok ? State::AsExpected : State::Otherwise});
    }
    for (qsizetype row = 0; row < m_planned.size() && runs; ++row) {
        if (rows.at(row).done || m_planned.at(row).position < state.position)
            continue;
        m_current = static_cast<int>(row);
        if (state.phase == ScenarioRunState::Phase::Running && m_planned.at(row).position == state.position)
            rows[row].state = State::Running;
        break;
    }
    for (qsizetype row = 0; row < m_planned.size(); ++row)
        rows[row].isLeftOut =
            !rows.at(row).done && rows.at(row).minimumVersion > 0 && rows.at(row).position < state.position;
    resize(rows.size());
    for (qsizetype row = 0; row < rows.size(); ++row) {
        if (m_rows.at(row) == rows.at(row))
            continue;
        m_rows[row] = rows.at(row);
        Q_EMIT dataChanged(index(static_cast<int>(row), 0), index(static_cast<int>(row), ColumnCount - 1));
    }
}

QString ScenarioStepModel::observedWords(const Row& row)
{
    if (row.done)
        return cellText(row.done->observed, 300);
    if (row.minimumVersion <= smallestScenarioServer)
        return {};
    return row.isLeftOut ? tr("left out, needs PostgreSQL %1").arg(row.minimumVersion)
                         : tr("from PostgreSQL %1 on").arg(row.minimumVersion);
}

int ScenarioStepModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int ScenarioStepModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ScenarioStepModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Row& row = m_rows.at(index.row());
    switch (role) {
    case Qt::DisplayRole:
        switch (index.column()) {
        case NumberColumn:
            return index.row() + 1;
        case ActorColumn:
            return cellText(row.words.actor, 60);
        case ActionColumn:
            return cellText(row.words.action, 300);
        case ExpectedColumn:
            return cellText(row.words.expected, 300);
        case ObservedColumn:
            return observedWords(row);
        case TimeColumn:
            return row.done ? timeWords(row.done->elapsed) : QString();
        default:
            return {};
        }
    case Qt::TextAlignmentRole:
        if (index.column() == NumberColumn || index.column() == TimeColumn)
            return QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
        return QVariant::fromValue(Qt::AlignLeft | Qt::AlignVCenter);
    case StateRole:
        return static_cast<int>(row.state);
    case NoteRole:
        return row.note;
    default:
        return {};
    }
}

QVariant ScenarioStepModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole && (section == NumberColumn || section == TimeColumn))
        return QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case NumberColumn:
        return tr("No.");
    case ActorColumn:
        return tr("Who");
    case ActionColumn:
        return tr("Does");
    case ExpectedColumn:
        return tr("Expected");
    case ObservedColumn:
        return tr("Observed");
    case TimeColumn:
        return tr("Time");
    default:
        return {};
    }
}

QString ScenarioStepModel::toText() const
{
    QString text;
    for (int row = 0; row < rowCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < ColumnCount; ++column)
            cells.append(index(row, column).data().toString());
        const auto state = static_cast<State>(index(row, 0).data(StateRole).toInt());
        cells.append(state == State::AsExpected  ? tr("as expected")
                     : state == State::Otherwise ? tr("otherwise")
                                                 : QString());
        text += cells.join(u'\t') + u'\n';
    }
    return text;
}

} // namespace lockscope
