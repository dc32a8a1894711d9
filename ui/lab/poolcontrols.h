#pragma once

#include "models/domain/labserver.h"
#include "models/domain/poolerspec.h"
#include "models/domain/poolstate.h"

#include <QWidget>

#include <optional>

class QComboBox;
class QGridLayout;
class QPushButton;
class QSpinBox;
class QVBoxLayout;

namespace lockscope {

class KeyEdit;
class ToneLabel;

/// How the pool is to be, and what its application shall do next. GUI thread. Offers what can be done now and says why
/// the rest cannot; only says wishes.
class PoolControls final : public QWidget
{
    Q_OBJECT

public:
    explicit PoolControls(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(PoolControls)

    void setServer(const LabServer& server);
    /// Empty: no pool.
    void setState(const std::optional<PoolState>& state);
    /// Between the wish to open and the first state: PgBouncer starts, or a question is open.
    void setBusy(bool busy);
    void setRunning(bool running, int done, int rounds);
    /// releaser: by whom the next release is; may be empty.
    void setNextRequest(int number, const QString& releaser);

    [[nodiscard]] PoolSpec spec() const;
    [[nodiscard]] std::optional<PoolerSpec> pooler() const;
    /// Empty while there is nothing, something wrong or a text in the field.
    [[nodiscard]] std::optional<LockKey> key() const;

Q_SIGNALS:
    void specChanged();
    void openRequested();
    void closeRequested();
    void acquireRequested();
    void twoRequested();
    void releaseRequested(bool failing);
    void runRequested(int rounds);
    void stopRunRequested();
    void unlockEverythingRequested();

private:
    void makePoolPart(QVBoxLayout* layout);
    void makeEndpointPart(QGridLayout* grid);
    void makeRequestPart(QVBoxLayout* layout);
    QPushButton* makeButton(const QString& objectName, const QString& text, const QString& toolTip);
    void refresh();
    void refreshEndpoint();
    void refreshRequests();

    LabServer m_server;
    std::optional<PoolState> m_state;
    bool m_busy = false;
    bool m_running = false;

    QSpinBox* m_size;
    QComboBox* m_order;
    QComboBox* m_form;
    ToneLabel* m_formRemark;
    QComboBox* m_endpoint;
    ToneLabel* m_endpointRemark;
    QSpinBox* m_serverConnections;
    QComboBox* m_resetQuery;
    QList<QWidget*> m_poolerWidgets;
    QPushButton* m_open;
    QPushButton* m_close;
    ToneLabel* m_openRemark;
    KeyEdit* m_key;
    ToneLabel* m_requestRemark;
    QPushButton* m_acquire = nullptr;
    QPushButton* m_release = nullptr;
    QPushButton* m_two = nullptr;
    QPushButton* m_releaseFailing = nullptr;
    QPushButton* m_runTen = nullptr;
    QPushButton* m_runHundred = nullptr;
    QPushButton* m_stopRun = nullptr;
    QPushButton* m_unlockEverything = nullptr;
    int m_nextRequest = 1;
    QString m_releaser;
    QString m_runText;
};

} // namespace lockscope
