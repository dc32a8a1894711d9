#pragma once

#include "models/lockrow.h"

#include <functional>

namespace lockscope {

/// What watching has taught: every lock with when it was first seen, and what became of it since the snapshot before.
/// A value on the thread of its owner; never looks at a clock (time is the snapshot's), and never claims more than two
/// snapshots tell: where one of them did not keep every row, or did not read that type of lock, nothing is called new
/// or gone.
class LockHistory
{
public:
    /// Gone rows stay and marks last this long.
    static constexpr std::chrono::milliseconds lingering{3000};

    /// The locks of snapshot must be sorted by identityLess(). O(locks + waiting edges).
    [[nodiscard]] QList<LockEvent> merge(const Snapshot& snapshot);
    /// Another server: forgets all but which row ids were given out.
    void clear();
    /// Calls meaningOf(target) for each row that has no answer yet, and keeps what it says as long as the row is known.
    void giveMeanings(const std::function<QString(const LockTarget&)>& meaningOf);
    void forgetMeanings();

    /// Everything known by identity, gone rows included.
    [[nodiscard]] const QList<LockRow>& rows() const { return m_rows; }

private:
    class Merging;

    QList<LockRow> m_rows;
    quint64 m_nextRowId = 1;
    bool m_empty = true;
    bool m_complete = true; ///< the last snapshot kept every row it counted
    LockScope m_scope = LockScope::AdvisoryOnly;
};

} // namespace lockscope
