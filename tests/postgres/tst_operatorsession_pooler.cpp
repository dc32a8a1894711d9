#include "app/lab/pooler/pgbouncer.h"
#include "tests/support/recordedsession.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QSignalSpy>

#include <memory>

namespace lockscope::test {

/// Operator sessions behind PgBouncer in transaction mode, which lends server connections to whoever comes next.
class OperatorSessionPoolerTest final : public Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();

    void seesThePooler();
    void changesNoSettingOfAServerConnection();
    void doesNotBelieveThePoolerAboutTheServer();

private:
    std::unique_ptr<TestServer> m_server;
    std::unique_ptr<PgBouncer> m_pooler;
    Conninfo m_pooled;
};

void OperatorSessionPoolerTest::initTestCase()
{
    m_server = std::make_unique<TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    m_pooler = std::make_unique<PgBouncer>(m_server->conninfo(), PoolerSpec{.mode = PoolerMode::Transaction});
    QSignalSpy started(m_pooler.get(), &PgBouncer::started);
    m_pooler->start();
    QTRY_VERIFY2(!started.isEmpty(), qPrintable(m_pooler->log()));
    m_pooled = m_pooler->conninfo();
}

void OperatorSessionPoolerTest::seesThePooler()
{
    RecordedSession alice(m_pooled, QStringLiteral("alice"));
    QVERIFY(alice.open());
    QVERIFY(alice.state().behindPooler);
    const auto admin = m_server->session();
    QCOMPARE(scalar(*admin, "SELECT count(*) FROM pg_stat_activity WHERE pid = " +
                                QByteArray::number(alice.state().backendPid)),
             QStringLiteral("1"));
    for (const StatementRecord& record : std::as_const(alice.statements))
        QVERIFY2(!record.sql.contains(QStringLiteral("set_config")), qPrintable(record.sql));
}

void OperatorSessionPoolerTest::changesNoSettingOfAServerConnection()
{
    const LockRequest limited{.wait = WaitPolicy::Timeout, .lockTimeout = std::chrono::milliseconds(100)};
    RecordedSession alice(m_pooled, QStringLiteral("alice"));
    QVERIFY(alice.open());
    QCOMPARE(alice.acquire(LockKey::bigint(5), limited).kind, OutcomeKind::Acquired);
    LibpqConnection next;
    VERIFY_RESULT(next.open(m_pooled, std::chrono::seconds(5)));
    // The same server connection, lent to the next client: with its lock, and without its timeout.
    QCOMPARE(scalar(next, "SELECT pg_backend_pid()"), QString::number(alice.state().backendPid));
    QCOMPARE(scalar(next, "SHOW lock_timeout"), QStringLiteral("0"));
    QCOMPARE(scalar(next, "SELECT pg_advisory_unlock(5)"), QStringLiteral("t"));
}

void OperatorSessionPoolerTest::doesNotBelieveThePoolerAboutTheServer()
{
    RecordedSession alice(m_pooled, QStringLiteral("alice"));
    QVERIFY(alice.open());
    QCOMPARE(alice.acquire(LockKey::bigint(5)).kind, OutcomeKind::Acquired);
    m_pooler.reset();
    QTRY_COMPARE(alice.state().phase, SessionPhase::Lost);
    QCOMPARE(ledgerText(alice.state()), QStringLiteral("5 exclusive unknown session 1 transaction 0"));
}

} // namespace lockscope::test

QTEST_GUILESS_MAIN(lockscope::test::OperatorSessionPoolerTest)
#include "tst_operatorsession_pooler.moc"
