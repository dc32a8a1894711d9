#include "app/platform/platform.h"
#include "app/postgres/connectionthread.h"
#include "tests/support/faultproxy.h"
#include "tests/support/heartbeat.h"
#include "tests/support/recordedsession.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>

#include <memory>

namespace lockscope::test {

namespace {

const LockKey five = LockKey::bigint(5);

QString lostText(const LockKey& key, HoldState state, int count)
{
    return QStringLiteral("%1 exclusive %2 session %3 transaction 0")
        .arg(key.toString(), word(state), QString::number(count));
}

/// Threads of sessions that are gone from the window and not yet from the server.
qsizetype inBackground()
{
    return QCoreApplication::instance()->findChildren<ConnectionThread*>().size();
}

} // namespace

/// Operator sessions whose server, link or process fails, while a heartbeat watches the GUI thread.
class OperatorSessionFaultsTest final : public Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void isLostAtOnceWhenTerminatedWhileIdle();
    void isLostWhenTerminatedWhileWaiting();
    void namesTheTimeoutThatEndedIt_data();
    void namesTheTimeoutThatEndedIt();
    void locksAreUnknownWhenTheOwnServerProcessVanishes();
    void isLostWhenTheLinkIsResetWhileIdle();
    void isLostWhenTheLinkIsResetWhileWaiting();
    void returnsFromADestructorOnAStalledLink();
    void returnsFromADestructorWhenTheServerProcessIsStopped();
    void returnsFromADestructorWhileConnecting();
    void disconnectOnAStalledLinkEndsUnknown();
    void saysThatACancelHadNoEffect();
    void failsWhenTheServerDoesNotAnswer();
    void failsWhenTheServerRefuses();
    void isLostWhenAnotherServerProcessCrashes();
    void isLostWhenTheServerStops();

private:
    [[nodiscard]] bool isServerUp() const;
    QString waitersOnServer();

    std::unique_ptr<TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_admin;
    std::unique_ptr<FaultProxy> m_proxy;
    std::unique_ptr<RecordedSession> m_alice; ///< through the proxy
    std::unique_ptr<RecordedSession> m_bob;   ///< directly
    std::unique_ptr<Heartbeat> m_heartbeat;
};

void OperatorSessionFaultsTest::initTestCase()
{
    m_server = std::make_unique<TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
}

void OperatorSessionFaultsTest::init()
{
    Suite::init();
    QTRY_VERIFY(isServerUp()); // after a crash it recovers first
    m_admin = m_server->session(QStringLiteral("admin"));
    m_proxy = std::make_unique<FaultProxy>(m_server->conninfo());
    m_alice = std::make_unique<RecordedSession>(m_proxy->conninfo(), QStringLiteral("alice"));
    m_bob = std::make_unique<RecordedSession>(m_server->conninfo(), QStringLiteral("bob"));
    QVERIFY(m_alice->open());
    QVERIFY(m_bob->open());
    m_heartbeat = std::make_unique<Heartbeat>();
}

void OperatorSessionFaultsTest::cleanup()
{
    QVERIFY2(m_heartbeat->isSteady(), m_heartbeat->report().constData());
    m_heartbeat.reset();
    m_alice.reset();
    m_bob.reset();
    m_proxy.reset();
    m_admin.reset();
}

bool OperatorSessionFaultsTest::isServerUp() const
{
    LibpqConnection connection;
    return connection.open(m_server->conninfo(), std::chrono::seconds(5)).has_value();
}

