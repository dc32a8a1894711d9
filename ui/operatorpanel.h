#pragma once

#include "models/domain/lockrequest.h"
#include "models/domain/sessionstate.h"

#include <QWidget>

#include <optional>

namespace lockscope {

class HoldList;
class KeyEdit;
class OutcomeView;
class PoolerStrip;
class SessionControls;
class SessionTreeModel;
enum class SessionAction;

/// The lock panel: the operator sessions, what each holds by our own count, and the controls that act on the selected
/// one. GUI thread. Only asks: every wish goes up as a signal with the session's id, every answer comes back through
/// the model.
class OperatorPanel final : public QWidget
{
    Q_OBJECT

public:
    /// The model is not owned and must outlive the panel.
    explicit OperatorPanel(SessionTreeModel* model, QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(OperatorPanel)

    /// Without a server no session can be started; sessions that live have connections of their own and stay usable.
    void setConnected(bool connected);
    /// Not empty: nothing can be started, acquired, released, begun, committed or rolled back, and tooltips say why.
    /// Cancel, Disconnect and Remove stay.
    void setReadOnlyReason(const QString& reason);
    void select(SessionId id);
    /// For the menu: a session of the name in the field, if that is possible now.
    void startNewSession();
    [[nodiscard]] std::optional<SessionId> selected() const { return m_selected; }
    /// For keys that come from elsewhere (a row of the lock table, the settings).
    [[nodiscard]] KeyEdit* keyEdit() const;

Q_SIGNALS:
    void newSessionRequested(const QString& name);
    void acquireRequested(lockscope::SessionId session, const lockscope::KeyInput& key,
                          const lockscope::LockRequest& request);
    void releaseRequested(lockscope::SessionId session, const lockscope::KeyInput& key, lockscope::LockShare share);
    void releaseAllRequested(lockscope::SessionId session);
    void beginRequested(lockscope::SessionId session);
    void commitRequested(lockscope::SessionId session);
    void rollbackRequested(lockscope::SessionId session);
    void cancelRequested(lockscope::SessionId session);
    void disconnectRequested(lockscope::SessionId session);
    void removeRequested(lockscope::SessionId session);
    void selectionChanged();

private:
    void build();
    void follow(const QModelIndex& current);
    void showSelected();
    void showOutcome(const SessionState& state);
    void act(SessionAction action);

    SessionTreeModel* m_model;
    HoldList* m_list;
    PoolerStrip* m_poolerStrip;
    SessionControls* m_controls;
    OutcomeView* m_outcome;
    std::optional<SessionId> m_selected;
};

} // namespace lockscope
