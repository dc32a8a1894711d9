#include "tests/support/hostiletexts.h"
#include "tests/support/shownwidgets.h"
#include "tests/support/suite.h"
#include "tests/ui/offscreen.h"
#include "ui/lab/actorsview.h"
#include "ui/lab/lessonspage.h"

#include <QAbstractItemModelTester>
#include <QLabel>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>

namespace lockscope::test {

using namespace std::chrono_literals;

namespace {

const LabServer sandbox{
    .connected = true, .sandbox = true, .title = QStringLiteral("Sandbox"), .versionNumber = 150018};

ScenarioDocument lesson(const QString& name)
{
    ScenarioAct first{.actor = QStringLiteral("alice"), .verb = ActVerb::Try, .key = LockKey::bigint(5)};
    first.expected.kind = ExpectedAnswer::Kind::True;
    ScenarioCondition held;
    held.key = LockKey::bigint(5);
    held.heldBy = QStringList{QStringLiteral("alice")};
    ScenarioDocument document;
    document.name = name;
    document.title = QStringLiteral("The Lesson %1").arg(name);
    document.about = QStringLiteral("What one learns.");
    document.steps = {{.what = SayStep{QStringLiteral("Alice comes.")}},
                      {.what = ActStep{first}, .note = QStringLiteral("Nobody holds it.")},
                      {.what = ExpectStep{.condition = held}}};
    return document;
}

ScenarioRunState afterOneStep()
{
    ScenarioRunState state;
    state.phase = ScenarioRunState::Phase::Paused;
    state.position = 2;
    state.narration = QStringLiteral("Alice comes.");
    state.steps = {{.step = 1,
                    .actor = QStringLiteral("alice"),
                    .action = QStringLiteral("tries key 5"),
                    .expected = QStringLiteral("true"),
                    .observed = QStringLiteral("true"),
                    .ok = true,
                    .elapsed = 2ms,
                    .position = 1}};
    state.actors = {{.name = QStringLiteral("alice"),
                     .kind = ActorKind::Session,
                     .words = QStringLiteral("idle"),
                     .connections = {{.backendPid = 491, .holds = {LockKey::bigint(5)}}}}};
    state.locks = {{.key = LockKey::bigint(5),
                    .pid = 491,
                    .who = QStringLiteral("alice"),
                    .mode = QStringLiteral("ExclusiveLock")}};
    return state;
}

QString tableText(const QTableView& table)
{
    QStringList lines;
    for (int row = 0; row < table.model()->rowCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < table.model()->columnCount(); ++column)
            cells.append(table.model()->index(row, column).data().toString());
        lines.append(cells.join(u'|'));
    }
    return lines.join(u'\n');
}

} // namespace

/// What the lessons page shows of a lesson before, while and after it runs, and what it asks for.
class LessonsPageTest final : public Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        muteSizeHintsOfOffscreen();
        muteFontsAndMenusOfOffscreen();
    }

    void saysWhatItNeedsWithoutAServer();
    void showsAllStepsBeforeTheFirst();
    void fillsInWhatWasObserved();
    void keepsTheRunnersOwnStepsAtTheEnd();
    void showsActorsAndLocks();
    void tellsWhatASelectedStepDid();
    void saysLargeWhatWentOtherwise();
    void stepsByF10InEveryState();
    void asksForStepsAndPlayAndPause();
    void saysOfALessonThatCouldNotRunWhy();
    void marksWhatCameOfALesson();
    void saysWhatIsWrongWithAFile();
    void showsTextsOfStrangersAsTheyAre();
    void modelsKeepTheirPromises();

private:
    template <typename T>
    static T& part(const LessonsPage& page, const char* name)
    {
        return *page.findChild<T*>(QString::fromLatin1(name));
    }
};

void LessonsPageTest::saysWhatItNeedsWithoutAServer()
{
    LessonsPage page;
    page.setLessons({lesson(QStringLiteral("one"))});
    QSignalSpy asked(&page, &LessonsPage::sandboxRequested);
    part<QPushButton>(page, "lessonsSandboxButton").click();
    QCOMPARE(asked.size(), 1);
    QVERIFY(!part<QPushButton>(page, "lessonStepButton").isEnabled());
}

