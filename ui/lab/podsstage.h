#pragma once

#include "models/domain/podslabstate.h"

#include <QMap>
#include <QWidget>

class QHBoxLayout;

namespace lockscope {

class PodsCard;
class PodsServerBar;

/// The picture: the pods side by side, PostgreSQL under them. GUI thread. Places stay put; a pod that comes or goes
/// moves its neighbours only.
class PodsStage final : public QWidget
{
    Q_OBJECT

public:
    explicit PodsStage(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(PodsStage)

    void setServerTitle(const QString& title);
    void setState(const PodsLabState& state, bool canAsk, const QString& problem);
    void showRequest(const PodRequest& request);
    void showAnswer(const PodAnswer& answer);

Q_SIGNALS:
    void cardAdded(lockscope::PodsCard* card);

private:
    QHBoxLayout* m_row;
    PodsServerBar* m_bar;
    QMap<QString, PodsCard*> m_cards;
};

} // namespace lockscope
