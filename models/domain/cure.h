#pragma once

#include "models/domain/result.h"
#include "models/domain/serverinfo.h"
#include "models/domain/waitgraph.h"

#include <QMetaType>
#include <QStringList>

#include <chrono>

namespace lockscope {

/// What can be done to somebody else's lock. Releasing it is not among them: only its own session can.
enum class CureKind : quint8
{
    CancelQuery,
    TerminateBackend,
    CommitPrepared,
    RollbackPrepared
};
/// "Cancel query": for buttons and titles, untranslated words for the audit log by auditWord().
[[nodiscard]] QString title(CureKind kind);
[[nodiscard]] QString auditWord(CureKind kind);
/// Whether a backend is the victim, rather than a prepared transaction.
[[nodiscard]] constexpr bool isAboutBackend(CureKind kind)
{
    return kind == CureKind::CancelQuery || kind == CureKind::TerminateBackend;
}

/// Exactly one victim. Backends are named by pid and start to the microsecond, prepared transactions by gid,
/// transaction and moment of preparing: all of them are compared on the server in the statement that acts.
struct CureRequest
{
    CureKind kind = CureKind::CancelQuery;
    BackendId backend = {};
    PreparedTransaction prepared = {};
    QString systemIdentifier = {}; ///< of the server it was seen on; another one is refused
    /// Where that was: a primary and its standbys have one identifier, and each its own backends. Empty: not known.
    QString host = {};
    int port = 0;
    friend bool operator==(const CureRequest&, const CureRequest&) = default;
};

/// Whether a cure is possible, as far as is known before asking the server.
struct CureOffer
{
    CureKind kind = CureKind::CancelQuery;
    bool applies = false; ///< makes sense for this victim at all: no COMMIT PREPARED for a backend
    bool possible = false;
    QString reason = {}; ///< why not, or what to expect ("idle: there is no query to cancel"); a full sentence
    QString grant = {};  ///< the statement that would make it possible: "GRANT pg_signal_backend TO monitor;"
    friend bool operator==(const CureOffer&, const CureOffer&) = default;
};

/// All four, in the order of CureKind. Never guesses: where the server might allow it, it is possible. readOnly is the
/// console's own --read-only.
[[nodiscard]] QList<CureOffer> cureOffers(const WaitNodeId& victim, const Snapshot& snapshot, const ServerInfo& server,
                                          bool readOnly);

/// The statement that gives these predefined roles to the role of a connection: "GRANT pg_signal_backend TO
/// \"monitor\";". Empty without roles.
[[nodiscard]] QString grantStatement(const QStringList& predefinedRoles, const QString& role);

/// What a confirmation shows: taken once, when the dialog opens, and not changed by later polls.
struct CurePlan
{
    CureRequest request = {};
    QString name = {};   ///< "1234 (pod-a)", "'pay-17'": for the title; cut and stripped
    QString victim = {}; ///< "1234 pod-a, app in shop, from 10.0.0.7" or the gid; hostile text
    QString state = {};  ///< "idle in transaction for 3 m 12 s"
    QString query = {};  ///< its last or running statement, passwords masked; hostile text
    QStringList releases =
        {}; ///< "Exclusive on key 5 in shop (calendar sync)", at most 20 and a line that counts the rest
    QStringList unblocks = {};   ///< "1240 pod-b, waiting 12 s for key 5": who waits for nobody else then
    QStringList stillStuck = {}; ///< who is behind it but waits for others too
    QStringList warnings = {};   ///< "It is a superuser's session.", "Its transaction of 2 h is rolled back."
    /// A superuser's session or a process without a client: the person confirms to know what it is.
    bool mustBeKnown = false;
    friend bool operator==(const CurePlan&, const CurePlan&) = default;
};

enum class CureResult : quint8
{
    Done,       ///< verified: the backend is gone, the query has ended, the prepared transaction is no longer there
    StillThere, ///< the server sent the signal, and after a while the victim is as it was
    NotFound,   ///< no such victim any more: nothing was sent
    Refused,    ///< the server said no, or who it is could not be made sure: nothing was done
    Failed,     ///< the link broke or the server failed: what happened is not known
};
/// "done", "still there", "not found", "refused", "failed": for the audit log, untranslated.
[[nodiscard]] QString auditWord(CureResult result);

struct CureOutcome
{
    CureRequest request = {};
    CureResult result = CureResult::Failed;
    QString sentence = {}; ///< "1234 is gone after 12 ms."
    std::chrono::microseconds elapsed{0};
    std::optional<Error> error = {};
    QStringList notices = {};
    QString grant = {};                        ///< of a refusal: the statement that would make it possible
    SteadyTime sentAt{};                       ///< when the signal was sent; elapsed counts from here
    std::optional<ServerTime> queryStart = {}; ///< of the query that was cancelled, for looking again later
    friend bool operator==(const CureOutcome&, const CureOutcome&) = default;
};

/// The lesson: what unlocking somebody else's key answers, asked on a session of our own that holds nothing.
struct ForeignRelease
{
    QString statement = {};          ///< as it was sent
    std::optional<bool> answer = {}; ///< empty: nothing was sent, or no answer came
    QStringList notices = {};        ///< "WARNING: you don't own a lock of type ExclusiveLock"; hostile text
    std::optional<Error> error = {}; ///< why there is no answer
    friend bool operator==(const ForeignRelease&, const ForeignRelease&) = default;
};

} // namespace lockscope

Q_DECLARE_METATYPE(lockscope::CureOutcome)
