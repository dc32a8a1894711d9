#include "models/domain/outcome.h"
#include "tests/support/suite.h"

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

Outcome outcome(OutcomeKind kind)
{
    return {.kind = kind, .action = QStringLiteral("lock 5 exclusive"), .key = LockKey::bigint(5), .elapsed = 2500ms};
}

} // namespace

class TestOutcome : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void saysWhatHappened_data();
    void saysWhatHappened();
    void saysWhatHappenedWithoutAKey_data();
    void saysWhatHappenedWithoutAKey();
    void namesTheHolders_data();
    void namesTheHolders();
    void holderNamesAreCutAndHarmless();
    void failureUsesItsOwnSentence();
    void namesEveryKind();
};

void TestOutcome::saysWhatHappened_data()
{
    QTest::addColumn<int>("kind");
    QTest::addColumn<QString>("sentence");
    const auto row = [](OutcomeKind kind, const QString& sentence) {
        QTest::newRow(qPrintable(word(kind))) << static_cast<int>(kind) << sentence;
    };
    row(OutcomeKind::Acquired, QStringLiteral("Key 5 is acquired."));
    row(OutcomeKind::HeldElsewhere, QStringLiteral("Not acquired: key 5 is held elsewhere; by whom is unknown."));
    row(OutcomeKind::Released,
        QStringLiteral("Key 5 was released once; it is still held if it was taken more than once."));
    row(OutcomeKind::NotHeld,
        QStringLiteral("Nothing was released: key 5 is not held by this session at session level in that mode."));
    row(OutcomeKind::TimedOut, QStringLiteral("Not acquired: the wait for key 5 timed out after 2.5 s."));
    row(OutcomeKind::Cancelled, QStringLiteral("The wait for key 5 was cancelled after 2.5 s."));
    row(OutcomeKind::DeadlockVictim,
        QStringLiteral("Not acquired: the server made this session the deadlock victim while it waited for key 5. Its "
                       "session-level locks stay."));
    row(OutcomeKind::Lost,
        QStringLiteral("The session was lost before the server answered: what became of key 5 is unknown."));
    row(OutcomeKind::Done, QStringLiteral("Done: lock 5 exclusive."));
    row(OutcomeKind::Failed, QStringLiteral("Failed: key 5."));
}

void TestOutcome::saysWhatHappened()
{
    QFETCH(int, kind);
    QFETCH(QString, sentence);
    QCOMPARE(describe(outcome(static_cast<OutcomeKind>(kind))), sentence);
}

void TestOutcome::saysWhatHappenedWithoutAKey_data()
{
    QTest::addColumn<int>("kind");
    QTest::addColumn<QString>("sentence");
    const auto row = [](OutcomeKind kind, const QString& sentence) {
        QTest::newRow(qPrintable(word(kind))) << static_cast<int>(kind) << sentence;
    };
    row(OutcomeKind::Acquired, QStringLiteral("Acquired: \"commit\"."));
    row(OutcomeKind::HeldElsewhere, QStringLiteral("Not acquired: \"commit\" is held elsewhere; by whom is unknown."));
    row(OutcomeKind::Released, QStringLiteral("Released once: \"commit\"."));
    row(OutcomeKind::Lost,
        QStringLiteral("The session was lost before the server answered: what became of \"commit\" is unknown."));
    row(OutcomeKind::Done, QStringLiteral("Done: commit."));
    row(OutcomeKind::Failed, QStringLiteral("Failed: \"commit\"."));
}

void TestOutcome::saysWhatHappenedWithoutAKey()
{
    QFETCH(int, kind);
    QFETCH(QString, sentence);
    QCOMPARE(describe(Outcome{.kind = static_cast<OutcomeKind>(kind), .action = QStringLiteral("commit")}), sentence);
}

void TestOutcome::namesTheHolders_data()
{
    QTest::addColumn<QList<qint32>>("pids");
    QTest::addColumn<QString>("sentence");
    QTest::newRow("one") << QList<qint32>{1234} << QStringLiteral("Key 5 is held elsewhere: pid 1234 (pod-a).");
    QTest::newRow("three") << QList<qint32>{1, 2, 3}
                           << QStringLiteral("Key 5 is held elsewhere: pid 1 (pod-a), pid 2 (pod-a), pid 3 (pod-a).");
    QTest::newRow("many") << QList<qint32>{1, 2, 3, 4, 5}
                          << QStringLiteral(
                                 "Key 5 is held elsewhere: pid 1 (pod-a), pid 2 (pod-a), pid 3 (pod-a) and 2 more.");
    QTest::newRow("prepared") << QList<qint32>{0} << QStringLiteral("Key 5 is held elsewhere: a prepared transaction.");
}

void TestOutcome::namesTheHolders()
{
    QFETCH(QList<qint32>, pids);
    QFETCH(QString, sentence);
    Outcome refused = outcome(OutcomeKind::HeldElsewhere);
    for (const qint32 pid : pids)
        refused.holders.append({.pid = pid, .applicationName = QStringLiteral("pod-a"), .mode = LockMode::Exclusive});
    QCOMPARE(describe(refused), sentence);
}

void TestOutcome::holderNamesAreCutAndHarmless()
{
    Outcome refused = outcome(OutcomeKind::HeldElsewhere);
    refused.holders = {{.pid = 7, .applicationName = QStringLiteral("%1 %2\n\u202Eevil") + QString(5000, u'x')},
                       {.pid = 8, .applicationName = QString()}};
    const QString sentence = describe(refused);
    QVERIFY2(sentence.startsWith(QStringLiteral("Key 5 is held elsewhere: pid 7 (%1 %2\u2424evilxxx")),
             qPrintable(sentence));
    QVERIFY2(sentence.endsWith(QStringLiteral("x\u2026), pid 8.")), qPrintable(sentence));
    QVERIFY(sentence.size() < 150);
}

void TestOutcome::failureUsesItsOwnSentence()
{
    Outcome failed = outcome(OutcomeKind::Failed);
    failed.error = Error{.kind = ErrorKind::Server, .what = QStringLiteral("The lock table of the server is full.")};
    QCOMPARE(describe(failed), QStringLiteral("The lock table of the server is full."));
}

void TestOutcome::namesEveryKind()
{
    QStringList words;
    for (const OutcomeKind kind :
         {OutcomeKind::Acquired, OutcomeKind::HeldElsewhere, OutcomeKind::Released, OutcomeKind::NotHeld,
          OutcomeKind::TimedOut, OutcomeKind::Cancelled, OutcomeKind::DeadlockVictim, OutcomeKind::Lost,
          OutcomeKind::Done, OutcomeKind::Failed})
        words += word(kind);
    QCOMPARE(words.join(u','), QStringLiteral("acquired,held elsewhere,released,not held,timed out,cancelled,deadlock "
                                              "victim,lost,done,failed"));
}

QTEST_GUILESS_MAIN(TestOutcome)
#include "tst_outcome.moc"
