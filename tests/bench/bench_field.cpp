// What a poll costs next to the statements that other tools poll (tests/field/sql), on one server in one run: many
// locks with some waiters, a long queue on one key, and very many locks. Lockscope is measured with transfer, parsing
// and the graph; of the others only the time in the server counts, because their rows are counted there. Prints one
// JSON object; asserts nothing about time. statementMs is the statement of the locks with its transfer, blockingPidsMs
// what pg_blocking_pids takes of it; the rest of pollMs is reading the answer, and the backends. Takes two minutes, and
// memory for 2 000 backends.

#include "app/postgres/lockreader.h"
#include "app/postgres/serverinquiry.h"
#include "app/postgres/sqlfile.h"
#include "models/domain/waitgraph.h"
#include "tests/field/fieldtools.h"
#include "tests/support/testserver.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTextStream>

#include <libpq-fe.h>

#include <algorithm>
#include <functional>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;
using Sessions = std::vector<std::unique_ptr<LibpqConnection>>;

constexpr int holders = 50;
constexpr int mostWaiters = 2000;
constexpr auto longest = 20s;  ///< a statement that takes longer is given up
constexpr auto enough = 800ms; ///< of one measurement; what takes longer runs once
constexpr int mostRounds = 9;

[[noreturn]] void stop(const QString& why)
{
    QTextStream(stderr) << why << '\n';
    std::exit(1);
}

/// Empty when work says that it did not get through.
std::optional<double> medianMilliseconds(const std::function<bool()>& work)
{
    std::vector<double> times;
    const auto begin = Clock::now();
    while (times.empty() || (static_cast<int>(times.size()) < mostRounds && Clock::now() - begin < enough)) {
        const auto start = Clock::now();
        if (!work())
            return {};
        times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    }
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
}

class Bench
{
public:
    Bench();
    [[nodiscard]] QJsonObject run();

private:
    void take(int locks);
    void queueUp(int waiters);
    [[nodiscard]] QJsonObject measure(const QString& name);
    [[nodiscard]] double milliseconds(const std::function<bool()>& work) const;

    test::TestServer m_server;
    ServerInfo m_info;
    LibpqConnection m_connection;             ///< of the reader and of all statements
    std::unique_ptr<LibpqConnection> m_owner; ///< of the key that is waited for
    Sessions m_holders;
    Sessions m_waiters;
};

/// deadlock_timeout: the checks of 2 000 waiters would be measured along. Sockets of the waiters are this process's.
Bench::Bench()
    : m_server(QStringLiteral("max_connections = 2200\nmax_locks_per_transaction = 128\ndeadlock_timeout = 1h\n"))
{
    if (!m_server.problem().isEmpty())
        stop(m_server.problem());
    for (int i = 0; i < holders; ++i)
        m_holders.push_back(m_server.session(QStringLiteral("holder %1").arg(i)));
    m_owner = m_server.session(QStringLiteral("owner"));
    if (!m_owner->executeOne("SELECT pg_advisory_lock(1)", 5s))
        stop(QStringLiteral("cannot take the key"));
    const auto opened = m_connection.open(withDefaults(m_server.conninfo(), QStringLiteral("bench")), 5s);
    const auto info = opened ? inquireServer(m_connection, 5s) : Result<ServerInfo>(failure(opened.error()));
    if (!info)
        stop(info.error().what);
    m_info = *info;
}

void Bench::take(int locks)
{
    const int each = locks / holders;
    for (int i = 0; i < holders; ++i) {
        const QByteArray from = QByteArray::number(1'000'000 + i * each);
        if (!m_holders[static_cast<size_t>(i)]->execute(
                "SELECT pg_advisory_unlock_all(); SELECT count(pg_advisory_lock(" + from +
                    "::bigint + i)) FROM generate_series(1, " + QByteArray::number(each) + ") AS i",
                60s))
            stop(QStringLiteral("cannot take the locks"));
    }
}

