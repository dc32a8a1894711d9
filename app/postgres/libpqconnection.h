#pragma once

#include "app/platform/platform.h"
#include "app/postgres/conninfo.h"
#include "app/postgres/loginclock.h"
#include "app/postgres/noticelist.h"
#include "app/postgres/queryanswer.h"
#include "models/domain/result.h"

#include <QByteArray>
#include <QStringList>

#include <chrono>
#include <functional>
#include <vector>

struct pg_conn;

namespace lockscope {

/// A libpq connection with deadlines: connects without blocking, keeps the SQLSTATE of a refused login (PQconnectdb
/// loses it), collects notices, and can be woken from another thread. Used by the observer, by one-off errands and by
/// lockscope-client. Belongs to one thread; only the WakeUp may be touched from others. Never prints, never retries.
class LibpqConnection
{
public:
    /// wakeUp, when given, must outlive the connection; ringing it makes every wait return with an error of kind
    /// Connection, and the connection is closed: a statement that was running is cancelled on the way out, nobody waits
    /// for that.
    explicit LibpqConnection(platform::WakeUp* wakeUp = nullptr);
    ~LibpqConnection();
    Q_DISABLE_COPY_MOVE(LibpqConnection)

    /// One attempt. Where conninfo lists several hosts, the deadline counts for each of them, as libpq's
    /// connect_timeout does. Authentication errors have kind Authentication, everything before an answer has kind
    /// Connection, other refusals kind Server; isWorthRetrying() of servererror.h tells them apart for a caller that
    /// tries again.
    ///
    /// A wrong password is sent once. libpq alone would send it twice with sslmode=prefer, its default: refused over
    /// TLS, it dials again without TLS. This class stops there. It lets libpq go on where no password was sent over
    /// TLS, because pg_hba.conf may let a host in without TLS only.
    [[nodiscard]] Result<void> open(const Conninfo& conninfo, std::chrono::milliseconds deadline);
    void close();
    [[nodiscard]] bool isOpen() const; ///< as far as libpq knows

    /// Runs one or several statements (simple protocol) and returns one answer per statement that returned rows or a
    /// command tag. An error of any statement is the error of all. At the deadline the statement is cancelled (the
    /// error has SQLSTATE 57014), and if that does not help within a second the connection is closed: an error of kind
    /// Connection. COPY is refused: COPY FROM STDIN leaves the connection usable, COPY TO STDOUT is cancelled.
    [[nodiscard]] Result<std::vector<QueryAnswer>> execute(const QByteArray& sql, std::chrono::milliseconds deadline);
    /// The answer of the last statement.
    [[nodiscard]] Result<QueryAnswer> executeOne(const QByteArray& sql, std::chrono::milliseconds deadline);

    /// The columns that a statement would return, as an answer without rows (extended protocol: parsed and described).
    /// The statement does not run. Two statements in one text are an error of the server, 42601.
    [[nodiscard]] Result<QueryAnswer> describeStatement(const QByteArray& sql, std::chrono::milliseconds deadline);
    /// Runs one statement by the extended protocol, without parameters: the server refuses a second one in the text.
    /// takeRow gets answers of one row each as they come, so that a large answer is never held as a whole; when it
    /// returns false the rest is cancelled, which is no error here but fails an open transaction, and a server that
    /// goes on sending costs the connection. Deadline and COPY as with execute().
    using TakeRow = std::function<bool(const QueryAnswer& row)>;
    [[nodiscard]] Result<void> streamStatement(const QByteArray& sql, std::chrono::milliseconds deadline,
                                               const TakeRow& takeRow);

    /// Notices since the last call, as "WARNING: text"; at most 1000 of them, the rest is counted in the last line.
    [[nodiscard]] QStringList takeNotices();
    [[nodiscard]] qint32 claimedPid() const;                        ///< PQbackendPID
    [[nodiscard]] LoginClock& loginClock() { return m_loginClock; } ///< runs since open() was called
    [[nodiscard]] qintptr socket() const;
    [[nodiscard]] pg_conn* handle() const { return m_connection; }
    /// Whether this is a fatal state of the link rather than an error of a statement.
    [[nodiscard]] bool isBroken() const { return !isOpen(); }

private:
    using Deadline = std::chrono::steady_clock::time_point;

    /// event says how it ended: after TimedOut the connection is still there, so that the silent host can be read from
    /// it.
    Result<void> openOne(const Conninfo& conninfo, std::chrono::milliseconds limit, platform::SocketEvent* event);
    /// Reads all results of what was sent. take gets those that carry an answer; when it returns false it gets no more,
    /// and the rest is cancelled.
    Result<void> collect(std::chrono::milliseconds deadline, const std::function<bool(ResultPointer)>& take);
    /// Readable: *result is the next result, or null after the last one. Else TimedOut, WokenUp or Failed.
    /// copyingOut: throws away the rows of a COPY TO STDOUT first.
    platform::SocketEvent nextResult(ResultPointer* result, bool copyingOut, Deadline deadline);
    platform::SocketEvent waitFor(qintptr descriptor, bool forWriting, Deadline deadline) const;
    Error connectionError(const QString& words = {}) const;
    static Error copyError();

    pg_conn* m_connection = nullptr;
    platform::WakeUp* m_wakeUp = nullptr;
    NoticeList m_notices;
    LoginClock m_loginClock;
};

} // namespace lockscope