QString OperatorSessionFaultsTest::waitersOnServer()
{
    return scalar(*m_admin, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted");
}

void OperatorSessionFaultsTest::isLostAtOnceWhenTerminatedWhileIdle()
{
    m_alice->acquire(five);
    m_alice->acquire(five);
    const qsizetype sent = m_alice->statements.size();
    QCOMPARE(scalar(*m_admin, "SELECT pg_terminate_backend(" + QByteArray::number(m_alice->state().backendPid) + ')'),
             QStringLiteral("t"));
    QElapsedTimer timer;
    timer.start();
    QTRY_COMPARE(m_alice->state().phase, SessionPhase::Lost);
    QVERIFY2(timer.elapsed() < 500, qPrintable(QString::number(timer.elapsed())));
    QCOMPARE(ledgerText(m_alice->state()), lostText(five, HoldState::Lost, 2));
    QCOMPARE(m_alice->state().ending->sqlState, QStringLiteral("57P01"));
    QVERIFY(m_alice->state().ending->serverWords.contains(QStringLiteral("terminating connection")));
    QCOMPARE(m_alice->statements.size(), sent); // nothing was asked to find out
    QCOMPARE(m_alice->acquire(five).kind, OutcomeKind::Failed);
    QCOMPARE(m_bob->acquire(five).kind, OutcomeKind::Acquired);
}

void OperatorSessionFaultsTest::isLostWhenTerminatedWhileWaiting()
{
    m_alice->acquire(LockKey::bigint(6));
    m_bob->acquire(five);
    m_alice->startWaiting(five);
    const qsizetype seen = m_alice->outcomes.size();
    QTRY_COMPARE(waitersOnServer(), QStringLiteral("1"));
    QCOMPARE(scalar(*m_admin, "SELECT pg_terminate_backend(" + QByteArray::number(m_alice->state().backendPid) + ')'),
             QStringLiteral("t"));
    const Outcome outcome = m_alice->outcomeAfter(seen);
    QCOMPARE(outcome.kind, OutcomeKind::Lost);
    QCOMPARE(outcome.error->sqlState, QStringLiteral("57P01"));
    QCOMPARE(m_alice->state().phase, SessionPhase::Lost);
    QCOMPARE(ledgerText(m_alice->state()),
             lostText(LockKey::bigint(6), HoldState::Lost, 1) + u'\n' + lostText(five, HoldState::Lost, 0));
}

void OperatorSessionFaultsTest::namesTheTimeoutThatEndedIt_data()
{
    QTest::addColumn<QByteArray>("setting");
    QTest::addColumn<bool>("inTransaction");
    QTest::addColumn<QString>("sqlState");
    QTest::newRow("idle") << QByteArray("idle_session_timeout") << false << QStringLiteral("57P05");
    QTest::newRow("idle in transaction") << QByteArray("idle_in_transaction_session_timeout") << true
                                         << QStringLiteral("25P03");
}

void OperatorSessionFaultsTest::namesTheTimeoutThatEndedIt()
{
    QFETCH(const QByteArray, setting);
    QFETCH(const bool, inTransaction);
    QFETCH(const QString, sqlState);
    QCOMPARE(scalar(*m_admin, "CREATE ROLE impatient LOGIN PASSWORD 'impatient'"), QString());
    QCOMPARE(scalar(*m_admin, "ALTER ROLE impatient SET " + setting + " = 300"), QString());
    RecordedSession impatient(m_server->conninfo()
                                  .with(QStringLiteral("user"), QStringLiteral("impatient"))
                                  .with(QStringLiteral("password"), QStringLiteral("impatient")),
                              QStringLiteral("impatient"));
    QVERIFY(impatient.open());
    if (inTransaction)
        impatient.run([](OperatorSession& session) { session.begin(); });
    impatient.acquire(five);
    QTRY_COMPARE(impatient.state().phase, SessionPhase::Lost);
    QCOMPARE(impatient.state().ending->sqlState, sqlState);
    QCOMPARE(impatient.state().transaction, TransactionPhase::None);
    QCOMPARE(ledgerText(impatient.state()), lostText(five, HoldState::Lost, 1));
    QCOMPARE(scalar(*m_admin, "DROP ROLE impatient"), QString());
}

void OperatorSessionFaultsTest::isLostWhenTheLinkIsResetWhileIdle()
{
    m_alice->acquire(five);
    m_proxy->reset();
    QTRY_COMPARE(m_alice->state().phase, SessionPhase::Lost);
    QCOMPARE(ledgerText(m_alice->state()), lostText(five, HoldState::Unknown, 1));
    QCOMPARE(m_alice->state().ending->kind, ErrorKind::Connection);
    (*m_alice)->backendConfirmedGone();
    QTRY_COMPARE(ledgerText(m_alice->state()), lostText(five, HoldState::Lost, 1));
}

void OperatorSessionFaultsTest::isLostWhenTheLinkIsResetWhileWaiting()
{
    m_bob->acquire(five);
    m_alice->startWaiting(five);
    QTRY_COMPARE(waitersOnServer(), QStringLiteral("1"));
    const qsizetype seen = m_alice->outcomes.size();
    m_proxy->reset();
    QCOMPARE(m_alice->outcomeAfter(seen).kind, OutcomeKind::Lost);
    // It may yet be granted to a server process that does not know that nobody listens.
    QCOMPARE(ledgerText(m_alice->state()), lostText(five, HoldState::Unknown, 0));
}

void OperatorSessionFaultsTest::locksAreUnknownWhenTheOwnServerProcessVanishes()
{
    m_alice->acquire(five);
    VERIFY_RESULT(platform::sendSignal(m_alice->state().backendPid, platform::ProcessSignal::Kill));
    QTRY_COMPARE(m_alice->state().phase, SessionPhase::Lost);
    QCOMPARE(ledgerText(m_alice->state()), lostText(five, HoldState::Unknown, 1));
    QTRY_COMPARE(m_bob->state().phase, SessionPhase::Lost); // reset by the postmaster, because of the crash
}

void OperatorSessionFaultsTest::returnsFromADestructorOnAStalledLink()
{
    m_bob->acquire(five);
    m_alice->startWaiting(five);
    QTRY_COMPARE(waitersOnServer(), QStringLiteral("1"));
    m_proxy->stall();
    QVERIFY2(m_heartbeat->isSteady(), m_heartbeat->report().constData());
    QElapsedTimer timer;
    timer.start();
    m_alice.reset();
    QVERIFY2(timer.elapsed() < 50, qPrintable(QString::number(timer.elapsed())));
    QVERIFY(inBackground() > 0);
    QTRY_COMPARE(inBackground(), 0);

    // The other end does not know, and the lock goes to a ghost when it is free.
    QCOMPARE(waitersOnServer(), QStringLiteral("1"));
}

void OperatorSessionFaultsTest::returnsFromADestructorWhenTheServerProcessIsStopped()
{
    const qint64 stopped = m_alice->state().backendPid;
    m_bob->acquire(five);
    m_alice->startWaiting(five);
    QTRY_COMPARE(waitersOnServer(), QStringLiteral("1"));
    VERIFY_RESULT(platform::sendSignal(stopped, platform::ProcessSignal::Stop));
    QElapsedTimer timer;
    timer.start();
    m_alice.reset();
    const auto elapsed = timer.elapsed();
    QTRY_COMPARE(inBackground(), 0);
    VERIFY_RESULT(platform::sendSignal(stopped, platform::ProcessSignal::Continue));
    QVERIFY2(elapsed < 50, qPrintable(QString::number(elapsed)));
}

void OperatorSessionFaultsTest::returnsFromADestructorWhileConnecting()
{
    m_proxy->stall();
    auto carol = std::make_unique<RecordedSession>(m_proxy->conninfo(), QStringLiteral("carol"));
    const int before = m_proxy->connections();
    (*carol)->open();
    QTRY_VERIFY(m_proxy->connections() > before);
    QElapsedTimer timer;
    timer.start();
    carol.reset();
    QVERIFY2(timer.elapsed() < 50, qPrintable(QString::number(timer.elapsed())));
    QTRY_COMPARE(inBackground(), 0);
}

void OperatorSessionFaultsTest::disconnectOnAStalledLinkEndsUnknown()
{
    m_alice->acquire(five);
    m_proxy->stall();
    QElapsedTimer timer;
    timer.start();
    (*m_alice)->disconnectFromServer();
    QTRY_COMPARE(m_alice->state().phase, SessionPhase::Lost);
    QVERIFY2(timer.elapsed() < 3000, qPrintable(QString::number(timer.elapsed())));
    QCOMPARE(ledgerText(m_alice->state()), lostText(five, HoldState::Unknown, 1));
}

void OperatorSessionFaultsTest::saysThatACancelHadNoEffect()
{
    m_bob->acquire(five);
    m_alice->startWaiting(five);
    QTRY_COMPARE(waitersOnServer(), QStringLiteral("1"));
    const qsizetype seen = m_alice->outcomes.size();
    m_proxy->stall();
    (*m_alice)->cancel();
    const Outcome failed = m_alice->outcomeAfter(seen);
    QCOMPARE(failed.kind, OutcomeKind::Failed);
    QCOMPARE(failed.action, QStringLiteral("cancel"));
    QCOMPARE(m_alice->state().phase, SessionPhase::Busy);
    QCOMPARE(ledgerText(m_alice->state()), lostText(five, HoldState::Waiting, 0));

    m_proxy->forward(); // the request arrives late, but not too late
    QCOMPARE(m_alice->outcomeAfter(seen + 1).kind, OutcomeKind::Cancelled);
    QCOMPARE(m_alice->acquire(LockKey::bigint(6)).kind, OutcomeKind::Acquired);
}

void OperatorSessionFaultsTest::failsWhenTheServerDoesNotAnswer()
{
    m_proxy->stall();
    RecordedSession carol(m_proxy->conninfo().with(QStringLiteral("connect_timeout"), QStringLiteral("2")),
                          QStringLiteral("carol"));
    QVERIFY(!carol.open());
    QCOMPARE(carol.state().phase, SessionPhase::Failed);
    QCOMPARE(carol.state().ending->kind, ErrorKind::Connection);
    QCOMPARE(carol.acquire(five).kind, OutcomeKind::Failed);
}

void OperatorSessionFaultsTest::failsWhenTheServerRefuses()
{
    m_proxy->refuse();
    QTRY_COMPARE(m_alice->state().phase, SessionPhase::Lost);
    RecordedSession carol(m_proxy->conninfo(), QStringLiteral("carol"));
    QVERIFY(!carol.open());
    QCOMPARE(carol.state().phase, SessionPhase::Failed);
    QCOMPARE(carol.state().ending->kind, ErrorKind::Connection);
    m_proxy->forward();
    RecordedSession dave(m_proxy->conninfo(), QStringLiteral("dave"));
    QVERIFY(dave.open());
}

void OperatorSessionFaultsTest::isLostWhenAnotherServerProcessCrashes()
{
    m_alice->acquire(five);
    m_bob->startWaiting(five);
    QTRY_COMPARE(waitersOnServer(), QStringLiteral("1"));
    const qsizetype seen = m_bob->outcomes.size();
    const QString victim = scalar(*m_admin, "SELECT pg_backend_pid()");
    VERIFY_RESULT(platform::sendSignal(victim.toInt(), platform::ProcessSignal::Kill));
    QCOMPARE(m_bob->outcomeAfter(seen).kind, OutcomeKind::Lost);
    QTRY_COMPARE(m_alice->state().phase, SessionPhase::Lost);
    QCOMPARE(m_alice->state().ending->sqlState, QStringLiteral("57P02"));
    QCOMPARE(m_bob->state().ending->sqlState, QStringLiteral("57P02"));
    QCOMPARE(ledgerText(m_alice->state()), lostText(five, HoldState::Lost, 1));
    QCOMPARE(ledgerText(m_bob->state()), lostText(five, HoldState::Lost, 0));
}

void OperatorSessionFaultsTest::isLostWhenTheServerStops()
{
    m_alice->acquire(five);
    VERIFY_RESULT(m_server->sandbox().restartAndWait(std::chrono::seconds(30)));
    m_heartbeat->restart();
    QTRY_COMPARE(m_alice->state().phase, SessionPhase::Lost);
    QCOMPARE(m_alice->state().ending->sqlState, QStringLiteral("57P01"));
    QCOMPARE(ledgerText(m_alice->state()), lostText(five, HoldState::Lost, 1));
}

} // namespace lockscope::test

QTEST_GUILESS_MAIN(lockscope::test::OperatorSessionFaultsTest)
#include "tst_operatorsession_faults.moc"
