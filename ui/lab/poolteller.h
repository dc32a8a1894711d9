#pragma once

#include "models/domain/poolerspec.h"
#include "models/domain/poolstate.h"

#include <QHash>

#include <optional>
#include <utility>

namespace lockscope {

/// Says after each call what just happened and why. Remembers which backend answered true to which acquire, because a
/// call that came later is explained by it. GUI thread. Claims nothing that no answer told.
class PoolTeller final
{
public:
    /// A new pool, or an empty one after pg_advisory_unlock_all.
    void reset(const std::optional<PoolerSpec>& pooler);
    void forgetKeys() { m_taken.clear(); }
    /// state: as it is now. Plain text; the parts that come from elsewhere are as they came.
    [[nodiscard]] QString tell(const PoolCall& call, const PoolState& state);

private:
    using Place = std::pair<qint32, LockKey>;

    [[nodiscard]] QString tellAcquire(const PoolCall& call, const PoolState& state, int before) const;
    [[nodiscard]] QString tellRelease(const PoolCall& call, const PoolState& state, int left) const;
    [[nodiscard]] QString tellFailure(const PoolCall& call, const PoolState& state);
    [[nodiscard]] QString tellNotSent(const PoolCall& call, const PoolState& state) const;
    /// "slot 1 (pid 490)", who holds that key besides this backend; empty when nobody is known to.
    [[nodiscard]] QString holder(const LockKey& key, qint32 besides, const PoolState& state) const;
    [[nodiscard]] QString place(const PoolCall& call) const;

    std::optional<PoolerSpec> m_pooler;
    QHash<Place, int> m_taken; ///< how many times more an acquire answered true than a release
};

} // namespace lockscope
