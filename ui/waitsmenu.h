#pragma once

#include "models/domain/cure.h"

#include <functional>

class QMenu;
class QWidget;

namespace lockscope {

/// What the context menu of a session in the waits calls; all of them only ask.
struct WaitsMenuCalls
{
    std::function<void()> goToLocks;
    std::function<void(const QString& filter)> filter;
    std::function<void(CureKind kind)> cure;
    std::function<void(const QString& text)> copy;
    std::function<void()> openAll;
};

/// The context menu of one session, in the forest and in the drawing alike. offers: see cureOffers(); one that is not
/// possible is disabled and says why. rowText: what "Copy Row" copies; empty where it has no row. The caller owns and
/// shows it.
[[nodiscard]] QMenu* makeWaitsMenu(QWidget* parent, const WaitNodeId& id, const QString& rowText,
                                   const QList<CureOffer>& offers, const WaitsMenuCalls& calls);

} // namespace lockscope
