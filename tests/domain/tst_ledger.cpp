#include "models/domain/ledger.h"
#include "tests/support/suite.h"

#include <QRandomGenerator>

#include <algorithm>

using namespace lockscope;

namespace {

const LockKey five = LockKey::bigint(5);
const LockKey pair = LockKey::pair(1, 2);

/// "5 exclusive s2 t1 held" for each entry, "seen" behind it where the server showed the row.
QString text(const QList<LedgerEntry>& entries)
{
    QStringList lines;
    for (const LedgerEntry& entry : entries) {
        lines += QStringLiteral("%1 %2 s%3 t%4 %5%6")
                     .arg(entry.key.toString(),
                          entry.share == LockShare::Shared ? QStringLiteral("shared") : QStringLiteral("exclusive"),
                          QString::number(entry.sessionCount), QString::number(entry.transactionCount),
                          word(entry.state), entry.seenOnServer ? QStringLiteral(" seen") : QString());
    }
    return lines.join(QStringLiteral("; "));
}

QString text(const Ledger& ledger)
{
    return text(ledger.entries());
}

struct Take
{
    LockKey key;
    LockShare share = LockShare::Exclusive;
    LockLevel level = LockLevel::Session;
};

/// What PostgreSQL does with the advisory locks of one session: takes stack, each level on its own; a row of pg_locks
/// stands for all takes of one key in one mode. Nothing here is shared with Ledger.
class ReferenceSession
{
public:
    void lock(const Take& take) { m_takes.append(take); }
    bool unlock(LockKey key, LockShare share)
    {
        for (qsizetype position = 0; position < m_takes.size(); ++position) {
            const Take& take = m_takes.at(position);
            if (take.key == key && take.share == share && take.level == LockLevel::Session) {
                m_takes.removeAt(position);
                return true;
            }
        }
        return false;
    }
    void unlockAll() { remove(LockLevel::Session); }
    void endTransaction() { remove(LockLevel::Transaction); }
    [[nodiscard]] int count(LockKey key, LockShare share, LockLevel level) const
    {
        return static_cast<int>(std::count_if(m_takes.cbegin(), m_takes.cend(), [&](const Take& take) {
            return take.key == key && take.share == share && take.level == level;
        }));
    }
    [[nodiscard]] QList<OwnLock> rows() const
    {
        QList<OwnLock> result;
        for (const Take& take : m_takes) {
            const OwnLock row{.key = take.key, .share = take.share, .granted = true};
            if (!result.contains(row))
                result.append(row);
        }
        return result;
    }

private:
    void remove(LockLevel level)
    {
        m_takes.removeIf([&](const Take& take) { return take.level == level; });
    }

    QList<Take> m_takes;
};

} // namespace

class TestLedger : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void startsEmpty();
    void countsRepeatedTakes();
    void releasesOnlyWhenTheLastTakeIsGone();
    void keepsSharedAndExclusiveApart();
    void unlockLeavesTheTransactionsTake();
    void endOfTransactionKeepsSessionTakes();
    void releaseAllKeepsTransactionTakes();
    void showsAWaitUntilItEnds();
    void forgetsAWaitThatFailed();
    void aWaitForAHeldModeIsNoWait();
    void aKeyCanBeHeldSharedAndWaitedForExclusive();
    void sessionEndLosesHeldAndWaiting();
    void brokenLinkLeavesUnknownUntilTheBackendIsGone();
    void endedEntriesAreNotTouchedByLaterAnswers();
    void aReleasedKeyCanBeTakenAgain();
    void forgetsEnded();
    void reconcileConfirmsWhatAgrees();
    void reconcileReleasesWhatTheServerDoesNotShow();
    void reconcileAddsWhatWeDidNotCount();
    void reconcileSeesAGrantThatCameWithTheCancel();
    void reconcileEndsAWaitThatTheServerDoesNotShow();
    void reconcileBringsBackWhatWasThoughtReleased();
    void anUncountedLockIsReleasedWithoutSurprise();
    void agreesWithPostgresOnARandomWalk();
    void namesEveryState();
};

void TestLedger::startsEmpty()
{
    const Ledger ledger;
    QCOMPARE(text(ledger), QString());
    QVERIFY(!ledger.holdsAnything());
}

void TestLedger::countsRepeatedTakes()
{
    Ledger ledger;
    ledger.acquired(five, LockShare::Exclusive, LockLevel::Session);
    ledger.acquired(pair, LockShare::Shared, LockLevel::Transaction);
    ledger.acquired(five, LockShare::Exclusive, LockLevel::Session);
    ledger.acquired(five, LockShare::Exclusive, LockLevel::Transaction);
    QCOMPARE(text(ledger), QStringLiteral("5 exclusive s2 t1 held; (1, 2) shared s0 t1 held"));
    QVERIFY(ledger.holdsAnything());
}

