#pragma once

#include "models/lockrow.h"

#include <optional>

namespace lockscope {

/// A lock or a session of a view in the pieces that sentences are made of. One thread, for as long as the view it was
/// given lives. Names are cut and stripped for a label. Never guesses: what the view does not tell is empty.
class ExplanationFacts final
{
public:
    explicit ExplanationFacts(const LockView& view);
    Q_DISABLE_COPY_MOVE(ExplanationFacts)

    [[nodiscard]] const LockView& view() const { return m_view; }
    /// Null while the view is empty.
    [[nodiscard]] const Snapshot* snapshot() const { return m_view.snapshot.get(); }
    [[nodiscard]] const WaitNode* node(const WaitNodeId& id) const;
    [[nodiscard]] const WaitNode* node(qint32 index) const;
    [[nodiscard]] const Backend* backend(const WaitNodeId& id) const;
    [[nodiscard]] const PreparedTransaction* prepared(const WaitNodeId& id) const;

    /// "shop"; "database 16384" where the name is not known; empty for none.
    [[nodiscard]] QString database(quint32 oid) const;
    /// "key 5 (calendar sync) in shop", "public.orders in shop", "transaction 751".
    [[nodiscard]] QString target(const LockTarget& target) const;
    /// The same with the mode where it matters: "key 5 in shop (shared)", "AccessExclusive on public.orders in shop".
    [[nodiscard]] QString inMode(const LockTarget& target, LockMode mode) const;
    /// What a wait is for: as inMode(), or "transaction 751 to end".
    [[nodiscard]] QString awaited(const Lock& lock) const;
    /// "1234 (pod-a), 1240 (pod-b) and 3 more".
    [[nodiscard]] QString listed(const QList<WaitNodeId>& ids, qsizetype more = 0) const;

    /// Rows of pg_locks that belong to it.
    [[nodiscard]] QList<Lock> locksOf(const WaitNodeId& id) const;
    /// Where watching knows more of this lock; null when the view shows no such row.
    [[nodiscard]] const LockRow* rowOf(const Lock& lock) const;
    /// The latest moment it can have taken this lock, as far as is known.
    [[nodiscard]] std::optional<ServerTime> heldBy(const Lock& lock) const;
    /// "12.0 s", or empty for no moment.
    [[nodiscard]] QString age(const std::optional<ServerTime>& since) const;
    /// "12.0 s" or "at least 12.0 s"; empty when nothing is known.
    [[nodiscard]] QString waited(const Lock& lock) const;

private:
    const LockView& m_view;
};

/// With a capital, for names that begin with a word of ours.
[[nodiscard]] QString sentenceStart(QString name);

} // namespace lockscope