void LessonsPageTest::showsAllStepsBeforeTheFirst()
{
    LessonsPage page;
    page.setServer(sandbox);
    QSignalSpy chosen(&page, &LessonsPage::lessonChosen);
    page.setLessons({lesson(QStringLiteral("one")), lesson(QStringLiteral("two"))});
    QCOMPARE(chosen.size(), 1);
    QCOMPARE(page.chosen(), QStringLiteral("one"));
    QCOMPARE(tableText(part<QTableView>(page, "lessonStepTable")),
             QStringLiteral("1|alice|tries key 5|true||\n2|server|shows key 5|alice holds key 5||"));
    QCOMPARE(part<QLabel>(page, "lessonNarration").text(), QStringLiteral("What one learns."));
    QCOMPARE(part<QLabel>(page, "lessonProgress").text(), QStringLiteral("2 steps"));
    page.choose(QStringLiteral("two"));
    QCOMPARE(part<QLabel>(page, "lessonTitle").text(), QStringLiteral("The Lesson two"));
}

void LessonsPageTest::fillsInWhatWasObserved()
{
    LessonsPage page;
    page.setServer(sandbox);
    page.setLessons({lesson(QStringLiteral("one"))});
    page.setState(afterOneStep());
    QCOMPARE(tableText(part<QTableView>(page, "lessonStepTable")),
             QStringLiteral("1|alice|tries key 5|true|true|2.0 ms\n2|server|shows key 5|alice holds key 5||"));
    QCOMPARE(part<QLabel>(page, "lessonNarration").text(), QStringLiteral("Alice comes."));
    QCOMPARE(part<QLabel>(page, "lessonProgress").text(), QStringLiteral("1 of 2 steps done"));
    QCOMPARE(part<QLabel>(page, "lessonResult").text(), QStringLiteral("alice tries key 5: true"));
    QCOMPARE(part<QLabel>(page, "lessonNote").text(), QStringLiteral("Nobody holds it."));
    page.setState({});
    QCOMPARE(tableText(part<QTableView>(page, "lessonStepTable")),
             QStringLiteral("1|alice|tries key 5|true||\n2|server|shows key 5|alice holds key 5||"));
}

void LessonsPageTest::keepsTheRunnersOwnStepsAtTheEnd()
{
    LessonsPage page;
    page.setServer(sandbox);
    page.setLessons({lesson(QStringLiteral("one"))});
    ScenarioRunState state = afterOneStep();
    state.phase = ScenarioRunState::Phase::Finished;
    state.steps.append({.step = 2,
                        .actor = QStringLiteral("console"),
                        .action = QStringLiteral("removes everything"),
                        .expected = QStringLiteral("nothing is left"),
                        .observed = QStringLiteral("a lock is left"),
                        .ok = false});
    page.setState(state);
    const QString text = tableText(part<QTableView>(page, "lessonStepTable"));
    QVERIFY2(text.endsWith(QStringLiteral("3|console|removes everything|nothing is left|a lock is left|0.0 ms")),
             qPrintable(text));
    QCOMPARE(part<QLabel>(page, "lessonProgress").text(), QStringLiteral("Otherwise than expected"));
}

void LessonsPageTest::showsActorsAndLocks()
{
    LessonsPage page;
    page.setServer(sandbox);
    page.setLessons({lesson(QStringLiteral("one"))});
    page.setState(afterOneStep());
    QCOMPARE(part<ActorsView>(page, "actorsView").text(), QStringLiteral("alice (session): idle; pid 491 holds 5"));
    QCOMPARE(tableText(part<QTableView>(page, "lessonLockTable")), QStringLiteral("5|alice|491|ExclusiveLock|held"));
}

