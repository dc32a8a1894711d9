#include "models/cureplan.h"
#include "models/domain/auditentry.h"
#include "models/domain/cure.h"
#include "models/lockview.h"
#include "tests/support/locktext.h"
#include "tests/support/suite.h"

using namespace lockscope;
using test::serverTime;
using test::SnapshotMaker;

namespace {

constexpr quint32 annasRole = 20;

/// "possible", "possible: what to expect", "no: reason", "no: reason [GRANT ...]", "does not apply".
QString text(const CureOffer& offer)
{
    if (!offer.applies)
        return QStringLiteral("does not apply");
    QString line = offer.possible ? QStringLiteral("possible") : QStringLiteral("no");
    if (!offer.reason.isEmpty())
        line += QStringLiteral(": ") + offer.reason;
    if (!offer.grant.isEmpty())
        line += QStringLiteral(" [%1]").arg(offer.grant);
    return line;
}

ServerInfo monitor(int version = 150018)
{
    ServerInfo server;
    server.versionNumber = version;
    server.role = QStringLiteral("monitor");
    server.backendPid = 99;
    server.claimedPid = 99;
    server.database = QStringLiteral("shop");
    server.databaseOid = test::shop;
    server.systemIdentifier = QStringLiteral("7");
    return server;
}

WaitNodeId nodeOfPid(const SnapshotPointer& snapshot, qint32 pid)
{
    return {.backend = snapshot->backends.value(pid)->id};
}

/// Of backend 1, changed as wanted.
QString offerText(CureKind kind, const ServerInfo& server, const std::function<void(Backend&)>& change = {},
                  bool readOnly = false)
{
    SnapshotMaker maker(0);
    maker.held(5, 1).backend(1, [&](Backend& backend) {
        backend.roleOid = annasRole;
        backend.state = QStringLiteral("active");
        backend.memberOfItsRole = false;
        if (change)
            change(backend);
    });
    const auto snapshot = maker.make();
    return text(cureOffers(nodeOfPid(snapshot, 1), *snapshot, server, readOnly).at(static_cast<qsizetype>(kind)));
}

LockViewPointer viewOf(const SnapshotPointer& snapshot)
{
    LockViewBuilder builder;
    return builder.update(snapshot).view;
}

} // namespace

class tst_Cure final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void offersWhatTheServerAllows_data();
    void offersWhatTheServerAllows();
    void readOnlyOffersNothing();
    void neverItself();
    void aLaterBackendOfTheSamePidIsNotTheVictim();
    void quotesTheRoleInTheGrant();
    void preparedTransactionsAreForTheirOwner();
    void aBackendHasNothingToCommit();
    void theServerDecidesWhatIsNotKnown();
    void planNamesWhoIsFreeThen();
    void planKeepsWhoWaitsForOthersToo();
    void planOfACancelKeepsAdvisoryLocks();
    void planCutsLongLists();
    void planHidesPasswords();
    void planOfAPreparedTransaction();
    void planWarnsOfASuperuser();
    void tellsWhetherTheVictimIsStillThere();
    void auditEntriesComeBackAsTheyWere();
    void auditLinesHoldNoPassword();
    void tornAuditLinesAreNoEntries();
};

