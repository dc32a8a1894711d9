#include "app/postgres/errand.h"

#include "app/postgres/libpqconnection.h"
#include "app/postgres/serverinquiry.h"
#include "app/postgres/sqlfile.h"

#include <QCoreApplication>
#include <QPromise>

#include <thread>

namespace lockscope {

using namespace std::chrono_literals;

namespace {

constexpr auto statementDeadline = 5s;

struct Messages
{
    Q_DECLARE_TR_FUNCTIONS(lockscope::Errand)
};

tl::unexpected<Error> startUnknown(ErrorKind kind, const QString& what)
{
    return failure(
        {.kind = kind,
         .what = what,
         .advice = Messages::tr("Grant pg_read_all_stats to this role (GRANT pg_read_all_stats TO ...), or use a "
                                "role that has it: then the start of every backend is visible."),
         .serverWords = {},
         .sqlState = {}});
}

/// Opens a connection on a thread of its own and gives it to work; what that returns becomes the result. Not a thread
/// of Qt's pool: a server that does not answer would hold up everybody else's work there, and the end of the program,
/// which waits for the pool.
template <typename T>
QFuture<Result<T>> run(const Conninfo& conninfo, std::function<Result<T>(LibpqConnection&)> work)
{
    QPromise<Result<T>> promise;
    auto future = promise.future();
    promise.start();
    std::thread([promise = std::move(promise), conninfo, work = std::move(work)]() mutable {
        const auto complete = withDefaults(conninfo, QStringLiteral("lockscope errand"));
        LibpqConnection connection;
        const auto opened = connection.open(complete, openTimeout(complete));
        promise.addResult(opened ? work(connection) : failure(opened.error()));
        connection.close();
        promise.finish();
    }).detach();
    return future;
}

} // namespace

QFuture<Result<ServerInfo>> testConnection(const Conninfo& conninfo)
{
    return run<ServerInfo>(conninfo,
                           [](LibpqConnection& connection) { return inquireServer(connection, statementDeadline); });
}

QFuture<Result<bool>> terminateBackend(const Conninfo& conninfo, const BackendId& backend)
{
    if (backend.pid <= 0)
        return QtFuture::makeReadyFuture(
            Result<bool>(usageError(Messages::tr("A prepared transaction has no backend that could be terminated."),
                                    Messages::tr("End it with COMMIT PREPARED or ROLLBACK PREPARED."))));
    if (!backend.backendStart)
        return QtFuture::makeReadyFuture(Result<bool>(startUnknown(
            ErrorKind::Usage,
            Messages::tr("It is not known when backend %1 started, so it could be confused with a later one. "
                         "Nothing was sent.")
                .arg(backend.pid))));

    const auto statement =
        sqlStatement(QStringLiteral("terminate_backend"))
            .replace(":pid", QByteArray::number(backend.pid))
            .replace(":backend_start", QByteArray::number(qint64{backend.backendStart->time_since_epoch().count()}));
    return run<bool>(conninfo, [statement, pid = backend.pid](LibpqConnection& connection) -> Result<bool> {
        const auto answer = connection.executeOne(statement, statementDeadline);
        if (!answer)
            return failure(answer.error());
        if (answer->rows() == 0)
            return false;
        if (answer->boolean(0, 0))
            return startUnknown(
                ErrorKind::Server,
                Messages::tr("This role may not see when backend %1 started, so it could be confused with "
                             "a later one. Nothing was sent.")
                    .arg(pid));
        return answer->boolean(0, 1);
    });
}

} // namespace lockscope