void LessonsPageTest::tellsWhatASelectedStepDid()
{
    LessonsPage page;
    page.setServer(sandbox);
    page.setLessons({lesson(QStringLiteral("one"))});
    ScenarioRunState state = afterOneStep();
    state.position = 3;
    state.phase = ScenarioRunState::Phase::Finished;
    state.steps.append({.step = 2,
                        .actor = QStringLiteral("server"),
                        .action = QStringLiteral("shows key 5"),
                        .observed = QStringLiteral("alice holds key 5"),
                        .ok = true,
                        .position = 2});
    page.setState(state);
    auto& result = part<QLabel>(page, "lessonResult");
    auto& steps = part<QTableView>(page, "lessonStepTable");
    QCOMPARE(result.text(), QStringLiteral("server shows key 5: alice holds key 5"));
    QVERIFY(part<QLabel>(page, "lessonNote").isHidden());
    steps.setCurrentIndex(steps.model()->index(0, 0));
    QCOMPARE(result.text(), QStringLiteral("alice tries key 5: true"));
    QCOMPARE(part<QLabel>(page, "lessonNote").text(), QStringLiteral("Nobody holds it."));
}

void LessonsPageTest::saysLargeWhatWentOtherwise()
{
    LessonsPage page;
    page.setServer(sandbox);
    page.setLessons({lesson(QStringLiteral("one"))});
    ScenarioRunState state = afterOneStep();
    state.steps.first().ok = false;
    state.steps.first().observed = QStringLiteral("false");
    page.setState(state);
    QCOMPARE(part<QLabel>(page, "lessonResult").text(), QStringLiteral("alice tries key 5: false, expected was true"));
    QVERIFY(part<QLabel>(page, "lessonNote").isHidden()); // it explains what was expected
}

void LessonsPageTest::stepsByF10InEveryState()
{
    LessonsPage page;
    page.setServer(sandbox);
    page.setLessons({lesson(QStringLiteral("one"))});
    page.show();
    page.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&page));
    QSignalSpy stepped(&page, &LessonsPage::stepRequested);
    QTest::keyClick(&page, Qt::Key_F10);
    QCOMPARE(stepped.size(), 1);
    page.setState(afterOneStep()); // the button reads Next Step now
    QTest::keyClick(&page, Qt::Key_F10);
    QCOMPARE(stepped.size(), 2);
    ScenarioRunState state = afterOneStep();
    state.phase = ScenarioRunState::Phase::Running;
    page.setState(state);
    QTest::keyClick(&page, Qt::Key_F10);
    QCOMPARE(stepped.size(), 2);
}

void LessonsPageTest::asksForStepsAndPlayAndPause()
{
    LessonsPage page;
    page.setServer(sandbox);
    page.setLessons({lesson(QStringLiteral("one"))});
    QSignalSpy stepped(&page, &LessonsPage::stepRequested);
    QSignalSpy played(&page, &LessonsPage::playRequested);
    QSignalSpy paused(&page, &LessonsPage::pauseRequested);
    QSignalSpy reset(&page, &LessonsPage::resetRequested);
    part<QPushButton>(page, "lessonStepButton").click();
    part<QPushButton>(page, "lessonPlayButton").click();
    QVERIFY(!part<QPushButton>(page, "lessonResetButton").isEnabled());
    ScenarioRunState state = afterOneStep();
    state.phase = ScenarioRunState::Phase::Running;
    state.playing = true;
    page.setState(state);
    QVERIFY(!part<QPushButton>(page, "lessonStepButton").isEnabled());
    QCOMPARE(part<QPushButton>(page, "lessonPlayButton").text(), QStringLiteral("Pause"));
    part<QPushButton>(page, "lessonPlayButton").click();
    part<QPushButton>(page, "lessonResetButton").click();
    QCOMPARE(stepped.size(), 1);
    QCOMPARE(played.size(), 1);
    QCOMPARE(paused.size(), 1);
    QCOMPARE(reset.size(), 1);
}

void LessonsPageTest::saysOfALessonThatCouldNotRunWhy()
{
    LessonsPage page;
    page.setServer(sandbox);
    page.setLessons({lesson(QStringLiteral("one"))});
    ScenarioRunState state;
    state.phase = ScenarioRunState::Phase::Failed;
    state.error = Error{.kind = ErrorKind::Usage, .what = QStringLiteral("Key 5 is held by pid 7 (worker).")};
    page.setState(state);
    QCOMPARE(part<QLabel>(page, "lessonNarration").text(), QStringLiteral("Key 5 is held by pid 7 (worker)."));
    QCOMPARE(part<QLabel>(page, "lessonProgress").text(), QStringLiteral("Could not run"));
}