void tst_Cure::offersWhatTheServerAllows_data()
{
    QTest::addColumn<ServerInfo>("server");
    QTest::addColumn<std::function<void(Backend&)>>("change");
    QTest::addColumn<QString>("cancel");
    QTest::addColumn<QString>("terminate");
    using Change = std::function<void(Backend&)>;
    const auto row = [](const char* name, const ServerInfo& server, const Change& change, const QString& cancel,
                        const QString& terminate) {
        QTest::newRow(name) << server << change << cancel << (terminate.isEmpty() ? cancel : terminate);
    };
    const QString possible = QStringLiteral("possible");
    ServerInfo signaller = monitor();
    signaller.signalsBackends = true;
    ServerInfo superuser = monitor();
    superuser.isSuperuser = true;
    const Change none;

    row("another role", monitor(), none,
        QStringLiteral("no: 1 is a session of the role anna. Signalling it needs the rights of that role or membership "
                       "in pg_signal_backend. [GRANT pg_signal_backend TO \"monitor\";]"),
        {});
    row("another role, may signal", signaller, none, possible, {});
    row("member of its role", monitor(), [](Backend& backend) { backend.memberOfItsRole = true; }, possible, {});
    row("membership unknown", monitor(), [](Backend& backend) { backend.memberOfItsRole.reset(); }, possible, {});
    row("superuser's session", signaller, [](Backend& backend) { backend.superuser = true; },
        QStringLiteral("no: 1 is a superuser's session: only a superuser may signal it, and monitor is not one."), {});
    row("superuser on superuser", superuser, [](Backend& backend) { backend.superuser = true; }, possible, {});
    const Change hidden = [](Backend& backend) {
        backend.id.backendStart.reset();
        backend.restricted = true;
        backend.backendType.clear();
        backend.state.clear();
        backend.memberOfItsRole.reset();
    };
    row("start hidden, may signal", signaller, hidden,
        QStringLiteral("no: This role may not see when 1 started, and its process id alone could hit another session. "
                       "[GRANT pg_read_all_stats TO \"monitor\";]"),
        {});
    row("start hidden, may not signal", monitor(), hidden,
        QStringLiteral("no: This role may not see when 1 started, and its process id alone could hit another session. "
                       "1 is a session of the role anna. Signalling it needs the rights of that role or membership in "
                       "pg_signal_backend. [GRANT pg_read_all_stats, pg_signal_backend TO \"monitor\";]"),
        {});
    row(
        "idle", signaller, [](Backend& backend) { backend.state = QStringLiteral("idle"); },
        QStringLiteral("no: 1 is idle: there is no query to cancel. Terminate it instead."), possible);
    row(
        "idle in transaction", signaller,
        [](Backend& backend) { backend.state = QStringLiteral("idle in transaction"); },
        QStringLiteral("no: 1 is idle in a transaction: there is no query to cancel, and cancelling does not end the "
                       "transaction. Terminate it instead."),
        possible);
    row("startup process", superuser,
        [](Backend& backend) {
            backend.backendType = QStringLiteral("startup");
            backend.user.clear();
            backend.roleOid = 0;
        },
        QStringLiteral("no: 1 is the startup process: it replays the primary's changes and cannot be ended. End the "
                       "transaction on the primary, or see max_standby_streaming_delay."),
        {});
    row("checkpointer", superuser, [](Backend& backend) { backend.backendType = QStringLiteral("checkpointer"); },
        QStringLiteral("no: 1 is the server's own process \"checkpointer\", which nobody can cancel or end."), {});
    const Change vacuum = [](Backend& backend) {
        backend.backendType = QStringLiteral("autovacuum worker");
        backend.user.clear();
        backend.roleOid = 0;
        backend.query = QStringLiteral("autovacuum: VACUUM public.orders");
    };
    row("autovacuum on 15", signaller, vacuum,
        QStringLiteral("no: 1 (autovacuum worker) runs without a role of its own: only a superuser may signal it."),
        {});
    const QString harmless = QStringLiteral("possible: An autovacuum may be ended without harm: it comes back later.");
    row("autovacuum, superuser", superuser, vacuum, harmless, {});
    ServerInfo eighteen = monitor(180004);
    row("autovacuum on 18", eighteen, vacuum,
        QStringLiteral("no: 1 is an autovacuum worker: only a superuser or a member of pg_signal_autovacuum_worker may "
                       "signal it. [GRANT pg_signal_autovacuum_worker TO \"monitor\";]"),
        {});
    eighteen.signalsAutovacuum = true;
    row("autovacuum on 18, member", eighteen, vacuum, harmless, {});
    row("against wraparound", superuser,
        [vacuum](Backend& backend) {
            vacuum(backend);
            backend.query += QStringLiteral(" (to prevent wraparound)");
        },
        QStringLiteral("possible: This autovacuum prevents transaction ids from wrapping around, so the server starts "
                       "it again soon. Better let it finish."),
        {});
    const Change launcher = [](Backend& backend) {
        backend.backendType = QStringLiteral("logical replication launcher");
        backend.user.clear();
        backend.roleOid = 0;
    };
    row("process without a role", signaller, launcher,
        QStringLiteral("no: 1 (logical replication launcher) runs without a role of its own: only a superuser may "
                       "signal it."),
        {});
    ServerInfo old = signaller;
    old.versionNumber = 150004;
    row("process without a role before the fix", old, launcher, possible, {});
    row("walsender of a role", signaller, [](Backend& backend) { backend.backendType = QStringLiteral("walsender"); },
        possible, {});
    ServerInfo pooled = signaller;
    pooled.claimedPid = 12345;
    row("through a pooler", pooled, none,
        QStringLiteral("possible: This console is connected through a pooler. Process ids are those of the server's "
                       "own backends; the client whose query runs there now gets the error."),
        QStringLiteral("possible: This console is connected through a pooler. Ending a backend ends the pooler's "
                       "connection to the server; the client that uses it now gets an error, and the pooler opens "
                       "another one."));
}

