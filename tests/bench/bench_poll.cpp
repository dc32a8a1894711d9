// Polling 100 000 advisory locks: server and fetch, and the whole reading with parsing, sorting and backends, as ratios
// to `SELECT count(*) FROM pg_locks` sent by the same client in the same run. Prints one JSON object; asserts nothing
// about time.

#include "app/postgres/lockreader.h"
#include "app/postgres/serverinquiry.h"
#include "app/postgres/sqlfile.h"
#include "tests/support/testserver.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTextStream>
#include <QThread>

#include <libpq-fe.h>

#include <algorithm>
#include <functional>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

constexpr int holders = 50;
constexpr int locksPerHolder = 2000;
constexpr int rounds = 31;

/// The medians of several things, done in turn: whatever else the machine does meanwhile is in all of them.
std::vector<double> medianMilliseconds(const std::vector<std::function<void()>>& works)
{
    std::vector<std::vector<double>> times(works.size());
    for (int round = 0; round < rounds; ++round) {
        for (std::size_t i = 0; i < works.size(); ++i) {
            const auto start = std::chrono::steady_clock::now();
            works[i]();
            times[i].push_back(
                std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
        }
    }
    std::vector<double> medians;
    for (std::vector<double>& one : times) {
        std::sort(one.begin(), one.end());
        medians.push_back(one[one.size() / 2]);
    }
    return medians;
}

[[noreturn]] void stop(const QString& why)
{
    QTextStream(stderr) << why << '\n';
    std::exit(1);
}

} // namespace

int main(int argc, char** argv)
{
    const QCoreApplication application(argc, argv);
    const test::TestServer server(QStringLiteral("max_locks_per_transaction = 2000\nmax_connections = 80\n"));
    if (!server.problem().isEmpty())
        stop(server.problem());

    std::vector<std::unique_ptr<LibpqConnection>> sessions;
    for (int i = 0; i < holders; ++i) {
        sessions.push_back(server.session(QStringLiteral("holder %1").arg(i)));
        const QByteArray from = QByteArray::number(i * locksPerHolder);
        if (!sessions.back()->executeOne("SELECT count(pg_advisory_lock(" + from +
                                             "::bigint + i)) FROM generate_series(1, " +
                                             QByteArray::number(locksPerHolder) + ") AS i",
                                         30s))
            stop(QStringLiteral("cannot take the locks"));
    }

    LibpqConnection connection;
    const auto opened = connection.open(withDefaults(server.conninfo(), QStringLiteral("bench")), 5s);
    const auto info = opened ? inquireServer(connection, 5s) : Result<ServerInfo>(failure(opened.error()));
    if (!info)
        stop(info.error().what);
    LockReader reader(connection, *info, 250'000);
    if (const auto prepared = reader.prepareSession(5s); !prepared)
        stop(prepared.error().what);

    qint64 seen = 0;
    const QByteArray statement = sqlStatement(QStringLiteral("advisory_locks"));
    const auto countLocks = [&] {
        if (!connection.executeOne("SELECT count(*) FROM pg_catalog.pg_locks", 10s))
            stop(QStringLiteral("count failed"));
    };
    const auto read = [&](LockScope scope) {
        const auto snapshot = reader.read(scope, 10s);
        if (!snapshot)
            stop(snapshot.error().what);
        seen = (*snapshot)->totalLocks;
    };
    const auto everyType = medianMilliseconds({countLocks, [&] { read(LockScope::AllTypes); }});
    const auto advisory = medianMilliseconds({countLocks,
                                              [&] {
                                                  if (!connection.executeOne(statement, 10s))
                                                      stop(QStringLiteral("fetching failed"));
                                              },
                                              [&] { read(LockScope::AdvisoryOnly); }});

    // A table that somebody waits for: the reading follows the chain, so every type is read, and only what waiting is
    // about is kept.
    const auto owner = server.session(QStringLiteral("owner"));
    const auto waiter = server.session(QStringLiteral("waiter"));
    if (!owner->executeOne("CREATE TABLE waited_for (i int)", 5s) ||
        !owner->execute("BEGIN; LOCK TABLE waited_for", 5s) ||
        PQsendQuery(waiter->handle(), "SELECT * FROM waited_for") != 1)
        stop(QStringLiteral("nobody waits"));
    while (test::scalar(connection, "SELECT count(*) FROM pg_catalog.pg_locks WHERE NOT granted") !=
           QStringLiteral("1"))
        QThread::msleep(10);
    const auto chain = medianMilliseconds({countLocks, [&] { read(LockScope::AdvisoryOnly); }});

    const QJsonObject result{
        {QStringLiteral("benchmark"), QStringLiteral("poll")},
        {QStringLiteral("server"), info->version},
        {QStringLiteral("locks"), seen},
        {QStringLiteral("countMs"), advisory[0]},
        {QStringLiteral("fetchMs"), advisory[1]},
        {QStringLiteral("fetchToCount"), advisory[1] / advisory[0]},
        {QStringLiteral("budgetFetchToCount"), 1.8},
        {QStringLiteral("readingMs"), advisory[2]},
        {QStringLiteral("readingToCount"), advisory[2] / advisory[0]},
        {QStringLiteral("chainMs"), chain[1]},
        {QStringLiteral("chainToCount"), chain[1] / chain[0]},
        {QStringLiteral("allTypesMs"), everyType[1]},
        {QStringLiteral("allTypesToCount"), everyType[1] / everyType[0]},
    };
    QTextStream(stdout) << QJsonDocument(result).toJson(QJsonDocument::Compact) << '\n';
}
