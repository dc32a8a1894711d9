#include "models/domain/scenariodocument.h"
#include "tests/support/suite.h"

using namespace lockscope;

namespace {

ScenarioStepDocument stepOf(ScenarioAct act)
{
    return {.what = ActStep{std::move(act)}};
}

ScenarioDocument lesson()
{
    ScenarioDocument document;
    document.name = QStringLiteral("a-lesson");
    document.actors = {{.name = QStringLiteral("alice")},
                       {.name = QStringLiteral("shop"), .kind = ActorKind::Pool, .pool = {.size = 3}}};
    document.steps = {
        stepOf({.actor = QStringLiteral("alice"), .verb = ActVerb::Try, .key = LockKey::pair(1, 2)}),
        {.what = ExpectStep{.condition = {.key = LockKey::bigint(9)}}},
        stepOf({.actor = QStringLiteral("shop"), .verb = ActVerb::Acquire, .key = LockKey::bigint(-5)}),
        stepOf({.actor = QStringLiteral("alice"), .verb = ActVerb::Unlock, .key = LockKey::pair(1, 2)}),
        {.what = WaitUntilStep{.condition = {.actor = QStringLiteral("shop"),
                                             .believes = QList<LockKey>{LockKey::bigint(10)}}}},
    };
    return document;
}

} // namespace

class TestScenarioDocument : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void namesEachKeyOnceInNumericOrder();
    void saysWhatItWillDo();
    void saysWhatElseItWillDo();
    void quotesEveryStatementAsPlainText();
    void spellsWordsAsFilesDo();
};

void TestScenarioDocument::namesEachKeyOnceInNumericOrder()
{
    QCOMPARE(lesson().keys(),
             (QList<LockKey>{LockKey::bigint(-5), LockKey::bigint(9), LockKey::bigint(10), LockKey::pair(1, 2)}));
    QCOMPARE(ScenarioDocument().keys(), QList<LockKey>());
}

void TestScenarioDocument::saysWhatItWillDo()
{
    QCOMPARE(lesson().deeds(), QStringList({QStringLiteral("Opens 4 connections, and a few of its own to watch them."),
                                            QStringLiteral("Takes the advisory keys -5, 9, 10 and (1, 2).")}));
    ScenarioDocument small;
    small.actors = {{.name = QStringLiteral("alice")}};
    small.steps = {stepOf({.actor = QStringLiteral("alice"), .verb = ActVerb::Try, .key = LockKey::bigint(5)})};
    QCOMPARE(small.deeds(), QStringList({QStringLiteral("Opens 1 connection, and a few of its own to watch it."),
                                         QStringLiteral("Takes the advisory key 5.")}));
}

void TestScenarioDocument::saysWhatElseItWillDo()
{
    ScenarioDocument document = lesson();
    document.actors[0].database = QStringLiteral("template1");
    document.needsPooler = true;
    document.preparedTransactions = 1;
    document.prepare = {QStringLiteral("CREATE TABLE t (id int)")};
    document.reset = {QStringLiteral("DROP TABLE IF EXISTS t")};
    document.steps.append({.what = KillStep{.actor = QStringLiteral("alice")}});
    QCOMPARE(document.deeds().mid(1),
             QStringList({QStringLiteral("Connects to template1 as well."),
                          QStringLiteral("Starts a private PgBouncer in front of the server."),
                          QStringLiteral("Takes the advisory keys -5, 9, 10 and (1, 2)."),
                          QStringLiteral("Runs with the rights of your role: CREATE TABLE t (id int)"),
                          QStringLiteral("Runs with the rights of your role: DROP TABLE IF EXISTS t"),
                          QStringLiteral("Prepares transactions, which outlive their session until its last step."),
                          QStringLiteral("Ends processes and connections that it started itself, and no others.")}));
}

void TestScenarioDocument::quotesEveryStatementAsPlainText()
{
    ScenarioDocument document;
    for (int i = 0; i < 15; ++i) {
        document.steps.append(stepOf({.actor = QStringLiteral("alice"),
                                      .verb = ActVerb::Sql,
                                      .sql = QStringLiteral("SELECT %1,\n'%2'").arg(i).arg(QString(300, u'x'))}));
    }
    document.steps.append(document.steps.first()); // the same statement is told once
    const QStringList deeds = document.deeds();
    QCOMPARE(deeds.size(), 16);
    for (qsizetype deed = 1; deed < deeds.size(); ++deed) {
        QVERIFY(!deeds.at(deed).contains(u'\n'));
        QVERIFY2(deeds.at(deed).endsWith(QString(300, u'x') + u'\''), qPrintable(deeds.at(deed)));
    }
}

void TestScenarioDocument::spellsWordsAsFilesDo()
{
    QCOMPARE(word(ActorKind::Pooler), QStringLiteral("pooler"));
    QCOMPARE(word(ActVerb::UnlockAll), QStringLiteral("unlock all"));
    QCOMPARE(word(ExpectedAnswer::Kind::DeadlockVictim), QStringLiteral("deadlock victim"));
    QCOMPARE(word(KillStep::How::Kill), QStringLiteral("kill -9"));
    QCOMPARE(word(KillStep::How::FromServer), QStringLiteral("from server"));
}

QTEST_GUILESS_MAIN(TestScenarioDocument)
#include "tst_scenariodocument.moc"