void TestLedger::releasesOnlyWhenTheLastTakeIsGone()
{
    Ledger ledger;
    for (int take = 0; take < 3; ++take)
        ledger.acquired(five, LockShare::Exclusive, LockLevel::Session);
    ledger.released(five, LockShare::Exclusive);
    ledger.released(five, LockShare::Exclusive);
    QCOMPARE(text(ledger), QStringLiteral("5 exclusive s1 t0 held"));
    ledger.released(five, LockShare::Exclusive);
    QCOMPARE(text(ledger), QStringLiteral("5 exclusive s0 t0 released"));
    QVERIFY(!ledger.holdsAnything());
    QCOMPARE(text(ledger.held()), QString());
}

void TestLedger::keepsSharedAndExclusiveApart()
{
    Ledger ledger;
    ledger.acquired(five, LockShare::Exclusive, LockLevel::Session);
    ledger.acquired(five, LockShare::Shared, LockLevel::Session);
    ledger.released(five, LockShare::Exclusive);
    QCOMPARE(text(ledger), QStringLiteral("5 exclusive s0 t0 released; 5 shared s1 t0 held"));
    QCOMPARE(text(ledger.held()), QStringLiteral("5 shared s1 t0 held"));
}

void TestLedger::unlockLeavesTheTransactionsTake()
{
    Ledger ledger;
    ledger.acquired(five, LockShare::Exclusive, LockLevel::Transaction);
    ledger.acquired(five, LockShare::Exclusive, LockLevel::Session);
    ledger.released(five, LockShare::Exclusive);
    QCOMPARE(text(ledger), QStringLiteral("5 exclusive s0 t1 held"));
    ledger.transactionEnded();
    QCOMPARE(text(ledger), QStringLiteral("5 exclusive s0 t0 released"));
}

void TestLedger::endOfTransactionKeepsSessionTakes()
{
    Ledger ledger;
    ledger.acquired(five, LockShare::Exclusive, LockLevel::Session);
    ledger.acquired(five, LockShare::Exclusive, LockLevel::Transaction);
    ledger.acquired(pair, LockShare::Exclusive, LockLevel::Transaction);
    ledger.transactionEnded();
    QCOMPARE(text(ledger), QStringLiteral("5 exclusive s1 t0 held; (1, 2) exclusive s0 t0 released"));
}

void TestLedger::releaseAllKeepsTransactionTakes()
{
    Ledger ledger;
    ledger.acquired(five, LockShare::Exclusive, LockLevel::Session);
    ledger.acquired(five, LockShare::Exclusive, LockLevel::Session);
    ledger.acquired(pair, LockShare::Exclusive, LockLevel::Session);
    ledger.acquired(pair, LockShare::Exclusive, LockLevel::Transaction);
    ledger.releasedAll();
    QCOMPARE(text(ledger), QStringLiteral("5 exclusive s0 t0 released; (1, 2) exclusive s0 t1 held"));
}

void TestLedger::showsAWaitUntilItEnds()
{
    Ledger ledger;
    ledger.waiting(five, LockShare::Exclusive);
    QCOMPARE(text(ledger), QStringLiteral("5 exclusive s0 t0 waiting"));
    QVERIFY(!ledger.holdsAnything());
    ledger.acquired(five, LockShare::Exclusive, LockLevel::Session);
    QCOMPARE(text(ledger), QStringLiteral("5 exclusive s1 t0 held"));
}

void TestLedger::forgetsAWaitThatFailed()
{
    Ledger ledger;
    ledger.acquired(pair, LockShare::Exclusive, LockLevel::Session);
    ledger.waiting(five, LockShare::Exclusive);
    ledger.notAcquired(five, LockShare::Exclusive);
    QCOMPARE(text(ledger), QStringLiteral("(1, 2) exclusive s1 t0 held"));
}

void TestLedger::aWaitForAHeldModeIsNoWait()
{
    Ledger ledger;
    ledger.acquired(five, LockShare::Exclusive, LockLevel::Session);
    ledger.waiting(five, LockShare::Exclusive);
    QCOMPARE(text(ledger), QStringLiteral("5 exclusive s1 t0 held"));
    ledger.notAcquired(five, LockShare::Exclusive);
    QCOMPARE(text(ledger), QStringLiteral("5 exclusive s1 t0 held"));
}

void TestLedger::aKeyCanBeHeldSharedAndWaitedForExclusive()
{
    Ledger ledger;
    ledger.acquired(five, LockShare::Shared, LockLevel::Session);
    ledger.waiting(five, LockShare::Exclusive);
    QCOMPARE(text(ledger), QStringLiteral("5 shared s1 t0 held; 5 exclusive s0 t0 waiting"));
}

