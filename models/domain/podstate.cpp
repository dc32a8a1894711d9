#include "models/domain/podstate.h"

namespace lockscope {

QString word(PodPhase phase)
{
    switch (phase) {
    case PodPhase::Starting:
        return QStringLiteral("starting");
    case PodPhase::Running:
        return QStringLiteral("running");
    case PodPhase::Frozen:
        return QStringLiteral("frozen");
    case PodPhase::Ended:
        break;
    }
    return QStringLiteral("ended");
}

} // namespace lockscope
