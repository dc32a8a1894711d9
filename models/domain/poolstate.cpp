#include "models/domain/poolstate.h"

#include <algorithm>
#include <cmath>

namespace lockscope {

QString word(CheckoutOrder order)
{
    switch (order) {
    case CheckoutOrder::Random:
        return QStringLiteral("random");
    case CheckoutOrder::RoundRobin:
        return QStringLiteral("round-robin");
    case CheckoutOrder::Fifo:
        return QStringLiteral("fifo");
    case CheckoutOrder::Lifo:
        return QStringLiteral("lifo");
    }
    Q_UNREACHABLE();
}

QString word(LockServiceForm form)
{
    switch (form) {
    case LockServiceForm::Naive:
        return QStringLiteral("naive");
    case LockServiceForm::Dedicated:
        return QStringLiteral("dedicated");
    case LockServiceForm::DedicatedWithoutFinally:
        return QStringLiteral("dedicated-without-finally");
    case LockServiceForm::TransactionLevel:
        return QStringLiteral("transaction-level");
    }
    Q_UNREACHABLE();
}

QString word(SlotPhase phase)
{
    switch (phase) {
    case SlotPhase::Opening:
        return QStringLiteral("opening");
    case SlotPhase::Free:
        return QStringLiteral("free");
    case SlotPhase::CheckedOut:
        return QStringLiteral("checked out");
    case SlotPhase::Lost:
        return QStringLiteral("lost");
    }
    Q_UNREACHABLE();
}

QString word(PoolAnswer answer)
{
    switch (answer) {
    case PoolAnswer::True:
        return QStringLiteral("true");
    case PoolAnswer::False:
        return QStringLiteral("false");
    case PoolAnswer::RefusedByMap:
        return QStringLiteral("refused by the map");
    case PoolAnswer::NotInMap:
        return QStringLiteral("not in the map");
    case PoolAnswer::NoConnection:
        return QStringLiteral("no connection");
    case PoolAnswer::Failed:
        return QStringLiteral("failed");
    case PoolAnswer::Lost:
        return QStringLiteral("lost");
    }
    Q_UNREACHABLE();
}

QString word(PoolAction action)
{
    return action == PoolAction::Acquire ? QStringLiteral("acquire") : QStringLiteral("release");
}

double HitRate::threeSigma() const
{
    if (unlocks == 0)
        return 0.0;
    const double fair = expected();
    return 3.0 * std::sqrt(fair * (1.0 - fair) / static_cast<double>(unlocks)); // of a share of a binomial count
}

int PoolState::freeSlots() const
{
    return static_cast<int>(
        std::ranges::count_if(slotList, [](const PoolSlot& slot) { return slot.phase == SlotPhase::Free; }));
}

} // namespace lockscope
