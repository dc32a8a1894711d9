#include "models/domain/sessionstate.h"

namespace lockscope {

QString word(SessionPhase phase)
{
    switch (phase) {
    case SessionPhase::Connecting:
        return QStringLiteral("connecting");
    case SessionPhase::Idle:
        return QStringLiteral("idle");
    case SessionPhase::Busy:
        return QStringLiteral("busy");
    case SessionPhase::Lost:
        return QStringLiteral("lost");
    case SessionPhase::Closed:
        return QStringLiteral("closed");
    case SessionPhase::Failed:
        break;
    }
    return QStringLiteral("failed");
}

QString word(TransactionPhase phase)
{
    switch (phase) {
    case TransactionPhase::None:
        return QStringLiteral("no transaction");
    case TransactionPhase::Open:
        return QStringLiteral("in transaction");
    case TransactionPhase::Failed:
        break;
    }
    return QStringLiteral("in failed transaction");
}

} // namespace lockscope
