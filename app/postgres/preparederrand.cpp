#include "app/postgres/cureerrand.h"
#include "app/postgres/errandthread.h"
#include "app/postgres/serverinquiry.h"
#include "app/postgres/sqlfile.h"

#include <QCoreApplication>

#include <libpq-fe.h>

namespace lockscope {

using namespace std::chrono_literals;

namespace {

constexpr auto statementDeadline = 5s;
/// With synchronous_standby_names it answers when the standbys have it.
constexpr auto finishDeadline = 30s;

struct Messages
{
    Q_DECLARE_TR_FUNCTIONS(lockscope::CureErrand)
};

CureOutcome ended(CureOutcome outcome, CureResult result, const QString& sentence)
{
    outcome.result = result;
    outcome.sentence = sentence;
    return outcome;
}

/// The gid as the server has it, byte for byte: what is no UTF-8 must not be replaced. Null when there is no such
/// prepared transaction any more.
Result<QByteArray> gidOnServer(LibpqConnection& connection, const PreparedTransaction& prepared)
{
    const auto statement =
        sqlStatement(QStringLiteral("cure_prepared"))
            .replace(":transaction", QByteArray::number(prepared.transactionId))
            .replace(":prepared_at", QByteArray::number(qint64{prepared.preparedAt.time_since_epoch().count()}));
    return connection.executeOne(statement, statementDeadline).map([](const QueryAnswer& answer) {
        return answer.rows() == 0 ? QByteArray() : answer.bytes(0, 0).toByteArray();
    });
}

/// The one text that gets into a statement of ours. PQescapeLiteral() doubles quotes, and writes E'' where there are
/// backslashes, so that standard_conforming_strings does not matter; it refuses what is no text of the connection's
/// encoding. Neither command takes a parameter.
std::optional<QByteArray> literal(LibpqConnection& connection, const QByteArray& text)
{
    char* const quoted = PQescapeLiteral(connection.handle(), text.constData(), static_cast<size_t>(text.size()));
    if (quoted == nullptr)
        return {};
    const QByteArray copy(quoted);
    PQfreemem(quoted);
    return copy;
}

/// Between the check and the command another session may finish it and prepare a new one under the same gid. No
/// statement can do both: the commands are refused inside a transaction and take a gid only.
CureOutcome finish(LibpqConnection& connection, CureOutcome outcome)
{
    const auto& prepared = outcome.request.prepared;
    const auto server = inquireServer(connection, statementDeadline);
    if (!server) {
        outcome.error = server.error();
        return ended(outcome, CureResult::Failed, Messages::tr("The server did not answer. Nothing was sent."));
    }
    if (outcome.request.systemIdentifier != server->systemIdentifier)
        return ended(outcome, CureResult::Refused,
                     Messages::tr("The prepared transaction was seen on another server. Nothing was sent."));

    const auto gid = gidOnServer(connection, prepared);
    if (!gid) {
        outcome.error = gid.error();
        return ended(outcome, CureResult::Failed,
                     Messages::tr("The server did not say whether the prepared transaction is still there. Nothing was "
                                  "sent."));
    }
    if (gid->isNull())
        return ended(outcome, CureResult::NotFound,
                     Messages::tr("The prepared transaction had already been finished; nothing was sent."));
    const auto quoted = literal(connection, *gid);
    if (QString::fromUtf8(*gid) != prepared.gid || !quoted)
        return ended(outcome, CureResult::Refused,
                     Messages::tr("The name of the prepared transaction does not read the same from its own database, "
                                  "so it is not certain which one it is. Nothing was sent."));

    const bool commits = outcome.request.kind == CureKind::CommitPrepared;
    (void)connection.takeNotices();
    outcome.sentAt = std::chrono::steady_clock::now();
    const auto done =
        connection.execute((commits ? "COMMIT PREPARED " : "ROLLBACK PREPARED ") + *quoted, finishDeadline);
    outcome.notices = connection.takeNotices();
    if (!done) {
        outcome.error = done.error();
        const QString& state = done.error().sqlState;
        if (state == QLatin1String("42704"))
            return ended(outcome, CureResult::NotFound,
                         Messages::tr("The prepared transaction had already been finished; nothing was done."));
        if (state == QLatin1String("42501"))
            return ended(outcome, CureResult::Refused,
                         Messages::tr("Only its owner or a superuser may finish this prepared transaction."));
        if (done.error().kind == ErrorKind::Server && state != QLatin1String("57014"))
            return ended(outcome, CureResult::Refused, Messages::tr("The server refused to finish it."));
        return ended(outcome, CureResult::Failed,
                     Messages::tr("The server did not answer. Whether the prepared transaction was finished is not "
                                  "known."));
    }
    const auto left = gidOnServer(connection, prepared);
    outcome.elapsed =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - outcome.sentAt);
    const QString after = formatDuration(outcome.elapsed);
    if (left && !left->isNull())
        return ended(
            outcome, CureResult::StillThere,
            Messages::tr("The server agreed, and the prepared transaction is still there after %1.").arg(after));
    if (!left)
        outcome.error = left.error();
    return ended(outcome, CureResult::Done,
                 commits ? Messages::tr("Committed after %1; its locks are released.").arg(after)
                         : Messages::tr("Rolled back after %1; its locks are released.").arg(after));
}

ForeignRelease unlockWithoutHolding(LibpqConnection& connection, ForeignRelease lesson)
{
    const auto server = inquireServer(connection, statementDeadline);
    if (!server) {
        lesson.error = server.error();
        return lesson;
    }
    if (server->behindPooler()) {
        lesson.error = Error{.kind = ErrorKind::Usage,
                             .what = Messages::tr("This connection goes through a pooler, so nothing was sent: the "
                                                  "unlock could land on the very backend that holds the key."),
                             .advice = Messages::tr("Connect to the server directly to see the lesson.")};
        return lesson;
    }
    (void)connection.takeNotices();
    const auto answer = connection.executeOne(lesson.statement.toUtf8(), statementDeadline);
    lesson.notices = connection.takeNotices();
    if (answer)
        lesson.answer = answer->boolean(0, 0);
    else
        lesson.error = answer.error();
    return lesson;
}

} // namespace

