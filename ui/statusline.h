#pragma once

#include "models/domain/linkstate.h"
#include "models/lockrow.h"

#include <QStatusBar>
#include <QTimer>

class QLabel;

namespace lockscope {

class StatusFigure;

/// The line at the foot of the window: what is on the server, what is shown of it, and what reading it costs.
/// GUI thread. Takes values, counts nothing itself.
class StatusLine final : public QStatusBar
{
    Q_OBJECT

public:
    explicit StatusLine(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(StatusLine)

    void setView(const LockViewPointer& view, bool filtered);
    void setLink(const LinkState& link);
    /// What the program is busy with: "Starting a sandbox"; empty when it is not.
    void setBusyText(const QString& text);
    /// Says so for as long as the program runs.
    void setReadOnly(bool readOnly);
    /// What just happened, beside the figures for ten seconds. QStatusBar's own messages would be painted over them.
    void say(const QString& message);

Q_SIGNALS:
    /// A person wants to see who waits for whom.
    void waitsRequested();

private:
    void refresh();

    LockViewPointer m_view;
    LinkState m_link;
    bool m_filtered = false;
    QTimer m_messageTimer;
    StatusFigure* m_locks;
    StatusFigure* m_waiting;
    StatusFigure* m_otherWaits;
    StatusFigure* m_blockers;
    StatusFigure* m_deadlocks;
    StatusFigure* m_shown;
    StatusFigure* m_message;
    StatusFigure* m_busy;
    StatusFigure* m_readOnly;
    StatusFigure* m_poll;
    StatusFigure* m_interval;
};

} // namespace lockscope
