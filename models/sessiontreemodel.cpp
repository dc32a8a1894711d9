#include "models/sessiontreemodel.h"

namespace lockscope {

SessionTreeModel::SessionTreeModel(QObject* parent)
    : HoldTreeModel({Column::Name, Column::Backend, Column::State, Column::Holds}, parent)
{
}

void SessionTreeModel::setState(const SessionState& state)
{
    if (this->state(state.id) == state)
        return;
    put({.id = static_cast<quint32>(state.id),
         .value = QVariant::fromValue(state),
         .name = state.name,
         .backendPid = state.backendPid,
         .phase = word(state.phase),
         .doing = state.doing,
         .transaction = state.transaction,
         .note = state.behindPooler ? tr("It goes through a pooler: a key may be taken on one server connection and "
                                         "released on another, and the lock may outlive this session.")
                                    : QString(),
         .elsewhere = state.elsewhere,
         .lastOutcome = state.lastOutcome,
         .ending = state.ending,
         .entries = state.ledger});
}

void SessionTreeModel::remove(SessionId id)
{
    drop(static_cast<quint32>(id));
}

std::optional<SessionState> SessionTreeModel::state(SessionId id) const
{
    const QVariant value = valueOf(static_cast<quint32>(id));
    return value.isValid() ? std::optional(value.value<SessionState>()) : std::nullopt;
}

QList<SessionState> SessionTreeModel::states() const
{
    QList<SessionState> result;
    for (const QVariant& value : values())
        result.append(value.value<SessionState>());
    return result;
}

SessionId SessionTreeModel::id(const QModelIndex& index) const
{
    return SessionId{idOf(index).value_or(0)};
}

QModelIndex SessionTreeModel::index(SessionId id) const
{
    return indexOf(static_cast<quint32>(id));
}

} // namespace lockscope