void tst_Cure::offersWhatTheServerAllows()
{
    QFETCH(const ServerInfo, server);
    QFETCH(const std::function<void(Backend&)>, change);
    QFETCH(const QString, cancel);
    QFETCH(const QString, terminate);
    QCOMPARE(offerText(CureKind::CancelQuery, server, change), cancel);
    QCOMPARE(offerText(CureKind::TerminateBackend, server, change), terminate);
}

void tst_Cure::readOnlyOffersNothing()
{
    ServerInfo superuser = monitor();
    superuser.isSuperuser = true;
    const QString no =
        QStringLiteral("no: Lockscope was started with --read-only, so it changes nothing on the server.");
    QCOMPARE(offerText(CureKind::CancelQuery, superuser, {}, true), no);
    QCOMPARE(offerText(CureKind::TerminateBackend, superuser, {}, true), no);
    QCOMPARE(offerText(CureKind::CommitPrepared, superuser, {}, true), QStringLiteral("does not apply"));
}

void tst_Cure::neverItself()
{
    ServerInfo superuser = monitor();
    superuser.isSuperuser = true;
    superuser.backendPid = 1;
    QCOMPARE(offerText(CureKind::TerminateBackend, superuser),
             QStringLiteral("no: 1 is this console's own connection."));
}

void tst_Cure::aLaterBackendOfTheSamePidIsNotTheVictim()
{
    ServerInfo superuser = monitor();
    superuser.isSuperuser = true;
    const auto snapshot = SnapshotMaker(0).held(5, 1).make();
    auto earlier = nodeOfPid(snapshot, 1);
    *earlier.backend.backendStart -= std::chrono::microseconds(1);
    QCOMPARE(text(cureOffers(earlier, *snapshot, superuser, false).at(1)),
             QStringLiteral("no: 1 has ended; its process id belongs to another session now."));
}

void tst_Cure::quotesTheRoleInTheGrant()
{
    QCOMPARE(grantStatement({QStringLiteral("pg_signal_backend")}, QStringLiteral("a\"; DROP ROLE x; --")),
             QStringLiteral("GRANT pg_signal_backend TO \"a\"\"; DROP ROLE x; --\";"));
    QCOMPARE(grantStatement({}, QStringLiteral("a")), QString());
}

