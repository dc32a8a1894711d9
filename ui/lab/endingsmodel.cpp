#include "ui/lab/endingsmodel.h"

#include "models/domain/displaytext.h"
#include "models/domain/endingwords.h"
#include "ui/lab/plot.h"
#include "ui/theme.h"

#include <algorithm>

namespace lockscope {

namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using namespace std::chrono_literals;

/// What is expected later than this is off the axis.
constexpr microseconds longestAxis = 2min;

} // namespace

EndingsModel::EndingsModel(QObject* parent)
    : QAbstractTableModel(parent)
{
    for (const EndingKind kind : allEndingKinds)
        m_states.append({.kind = kind, .expected = expectedRelease({.kind = kind})});
}

void EndingsModel::setState(const EndingState& state)
{
    for (int row = 0; row < m_states.size(); ++row) {
        if (m_states.at(row).kind != state.kind)
            continue;
        m_states[row] = state;
        if (state.phase == EndingPhase::Idle)
            m_states[row].expected =
                expectedRelease({.kind = state.kind, .settings = m_plan, .serverVersion = m_serverVersion});
    }
    // The axis is common: every lane may have moved.
    Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

void EndingsModel::setPlan(const EndingSettings& settings, int serverVersion)
{
    m_plan = bounded(settings);
    m_serverVersion = serverVersion;
    for (EndingState& state : m_states) {
        if (state.phase == EndingPhase::Idle)
            state.expected =
                expectedRelease({.kind = state.kind, .settings = m_plan, .serverVersion = m_serverVersion});
    }
    Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

void EndingsModel::tick()
{
    Q_EMIT dataChanged(index(0, Lane), index(rowCount() - 1, Measured));
}

bool EndingsModel::isBusy() const
{
    return std::any_of(m_states.cbegin(), m_states.cend(),
                       [](const EndingState& state) { return isUnderWay(state.phase); });
}

std::optional<microseconds> EndingsModel::elapsed(int row) const
{
    const EndingState& state = m_states.at(row);
    if (state.released)
        return state.released;
    if (state.watched > 0us)
        return state.watched;
    if (state.phase == EndingPhase::Running && state.endedAt)
        return std::max(0us, duration_cast<microseconds>(SteadyTime::clock::now() - *state.endedAt));
    return std::nullopt;
}

microseconds EndingsModel::axisEnd() const
{
    microseconds end = std::max<microseconds>(1s, m_plan.watchTime);
    for (int row = 0; row < m_states.size(); ++row) {
        const EndingState& state = m_states.at(row);
        end = std::max(end, elapsed(row).value_or(0us));
        if (state.expected.latest && *state.expected.latest < longestAxis)
            end = std::max(end, *state.expected.latest);
    }
    // To a full tick, so that a running stopwatch does not move the axis with every step.
    const double seconds = static_cast<double>(end.count()) / 1e6 * 1.02;
    const PlotScale scale = niceScale(0, seconds, 6, false);
    return microseconds(static_cast<qint64>(scale.to * 1e6));
}

int EndingsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_states.size());
}

int EndingsModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(ColumnCount);
}

QVariant EndingsModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const EndingState& state = m_states.at(index.row());
    if (role == Qt::DisplayRole) {
        switch (index.column()) {
        case Way:
            return titleOf(state.kind);
        case Expected:
            return shortText(state.expected);
        case Measured:
            if (state.phase == EndingPhase::Running && !state.released)
                return formatAge(elapsed(index.row()).value_or(0us));
            return shortMeasuredText(state);
        case Verdict:
            return verdictText(state);
        default:
            return {};
        }
    }
    if (role == Qt::ToolTipRole) {
        if (index.column() == Verdict && (state.error || !state.remark.isEmpty()))
            return plainTooltip(state.error ? state.error->what : state.remark);
        if (index.column() == Expected)
            return plainTooltip(state.expected.text);
        if (index.column() == Measured && !measuredText(state).isEmpty())
            return plainTooltip(measuredText(state));
        return plainTooltip(deedOf(state.kind));
    }
    if (role == Qt::AccessibleTextRole && index.column() == Lane)
        return tr("expected %1, measured %2").arg(state.expected.text, measuredText(state));
    if (role == Qt::TextAlignmentRole && (index.column() == Expected || index.column() == Measured))
        return QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
    if (role == Qt::FontRole && (index.column() == Expected || index.column() == Measured))
        return theme::monospace();
    return {};
}

QVariant EndingsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue((section == Expected || section == Measured ? Qt::AlignRight : Qt::AlignLeft) |
                                   Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && section == Lane)
        return plainTooltip(
            tr("From the end of the client. Hatched: when the lock should be free. Bar: how long it was "
               "held. Diamond: when it was free."));
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Way:
        return tr("Way");
    case Expected:
        return tr("Expected");
    case Measured:
        return tr("Measured");
    case Verdict:
        return tr("Verdict");
    default:
        return QString();
    }
}

} // namespace lockscope
