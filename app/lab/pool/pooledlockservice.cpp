#include "app/lab/pool/pooledlockservice.h"

#include "app/lab/pool/pooledlockserviceprivate.h"

#include <utility>

namespace lockscope {

PooledLockService::PooledLockService(QString name, Conninfo conninfo, PoolSpec spec, QObject* parent)
    : QObject(parent)
    , d(std::make_unique<Private>(*this, std::move(name), std::move(conninfo), spec))
{
}

PooledLockService::~PooledLockService() = default;

void PooledLockService::setLookConninfo(Conninfo conninfo)
{
    d->lookConninfo = std::move(conninfo);
}

void PooledLockService::open()
{
    d->open();
}

void PooledLockService::acquire(const QString& request, LockKey key)
{
    d->acquire(request, key);
}

void PooledLockService::release(const QString& request, LockKey key, bool failing)
{
    d->release(request, key, failing);
}

void PooledLockService::unlockEverything()
{
    d->unlockEverything();
}

const PoolState& PooledLockService::state() const
{
    return d->state;
}

} // namespace lockscope
