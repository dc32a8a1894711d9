#include "tests/support/suite.h"
#include "tests/ui/mainwindowstage.h"
#include "tests/ui/offscreen.h"
#include "ui/pages.h"
#include "ui/serverpage.h"
#include "ui/waitspage.h"

#include <QApplication>
#include <QDockWidget>
#include <QSignalSpy>
#include <QToolButton>

using namespace lockscope;
using Stage = test::MainWindowStage;

/// Where the docks, the rail and the pages of the window stand.
class TestMainWindowLayout : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::muteSizeHintsOfOffscreen();
        theme::apply(*qApp, ColorScheme::Light, false);
    }

    void docksAreShownHiddenAndPutBack()
    {
        Stage stage;
        stage.window.show();
        auto* const log = stage.window.findChild<QDockWidget*>(QStringLiteral("statementLogDock"));
        QVERIFY(log->isVisible());
        stage.actions[ActionId::ShowStatementLog]->trigger();
        QVERIFY(!log->isVisible());
        QVERIFY(!stage.actions[ActionId::ShowStatementLog]->isChecked());
        const QByteArray state = stage.window.layoutState();

        Stage other;
        other.window.restoreLayout({}, state);
        other.window.show();
        QVERIFY(!other.window.findChild<QDockWidget*>(QStringLiteral("statementLogDock"))->isVisible());
        QVERIFY(!other.actions[ActionId::ShowStatementLog]->isChecked());
        other.actions[ActionId::ResetLayout]->trigger();
        QVERIFY(other.window.findChild<QDockWidget*>(QStringLiteral("statementLogDock"))->isVisible());
        QVERIFY(other.actions[ActionId::ShowStatementLog]->isChecked());
    }

    void panelsShareAPlaceInALowWindowAndStandAboveEachOtherInAHighOne()
    {
        const auto tabbed = [](int height) {
            Stage stage;
            stage.window.setWindowState(Qt::WindowNoState);
            stage.window.resize(1400, height);
            stage.window.show();
            auto* const sessions = stage.window.findChild<QDockWidget*>(QStringLiteral("operatorSessionsDock"));
            auto* const clients = stage.window.findChild<QDockWidget*>(QStringLiteral("simulatedClientsDock"));
            return stage.window.tabifiedDockWidgets(sessions).contains(clients);
        };
        QVERIFY(tabbed(600));
        QVERIFY(!tabbed(1000));
    }

    void thePanelsAtTheSideReachDownBesideTheLog()
    {
        Stage stage;
        stage.window.show();
        const auto bottom = [&stage](const char* name) {
            const auto* const dock = stage.window.findChild<QDockWidget*>(QString::fromLatin1(name));
            return dock->mapTo(&stage.window, dock->rect().bottomLeft()).y();
        };
        QTRY_COMPARE(std::max(bottom("operatorSessionsDock"), bottom("simulatedClientsDock")),
                     bottom("statementLogDock"));
    }

    void aDockTakesTheToolsOfItsPanelIntoItsTitle()
    {
        Actions actions;
        LockTableModel model;
        MainWindowParts parts;
        parts.locks = new LocksPage(actions, model);
        parts.statementLog = new QWidget;
        auto* const tools = new QWidget(parts.statementLog);
        tools->setObjectName(QStringLiteral("dockTools"));
        MainWindow window(actions, parts);
        auto* const dock = window.findChild<QDockWidget*>(QStringLiteral("statementLogDock"));
        QVERIFY(dock->titleBarWidget()->isAncestorOf(tools));
        window.show();
        dock->findChild<QToolButton*>(QStringLiteral("statementLogDockClose"))->click();
        QVERIFY(!dock->isVisible());
        QVERIFY(!actions[ActionId::ShowStatementLog]->isChecked());
    }

    void brokenLayoutBytesLeaveTheFirstLayout()
    {
        Stage stage;
        stage.window.restoreLayout(QByteArray("nonsense"), QByteArray("nonsense"));
        stage.window.show();
        const auto docks = stage.window.findChildren<QDockWidget*>();
        QCOMPARE(docks.size(), 3);
        for (const QDockWidget* const dock : docks)
            QVERIFY(!dock->isHidden());
    }

    void aPanelThatIsNotThereHasNoMenuEntry()
    {
        Actions actions;
        LockTableModel model;
        MainWindowParts parts;
        parts.locks = new LocksPage(actions, model);
        MainWindow window(actions, parts);
        QVERIFY(!actions[ActionId::ShowStatementLog]->isVisible());
        QVERIFY(window.findChildren<QDockWidget*>().isEmpty());
    }

    void theRailIsHiddenWhileThereIsOnePage()
    {
        Stage stage;
        stage.window.show();
        QVERIFY(!stage.window.findChild<QWidget*>(QStringLiteral("pageRail"))->isVisible());
        QVERIFY(!stage.actions[ActionId::ShowWaits]->isVisible());
    }

    void theRailAndTheMenuShowThePages()
    {
        Actions actions;
        LockTableModel model;
        MainWindowParts parts;
        parts.locks = new LocksPage(actions, model);
        parts.waits = new WaitsPage(actions);
        parts.server = new ServerPage;
        MainWindow window(actions, parts);
        window.show();
        QVERIFY(window.findChild<QWidget*>(QStringLiteral("pageRail"))->isVisible());
        QCOMPARE(window.pages()->current(), parts.locks);
        QVERIFY(actions[ActionId::ShowLocks]->isChecked());

        QSignalSpy shown(window.pages(), &Pages::pageShown);
        window.findChild<QToolButton*>(QStringLiteral("waitsPageButton"))->click();
        QCOMPARE(window.pages()->current(), parts.waits);
        QVERIFY(actions[ActionId::ShowWaits]->isChecked());
        QVERIFY(!actions[ActionId::ShowLocks]->isChecked());
        actions[ActionId::ShowServer]->trigger();
        QCOMPARE(window.pages()->current(), parts.server);
        QVERIFY(window.findChild<QToolButton*>(QStringLiteral("serverPageButton"))->isChecked());
        QCOMPARE(shown.size(), 2);

        window.pages()->setBadge(parts.waits, 3);
        QCOMPARE(window.findChild<QToolButton*>(QStringLiteral("waitsPageButton"))->accessibleDescription(),
                 QStringLiteral("3 root blocker(s)"));
        actions[ActionId::Filter]->trigger(); // the filter is of the table
        QCOMPARE(window.pages()->current(), parts.locks);
    }
};

QTEST_MAIN(TestMainWindowLayout)
#include "tst_mainwindowlayout.moc"
