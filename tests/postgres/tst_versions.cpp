#include "app/postgres/lockreader.h"
#include "app/postgres/serverinquiry.h"
#include "models/domain/waitgraph.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QDir>
#include <QTextStream>

#include <libpq-fe.h>

#include <map>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

constexpr std::array majors{12, 13, 14, 15, 16, 17, 18};

/// One server of one major, and the console's connection to it.
struct Server
{
    explicit Server(const QString& binaries)
    {
        if (!binaries.isEmpty())
            qputenv("LOCKSCOPE_PG_BINDIR", QFile::encodeName(binaries));
        server = std::make_unique<test::TestServer>(QStringLiteral("max_worker_processes = 6\nmax_connections = 30\n"));
        if (server->problem().isEmpty() &&
            connection.open(withDefaults(server->conninfo(), QStringLiteral("reader")), 5s))
            if (const auto inquired = inquireServer(connection, 5s)) {
                info = *inquired;
                reader = std::make_unique<LockReader>(connection, info, 250'000);
            }
    }
    std::unique_ptr<test::TestServer> server;
    LibpqConnection connection;
    ServerInfo info;
    std::unique_ptr<LockReader> reader;
};

QString nameOf(const WaitNode& node)
{
    if (node.prepared)
        return QStringLiteral("prepared %1").arg(node.prepared->gid);
    return node.backend && !node.backend->applicationName.isEmpty() ? node.backend->applicationName : word(node.kind);
}

/// "waiter behind holder: hard, advisory, wants Exclusive, Exclusive held"; numbers of tables and transactions differ
/// from run to run.
QString text(const WaitGraph& graph)
{
    QStringList lines;
    for (const WaitEdge& edge : graph.edges) {
        lines << QStringLiteral("%1 behind %2: %3, %4, %5 over %6")
                     .arg(nameOf(graph.nodes[edge.waiter]), nameOf(graph.nodes[edge.blocker]), word(edge.kind),
                          edge.target < 0 ? QStringLiteral("nothing") : serverName(graph.targets[edge.target].type),
                          displayName(edge.requested), displayName(edge.held));
    }
    lines.sort();
    QStringList roots;
    for (const qint32 root : graph.roots)
        roots << QStringLiteral("root %1: %2 behind").arg(nameOf(graph.nodes[root])).arg(graph.nodes[root].stuckBehind);
    roots.sort();
    return (lines + roots).join(u'\n');
}

} // namespace

/// The reading and the wait graph on a real server of each major that Lockscope speaks to. Others than the installed
/// one are fetched by installer/other-servers.sh into the directory that LOCKSCOPE_SERVERS names.
class tst_Versions final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void cleanup();
    void hasEveryMajor();
    void identifiesItself_data() { servers(); }
    void identifiesItself();
    void followsAnAdvisoryQueue_data() { servers(); }
    void followsAnAdvisoryQueue();
    void followsAChainOfRelationLocks_data() { servers(); }
    void followsAChainOfRelationLocks();
    void followsWaitersForOneRow_data() { servers(); }
    void followsWaitersForOneRow();
    void followsAnAdvisoryLockToACreateIndexConcurrently_data() { servers(); }
    void followsAnAdvisoryLockToACreateIndexConcurrently();
    void namesAPreparedTransactionThatBlocks_data() { servers(); }
    void namesAPreparedTransactionThatBlocks();
    void leavesEmptyWhatAVersionDoesNotTell_data() { servers(); }
    void leavesEmptyWhatAVersionDoesNotTell();

private:
    void servers();
    [[nodiscard]] Server& current();
    [[nodiscard]] std::unique_ptr<LibpqConnection> session(const QString& name);
    /// The graph of both scopes, once so many wait; both must be the same.
    [[nodiscard]] QString graph(int waiting);
    [[nodiscard]] SnapshotPointer read(LockScope scope, int waiting);

    QMap<QString, QString> m_binaries; ///< by name; empty: as installed
    std::map<QString, Server> m_servers;
    QByteArray m_orderedBinaries;
};

