#include "tests/support/recordedsession.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QRandomGenerator>

#include <memory>

namespace lockscope::test {

namespace {

const LockKey five = LockKey::bigint(5);

LockRequest request(WaitPolicy wait, LockLevel level = LockLevel::Session, LockShare share = LockShare::Exclusive)
{
    return {.share = share, .level = level, .wait = wait};
}

void begin(OperatorSession& session)
{
    session.begin();
}
void commit(OperatorSession& session)
{
    session.commit();
}
void rollback(OperatorSession& session)
{
    session.rollback();
}
void releaseAll(OperatorSession& session)
{
    session.releaseAll();
}

} // namespace

/// The ledger of operator sessions against pg_locks: what is counted is what the server holds.
class OperatorSessionLedgerTest final : public Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void countsReentrantTakes();
    void saysThatATransactionLevelLockIsGoneWithoutTransaction();
    void rollbackKeepsSessionLocksAndFreesTransactionLocks();
    void failedTransactionFreesItsLocksAtOnce();
    void releasesAll();
    void deadlockVictimKeepsItsSessionLocks();
    void agreesWithTheServerAfterRandomOperations();

private:
    std::unique_ptr<TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_admin;
    std::unique_ptr<RecordedSession> m_alice;
    std::unique_ptr<RecordedSession> m_bob;
};

void OperatorSessionLedgerTest::initTestCase()
{
    m_server = std::make_unique<TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    m_admin = m_server->session(QStringLiteral("admin"));
}

void OperatorSessionLedgerTest::init()
{
    Suite::init();
    m_alice = std::make_unique<RecordedSession>(m_server->conninfo(), QStringLiteral("alice"));
    m_bob = std::make_unique<RecordedSession>(m_server->conninfo(), QStringLiteral("bob"));
    QVERIFY(m_alice->open());
    QVERIFY(m_bob->open());
}

void OperatorSessionLedgerTest::cleanup()
{
    m_alice.reset();
    m_bob.reset();
    QTRY_COMPARE(scalar(*m_admin, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));
}

void OperatorSessionLedgerTest::countsReentrantTakes()
{
    for (int take = 1; take <= 3; ++take) {
        m_alice->acquire(five, request(take == 2 ? WaitPolicy::Block : WaitPolicy::Try));
        QCOMPARE(ledgerText(m_alice->state()), QStringLiteral("5 exclusive held session %1 transaction 0").arg(take));
    }
    for (int left = 2; left >= 0; --left) {
        QCOMPARE(m_alice->release(five).kind, OutcomeKind::Released);
        QCOMPARE(heldOnServer(*m_admin, m_alice->state().backendPid),
                 left > 0 ? QStringLiteral("5 exclusive") : QString());
    }
    QCOMPARE(ledgerText(m_alice->state()), QStringLiteral("5 exclusive released session 0 transaction 0"));
    QCOMPARE(m_alice->release(five).kind, OutcomeKind::NotHeld);
}

void OperatorSessionLedgerTest::saysThatATransactionLevelLockIsGoneWithoutTransaction()
{
    const Outcome outcome = m_alice->acquire(five, request(WaitPolicy::Try, LockLevel::Transaction));
    QCOMPARE(describe(outcome),
             QStringLiteral("Acquired: \"try 5 exclusive, transaction-level: granted and released at "
                            "once, because no transaction was open\"."));
    QCOMPARE(ledgerText(m_alice->state()), QStringLiteral("5 exclusive released session 0 transaction 0"));
    QCOMPARE(m_bob->acquire(five).kind, OutcomeKind::Acquired);
}

void OperatorSessionLedgerTest::rollbackKeepsSessionLocksAndFreesTransactionLocks()
{
    m_alice->run(begin);
    m_alice->acquire(five);
    m_alice->acquire(five, request(WaitPolicy::Try, LockLevel::Transaction));
    m_alice->acquire(LockKey::bigint(6), request(WaitPolicy::Try, LockLevel::Transaction));
    QCOMPARE(ledgerText(m_alice->state()), QStringLiteral("5 exclusive held session 1 transaction 1\n"
                                                          "6 exclusive held session 0 transaction 1"));
    QCOMPARE(m_alice->run(rollback).kind, OutcomeKind::Done);
    QCOMPARE(ledgerText(m_alice->state()), QStringLiteral("5 exclusive held session 1 transaction 0\n"
                                                          "6 exclusive released session 0 transaction 0"));
    QCOMPARE(heldOnServer(*m_admin, m_alice->state().backendPid), QStringLiteral("5 exclusive"));
    QCOMPARE(m_alice->run(rollback).notices,
             QStringList(QStringLiteral("WARNING: there is no transaction in progress")));
}