QFuture<CureOutcome> curePrepared(const Conninfo& conninfo, const QString& database, const CureRequest& request)
{
    CureOutcome outcome{.request = request};
    if (isAboutBackend(request.kind) || request.prepared.gid.isEmpty())
        return QtFuture::makeReadyFuture(
            ended(outcome, CureResult::Refused, Messages::tr("There is no prepared transaction to finish.")));
    return runErrand<CureOutcome>(
        conninfo.with(QStringLiteral("dbname"), database),
        [outcome](LibpqConnection& connection, const Result<void>& opened) mutable -> CureOutcome {
            if (opened)
                return finish(connection, outcome);
            outcome.error = opened.error();
            return ended(outcome,
                         opened.error().kind == ErrorKind::Authentication ? CureResult::Refused : CureResult::Failed,
                         Messages::tr("There is no connection to the database of the prepared transaction. Nothing "
                                      "was sent."));
        });
}

QFuture<ForeignRelease> tryForeignRelease(const Conninfo& conninfo, const QString& database, LockKey key,
                                          LockShare share)
{
    ForeignRelease lesson;
    lesson.statement = releaseStatement(key, share);
    return runErrand<ForeignRelease>(
        conninfo.with(QStringLiteral("dbname"), database),
        [lesson](LibpqConnection& connection, const Result<void>& opened) mutable -> ForeignRelease {
            if (opened)
                return unlockWithoutHolding(connection, lesson);
            lesson.error = opened.error();
            return lesson;
        });
}

} // namespace lockscope
