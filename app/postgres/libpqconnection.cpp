#include "app/postgres/libpqconnection.h"

#include "app/postgres/cancelkey.h"
#include "app/postgres/connectionstart.h"
#include "app/postgres/servererror.h"
#include "models/domain/time.h"

#include <QCoreApplication>

#include <libpq-fe.h>

#include <algorithm>
#include <future>
#include <optional>
#include <utility>

namespace lockscope {

using namespace std::chrono_literals;
using platform::SocketEvent;
using std::chrono::steady_clock;

namespace {

constexpr auto cancelPatience = 1s;

struct Messages
{
    Q_DECLARE_TR_FUNCTIONS(lockscope::LibpqConnection)
};

struct Target
{
    explicit Target(const PGconn* connection)
        : host(PQhost(connection))
        , address(PQhostaddr(connection))
        , port(PQport(connection))
    {
    }
    QByteArray host;
    QByteArray address;
    QByteArray port;
    friend bool operator==(const Target&, const Target&) = default;
};

/// conninfo without the host that did not answer, where it lists more than one.
std::optional<Conninfo> withoutHost(const Conninfo& conninfo, const Target& silent)
{
    const auto list = [&](const QString& keyword) { return conninfo.resolvedValue(keyword).split(QLatin1Char(',')); };
    auto hosts = list(QStringLiteral("host"));
    auto addresses = list(QStringLiteral("hostaddr"));
    auto ports = list(QStringLiteral("port"));
    const auto count = std::max(hosts.size(), addresses.size());
    if (count < 2)
        return {};
    for (qsizetype i = 0; i < count; ++i) {
        const bool sameHost =
            hosts.size() == count ? hosts.at(i).toUtf8() == silent.host : addresses.at(i).toUtf8() == silent.host;
        if (!sameHost || ports.value(ports.size() == count ? i : 0).toUtf8() != silent.port)
            continue;
        for (auto* entries : {&hosts, &addresses, &ports}) {
            if (entries->size() == count)
                entries->removeAt(i);
        }
        return conninfo.with(QStringLiteral("host"), hosts.join(QLatin1Char(',')))
            .with(QStringLiteral("hostaddr"), addresses.join(QLatin1Char(',')))
            .with(QStringLiteral("port"), ports.join(QLatin1Char(',')));
    }
    return {};
}

Error overdue(std::chrono::milliseconds limit)
{
    return {.kind = ErrorKind::Connection,
            .what = Messages::tr("The server did not answer within %1.").arg(formatDuration(limit)),
            .advice = Messages::tr(
                "Check that the server machine is up and that no firewall drops the connection. The server may "
                "also be overloaded or suspended.")};
}

Error wokenUp()
{
    return {.kind = ErrorKind::Connection, .what = Messages::tr("The wait for the server was interrupted.")};
}

void receiveNotice(void* receiver, const PGresult* notice)
{
    static_cast<NoticeList*>(receiver)->add(notice);
}

} // namespace

LibpqConnection::LibpqConnection(platform::WakeUp* wakeUp)
    : m_wakeUp(wakeUp)
{
}

LibpqConnection::~LibpqConnection()
{
    close();
}

Result<void> LibpqConnection::open(const Conninfo& conninfo, std::chrono::milliseconds deadline)
{
    close();
    (void)m_notices.take();
    m_loginClock.restart();
    for (const auto& [keyword, value] : conninfo.parameters()) {
        if (value.contains(QChar::Null))
            return usageError(Messages::tr("The value of \"%1\" contains a NUL character.").arg(keyword));
    }
    auto remaining = conninfo;
    while (true) {
        auto event = SocketEvent::Readable;
        auto opened = openOne(remaining, deadline, &event);
        if (opened || event != SocketEvent::TimedOut || !m_connection)
            return opened;
        // libpq goes on to the next host when one refuses; for one that is silent it would need its own blocking loop.
        const auto others = withoutHost(remaining, Target(m_connection));
        close();
        if (!others)
            return opened;
        remaining = *others;
    }
}

Result<void> LibpqConnection::openOne(const Conninfo& conninfo, std::chrono::milliseconds limit, SocketEvent* event)
{
    auto deadline = steady_clock::now() + limit;
    {
        ConnectionStart start(conninfo);
        *event = waitFor(start.descriptor(), false, deadline);
        if (*event == SocketEvent::TimedOut)
            return failure(
                {.kind = ErrorKind::Connection,
                 .what = Messages::tr("The name of the server was not resolved within %1.").arg(formatDuration(limit)),
                 .advice = Messages::tr("Check the name service of this machine, or give the address as hostaddr.")});
        if (*event == SocketEvent::WokenUp)
            return failure(wokenUp());
        m_connection = start.take();
    }
    if (!m_connection)
        return failure(
            {.kind = ErrorKind::Internal, .what = Messages::tr("There is not enough memory for a connection.")});

    // Before the first poll, so that a refused login is written as "FATAL:  28P01: ...": nothing else carries its
    // SQLSTATE.
    PQsetErrorVerbosity(m_connection, PQERRORS_VERBOSE);
    PQsetNoticeReceiver(m_connection, receiveNotice, &m_notices);
    const auto refused = [this] {
        auto error = loginError(m_connection);
        close();
        return failure(std::move(error));
    };
    if (PQstatus(m_connection) == CONNECTION_BAD)
        return refused();

    Target target(m_connection);
    qsizetype judged = 0;
    auto polling = PGRES_POLLING_WRITING;
    while (polling != PGRES_POLLING_OK) {
        *event = waitFor(PQsocket(m_connection), polling == PGRES_POLLING_WRITING, deadline);
        if (*event == SocketEvent::TimedOut)
            return failure(overdue(limit));
        if (*event == SocketEvent::WokenUp) {
            close();
            return failure(wokenUp());
        }
        const bool passwordSent = PQconnectionUsedPassword(m_connection) == 1;
        polling = PQconnectPoll(m_connection);
        if (polling == PGRES_POLLING_FAILED)
            return refused();
        // A refusal here is not the end for libpq: with sslmode=prefer it has just dialled again, without TLS, to send
        // the same password in the clear (and has forgotten that it used one). One refusal is enough, also for servers
        // that lock an account after a few. The message gathers what all attempts said; what this poll added counts.
        const auto message = QString::fromUtf8(PQerrorMessage(m_connection));
        if (polling != PGRES_POLLING_OK && passwordSent &&
            sqlStateIn(message.mid(judged)).startsWith(QLatin1StringView("28")))
            return refused();
        judged = message.size();
        if (const Target now(m_connection); now != target) {
            target = now;
            deadline = steady_clock::now() + limit;
        }
    }
    PQsetErrorVerbosity(m_connection, PQERRORS_DEFAULT);
    PQsetnonblocking(m_connection, 1);
    return {};
}

void LibpqConnection::close()
{
    PQfinish(std::exchange(m_connection, nullptr));
}

bool LibpqConnection::isOpen() const
{
    return m_connection && PQstatus(m_connection) == CONNECTION_OK;
}

Result<std::vector<QueryAnswer>> LibpqConnection::execute(const QByteArray& sql, std::chrono::milliseconds deadline)
{
    if (!isOpen() || PQsendQuery(m_connection, sql.constData()) != 1)
        return failure(connectionError());
    std::vector<QueryAnswer> answers;
    const auto collected = collect(deadline, [&answers](ResultPointer result) {
        answers.emplace_back(std::move(result));
        return true;
    });
    if (!collected)
        return failure(collected.error());
    return answers;
}

Result<QueryAnswer> LibpqConnection::describeStatement(const QByteArray& sql, std::chrono::milliseconds deadline)
{
    ResultPointer described;
    const auto keep = [&described](ResultPointer result) {
        described = std::move(result);
        return true;
    };
    // The unnamed statement: nothing is left behind that a pooler or a later statement could meet.
    if (!isOpen() || PQsendPrepare(m_connection, "", sql.constData(), 0, nullptr) != 1)
        return failure(connectionError());
    if (auto prepared = collect(deadline, keep); !prepared)
        return failure(std::move(prepared.error()));
    if (PQsendDescribePrepared(m_connection, "") != 1)
        return failure(connectionError());
    if (auto answered = collect(deadline, keep); !answered)
        return failure(std::move(answered.error()));
    return QueryAnswer(std::move(described));
}

Result<void> LibpqConnection::streamStatement(const QByteArray& sql, std::chrono::milliseconds deadline,
                                              const TakeRow& takeRow)
{
    if (!isOpen() || PQsendQueryParams(m_connection, sql.constData(), 0, nullptr, nullptr, nullptr, nullptr, 0) != 1)
        return failure(connectionError());
    PQsetSingleRowMode(m_connection);
    return collect(deadline, [&takeRow](ResultPointer result) {
        const bool isRow = PQresultStatus(result.get()) == PGRES_SINGLE_TUPLE;
        const QueryAnswer answer(std::move(result));
        return !isRow || takeRow(answer);
    });
}

Result<void> LibpqConnection::collect(std::chrono::milliseconds deadline,
                                      const std::function<bool(ResultPointer)>& take)
{
    std::optional<Error> error;
    std::future<bool> cancelled;
    bool copied = false;
    bool copyingOut = false;
    bool enough = false;
    auto until = steady_clock::now() + deadline;
    while (true) {
        ResultPointer result;
        const auto event = nextResult(&result, copyingOut, until);
        if (event == SocketEvent::WokenUp) {
            CancelKey(m_connection).send();
            close();
            return failure(wokenUp());
        }
        if (event == SocketEvent::TimedOut) {
            if (cancelled.valid()) {
                close();
                if (enough)
                    return {};
                return failure(overdue(deadline));
            }
            cancelled = CancelKey(m_connection).send();
            until = steady_clock::now() + cancelPatience;
            continue;
        }
        if (event == SocketEvent::Failed) {
            auto broken = connectionError();
            close();
            return failure(std::move(broken));
        }
        copyingOut = false;
        if (!result)
            break;
        switch (PQresultStatus(result.get())) {
        case PGRES_TUPLES_OK:
        case PGRES_COMMAND_OK:
        case PGRES_SINGLE_TUPLE:
            if (enough || take(std::move(result)))
                break;
            enough = true;
            if (!cancelled.valid()) {
                cancelled = CancelKey(m_connection).send();
                until = steady_clock::now() + cancelPatience;
            }
            break;
        case PGRES_EMPTY_QUERY:
            break;
        case PGRES_COPY_IN:
            copied = true;
            PQputCopyEnd(m_connection, "COPY is not possible on this connection");
            break;
        case PGRES_COPY_OUT:
            copied = true;
            copyingOut = true;
            if (!cancelled.valid()) {
                cancelled = CancelKey(m_connection).send();
                until = steady_clock::now() + cancelPatience;
            }
            break;
        case PGRES_COPY_BOTH:
            close();
            return failure(copyError());
        default:
            if (!error)
                error = statementError(result.get());
        }
    }
    // A request that is still on its way would hit the next statement, so this connection cannot be trusted any more.
    if (cancelled.valid() && cancelled.wait_until(until) != std::future_status::ready)
        close();
    if (copied)
        return failure(copyError());
    if (enough) // a cancelled rest is what was wanted
        return {};
    if (error && !isOpen() && error->sqlState.isEmpty())
        return failure(connectionError(error->serverWords));
    if (error && cancelled.valid() && error->sqlState == QLatin1StringView("57014"))
        error->what = Messages::tr("The server did not answer within %1, so the statement was cancelled.")
                          .arg(formatDuration(deadline));
    if (error)
        return failure(std::move(*error));
    return {};
}

Result<QueryAnswer> LibpqConnection::executeOne(const QByteArray& sql, std::chrono::milliseconds deadline)
{
    auto answers = execute(sql, deadline);
    if (!answers)
        return failure(std::move(answers.error()));
    if (answers->empty())
        return failure({.kind = ErrorKind::Internal, .what = Messages::tr("The statement had no answer.")});
    return std::move(answers->back());
}

SocketEvent LibpqConnection::nextResult(ResultPointer* result, bool copyingOut, Deadline deadline)
{
    // libpq reads a TLS record in pieces. What it has not taken yet makes no socket readable, so a short wait is not
    // the end.
    const int quietWaitsNeeded = PQsslInUse(m_connection) ? 3 : 0;
    int quietWaits = 0;
    while (true) {
        const bool sent = PQflush(m_connection) != 1;
        char* row = nullptr;
        int copied = copyingOut ? 1 : -1;
        while (copied > 0) {
            copied = PQgetCopyData(m_connection, &row, 1);
            PQfreemem(row);
        }
        // Once the link is known to be gone, PQgetResult does not wait: it hands out what came before the end, then the
        // reason.
        if (PQstatus(m_connection) == CONNECTION_BAD || (sent && copied < 0 && PQisBusy(m_connection) == 0))
            break;
        const auto until = quietWaits < quietWaitsNeeded ? std::min(deadline, steady_clock::now() + 20ms) : deadline;
        const auto event = waitFor(PQsocket(m_connection), !sent, until);
        if (event == SocketEvent::WokenUp || (event == SocketEvent::TimedOut && until == deadline))
            return event;
        quietWaits = event == SocketEvent::TimedOut ? quietWaits + 1 : 0;
        if (PQconsumeInput(m_connection) != 1 && PQstatus(m_connection) != CONNECTION_BAD)
            return SocketEvent::Failed; // no memory: PQgetResult would block
    }
    result->reset(PQgetResult(m_connection));
    return SocketEvent::Readable;
}

SocketEvent LibpqConnection::waitFor(qintptr descriptor, bool forWriting, Deadline deadline) const
{
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
    return platform::waitForSocket(descriptor, forWriting, std::max(left, 0ms), m_wakeUp);
}

QStringList LibpqConnection::takeNotices()
{
    return m_notices.take();
}

qint32 LibpqConnection::claimedPid() const
{
    return PQbackendPID(m_connection);
}

qintptr LibpqConnection::socket() const
{
    return PQsocket(m_connection);
}

Error LibpqConnection::connectionError(const QString& words) const
{
    if (!m_connection)
        return {.kind = ErrorKind::Connection,
                .what = Messages::tr("The connection is closed."),
                .advice = Messages::tr("Connect again.")};
    return {.kind = ErrorKind::Connection,
            .what = Messages::tr(
                "The connection to the server broke. The server may still hold the locks of this session."),
            .advice = Messages::tr("Connect again, and look for the old backend among the holders."),
            .serverWords = words.isEmpty() ? QString::fromUtf8(PQerrorMessage(m_connection)).trimmed() : words};
}

Error LibpqConnection::copyError()
{
    return {.kind = ErrorKind::Usage,
            .what = Messages::tr("COPY is not possible on this connection."),
            .advice = Messages::tr("Use psql for COPY.")};
}

} // namespace lockscope
