#include "tests/support/locktext.h"
#include "tests/support/suite.h"
#include "tests/ui/offscreen.h"
#include "ui/actions.h"
#include "ui/elidedlabel.h"
#include "ui/emptystate.h"
#include "ui/explanationview.h"
#include "ui/waitforestview.h"
#include "ui/waitgraphview.h"
#include "ui/waitspage.h"

#include <QAbstractButton>
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QMenu>
#include <QSignalSpy>
#include <QStackedWidget>

using namespace lockscope;
using namespace std::chrono_literals;
using test::SnapshotMaker;

namespace {

WaitNodeId idOf(qint32 pid)
{
    return {.backend = {.pid = pid, .backendStart = test::serverTime(-1000 - pid)}};
}

/// 1 holds 5, 2 and 3 wait for it; 2 holds 6, 4 waits for that.
SnapshotMaker chain(double takenAt)
{
    SnapshotMaker maker(takenAt);
    maker.held(5, 1).held(6, 2);
    maker.waiting(5, 2, 10, {1}).waiting(5, 3, 12, {1, 2}).waiting(6, 4, 14, {2});
    return maker;
}

ServerInfo serverInfo()
{
    ServerInfo server;
    server.version = QStringLiteral("15.18");
    server.versionNumber = 150018;
    server.database = QStringLiteral("shop");
    server.role = QStringLiteral("watcher");
    server.isSuperuser = true;
    server.seesAllStats = true;
    server.signalsBackends = true;
    return server;
}

struct Stage
{
    Stage()
        : page(actions)
    {
        page.resize(900, 620);
        LinkState link;
        link.phase = LinkPhase::Live;
        page.setServer(serverInfo());
        page.setLink(link);
        page.show();
    }

    void show(const SnapshotMaker& maker) { page.setView(builder.update(maker.make()).view); }
    WaitForestView* forest() const { return page.findChild<WaitForestView*>(); }
    ExplanationView* explanation() const { return page.findChild<ExplanationView*>(); }
    QString place() const
    {
        return page.findChild<QStackedWidget*>(QStringLiteral("waitsStack"))->currentWidget()->objectName();
    }
    QString summary() const { return page.findChild<ElidedLabel*>(QStringLiteral("waitsSummary"))->text(); }
    template <typename Widget>
    Widget* child(const char* name) const
    {
        return page.findChild<Widget*>(QString::fromLatin1(name));
    }
    QModelIndex row(qint32 pid) const { return static_cast<WaitForestModel*>(forest()->model())->indexOf(idOf(pid)); }
    /// What the person sees, from top to bottom: "1, . 2, . . 4".
    QString visible() const
    {
        QStringList rows;
        for (QModelIndex index = forest()->model()->index(0, 0); index.isValid(); index = forest()->indexBelow(index)) {
            int depth = 0;
            for (QModelIndex above = index.parent(); above.isValid(); above = above.parent())
                ++depth;
            const auto id = index.data(WaitForestModel::NodeIdRole).value<WaitNodeId>();
            rows.append(QStringLiteral(". ").repeated(depth) + QString::number(id.backend.pid));
        }
        return rows.join(QStringLiteral(", "));
    }

    Actions actions;
    LockViewBuilder builder;
    WaitsPage page;
};

} // namespace

