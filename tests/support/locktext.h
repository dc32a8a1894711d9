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
    /// A backend with or without locks; change may set any field.
    SnapshotMaker& backend(qint32 pid, const std::function<void(Backend&)>& change = {});
    SnapshotMaker& allTypes();
    /// More locks on the server than were kept.
    SnapshotMaker& total(qint64 locks);

    [[nodiscard]] SnapshotPointer make() const;

private:
    SnapshotMaker& add(const LockTarget& target, LockMode mode, bool granted, qint32 pid,
                       std::optional<ServerTime> waitStart = {});

    Snapshot m_snapshot;
    qint64 m_total = -1;
};

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
