#include "app/postgres/cureerrand.h"
#include "app/postgres/serverinquiry.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>
#include <QRandomGenerator>

#include <libpq-fe.h>

#include <csignal>
#include <thread>

using namespace lockscope;
using namespace std::chrono_literals;
using test::scalar;

namespace {

QString text(const CureOutcome& outcome)
{
    return auditWord(outcome.result) + QStringLiteral(": ") + outcome.sentence +
           (outcome.error ? QStringLiteral(" | ") + outcome.error->serverWords : QString());
}

/// Stops a process until the end of the scope; goes on with it in any case.
class Frozen final
{
public:
    explicit Frozen(qint32 pid)
        : m_pid(pid)
    {
        ::kill(m_pid, SIGSTOP);
    }
    ~Frozen() { thaw(); }
    Q_DISABLE_COPY_MOVE(Frozen)
    void thaw() { ::kill(m_pid, SIGCONT); }

private:
    qint32 m_pid;
};

} // namespace

class tst_CureErrand final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void terminatesExactlyTheBackendThatWasSeen();
    void cancelsExactlyTheBackendThatWasSeen();
    void aReusedPidIsNeverHit();
    void refusesWithoutAsking();
    void refusesAnotherServer();
    void neverEndsItsOwnConnection();
    void offerAndServerAgree_data();
    void offerAndServerAgree();
    void anotherServerOfTheClusterKnowsNothingOfTheVictim();
    void anIdleSessionHasNoQueryToCancel();
    void saysThatItCannotTellWithoutTrackActivities();
    void aClientThatDoesNotReadIsStillThere();
    void aStoppedBackendIsStillThere();
    void goneMeansThatItsLocksAreFree();
    void freesAFullLockTableOverAnOpenConnection();
    void theServersOwnProcessesAreNotSignalled();
    void neverBlocksTheCaller();

private:
    [[nodiscard]] Conninfo conninfo() const { return m_server->conninfo(); }
    [[nodiscard]] Conninfo as(const QString& user) const
    {
        return conninfo().with(QStringLiteral("user"), user).with(QStringLiteral("password"), QStringLiteral("p"));
    }
    [[nodiscard]] BackendId identity(qint32 pid)
    {
        const auto start =
            scalar(*m_witness,
                   "SELECT (extract(epoch FROM backend_start) * 1000000)::int8 FROM pg_stat_activity WHERE pid = " +
                       QByteArray::number(pid));
        return {.pid = pid, .backendStart = ServerTime(std::chrono::microseconds(start.toLongLong()))};
    }
    [[nodiscard]] CureRequest about(CureKind kind, const BackendId& backend) const
    {
        return {.kind = kind, .backend = backend, .systemIdentifier = m_info.systemIdentifier};
    }
    [[nodiscard]] bool isAlive(qint32 pid)
    {
        return scalar(*m_witness, "SELECT count(*) FROM pg_stat_get_activity(" + QByteArray::number(pid) + ")") ==
               QStringLiteral("1");
    }
    /// Runs a statement that takes long, on a thread of its own, until it ends.
    [[nodiscard]] std::jthread busy(LibpqConnection& session, const QByteArray& statement)
    {
        std::jthread thread([&session, statement] { (void)session.execute(statement, 60s); });
        const auto pid = QByteArray::number(session.claimedPid());
        const auto active = [&] {
            return scalar(*m_witness, "SELECT state FROM pg_stat_activity WHERE pid = " + pid) ==
                   QStringLiteral("active");
        };
        if (!QTest::qWaitFor(active, 5000))
            QTest::qFail("the statement did not start", __FILE__, __LINE__);
        return thread;
    }

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_witness;
    ServerInfo m_info;
};

