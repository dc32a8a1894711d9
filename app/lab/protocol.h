#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/clientstate.h"
#include "models/domain/podstate.h"

#include <QByteArray>
#include <QByteArrayView>

#include <chrono>
#include <optional>
#include <variant>

/// What the console and lockscope-client say to each other: one JSON object per line, commands on the client's stdin,
/// events on its stdout. Values and pure functions; nothing here reads, writes or trusts: a line from either side is
/// checked field by field.
namespace lockscope::protocol {

/// Opens the client's connection. The only place where a password travels: stdin is seen by nobody else.
struct Connect
{
    QString name;
    Conninfo conninfo;
    /// What PGPASSWORD said in the console's environment. The client's environment has it removed, because /proc shows
    /// the environment; libpq uses it where neither the parameters nor the service file have a password.
    QString environmentPassword;
    friend bool operator==(const Connect&, const Connect&) = default;
};
struct Acquire
{
    KeyInput key;
    LockRequest request;
    friend bool operator==(const Acquire&, const Acquire&) = default;
};
struct Release
{
    KeyInput key;
    LockShare share = LockShare::Exclusive;
    friend bool operator==(const Release&, const Release&) = default;
};
struct ReleaseAll
{
    friend bool operator==(const ReleaseAll&, const ReleaseAll&) = default;
};
/// A statement that runs for so long (pg_sleep); 0 to 24 hours.
struct Work
{
    std::chrono::milliseconds duration{0};
    friend bool operator==(const Work&, const Work&) = default;
};
struct Begin
{
    friend bool operator==(const Begin&, const Begin&) = default;
};
struct Commit
{
    friend bool operator==(const Commit&, const Commit&) = default;
};
struct Rollback
{
    friend bool operator==(const Rollback&, const Rollback&) = default;
};
/// Ends the client at once, whatever it is doing, without unlocking and without a goodbye to the server.
struct Quit
{
    friend bool operator==(const Quit&, const Quit&) = default;
};
/// Makes the client a pod: that many connections of its own. The parameters and the password as in Connect.
struct OpenPod
{
    QString name;
    Conninfo conninfo;
    QString environmentPassword;
    int connections = 1; ///< 1 to 32
    friend bool operator==(const OpenPod&, const OpenPod&) = default;
};
/// A request to a pod: lock the key, work for so long (0 to 24 hours) without a statement, write, unlock.
struct Sync
{
    quint64 request = 0; ///< comes back in the answers
    LockKey key;
    std::chrono::milliseconds work{0};
    friend bool operator==(const Sync&, const Sync&) = default;
};
using Command = std::variant<Connect, Acquire, Release, ReleaseAll, Work, Begin, Commit, Rollback, Quit, OpenPod, Sync>;

struct Connected
{
    qint32 backendPid = 0;
    ServerTime backendStart{};
    friend bool operator==(const Connected&, const Connected&) = default;
};
/// Everything the client knows of itself; sent with each change. Never Frozen: a stopped process says nothing.
struct Status
{
    ClientPhase phase = ClientPhase::Idle;
    QString doing;
    TransactionPhase transaction = TransactionPhase::None;
    QList<LedgerEntry> ledger;
    friend bool operator==(const Status&, const Status&) = default;
};
/// The client exits next, because of this: refused login, connection lost.
struct Ended
{
    Error error;
    friend bool operator==(const Ended&, const Ended&) = default;
};
/// A command that could not be understood; the client goes on.
struct Complaint
{
    Error error;
    friend bool operator==(const Complaint&, const Complaint&) = default;
};
/// Everything a pod knows of itself; sent with each change. A frozen pod says nothing.
struct PodStatus
{
    QList<PodConnection> connections;
    QList<LockKey> map; ///< the keys that it believes it holds
    friend bool operator==(const PodStatus&, const PodStatus&) = default;
};
/// A pod wrote to what the lock protects. Said to the resource itself, not to the database: nothing there could stop
/// it.
struct Wrote
{
    LockKey key;
    qint64 token = 0; ///< 0: it got none
    /// When, on the monotonic clock that all processes of a machine share: pods' words come over different pipes, and
    /// may be read in another order.
    SteadyTime sentAt;
    friend bool operator==(const Wrote&, const Wrote&) = default;
};
/// Times in StatementRecord and Outcome travel in microseconds. Texts of the server are cut at 4 096 characters and 20
/// notices.
using Event = std::variant<Connected, StatementRecord, Outcome, Status, Ended, Complaint, PodStatus, PodAnswer, Wrote>;

/// One line with its newline. Longer than LineBuffer::maximumLength can only be a Status of tens of thousands of locks:
/// it becomes a Complaint that says so.
[[nodiscard]] QByteArray encode(const Command& command);
[[nodiscard]] QByteArray encode(const Event& event);

/// A line without its newline. Errors have kind Internal and never quote the line: it may hold a password.
[[nodiscard]] Result<Command> decodeCommand(const QByteArray& line);
[[nodiscard]] Result<Event> decodeEvent(const QByteArray& line);

/// The application_name of a client's connection, so that everything the lab makes is recognisable and its name still
/// comes first: "pod-a (lockscope client)". PostgreSQL keeps 63 bytes, so the name is cut before the words behind it
/// are.
[[nodiscard]] QString clientApplicationName(const QString& name);

} // namespace lockscope::protocol
