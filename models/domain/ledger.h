#pragma once

#include "models/domain/lock.h"
#include "models/domain/lockrequest.h"

#include <QList>

namespace lockscope {

enum class HoldState : quint8
{
    Held,
    Waiting,
    Released,
    Lost,    ///< the server ended the session, so the lock is gone, and we did not release it
    Unknown, ///< the link broke; the server may still hold the lock for us
};

/// "held", "waiting", ...
[[nodiscard]] QString word(HoldState state);

/// One key in one mode as we counted it. PostgreSQL shows one row however often it was taken; the counts are ours.
struct LedgerEntry
{
    LockKey key = {};
    LockShare share = LockShare::Exclusive;
    int sessionCount = 0;     ///< session-level takes not yet released
    int transactionCount = 0; ///< transaction-level takes of the open transaction
    HoldState state = HoldState::Held;
    bool seenOnServer = false; ///< the last reconciliation found the row in pg_locks

    friend bool operator==(const LedgerEntry&, const LedgerEntry&) = default;
};

/// A row of pg_locks that belongs to the session's own backend.
struct OwnLock
{
    LockKey key = {};
    LockShare share = LockShare::Exclusive;
    bool granted = false;
    friend bool operator==(const OwnLock&, const OwnLock&) = default;
};

/// What one operator session (or simulated client) holds, by our own count.
/// A value on the thread of its session; never asks the server, never assumes: every change is an answer that came.
class Ledger
{
public:
    void waiting(LockKey key, LockShare share);
    void notAcquired(LockKey key, LockShare share); ///< the wait ended without the lock
    void acquired(LockKey key, LockShare share, LockLevel level);
    void released(LockKey key, LockShare share); ///< unlock answered true: one session-level take less
    void releasedAll();                          ///< pg_advisory_unlock_all: session-level takes only
    /// COMMIT, ROLLBACK, or any error: an error inside a transaction block ends the transaction's locks at once too,
    /// before ROLLBACK is sent (AbortTransaction releases them), unless it only rolls back to a savepoint.
    void transactionEnded();
    void sessionEnded();         ///< the server ended the session: held and waiting become lost
    void linkBroken();           ///< we lost the link: held and waiting become unknown
    void backendConfirmedGone(); ///< the observer saw our old backend vanish: unknown becomes lost
    void forgetEnded();          ///< drops released, lost and unknown entries

    /// Compares with the session's own rows of pg_locks. An entry that the server does not show is released (its counts
    /// were wrong or it ended behind our back); a row that we did not count becomes an entry with count 0 and
    /// seenOnServer. Returns what differed, one sentence each; empty when both agree.
    QStringList reconcile(const QList<OwnLock>& rows);

    /// In the order the keys were first taken.
    [[nodiscard]] const QList<LedgerEntry>& entries() const { return m_entries; }
    [[nodiscard]] bool holdsAnything() const;
    [[nodiscard]] QList<LedgerEntry> held() const;

    friend bool operator==(const Ledger&, const Ledger&) = default;

private:
    LedgerEntry* find(LockKey key, LockShare share);
    LedgerEntry& entry(LockKey key, LockShare share);

    QList<LedgerEntry> m_entries;
};

} // namespace lockscope
