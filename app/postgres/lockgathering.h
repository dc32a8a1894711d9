#pragma once

#include "app/postgres/queryanswer.h"
#include "models/domain/snapshot.h"

#include <QSet>

namespace lockscope {

/// Takes the rows of one reading of pg_locks and decides which of them a snapshot keeps: with AdvisoryOnly the advisory
/// ones, and of other types those that somebody waits for and those of everybody who takes part in waiting. Pure
/// values, one object for one reading, any thread; asks the server nothing.
class LockGathering
{
public:
    LockGathering(LockScope scope, qint64 keptLocks);

    /// The answer of advisory_locks.sql.
    void takeGathered(const QueryAnswer& answer);
    /// The answer of all_locks.sql.
    void takeEvery(const QueryAnswer& answer);
    /// Once the backends are known, with the same answer: what else is held by those who wait or are waited for, and by
    /// their parallel groups.
    void takeRestOfThoseInvolved(const QueryAnswer& answer, const QHash<qint32, BackendPointer>& backends);

    /// Somebody waits for a lock of another type, or the rows do not show why a blocker is named: advisory locks alone
    /// are not the whole story.
    [[nodiscard]] bool crossesTypes() const { return m_crossesTypes; }
    /// Backends that hold, wait or are named as blockers.
    [[nodiscard]] QSet<qint32> pids() const;
    /// Transaction ids of prepared transactions by the virtual transaction of their rows.
    [[nodiscard]] const QHash<quint64, quint32>& preparedTransactions() const { return m_prepared; }

    void moveTo(Snapshot& snapshot);

private:
    void noteWaiting(const Lock& lock, const QueryAnswer& answer, int row);
    void takeKey(const Lock& lock);
    void explainBlockers();

    LockScope m_scope;
    qint64 m_keptLocks;
    qint64 m_total = 0;
    bool m_crossesTypes = false;
    QList<Lock> m_locks;
    QList<Lock> m_others;
    QHash<qint32, QList<qint32>> m_blockers;
    QHash<LockTarget, QList<qint32>> m_waitedFor; ///< the pids of all rows on it
    QSet<qint32> m_pids;
    QSet<qint32> m_involved;          ///< wait, or are named as blockers
    QSet<quint64> m_involvedPrepared; ///< by virtual transaction
    QHash<quint64, quint32> m_prepared;
};

} // namespace lockscope