void tst_Versions::initTestCase()
{
    m_orderedBinaries = qgetenv("LOCKSCOPE_PG_BINDIR");
    m_binaries.insert(QStringLiteral("installed"), QString::fromLocal8Bit(m_orderedBinaries));
    const QDir directory(qEnvironmentVariable("LOCKSCOPE_SERVERS"));
    for (const int major : majors) {
        const QString bin = directory.absoluteFilePath(QStringLiteral("%1/bin").arg(major));
        if (!qEnvironmentVariableIsEmpty("LOCKSCOPE_SERVERS") && QFile::exists(bin + QStringLiteral("/postgres")))
            m_binaries.insert(QString::number(major), bin);
    }
}

void tst_Versions::cleanupTestCase()
{
    m_servers.clear();
    m_orderedBinaries.isEmpty() ? qunsetenv("LOCKSCOPE_PG_BINDIR") : qputenv("LOCKSCOPE_PG_BINDIR", m_orderedBinaries);
}

void tst_Versions::servers()
{
    QTest::addColumn<QString>("server");
    for (auto server = m_binaries.cbegin(); server != m_binaries.cend(); ++server)
        QTest::newRow(qPrintable(server.key())) << server.key();
}

Server& tst_Versions::current()
{
    const QString name = *static_cast<QString*>(QTest::qData("server", QMetaType::QString));
    const auto known = m_servers.find(name);
    return known != m_servers.end() ? known->second : m_servers.try_emplace(name, m_binaries.value(name)).first->second;
}

/// A backend that waits does not notice that its client has gone: none of a test function may be in the way of the
/// next.
void tst_Versions::cleanup()
{
    for (auto& [name, one] : m_servers) {
        if (one.reader)
            QTRY_COMPARE(test::scalar(one.connection,
                                      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                                      "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"),
                         QStringLiteral("0"));
    }
}

std::unique_ptr<LibpqConnection> tst_Versions::session(const QString& name)
{
    return current().server->session(name);
}

SnapshotPointer tst_Versions::read(LockScope scope, int waiting)
{
    Server& server = current();
    SnapshotPointer snapshot;
    const auto isThere = [&] {
        const auto reading = server.reader->read(scope, 5s);
        if (!reading)
            QTest::qFail(qPrintable(reading.error().serverWords), __FILE__, __LINE__);
        snapshot = reading.value_or(nullptr);
        return !snapshot || snapshot->blockers.size() == waiting;
    };
    return QTest::qWaitFor(isThere) ? snapshot : nullptr;
}

QString tst_Versions::graph(int waiting)
{
    const auto advisory = read(LockScope::AdvisoryOnly, waiting);
    const auto every = read(LockScope::AllTypes, waiting);
    if (!advisory || !every)
        return QStringLiteral("nobody waits");
    const QString one = text(waitGraphOf(*advisory));
    const QString other = text(waitGraphOf(*every));
    return one == other ? one : QStringLiteral("advisory only:\n%1\nevery type:\n%2").arg(one, other);
}

void tst_Versions::hasEveryMajor()
{
    QStringList missing;
    for (const int major : majors) {
        if (!m_binaries.contains(QString::number(major)))
            missing << QString::number(major);
    }
    if (missing.isEmpty())
        return;
    const QString words =
        QStringLiteral(
            "PostgreSQL %1 not tested: not in \"%2\" (LOCKSCOPE_SERVERS). installer/other-servers.sh fetches "
            "them; the installed server is tested.")
            .arg(missing.join(QStringLiteral(", ")), qEnvironmentVariable("LOCKSCOPE_SERVERS"));
    if (qEnvironmentVariable("LOCKSCOPE_CI") == QStringLiteral("1"))
        QFAIL(qPrintable(words));
    QTextStream(stdout) << words << '\n';
}

