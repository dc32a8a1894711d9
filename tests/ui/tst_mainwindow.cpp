#include "tests/support/suite.h"
#include "tests/ui/mainwindowstage.h"
#include "tests/ui/offscreen.h"
#include "ui/actions.h"
#include "ui/filteredit.h"
#include "ui/headerbar.h"
#include "ui/linkbanner.h"
#include "ui/lockspage.h"
#include "ui/locktableview.h"
#include "ui/mainwindow.h"
#include "ui/serverbadge.h"
#include "ui/statusfigure.h"
#include "ui/statusline.h"

#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QSignalSpy>

using namespace lockscope;
using namespace std::chrono_literals;
using Stage = test::MainWindowStage;

namespace {

void collect(const QList<QAction*>& actions, QSet<QString>& names)
{
    for (QAction* const action : actions) {
        if (action->menu() != nullptr)
            collect(action->menu()->actions(), names);
        else if (!action->isSeparator())
            names.insert(action->objectName());
    }
}

ServerInfo primary()
{
    ServerInfo server;
    server.version = QStringLiteral("15.18");
    server.role = QStringLiteral("monitor");
    server.database = QStringLiteral("app");
    server.host = QStringLiteral("db1");
    server.tls = true;
    server.seesAllStats = true;
    server.backendPid = server.claimedPid = 4711;
    return server;
}

} // namespace

