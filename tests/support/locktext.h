#pragma once

#include "models/lockview.h"

#include <functional>
#include <initializer_list>

namespace lockscope::test {

inline constexpr quint32 shop = 5;  ///< the database that locks are in when nothing is said
inline constexpr quint32 depot = 6; ///< another one

/// Seconds on the server's clock of the tests, which begins in 2026.
[[nodiscard]] ServerTime serverTime(double seconds);

/// Builds a snapshot the way the observer would hand it over: sorted, with a backend for each pid.
class SnapshotMaker
{
public:
    explicit SnapshotMaker(double takenAtSeconds);

    SnapshotMaker& held(LockKey key, qint32 pid, LockMode mode = LockMode::Exclusive, quint32 database = shop);
    SnapshotMaker& held(qint64 key, qint32 pid, LockMode mode = LockMode::Exclusive, quint32 database = shop);
    SnapshotMaker& waiting(qint64 key, qint32 pid, std::optional<double> since, std::initializer_list<qint32> blockers,
                           LockMode mode = LockMode::Exclusive);
    SnapshotMaker& relation(quint32 oid, qint32 pid, LockMode mode = LockMode::AccessShare);
    SnapshotMaker& prepared(qint64 key, quint64 virtualTransaction);
    /// Any target. A row of a prepared transaction has the pid 0 and a virtual transaction.
    SnapshotMaker& holds(const LockTarget& target, qint32 pid, LockMode mode = LockMode::Exclusive,
                         quint64 virtualTransaction = 0);
    SnapshotMaker& waitsFor(const LockTarget& target, qint32 pid, std::optional<double> since,
                            const QList<qint32>& blockers, LockMode mode = LockMode::Exclusive);
    SnapshotMaker& preparedTransaction(quint64 virtualTransaction, const QString& gid);
    /// A backend with or without locks; change may set any field.
    SnapshotMaker& backend(qint32 pid, const std::function<void(Backend&)>& change = {});
    SnapshotMaker& allTypes();
    /// More locks on the server than were kept.
    SnapshotMaker& total(qint64 locks);
    /// What a poll of advisory locks hands over: other types stand apart, in Snapshot::otherLocks.
    SnapshotMaker& othersApart();
    /// Applied to the finished snapshot: for readings that are torn.
    SnapshotMaker& then(const std::function<void(Snapshot&)>& change);

    [[nodiscard]] SnapshotPointer make() const;

private:
    SnapshotMaker& add(const LockTarget& target, LockMode mode, bool granted, qint32 pid,
                       std::optional<ServerTime> waitStart = {});

    Snapshot m_snapshot;
    qint64 m_total = -1;
    bool m_othersApart = false;
    QList<std::function<void(Snapshot&)>> m_changes;
};

/// Targets in the database shop.
[[nodiscard]] LockTarget relationTarget(quint32 oid, quint32 database = shop);
[[nodiscard]] LockTarget tupleTarget(quint32 relation, quint32 page, quint16 tuple);
[[nodiscard]] LockTarget transactionTarget(quint32 xid);
[[nodiscard]] LockTarget virtualTarget(quint32 process, quint32 localXid);
[[nodiscard]] LockTarget keyTarget(qint64 key, quint32 database = shop);

/// "1", "1?" where the start is not known, "prepared 42", "prepared ?".
[[nodiscard]] QString text(const WaitNodeId& id);
/// "2 -> 1 hard 5, 3 -> 2 soft 5": all edges.
[[nodiscard]] QString edgesOf(const WaitGraph& graph);
/// "1 backend 2 stuck 6.0 s 9.0 s": root blockers, with longest and total wait behind them.
[[nodiscard]] QString rootsOf(const WaitGraph& graph);
/// "1 > 2 | 5 > 6 > 7".
[[nodiscard]] QString cyclesOf(const WaitGraph& graph);

/// "+5 1 held": mark (+ new, ~ changed, - gone), key (with @database where it is not shop), mode where it is not
/// Exclusive, pid, state.
[[nodiscard]] QString text(const LockRow& row, const LockView& view);
/// All rows, " | " between them.
[[nodiscard]] QString text(const LockView& view);
/// "acquired 5 by 1, released 7 by 2".
[[nodiscard]] QString text(const QList<LockEvent>& events);
/// "nothing", "reset", "ranges -3..4 +1 ~2", "layout 1 x 0 ~2" (where each old row goes, x = gone).
[[nodiscard]] QString text(const EditScript& script);

/// The list that script makes of before, taking the ids of inserted rows from after.
[[nodiscard]] QList<quint64> replayed(const EditScript& script, QList<quint64> before, const QList<quint64>& after);

} // namespace lockscope::test
