#include "app/postgres/lockreader.h"
#include "app/postgres/observer.h"
#include "app/postgres/serverinquiry.h"
#include "models/domain/waitgraph.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QDir>
#include <QProcess>

#include <libpq-fe.h>

using namespace lockscope;
using namespace std::chrono_literals;

/// A primary and a standby that follows it. The standby starts as a server of its own, whose cluster is then replaced
/// by a copy of the stopped primary's.
class tst_Standby final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void knowsAStandbyWhenItSeesOne();
    void readsAdvisoryLocksOfItsOwn();
    void namesTheProcessThatReplaysALockAsTheBlocker();

private:
    void follow();
    /// With the password that both have since.
    [[nodiscard]] Conninfo primary() const
    {
        return m_primary->conninfo().with(QStringLiteral("password"),
                                          m_standby->conninfo().value(QStringLiteral("password")));
    }

    std::unique_ptr<test::TestServer> m_primary;
    std::unique_ptr<test::TestServer> m_standby;
};

void tst_Standby::initTestCase()
{
    const QString settings = QStringLiteral("max_wal_senders = 3\nwal_level = replica\nmax_connections = 30\n");
    m_primary = std::make_unique<test::TestServer>(settings);
    QVERIFY2(m_primary->problem().isEmpty(), qPrintable(m_primary->problem()));
    m_standby = std::make_unique<test::TestServer>(settings);
    QVERIFY2(m_standby->problem().isEmpty(), qPrintable(m_standby->problem()));
    follow();
}

void tst_Standby::follow()
{
    {
        // The copy brings the primary's passwords along.
        const auto admin = m_primary->session();
        VERIFY_RESULT(admin->executeOne("CREATE ROLE follower REPLICATION LOGIN PASSWORD 'follower'", 5s));
        VERIFY_RESULT(admin->executeOne("ALTER ROLE postgres PASSWORD '" +
                                            m_standby->conninfo().value(QStringLiteral("password")).toLatin1() + "'",
                                        5s));
        VERIFY_RESULT(admin->executeOne("CREATE TABLE replayed (i int)", 5s));
        VERIFY_RESULT(admin->executeOne("CHECKPOINT", 20s));
    }
    VERIFY_RESULT(m_primary->sandbox().haltAndWait(20s));
    VERIFY_RESULT(m_standby->sandbox().haltAndWait(20s));
    const QString from = m_primary->sandbox().directory() + QStringLiteral("/data");
    const QString to = m_standby->sandbox().directory() + QStringLiteral("/data");
    QVERIFY(QDir(to).removeRecursively());
    QCOMPARE(QProcess::execute(QStringLiteral("cp"), {QStringLiteral("-a"), from, to}), 0);
    QFile::remove(to + QStringLiteral("/postmaster.pid"));
    // A file that the server may replace is the server's: copied from one that is.
    QCOMPARE(QProcess::execute(QStringLiteral("cp"), {QStringLiteral("-p"), to + QStringLiteral("/PG_VERSION"),
                                                      to + QStringLiteral("/standby.signal")}),
             0);
    QFile settings(to + QStringLiteral("/postgresql.auto.conf"));
    QVERIFY(settings.open(QIODevice::Append));
    settings.write(
        "primary_conninfo = 'host=127.0.0.1 port=" + m_primary->conninfo().value(QStringLiteral("port")).toLatin1() +
        " user=follower password=follower sslmode=disable'\n");
    settings.close();
    VERIFY_RESULT(m_primary->sandbox().restartAndWait(30s));
    VERIFY_RESULT(m_standby->sandbox().restartAndWait(30s));
}

void tst_Standby::knowsAStandbyWhenItSeesOne()
{
    const auto here = readOnce(primary(), LockScope::AdvisoryOnly, 5s);
    const auto there = readOnce(m_standby->conninfo(), LockScope::AdvisoryOnly, 5s);
    VERIFY_RESULT(here);
    VERIFY_RESULT(there);
    QVERIFY(!here->server.isStandby);
    QVERIFY(there->server.isStandby);
    QCOMPARE(there->server.systemIdentifier, here->server.systemIdentifier);
    QVERIFY(!there->server.isSameServer(here->server));
}

void tst_Standby::readsAdvisoryLocksOfItsOwn()
{
    const auto holder = m_standby->session(QStringLiteral("holder"));
    const auto waiter = m_standby->session(QStringLiteral("waiter"));
    VERIFY_RESULT(holder->executeOne("SELECT pg_advisory_lock(7)", 5s));
    QVERIFY(PQsendQuery(waiter->handle(), "SELECT pg_advisory_lock(7)"));
    SnapshotPointer snapshot;
    QTRY_VERIFY((snapshot = readOnce(m_standby->conninfo(), LockScope::AdvisoryOnly, 5s)->snapshot) &&
                snapshot->blockers.size() == 1);
    QCOMPARE(snapshot->locks.size(), 2);
    QCOMPARE(snapshot->blockers.value(waiter->claimedPid()), QList<qint32>{holder->claimedPid()});

    const auto elsewhere = readOnce(primary(), LockScope::AdvisoryOnly, 5s);
    VERIFY_RESULT(elsewhere);
    QCOMPARE(elsewhere->snapshot->totalLocks, 0);
}

void tst_Standby::namesTheProcessThatReplaysALockAsTheBlocker()
{
    LibpqConnection owner;
    VERIFY_RESULT(owner.open(primary(), 5s));
    VERIFY_RESULT(owner.execute("BEGIN; LOCK TABLE replayed IN ACCESS EXCLUSIVE MODE", 5s));
    VERIFY_RESULT(owner.executeOne("SELECT pg_switch_wal()", 5s)); // the lock's record reaches the standby now
    const auto witness = m_standby->session();
    QTRY_COMPARE(test::scalar(*witness, "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock'"),
                 QStringLiteral("1"));
    const auto reader = m_standby->session(QStringLiteral("reader"));
    const auto behind = m_standby->session(QStringLiteral("behind"));
    VERIFY_RESULT(reader->executeOne("SELECT pg_advisory_lock(7)", 5s));
    QVERIFY(PQsendQuery(reader->handle(), "SELECT * FROM replayed"));
    QVERIFY(PQsendQuery(behind->handle(), "SELECT pg_advisory_lock(7)"));

    for (const LockScope scope : {LockScope::AdvisoryOnly, LockScope::AllTypes}) {
        SnapshotPointer snapshot;
        QTRY_VERIFY((snapshot = readOnce(m_standby->conninfo(), scope, 5s)->snapshot) &&
                    snapshot->blockers.size() == 2);
        const QList<qint32> blockers = snapshot->blockers.value(reader->claimedPid());
        QCOMPARE(blockers.size(), 1);
        const BackendPointer startup = snapshot->backends.value(blockers.constFirst());
        QVERIFY(startup);
        QCOMPARE(startup->backendType, QStringLiteral("startup"));
        QCOMPARE(startup->roleOid, 0U);
        QVERIFY(!startup->memberOfItsRole);
        const WaitGraph graph = waitGraphOf(*snapshot);
        QCOMPARE(graph.roots.size(), 1);
        const WaitNode& root = graph.nodes[graph.roots.constFirst()];
        QCOMPARE(word(root.kind), QStringLiteral("startup"));
        QCOMPARE(root.stuckBehind, 2);
        for (const WaitEdge& edge : graph.edges)
            QCOMPARE(word(edge.kind), QStringLiteral("hard"));
    }
    VERIFY_RESULT(owner.executeOne("ROLLBACK", 5s));
}

QTEST_GUILESS_MAIN(tst_Standby)
#include "tst_standby.moc"
