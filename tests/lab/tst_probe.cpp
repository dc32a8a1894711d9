#include "app/lab/pooler/pgbouncer.h"
#include "app/lab/probe/probe.h"
#include "app/lab/probe/probecleanup.h"
#include "tests/lab/protocoldouble.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>
#include <QSignalSpy>

#include <memory>

using namespace lockscope;
using namespace std::chrono_literals;
using test::scalar;

Q_DECLARE_METATYPE(lockscope::PoolerSpec)

namespace {

constexpr int patience = 90'000;

struct Probed
{
    std::optional<ProbeReport> report;
    std::optional<Error> error;
    QList<ProbeCheck> told;
};

Probed probed(const Conninfo& endpoint)
{
    Probed result;
    Probe probe(endpoint);
    QObject::connect(&probe, &Probe::checkFinished, [&](const ProbeCheck& check) { result.told.append(check); });
    QObject::connect(&probe, &Probe::finished, [&](const ProbeReport& report) { result.report = report; });
    QObject::connect(&probe, &Probe::failed, [&](const Error& error) { result.error = error; });
    probe.start();
    static_cast<void>(QTest::qWaitFor([&] { return result.report || result.error; }, patience));
    return result;
}

/// "session-pooling ok" and the names of the checks that failed.
QString outcome(const ProbeReport& report)
{
    QStringList failed;
    for (const ProbeCheck& check : report.checks) {
        if (!check.ok)
            failed.append(check.name);
    }
    return QStringLiteral("%1 %2 [%3]")
        .arg(token(report.kind), report.ok ? QStringLiteral("ok") : QStringLiteral("bad"),
             failed.join(QLatin1String(", ")));
}

} // namespace

/// Real endpoints of every kind: a server, PgBouncer in all of its modes, and things that only answer.
class tst_Probe final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void findsADirectConnectionFit();
    void tellsPoolingModesApart_data();
    void tellsPoolingModesApart();
    void needsNoRights();
    void saysThatARoleMayNotLock();
    void knowsWhatOnlySpeaksTheProtocol();
    void tellsSeveralServersBehindOneAddress();
    void failsWhereNothingListens();
    void givesUpOnAnEndpointThatFallsSilent();
    void cleansUpWhenItIsStopped_data();
    void cleansUpWhenItIsStopped();
    void namesALockThatItCannotReach();
    void saysNoSecret();

private:
    [[nodiscard]] Conninfo pooled(const PoolerSpec& spec);
    /// Locks and sessions of probes that the server still has.
    [[nodiscard]] QString leftovers();

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_admin;
    std::unique_ptr<PgBouncer> m_pooler;
};

void tst_Probe::initTestCase()
{
    m_server = std::make_unique<test::TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    m_admin = m_server->session();
}

