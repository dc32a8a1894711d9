#pragma once

#include "models/domain/clientstate.h"
#include "models/domain/lockrequest.h"

#include <QHash>
#include <QWidget>

#include <chrono>
#include <optional>

namespace lockscope {

class ClientControls;
class ClientTreeModel;
class HoldList;
class KeyEdit;
class OutcomeView;
class PanelScroll;
class ReleaseView;
enum class ClientAction;

/// The simulated clients: separate processes made to be killed, what each holds, what it is told to do, how it is
/// ended, and a stopwatch of what the server did then. GUI thread. Only asks: every wish goes up as a signal.
class ClientsPanel final : public QWidget
{
    Q_OBJECT

public:
    /// The model is not owned and must outlive the panel.
    explicit ClientsPanel(ClientTreeModel* model, QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(ClientsPanel)

    void setConnected(bool connected);
    /// Not empty: nothing can be started or told to do; ending clients stays possible.
    void setReadOnlyReason(const QString& reason);
    void select(ClientId id);
    /// For the menu: a client of the name in the field, if that is possible now.
    void startClient();
    [[nodiscard]] std::optional<ClientId> selected() const { return m_selected; }
    [[nodiscard]] KeyEdit* keyEdit() const;

Q_SIGNALS:
    void startRequested(const QString& name);
    /// Hold (WaitPolicy::Try) or wait (WaitPolicy::Block).
    void holdRequested(lockscope::ClientId client, const lockscope::KeyInput& key,
                       const lockscope::LockRequest& request);
    void releaseRequested(lockscope::ClientId client, const lockscope::KeyInput& key, lockscope::LockShare share);
    void workRequested(lockscope::ClientId client, std::chrono::milliseconds duration);
    void beginRequested(lockscope::ClientId client);
    void commitRequested(lockscope::ClientId client);
    void rollbackRequested(lockscope::ClientId client);
    void endRequested(lockscope::ClientId client, lockscope::ClientEnding ending);
    void freezeRequested(lockscope::ClientId client);
    void thawRequested(lockscope::ClientId client);
    void removeRequested(lockscope::ClientId client);
    void selectionChanged();

private:
    void build();
    void follow(const QModelIndex& current);
    void findLatestRelease();
    void showSelected();
    void act(ClientAction action);

    ClientTreeModel* m_model;
    HoldList* m_list;
    ClientControls* m_controls;
    OutcomeView* m_outcome;
    PanelScroll* m_scroll = nullptr;
    ReleaseView* m_release;
    std::optional<ClientId> m_selected;
    /// Which ending came or moved on last; what each client's was is kept to see that.
    std::optional<ClientState> m_latestRelease;
    QHash<ClientId, ReleaseTimeline> m_releases;
};

} // namespace lockscope
