#include "models/domain/endingtrial.h"
#include "tests/acceptance/windowdriver.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"
#include "tests/ui/offscreen.h"
#include "ui/labconsentdialog.h"

#include <QComboBox>
#include <QDialog>
#include <QListWidget>
#include <QTableView>
#include <QTest>

#include <algorithm>

using namespace lockscope;
using test::WindowDriver;

/// The lab in the real window on real servers, the way a person uses it.
class tst_Laboratory final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();

    void runsALessonToItsEndOnTheSandbox();
    void playsAtThePaceOfReading();
    void goesStepByStepAndStartsOver();
    void remembersWhichPageOfTheLabWasShown();
    void measuresContention();
    void cutsACableOfTheSandbox();
    void asksBeforeItRunsOnAnotherServer();
    void readOnlyRunsNothing();

private:
    void showTab(const QString& id);
    static void playAtOnce(WindowDriver& window)
    {
        window.window().findChild<QComboBox*>(QStringLiteral("lessonPaceBox"))->setCurrentIndex(1);
    }
    void expectNothingOfTheLab(WindowDriver& window);

    std::unique_ptr<WindowDriver> m_window;
};

#define DO(step) QCOMPARE(m_window->step, QString())

void tst_Laboratory::initTestCase()
{
    test::muteSizeHintsOfOffscreen();
    m_window = std::make_unique<WindowDriver>(CommandLine{.sandbox = true});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isEnabled(QStringLiteral("newSessionButton")), 60'000);
    DO(trigger(QStringLiteral("actionShowLab")));
}

void tst_Laboratory::showTab(const QString& id)
{
    DO(click(id + QStringLiteral("Tab")));
}

