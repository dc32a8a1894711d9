#pragma once

#include "models/domain/lockkey.h"

#include <QList>
#include <QStringView>

namespace lockscope {

/// What the text of a statement says about advisory locks.
struct AdvisoryCalls
{
    struct Unlock
    {
        LockKey key = {};
        bool shared = false;
        friend bool operator==(const Unlock&, const Unlock&) = default;
    };
    QList<Unlock> unlocks = {}; ///< calls whose key can be read
    bool unlocksUnseen = false; ///< pg_advisory_unlock($1) or of an expression: which key cannot be seen
    bool locks = false;         ///< names a function that locks
    bool mentionsLocks = false; ///< the word "lock" stands somewhere, in a name of a function of theirs perhaps
    friend bool operator==(const AdvisoryCalls&, const AdvisoryCalls&) = default;
};

/// Reads calls such as pg_advisory_unlock(5), PG_CATALOG.pg_advisory_unlock('5'::bigint), pg_advisory_unlock(1, -2) in
/// any select list. Literals, comments and quoted names are skipped as PostgreSQL skips them. Pure; any thread; looks
/// at no more than 16 kB of hostile text and at no more than 64 calls; never fails.
[[nodiscard]] AdvisoryCalls advisoryCallsIn(QStringView statement);

} // namespace lockscope
