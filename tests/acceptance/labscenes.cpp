#include "tests/acceptance/labscenes.h"

#include "models/scenariolockmodel.h"
#include "ui/lab/contentionpage.h"
#include "ui/lab/lessonspage.h"
#include "ui/lab/podspicture.h"
#include "ui/lab/poolcalltable.h"
#include "ui/labconsentdialog.h"
#include "ui/probedialog.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTest>

#include <algorithm>
#include <array>

namespace lockscope::test {

using namespace std::chrono_literals;

namespace {

constexpr std::array<const char*, 7> sceneWords{"lesson", "pool", "pods", "endings", "contention", "pooler", "probe"};

using std::chrono::milliseconds;

template <typename Condition>
QString await(const char* what, milliseconds patience, Condition condition)
{
    return QTest::qWaitFor(condition, static_cast<int>(patience.count()))
               ? QString()
               : QStringLiteral("not in time: ") + QString::fromLatin1(what);
}

bool somebodyWaits(const QAbstractItemModel& locks)
{
    for (int row = 0; row < locks.rowCount(); ++row) {
        if (!locks.index(row, 0).data(ScenarioLockModel::GrantedRole).toBool())
            return true;
    }
    return false;
}

QString beginLesson(WindowDriver& window, milliseconds patience)
{
    window.window().findChild<LessonsPage*>()->choose(QStringLiteral("try-versus-blocking"));
    const QAbstractItemModel* const locks = window.view(QStringLiteral("lessonLockTable"))->model();
    for (int step = 0; step < 12 && !somebodyWaits(*locks); ++step) {
        if (const QString trouble = window.click(QStringLiteral("lessonStepButton")); !trouble.isEmpty())
            return trouble;
        allow(window.window());
        if (!QTest::qWaitFor([&window] { return window.isEnabled(QStringLiteral("lessonStepButton")); },
                             static_cast<int>(patience.count())))
            return QStringLiteral("a step does not end");
    }
    return somebodyWaits(*locks) ? QString() : QStringLiteral("nobody waits in this lesson");
}

QString beginPods(WindowDriver& window, milliseconds patience)
{
    QString trouble = window.click(QStringLiteral("podsStartButton"));
    allow(window.window());
    const auto* const page = pageOf(window, LabScene::Pods);
    page->findChild<QDoubleSpinBox*>(QStringLiteral("podsWorkSpin"))->setValue(60);
    if (trouble.isEmpty())
        trouble = await("pods are ready", patience,
                        [&window] { return window.isEnabled(QStringLiteral("pod-aSyncButton")); });
    if (trouble.isEmpty())
        trouble = window.click(QStringLiteral("pod-aSyncButton"));
    if (!trouble.isEmpty())
        return trouble;
    trouble = await("a pod holds the key", patience, [page] {
        const auto* const card = page->findChild<QWidget*>(QStringLiteral("pod-aCard"));
        const QStringList lines = card ? card->findChild<PodsPicture*>()->lines() : QStringList();
        return std::any_of(lines.cbegin(), lines.cend(), [](const QString& line) {
            return line.startsWith(QStringLiteral("Map: {")) && line != QStringLiteral("Map: {}");
        });
    });
    return trouble.isEmpty() ? trouble : trouble + QLatin1Char('\n') + words(window, LabScene::Pods);
}

QString beginEndings(WindowDriver& window, milliseconds patience)
{
    const QString trouble = window.click(QStringLiteral("runAllButton"));
    allow(window.window());
    if (!trouble.isEmpty())
        return trouble;
    return await("trials run", patience, [&window] { return window.isEnabled(QStringLiteral("stopAllButton")); });
}

QString beginContention(WindowDriver& window, milliseconds patience)
{
    window.window().findChild<ContentionPage*>()->setSpec({.clients = 8, .keys = 1, .meanHold = 50ms, .duration = 60s});
    const QString trouble = window.click(QStringLiteral("contentionStart"));
    allow(window.window());
    if (!trouble.isEmpty())
        return trouble;
    return await("the run goes", patience,
                 [&window] { return window.text(QStringLiteral("contentionRate")) != QStringLiteral("\u2013"); });
}

QString beginProbe(WindowDriver& window, milliseconds patience)
{
    QString trouble = window.trigger(QStringLiteral("actionProbeEndpoint"));
    if (trouble.isEmpty())
        trouble = window.click(QStringLiteral("probeStartButton"));
    if (!trouble.isEmpty())
        return trouble;
    return await("the first check", patience, [&window] {
        const QWidget* const dialog = pageOf(window, LabScene::Probe);
        return dialog && dialog->findChild<QWidget*>(QStringLiteral("probeCheckRow"));
    });
}

} // namespace

QByteArray word(LabScene scene)
{
    return sceneWords.at(static_cast<std::size_t>(scene));
}

std::optional<LabScene> labSceneFrom(const QString& word)
{
    for (std::size_t number = 0; number < sceneWords.size(); ++number) {
        if (word == QLatin1String(sceneWords.at(number)))
            return static_cast<LabScene>(number);
    }
    return {};
}

void allow(const QWidget& window)
{
    for (auto* const question : window.findChildren<LabConsentDialog*>()) {
        if (question->isVisible())
            question->accept();
    }
}

QString openPool(const QWidget& page, bool pooler, milliseconds patience)
{
    const auto button = [&page](const char* name) { return page.findChild<QPushButton*>(QLatin1String(name)); };
    page.findChild<QComboBox*>(QStringLiteral("poolEndpointBox"))->setCurrentIndex(pooler ? 2 : 0);
    page.findChild<QComboBox*>(QStringLiteral("poolOrderBox"))->setCurrentIndex(1); // round-robin: a release misses
    if (pooler)
        page.findChild<QSpinBox*>(QStringLiteral("poolServerConnectionsBox"))->setValue(2);
    button("poolOpenButton")->click();
    allow(*page.window());
    QString trouble = await("the pool opens", patience, [&] { return button("poolAcquireButton")->isEnabled(); });
    if (!trouble.isEmpty())
        return trouble;
    button("poolAcquireButton")->click();
    allow(*page.window());
    return await("a call is answered", patience, [&page] {
        const auto& calls = page.findChild<PoolCallTable*>(QStringLiteral("poolCallTable"))->calls();
        return !calls.isEmpty() && calls.constLast().answer == PoolAnswer::True;
    });
}

QWidget* pageOf(WindowDriver& window, LabScene scene)
{
    if (scene == LabScene::Probe) {
        const auto dialogs = window.window().findChildren<ProbeDialog*>();
        return dialogs.isEmpty() ? nullptr : dialogs.constLast();
    }
    const QByteArray page = scene == LabScene::Lesson ? "lessons" : scene == LabScene::Pooler ? "pool" : word(scene);
    return window.window().findChild<QWidget*>(QString::fromLatin1(page) + QStringLiteral("Page"));
}

QString begin(WindowDriver& window, LabScene scene, milliseconds patience)
{
    if (scene != LabScene::Probe) {
        QString trouble = window.trigger(QStringLiteral("actionShowLab"));
        if (trouble.isEmpty()) {
            QString tab = pageOf(window, scene)->objectName();
            trouble = window.click(tab.replace(QStringLiteral("Page"), QStringLiteral("Tab")));
        }
        if (!trouble.isEmpty())
            return trouble;
    }
    switch (scene) {
    case LabScene::Lesson:
        return beginLesson(window, patience);
    case LabScene::Pool:
    case LabScene::Pooler:
        return openPool(*pageOf(window, scene), scene == LabScene::Pooler, patience);
    case LabScene::Pods:
        return beginPods(window, patience);
    case LabScene::Endings:
        return beginEndings(window, patience);
    case LabScene::Contention:
        return beginContention(window, patience);
    case LabScene::Probe:
        return beginProbe(window, patience);
    }
    return QStringLiteral("no such scene");
}

QString words(WindowDriver& window, LabScene scene)
{
    QStringList lines;
    const QWidget* const page = pageOf(window, scene);
    if (!page)
        return {};
    for (const QWidget* const widget : page->findChildren<QWidget*>()) {
        if (!widget->isVisible())
            continue;
        if (const auto* const label = qobject_cast<const QLabel*>(widget))
            lines << label->text();
        else if (const auto* const plain = qobject_cast<const QPlainTextEdit*>(widget))
            lines << plain->toPlainText();
        else if (const auto* const pod = qobject_cast<const PodsPicture*>(widget))
            lines << pod->lines();
        else if (const auto* const view = qobject_cast<const QAbstractItemView*>(widget)) {
            for (int row = 0; view->model() && row < view->model()->rowCount(); ++row) {
                QStringList cells;
                for (int column = 0; column < view->model()->columnCount(); ++column)
                    cells << view->model()->index(row, column).data().toString();
                lines << cells.join(QStringLiteral(" | "));
            }
        }
    }
    lines.removeAll(QString());
    return lines.join(QLatin1Char('\n'));
}

} // namespace lockscope::test
