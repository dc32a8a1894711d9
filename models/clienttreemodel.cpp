#include "models/clienttreemodel.h"

namespace lockscope {

ClientTreeModel::ClientTreeModel(QObject* parent)
    : HoldTreeModel({Column::Name, Column::Process, Column::Backend, Column::State, Column::Holds}, parent)
{
}

void ClientTreeModel::setState(const ClientState& state)
{
    if (this->state(state.id) == state)
        return;
    put({.id = static_cast<quint32>(state.id),
         .value = QVariant::fromValue(state),
         .name = state.name,
         .processId = state.processId,
         .backendPid = state.backendPid,
         .phase = word(state.phase),
         .doing = state.doing,
         .transaction = state.transaction,
         .elsewhere = state.elsewhere,
         .lastOutcome = state.lastOutcome,
         .ending = state.ending,
         .entries = state.ledger});
}

void ClientTreeModel::remove(ClientId id)
{
    drop(static_cast<quint32>(id));
}

std::optional<ClientState> ClientTreeModel::state(ClientId id) const
{
    const QVariant value = valueOf(static_cast<quint32>(id));
    return value.isValid() ? std::optional(value.value<ClientState>()) : std::nullopt;
}

QList<ClientState> ClientTreeModel::states() const
{
    QList<ClientState> result;
    for (const QVariant& value : values())
        result.append(value.value<ClientState>());
    return result;
}

ClientId ClientTreeModel::id(const QModelIndex& index) const
{
    return ClientId{idOf(index).value_or(0)};
}

QModelIndex ClientTreeModel::index(ClientId id) const
{
    return indexOf(static_cast<quint32>(id));
}

} // namespace lockscope
