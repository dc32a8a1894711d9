#pragma once

#include "models/domain/lockrequest.h"
#include "ui/clientrules.h"

#include <QHash>
#include <QWidget>

#include <chrono>

class QComboBox;
class QGridLayout;
class QPushButton;
class QSpinBox;

namespace lockscope {

class KeyEdit;

/// What one simulated client can be told to do, and the ways to end it. Each tooltip says what the server will see.
/// GUI thread. Never knows which client that is beyond its state: whoever listens adds the id.
class ClientControls final : public QWidget
{
    Q_OBJECT

public:
    explicit ClientControls(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(ClientControls)

    void setClient(const std::optional<ClientState>& client);
    void setReadOnlyReason(const QString& reason);
    void setShare(LockShare share);
    [[nodiscard]] KeyEdit* keyEdit() const { return m_key; }
    /// Takes an ended client off the list: for a place beside that list.
    [[nodiscard]] QWidget* removeButton() const;

Q_SIGNALS:
    void holdRequested(const lockscope::KeyInput& key, const lockscope::LockRequest& request);
    void releaseRequested(const lockscope::KeyInput& key, lockscope::LockShare share);
    void workRequested(std::chrono::milliseconds duration);
    /// Anything that needs neither key nor duration.
    void actionRequested(lockscope::ClientAction action);

private:
    void addButton(ClientAction action, const QString& objectName, const QString& text, const QString& tip);
    void addDoingButtons();
    void addEndingButtons();
    void build();
    void trigger(ClientAction action);
    void refresh();
    [[nodiscard]] LockRequest request(WaitPolicy wait) const;
    [[nodiscard]] QString reason(ClientAction action) const;

    KeyEdit* m_key;
    QComboBox* m_shareBox;
    QComboBox* m_levelBox;
    QSpinBox* m_workSpin;
    QHash<ClientAction, QPushButton*> m_buttons;
    QHash<ClientAction, QString> m_tips;
    std::optional<ClientState> m_client;
    QString m_readOnlyReason;
};

} // namespace lockscope
