#include "app/postgres/cureerrand.h"

#include "app/postgres/errandthread.h"
#include "app/postgres/serverinquiry.h"
#include "app/postgres/sqlfile.h"

#include <QCoreApplication>

#include <algorithm>
#include <thread>

namespace lockscope {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

constexpr auto statementDeadline = 5s;
constexpr std::chrono::milliseconds longestStep{40};

struct Messages
{
    Q_DECLARE_TR_FUNCTIONS(lockscope::CureErrand)
};

QByteArray statementFor(const QString& name, const BackendId& backend)
{
    const auto start = backend.backendStart ? qint64{backend.backendStart->time_since_epoch().count()} : 0;
    return sqlStatement(name)
        .replace(":pid", QByteArray::number(backend.pid))
        .replace(":backend_start", QByteArray::number(start));
}

std::optional<ServerTime> time(const QueryAnswer& answer, int column)
{
    if (answer.isNull(0, column))
        return {};
    return ServerTime(std::chrono::microseconds(answer.int64(0, column)));
}

CureOutcome ended(CureOutcome outcome, CureResult result, const QString& sentence)
{
    outcome.result = result;
    outcome.sentence = sentence;
    return outcome;
}

/// What the guard columns of terminate_backend.sql and cancel_backend.sql are.
enum Column
{
    StartHidden,
    Sent,
    IsTheOne,
    State,
    QueryStart,
};

CureOutcome startHidden(CureOutcome outcome, const ServerInfo& server)
{
    outcome.grant = grantStatement({QStringLiteral("pg_read_all_stats")}, server.role);
    return ended(outcome, CureResult::Refused,
                 Messages::tr("This role may not see when %1 started, so it could be confused with a later session. "
                              "Nothing was sent.")
                     .arg(outcome.request.backend.pid));
}

/// Why the server said 42501, and what would change it.
CureOutcome refused(LibpqConnection& connection, CureOutcome outcome, const ServerInfo& server, const Error& error)
{
    const QString pid = QString::number(outcome.request.backend.pid);
    outcome.error = error;
    const auto rights =
        connection.executeOne(statementFor(QStringLiteral("cure_rights"), outcome.request.backend), statementDeadline);
    if (!rights || rights->rows() == 0)
        return ended(outcome, CureResult::Refused,
                     Messages::tr("The server does not let this role signal %1.").arg(pid));
    if (rights->boolean(0, 0))
        return ended(outcome, CureResult::Refused,
                     Messages::tr("%1 is a superuser's session, and only a superuser may signal it. Nothing was sent.")
                         .arg(pid));
    if (rights->isNull(0, 0)) {
        const bool grantable =
            server.versionNumber >= 180000 && rights->text(0, 1) == QLatin1String("autovacuum worker");
        if (grantable)
            outcome.grant = grantStatement({QStringLiteral("pg_signal_autovacuum_worker")}, server.role);
        return ended(outcome, CureResult::Refused,
                     grantable ? Messages::tr("%1 is an autovacuum worker, which this role may not signal. Nothing was "
                                              "sent.")
                                     .arg(pid)
                               : Messages::tr("%1 runs without a role of its own, and only a superuser may signal it. "
                                              "Nothing was sent.")
                                     .arg(pid));
    }
    outcome.grant = grantStatement({QStringLiteral("pg_signal_backend")}, server.role);
    return ended(outcome, CureResult::Refused,
                 Messages::tr("This role may not signal sessions of other roles. Nothing was sent to %1.").arg(pid));
}

/// What the victim does by what the server shows of it, after a signal that has not helped yet.
QString doing(const QueryAnswer& look)
{
    const QString state = look.text(0, 1);
    const QString type = look.text(0, 3);
    const QString event = look.text(0, 4);
    if (event == QLatin1String("ClientWrite"))
        return Messages::tr("its client does not read the answer (ClientWrite)");
    if (!event.isEmpty())
        return Messages::tr("%1, waiting for %2 (%3)").arg(state, event, type);
    if (state == QLatin1String("active"))
        return Messages::tr("active, waiting for nothing: at work, or in a call that cannot be interrupted");
    return state.isEmpty() ? Messages::tr("this role may not see what it does") : state;
}

/// As far as both say: what happened to a pid there says nothing of the one here.
bool isElsewhere(const CureRequest& request, const ServerInfo& server)
{
    return request.systemIdentifier != server.systemIdentifier ||
           (!request.host.isEmpty() && (request.host != server.host || request.port != server.port));
}

/// One look; Done, StillThere or Failed.
CureOutcome looked(LibpqConnection& connection, CureOutcome outcome)
{
    const auto& victim = outcome.request.backend;
    const QString pid = QString::number(victim.pid);
    const auto look = connection.executeOne(statementFor(QStringLiteral("cure_look"), victim), statementDeadline);
    outcome.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - outcome.sentAt);
    if (!look) {
        outcome.error = look.error();
        return ended(
            outcome, CureResult::Failed,
            Messages::tr("The signal was sent to %1. Whether it helped is not known: the server did not answer.")
                .arg(pid));
    }
    const QString after = formatDuration(outcome.elapsed);
    if (look->rows() == 0 || time(*look, 0) != victim.backendStart)
        return ended(outcome, CureResult::Done, Messages::tr("%1 is gone after %2.").arg(pid, after));
    if (outcome.request.kind == CureKind::CancelQuery) {
        if (look->text(0, 1) == QLatin1String("disabled"))
            return ended(outcome, CureResult::Failed,
                         Messages::tr("The signal was sent to %1. Whether a query ended is not known: its session does "
                                      "not tell what it does (track_activities is off).")
                             .arg(pid));
        if (look->text(0, 1).startsWith(QLatin1String("idle")) ||
            (outcome.queryStart && time(*look, 2) != outcome.queryStart))
            return ended(outcome, CureResult::Done,
                         Messages::tr("The query of %1 ended after %2. The session lives on and keeps its "
                                      "session-level locks.")
                             .arg(pid, after));
        return ended(outcome, CureResult::StillThere,
                     Messages::tr("The query of %1 still runs after %2: %3.").arg(pid, after, doing(*look)));
    }
    return ended(outcome, CureResult::StillThere,
                 Messages::tr("%1 is still there after %2: %3.").arg(pid, after, doing(*look)));
}

