#pragma once

#include "models/domain/lockkey.h"
#include "models/domain/result.h"
#include "models/domain/time.h"

#include <QList>
#include <QString>
#include <QStringList>

#include <array>
#include <chrono>
#include <optional>

namespace lockscope {

/// The ways in which a client of PostgreSQL can come to its end, or seem to.
enum class EndingKind : quint8
{
    KilledIdle,           ///< SIGKILL between two statements
    SaidGoodbye,          ///< SIGTERM: the client closes its connection
    ExitedWithoutUnlock,  ///< the process exits; nobody unlocks
    TerminatedFromServer, ///< pg_terminate_backend
    KilledRunning,        ///< SIGKILL while a statement runs
    KilledRunningChecked, ///< the same with client_connection_check_interval
    KilledWaiting,        ///< SIGKILL while it waits for a lock: a ghost in the queue
    KilledWaitingChecked, ///< the same with client_connection_check_interval
    Frozen,               ///< SIGSTOP: alive, and never does anything again
    ReturnedToPool,       ///< not ended at all: the connection goes back to its pool
    KilledBehindPooler,   ///< SIGKILL; the session belongs to a transaction pooler
    CableCutQuiet,        ///< nothing arrives any more on a connection on which nothing was under way
    CableCutBusy,         ///< nothing arrives any more, and the server has an answer to deliver
};
inline constexpr std::array allEndingKinds{
    EndingKind::KilledIdle,           EndingKind::SaidGoodbye,          EndingKind::ExitedWithoutUnlock,
    EndingKind::TerminatedFromServer, EndingKind::KilledRunning,        EndingKind::KilledRunningChecked,
    EndingKind::KilledWaiting,        EndingKind::KilledWaitingChecked, EndingKind::Frozen,
    EndingKind::ReturnedToPool,       EndingKind::KilledBehindPooler,   EndingKind::CableCutQuiet,
    EndingKind::CableCutBusy};

/// "killed-idle": stable, for names of objects, exports and application_name.
[[nodiscard]] QString word(EndingKind kind);
/// The client waits for its key when it is ended; in all other ways it holds it.
[[nodiscard]] bool waitsWhenEnded(EndingKind kind);
/// A statement (pg_sleep) runs when it is ended.
[[nodiscard]] bool runsWhenEnded(EndingKind kind);
/// The first server, as 140000, that has client_connection_check_interval.
inline constexpr int connectionChecksSince = 140000;
/// client_connection_check_interval is set for the client.
[[nodiscard]] bool isChecked(EndingKind kind);
[[nodiscard]] bool isCableCut(EndingKind kind);

/// When the server's kernel gives up a silent peer. 0: the kernel's own value.
struct LinkTimeouts
{
    std::chrono::seconds keepalivesIdle{2};
    std::chrono::seconds keepalivesInterval{1};
    int keepalivesCount = 3;
    std::chrono::milliseconds userTimeout{0};
    friend bool operator==(const LinkTimeouts&, const LinkTimeouts&) = default;
};
/// Zeros replaced by what Linux has where nobody changed it: 2 h, 75 s, 9. userTimeout 0 stays: there is none.
[[nodiscard]] LinkTimeouts withKernelDefaults(const LinkTimeouts& timeouts);

/// What can be set and tried again. Settings of the server are those of the client's own session.
struct EndingSettings
{
    std::chrono::milliseconds statementLength{2000};
    std::chrono::milliseconds checkInterval{500}; ///< 0: off
    LinkTimeouts link = {};
    std::chrono::milliseconds watchTime{3000}; ///< how long a lock is watched that is not expected to go
    friend bool operator==(const EndingSettings&, const EndingSettings&) = default;
};
/// Every value within what the lab allows: statements 0.5 to 60 s, checks up to 60 s, keepalives up to 60 s, 30 s and
/// 10, user timeout up to 60 s, watching 0.5 to 60 s.
[[nodiscard]] EndingSettings bounded(EndingSettings settings);

/// Everything that the moment of release depends on.
struct EndingConditions
{
    EndingKind kind = EndingKind::KilledIdle;
    EndingSettings settings = {};
    int serverVersion = 0;                     ///< 150018
    std::chrono::microseconds statementAge{0}; ///< how long the statement had run at the end
    std::chrono::microseconds quietFor{0};     ///< how long ago the client's last packet was when the cable was cut
    std::optional<LinkTimeouts> link = {};     ///< as the backend itself told them; without: from the settings
    friend bool operator==(const EndingConditions&, const EndingConditions&) = default;
};

enum class ReleaseRule : quint8
{
    AtOnce,         ///< the server's kernel learns of it at once, and the backend is reading
    AtStatementEnd, ///< the backend looks at its socket when the statement is done
    AtNextCheck,    ///< client_connection_check_interval
    AtItsTurn,      ///< a ghost waiter leaves when it is granted the lock
    AfterKeepalives,
    AfterUserTimeout,
    AfterResending, ///< the kernel gives up resending: tcp_retries2, about 15 minutes
    Never,          ///< not before somebody ends the backend
    NotPossible,    ///< this server does not have the setting
};

/// When the lock should be free, counted from the end of the client.
struct ExpectedRelease
{
    ReleaseRule rule = ReleaseRule::AtOnce;
    std::optional<std::chrono::microseconds> earliest = {}; ///< both empty: not by itself
    std::optional<std::chrono::microseconds> latest = {};
    QString text = {}; ///< "when the statement ends: about 2.0 s"
    friend bool operator==(const ExpectedRelease&, const ExpectedRelease&) = default;
};
/// Pure. Ranges allow for a machine that is busy, and no more.
[[nodiscard]] ExpectedRelease expectedRelease(const EndingConditions& conditions);
/// The same for a narrow column: "about 2.0 s", "under 200 ms", "at its turn", "never".
[[nodiscard]] QString shortText(const ExpectedRelease& expected);
/// How long to watch before it is certain what came of it.
[[nodiscard]] std::chrono::microseconds watchingTime(const ExpectedRelease& expected, const EndingSettings& settings);

enum class EndingVerdict : quint8
{
    None,
    AsExpected,
    Earlier,
    Later,
};
/// measured empty: still held after watched.
[[nodiscard]] EndingVerdict verdictOf(const ExpectedRelease& expected,
                                      std::optional<std::chrono::microseconds> measured,
                                      std::chrono::microseconds watched);
/// How far outside the expected range; 0 inside it, and where there is no range.
[[nodiscard]] std::chrono::microseconds differenceOf(const ExpectedRelease& expected,
                                                     std::optional<std::chrono::microseconds> measured,
                                                     std::chrono::microseconds watched);

enum class EndingPhase : quint8
{
    Idle,     ///< not tried
    Starting, ///< connecting, taking the key
    Holding,  ///< the client holds the key (or waits for it) and somebody waits behind it
    Running,  ///< the client has ended: the stopwatch runs
    Cleaning, ///< measured; what is left is being ended
    Done,
    Explained, ///< not possible here, because
    Failed,
    Stopped, ///< by the person, before there was a result
};
/// "not tried", "starting", "holding", "running", "cleaning up", "done", "explained", "failed", "stopped".
[[nodiscard]] QString word(EndingPhase phase);
/// Something of it is on the server or on its way there.
[[nodiscard]] bool isUnderWay(EndingPhase phase);

/// All that the window shows of one way. Immutable: a new one comes with each change.
struct EndingState
{
    EndingKind kind = EndingKind::KilledIdle;
    EndingPhase phase = EndingPhase::Idle;
    EndingSettings settings = {}; ///< of this try
    ExpectedRelease expected = {};
    LockKey key = {};
    qint32 backendPid = 0;
    QString applicationName = {};
    std::optional<SteadyTime> endedAt = {}; ///< the stopwatch starts here
    std::optional<std::chrono::microseconds> backendGone = {};
    std::optional<std::chrono::microseconds> released = {}; ///< the key is free, or the ghost has left the queue
    std::optional<std::chrono::microseconds> nextGranted = {};
    qint32 nextPid = 0;
    std::chrono::microseconds grain{0};   ///< longest time between two looks
    std::chrono::microseconds watched{0}; ///< how long it was watched when it was still held
    EndingVerdict verdict = EndingVerdict::None;
    QStringList evidence = {}; ///< what was done and seen, a sentence each
    QString remark = {};       ///< why it is only explained
    std::optional<Error> error = {};
    friend bool operator==(const EndingState&, const EndingState&) = default;
};

/// "2.4 ms", "still held after 3.0 s", "not tried": what the table says of it.
[[nodiscard]] QString measuredText(const EndingState& state);
/// The same for a narrow column: "> 3.0 s" where it was still held.
[[nodiscard]] QString shortMeasuredText(const EndingState& state);
/// "as expected", "300 ms too late", "explained".
[[nodiscard]] QString verdictText(const EndingState& state);
/// One row for each, RFC 4180, times in milliseconds.
[[nodiscard]] QString endingsAsCsv(const QList<EndingState>& states);
/// The same as text with tabs, for the clipboard.
[[nodiscard]] QString endingsAsText(const QList<EndingState>& states);

} // namespace lockscope
