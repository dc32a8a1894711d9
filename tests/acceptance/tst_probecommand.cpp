#include "app/commandline.h"
#include "app/lab/pooler/pgbouncer.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QSignalSpy>

#include <memory>

using namespace lockscope;
using namespace std::chrono_literals;
using test::scalar;

namespace {

struct Run
{
    int code = -1;
    QByteArray out;
    QByteArray err;
};

void prepare(QProcess& process, const Conninfo& server)
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const char* const variable : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"})
        environment.remove(QString::fromLatin1(variable));
    const std::pair<QString, QString> variables[] = {{QStringLiteral("PGHOST"), QStringLiteral("host")},
                                                     {QStringLiteral("PGPORT"), QStringLiteral("port")},
                                                     {QStringLiteral("PGUSER"), QStringLiteral("user")},
                                                     {QStringLiteral("PGPASSWORD"), QStringLiteral("password")},
                                                     {QStringLiteral("PGDATABASE"), QStringLiteral("dbname")}};
    for (const auto& [variable, keyword] : variables) {
        if (!server.value(keyword).isEmpty())
            environment.insert(variable, server.value(keyword));
    }
    process.setProcessEnvironment(environment);
}

/// Runs the built program without a display, as a script would. The pooler's object lives on this thread and reads its
/// output meanwhile.
Run probeWith(const QStringList& arguments, const Conninfo& server = {})
{
    QProcess process;
    prepare(process, server);
    const QSignalSpy finished(&process, &QProcess::finished);
    process.start(QStringLiteral(LOCKSCOPE_PROGRAM), QStringList{QStringLiteral("probe")} + arguments);
    if (!QTest::qWaitFor([&] { return !finished.isEmpty(); }, 60'000))
        return {};
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
}

QString parsed(const QStringList& arguments)
{
    const auto result = parseCommandLine(QStringList{QStringLiteral("lockscope")} + arguments);
    if (const auto* const exit = std::get_if<CommandLineExit>(&result))
        return QStringLiteral("exit %1").arg(static_cast<int>(exit->code));
    const auto& commandLine = std::get<CommandLine>(result);
    return QStringLiteral("%1 %2 on '%3'")
        .arg(commandLine.verb == CommandLine::Verb::Probe ? QStringLiteral("probe") : QStringLiteral("other"),
             commandLine.format == CommandLine::Format::Json ? QStringLiteral("json") : QStringLiteral("text"),
             commandLine.conninfo);
}

} // namespace

class tst_ProbeCommand final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void readsItsArguments_data();
    void readsItsArguments();
    void isFineOnAServer();
    void isBadNewsBehindATransactionPooler();
    void cannotConnect();
    void refusesWrongUsage();
    void cleansUpWhenItIsInterrupted();

private:
    [[nodiscard]] QString leftovers();

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_admin;
};

void tst_ProbeCommand::initTestCase()
{
    m_server = std::make_unique<test::TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    m_admin = m_server->session();
}

QString tst_ProbeCommand::leftovers()
{
    return scalar(*m_admin,
                  "SELECT (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory') || ' locks, ' || (SELECT "
                  "count(*) FROM pg_stat_activity WHERE application_name LIKE 'lockscope lab%') || ' sessions'");
}

void tst_ProbeCommand::readsItsArguments_data()
{
    QTest::addColumn<QString>("arguments");
    QTest::addColumn<QString>("meaning");
    QTest::newRow("environment") << "probe"
                                 << "probe text on ''";
    QTest::newRow("json") << "probe service=pooler --json"
                          << "probe json on 'service=pooler'";
    QTest::newRow("csv") << "probe --csv"
                         << "exit 2";
    QTest::newRow("two") << "probe service=a service=b"
                         << "exit 2";
    QTest::newRow("sandbox") << "--sandbox probe"
                             << "exit 2";
    QTest::newRow("read-only") << "--read-only probe"
                               << "exit 2";
    QTest::newRow("help") << "probe --help"
                          << "exit 0";
}

void tst_ProbeCommand::readsItsArguments()
{
    QFETCH(const QString, arguments);
    QFETCH(const QString, meaning);
    QCOMPARE(parsed(arguments.split(QLatin1Char(' '))), meaning);
}