void tst_Cure::preparedTransactionsAreForTheirOwner()
{
    const auto offers = [](const ServerInfo& server, const std::function<void(PreparedTransaction&)>& change = {}) {
        PreparedTransaction prepared{.gid = QStringLiteral("pay-17"),
                                     .transactionId = 751,
                                     .preparedAt = serverTime(-60),
                                     .owner = QStringLiteral("monitor"),
                                     .databaseOid = test::shop};
        if (change)
            change(prepared);
        Snapshot snapshot = *SnapshotMaker(0).prepared(5, 77).make();
        snapshot.prepared.insert(77, prepared);
        QStringList lines;
        for (const auto& offer : cureOffers({.virtualTransaction = 77}, snapshot, server, false))
            lines.append(text(offer));
        return QStringList(lines.mid(0, 3)).join(QStringLiteral(" | ")) +
               (lines.at(2) == lines.at(3) ? QString() : QStringLiteral(" | ") + lines.at(3));
    };
    const QString never = QStringLiteral("does not apply | does not apply | ");
    QCOMPARE(offers(monitor()), never + QStringLiteral("possible"));
    const auto ofAnna = [](PreparedTransaction& prepared) { prepared.owner = QStringLiteral("anna"); };
    QCOMPARE(offers(monitor(), ofAnna),
             never + QStringLiteral("no: Only its owner, anna, or a superuser may finish this prepared transaction; "
                                    "membership in a role does not help."));
    ServerInfo superuser = monitor();
    superuser.isSuperuser = true;
    QCOMPARE(offers(superuser, ofAnna), never + QStringLiteral("possible"));
    QCOMPARE(offers(superuser, [](PreparedTransaction& prepared) { prepared.databaseOid = test::depot; }),
             never + QStringLiteral("possible: PostgreSQL finishes it from its own database only, so Lockscope "
                                    "connects to depot for it."));
    QCOMPARE(offers(superuser, [](PreparedTransaction& prepared) { prepared.gid.clear(); }),
             never +
                 QStringLiteral("no: The name of this prepared transaction is not known, and only its name finishes "
                                "it. See pg_prepared_xacts."));
    superuser.isStandby = true;
    QCOMPARE(offers(superuser),
             never + QStringLiteral("no: A standby cannot finish a prepared transaction. Do it on the primary."));
}

void tst_Cure::aBackendHasNothingToCommit()
{
    QCOMPARE(offerText(CureKind::CommitPrepared, monitor()), QStringLiteral("does not apply"));
    QCOMPARE(offerText(CureKind::RollbackPrepared, monitor()), QStringLiteral("does not apply"));
    for (const auto& offer : cureOffers({}, {}, monitor(), false))
        QVERIFY(!offer.applies);
}

void tst_Cure::theServerDecidesWhatIsNotKnown()
{
    const WaitNodeId unlisted{.backend = {.pid = 4321, .backendStart = serverTime(0)}};
    QCOMPARE(text(cureOffers(unlisted, {}, monitor(), false).at(1)), QStringLiteral("possible"));
}

void tst_Cure::planNamesWhoIsFreeThen()
{
    const auto snapshot = SnapshotMaker(100)
                              .held(5, 1)
                              .held(6, 1)
                              .held(7, 2)
                              .waiting(5, 3, 88, {1})
                              .waiting(5, 4, 90, {1, 3})
                              .backend(1,
                                       [](Backend& backend) {
                                           backend.applicationName = QStringLiteral("pod-a");
                                           backend.clientAddress = QStringLiteral("10.0.0.7");
                                           backend.stateChange = serverTime(-92);
                                       })
                              .make();
    const auto plan = planCure(CureKind::TerminateBackend, nodeOfPid(snapshot, 1), *viewOf(snapshot), monitor());
    QCOMPARE(plan.name, QStringLiteral("1 (pod-a)"));
    QCOMPARE(plan.victim, QStringLiteral("1 pod-a, anna in shop, from 10.0.0.7"));
    QCOMPARE(plan.state, QStringLiteral("idle for 3 m 12 s"));
    QCOMPARE(plan.releases.join(u'|'), QStringLiteral("Exclusive on key 5 in shop|Exclusive on key 6 in shop"));
    QCOMPARE(plan.unblocks.join(u'|'), QStringLiteral("3 pod, waiting 12.0 s for key 5 in shop"));
    QCOMPARE(plan.stillStuck.join(u'|'), QStringLiteral("4 pod, waiting 10.0 s for key 5 in shop: behind 3 pod"));
    QCOMPARE(plan.request.systemIdentifier, QStringLiteral("7"));
    QVERIFY(!plan.mustBeKnown);
}