void tst_Versions::identifiesItself()
{
    QFETCH(const QString, server);
    Server& one = current();
    QVERIFY2(one.server->problem().isEmpty(), qPrintable(one.server->problem()));
    QVERIFY(one.reader);
    VERIFY_RESULT(one.reader->prepareSession(5s));
    if (server != QStringLiteral("installed"))
        QCOMPARE(QString::number(one.info.versionNumber / 10000), server);
    QVERIFY(one.info.isSuperuser && one.info.seesAllStats && one.info.signalsBackends && !one.info.isStandby);
    QCOMPARE(one.info.signalsAutovacuum, one.info.versionNumber >= 180000);
    QVERIFY(!one.info.systemIdentifier.isEmpty());
    QVERIFY(one.info.backendStart.has_value());
}

void tst_Versions::followsAnAdvisoryQueue()
{
    const auto holder = session(QStringLiteral("holder"));
    const auto first = session(QStringLiteral("first"));
    const auto second = session(QStringLiteral("second"));
    VERIFY_RESULT(holder->executeOne("SELECT pg_advisory_lock_shared(7)", 5s));
    QVERIFY(PQsendQuery(first->handle(), "SELECT pg_advisory_lock(7)"));
    QVERIFY(read(LockScope::AdvisoryOnly, 1));
    QVERIFY(PQsendQuery(second->handle(), "SELECT pg_advisory_lock_shared(7)"));
    QCOMPARE(graph(2), QStringLiteral("first behind holder: hard, advisory, Exclusive over Share\n"
                                      "second behind first: soft, advisory, Share over Exclusive\n"
                                      "root holder: 2 behind"));
}

void tst_Versions::followsAChainOfRelationLocks()
{
    const auto root = session(QStringLiteral("root"));
    const auto middle = session(QStringLiteral("middle"));
    const auto last = session(QStringLiteral("last"));
    VERIFY_RESULT(root->execute("CREATE TABLE IF NOT EXISTS one (i int); CREATE TABLE IF NOT EXISTS two (i int)", 5s));
    VERIFY_RESULT(root->execute("BEGIN; LOCK TABLE one IN ROW EXCLUSIVE MODE", 5s));
    VERIFY_RESULT(middle->execute("BEGIN; LOCK TABLE two IN ACCESS EXCLUSIVE MODE", 5s));
    QVERIFY(PQsendQuery(middle->handle(), "LOCK TABLE one IN SHARE MODE"));
    QVERIFY(PQsendQuery(last->handle(), "SELECT * FROM two"));
    QCOMPARE(graph(2), QStringLiteral("last behind middle: hard, relation, Access Share over Access Exclusive\n"
                                      "middle behind root: hard, relation, Share over Row Exclusive\n"
                                      "root root: 2 behind"));
}

void tst_Versions::followsWaitersForOneRow()
{
    const auto holder = session(QStringLiteral("holder"));
    const auto first = session(QStringLiteral("first"));
    const auto second = session(QStringLiteral("second"));
    VERIFY_RESULT(holder->execute(
        "CREATE TABLE IF NOT EXISTS stock (i int, n int); DELETE FROM stock; INSERT INTO stock VALUES (1, 1)", 5s));
    VERIFY_RESULT(holder->execute("BEGIN; UPDATE stock SET n = 2", 5s));
    QVERIFY(PQsendQuery(first->handle(), "UPDATE stock SET n = 3"));
    QVERIFY(read(LockScope::AdvisoryOnly, 1));
    QVERIFY(PQsendQuery(second->handle(), "UPDATE stock SET n = 4"));
    QCOMPARE(graph(2), QStringLiteral("first behind holder: hard, transactionid, Share over Exclusive\n"
                                      "second behind first: hard, tuple, Exclusive over Exclusive\n"
                                      "root holder: 2 behind"));
}