class TestWaitsPage : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::muteSizeHintsOfOffscreen();
        theme::apply(*qApp, ColorScheme::Light, false);
    }

    void offersAConnectionWhileThereIsNone()
    {
        Actions actions;
        WaitsPage page(actions);
        QCOMPARE(page.findChild<QStackedWidget*>(QStringLiteral("waitsStack"))->currentWidget()->objectName(),
                 QStringLiteral("waitsNotConnectedState"));
        QSignalSpy connectSpy(actions[ActionId::Connect], &QAction::triggered);
        page.findChild<QAbstractButton*>(QStringLiteral("waitsConnectButton"))->click();
        QCOMPARE(connectSpy.count(), 1);
    }

    void saysThatNobodyWaitsAndOffersAllSessions()
    {
        Stage stage;
        stage.show(SnapshotMaker(1).held(5, 1).held(6, 1).held(6, 2));
        QCOMPARE(stage.place(), QStringLiteral("nobodyWaitsState"));
        QVERIFY(stage.child<EmptyState>("nobodyWaitsState")
                    ->text()
                    .endsWith(QStringLiteral("2 sessions hold advisory locks and hold up nobody.")));
        QSignalSpy options(&stage.page, &WaitsPage::optionsRequested);
        stage.child<QAbstractButton>("waitsAllSessionsButton")->click();
        QCOMPARE(options.count(), 1);
        const auto wanted = options.first().first().value<WaitForestOptions>();
        QVERIFY(wanted.allSessions);
        QCOMPARE(stage.place(), QStringLiteral("nobodyWaitsState")); // it only asked
        stage.page.setOptions(wanted);
        QCOMPARE(stage.place(), QStringLiteral("waitsSplitter"));
        QCOMPARE(stage.visible(), QStringLiteral("1, 2"));
    }

    void saysThatAllWaitsAreShorterAndOffersThem()
    {
        Stage stage;
        stage.page.setOptions({.minimumWait = 5min});
        stage.show(chain(20));
        QCOMPARE(stage.place(), QStringLiteral("shortWaitsState"));
        QSignalSpy options(&stage.page, &WaitsPage::optionsRequested);
        stage.child<QAbstractButton>("waitsAnyButton")->click();
        QCOMPARE(options.count(), 1);
        stage.page.setOptions(options.first().first().value<WaitForestOptions>());
        QCOMPARE(stage.place(), QStringLiteral("waitsSplitter"));
    }

    void saysTheSituationInASentence()
    {
        Stage stage;
        stage.show(chain(20));
        QCOMPARE(stage.summary(), QStringLiteral("3 sessions wait behind 1 root blocker; the longest for 10.0 s"));
    }

    void showsEverythingExpandedAndKeepsWhatWasClosed()
    {
        Stage stage;
        stage.show(chain(20));
        QCOMPARE(stage.visible(), QStringLiteral("1, . 2, . . 4, . 3"));
        stage.forest()->collapse(stage.row(2));
        QCOMPARE(stage.visible(), QStringLiteral("1, . 2, . 3"));
        stage.show(chain(21).waiting(6, 5, 20, {2, 4}).held(7, 11).waiting(7, 12, 20, {11}));
        QCOMPARE(stage.visible(), QStringLiteral("1, . 2, . 3, 11, . 12"));
        stage.forest()->expand(stage.row(2));
        QCOMPARE(stage.visible(), QStringLiteral("1, . 2, . . 4, . . 5, . 3, 11, . 12"));
    }

    void whatAPersonSelectsIsSaidOnce()
    {
        Stage stage;
        stage.show(chain(20));
        QSignalSpy selected(&stage.page, &WaitsPage::sessionSelected);
        stage.forest()->setCurrentIndex(stage.row(3));
        QCOMPARE(selected.count(), 1);
        QCOMPARE(selected.first().first().value<WaitNodeId>(), idOf(3));
        QCOMPARE(stage.page.selectedSession(), idOf(3));
        stage.show(chain(21));
        QCOMPARE(selected.count(), 1);
        QCOMPARE(stage.forest()->currentSession(), idOf(3));
    }

    void gettingTheFocusSelectsNobody()
    {
        Stage stage;
        stage.show(chain(20));
        QSignalSpy selected(&stage.page, &WaitsPage::sessionSelected);
        stage.forest()->clearFocus();
        stage.forest()->setFocus();
        QTRY_VERIFY(stage.forest()->hasFocus());
        QVERIFY(stage.page.selectedSession().isNull());
        QVERIFY(stage.forest()->currentSession().isNull());
        QTest::keyClick(stage.forest(), Qt::Key_Down);
        QCOMPARE(stage.page.selectedSession(), idOf(1));
        QCOMPARE(selected.count(), 1);
    }

    void selectingFromOutsideSaysNothingBack()
    {
        Stage stage;
        stage.show(chain(20));
        QSignalSpy selected(&stage.page, &WaitsPage::sessionSelected);
        stage.page.selectSession(idOf(4));
        QCOMPARE(selected.count(), 0);
        QCOMPARE(stage.forest()->currentSession(), idOf(4));
        stage.page.selectSession({});
        QVERIFY(stage.forest()->currentSession().isNull());
        QCOMPARE(selected.count(), 0);
    }

    void theDrawingFollowsTheForest()
    {
        Stage stage;
        stage.show(chain(20));
        stage.child<QAbstractButton>("showBothButton")->click();
        auto* const graph = stage.page.findChild<WaitGraphView*>();
        QVERIFY(graph->isVisibleTo(&stage.page));
        stage.forest()->setCurrentIndex(stage.row(3));
        QCOMPARE(graph->selectedSession(), idOf(3));
        stage.page.selectSession(idOf(2));
        QCOMPARE(graph->selectedSession(), idOf(2));
    }

    void explainsTheWorstRootWhenNothingIsSelected()
    {
        Stage stage;
        stage.show(chain(20));
        QVERIFY(stage.page.selectedSession().isNull());
        const QString worst = stage.explanation()->text();
        QVERIFY(!worst.isEmpty());
        stage.page.selectSession(idOf(1));
        QCOMPARE(stage.explanation()->text(), worst);
        stage.page.selectSession(idOf(3));
        QVERIFY(stage.explanation()->text() != worst);
    }

    void aSelectedSessionThatLeavesLingersInTheExplanation()
    {
        Stage stage;
        stage.show(chain(20));
        stage.page.selectSession(idOf(4));
        SnapshotMaker without(21);
        without.held(5, 1).held(6, 2).waiting(5, 2, 10, {1}).waiting(5, 3, 12, {1, 2});
        stage.show(without);
        QVERIFY(stage.forest()->currentSession().isNull()); // no neighbour is selected in its place
        QVERIFY2(stage.explanation()->text().contains(QStringLiteral("is gone.")),
                 qPrintable(stage.explanation()->text()));
        QCOMPARE(stage.page.selectedSession(), idOf(4));
        SnapshotMaker later(25);
        later.held(5, 1).held(6, 2).waiting(5, 2, 10, {1}).waiting(5, 3, 12, {1, 2});
        stage.show(later);
        QVERIFY(!stage.explanation()->text().contains(QStringLiteral("is gone.")));
        QVERIFY(stage.page.selectedSession().isNull());
    }

    void aSessionThatComesBackIsSelectedAgain()
    {
        Stage stage;
        stage.show(chain(20));
        stage.page.selectSession(idOf(4));
        SnapshotMaker without(21);
        without.held(5, 1).waiting(5, 2, 10, {1});
        stage.show(without);
        stage.show(chain(22));
        QCOMPARE(stage.forest()->currentSession(), idOf(4));
    }

    void deleteAsksToCancelAndShiftDeleteToTerminate()
    {
        Stage stage;
        stage.show(chain(20).backend(2, [](Backend& backend) { backend.state = QStringLiteral("active"); }));
        QSignalSpy cures(&stage.page, &WaitsPage::cureRequested);
        stage.forest()->setCurrentIndex(stage.row(2));
        QTest::keyClick(stage.forest(), Qt::Key_Delete);
        QTest::keyClick(stage.forest(), Qt::Key_Delete, Qt::ShiftModifier);
        QCOMPARE(cures.count(), 2);
        QCOMPARE(cures.at(0).at(0).value<CureKind>(), CureKind::CancelQuery);
        QCOMPARE(cures.at(1).at(0).value<CureKind>(), CureKind::TerminateBackend);
        QCOMPARE(cures.at(1).at(1).value<WaitNodeId>(), idOf(2));
    }

    void readOnlyAndOwnSessionsAreNotCured()
    {
        Stage stage;
        stage.show(chain(20).backend(2, [](Backend& backend) { backend.state = QStringLiteral("active"); }));
        QSignalSpy cures(&stage.page, &WaitsPage::cureRequested);
        stage.forest()->setCurrentIndex(stage.row(2));
        stage.page.setReadOnly(true);
        QTest::keyClick(stage.forest(), Qt::Key_Delete, Qt::ShiftModifier);
        stage.page.setReadOnly(false);
        stage.page.setOwnBackends({2});
        QTest::keyClick(stage.forest(), Qt::Key_Delete, Qt::ShiftModifier);
        stage.page.setOwnBackends({});
        LinkState lost;
        lost.phase = LinkPhase::Lost;
        stage.page.setLink(lost);
        QTest::keyClick(stage.forest(), Qt::Key_Delete, Qt::ShiftModifier);
        QCOMPARE(cures.count(), 0);
    }

    void theMenuOffersLocksFilterAndCopies()
    {
        Stage stage;
        stage.show(chain(20));
        stage.forest()->setCurrentIndex(stage.row(2));
        QSignalSpy filters(&stage.page, &WaitsPage::filterRequested);
        QSignalSpy activated(&stage.page, &WaitsPage::sessionActivated);
        const std::unique_ptr<QMenu> menu(stage.page.makeMenu(idOf(2)));
        menu->findChild<QAction*>(QStringLiteral("waitsFilterAction"))->trigger();
        menu->findChild<QAction*>(QStringLiteral("waitsGoToLocksAction"))->trigger();
        menu->findChild<QAction*>(QStringLiteral("waitsCopyPidAction"))->trigger();
        QCOMPARE(filters.first().first().toString(), QStringLiteral("pid:2"));
        QCOMPARE(activated.first().first().value<WaitNodeId>(), idOf(2));
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("2"));
        menu->findChild<QAction*>(QStringLiteral("waitsCopyRowAction"))->trigger();
        QVERIFY(QGuiApplication::clipboard()->text().startsWith(QStringLiteral("2 pod\twaiting\tkey 5, Exclusive\t")));
        QVERIFY(menu->findChild<QAction*>(QStringLiteral("waitsTerminateAction"))->isEnabled());
        QVERIFY(menu->findChild<QAction*>(QStringLiteral("waitsCommitAction")) == nullptr);
    }

    void returnGoesToTheLocks()
    {
        Stage stage;
        stage.show(chain(20));
        stage.forest()->setCurrentIndex(stage.row(3));
        QSignalSpy activated(&stage.page, &WaitsPage::sessionActivated);
        QTest::keyClick(stage.forest(), Qt::Key_Return);
        QCOMPARE(activated.count(), 1);
        QCOMPARE(activated.first().first().value<WaitNodeId>(), idOf(3));
    }

    void copiesTheTreeAsIndentedText()
    {
        Stage stage;
        stage.show(chain(20));
        stage.child<QAction>("copyTreeAction")->trigger();
        const QStringList lines = QGuiApplication::clipboard()->text().split(u'\n');
        QCOMPARE(lines.size(), 6);
        QVERIFY(lines.at(0).startsWith(QStringLiteral("Session\tState\t")));
        QVERIFY(lines.at(1).startsWith(QStringLiteral("1 pod\tblocking, idle\t")));
        QVERIFY(lines.at(2).startsWith(QStringLiteral("  2 pod\twaiting\t")));
        QVERIFY(lines.at(3).startsWith(QStringLiteral("    4 pod\twaiting\tkey 6, Exclusive\t")));
    }

    void theMinimumWaitIsOnlyAskedFor()
    {
        Stage stage;
        stage.show(chain(20));
        QSignalSpy options(&stage.page, &WaitsPage::optionsRequested);
        auto* const combo = stage.child<QComboBox>("minimumWaitCombo");
        combo->setCurrentIndex(2);
        Q_EMIT combo->activated(2);
        QCOMPARE(options.count(), 1);
        QCOMPARE(options.first().first().value<WaitForestOptions>().minimumWait, 5000ms);
        QCOMPARE(combo->currentIndex(), 0);
        stage.page.setOptions(options.first().first().value<WaitForestOptions>());
        QCOMPARE(combo->currentIndex(), 2);
    }

    void theTreeAndTheStateAreNeverCutToNothing_data()
    {
        QTest::addColumn<int>("width");
        QTest::newRow("narrow") << 560;
        QTest::newRow("docks open at 1280") << 860;
        QTest::newRow("wide") << 1500;
    }
    void theTreeAndTheStateAreNeverCutToNothing()
    {
        QFETCH(const int, width);
        Stage stage;
        stage.page.resize(width, 560);
        stage.show(chain(20).backend(1, [](Backend& backend) {
            backend.applicationName = QStringLiteral("a-service-with-a-long-name-in-some-cluster");
            backend.state = QStringLiteral("idle in transaction (aborted)");
        }));
        QTRY_COMPARE(stage.page.width(), width);
        const int grid = theme::grid();
        QVERIFY(stage.forest()->columnWidth(WaitForestModel::Session) >= 20 * grid);
        QVERIFY(stage.forest()->columnWidth(WaitForestModel::State) >= 14 * grid);
        QVERIFY(stage.forest()->columnWidth(WaitForestModel::WaitsFor) >= 12 * grid);
        QVERIFY(!stage.forest()->isColumnHidden(WaitForestModel::StuckBehind));
    }

    void remembersHowItWasShown()
    {
        Stage stage;
        stage.show(chain(20));
        stage.child<QAbstractButton>("showBothButton")->click();
        stage.page.findChild<WaitGraphView*>()->setZoom(0.5);
        Stage other;
        other.page.restoreState(stage.page.state());
        other.show(chain(20));
        QVERIFY(other.child<QAbstractButton>("showBothButton")->isChecked());
        QCOMPARE(other.page.findChild<WaitGraphView*>()->zoom(), 0.5);
        const QByteArray before = other.page.state();
        other.page.restoreState(QByteArray("nonsense"));
        other.page.restoreState({});
        QCOMPARE(other.page.state(), before);
    }

    void aDrawingThatNobodyZoomedIsFittedAgain()
    {
        Stage stage;
        stage.show(chain(20));
        stage.child<QAbstractButton>("showBothButton")->click();
        QVERIFY(stage.page.findChild<WaitGraphView*>()->isFitted());
        Stage other;
        other.page.restoreState(stage.page.state());
        other.show(chain(20));
        QVERIFY(other.page.findChild<WaitGraphView*>()->isFitted());
        QVERIFY(!other.child<QAbstractButton>("showTreeButton")->isChecked());
    }

    void layoutButtonsStayWhereTheyAre()
    {
        Stage stage;
        stage.show(chain(20));
        auto* const both = stage.child<QAbstractButton>("showBothButton");
        const QPoint place = both->mapTo(&stage.page, QPoint());
        stage.child<QAbstractButton>("showGraphButton")->click();
        QTRY_VERIFY(stage.child<QAbstractButton>("zoomFitButton")->isVisible());
        QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);
        QCOMPARE(both->mapTo(&stage.page, QPoint()), place);
    }

    void focusGoesBackToTheListWithTheSessionOfTheButton()
    {
        Stage stage;
        stage.show(chain(20));
        stage.page.selectSession(idOf(4));
        stage.child<QAbstractButton>("terminateBackendButton")->setFocus();
        SnapshotMaker without(21);
        without.held(5, 1).held(6, 2).waiting(5, 2, 10, {1}).waiting(5, 3, 12, {1, 2});
        stage.show(without);
        QCOMPARE(stage.page.window()->focusWidget(), static_cast<QWidget*>(stage.forest()));
    }

    void whileItIsHiddenItDoesNothingAndCatchesUpWhenItIsShown()
    {
        Stage stage;
        stage.show(chain(20));
        stage.child<QAbstractButton>("showBothButton")->click();
        stage.page.hide();
        QSignalSpy changed(stage.forest()->model(), &QAbstractItemModel::dataChanged);
        SnapshotMaker grown = chain(21);
        stage.show(grown.waiting(6, 7, 15, {2}));
        stage.page.selectSession(idOf(7));
        QCOMPARE(stage.page.selectedSession(), idOf(7));
        QVERIFY(!stage.row(7).isValid());
        QCOMPARE(changed.size(), 0);
        stage.page.show();
        QCOMPARE(stage.visible(), QStringLiteral("1, . 2, . . 4, . . 7, . 3"));
        QCOMPARE(stage.forest()->currentIndex().data(WaitForestModel::NodeIdRole).value<WaitNodeId>(), idOf(7));
        QCOMPARE(stage.page.findChild<WaitGraphView*>()->selectedSession(), idOf(7));
        QVERIFY(stage.explanation()->text().startsWith(QStringLiteral("7 ")));
        stage.page.hide();
        stage.page.setView(stage.builder.reset().view);
        QVERIFY(stage.row(7).isValid());
        stage.page.show();
        QCOMPARE(stage.place(), QStringLiteral("waitsConnectingState"));
    }

    void anotherServerStartsAnew()
    {
        Stage stage;
        stage.show(chain(20));
        stage.page.selectSession(idOf(4));
        stage.page.setView(stage.builder.reset().view);
        QCOMPARE(stage.place(), QStringLiteral("waitsConnectingState"));
        QVERIFY(stage.page.selectedSession().isNull());
    }
};

QTEST_MAIN(TestWaitsPage)
#include "tst_waitspage.moc"
