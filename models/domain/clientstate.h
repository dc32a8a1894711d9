#pragma once

#include "models/domain/sessionstate.h"

namespace lockscope {

enum class ClientPhase
{
    Starting,
    Idle,
    Waiting, ///< for a lock
    Working, ///< a statement runs (pg_sleep)
    Frozen,  ///< SIGSTOP; what it was doing before goes on at the server
    Ended,
};

/// How a simulated client is ended or held up.
enum class ClientEnding
{
    Kill,       ///< SIGKILL: no goodbye, the kernel closes the socket
    Terminate,  ///< SIGTERM: the client may say goodbye
    FromServer, ///< pg_terminate_backend by (pid, backend_start)
    Quit,       ///< exits without unlocking
};

/// "starting", "idle", "waiting", "working", "frozen", "ended".
[[nodiscard]] QString word(ClientPhase phase);

/// What the server did after a client was ended: each step measured from the moment the signal was sent, on the
/// console's monotonic clock. Empty: not seen (yet). A step can never be seen earlier than the watch looked, see grain.
struct ReleaseTimeline
{
    ClientEnding ending = ClientEnding::Kill;
    qint32 backendPid = 0;
    QList<LockKey> keys = {};                                  ///< held when it ended
    std::optional<std::chrono::microseconds> processGone = {}; ///< the operating system reported the end
    std::optional<std::chrono::microseconds> backendGone = {};
    std::optional<std::chrono::microseconds> keysFree = {}; ///< no lock of that backend is left
    std::optional<std::chrono::microseconds> nextGranted = {};
    qint32 nextPid = 0; ///< who was granted the key, when somebody waited
    QString nextApplicationName = {};
    bool anyoneWaited = false;
    std::chrono::microseconds grain{0}; ///< longest time between two looks
    bool finished = false;              ///< nothing more is awaited
    std::optional<Error> error = {};    ///< the watch itself failed

    friend bool operator==(const ReleaseTimeline&, const ReleaseTimeline&) = default;
};

/// All that the window shows of one simulated client.
struct ClientState
{
    ClientId id{};
    QString name = {};
    qint64 processId = 0;
    ClientPhase phase = ClientPhase::Starting;
    TransactionPhase transaction = TransactionPhase::None;
    qint32 backendPid = 0;
    std::optional<ServerTime> backendStart = {};
    QString doing = {};
    std::optional<SteadyTime> doingSince = {};
    QList<LedgerEntry> ledger = {};
    std::optional<Outcome> lastOutcome = {};
    std::optional<ReleaseTimeline> release = {};
    std::optional<Error> ending = {}; ///< why it ended when nobody asked it to
    QString elsewhere = {};           ///< the server it is on when that is not the one watched; else empty

    friend bool operator==(const ClientState&, const ClientState&) = default;
};

} // namespace lockscope