void TestLedger::sessionEndLosesHeldAndWaiting()
{
    Ledger ledger;
    ledger.acquired(five, LockShare::Exclusive, LockLevel::Session);
    ledger.acquired(LockKey::bigint(6), LockShare::Exclusive, LockLevel::Session);
    ledger.released(LockKey::bigint(6), LockShare::Exclusive);
    ledger.waiting(pair, LockShare::Exclusive);
    ledger.sessionEnded();
    QCOMPARE(text(ledger),
             QStringLiteral("5 exclusive s1 t0 lost; 6 exclusive s0 t0 released; (1, 2) exclusive s0 t0 lost"));
    QVERIFY(!ledger.holdsAnything());
}

void TestLedger::brokenLinkLeavesUnknownUntilTheBackendIsGone()
{
    Ledger ledger;
    ledger.acquired(five, LockShare::Exclusive, LockLevel::Session);
    ledger.waiting(pair, LockShare::Exclusive);
    ledger.linkBroken();
    QCOMPARE(text(ledger), QStringLiteral("5 exclusive s1 t0 unknown; (1, 2) exclusive s0 t0 unknown"));
    ledger.backendConfirmedGone();
    QCOMPARE(text(ledger), QStringLiteral("5 exclusive s1 t0 lost; (1, 2) exclusive s0 t0 lost"));
}

void TestLedger::endedEntriesAreNotTouchedByLaterAnswers()
{
    Ledger ledger;
    ledger.acquired(five, LockShare::Exclusive, LockLevel::Session);
    ledger.linkBroken();
    const Ledger before = ledger;
    ledger.released(five, LockShare::Exclusive);
    ledger.releasedAll();
    ledger.transactionEnded();
    ledger.notAcquired(five, LockShare::Exclusive);
    ledger.reconcile({});
    QCOMPARE(text(ledger), text(before));
}

void TestLedger::aReleasedKeyCanBeTakenAgain()
{
    Ledger ledger;
    ledger.acquired(five, LockShare::Exclusive, LockLevel::Session);
    ledger.acquired(pair, LockShare::Exclusive, LockLevel::Session);
    ledger.sessionEnded();
    ledger.acquired(five, LockShare::Exclusive, LockLevel::Session);
    ledger.waiting(pair, LockShare::Exclusive);
    QCOMPARE(text(ledger), QStringLiteral("5 exclusive s1 t0 held; (1, 2) exclusive s0 t0 waiting"));
}

void TestLedger::forgetsEnded()
{
    Ledger ledger;
    ledger.acquired(five, LockShare::Exclusive, LockLevel::Session);
    ledger.released(five, LockShare::Exclusive);
    ledger.acquired(pair, LockShare::Exclusive, LockLevel::Session);
    ledger.waiting(five, LockShare::Shared);
    ledger.forgetEnded();
    QCOMPARE(text(ledger), QStringLiteral("(1, 2) exclusive s1 t0 held; 5 shared s0 t0 waiting"));
    ledger.linkBroken();
    ledger.forgetEnded();
    QCOMPARE(text(ledger), QString());
}

void TestLedger::reconcileConfirmsWhatAgrees()
{
    Ledger ledger;
    ledger.acquired(five, LockShare::Exclusive, LockLevel::Session);
    ledger.waiting(pair, LockShare::Shared);
    const QStringList differences = ledger.reconcile({{.key = pair, .share = LockShare::Shared, .granted = false},
                                                      {.key = five, .share = LockShare::Exclusive, .granted = true}});
    QCOMPARE(differences, QStringList());
    QCOMPARE(text(ledger), QStringLiteral("5 exclusive s1 t0 held seen; (1, 2) shared s0 t0 waiting seen"));
}

void TestLedger::reconcileReleasesWhatTheServerDoesNotShow()
{
    Ledger ledger;
    ledger.acquired(five, LockShare::Shared, LockLevel::Session);
    QCOMPARE(ledger.reconcile({}).join(u'\n'),
             QStringLiteral("We counted key 5 shared as held, but the server does not show it."));
    QCOMPARE(text(ledger), QStringLiteral("5 shared s0 t0 released"));
    QCOMPARE(ledger.reconcile({}), QStringList());
}

void TestLedger::reconcileAddsWhatWeDidNotCount()
{
    Ledger ledger;
    const QList<OwnLock> rows{{.key = pair, .share = LockShare::Exclusive, .granted = true},
                              {.key = five, .share = LockShare::Exclusive, .granted = true},
                              {.key = five, .share = LockShare::Exclusive, .granted = true}};
    QCOMPARE(ledger.reconcile(rows).join(u'\n'),
             QStringLiteral("The server shows key (1, 2) exclusive as held, but we did not count it.\n"
                            "The server shows key 5 exclusive as held, but we did not count it."));
    QCOMPARE(text(ledger), QStringLiteral("(1, 2) exclusive s0 t0 held seen; 5 exclusive s0 t0 held seen"));
    QCOMPARE(ledger.reconcile(rows), QStringList());
}

