#pragma once

#include "models/domain/ledger.h"
#include "models/domain/outcome.h"
#include "models/domain/serverinfo.h"

#include <QList>
#include <QString>

namespace lockscope {

/// Names a session or a client inside this run of the console; never reused.
enum class SessionId : quint32
{
};
enum class ClientId : quint32
{
};

enum class SessionPhase
{
    Connecting,
    Idle,
    Busy,   ///< a statement runs or waits; cancel is possible
    Lost,   ///< the server ended the session, or the link broke: see SessionState::ending
    Closed, ///< disconnected by the person
    Failed, ///< never connected
};

/// "connecting", "idle", "busy", "lost", "closed", "failed".
[[nodiscard]] QString word(SessionPhase phase);

enum class TransactionPhase
{
    None,
    Open,
    Failed
};

/// "no transaction", "in transaction", "in failed transaction".
[[nodiscard]] QString word(TransactionPhase phase);

/// All that the window shows of one operator session. Immutable: a new one comes with each change.
struct SessionState
{
    SessionId id{};
    QString name = {};
    SessionPhase phase = SessionPhase::Connecting;
    TransactionPhase transaction = TransactionPhase::None;
    qint32 backendPid = 0;
    std::optional<ServerTime> backendStart = {};
    bool behindPooler = false;
    QString doing = {}; ///< what the running statement is for: "lock 5"; empty when idle
    std::optional<SteadyTime> doingSince = {};
    QList<LedgerEntry> ledger = {};
    std::optional<Outcome> lastOutcome = {};
    std::optional<Error> ending = {}; ///< why the session is lost or failed
    QString elsewhere = {};           ///< the server it is on when that is not the one watched; else empty

    friend bool operator==(const SessionState&, const SessionState&) = default;
};

/// One statement as it was sent: the row of the statement log.
struct StatementRecord
{
    std::chrono::system_clock::time_point sentAt{};
    QString session = {}; ///< name of the operator session or client
    qint32 backendPid = 0;
    QString sql = {};    ///< with its values
    QString result = {}; ///< "true", "false", "(void)", "3 rows", or the error
    QStringList notices = {};
    std::chrono::microseconds duration{0};
    bool failed = false;
    bool housekeeping = false; ///< sent by the console itself: reconciliation, holder look-up, session settings

    friend bool operator==(const StatementRecord&, const StatementRecord&) = default;
};

} // namespace lockscope