/// Whoever waits for an advisory lock has a snapshot, and an index that is built concurrently waits for every older
/// snapshot.
void tst_Versions::followsAnAdvisoryLockToACreateIndexConcurrently()
{
    const auto holder = session(QStringLiteral("holder"));
    const auto waiter = session(QStringLiteral("waiter"));
    const auto builder = session(QStringLiteral("builder"));
    VERIFY_RESULT(holder->executeOne("DROP TABLE IF EXISTS indexed", 5s));
    VERIFY_RESULT(holder->executeOne("CREATE TABLE indexed (i int)", 5s));
    VERIFY_RESULT(holder->executeOne("SELECT pg_advisory_lock(7)", 5s));
    QVERIFY(PQsendQuery(waiter->handle(), "SELECT pg_advisory_lock(7)"));
    QVERIFY(read(LockScope::AdvisoryOnly, 1));
    QVERIFY(PQsendQuery(builder->handle(), "CREATE INDEX CONCURRENTLY ON indexed (i)"));
    QCOMPARE(graph(2), QStringLiteral("builder behind waiter: hard, virtualxid, Share over Exclusive\n"
                                      "waiter behind holder: hard, advisory, Exclusive over Exclusive\n"
                                      "root holder: 2 behind"));
}

void tst_Versions::namesAPreparedTransactionThatBlocks()
{
    const auto session = this->session(QStringLiteral("two-phase"));
    const auto waiter = this->session(QStringLiteral("waiter"));
    const auto reader = this->session(QStringLiteral("reader of the table"));
    VERIFY_RESULT(session->executeOne("CREATE TABLE IF NOT EXISTS ledger (i int)", 5s));
    VERIFY_RESULT(session->execute(
        "BEGIN; SELECT pg_advisory_xact_lock(77); LOCK TABLE ledger; PREPARE TRANSACTION 'forgotten'", 5s));
    QVERIFY(PQsendQuery(waiter->handle(), "SELECT pg_advisory_lock(77)"));
    const QString waiting =
        QStringLiteral("waiter behind prepared forgotten: hard, advisory, Exclusive over Exclusive\n");
    QCOMPARE(graph(1), waiting + QStringLiteral("root prepared forgotten: 1 behind"));
    QVERIFY(PQsendQuery(reader->handle(), "SELECT * FROM ledger"));
    const QString both = graph(2);
    VERIFY_RESULT(session->executeOne("ROLLBACK PREPARED 'forgotten'", 5s));
    QCOMPARE(both, QStringLiteral("reader of the table behind prepared forgotten: hard, relation, Access Share over "
                                  "Access Exclusive\n") +
                       waiting + QStringLiteral("root prepared forgotten: 2 behind"));
}

void tst_Versions::leavesEmptyWhatAVersionDoesNotTell()
{
    const int version = current().info.versionNumber;
    const auto holder = session(QStringLiteral("holder"));
    const auto waiter = session(QStringLiteral("waiter"));
    VERIFY_RESULT(holder->executeOne("SELECT pg_advisory_lock(7)", 5s));
    QVERIFY(PQsendQuery(waiter->handle(), "SELECT pg_advisory_lock(7)"));
    for (const LockScope scope : {LockScope::AdvisoryOnly, LockScope::AllTypes}) {
        SnapshotPointer snapshot;
        const auto since = [&] {
            snapshot = read(scope, 1);
            for (const Lock& lock : snapshot ? snapshot->locks : QList<Lock>()) {
                if (!lock.granted)
                    return lock.waitStart.has_value();
            }
            return false;
        };
        // For a moment after queueing the server does not tell since when.
        if (version >= 140000)
            QTRY_VERIFY(since());
        else
            QVERIFY(!since());
        QVERIFY(snapshot);
        const BackendPointer backend = snapshot->backends.value(waiter->claimedPid());
        QVERIFY(backend);
        QCOMPARE(backend->query, QStringLiteral("SELECT pg_advisory_lock(7)"));
        QCOMPARE(backend->state, QStringLiteral("active"));
        QCOMPARE(backend->waitEventType, QStringLiteral("Lock"));
        QCOMPARE(backend->user, QStringLiteral("postgres"));
        QVERIFY(backend->backendXmin != 0);
        QVERIFY(backend->id.backendStart && backend->transactionStart && backend->queryStart && backend->stateChange);
    }
}

QTEST_GUILESS_MAIN(tst_Versions)
#include "tst_versions.moc"