/// Nothing when this request may be sent over a connection to this server.
std::optional<CureOutcome> objection(const CureOutcome& outcome, const ServerInfo& server)
{
    const auto& request = outcome.request;
    if (!isAboutBackend(request.kind) || request.backend.pid <= 0)
        return ended(outcome, CureResult::Refused, Messages::tr("There is no backend to signal. Nothing was sent."));
    if (isElsewhere(request, server))
        return ended(outcome, CureResult::Refused,
                     Messages::tr("%1 was seen on another server. Nothing was sent.").arg(request.backend.pid));
    if (request.backend.pid == server.backendPid)
        return ended(outcome, CureResult::Refused,
                     Messages::tr("%1 is this console's own connection. Nothing was sent.").arg(request.backend.pid));
    if (!request.backend.backendStart)
        return startHidden(outcome, server);
    return {};
}

} // namespace

CureOutcome cureBackend(LibpqConnection& connection, const ServerInfo& server, const CureRequest& request,
                        std::chrono::milliseconds patience)
{
    CureOutcome outcome{.request = request};
    if (auto objected = objection(outcome, server))
        return *objected;
    const QString pid = QString::number(request.backend.pid);
    const bool cancels = request.kind == CureKind::CancelQuery;
    const auto statement =
        statementFor(cancels ? QStringLiteral("cancel_backend") : QStringLiteral("terminate_backend"), request.backend);

    (void)connection.takeNotices();
    outcome.sentAt = steady_clock::now();
    const auto answer = connection.executeOne(statement, statementDeadline);
    outcome.notices = connection.takeNotices();
    if (!answer) {
        if (answer.error().sqlState == QLatin1String("42501"))
            return refused(connection, outcome, server, answer.error());
        outcome.error = answer.error();
        return ended(
            outcome, CureResult::Failed,
            Messages::tr("The server did not answer as it should. Whether %1 got the signal is not known.").arg(pid));
    }
    if (answer->rows() == 0)
        return ended(outcome, CureResult::NotFound, Messages::tr("%1 had already ended; nothing was sent.").arg(pid));
    if (answer->boolean(0, StartHidden))
        return startHidden(outcome, server);
    if (!answer->boolean(0, IsTheOne))
        return ended(outcome, CureResult::NotFound,
                     Messages::tr("%1 had already ended, and its process id belongs to another session now; nothing "
                                  "was sent.")
                         .arg(pid));
    if (!answer->boolean(0, Sent)) {
        if (cancels && answer->text(0, State).startsWith(QLatin1String("idle")))
            return ended(outcome, CureResult::NotFound,
                         Messages::tr("%1 runs no query (it is %2), so nothing was sent. It keeps its session-level "
                                      "locks.")
                             .arg(pid, answer->text(0, State)));
        return ended(outcome, CureResult::Refused,
                     Messages::tr("The server did not signal %1: it is no process that can be cancelled or ended, or "
                                  "it ended at this moment.")
                         .arg(pid));
    }

    outcome.queryStart = time(*answer, QueryStart);
    const auto until = outcome.sentAt + patience;
    for (auto step = 2ms;; step = std::min(step * 2, longestStep)) {
        outcome = looked(connection, outcome);
        if (outcome.result != CureResult::StillThere || steady_clock::now() + step > until)
            return outcome;
        std::this_thread::sleep_for(step);
    }
}

CureOutcome lookAfterCure(LibpqConnection& connection, const ServerInfo& server, const CureOutcome& before)
{
    if (isElsewhere(before.request, server))
        return before;
    return looked(connection, before);
}

QFuture<CureOutcome> cureBackendApart(const Conninfo& conninfo, const CureRequest& request,
                                      std::chrono::milliseconds patience)
{
    return runErrand<CureOutcome>(
        conninfo, [request, patience](LibpqConnection& connection, const Result<void>& opened) -> CureOutcome {
            const auto server = opened ? inquireServer(connection, statementDeadline) : failure(opened.error());
            if (!server) {
                CureOutcome outcome{.request = request, .error = server.error()};
                return ended(outcome, CureResult::Failed,
                             Messages::tr("The server could not be reached. Nothing was sent."));
            }
            return cureBackend(connection, *server, request, patience);
        });
}

} // namespace lockscope
