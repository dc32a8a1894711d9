#pragma once

#include "models/domain/lock.h"
#include "models/domain/lockrequest.h"
#include "models/domain/result.h"

#include <QStringList>

namespace lockscope {

/// How an action on an own session ended. An outcome is an answer, not an error; Failed carries the one error.
enum class OutcomeKind
{
    Acquired,
    HeldElsewhere,  ///< a try answered false
    Released,       ///< unlock answered true; the lock may still be held when it was taken more than once
    NotHeld,        ///< unlock answered false, with the server's WARNING
    TimedOut,       ///< 55P03 by lock_timeout
    Cancelled,      ///< 57014
    DeadlockVictim, ///< 40P01; session-level locks of the session survive it
    Lost,           ///< the session ended or the link broke before an answer came
    Done,           ///< begin, commit, rollback, release all
    Failed,
};

/// Who holds a key that was refused, asked at that moment.
struct HolderNote
{
    qint32 pid = 0;
    QString applicationName = {}; ///< hostile text
    LockMode mode = LockMode::Unknown;
    friend bool operator==(const HolderNote&, const HolderNote&) = default;
};

struct Outcome
{
    OutcomeKind kind = OutcomeKind::Done;
    QString action = {}; ///< "try 5 exclusive", "release (-5, 7)", "commit"
    std::optional<LockKey> key = {};
    QList<HolderNote> holders = {}; ///< only for HeldElsewhere
    /// The server's notices word for word: "WARNING: you don't own a lock of type ExclusiveLock".
    QStringList notices = {};
    std::optional<Error> error = {}; ///< for Failed, Lost and where the server gave an error text
    std::chrono::microseconds elapsed{0};

    friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// One sentence for a person, without notices: "Key 5 is held elsewhere: pid 1234 (pod-a)."
[[nodiscard]] QString describe(const Outcome& outcome);
/// The kind as one or two lower-case words for tables and JSON: "held elsewhere", "deadlock victim".
[[nodiscard]] QString word(OutcomeKind kind);

} // namespace lockscope
