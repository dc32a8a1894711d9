#pragma once

#include "models/waitforestmodel.h"
#include "ui/emptystate.h"

#include <QObject>

class QPushButton;
class QStackedWidget;

namespace lockscope {

class Actions;
struct LinkState;

/// What stands on the page of waits when there are none to show: not connected, connecting, nobody waits, or everybody
/// waits too short. GUI thread. Chooses among these and the content; does nothing by itself.
class WaitsPlaces final : public QObject
{
    Q_OBJECT

public:
    /// content: shown when there are rows. All pages become the stack's.
    WaitsPlaces(const Actions& actions, QStackedWidget* stack, QWidget* content, QObject* parent);
    Q_DISABLE_COPY_MOVE(WaitsPlaces)

    void show(const LockView& view, const LinkState& link, const WaitForestOptions& options, bool hasRows);

Q_SIGNALS:
    void allSessionsRequested();
    void anyWaitRequested();

private:
    [[nodiscard]] EmptyState* add(QStackedWidget* stack, const QString& objectName, IconName picture);
    void describeNobodyWaits(const LockView& view, const WaitForestOptions& options);

    QStackedWidget* m_stack;
    QWidget* m_content;
    EmptyState* m_notConnected;
    EmptyState* m_connecting;
    EmptyState* m_nobody;
    EmptyState* m_tooShort;
    QPushButton* m_showAll;
};

} // namespace lockscope
