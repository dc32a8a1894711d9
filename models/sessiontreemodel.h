#pragma once

#include "models/domain/sessionstate.h"
#include "models/holdtreemodel.h"

namespace lockscope {

/// The operator sessions and what each of them holds. Columns: Name, Backend, State, Holds.
class SessionTreeModel final : public HoldTreeModel
{
    Q_OBJECT

public:
    explicit SessionTreeModel(QObject* parent = nullptr);
    Q_DISABLE_COPY_MOVE(SessionTreeModel)

    /// Adds the session at the end, or shows its new state where it is.
    void setState(const SessionState& state);
    void remove(SessionId id);

    [[nodiscard]] std::optional<SessionState> state(SessionId id) const;
    [[nodiscard]] QList<SessionState> states() const;
    /// Of a session's row or of a row below it; SessionId{} for an invalid index.
    [[nodiscard]] SessionId id(const QModelIndex& index) const;
    using HoldTreeModel::index;
    /// The first column of the session's row; invalid when it is not here.
    [[nodiscard]] QModelIndex index(SessionId id) const;
};

} // namespace lockscope