void Bench::queueUp(int waiters)
{
    for (int i = static_cast<int>(m_waiters.size()); i < waiters; ++i) {
        m_waiters.push_back(m_server.session(QStringLiteral("pod %1").arg(i)));
        if (PQsendQuery(m_waiters.back()->handle(), "SELECT pg_advisory_lock(1)") != 1)
            stop(QStringLiteral("cannot wait"));
    }
    const QString wanted = QString::number(waiters);
    const QByteArray count = "SELECT count(*) FROM pg_catalog.pg_lock_status() AS l WHERE NOT l.granted";
    for (int attempt = 0; test::scalar(m_connection, count) != wanted; ++attempt) {
        if (attempt == 500)
            stop(QStringLiteral("not all of them wait"));
    }
}

double Bench::milliseconds(const std::function<bool()>& work) const
{
    const auto median = medianMilliseconds(work);
    if (!median)
        stop(QStringLiteral("a measurement failed"));
    return *median;
}

QJsonObject Bench::measure(const QString& name)
{
    LockReader reader(m_connection, m_info, 250'000);
    if (const auto prepared = reader.prepareSession(5s); !prepared)
        stop(prepared.error().what);
    SnapshotPointer snapshot;
    const auto poll = [&](LockScope scope) {
        return milliseconds([&] {
            const auto read = reader.read(scope, longest);
            if (read)
                snapshot = *read;
            return read.has_value();
        });
    };
    const double allTypes = poll(LockScope::AllTypes);
    const double pollTime = poll(LockScope::AdvisoryOnly);
    const double graph = milliseconds([&] { return !waitGraphOf(*snapshot).nodes.isEmpty() || m_waiters.empty(); });

    const QByteArray own = sqlStatement(m_info.versionNumber < 140000 ? QStringLiteral("advisory_locks_13")
                                                                      : QStringLiteral("advisory_locks"));
    const auto runs = [&](const QByteArray& statement) {
        return milliseconds([&] { return m_connection.executeOne(statement, longest).has_value(); });
    };
    const double statement = runs(own);
    const double blockingPids = runs("SELECT count(pg_catalog.pg_blocking_pids(l.pid)) "
                                     "FROM pg_catalog.pg_lock_status() AS l WHERE NOT l.granted");

    static_cast<void>(m_connection.execute("SET statement_timeout = '20s'", 5s));
    QJsonObject others;
    for (const test::FieldTool& tool : test::fieldTools()) {
        const QByteArray counted =
            "SELECT count(t) FROM (" + test::fieldStatement(tool.file, m_info.versionNumber) + "\n) AS t";
        const auto median =
            medianMilliseconds([&] { return m_connection.executeOne(counted, longest + 5s).has_value(); });
        others.insert(tool.file, median ? QJsonValue(QJsonObject{{QStringLiteral("serverMs"), *median},
                                                                 {QStringLiteral("toPoll"), *median / pollTime}})
                                        : QJsonValue(QStringLiteral("given up after 20 s")));
    }
    qsizetype entries = 0;
    for (const QList<qint32>& blockers : std::as_const(snapshot->blockers))
        entries += blockers.size();
    return {{QStringLiteral("case"), name},
            {QStringLiteral("locks"), snapshot->totalLocks},
            {QStringLiteral("waiters"), static_cast<int>(m_waiters.size())},
            {QStringLiteral("entriesOfBlockingPids"), entries},
            {QStringLiteral("pollMs"), pollTime},
            {QStringLiteral("statementMs"), statement},
            {QStringLiteral("blockingPidsMs"), blockingPids},
            {QStringLiteral("pollAllTypesMs"), allTypes},
            {QStringLiteral("graphMs"), graph},
            {QStringLiteral("others"), others}};
}

QJsonObject Bench::run()
{
    QJsonArray cases;
    take(100'000);
    cases.append(measure(QStringLiteral("100 000 locks")));
    take(40'000);
    queueUp(100);
    cases.append(measure(QStringLiteral("40 000 locks, 100 waiters")));
    take(0);
    queueUp(mostWaiters);
    cases.append(measure(QStringLiteral("2 000 waiters on one key")));
    return {{QStringLiteral("benchmark"), QStringLiteral("field")},
            {QStringLiteral("server"), m_info.version},
            {QStringLiteral("cases"), cases}};
}

} // namespace

int main(int argc, char** argv)
{
    const QCoreApplication application(argc, argv);
    Bench bench;
    QTextStream(stdout) << QJsonDocument(bench.run()).toJson(QJsonDocument::Compact) << '\n';
}
