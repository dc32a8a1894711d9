#include "models/domain/clientstate.h"

namespace lockscope {

QString word(ClientPhase phase)
{
    switch (phase) {
    case ClientPhase::Starting:
        return QStringLiteral("starting");
    case ClientPhase::Idle:
        return QStringLiteral("idle");
    case ClientPhase::Waiting:
        return QStringLiteral("waiting");
    case ClientPhase::Working:
        return QStringLiteral("working");
    case ClientPhase::Frozen:
        return QStringLiteral("frozen");
    case ClientPhase::Ended:
        break;
    }
    return QStringLiteral("ended");
}

} // namespace lockscope