void OperatorSessionLedgerTest::failedTransactionFreesItsLocksAtOnce()
{
    m_bob->acquire(LockKey::bigint(7));
    m_alice->acquire(five);
    m_alice->run(begin);
    m_alice->acquire(LockKey::bigint(6), request(WaitPolicy::Try, LockLevel::Transaction));
    LockRequest limited = request(WaitPolicy::Timeout);
    limited.lockTimeout = std::chrono::milliseconds(20);
    QCOMPARE(m_alice->acquire(LockKey::bigint(7), limited).kind, OutcomeKind::TimedOut);
    QCOMPARE(m_alice->state().transaction, TransactionPhase::Failed);
    // Before ROLLBACK: the server frees the locks of a transaction when it fails.
    QCOMPARE(heldText(m_alice->state()), QStringLiteral("5 exclusive"));
    QCOMPARE(heldOnServer(*m_admin, m_alice->state().backendPid), QStringLiteral("5 exclusive"));
    QCOMPARE(m_alice->run(commit).action, QStringLiteral("commit: rolled back, because the transaction had failed"));
    QCOMPARE(m_alice->state().transaction, TransactionPhase::None);
    QCOMPARE(m_alice->acquire(LockKey::bigint(6)).kind, OutcomeKind::Acquired);
}

void OperatorSessionLedgerTest::releasesAll()
{
    m_alice->acquire(five);
    m_alice->acquire(five);
    m_alice->acquire(LockKey::pair(1, 2), request(WaitPolicy::Try, LockLevel::Session, LockShare::Shared));
    m_alice->run(begin);
    m_alice->acquire(LockKey::bigint(6), request(WaitPolicy::Try, LockLevel::Transaction));
    QCOMPARE(m_alice->run(releaseAll).kind, OutcomeKind::Done);
    QCOMPARE(heldText(m_alice->state()), QStringLiteral("6 exclusive"));
    QCOMPARE(heldOnServer(*m_admin, m_alice->state().backendPid), QStringLiteral("6 exclusive"));
    QCOMPARE(statementTexts(*m_alice).last(), QStringLiteral("SELECT pg_catalog.pg_advisory_unlock_all() -> (void)"));
}

void OperatorSessionLedgerTest::deadlockVictimKeepsItsSessionLocks()
{
    const LockKey six = LockKey::bigint(6);
    m_alice->acquire(five);
    m_bob->acquire(six);
    m_alice->startWaiting(six);
    m_bob->startWaiting(five);
    QTRY_VERIFY(m_alice->outcomes.size() + m_bob->outcomes.size() == 3);
    const bool aliceLost = m_alice->outcomes.size() == 2;
    RecordedSession& victim = aliceLost ? *m_alice : *m_bob;
    RecordedSession& winner = aliceLost ? *m_bob : *m_alice;
    const LockKey kept = aliceLost ? five : six;
    QCOMPARE(word(victim.outcomes.last().kind), QStringLiteral("deadlock victim"));
    QCOMPARE(victim.outcomes.last().error->sqlState, QStringLiteral("40P01"));
    QCOMPARE(heldText(victim.state()), kept.toString() + QStringLiteral(" exclusive"));
    QCOMPARE(heldOnServer(*m_admin, victim.state().backendPid), heldText(victim.state()));
    QCOMPARE(winner.state().phase, SessionPhase::Busy);
    QCOMPARE(victim.release(kept).kind, OutcomeKind::Released);
    QCOMPARE(winner.outcomeAfter(1).kind, OutcomeKind::Acquired);
}

void OperatorSessionLedgerTest::agreesWithTheServerAfterRandomOperations()
{
    QRandomGenerator random(20'240'601);
    const QList<LockKey> keys = {five, LockKey::bigint(-1), LockKey::pair(0, 5), LockKey::pair(-3, 3)};
    for (int step = 0; step < 2000; ++step) {
        RecordedSession& session = random.bounded(2) == 0 ? *m_alice : *m_bob;
        const LockKey key = keys.at(random.bounded(keys.size()));
        const LockShare share = random.bounded(2) == 0 ? LockShare::Shared : LockShare::Exclusive;
        LockRequest lock = request(random.bounded(4) == 0 ? WaitPolicy::Timeout : WaitPolicy::Try,
                                   random.bounded(3) == 0 ? LockLevel::Transaction : LockLevel::Session, share);
        lock.lockTimeout = std::chrono::milliseconds(1);
        const auto choice = random.bounded(20);
        if (choice < 9)
            session.acquire(key, lock);
        else if (choice < 15)
            session.release(key, share);
        else if (choice < 17)
            session.run(begin);
        else if (choice < 18)
            session.run(commit);
        else if (choice < 19)
            session.run(rollback);
        else
            session.run(releaseAll);

        const QString where =
            QStringLiteral("step %1: %2").arg(QString::number(step), describe(session.outcomes.last()));
        QVERIFY2(heldText(session.state()) == heldOnServer(*m_admin, session.state().backendPid), qPrintable(where));
        // Counts, too: the reconciliation had nothing to correct.
        QVERIFY2(!session.statements.last().result.contains(u';'),
                 qPrintable(where + u' ' + session.statements.last().result));
    }
}

} // namespace lockscope::test

QTEST_GUILESS_MAIN(lockscope::test::OperatorSessionLedgerTest)
#include "tst_operatorsession_ledger.moc"
