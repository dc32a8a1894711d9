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

#include <algorithm>
#include <functional>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

constexpr int holders = 50;
constexpr int locksPerHolder = 2000;
constexpr int rounds = 31;

double medianMilliseconds(const std::function<void()>& work)
{
    std::vector<double> times;
    for (int round = 0; round < rounds; ++round) {
        const auto start = std::chrono::steady_clock::now();
        work();
        times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
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
    const double count = medianMilliseconds([&] {
        if (!connection.executeOne("SELECT count(*) FROM pg_catalog.pg_locks", 10s))
            stop(QStringLiteral("count failed"));
    });
    const double poll = medianMilliseconds([&] {
        const auto snapshot = reader.read(LockScope::AdvisoryOnly, 10s);
        if (!snapshot)
            stop(snapshot.error().what);
        seen = (*snapshot)->totalLocks;
    });
    const QByteArray statement = sqlStatement(QStringLiteral("advisory_locks"));
    const double fetch = medianMilliseconds([&] {
        if (!connection.executeOne(statement, 10s))
            stop(QStringLiteral("fetching failed"));
    });
    const double everyType = medianMilliseconds([&] {
        if (!reader.read(LockScope::AllTypes, 10s))
            stop(QStringLiteral("reading every type failed"));
    });

    const QJsonObject result{
        {QStringLiteral("benchmark"), QStringLiteral("poll")},
        {QStringLiteral("server"), info->version},
        {QStringLiteral("locks"), seen},
        {QStringLiteral("countMs"), count},
        {QStringLiteral("fetchMs"), fetch},
        {QStringLiteral("fetchToCount"), fetch / count},
        {QStringLiteral("budgetFetchToCount"), 1.8},
        {QStringLiteral("readingMs"), poll},
        {QStringLiteral("readingToCount"), poll / count},
        {QStringLiteral("allTypesMs"), everyType},
        {QStringLiteral("allTypesToCount"), everyType / count},
    };
    QTextStream(stdout) << QJsonDocument(result).toJson(QJsonDocument::Compact) << '\n';
}
