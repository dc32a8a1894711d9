#pragma once

#include "models/domain/cure.h"
#include "models/domain/linkstate.h"
#include "models/waitforestmodel.h"

#include <QWidget>

class QMenu;

namespace lockscope {

class Actions;

/// Who waits for whom: the forest, the same as a drawing, and what is known of the selected session with what can be
/// done about it. GUI thread. Values come down by setters, wishes go up by signals; while it is hidden it keeps the
/// last view and does nothing with it. Never asks the server, never acts.
class WaitsPage final : public QWidget
{
    Q_OBJECT

public:
    explicit WaitsPage(const Actions& actions, QWidget* parent = nullptr);
    ~WaitsPage() override;
    Q_DISABLE_COPY_MOVE(WaitsPage)

    void setView(const LockViewPointer& view);
    void setLink(const LinkState& link);
    void setServer(const std::optional<ServerInfo>& server);
    void setReadOnly(bool readOnly); ///< nothing can be done about anything
    void setOwnBackends(const QSet<qint32>& pids);
    void setOptions(const WaitForestOptions& options);
    /// Shows it as selected where it is shown; says nothing back.
    void selectSession(const WaitNodeId& id);
    [[nodiscard]] WaitNodeId selectedSession() const;
    /// The context menu of a session; of the drawing for a null id. The caller owns and shows it.
    [[nodiscard]] QMenu* makeMenu(const WaitNodeId& id);
    /// Splitters, columns, zoom and whether the drawing is shown; empty bytes leave it as it is.
    [[nodiscard]] QByteArray state() const;
    void restoreState(const QByteArray& state);

Q_SIGNALS:
    void sessionSelected(const lockscope::WaitNodeId& id);
    /// The person wants to see it in the lock table.
    void sessionActivated(const lockscope::WaitNodeId& id);
    void cureRequested(lockscope::CureKind kind, const lockscope::WaitNodeId& victim);
    void optionsRequested(const lockscope::WaitForestOptions& options);
    void reconnectRequested();
    void filterRequested(const QString& filter); ///< show these locks in the table
    /// The lesson of ExplanationView: what unlocking somebody else's key answers.
    void foreignReleaseRequested(const lockscope::WaitNodeId& holder);
    void stateChanged(); ///< state() is another one now

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    class Parts;
    std::unique_ptr<Parts> m_parts;
};

} // namespace lockscope
