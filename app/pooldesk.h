#pragma once

#include "app/labconsent.h"
#include "models/domain/poolerspec.h"
#include "models/domain/poolstate.h"

#include <QObject>

#include <functional>
#include <memory>
#include <optional>

namespace lockscope {

class PgBouncer;
class PooledLockService;
class PoolMeasure;
class PoolPage;

/// Between the pool page and the pool: opens one at a time on the server that is watched, through a private PgBouncer
/// where that is wanted, and carries calls and answers. GUI thread; waits for nothing. Asks before it opens or takes
/// anything on a server that is not the sandbox.
class PoolDesk final : public QObject
{
    Q_OBJECT

public:
    PoolDesk(PoolPage& page, LabConsent& consent, QObject* parent = nullptr);
    ~PoolDesk() override; ///< closes the pool, so that the server frees all it held
    Q_DISABLE_COPY_MOVE(PoolDesk)

    /// Ends what ran elsewhere.
    void setPlace(const std::optional<LabPlace>& place);

private:
    void askToOpen(const PoolSpec& spec, const std::optional<PoolerSpec>& pooler);
    void startPooler(const PoolSpec& spec, const PoolerSpec& pooler);
    void openPool(const PoolSpec& spec, const Conninfo& conninfo);
    void closePool();
    /// go is called with the pool that is open by then, if it is the same.
    void withPool(const LockKey& key, const std::function<void(PooledLockService&)>& go);
    void measure(const HitRatePlan& plan);
    void endMeasure();
    void drop(std::unique_ptr<PooledLockService> pool) const;

    PoolPage& m_page;
    LabConsent& m_consent;
    std::optional<LabPlace> m_place;
    std::unique_ptr<PgBouncer> m_pooler;
    std::unique_ptr<PooledLockService> m_pool;
    std::unique_ptr<PoolMeasure> m_measure;
    QList<HitRate> m_rates;
};

} // namespace lockscope