void tst_CureErrand::initTestCase()
{
    m_server = std::make_unique<test::TestServer>(
        QStringLiteral("max_prepared_transactions = 20\nmax_connections = 30\nmax_locks_per_transaction = 10\n"));
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    m_witness = m_server->session(QStringLiteral("witness"));
    VERIFY_RESULT(m_witness->execute("CREATE ROLE plain LOGIN PASSWORD 'p'; "
                                     "CREATE ROLE \"odd \"\"role\" LOGIN PASSWORD 'p'; "
                                     "CREATE ROLE seer LOGIN PASSWORD 'p' IN ROLE pg_monitor; "
                                     "CREATE ROLE ender LOGIN PASSWORD 'p' IN ROLE pg_signal_backend; "
                                     "CREATE ROLE complete LOGIN PASSWORD 'p' IN ROLE pg_monitor, pg_signal_backend; "
                                     "CREATE ROLE chief LOGIN PASSWORD 'p' SUPERUSER; "
                                     "CREATE ROLE victim LOGIN PASSWORD 'p'; "
                                     "CREATE ROLE victims_friend LOGIN PASSWORD 'p' IN ROLE victim",
                                     5s));
    const auto info = inquireServer(*m_witness, 5s);
    VERIFY_RESULT(info);
    m_info = *info;
}

void tst_CureErrand::cleanupTestCase()
{
    m_witness.reset();
    m_server.reset();
}

void tst_CureErrand::terminatesExactlyTheBackendThatWasSeen()
{
    const auto victim = m_server->session(QStringLiteral("victim"));
    const auto backend = identity(victim->claimedPid());
    for (const auto off : {-1us, 1us, -1000000us}) {
        auto other = backend;
        *other.backendStart += off;
        const auto outcome = cureBackend(*m_witness, m_info, about(CureKind::TerminateBackend, other), 800ms);
        QCOMPARE(outcome.result, CureResult::NotFound);
        QVERIFY2(outcome.sentence.contains(QStringLiteral("nothing was sent")), qPrintable(outcome.sentence));
        QVERIFY(isAlive(backend.pid));
    }
    const auto request = about(CureKind::TerminateBackend, backend);
    const auto outcome = cureBackend(*m_witness, m_info, request, 800ms);
    QVERIFY2(outcome.result == CureResult::Done, qPrintable(text(outcome)));
    QVERIFY2(outcome.sentence.startsWith(QString::number(backend.pid) + QStringLiteral(" is gone after ")),
             qPrintable(outcome.sentence));
    QVERIFY(outcome.elapsed > 0us && outcome.elapsed < 800ms);
    QVERIFY(outcome.request == request);
    QVERIFY(!isAlive(backend.pid));
    QCOMPARE(text(cureBackendApart(conninfo(), request, 1s).result()),
             QStringLiteral("not found: %1 had already ended; nothing was sent.").arg(backend.pid));
}

void tst_CureErrand::cancelsExactlyTheBackendThatWasSeen()
{
    const auto victim = m_server->session(QStringLiteral("victim"));
    VERIFY_RESULT(victim->executeOne("SELECT pg_advisory_lock(5)", 5s));
    const auto backend = identity(victim->claimedPid());
    const auto running = busy(*victim, "SELECT pg_sleep(60)");
    auto other = backend;
    *other.backendStart += 1us;
    QCOMPARE(cureBackend(*m_witness, m_info, about(CureKind::CancelQuery, other), 800ms).result, CureResult::NotFound);
    const auto outcome = cureBackend(*m_witness, m_info, about(CureKind::CancelQuery, backend), 800ms);
    QVERIFY2(outcome.result == CureResult::Done, qPrintable(text(outcome)));
    QVERIFY2(outcome.sentence.endsWith(QStringLiteral("The session lives on and keeps its session-level locks.")),
             qPrintable(outcome.sentence));
    QCOMPARE(scalar(*m_witness, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 5 AND pid = " +
                                    QByteArray::number(backend.pid)),
             QStringLiteral("1"));
}