Conninfo tst_Probe::pooled(const PoolerSpec& spec)
{
    m_pooler = std::make_unique<PgBouncer>(m_server->conninfo(), spec);
    const QSignalSpy started(m_pooler.get(), &PgBouncer::started);
    QString problem;
    connect(m_pooler.get(), &PgBouncer::failed, this,
            [&problem](const Error& error) { problem = error.what + QLatin1Char(' ') + error.serverWords; });
    m_pooler->start();
    if (!QTest::qWaitFor([&] { return !started.isEmpty() || !problem.isEmpty(); }, 20'000) || !problem.isEmpty())
        qWarning("%s", qPrintable(problem + m_pooler->log()));
    return m_pooler->conninfo();
}

QString tst_Probe::leftovers()
{
    return QStringLiteral("%1 locks, %2 sessions")
        .arg(scalar(*m_admin, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"),
             scalar(*m_admin, "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'lockscope lab%'"));
}

void tst_Probe::findsADirectConnectionFit()
{
    const Probed result = probed(m_server->conninfo());
    QVERIFY(result.report);
    QVERIFY2(outcome(*result.report) == QLatin1String("direct ok []"), qPrintable(probeText(*result.report)));
    QCOMPARE(result.told, result.report->checks);
    QVERIFY2(result.report->endpoint.contains(QLatin1String("PostgreSQL ")), qPrintable(result.report->endpoint));
    QStringList names;
    for (const ProbeCheck& check : result.report->checks) {
        names.append(check.name);
        QVERIFY2(!check.evidence.isEmpty() && !check.observed.isEmpty() && check.elapsed > 0us, qPrintable(check.name));
    }
    QCOMPARE(names.join(QLatin1String(", ")),
             QStringLiteral("session affinity, affinity in a transaction, exclusion, foreign unlock, own unlock, "
                            "re-entrance, bigint and pair, transaction-level lock, release on disconnect, release on "
                            "kill, nothing left behind"));
    QTRY_COMPARE(leftovers(), QStringLiteral("0 locks, 0 sessions"));
}

void tst_Probe::tellsPoolingModesApart_data()
{
    QTest::addColumn<PoolerSpec>("spec");
    QTest::addColumn<QString>("expected");
    QTest::addColumn<QString>("verdict"); ///< what it must say
    QTest::newRow("session of 4") << PoolerSpec{.mode = PoolerMode::Session, .poolSize = 4} << "session-pooling ok []"
                                  << "fit for session-level";
    QTest::newRow("session of 2") << PoolerSpec{.mode = PoolerMode::Session, .poolSize = 2} << "session-pooling ok []"
                                  << "fit for session-level";
    QTest::newRow("session of 1")
        << PoolerSpec{.mode = PoolerMode::Session, .poolSize = 1}
        << "session-pooling bad [session affinity, exclusion, foreign unlock, bigint and pair, "
           "transaction-level lock]"
        << "a pool of one hides it";
    QTest::newRow("session without reset") << PoolerSpec{.mode = PoolerMode::Session, .poolSize = 4, .resetQuery = {}}
                                           << "session-pooling bad [release on disconnect, release on kill]"
                                           << "not reset";
    QTest::newRow("transaction of 4")
        << PoolerSpec{.mode = PoolerMode::Transaction, .poolSize = 4}
        << "transaction-pooling bad [session affinity, exclusion, foreign unlock, own unlock, release on disconnect, "
           "release on kill]"
        << "transaction mode, not fit";
    QTest::newRow("transaction of 1") << PoolerSpec{.mode = PoolerMode::Transaction, .poolSize = 1}
                                      << "transaction-pooling bad [session affinity, exclusion, foreign unlock, "
                                         "release on disconnect, release on kill]"
                                      << "a pool of one hides it";
    QTest::newRow("transaction, always reset")
        << PoolerSpec{.mode = PoolerMode::Transaction, .poolSize = 4, .resetAlways = true}
        << "transaction-pooling bad [session affinity, exclusion, own unlock, re-entrance, bigint and pair, release on "
           "disconnect, release on kill]"
        << "gone as soon as its statement is over";
    QTest::newRow("statement of 4")
        << PoolerSpec{.mode = PoolerMode::Statement, .poolSize = 4}
        << "statement-pooling bad [session affinity, affinity in a transaction, exclusion, foreign unlock, own unlock, "
           "transaction-level lock, release on disconnect, release on kill]"
        << "statement mode, not fit";
    QTest::newRow("statement of 1")
        << PoolerSpec{.mode = PoolerMode::Statement, .poolSize = 1}
        << "statement-pooling bad [session affinity, affinity in a transaction, exclusion, foreign unlock, "
           "transaction-level lock, release on disconnect, release on kill]"
        << "a pool of one hides it";
}

void tst_Probe::tellsPoolingModesApart()
{
    QFETCH(const PoolerSpec, spec);
    QFETCH(const QString, expected);
    QFETCH(const QString, verdict);
    const Probed result = probed(pooled(spec));
    QVERIFY2(result.report, qPrintable(result.error ? result.error->what : QString()));
    const QByteArray text = probeText(*result.report).toUtf8();
    if (qEnvironmentVariableIsSet("LOCKSCOPE_SHOW_PROBE"))
        fputs(text.constData(), stderr);
    QVERIFY2(outcome(*result.report) == expected, qPrintable(outcome(*result.report)));
    QVERIFY2(result.report->verdict.contains(verdict), qPrintable(result.report->verdict));
    QVERIFY(!result.report->advice.isEmpty());
    QVERIFY(result.report->leftBehind.isEmpty());
    QCOMPARE(scalar(*m_admin, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));
    // The pooler's idle server connections keep the name of their last client; they go with the pooler.
    m_pooler.reset();
    QTRY_COMPARE(leftovers(), QStringLiteral("0 locks, 0 sessions"));
}

void tst_Probe::needsNoRights()
{
    VERIFY_RESULT(m_admin->execute("CREATE ROLE nobody LOGIN PASSWORD 'x' NOINHERIT", 5s));
    const Probed result = probed(m_server->conninfo()
                                     .with(QStringLiteral("user"), QStringLiteral("nobody"))
                                     .with(QStringLiteral("password"), QStringLiteral("x")));
    QVERIFY2(result.report, qPrintable(result.error ? result.error->what : QString()));
    QCOMPARE(outcome(*result.report), QStringLiteral("direct ok []"));
    QTRY_COMPARE(leftovers(), QStringLiteral("0 locks, 0 sessions"));
}

void tst_Probe::saysThatARoleMayNotLock()
{
    VERIFY_RESULT(m_admin->execute("CREATE DATABASE forbidden", 20s));
    LibpqConnection there;
    const Conninfo forbidden = m_server->conninfo().with(QStringLiteral("dbname"), QStringLiteral("forbidden"));
    VERIFY_RESULT(there.open(forbidden, 5s));
    VERIFY_RESULT(there.execute("REVOKE EXECUTE ON FUNCTION pg_try_advisory_lock(int4, int4), "
                                "pg_try_advisory_xact_lock(int4, int4) FROM PUBLIC;"
                                "REVOKE SELECT ON pg_locks FROM PUBLIC; CREATE ROLE locked_out LOGIN PASSWORD 'x'",
                                5s));
    const Probed result = probed(forbidden.with(QStringLiteral("user"), QStringLiteral("locked_out"))
                                     .with(QStringLiteral("password"), QStringLiteral("x")));
    QVERIFY2(result.report, qPrintable(result.error ? result.error->what : QString()));
    QCOMPARE(token(result.report->kind), QStringLiteral("unknown"));
    QVERIFY(!result.report->ok);
    QVERIFY2(result.report->verdict.contains(QLatin1String("may not call")), qPrintable(result.report->verdict));
    QTRY_COMPARE(leftovers(), QStringLiteral("0 locks, 0 sessions"));
}

void tst_Probe::knowsWhatOnlySpeaksTheProtocol()
{
    test::ProtocolDouble endpoint("t");
    const auto conninfo =
        Conninfo::parse(QStringLiteral("host=127.0.0.1 port=%1 user=x dbname=x").arg(endpoint.port()));
    const Probed result = probed(*conninfo);
    QVERIFY2(result.report, qPrintable(result.error ? result.error->what : QString()));
    QCOMPARE(token(result.report->kind), QStringLiteral("protocol-only"));
    QVERIFY(!result.report->ok);
    QVERIFY2(result.report->verdict.contains(QLatin1String("does not lock like PostgreSQL")),
             qPrintable(result.report->verdict));
}

void tst_Probe::tellsSeveralServersBehindOneAddress()
{
    test::TestServer second;
    QVERIFY2(second.problem().isEmpty(), qPrintable(second.problem()));
    QList<quint16> ports;
    for (const Conninfo& conninfo : {m_server->conninfo(), second.conninfo()}) {
        LibpqConnection admin;
        VERIFY_RESULT(admin.open(conninfo, 5s));
        VERIFY_RESULT(admin.execute("CREATE ROLE balanced LOGIN PASSWORD 'x'", 5s));
        ports.append(static_cast<quint16>(conninfo.value(QStringLiteral("port")).toInt()));
    }
    // Hands its connections to the two servers in turn, as a load balancer does.
    QTcpServer balancer;
    QVERIFY(balancer.listen(QHostAddress::LocalHost));
    connect(&balancer, &QTcpServer::newConnection, this, [&] {
        while (QTcpSocket* const client = balancer.nextPendingConnection()) {
            auto* const server = new QTcpSocket(client);
            server->connectToHost(QHostAddress::LocalHost, ports.first());
            ports.move(0, 1);
            connect(client, &QTcpSocket::readyRead, server, [=] { server->write(client->readAll()); });
            connect(server, &QTcpSocket::readyRead, client, [=] { client->write(server->readAll()); });
            connect(client, &QTcpSocket::disconnected, client, &QObject::deleteLater);
            connect(server, &QTcpSocket::disconnected, client, &QTcpSocket::disconnectFromHost);
        }
    });
    const Probed result = probed(*Conninfo::parse(
        QStringLiteral("host=127.0.0.1 port=%1 user=balanced password=x dbname=postgres").arg(balancer.serverPort())));
    QVERIFY2(result.report, qPrintable(result.error ? result.error->what : QString()));
    QCOMPARE(token(result.report->kind), QStringLiteral("unknown"));
    QVERIFY(!result.report->ok);
    QVERIFY2(result.report->verdict.contains(QLatin1String("several servers")), qPrintable(probeText(*result.report)));
    QTRY_COMPARE(leftovers(), QStringLiteral("0 locks, 0 sessions"));
}

void tst_Probe::failsWhereNothingListens()
{
    const Probed result = probed(*Conninfo::parse(QStringLiteral("host=127.0.0.1 port=1 user=x dbname=x")));
    QVERIFY(result.error && !result.report);
    QVERIFY(result.told.isEmpty());
    QCOMPARE(result.error->kind, ErrorKind::Connection);
}

void tst_Probe::givesUpOnAnEndpointThatFallsSilent()
{
    test::ProtocolDouble endpoint("t");
    Probe probe(*Conninfo::parse(QStringLiteral("host=127.0.0.1 port=%1 user=x dbname=x").arg(endpoint.port())));
    std::optional<ProbeReport> report;
    connect(&probe, &Probe::finished, this, [&report](const ProbeReport& came) { report = came; });
    connect(&probe, &Probe::checkFinished, this, [&endpoint] { endpoint.fallSilent(); });
    QElapsedTimer timer;
    timer.start();
    probe.start();
    QTRY_VERIFY_WITH_TIMEOUT(report, 30'000);
    QCOMPARE(token(report->kind), QStringLiteral("unknown"));
    QVERIFY(!report->ok && !report->stopped);
    QVERIFY2(report->verdict.contains(QLatin1String("stopped answering")), qPrintable(report->verdict));
    QVERIFY2(timer.elapsed() < 15'000, qPrintable(QString::number(timer.elapsed())));
}

void tst_Probe::cleansUpWhenItIsStopped_data()
{
    QTest::addColumn<bool>("behindPooler");
    QTest::addColumn<int>("afterChecks");
    for (const int checks : {0, 2, 4}) {
        QTest::addRow("server after %d", checks) << false << checks;
        QTest::addRow("pooler after %d", checks) << true << checks;
    }
}

void tst_Probe::cleansUpWhenItIsStopped()
{
    QFETCH(const bool, behindPooler);
    QFETCH(const int, afterChecks);
    const Conninfo endpoint =
        behindPooler ? pooled({.mode = PoolerMode::Transaction, .poolSize = 3}) : m_server->conninfo();
    auto probe = std::make_unique<Probe>(endpoint);
    const QSignalSpy checks(probe.get(), &Probe::checkFinished);
    const QSignalSpy finished(probe.get(), &Probe::finished);
    probe->start();
    QTRY_VERIFY_WITH_TIMEOUT(checks.size() >= afterChecks, patience);
    QVERIFY(finished.isEmpty());
    QElapsedTimer timer;
    timer.start();
    probe.reset();
    QVERIFY2(timer.elapsed() < 4000, qPrintable(QString::number(timer.elapsed())));
    QCOMPARE(scalar(*m_admin, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));
    m_pooler.reset();
    QTRY_COMPARE(leftovers(), QStringLiteral("0 locks, 0 sessions"));
}

void tst_Probe::namesALockThatItCannotReach()
{
    const Conninfo endpoint = pooled({.mode = PoolerMode::Transaction, .poolSize = 2});
    const ProbeKeys keys = ProbeKeys::random();
    // Somebody else's transaction keeps the server connection that the lock leaked into.
    LibpqConnection other;
    VERIFY_RESULT(other.open(endpoint, 5s));
    const QByteArray take = "SELECT pg_advisory_lock(" + keys.pair.toSqlArguments().toLatin1() + ")";
    VERIFY_RESULT(other.execute("BEGIN; " + take, 5s));
    const QString pid = scalar(other, "SELECT pg_backend_pid()");

    QStringList evidence;
    const auto stuck = ProbeCleanup(endpoint, keys, true, evidence).run(2s);
    QVERIFY(stuck.known && stuck.left.size() == 1);
    const QString found = ProbeCleanup::describe(stuck.left.first(), keys);
    QVERIFY2(found.contains(pid) && found.contains(keys.pair.toString()), qPrintable(found));
    // What it advises ends that backend and no other.
    const QString advice = ProbeCleanup::howToRemove(stuck.left.first(), keys);
    const QByteArray statement = advice.mid(advice.indexOf(QLatin1String("SELECT "))).toUtf8();
    QCOMPARE(scalar(*m_admin, QByteArray(statement).replace("objsubid = 2", "objsubid = 1")), QString());
    QCOMPARE(scalar(*m_admin, statement), QStringLiteral("t"));
    QTRY_COMPARE(scalar(*m_admin, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));

    // Idle, it is met and emptied, wherever it is, however often it was taken.
    LibpqConnection leaking;
    LibpqConnection busy;
    VERIFY_RESULT(leaking.open(endpoint, 5s));
    VERIFY_RESULT(busy.open(endpoint, 5s));
    VERIFY_RESULT(leaking.execute("BEGIN; " + take + "; " + take, 5s));
    VERIFY_RESULT(busy.execute("BEGIN", 5s));
    VERIFY_RESULT(leaking.execute("COMMIT", 5s));
    VERIFY_RESULT(busy.execute("COMMIT", 5s)); // the last one to come back is the first to be lent again
    const auto met = ProbeCleanup(endpoint, keys, true, evidence).run(3s);
    QVERIFY(met.isClean());
    QCOMPARE(scalar(*m_admin, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));
    m_pooler.reset();
}

void tst_Probe::saysNoSecret()
{
    const Conninfo endpoint = m_server->conninfo();
    const QString password = endpoint.value(QStringLiteral("password"));
    QVERIFY(!password.isEmpty());
    const Probed result = probed(endpoint);
    QVERIFY(result.report);
    QVERIFY(!probeText(*result.report).contains(password));
}

QTEST_GUILESS_MAIN(tst_Probe)
#include "tst_probe.moc"