void TestLedger::reconcileSeesAGrantThatCameWithTheCancel()
{
    Ledger ledger;
    ledger.waiting(five, LockShare::Exclusive);
    QCOMPARE(ledger.reconcile({{.key = five, .share = LockShare::Exclusive, .granted = true}}).join(u'\n'),
             QStringLiteral("We counted key 5 exclusive as waiting, but the server shows it as held."));
    QCOMPARE(text(ledger), QStringLiteral("5 exclusive s0 t0 held seen"));
}

void TestLedger::reconcileEndsAWaitThatTheServerDoesNotShow()
{
    Ledger ledger;
    ledger.waiting(five, LockShare::Exclusive);
    QCOMPARE(ledger.reconcile({}).join(u'\n'),
             QStringLiteral("We counted key 5 exclusive as waiting, but the server shows no such wait."));
    QCOMPARE(text(ledger), QStringLiteral("5 exclusive s0 t0 released"));
}

void TestLedger::reconcileBringsBackWhatWasThoughtReleased()
{
    Ledger ledger;
    ledger.acquired(five, LockShare::Exclusive, LockLevel::Session);
    ledger.released(five, LockShare::Exclusive);
    QCOMPARE(ledger.reconcile({{.key = five, .share = LockShare::Exclusive, .granted = true}}).join(u'\n'),
             QStringLiteral("We counted key 5 exclusive as released, but the server shows it as held."));
    QCOMPARE(text(ledger), QStringLiteral("5 exclusive s0 t0 held seen"));
}

void TestLedger::anUncountedLockIsReleasedWithoutSurprise()
{
    const QList<OwnLock> rows{{.key = five, .share = LockShare::Exclusive, .granted = true}};
    const auto endings = {+[](Ledger& ledger) { ledger.released(five, LockShare::Exclusive); },
                          +[](Ledger& ledger) { ledger.releasedAll(); },
                          +[](Ledger& ledger) { ledger.transactionEnded(); }};
    for (const auto& ending : endings) {
        Ledger ledger;
        ledger.reconcile(rows);
        ending(ledger);
        // How often it was taken is not known, so one answer does not prove that it is free.
        QCOMPARE(text(ledger), QStringLiteral("5 exclusive s0 t0 held"));
        QCOMPARE(ledger.reconcile({}), QStringList());
        QCOMPARE(text(ledger), QStringLiteral("5 exclusive s0 t0 released"));
    }
}

void TestLedger::agreesWithPostgresOnARandomWalk()
{
    QRandomGenerator random(1996);
    const QList<LockKey> keys{five, LockKey::bigint(-1), pair, LockKey::pair(0, 5)};
    Ledger ledger;
    ReferenceSession server;
    for (int step = 0; step < 10'000; ++step) {
        const LockKey key = keys.at(random.bounded(keys.size()));
        const LockShare share = random.bounded(2) == 0 ? LockShare::Exclusive : LockShare::Shared;
        const int choice = random.bounded(100);
        if (choice < 40) {
            const LockLevel level = random.bounded(2) == 0 ? LockLevel::Session : LockLevel::Transaction;
            if (random.bounded(2) == 0)
                ledger.waiting(key, share);
            server.lock({key, share, level});
            ledger.acquired(key, share, level);
        } else if (choice < 50) {
            ledger.waiting(key, share);
            ledger.notAcquired(key, share);
        } else if (choice < 90) {
            if (server.unlock(key, share))
                ledger.released(key, share);
        } else if (choice < 95) {
            server.endTransaction();
            ledger.transactionEnded();
        } else if (choice < 97) {
            server.unlockAll();
            ledger.releasedAll();
        } else {
            ledger.forgetEnded();
        }

        for (const LedgerEntry& entry : ledger.entries()) {
            QCOMPARE(entry.sessionCount, server.count(entry.key, entry.share, LockLevel::Session));
            QCOMPARE(entry.transactionCount, server.count(entry.key, entry.share, LockLevel::Transaction));
        }
        QCOMPARE(ledger.holdsAnything(), !server.rows().isEmpty());
        QCOMPARE(ledger.held().size(), server.rows().size());
        if (step % 3 == 0)
            QCOMPARE(ledger.reconcile(server.rows()), QStringList());
    }
}

void TestLedger::namesEveryState()
{
    QStringList words;
    for (const HoldState state :
         {HoldState::Held, HoldState::Waiting, HoldState::Released, HoldState::Lost, HoldState::Unknown})
        words += word(state);
    QCOMPARE(words.join(u' '), QStringLiteral("held waiting released lost unknown"));
}

QTEST_GUILESS_MAIN(TestLedger)
#include "tst_ledger.moc"
