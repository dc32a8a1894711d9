#include "models/domain/lock.h"

#include <QHashFunctions>

#include <tuple>

namespace lockscope {

namespace {

/// Two prepared transactions can hold the same target in the same mode and have no pid to tell them apart. A live
/// backend's virtual transaction changes while its session-level lock stays the same lock, so it must not count.
auto identity(const Lock& lock)
{
    return std::tuple<const BackendId&, quint64, const LockTarget&, LockMode>(
        lock.backend, lock.backend.pid == 0 ? lock.virtualTransaction : 0, lock.target, lock.mode);
}

} // namespace

size_t qHash(const BackendId& id, size_t seed) noexcept
{
    return qHashMulti(seed, id.pid, id.backendStart ? qint64(id.backendStart->time_since_epoch().count()) : qint64(0));
}

bool sameIdentity(const Lock& a, const Lock& b)
{
    return identity(a) == identity(b);
}

bool identityLess(const Lock& a, const Lock& b)
{
    return identity(a) < identity(b);
}

} // namespace lockscope
