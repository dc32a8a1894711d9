#pragma once

#include "models/domain/clientstate.h"
#include "models/holdtreemodel.h"

namespace lockscope {

/// The simulated clients and what each of them holds. Columns: Name, Process, Backend, State, Holds.
class ClientTreeModel final : public HoldTreeModel
{
    Q_OBJECT

public:
    explicit ClientTreeModel(QObject* parent = nullptr);
    Q_DISABLE_COPY_MOVE(ClientTreeModel)

    /// Adds the client at the end, or shows its new state where it is.
    void setState(const ClientState& state);
    void remove(ClientId id);

    [[nodiscard]] std::optional<ClientState> state(ClientId id) const;
    [[nodiscard]] QList<ClientState> states() const;
    /// Of a client's row or of a row below it; ClientId{} for an invalid index.
    [[nodiscard]] ClientId id(const QModelIndex& index) const;
    using HoldTreeModel::index;
    /// The first column of the client's row; invalid when it is not here.
    [[nodiscard]] QModelIndex index(ClientId id) const;
};

} // namespace lockscope