void tst_ProbeCommand::isFineOnAServer()
{
    const Run json = probeWith({QStringLiteral("--json")}, m_server->conninfo());
    QVERIFY2(json.code == 0, (json.err + json.out).constData());
    const QJsonObject report = QJsonDocument::fromJson(json.out).object();
    QCOMPARE(report.value(QStringLiteral("kind")).toString(), QStringLiteral("direct"));
    QVERIFY(report.value(QStringLiteral("ok")).toBool());
    QVERIFY(!report.value(QStringLiteral("verdict")).toString().isEmpty());
    QVERIFY(report.value(QStringLiteral("advice")).isArray());
    const QJsonArray checks = report.value(QStringLiteral("checks")).toArray();
    QCOMPARE(checks.size(), 11);
    for (const QJsonValue& check : checks) {
        for (const char* const member : {"name", "expected", "observed"})
            QVERIFY(!check[QLatin1String(member)].toString().isEmpty());
        QVERIFY(check[QLatin1String("ok")].toBool());
    }
    QVERIFY(!json.out.contains(m_server->conninfo().value(QStringLiteral("password")).toUtf8()));
    const Run text = probeWith({}, m_server->conninfo());
    QCOMPARE(text.code, 0);
    for (const char* const word : {"ok   session affinity", "observed: ", "A direct connection, fit"})
        QVERIFY2(text.out.contains(word), text.out.constData());
    QTRY_COMPARE(leftovers(), QStringLiteral("0 locks, 0 sessions"));
}

void tst_ProbeCommand::isBadNewsBehindATransactionPooler()
{
    PgBouncer pooler(m_server->conninfo(), {.mode = PoolerMode::Transaction, .poolSize = 4});
    const QSignalSpy started(&pooler, &PgBouncer::started);
    pooler.start();
    QTRY_VERIFY_WITH_TIMEOUT(!started.isEmpty(), 20'000);
    const Run run = probeWith({}, pooler.conninfo());
    QCOMPARE(run.code, 1);
    QVERIFY2(run.out.contains("transaction mode, not fit") && run.out.contains("FAIL session affinity"),
             run.out.constData());
    QCOMPARE(scalar(*m_admin, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));
}

void tst_ProbeCommand::cannotConnect()
{
    const Run run = probeWith({QStringLiteral("host=127.0.0.1 port=1 user=x dbname=x")});
    QCOMPARE(run.code, 3);
    QVERIFY(run.out.isEmpty());
    QVERIFY2(run.err.startsWith("lockscope: "), run.err.constData());
}

void tst_ProbeCommand::refusesWrongUsage()
{
    const Run run = probeWith({QStringLiteral("nonsense=1")});
    QCOMPARE(run.code, 2);
    QVERIFY(run.out.isEmpty() && !run.err.isEmpty());
}

void tst_ProbeCommand::cleansUpWhenItIsInterrupted()
{
    PgBouncer pooler(m_server->conninfo(), {.mode = PoolerMode::Statement, .poolSize = 2});
    const QSignalSpy started(&pooler, &PgBouncer::started);
    pooler.start();
    QTRY_VERIFY_WITH_TIMEOUT(!started.isEmpty(), 20'000);
    QProcess process;
    prepare(process, pooler.conninfo());
    const QSignalSpy finished(&process, &QProcess::finished);
    process.start(QStringLiteral(LOCKSCOPE_PROGRAM), {QStringLiteral("probe")});
    QByteArray said;
    connect(&process, &QProcess::readyReadStandardOutput, this, [&] { said += process.readAllStandardOutput(); });
    QTRY_VERIFY_WITH_TIMEOUT(said.contains("exclusion"), 30'000);
    QVERIFY(finished.isEmpty());
    process.terminate();
    QTRY_VERIFY_WITH_TIMEOUT(!finished.isEmpty(), 5'000);
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 1);
    QVERIFY2(said.contains("stopped before it was done"), said.constData());
    QCOMPARE(scalar(*m_admin, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));
}

QTEST_GUILESS_MAIN(tst_ProbeCommand)
#include "tst_probecommand.moc"