void tst_Laboratory::expectNothingOfTheLab(WindowDriver& window)
{
    // The observer's own look at the server: no row of the lab is left in the lock table.
    QTRY_COMPARE_WITH_TIMEOUT(window.locks(), QStringList(), 10'000);
}

void tst_Laboratory::runsALessonToItsEndOnTheSandbox()
{
    showTab(QStringLiteral("lessons"));
    auto* const list = qobject_cast<QListWidget*>(m_window->view(QStringLiteral("lessonList")));
    QVERIFY(list != nullptr);
    QCOMPARE(list->count(), 23);
    list->setCurrentRow(0);
    playAtOnce(*m_window);
    DO(click(QStringLiteral("lessonPlayButton")));
    QTRY_COMPARE_WITH_TIMEOUT(m_window->text(QStringLiteral("lessonProgress")), QStringLiteral("All as expected"),
                              30'000);
    expectNothingOfTheLab(*m_window);
}

void tst_Laboratory::playsAtThePaceOfReading()
{
    m_window->window().findChild<QComboBox*>(QStringLiteral("lessonPaceBox"))->setCurrentIndex(0);
    DO(click(QStringLiteral("lessonPlayButton")));
    QTRY_COMPARE(m_window->text(QStringLiteral("lessonPlayButton")), QStringLiteral("Pause after this step"));
    // It goes on by itself, and still stands where it can be read.
    QTRY_VERIFY2_WITH_TIMEOUT(m_window->text(QStringLiteral("lessonProgress")).startsWith(QStringLiteral("Step 2 of ")),
                              qPrintable(m_window->text(QStringLiteral("lessonProgress"))), 30'000);
    QVERIFY(!m_window->isEnabled(QStringLiteral("lessonStepButton")));
    DO(click(QStringLiteral("lessonPlayButton")));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isEnabled(QStringLiteral("lessonStepButton")), 10'000);
    QVERIFY(m_window->text(QStringLiteral("lessonProgress")).contains(QStringLiteral(" steps done")));
    DO(click(QStringLiteral("lessonResetButton")));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->text(QStringLiteral("lessonProgress")).endsWith(QStringLiteral(" steps")),
                             10'000);
    expectNothingOfTheLab(*m_window);
}

void tst_Laboratory::goesStepByStepAndStartsOver()
{
    auto* const list = qobject_cast<QListWidget*>(m_window->view(QStringLiteral("lessonList")));
    list->setCurrentRow(1);
    DO(click(QStringLiteral("lessonStepButton")));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isEnabled(QStringLiteral("lessonStepButton")), 10'000);
    QTRY_VERIFY2(m_window->text(QStringLiteral("lessonProgress")).contains(QStringLiteral(" steps done")),
                 qPrintable(m_window->text(QStringLiteral("lessonProgress"))));
    DO(click(QStringLiteral("lessonResetButton")));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->text(QStringLiteral("lessonProgress")).endsWith(QStringLiteral(" steps")),
                             10'000);
    expectNothingOfTheLab(*m_window);
}

void tst_Laboratory::remembersWhichPageOfTheLabWasShown()
{
    showTab(QStringLiteral("pool"));
    DO(trigger(QStringLiteral("actionShowLocks")));
    DO(trigger(QStringLiteral("actionShowLab")));
    QVERIFY(m_window->window().findChild<QWidget*>(QStringLiteral("poolPage"))->isVisible());
}

void tst_Laboratory::measuresContention()
{
    showTab(QStringLiteral("contention"));
    DO(click(QStringLiteral("contentionStart")));
    QTRY_COMPARE_WITH_TIMEOUT(m_window->text(QStringLiteral("contentionStart")), QStringLiteral("Stop the run"), 5000);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->text(QStringLiteral("contentionRate")) != QStringLiteral("\u2013"), 10'000);
    DO(click(QStringLiteral("contentionStart")));
    QTRY_COMPARE_WITH_TIMEOUT(m_window->text(QStringLiteral("contentionStart")), QStringLiteral("Start the run"),
                              10'000);
    expectNothingOfTheLab(*m_window);
}

/// The sandbox is watched over its socket, which has no cable: the lab knows its address.
void tst_Laboratory::cutsACableOfTheSandbox()
{
    showTab(QStringLiteral("endings"));
    DO(click(QStringLiteral("runButton-cable-cut-quiet")));
    const auto* const table = qobject_cast<QTableView*>(m_window->view(QStringLiteral("endingsTable")));
    QVERIFY(table != nullptr);
    const auto row = std::ranges::find(allEndingKinds, EndingKind::CableCutQuiet) - allEndingKinds.begin();
    const auto verdict = [&] { return table->model()->index(static_cast<int>(row), 4).data().toString(); };
    QTRY_COMPARE_WITH_TIMEOUT(verdict(), QStringLiteral("running"), 10'000); // not "explained"
    DO(click(QStringLiteral("resetButton")));
    expectNothingOfTheLab(*m_window);
}

void tst_Laboratory::asksBeforeItRunsOnAnotherServer()
{
    const test::TestServer server;
    QVERIFY2(server.problem().isEmpty(), qPrintable(server.problem()));
    WindowDriver window(CommandLine{.conninfo = test::connectionText(server.conninfo())});
    QTRY_VERIFY_WITH_TIMEOUT(window.isEnabled(QStringLiteral("newSessionButton")), 20'000);
    QCOMPARE(window.trigger(QStringLiteral("actionRunLesson")), QString());
    const auto question = [&window] {
        const auto all = window.window().findChildren<LabConsentDialog*>();
        return all.isEmpty() || !all.last()->isVisible() ? nullptr : all.last();
    };
    QCOMPARE(window.click(QStringLiteral("lessonStepButton")), QString());
    QTRY_VERIFY(question() != nullptr);
    question()->reject();
    QTRY_VERIFY(question() == nullptr);
    QVERIFY(window.text(QStringLiteral("lessonProgress")).endsWith(QStringLiteral(" steps")));
    playAtOnce(window);
    QCOMPARE(window.click(QStringLiteral("lessonPlayButton")), QString());
    QTRY_VERIFY(question() != nullptr);
    question()->accept();
    QTRY_COMPARE_WITH_TIMEOUT(window.text(QStringLiteral("lessonProgress")), QStringLiteral("All as expected"), 30'000);
}

void tst_Laboratory::readOnlyRunsNothing()
{
    const test::TestServer server;
    QVERIFY2(server.problem().isEmpty(), qPrintable(server.problem()));
    WindowDriver window(CommandLine{.conninfo = test::connectionText(server.conninfo()), .readOnly = true});
    QCOMPARE(window.trigger(QStringLiteral("actionShowLab")), QString());
    QTRY_VERIFY_WITH_TIMEOUT(window.window().findChild<QWidget*>(QStringLiteral("lessonList"))->isVisible(), 20'000);
    QVERIFY(!window.isEnabled(QStringLiteral("lessonStepButton")));
    QVERIFY(!window.isEnabled(QStringLiteral("lessonPlayButton")));
    QVERIFY(!window.isEnabled(QStringLiteral("contentionStart")));
}

QTEST_MAIN(tst_Laboratory)
#include "tst_laboratory.moc"
