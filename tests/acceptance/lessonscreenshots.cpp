// Makes a picture of each lesson and of each page of the lab, from the real window on a sandbox:
// docs/make-screenshots.sh runs it. usage: lessonscreenshots FOLDER [WIDTHxHEIGHT [light|dark]]

#include "app/lab/scenario/scenariofile.h"
#include "tests/acceptance/windowdriver.h"
#include "ui/theme.h"

#include <QAbstractButton>
#include <QApplication>
#include <QComboBox>
#include <QDialog>
#include <QDir>
#include <QDockWidget>
#include <QListWidget>
#include <QTest>
#include <QTextStream>

#include <algorithm>
#include <cstdlib>

using namespace lockscope;

namespace {

void require(bool ok, const QString& what)
{
    if (ok)
        return;
    QTextStream(stderr) << "lessonscreenshots: " << what << '\n' << Qt::flush;
    std::_Exit(1); // sessions and processes of the lab are under way, and die with this one
}

void step(const QString& problem)
{
    require(problem.isEmpty(), problem);
}

/// The window on a sandbox, and where its pictures go.
class Studio
{
public:
    Studio(const QString& folder, QSize size)
        : m_folder(folder)
    {
        require(QDir().mkpath(folder), folder);
        m_driver.window().resize(size);
        require(becomesEnabled(QStringLiteral("newSessionButton"), 60'000),
                QStringLiteral("the sandbox does not start"));
        for (auto* const dock : m_driver.window().findChildren<QDockWidget*>())
            dock->hide();
        step(m_driver.trigger(QStringLiteral("actionShowLab")));
    }

    void takeLessons();
    void takePages();

private:
    [[nodiscard]] bool becomesEnabled(const QString& control, int milliseconds)
    {
        return QTest::qWaitFor([&] { return m_driver.isEnabled(control); }, milliseconds);
    }
    void click(const QString& button) { step(m_driver.click(button)); }
    void save(const QString& name)
    {
        QTest::qWait(300); // what fades and flies has come to rest
        const QString file = m_folder + u'/' + name + QStringLiteral(".png");
        require(m_driver.window().grab().save(file), file);
    }
    void takeLesson(const ScenarioDocument& lesson);
    void openPool(const QString& endpoint);
    void takePool();
    void takePods();
    void takeEndings();
    void takeContention();
    void takeProbe();

    test::WindowDriver m_driver{CommandLine{.sandbox = true}};
    const QString m_folder;
};

/// The last of the moments with most locks; after the last step everything is gone.
void Studio::takeLesson(const ScenarioDocument& lesson)
{
    const QAbstractItemModel& locks = *m_driver.view(QStringLiteral("lessonLockTable"))->model();
    int most = -1;
    for (qsizetype number = 0; number < lesson.steps.size(); ++number) {
        click(QStringLiteral("lessonStepButton"));
        require(becomesEnabled(QStringLiteral("lessonStepButton"), 30'000),
                lesson.name + QStringLiteral(" does not go on"));
        QTest::qWait(250); // the picture follows the server at its own pace
        if (locks.rowCount() < most)
            continue;
        most = locks.rowCount();
        save(lesson.name);
    }
    click(QStringLiteral("lessonResetButton"));
    require(QTest::qWaitFor([&] { return !m_driver.isEnabled(QStringLiteral("lessonResetButton")); }, 15'000),
            lesson.name + QStringLiteral(" is not reset"));
}

void Studio::takeLessons()
{
    click(QStringLiteral("lessonsTab"));
    auto* const list = qobject_cast<QListWidget*>(m_driver.view(QStringLiteral("lessonList")));
    const QList<ScenarioDocument> lessons = builtInScenarios();
    for (qsizetype number = 0; number < lessons.size(); ++number) {
        list->setCurrentRow(static_cast<int>(number));
        takeLesson(lessons.at(number));
    }
}

void Studio::openPool(const QString& endpoint)
{
    click(QStringLiteral("poolTab"));
    auto* const endpoints = m_driver.window().findChild<QComboBox*>(QStringLiteral("poolEndpointBox"));
    endpoints->setCurrentIndex(std::max(0, endpoints->findText(endpoint, Qt::MatchContains)));
    auto* const order = m_driver.window().findChild<QComboBox*>(QStringLiteral("poolOrderBox"));
    order->setCurrentIndex(1); // round-robin: the second call meets another connection
    click(QStringLiteral("poolOpenButton"));
    require(becomesEnabled(QStringLiteral("poolAcquireButton"), 15'000), QStringLiteral("the pool does not open"));
    click(QStringLiteral("poolAcquireButton"));
    QTest::qWait(700);
}

void Studio::takePool()
{
    openPool(QStringLiteral("Direct"));
    click(QStringLiteral("poolReleaseButton"));
    QTest::qWait(1200);
    save(QStringLiteral("pool"));
    click(QStringLiteral("poolCloseButton"));
    require(becomesEnabled(QStringLiteral("poolOpenButton"), 15'000), QStringLiteral("the pool does not close"));
    openPool(QStringLiteral("transaction"));
    click(QStringLiteral("poolAcquireButton"));
    QTest::qWait(1200);
    save(QStringLiteral("pgbouncer"));
    click(QStringLiteral("poolCloseButton"));
    require(becomesEnabled(QStringLiteral("poolOpenButton"), 15'000), QStringLiteral("the pool does not close"));
}

void Studio::takePods()
{
    click(QStringLiteral("podsTab"));
    click(QStringLiteral("podsStartButton"));
    require(becomesEnabled(QStringLiteral("pod-aSyncButton"), 15'000), QStringLiteral("the pods do not start"));
    click(QStringLiteral("pod-aSyncButton"));
    QTest::qWait(400);
    click(QStringLiteral("pod-bSyncButton"));
    QTest::qWait(500);
    save(QStringLiteral("pods"));
}

void Studio::takeEndings()
{
    click(QStringLiteral("endingsTab"));
    QTest::qWait(300);
    click(QStringLiteral("runAllButton"));
    QTest::qWait(9000);
    save(QStringLiteral("every-way-to-die"));
}

void Studio::takeContention()
{
    click(QStringLiteral("contentionTab"));
    click(QStringLiteral("contentionStart"));
    QTest::qWait(11'000);
    save(QStringLiteral("contention"));
}

void Studio::takeProbe()
{
    step(m_driver.trigger(QStringLiteral("actionProbeEndpoint")));
    auto* const dialog = m_driver.window().findChild<QDialog*>(QStringLiteral("probeDialog"));
    require(dialog != nullptr && QTest::qWaitForWindowExposed(dialog), QStringLiteral("no probe dialog"));
    auto* const start = dialog->findChild<QAbstractButton*>(QStringLiteral("probeStartButton"));
    require(start != nullptr && start->isEnabled(), QStringLiteral("the probe cannot start"));
    start->click();
    auto* const copy = dialog->findChild<QAbstractButton*>(QStringLiteral("probeCopyButton"));
    require(copy != nullptr && QTest::qWaitFor([&] { return copy->isEnabled(); }, 30'000),
            QStringLiteral("the probe does not end"));
    QTest::qWait(500);
    const QString file = m_folder + QStringLiteral("/probe.png");
    require(dialog->grab().save(file), file);
    dialog->close();
}

void Studio::takePages()
{
    takePool();
    takePods();
    takeEndings();
    takeContention();
    takeProbe();
}

} // namespace

int main(int argc, char** argv)
{
    const QApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    require(arguments.size() >= 2 && arguments.size() <= 4,
            QStringLiteral("usage: lessonscreenshots FOLDER [WIDTHxHEIGHT [light|dark]]"));
    const QStringList size = arguments.value(2, QStringLiteral("1440x900")).split(u'x');
    Studio studio(arguments.at(1), {size.value(0).toInt(), size.value(1).toInt()});
    const bool dark = arguments.value(3) == QStringLiteral("dark");
    theme::apply(*qApp, dark ? ColorScheme::Dark : ColorScheme::Light, false);
    studio.takePages();
    studio.takeLessons();
    return 0;
}
