#include "tests/support/suite.h"
#include "tests/ui/locktablestage.h"
#include "tests/ui/offscreen.h"
#include "ui/theme.h"

#include <QAction>
#include <QApplication>
#include <QHeaderView>
#include <QMenu>
#include <QScrollBar>
#include <QSignalSpy>

using namespace lockscope;
using namespace std::chrono_literals;
using Stage = test::LockTableStage;

class TestLockTableView : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::muteSizeHintsOfOffscreen();
        theme::apply(*qApp, ColorScheme::Light, false);
    }

    void theFocusAloneChoosesNoRow()
    {
        Stage stage;
        stage.locks.add(1, QStringLiteral("a"), LockKey::bigint(5));
        stage.publish();
        QSignalSpy chosen(&stage.view, &LockTableView::currentRowChanged);
        QFocusEvent focus(QEvent::FocusIn, Qt::TabFocusReason);
        QCoreApplication::sendEvent(&stage.view, &focus);
        QCOMPARE(stage.currentPid(), 0);
        QCOMPARE(chosen.size(), 0);
        QTest::keyClick(&stage.view, Qt::Key_Down);
        QCOMPARE(stage.currentPid(), 1);
    }

    void keepsCurrentRowSelectionAndScrollWhenRowsAboveDisappear()
    {
        Stage stage;
        for (int pid = 100; pid < 200; ++pid)
            stage.locks.add(pid, QStringLiteral("worker"), LockKey::bigint(pid));
        stage.publish();
        const QModelIndex chosen = stage.model.index(stage.rowOfPid(150), 0);
        stage.view.setCurrentIndex(chosen);
        stage.view.scrollTo(chosen, QAbstractItemView::PositionAtCenter);
        const int scroll = stage.view.verticalScrollBar()->value();
        QVERIFY(scroll > 0);

        for (const int pid : {101, 110, 120})
            stage.locks.remove(pid);
        stage.locks.add(99, QStringLiteral("newcomer"), LockKey::bigint(-1));
        for (int poll = 0; poll < 6; ++poll) {
            stage.locks.pass(1s);
            stage.publish();
        }
        QCOMPARE(stage.currentPid(), 150);
        QCOMPARE(stage.view.selectedRows().size(), 1);
        QCOMPARE(stage.view.selectedRows().first().lock.backend.pid, 150);
        QCOMPARE(stage.view.verticalScrollBar()->value(), scroll);
    }

    void selectsNothingWhenTheCurrentRowLeaves()
    {
        Stage stage;
        for (int pid = 100; pid < 110; ++pid)
            stage.locks.add(pid, QStringLiteral("worker"), LockKey::bigint(pid));
        stage.publish();
        stage.view.setCurrentIndex(stage.model.index(stage.rowOfPid(105), 0));
        stage.locks.remove(105);
        stage.locks.pass(1s);
        stage.publish();
        QVERIFY(stage.view.currentRow() != nullptr);
        QVERIFY(stage.view.currentRow()->isGone());
        for (int poll = 0; poll < 5; ++poll) {
            stage.locks.pass(1s);
            stage.publish();
        }
        QCOMPARE(stage.rowOfPid(105), -1);
        QCOMPARE(stage.currentPid(), 0);
        QVERIFY(stage.view.selectedRows().isEmpty());
    }

    void homeAndEndReachTheFirstAndLastLockAndArrowsFollowTheRow()
    {
        Stage stage;
        for (int pid = 100; pid < 200; ++pid)
            stage.locks.add(pid, QStringLiteral("worker"), LockKey::bigint(pid));
        stage.publish();
        QTest::keyClick(&stage.view, Qt::Key_End);
        QCOMPARE(stage.currentPid(), 199);
        QCOMPARE(stage.view.verticalScrollBar()->value(), stage.view.verticalScrollBar()->maximum());
        QTest::keyClick(&stage.view, Qt::Key_Home);
        QCOMPARE(stage.currentPid(), 100);
        QCOMPARE(stage.view.verticalScrollBar()->value(), 0);
        for (int press = 0; press < 40; ++press)
            QTest::keyClick(&stage.view, Qt::Key_Down);
        QCOMPARE(stage.currentPid(), 140);
        QVERIFY(stage.view.viewport()->rect().contains(stage.view.visualRect(stage.view.currentIndex()).center()));
    }

    void theSpaceBarAsksForAPause()
    {
        Stage stage;
        QSignalSpy spy(&stage.view, &LockTableView::pauseToggleRequested);
        QTest::keyClick(&stage.view, Qt::Key_Space);
        QCOMPARE(spy.size(), 1);
    }

    void aClickOnAHeaderAsksForSortingAndMovesNoRow()
    {
        Stage stage;
        stage.locks.add(300, QStringLiteral("a"), LockKey::bigint(1));
        stage.locks.add(200, QStringLiteral("b"), LockKey::bigint(2));
        stage.publish();
        QSignalSpy spy(&stage.model, &LockTableModel::sortRequested);
        QHeaderView* const header = stage.view.horizontalHeader();
        const int pid = static_cast<int>(LockColumn::Pid);
        QTest::mouseClick(header->viewport(), Qt::LeftButton, {},
                          QPoint(header->sectionViewportPosition(pid) + 10, header->height() / 2));
        QCOMPARE(spy.size(), 1);
        QCOMPARE(spy.first().at(0).value<LockColumn>(), LockColumn::Pid);
        QCOMPARE(stage.rowOfPid(300), 0);
    }

    void theSortArrowFollowsTheSpecificationWithoutAsking()
    {
        Stage stage;
        QSignalSpy spy(&stage.model, &LockTableModel::sortRequested);
        stage.view.setSort(LockColumn::Since, Qt::DescendingOrder);
        QCOMPARE(stage.view.horizontalHeader()->sortIndicatorSection(), static_cast<int>(LockColumn::Since));
        QCOMPARE(stage.view.horizontalHeader()->sortIndicatorOrder(), Qt::DescendingOrder);
        QCOMPARE(spy.size(), 0);
    }

    void allRowsHaveOneHeightAndCompactOnesASmaller()
    {
        Stage stage;
        stage.locks.add(100, QStringLiteral("a"), LockKey::bigint(1));
        stage.locks.add(101, QStringLiteral("b\nc\nd"), LockKey::bigint(2));
        stage.publish();
        QCOMPARE(stage.view.rowHeight(0), theme::rowHeight());
        QCOMPARE(stage.view.rowHeight(1), theme::rowHeight());
        stage.view.setCompact(true);
        QCOMPARE(stage.view.rowHeight(0), theme::rowHeight(true));
    }

    void everyStateHasItsColour_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }

    void everyStateHasItsColour()
    {
        QFETCH(bool, dark);
        theme::apply(*qApp, dark ? ColorScheme::Dark : ColorScheme::Light, false);
        Stage stage;
        stage.locks.add(1, QStringLiteral("holder"), LockKey::bigint(5));
        stage.locks.add(2, QStringLiteral("waiter"), LockKey::bigint(5), 40s, {1});
        stage.locks.add(3, QStringLiteral("idle"), LockKey::pair(1, 2));
        stage.locks.add(4, QStringLiteral("leaver"), LockKey::bigint(9));
        stage.publish();
        stage.locks.remove(4);
        stage.locks.add(5, QStringLiteral("newcomer"), LockKey::bigint(7));
        stage.locks.pass(100ms);
        stage.publish();
        stage.model.setOwnBackends({3});
        const QPalette palette = stage.view.palette();
        const auto tone = [&palette](Tone id) { return theme::color(id, palette); };
        const int state = static_cast<int>(LockColumn::State);
        const int key = static_cast<int>(LockColumn::Key);
        QVERIFY(stage.shows(stage.rowOfPid(1), state, tone(Tone::Blocker)));
        QVERIFY(stage.shows(stage.rowOfPid(2), state, tone(Tone::Waiting)));
        QVERIFY(stage.shows(stage.rowOfPid(2), static_cast<int>(LockColumn::Since), tone(Tone::Waiting)));
        QVERIFY(stage.shows(stage.rowOfPid(3), state, tone(Tone::Held)));
        QVERIFY(stage.shows(stage.rowOfPid(3), key, tone(Tone::Mine)));
        QVERIFY(!stage.shows(stage.rowOfPid(1), key, tone(Tone::Mine)));
        QVERIFY(stage.shows(stage.rowOfPid(4), key, tone(Tone::Gone)));
        QVERIFY(stage.shows(stage.rowOfPid(5), key, tone(Tone::New)));

        stage.model.setStale(7s);
        QVERIFY(!stage.shows(stage.rowOfPid(1), state, tone(Tone::Blocker)));
        QVERIFY(stage.shows(stage.rowOfPid(1), state, tone(Tone::Stale)));
        theme::apply(*qApp, ColorScheme::Light, false);
    }

    void theMarksOfARowStandInWhicheverColumnIsFirst()
    {
        Stage stage;
        stage.locks.add(3, QStringLiteral("idle"), LockKey::bigint(5));
        stage.publish();
        stage.model.setOwnBackends({3});
        const QColor mine = theme::color(Tone::Mine, stage.view.palette());
        const int pid = static_cast<int>(LockColumn::Pid);
        QVERIFY(!stage.shows(0, pid, mine));
        stage.view.horizontalHeader()->moveSection(stage.view.horizontalHeader()->visualIndex(pid), 0);
        QVERIFY(stage.shows(0, pid, mine));
    }

    void theMenuOfARowOffersToSeeOnlyWhatIsLikeIt()
    {
        Stage stage;
        stage.locks.add(7, QStringLiteral("pod \"x\""), LockKey::pair(-5, 7));
        stage.locks.add(8, QStringLiteral("pod & co"), LockKey::bigint(5));
        stage.publish();
        QSignalSpy spy(&stage.view, &LockTableView::filterChosen);
        const auto choose = [&stage](qint32 pid, const char* name) {
            stage.view.setCurrentIndex(stage.model.index(stage.rowOfPid(pid), 0));
            const std::unique_ptr<QMenu> menu(stage.view.makeRowMenu());
            auto* const action = menu->findChild<QAction*>(QString::fromLatin1(name));
            const QString text = action == nullptr ? QString() : action->text();
            if (action != nullptr)
                action->trigger();
            return text;
        };
        QCOMPARE(choose(7, "filterKeyAction"), QStringLiteral("Show Only Key (-5, 7)"));
        QCOMPARE(choose(7, "filterPidAction"), QStringLiteral("Show Only PID 7"));
        QVERIFY(choose(7, "filterApplicationAction").isEmpty()); // a filter cannot say a quotation mark
        QCOMPARE(choose(8, "filterApplicationAction"), QStringLiteral("Show Only Application pod && co"));
        QStringList filters;
        for (const QList<QVariant>& call : std::as_const(spy))
            filters.append(call.first().toString());
        QCOMPARE(filters.join(u'|'), QStringLiteral("key:(-5, 7)|pid:7|app:\"pod & co\""));
        QSignalSpy activated(&stage.view, &LockTableView::rowActivated);
        QVERIFY(!choose(8, "takeKeyAction").isEmpty());
        QCOMPARE(activated.size(), 1);
    }
};

QTEST_MAIN(TestLockTableView)
#include "tst_locktableview.moc"