/// Between the click and the statement the pid went to another session: the start that was seen is an earlier one.
void tst_CureErrand::aReusedPidIsNeverHit()
{
    const auto bystander = m_server->session(QStringLiteral("bystander"));
    const auto alive = identity(bystander->claimedPid());
    const auto running = busy(*bystander, "SELECT pg_sleep(60)");
    QRandomGenerator random(42);
    int notFound = 0;
    for (int trial = 0; trial < 1000; ++trial) {
        auto earlier = alive;
        // From one microsecond to three hours before.
        const auto before = trial < 100 ? trial + 1 : random.bounded(qint64{1}, qint64{10'800'000'000});
        *earlier.backendStart -= std::chrono::microseconds(before);
        const auto kind = trial % 2 == 0 ? CureKind::TerminateBackend : CureKind::CancelQuery;
        const auto outcome = cureBackend(*m_witness, m_info, about(kind, earlier), 0ms);
        notFound += outcome.result == CureResult::NotFound ? 1 : 0;
    }
    QCOMPARE(notFound, 1000);
    QVERIFY(isAlive(alive.pid));
    QCOMPARE(scalar(*m_witness, "SELECT state FROM pg_stat_activity WHERE pid = " + QByteArray::number(alive.pid)),
             QStringLiteral("active"));
    QCOMPARE(cureBackend(*m_witness, m_info, about(CureKind::TerminateBackend, alive), 800ms).result, CureResult::Done);
}

void tst_CureErrand::refusesWithoutAsking()
{
    const auto victim = m_server->session(QStringLiteral("victim"));
    auto backend = identity(victim->claimedPid());
    backend.backendStart.reset();
    const auto hidden = cureBackend(*m_witness, m_info, about(CureKind::TerminateBackend, backend), 800ms);
    QCOMPARE(hidden.result, CureResult::Refused);
    QVERIFY2(hidden.grant.startsWith(QStringLiteral("GRANT pg_read_all_stats TO ")), qPrintable(hidden.grant));
    QCOMPARE(cureBackend(*m_witness, m_info,
                         about(CureKind::TerminateBackend, {.pid = 0, .backendStart = ServerTime(1us)}), 800ms)
                 .result,
             CureResult::Refused);
    QCOMPARE(cureBackend(*m_witness, m_info, about(CureKind::RollbackPrepared, identity(backend.pid)), 800ms).result,
             CureResult::Refused);
    QVERIFY(isAlive(backend.pid));
}

void tst_CureErrand::refusesAnotherServer()
{
    const auto victim = m_server->session(QStringLiteral("victim"));
    auto request = about(CureKind::TerminateBackend, identity(victim->claimedPid()));
    request.systemIdentifier = QStringLiteral("1");
    const auto outcome = cureBackendApart(conninfo(), request, 1s).result();
    QCOMPARE(outcome.result, CureResult::Refused);
    QVERIFY(outcome.sentence.contains(QStringLiteral("another server")));
    QVERIFY(isAlive(victim->claimedPid()));
}

void tst_CureErrand::neverEndsItsOwnConnection()
{
    const auto own = identity(m_witness->claimedPid());
    QCOMPARE(cureBackend(*m_witness, m_info, about(CureKind::TerminateBackend, own), 800ms).result,
             CureResult::Refused);
    // Behind a pooler it may be another backend than the one that was asked at login.
    ServerInfo pooled = m_info;
    pooled.backendPid = 1;
    QCOMPARE(cureBackend(*m_witness, pooled, about(CureKind::TerminateBackend, own), 800ms).result,
             CureResult::Refused);
    QCOMPARE(scalar(*m_witness, "SELECT 1"), QStringLiteral("1"));
}

void tst_CureErrand::offerAndServerAgree_data()
{
    QTest::addColumn<QString>("role");
    QTest::addColumn<QString>("victimRole");
    QTest::addColumn<QString>("grant"); ///< what both name; empty: none helps, or none is needed
    QTest::addColumn<bool>("possible");
    const auto row = [](const char* role, const char* victim, const char* grant, bool possible) {
        QTest::addRow("%s on %s", role, victim)
            << QString::fromLatin1(role) << QString::fromLatin1(victim) << QString::fromLatin1(grant) << possible;
    };
    row("plain", "victim", "GRANT pg_read_all_stats, pg_signal_backend TO \"plain\";", false);
    row("odd \"role", "victim", "GRANT pg_read_all_stats, pg_signal_backend TO \"odd \"\"role\";", false);
    row("seer", "victim", "GRANT pg_signal_backend TO \"seer\";", false);
    row("ender", "victim", "GRANT pg_read_all_stats TO \"ender\";", false);
    row("complete", "victim", "", true);
    row("chief", "victim", "", true);
    row("victims_friend", "victim", "", true);
    row("victim", "victim", "", true);
    row("seer", "chief", "", false);
    row("complete", "chief", "", false);
    row("chief", "chief", "", true);
}

/// What is offered works; what is not offered is refused by the server as well; and once the named GRANT is given, the
/// offer says so and it works.
void tst_CureErrand::offerAndServerAgree()
{
    QFETCH(const QString, role);
    QFETCH(const QString, victimRole);
    QFETCH(const QString, grant);
    QFETCH(const bool, possible);

    LibpqConnection victim;
    VERIFY_RESULT(victim.open(as(victimRole), 10s));
    const auto truth = identity(victim.claimedPid());
    LibpqConnection actor;
    VERIFY_RESULT(actor.open(as(role), 10s));

    // As this role sees it.
    const auto look = [&](ServerInfo* server, Snapshot* snapshot) -> WaitNodeId {
        const auto info = inquireServer(actor, 5s);
        if (!info)
            return {};
        *server = *info;
        const auto has = [&](const char* right) {
            return scalar(actor, QByteArray("SELECT pg_has_role('") + right + "', 'USAGE')") == QStringLiteral("t");
        };
        server->signalsBackends = has("pg_signal_backend");
        const auto row = actor.executeOne("SELECT (extract(epoch FROM backend_start) * 1000000)::int8, usesysid::int8, "
                                          "usename, backend_type, state, pg_has_role(usesysid, 'USAGE'), "
                                          "(SELECT rolsuper FROM pg_roles WHERE oid = usesysid) "
                                          "FROM pg_stat_activity WHERE pid = " +
                                              QByteArray::number(truth.pid),
                                          5s);
        if (!row || row->rows() != 1)
            return {};
        Backend seen;
        seen.id.pid = truth.pid;
        if (!row->isNull(0, 0))
            seen.id.backendStart = ServerTime(std::chrono::microseconds(row->int64(0, 0)));
        seen.restricted = row->isNull(0, 0);
        seen.roleOid = static_cast<quint32>(row->int64(0, 1));
        seen.user = row->text(0, 2);
        seen.backendType = row->text(0, 3);
        seen.state = row->text(0, 4);
        seen.memberOfItsRole = row->boolean(0, 5);
        seen.superuser = row->boolean(0, 6);
        *snapshot = {};
        snapshot->backends.insert(truth.pid, std::make_shared<const Backend>(seen));
        return {.backend = seen.id};
    };
    ServerInfo server;
    Snapshot snapshot;
    auto id = look(&server, &snapshot);
    QCOMPARE(id.backend.pid, truth.pid);
    auto offer = cureOffers(id, snapshot, server, false).at(1);
    QVERIFY2(offer.possible == possible, qPrintable(offer.reason));
    QCOMPARE(offer.grant, grant);

    auto outcome = cureBackend(actor, server, about(CureKind::TerminateBackend, truth), 800ms);
    if (!possible) {
        QVERIFY2(outcome.result == CureResult::Refused, qPrintable(text(outcome)));
        QVERIFY(isAlive(truth.pid));
        // The first obstacle on the way names its own role; the offer names all that is missing.
        QCOMPARE(outcome.grant.isEmpty(), grant.isEmpty());
        for (const char* right : {"pg_read_all_stats", "pg_signal_backend"}) {
            if (outcome.grant.contains(QLatin1StringView(right)))
                QVERIFY2(grant.contains(QLatin1StringView(right)), qPrintable(outcome.grant));
        }
        if (grant.isEmpty())
            return;
        VERIFY_RESULT(m_witness->executeOne(grant.toUtf8(), 5s));
        id = look(&server, &snapshot);
        offer = cureOffers(id, snapshot, server, false).at(1);
        QVERIFY2(offer.possible, qPrintable(offer.reason));
        outcome = cureBackend(actor, server, about(CureKind::TerminateBackend, id.backend), 800ms);
        VERIFY_RESULT(m_witness->executeOne(QString(grant)
                                                .replace(QStringLiteral("GRANT"), QStringLiteral("REVOKE"))
                                                .replace(QStringLiteral(" TO "), QStringLiteral(" FROM "))
                                                .toUtf8(),
                                            5s));
    }
    QVERIFY2(outcome.result == CureResult::Done, qPrintable(text(outcome)));
    QVERIFY(!isAlive(truth.pid));
}

void tst_CureErrand::anIdleSessionHasNoQueryToCancel()
{
    const auto victim = m_server->session(QStringLiteral("victim"));
    const auto backend = identity(victim->claimedPid());
    auto outcome = cureBackend(*m_witness, m_info, about(CureKind::CancelQuery, backend), 800ms);
    QCOMPARE(text(outcome), QStringLiteral("not found: %1 runs no query (it is idle), so nothing was sent. It keeps "
                                           "its session-level locks.")
                                .arg(backend.pid));
    VERIFY_RESULT(victim->executeOne("BEGIN", 5s));
    outcome = cureBackend(*m_witness, m_info, about(CureKind::CancelQuery, backend), 800ms);
    QVERIFY2(outcome.sentence.contains(QStringLiteral("(it is idle in transaction)")), qPrintable(outcome.sentence));
    QCOMPARE(scalar(*victim, "SELECT 1"), QStringLiteral("1"));
}

/// A cancel does not reach a backend that waits for its client to read; terminating it does.
/// A primary and its standbys have one system identifier, and each its own backends.
void tst_CureErrand::anotherServerOfTheClusterKnowsNothingOfTheVictim()
{
    const auto victim = m_server->session(QStringLiteral("victim"));
    auto request = about(CureKind::TerminateBackend, identity(victim->claimedPid()));
    request.host = QStringLiteral("primary");
    request.port = 5432;
    ServerInfo standby = m_info;
    standby.host = QStringLiteral("standby");
    standby.port = 5432;
    QCOMPARE(text(cureBackend(*m_witness, standby, request, 100ms)),
             QStringLiteral("refused: %1 was seen on another server. Nothing was sent.").arg(request.backend.pid));
    const CureOutcome before{.request = request, .result = CureResult::StillThere};
    victim->close();
    QTRY_VERIFY(!isAlive(request.backend.pid));
    QVERIFY(lookAfterCure(*m_witness, standby, before) == before);
    standby.host = request.host;
    QCOMPARE(lookAfterCure(*m_witness, standby, before).result, CureResult::Done);
}

void tst_CureErrand::saysThatItCannotTellWithoutTrackActivities()
{
    const auto victim = m_server->session(QStringLiteral("victim"));
    const auto backend = identity(victim->claimedPid());
    VERIFY_RESULT(victim->executeOne("SET track_activities = off", 5s));
    VERIFY_RESULT(victim->executeOne("SELECT 1", 5s));
    QCOMPARE(scalar(*m_witness, "SELECT state FROM pg_stat_get_activity(" + QByteArray::number(backend.pid) + ")"),
             QStringLiteral("disabled"));
    const auto outcome = cureBackend(*m_witness, m_info, about(CureKind::CancelQuery, backend), 800ms);
    QCOMPARE(text(outcome),
             QStringLiteral("failed: The signal was sent to %1. Whether a query ended is not known: its session does "
                            "not tell what it does (track_activities is off).")
                 .arg(backend.pid));
    QVERIFY(isAlive(backend.pid));
}

void tst_CureErrand::aClientThatDoesNotReadIsStillThere()
{
    const auto victim = m_server->session(QStringLiteral("victim"));
    const auto backend = identity(victim->claimedPid());
    // One row that fits into no buffer: the backend is in the middle of a message until the end.
    QCOMPARE(PQsendQuery(victim->handle(), "SELECT repeat('x', 50000000)"), 1);
    while (PQflush(victim->handle()) == 1)
        QTest::qWait(1);
    QTRY_COMPARE(
        scalar(*m_witness, "SELECT wait_event FROM pg_stat_activity WHERE pid = " + QByteArray::number(backend.pid)),
        QStringLiteral("ClientWrite"));
    const auto before = cureBackend(*m_witness, m_info, about(CureKind::CancelQuery, backend), 100ms);
    QVERIFY2(before.result == CureResult::StillThere, qPrintable(text(before)));
    QVERIFY2(before.sentence.endsWith(QStringLiteral("its client does not read the answer (ClientWrite).")),
             qPrintable(before.sentence));
    const auto ended = cureBackend(*m_witness, m_info, about(CureKind::TerminateBackend, backend), 800ms);
    QVERIFY2(ended.result == CureResult::Done, qPrintable(text(ended)));
    QCOMPARE(lookAfterCure(*m_witness, m_info, before).result, CureResult::Done);
}

void tst_CureErrand::aStoppedBackendIsStillThere()
{
    const auto victim = m_server->session(QStringLiteral("victim"));
    const auto backend = identity(victim->claimedPid());
    Frozen frozen(backend.pid);
    QElapsedTimer timer;
    timer.start();
    const auto before = cureBackend(*m_witness, m_info, about(CureKind::TerminateBackend, backend), 300ms);
    QVERIFY2(before.result == CureResult::StillThere, qPrintable(text(before)));
    QVERIFY2(timer.elapsed() >= 200 && timer.elapsed() < 800, qPrintable(QString::number(timer.elapsed())));
    QVERIFY2(before.sentence.startsWith(QStringLiteral("%1 is still there after ").arg(backend.pid)),
             qPrintable(before.sentence));
    QCOMPARE(lookAfterCure(*m_witness, m_info, before).result, CureResult::StillThere);
    ServerInfo other = m_info;
    other.systemIdentifier = QStringLiteral("1");
    QVERIFY(lookAfterCure(*m_witness, other, before) == before);
    frozen.thaw();
    QTRY_COMPARE(lookAfterCure(*m_witness, m_info, before).result, CureResult::Done);
    const auto after = lookAfterCure(*m_witness, m_info, before);
    QVERIFY(after.elapsed > before.elapsed);
}

void tst_CureErrand::goneMeansThatItsLocksAreFree()
{
    for (int round = 0; round < 20; ++round) {
        const auto victim = m_server->session(QStringLiteral("victim"));
        VERIFY_RESULT(victim->executeOne("SELECT pg_advisory_lock(77)", 5s));
        const auto outcome =
            cureBackend(*m_witness, m_info, about(CureKind::TerminateBackend, identity(victim->claimedPid())), 800ms);
        QCOMPARE(outcome.result, CureResult::Done);
        QCOMPARE(scalar(*m_witness, "SELECT pg_try_advisory_lock(77)"), QStringLiteral("t"));
        QCOMPARE(scalar(*m_witness, "SELECT pg_advisory_unlock(77)"), QStringLiteral("t"));
    }
}

void tst_CureErrand::freesAFullLockTableOverAnOpenConnection()
{
    const auto victim = m_server->session(QStringLiteral("victim"));
    const auto backend = identity(victim->claimedPid());
    const auto filled =
        victim->executeOne("SELECT count(pg_advisory_lock(i)) FROM generate_series(1, 1000000) AS i", 60s);
    QVERIFY(!filled);
    QCOMPARE(filled.error().sqlState, QStringLiteral("53200"));
    LibpqConnection another;
    QVERIFY(!another.open(conninfo(), 5s)); // which is why this must work over a connection that is open
    const auto outcome = cureBackend(*m_witness, m_info, about(CureKind::TerminateBackend, backend), 800ms);
    QVERIFY2(outcome.result == CureResult::Done || outcome.result == CureResult::StillThere, qPrintable(text(outcome)));
    QTRY_COMPARE(lookAfterCure(*m_witness, m_info, outcome).result, CureResult::Done);
    VERIFY_RESULT(another.open(conninfo(), 5s));
}

void tst_CureErrand::theServersOwnProcessesAreNotSignalled()
{
    const auto pid = scalar(*m_witness, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'").toInt();
    QVERIFY(pid > 0);
    const auto outcome = cureBackend(*m_witness, m_info, about(CureKind::TerminateBackend, identity(pid)), 100ms);
    QVERIFY2(outcome.result == CureResult::Refused, qPrintable(text(outcome)));
    QCOMPARE(outcome.notices.size(), 1);
    QVERIFY2(outcome.notices.first().startsWith(QStringLiteral("WARNING: PID %1 is not a PostgreSQL").arg(pid)),
             qPrintable(outcome.notices.first()));
}

void tst_CureErrand::neverBlocksTheCaller()
{
    const auto victim = m_server->session(QStringLiteral("victim"));
    const auto backend = identity(victim->claimedPid());
    const Frozen frozen(backend.pid);
    QElapsedTimer timer;
    timer.start();
    auto future = cureBackendApart(conninfo(), about(CureKind::TerminateBackend, backend), 400ms);
    QVERIFY2(timer.elapsed() < 100, qPrintable(QString::number(timer.elapsed())));
    QVERIFY(!future.isFinished());
    QCOMPARE(future.result().result, CureResult::StillThere);
}

QTEST_GUILESS_MAIN(tst_CureErrand)
#include "tst_cureerrand.moc"
