#pragma once

#include "models/domain/lockrequest.h"
#include "ui/sessionrules.h"

#include <QHash>
#include <QTimer>
#include <QWidget>

class QComboBox;
class QPushButton;
class QSpinBox;

namespace lockscope {

class KeyEdit;
class ToneLabel;

/// Key, mode, level, timeout and the buttons that act on one session. Enables what makes sense for the session it was
/// told of, and says in the tooltip why something does not. GUI thread.
/// Never knows which session that is beyond its state: whoever listens adds the id.
class SessionControls final : public QWidget
{
    Q_OBJECT

public:
    explicit SessionControls(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(SessionControls)

    void setSession(const std::optional<SessionState>& session);
    void setReadOnlyReason(const QString& reason);
    void setShare(LockShare share);
    [[nodiscard]] KeyEdit* keyEdit() const { return m_key; }
    /// Disconnect and remove, for a place beside the list of sessions.
    [[nodiscard]] QList<QWidget*> listTools() const;
    [[nodiscard]] LockRequest request(WaitPolicy wait) const;

Q_SIGNALS:
    void acquireRequested(const lockscope::KeyInput& key, const lockscope::LockRequest& request);
    void releaseRequested(const lockscope::KeyInput& key, lockscope::LockShare share);
    /// Anything that needs neither key nor mode.
    void actionRequested(lockscope::SessionAction action);

private:
    void addButton(SessionAction action, const QString& objectName, const QString& text, const QString& tip);
    void trigger(SessionAction action);
    void refresh();
    void showElapsed();
    [[nodiscard]] QString reason(SessionAction action) const;

    KeyEdit* m_key;
    QComboBox* m_shareBox;
    QComboBox* m_levelBox;
    QSpinBox* m_timeoutSpin;
    ToneLabel* m_levelHint;
    QHash<SessionAction, QPushButton*> m_buttons;
    QHash<SessionAction, QString> m_tips;
    std::optional<SessionState> m_session;
    QString m_readOnlyReason;
    QTimer m_timer;
};

} // namespace lockscope