void tst_Cure::planKeepsWhoWaitsForOthersToo()
{
    // 1 waits in the middle of the queue; who is behind it has others ahead that the graph does not draw.
    const auto snapshot = SnapshotMaker(100)
                              .held(5, 2, LockMode::Share)
                              .waiting(5, 3, 80, {2})
                              .waiting(5, 1, 85, {2, 3})
                              .waiting(5, 4, 90, {3, 1}, LockMode::Share)
                              .make();
    const auto plan = planCure(CureKind::TerminateBackend, nodeOfPid(snapshot, 1), *viewOf(snapshot), monitor());
    QCOMPARE(plan.releases.join(u'|'), QStringLiteral("Its place in the queue for key 5 in shop"));
    QCOMPARE(plan.unblocks.join(u'|'), QString());
    QCOMPARE(plan.stillStuck.join(u'|'), QStringLiteral("4 pod, waiting 10.0 s for key 5 in shop: behind 3 pod"));
}

void tst_Cure::planOfACancelKeepsAdvisoryLocks()
{
    const auto snapshot = SnapshotMaker(100)
                              .allTypes()
                              .held(5, 1)
                              .relation(16384, 1)
                              .waiting(6, 1, 80, {2})
                              .held(6, 2)
                              .waiting(5, 3, 90, {1})
                              .backend(1, [](Backend& backend) { backend.state = QStringLiteral("active"); })
                              .make();
    const auto plan = planCure(CureKind::CancelQuery, nodeOfPid(snapshot, 1), *viewOf(snapshot), monitor());
    QCOMPARE(plan.releases.join(u'|'),
             QStringLiteral("Its place in the queue for key 6 in shop|Access Share on relation 16384 in shop"));
    QCOMPARE(plan.unblocks.join(u'|'), QString());
    QCOMPARE(plan.stillStuck.join(u'|'), QStringLiteral("3 pod, waiting 10.0 s for key 5 in shop: unless the victim "
                                                        "took that key for its transaction only"));
    QVERIFY2(plan.warnings.first().contains(QStringLiteral("advisory locks (1 in all)")),
             qPrintable(plan.warnings.first()));
}

void tst_Cure::planCutsLongLists()
{
    SnapshotMaker maker(100);
    maker.held(5, 1);
    for (qint64 key = 100; key < 150; ++key)
        maker.held(key, 1);
    for (qint32 pid = 200; pid < 230; ++pid)
        maker.waiting(5, pid, 50, {1}, LockMode::Share);
    const auto snapshot = maker.make();
    const auto plan = planCure(CureKind::TerminateBackend, nodeOfPid(snapshot, 1), *viewOf(snapshot), monitor());
    QCOMPARE(plan.releases.size(), 21);
    QCOMPARE(plan.releases.first(), QStringLiteral("Exclusive on key 5 in shop"));
    QCOMPARE(plan.releases.last(), QStringLiteral("and 31 more"));
    QCOMPARE(plan.unblocks.size(), 21);
    QCOMPARE(plan.unblocks.last(), QStringLiteral("and 10 more"));
}

void tst_Cure::planHidesPasswords()
{
    const auto snapshot =
        SnapshotMaker(0)
            .held(5, 1)
            .backend(1, [](Backend& backend) { backend.query = QStringLiteral("ALTER ROLE a PASSWORD 'canary'"); })
            .make();
    const auto plan = planCure(CureKind::TerminateBackend, nodeOfPid(snapshot, 1), *viewOf(snapshot), monitor());
    QCOMPARE(plan.query, QStringLiteral("ALTER ROLE a PASSWORD '***'"));
}

void tst_Cure::planOfAPreparedTransaction()
{
    Snapshot snapshot = *SnapshotMaker(100).prepared(5, 77).waiting(5, 3, 90, {0}).make();
    snapshot.prepared.insert(77, {.gid = QStringLiteral("pay\n%1"),
                                  .transactionId = 751,
                                  .preparedAt = serverTime(40),
                                  .owner = QStringLiteral("anna"),
                                  .databaseOid = test::shop});
    const auto view = viewOf(std::make_shared<const Snapshot>(snapshot));
    const auto plan = planCure(CureKind::RollbackPrepared, {.virtualTransaction = 77}, *view, monitor());
    QCOMPARE(plan.name, QStringLiteral("'pay") + QChar(0x2424) + QStringLiteral("%1'"));
    QCOMPARE(plan.victim,
             QStringLiteral("Prepared transaction 'pay") + QChar(0x2424) + QStringLiteral("%1' of anna in shop"));
    QCOMPARE(plan.state, QStringLiteral("prepared for 1 m 00 s, transaction 751"));
    QCOMPARE(plan.releases.join(u'|'), QStringLiteral("Exclusive on key 5 in shop"));
    QCOMPARE(plan.unblocks.join(u'|'), QStringLiteral("3 pod, waiting 10.0 s for key 5 in shop"));
    QVERIFY(plan.warnings.first().startsWith(QStringLiteral("What the transaction changed is lost")));
    QCOMPARE(plan.request.prepared, snapshot.prepared.value(77));
}