class TestMainWindow : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::muteSizeHintsOfOffscreen();
        theme::apply(*qApp, ColorScheme::Light, false);
    }

    void everyActionIsInAMenuUnderItsNameWithAToolTip()
    {
        Stage stage;
        QSet<QString> inMenus;
        collect(stage.window.menuBar()->actions(), inMenus);
        const QList<QAction*> all = stage.actions.all();
        for (const QAction* const action : all) {
            QVERIFY2(inMenus.contains(action->objectName()), qPrintable(action->objectName()));
            QVERIFY2(action->objectName().startsWith(QStringLiteral("action")), qPrintable(action->objectName()));
            QVERIFY2(!action->toolTip().isEmpty() && action->toolTip() != action->iconText(),
                     qPrintable(action->objectName()));
        }
    }

    void noTwoActionsShareAShortcut()
    {
        Stage stage;
        QHash<QString, QString> seen;
        const QList<QAction*> all = stage.actions.all();
        for (const QAction* const action : all) {
            const QList<QKeySequence> sequences = action->shortcuts();
            for (const QKeySequence& sequence : sequences) {
                const QString keys = sequence.toString();
                QVERIFY2(!seen.contains(keys),
                         qPrintable(keys + u' ' + action->objectName() + u' ' + seen.value(keys)));
                seen.insert(keys, action->objectName());
            }
        }
        QVERIFY(seen.size() > 20);
    }

    void actionsAreEnabledWhenTheyCanDoSomething()
    {
        Stage stage;
        const QString always =
            QStringLiteral("Connect StartSandbox Quit Filter ClearFilter ShowLocks CompactRows "
                           "ShowDetails ShowOperatorSessions ShowSimulatedClients ShowStatementLog ResetLayout "
                           "SchemeSystem SchemeLight SchemeDark TrainingMode RunLesson ProbeEndpoint KeyCalculator "
                           "KeyNames AuditLog KeyboardShortcuts About");
        QCOMPARE(stage.enabledActions(), always);
        stage.setPhase(LinkPhase::Live);
        stage.window.setServer(primary(), QStringLiteral("prod-eu"));
        stage.locks.add(1, QStringLiteral("a"), LockKey::bigint(5));
        stage.locks.add(2, QStringLiteral("b"), LockKey::bigint(5), 3s, {1});
        stage.publish();
        stage.page->table()->setCurrentIndex(stage.model.index(0, 0));
        const QList<QAction*> all = stage.actions.all();
        QCOMPARE(stage.enabledActions().split(u' ').size(),
                 std::count_if(all.begin(), all.end(), [](const QAction* action) { return action->isVisible(); }));
        stage.setPhase(LinkPhase::Closed);
        QVERIFY(!stage.actions[ActionId::NewOperatorSession]->isEnabled());
        QVERIFY(!stage.actions[ActionId::Disconnect]->isEnabled());
    }

    void closingAsksAndWaitsForTheAnswer()
    {
        Stage stage;
        stage.window.show();
        QSignalSpy spy(&stage.window, &MainWindow::closeRequested);
        stage.actions[ActionId::Quit]->trigger();
        QCOMPARE(spy.size(), 1);
        QVERIFY(stage.window.isVisible());
        stage.window.allowClose();
        QCOMPARE(spy.size(), 1);
        QVERIFY(!stage.window.isVisible());
    }

    void theBadgeSaysWhatTheServerIs()
    {
        Stage stage;
        auto* const badge = stage.window.findChild<ServerBadge*>(QStringLiteral("serverBadge"));
        QCOMPARE(badge->accessibleName(), QStringLiteral("Not connected"));
        stage.window.setServer(primary(), QStringLiteral("prod-eu"));
        QCOMPARE(badge->accessibleName(), QStringLiteral("prod-eu: PG 15.18, primary, TLS, role monitor"));
        QCOMPARE(stage.window.windowTitle(), QStringLiteral("prod-eu - Lockscope"));
        ServerInfo doubtful = primary();
        doubtful.isStandby = true;
        doubtful.tls = false;
        doubtful.claimedPid = 9;
        doubtful.seesAllStats = false;
        stage.window.setServer(doubtful, {});
        QCOMPARE(badge->accessibleName(),
                 QStringLiteral("db1: PG 15.18, standby, through a pooler, not encrypted, role monitor, "
                                "limited view"));
        QVERIFY(badge->toolTip().contains(QStringLiteral("local to it")));
        ServerInfo local = primary();
        local.tls = false;
        local.localSocket = true;
        stage.window.setServer(local, QStringLiteral("sandbox"));
        QCOMPARE(badge->facts(), QStringLiteral("PG 15.18, primary, local socket, role monitor"));
    }

    void theStatusLineTellsOfWaitsOutsideTheTableAndLeadsToThem()
    {
        Stage stage;
        stage.setPhase(LinkPhase::Live);
        auto waits = std::make_shared<WaitGraph>();
        waits->cycles = {{0, 1}};
        auto view = std::make_shared<LockView>();
        view->empty = false;
        view->waitingLocks = 2;
        stage.window.statusLine()->setView(view, false);
        QVERIFY(stage.figure("otherWaitsFigure").isEmpty());
        QVERIFY(stage.figure("deadlocksFigure").isEmpty());
        view = std::make_shared<LockView>(*view);
        view->otherWaits = 4;
        view->waits = waits;
        stage.window.statusLine()->setView(view, false);
        QCOMPARE(stage.figure("otherWaitsFigure"), QStringLiteral("+ 4 for other types"));
        QCOMPARE(stage.figure("deadlocksFigure"), QStringLiteral("1 deadlock"));
        QSignalSpy waitsShown(stage.actions[ActionId::ShowWaits], &QAction::triggered);
        auto* const figure = stage.window.findChild<StatusFigure*>(QStringLiteral("otherWaitsFigure"));
        QTest::mouseClick(figure, Qt::LeftButton);
        QTest::keyClick(figure, Qt::Key_Space);
        QCOMPARE(waitsShown.count(), 2);
        QTest::mouseClick(stage.window.findChild<StatusFigure*>(QStringLiteral("locksFigure")), Qt::LeftButton);
        QCOMPARE(waitsShown.count(), 2);
    }

    void theKeyboardIsOnThePageThatIsShown()
    {
        Stage stage;
        stage.locks.add(1, QStringLiteral("pod-a"), LockKey::bigint(5));
        stage.window.show();
        auto* const interval = stage.window.findChild<QComboBox*>();
        QVERIFY(interval);
        interval->setFocus();
        stage.setPhase(LinkPhase::Live);
        stage.publish();
        const auto* const table = static_cast<QWidget*>(stage.page->table());
        QTRY_COMPARE(stage.window.focusWidget(), table); // the arrow keys of a newcomer change no setting
        interval->setFocus();
        stage.publish();
        QCOMPARE(stage.window.focusWidget(), static_cast<QWidget*>(interval)); // only once
        stage.actions[ActionId::ShowLocks]->trigger();
        QCOMPARE(stage.window.focusWidget(), table);
    }

    void theStatusLineCountsAndSaysWhenTheTableStops()
    {
        Stage stage;
        stage.setPhase(LinkPhase::Live);
        auto view = std::make_shared<LockView>();
        view->empty = false;
        view->totalLocks = 54414;
        view->matchingRows = 54414;
        view->shownLocks = 20000;
        view->waitingLocks = 3;
        view->rootBlockers = 1;
        view->pollDuration = 3ms;
        stage.window.statusLine()->setView(view, false);
        QCOMPARE(stage.figure("locksFigure"), QStringLiteral("54\u202f414 locks"));
        QCOMPARE(stage.figure("waitingFigure"), QStringLiteral("3 waiting"));
        QCOMPARE(stage.figure("blockersFigure"), QStringLiteral("1 root blocker"));
        QCOMPARE(stage.figure("shownFigure"), QStringLiteral("showing 20\u202f000 of 54\u202f414"));
        QCOMPARE(stage.figure("pollFigure"), QStringLiteral("poll 3.0 ms"));
        QCOMPARE(stage.figure("intervalFigure"), QStringLiteral("every 1 s"));
        stage.setPhase(LinkPhase::Live, true);
        QCOMPARE(stage.figure("intervalFigure"), QStringLiteral("paused"));
        stage.setPhase(LinkPhase::Lost);
        QCOMPARE(stage.figure("intervalFigure"), QStringLiteral("not current"));
        stage.window.setBusyText(QStringLiteral("Starting a sandbox"));
        QCOMPARE(stage.figure("busyFigure"), QStringLiteral("Starting a sandbox"));
    }

    void theBannerCountsDownOnTheMonotonicClock()
    {
        SteadyTime now{1000s};
        LinkBanner banner(nullptr, [&now] { return now; });
        LinkState link;
        link.phase = LinkPhase::Lost;
        link.lastAnswer = now - 7s;
        link.nextAttempt = now + 4s;
        link.error = Error{.kind = ErrorKind::Connection,
                           .what = QStringLiteral("The server closed the connection."),
                           .advice = {},
                           .serverWords = QStringLiteral("FATAL: gone"),
                           .sqlState = {}};
        banner.setLink(link, true);
        const auto text = [&banner](const char* name) {
            return banner.findChild<QLabel*>(QString::fromLatin1(name))->text();
        };
        QCOMPARE(text("linkBannerText"), QStringLiteral("The server closed the connection."));
        QCOMPARE(text("linkBannerMeaning"), QStringLiteral("What you see is 7 s old. Next attempt in 4 s."));
        QCOMPARE(text("linkBannerWords"), QStringLiteral("FATAL: gone"));
        now += 3s;
        QTRY_COMPARE(text("linkBannerMeaning"), QStringLiteral("What you see is 10 s old. Next attempt in 1 s."));
        now += 60s;
        QTRY_COMPARE(text("linkBannerMeaning"), QStringLiteral("What you see is 1 m 10 s old. Next attempt now."));
    }

    void aMessageStandsBesideTheFigures()
    {
        Stage stage;
        stage.window.show();
        stage.setPhase(LinkPhase::Live);
        stage.locks.add(1, QStringLiteral("a"), LockKey::bigint(5));
        stage.publish();
        stage.window.statusLine()->say(QStringLiteral("1234 is gone after 12 ms."));
        QCOMPARE(stage.figure("messageFigure"), QStringLiteral("1234 is gone after 12 ms."));
        QCOMPARE(stage.figure("locksFigure"), QStringLiteral("1 lock"));
        QVERIFY(stage.window.findChild<StatusFigure*>(QStringLiteral("locksFigure"))->isVisible());
    }

    void typingInTheFilterAsksOnceTypingRests()
    {
        Stage stage;
        stage.window.show();
        QSignalSpy spy(stage.page, &LocksPage::specRequested);
        stage.actions[ActionId::Filter]->trigger();
        FilterEdit* const edit = stage.window.headerBar()->filterEdit();
        QTest::keyClicks(edit, QStringLiteral("pod-a"));
        QCOMPARE(spy.size(), 0);
        QTRY_COMPARE(spy.size(), 1);
        QCOMPARE(spy.first().first().value<LockViewSpec>().filter, QStringLiteral("pod-a"));
        stage.page->setSpec(spy.first().first().value<LockViewSpec>());
        QTest::keyClick(edit, Qt::Key_Escape);
        QCOMPARE(spy.size(), 2);
        QVERIFY(spy.last().first().value<LockViewSpec>().filter.isEmpty());
    }

    void clearingTheFilterByMenuEmptiesTheFieldAndAsksOnce()
    {
        Stage stage;
        QSignalSpy spy(stage.page, &LocksPage::specRequested);
        stage.window.headerBar()->filterEdit()->setFilter(QStringLiteral("pod"));
        LockViewSpec spec;
        spec.filter = QStringLiteral("pod");
        stage.page->setSpec(spec);
        stage.actions[ActionId::ClearFilter]->trigger();
        QVERIFY(stage.window.headerBar()->filterEdit()->text().isEmpty());
        QCOMPARE(spy.size(), 1);
    }

    void aMegabyteInTheFilterIsCut()
    {
        FilterEdit edit;
        edit.setText(QString(1 << 20, u'x'));
        QCOMPARE(edit.text().size(), FilterEdit::maximumLength);
    }

    void theIntervalIsChosenFromTheList()
    {
        Stage stage;
        QSignalSpy spy(stage.window.headerBar(), &HeaderBar::intervalRequested);
        auto* const combo = stage.window.findChild<QComboBox*>(QStringLiteral("intervalCombo"));
        QCOMPARE(combo->itemText(0), QStringLiteral("Every 250 ms"));
        QCOMPARE(combo->itemText(combo->count() - 1), QStringLiteral("Every 60 s"));
        combo->setFocus();
        QTest::keyClick(combo, Qt::Key_Down);
        QCOMPARE(spy.size(), 1);
        QCOMPARE(spy.first().first().value<std::chrono::milliseconds>(), 2s);
        stage.window.headerBar()->setInterval(1500ms);
        QCOMPARE(combo->currentText(), QStringLiteral("Every 1.5 s"));
        QCOMPARE(spy.size(), 1);
    }

    void pauseFollowsTheLinkAndNotTheClick()
    {
        Stage stage;
        stage.window.setServer(primary(), {});
        stage.setPhase(LinkPhase::Live, true);
        QVERIFY(stage.actions[ActionId::Pause]->isChecked());
        QCOMPARE(stage.actions[ActionId::Pause]->iconText(), QStringLiteral("Resume"));
        stage.setPhase(LinkPhase::Live, false);
        QVERIFY(!stage.actions[ActionId::Pause]->isChecked());
        QCOMPARE(stage.actions[ActionId::Pause]->iconText(), QStringLiteral("Pause"));
    }

    void theSchemeMenuAsksAndIsMarkedFromOutside()
    {
        Stage stage;
        QSignalSpy spy(&stage.window, &MainWindow::colorSchemeRequested);
        stage.actions[ActionId::SchemeDark]->trigger();
        QCOMPARE(spy.size(), 1);
        QCOMPARE(spy.first().first().value<ColorScheme>(), ColorScheme::Dark);
        stage.window.setColorScheme(ColorScheme::Light);
        QVERIFY(stage.actions[ActionId::SchemeLight]->isChecked());
        QCOMPARE(spy.size(), 1);
    }

    void aChangeOfTheDesktopsLookIsSaid()
    {
        Stage stage;
        QSignalSpy spy(&stage.window, &MainWindow::systemThemeChanged);
        QEvent event(QEvent::ThemeChange);
        QApplication::sendEvent(&stage.window, &event);
        QCOMPARE(spy.size(), 1);
    }

    void serverDetailsAreReadable()
    {
        const QString text = serverDetails(primary());
        QVERIFY2(text.contains(QStringLiteral("Version: PostgreSQL 15.18\nKind: primary\nHost: db1\n")),
                 qPrintable(text));
        QVERIFY(text.contains(QStringLiteral("Encryption: TLS")));
    }

    void survivesASwitchOfSchemeAndSizeWhileShown()
    {
        Stage stage;
        stage.setPhase(LinkPhase::Live);
        stage.window.setServer(primary(), QStringLiteral("prod-eu"));
        stage.locks.add(1, QStringLiteral("a"), LockKey::bigint(5));
        stage.publish();
        stage.window.show();
        const auto apply = [](ColorScheme scheme, bool training) {
            theme::apply(*qApp, scheme, training);
            // Qt tells widgets of a new font only from inside QApplication::exec().
            const QWidgetList widgets = QApplication::allWidgets();
            for (QWidget* const widget : widgets) {
                QEvent event(QEvent::ApplicationFontChange);
                QApplication::sendEvent(widget, &event);
            }
        };
        apply(ColorScheme::Dark, true);
        QVERIFY(!stage.window.grab().isNull());
        QCOMPARE(stage.page->table()->rowHeight(0), theme::rowHeight());
        apply(ColorScheme::Light, false);
        QVERIFY(!stage.window.grab().isNull());
        QCOMPARE(stage.page->table()->rowHeight(0), theme::rowHeight());
    }
};

QTEST_MAIN(TestMainWindow)
#include "tst_mainwindow.moc"