void LessonsPageTest::marksWhatCameOfALesson()
{
    LessonsPage page;
    page.setServer(sandbox);
    page.setLessons({lesson(QStringLiteral("one")), lesson(QStringLiteral("two"))});
    auto& list = part<QListWidget>(page, "lessonList");
    const auto picture = [&list](int row) { return list.item(row)->icon().pixmap(16, 16).toImage(); };
    const QImage before = picture(1);
    page.setResult(QStringLiteral("two"), LessonResult::AsExpected);
    const QImage good = picture(1);
    page.setResult(QStringLiteral("two"), LessonResult::Otherwise);
    QVERIFY(good != before);
    QVERIFY(picture(1) != good);
    QCOMPARE(picture(0), before);
}

void LessonsPageTest::saysWhatIsWrongWithAFile()
{
    LessonsPage page;
    page.setServer(sandbox);
    page.setLessons({lesson(QStringLiteral("one"))});
    page.show();
    auto& faults = part<QPlainTextEdit>(page, "lessonFaults");
    QVERIFY(!faults.isVisible());
    page.setFaults(QStringLiteral("mine.yaml"), QStringLiteral("mine.yaml:3:5: unknown act \"tri\""));
    QVERIFY(faults.isVisible());
    QCOMPARE(faults.toPlainText(), QStringLiteral("mine.yaml cannot be run:\nmine.yaml:3:5: unknown act \"tri\""));
    page.setFaults({}, {});
    QVERIFY(!faults.isVisible());
    page.setFaults(QStringLiteral("mine.yaml"), QStringLiteral("mine.yaml:3:5: unknown act \"tri\""));
    page.setLessons({lesson(QStringLiteral("one")), lesson(QStringLiteral("two"))});
    page.choose(QStringLiteral("two"));
    QVERIFY(!faults.isVisible());
}

void LessonsPageTest::showsTextsOfStrangersAsTheyAre()
{
    for (const auto& [family, payload] : hostileTexts()) {
        LessonsPage page;
        page.setServer(sandbox);
        ScenarioDocument document = lesson(QStringLiteral("one"));
        document.title = payload;
        document.about = payload;
        page.setLessons({document});
        ScenarioRunState state = afterOneStep();
        state.narration = payload;
        state.steps.first().observed = payload;
        state.actors.first().words = payload;
        state.locks.first().who = payload;
        page.setState(state);
        for (const auto* label : page.findChildren<QLabel*>())
            QCOMPARE(label->textFormat(), Qt::PlainText);
    }
}

void LessonsPageTest::modelsKeepTheirPromises()
{
    ScenarioStepModel steps;
    ScenarioLockModel locks;
    const QAbstractItemModelTester stepTester(&steps, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const QAbstractItemModelTester lockTester(&locks, QAbstractItemModelTester::FailureReportingMode::QtTest);
    steps.setDocument(lesson(QStringLiteral("one")));
    ScenarioRunState state = afterOneStep();
    steps.setState(state);
    state.steps.append({.step = 2, .action = QStringLiteral("removes everything"), .ok = true});
    steps.setState(state);
    steps.setState({});
    QCOMPARE(steps.rowCount(), 2);

    const ScenarioLock one{.key = LockKey::bigint(5), .pid = 1, .who = QStringLiteral("alice"), .mode = {}};
    ScenarioLock two = one;
    two.pid = 2;
    ScenarioLock three = one;
    three.pid = 3;
    QSignalSpy resets(&locks, &QAbstractItemModel::modelReset);
    for (const QList<ScenarioLock>& list :
         {QList{one, two}, QList{two, one, three}, QList{one, one}, QList{three}, QList<ScenarioLock>{}}) {
        locks.setLocks(list);
        QCOMPARE(locks.rowCount(), list.size());
        for (int row = 0; row < locks.rowCount(); ++row)
            QCOMPARE(locks.index(row, ScenarioLockModel::PidColumn).data().toInt(), list.at(row).pid);
    }
    QCOMPARE(resets.size(), 0);
}

} // namespace lockscope::test

QTEST_MAIN(lockscope::test::LessonsPageTest)
#include "tst_lessonspage.moc"