void tst_Cure::planWarnsOfASuperuser()
{
    const auto snapshot = SnapshotMaker(100)
                              .held(5, 1)
                              .backend(1,
                                       [](Backend& backend) {
                                           backend.superuser = true;
                                           backend.transactionStart = serverTime(40);
                                       })
                              .make();
    ServerInfo superuser = monitor();
    superuser.isSuperuser = true;
    const auto plan = planCure(CureKind::TerminateBackend, nodeOfPid(snapshot, 1), *viewOf(snapshot), superuser, {1});
    QVERIFY(plan.mustBeKnown);
    QCOMPARE(plan.warnings.join(u'|'),
             QStringLiteral("It is a superuser's session: perhaps an administrator, a backup or a replication tool.|"
                            "Its transaction of 1 m 00 s is rolled back.|"
                            "It is one of your own: an operator session or simulated client of this console."));
}

void tst_Cure::tellsWhetherTheVictimIsStillThere()
{
    const auto snapshot = SnapshotMaker(0).held(5, 1).make();
    auto id = nodeOfPid(snapshot, 1);
    const CureRequest request{.kind = CureKind::TerminateBackend, .backend = id.backend};
    QCOMPARE(isStillThere(request, id, *snapshot), std::optional(true));
    QCOMPARE(isStillThere(request, id, Snapshot()), std::optional<bool>());
    *id.backend.backendStart += std::chrono::microseconds(1);
    QCOMPARE(isStillThere({.backend = id.backend}, id, *snapshot), std::optional(false));
}

void tst_Cure::auditEntriesComeBackAsTheyWere()
{
    AuditEntry entry;
    entry.time = QDateTime::fromMSecsSinceEpoch(1'700'000'000'123, Qt::UTC);
    entry.action = QStringLiteral("terminate backend");
    entry.step = QStringLiteral("outcome");
    entry.host = QStringLiteral("db1");
    entry.port = 5432;
    entry.pid = 1234;
    entry.start = QStringLiteral("1700000000123456");
    entry.application = QStringLiteral("po\"d\n\u202e<b>");
    entry.query = QStringLiteral("SELECT '\\'");
    entry.notices = {QStringLiteral("WARNING: a"), QStringLiteral("b\nc")};
    const auto line = auditLine(entry);
    QCOMPARE(line.count('\n'), 1);
    const auto back = auditEntry(line);
    QVERIFY(back);
    QCOMPARE(auditLine(*back), line);
    QVERIFY(*back == entry);
}

void tst_Cure::auditLinesHoldNoPassword()
{
    AuditEntry entry;
    entry.time = QDateTime::currentDateTimeUtc();
    entry.query = QStringLiteral("ALTER ROLE a PASSWORD 'canary'");
    entry.sentence = QStringLiteral("ALTER ROLE a PASSWORD 'canary'");
    entry.notices = {QStringLiteral("postgresql://a:canary@b/c")};
    QVERIFY2(!auditLine(entry).contains("canary"), auditLine(entry).constData());
}

void tst_Cure::tornAuditLinesAreNoEntries()
{
    for (const char* line : {"", "{", "null", "[]", "{\"time\":\"2026-01-01T00:00:00.000Z\",\"action\":\"x\"",
                             "{\"time\":5,\"action\":\"x\",\"step\":\"y\"}", "\xff\xfe"})
        QVERIFY2(!auditEntry(line), line);
}

QTEST_GUILESS_MAIN(tst_Cure)
#include "tst_cure.moc"
