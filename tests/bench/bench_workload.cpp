// What polling once a second costs others: pgbench with 4 clients that lock and unlock keys, in turns without and with
// an observer that reads 1 000 held locks each second. Prints one JSON object with the ratio of the medians; asserts
// nothing about time.

#include "app/postgres/observer.h"
#include "tests/support/testserver.h"

#include <QCoreApplication>
#include <QEventLoop>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryFile>
#include <QTextStream>

#include <algorithm>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

constexpr int rounds = 7;
constexpr int secondsEach = 4;

[[noreturn]] void stop(const QString& why)
{
    QTextStream(stderr) << why << '\n';
    std::exit(1);
}

/// Transactions per second of one run; this thread's event loop goes on, so that an observer lives.
double transactionsPerSecond(const test::TestServer& server, const QString& program, const QString& script)
{
    const Conninfo conninfo = server.conninfo();
    QProcess pgbench;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("PGPASSWORD"), conninfo.value(QStringLiteral("password")));
    pgbench.setProcessEnvironment(environment);
    pgbench.setProcessChannelMode(QProcess::MergedChannels);
    QEventLoop loop;
    QObject::connect(&pgbench, &QProcess::finished, &loop, &QEventLoop::quit);
    QObject::connect(&pgbench, &QProcess::errorOccurred, &loop,
                     [] { stop(QStringLiteral("pgbench cannot be started")); });
    pgbench.start(program, {QStringLiteral("-n"), QStringLiteral("-c"), QStringLiteral("4"), QStringLiteral("-j"),
                            QStringLiteral("1"), QStringLiteral("-T"), QString::number(secondsEach),
                            QStringLiteral("-f"), script, QStringLiteral("-h"), conninfo.value(QStringLiteral("host")),
                            QStringLiteral("-p"), conninfo.value(QStringLiteral("port")), QStringLiteral("-U"),
                            conninfo.value(QStringLiteral("user")), conninfo.value(QStringLiteral("dbname"))});
    loop.exec();
    const QString output = QString::fromUtf8(pgbench.readAll());
    const auto match = QRegularExpression(QStringLiteral("tps = ([0-9.]+)")).match(output);
    if (!match.hasMatch())
        stop(output);
    return match.captured(1).toDouble();
}

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

} // namespace

int main(int argc, char** argv)
{
    const QCoreApplication application(argc, argv);
    test::TestServer server;
    if (!server.problem().isEmpty())
        stop(server.problem());
    const QString program = server.sandbox().binaries().directory + QStringLiteral("/pgbench");
    QTemporaryFile script;
    if (!script.open())
        stop(script.errorString());
    script.write("\\set key random(1, 1000000)\nSELECT pg_advisory_lock(:key);\nSELECT pg_advisory_unlock(:key);\n");
    script.flush();

    const auto holder = server.session(QStringLiteral("holder"));
    if (!holder->executeOne("SELECT count(pg_advisory_lock(7, i)) FROM generate_series(1, 1000) AS i", 10s))
        stop(QStringLiteral("cannot take locks"));

    (void)transactionsPerSecond(server, program, script.fileName()); // warms up
    std::vector<double> alone;
    std::vector<double> watched;
    for (int round = 0; round < rounds; ++round) {
        alone.push_back(transactionsPerSecond(server, program, script.fileName()));
        Observer observer(server.conninfo(), {.interval = 1s});
        observer.start();
        watched.push_back(transactionsPerSecond(server, program, script.fileName()));
    }
    const QJsonObject result{{QStringLiteral("benchmark"), QStringLiteral("workload")},
                             {QStringLiteral("clients"), 4},
                             {QStringLiteral("aloneTps"), median(alone)},
                             {QStringLiteral("watchedTps"), median(watched)},
                             {QStringLiteral("slowdown"), 1 - median(watched) / median(alone)},
                             {QStringLiteral("budgetSlowdown"), 0.01},
                             {QStringLiteral("spreadAlone"), (*std::max_element(alone.begin(), alone.end()) -
                                                              *std::min_element(alone.begin(), alone.end())) /
                                                                 median(alone)}};
    QTextStream(stdout) << QJsonDocument(result).toJson(QJsonDocument::Compact) << '\n';
}
