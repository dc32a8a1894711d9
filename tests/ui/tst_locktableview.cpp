#include "models/lockcolumns.h"
#include "models/locktablemodel.h"
#include "tests/support/suite.h"
#include "tests/ui/madeuplocks.h"
#include "tests/ui/offscreen.h"
#include "ui/actions.h"
#include "ui/locktableview.h"
#include "ui/theme.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QApplication>
#include <QHeaderView>
#include <QMenu>
#include <QScrollBar>
#include <QSignalSpy>
#include <QStandardItemModel>

using namespace lockscope;
using namespace std::chrono_literals;
using test::MadeUpLocks;

namespace {

struct Stage
{
    Stage()
        : view(actions, model)
    {
        view.resize(900, 300);
        view.show();
    }

    void publish() { model.apply(builder.update(locks.snapshot())); }
    int rowOfPid(qint32 pid) const
    {
        for (int row = 0; row < model.rowCount(); ++row) {
            if (model.rowAt(row)->lock.backend.pid == pid)
                return row;
        }
        return -1;
    }
    qint32 currentPid() const { return view.currentRow() == nullptr ? 0 : view.currentRow()->lock.backend.pid; }
    QStringList visibleColumns() const
    {
        QStringList ids;
        const QHeaderView* const header = view.horizontalHeader();
        for (int visual = 0; visual < header->count(); ++visual) {
            const int section = header->logicalIndex(visual);
            if (!header->isSectionHidden(section))
                ids.append(QString::fromLatin1(lockColumn(static_cast<LockColumn>(section)).id));
        }
        return ids;
    }
    QAction* columnAction(const QString& name) { return view.makeColumnMenu()->findChild<QAction*>(name); }
    bool shows(int row, int column, const QColor& color)
    {
        const QRect cell = view.visualRect(model.index(row, column));
        const QImage image = view.viewport()->grab(cell).toImage();
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 0; x < image.width(); ++x) {
                if (image.pixelColor(x, y).rgb() == color.rgb())
                    return true;
            }
        }
        return false;
    }

    Actions actions;
    LockTableModel model;
    QAbstractItemModelTester tester{&model};
    LockViewBuilder builder;
    MadeUpLocks locks;
    LockTableView view;
};

} // namespace

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

    void columnsAreRememberedOnlyOnceAPersonChangedThem()
    {
        Stage stage;
        stage.locks.add(100, QStringLiteral("a"), LockKey::bigint(1));
        stage.publish();
        stage.view.fitColumns();
        stage.view.resize(1200, 300);
        QVERIFY(stage.view.columnState().isEmpty());
        QSignalSpy spy(&stage.view, &LockTableView::columnStateChanged);
        QAction* const database = stage.columnAction(QStringLiteral("column_database"));
        QVERIFY(database != nullptr);
        database->trigger();
        QCOMPARE(spy.size(), 1);
        QVERIFY(!stage.visibleColumns().contains(QStringLiteral("database")));
        const QByteArray state = stage.view.columnState();
        QVERIFY(!state.isEmpty());

        Stage other;
        other.view.restoreColumnState(state);
        QCOMPARE(other.visibleColumns(), stage.visibleColumns());
        QVERIFY(!other.view.columnState().isEmpty());
    }

    void aForeignColumnStateIsTheFirstLayout()
    {
        Stage stage;
        const QStringList first = stage.visibleColumns();
        stage.view.restoreColumnState(QByteArray("not a header state"));
        QCOMPARE(stage.visibleColumns(), first);
        QVERIFY(stage.view.columnState().isEmpty());
    }

    void aLayoutOfTheFirstVersionSurvivesTheNewColumn()
    {
        // As the first version kept it: the state of a header of 13 sections, in the order of its columns.
        QStandardItemModel thirteen(0, 13);
        QHeaderView old(Qt::Horizontal);
        old.setModel(&thirteen);
        old.moveSection(old.visualIndex(6), 0); // PID
        old.setSectionHidden(1, true);          // database
        old.setSectionHidden(2, true);          // type
        old.resizeSection(7, 177);              // application
        Stage stage;
        stage.view.restoreColumnState(QByteArray("w") + old.saveState());
        QCOMPARE(stage.visibleColumns(),
                 (QStringList{QStringLiteral("pid"), QStringLiteral("key"), QStringLiteral("meaning"),
                              QStringLiteral("mode"), QStringLiteral("state"), QStringLiteral("since_seconds"),
                              QStringLiteral("application_name"), QStringLiteral("user"), QStringLiteral("client_addr"),
                              QStringLiteral("backend_state"), QStringLiteral("blocked_by"), QStringLiteral("query")}));
        QCOMPARE(stage.view.columnWidth(static_cast<int>(LockColumn::Application)), 177);
        const QByteArray state = stage.view.columnState();
        Stage other;
        other.view.restoreColumnState(state);
        QCOMPARE(other.visibleColumns(), stage.visibleColumns());
        QCOMPARE(other.view.columnWidth(static_cast<int>(LockColumn::Application)), 177);
    }

    void aLayoutWithColumnsOfALaterVersionIsReadAsFarAsItIsKnown()
    {
        Stage stage;
        stage.view.restoreColumnState(
            "columns 2|columns|pid,shown,70|weather,shown,90|key,shown,120|key,hidden,3|state,hidden,100");
        QCOMPARE(stage.visibleColumns().first(), QStringLiteral("pid"));
        QCOMPARE(stage.visibleColumns().count(QStringLiteral("key")), 1);
        QVERIFY(!stage.visibleColumns().contains(QStringLiteral("state")));
        QVERIFY(stage.visibleColumns().contains(QStringLiteral("since_seconds"))); // not in it: as at first
        stage.view.restoreColumnState("columns 2|columns|key,hidden,1");
        QVERIFY(stage.view.columnState().isEmpty());
        stage.view.restoreColumnState("columns 2|columns|key");
        QVERIFY(stage.view.columnState().isEmpty());
    }

    void aLongMeaningPushesNeitherStateNorSinceOff()
    {
        Stage stage;
        auto dictionary = std::make_shared<KeyDictionary>();
        dictionary->setLabels({KeyLabel{.what = LockKey::bigint(5),
                                        .database = {},
                                        .text = QStringLiteral("the nightly synchronisation of all calendars")}});
        stage.builder.setDictionary(dictionary);
        stage.locks.add(1, QStringLiteral("calendar-worker-7d9f"), LockKey::bigint(5));
        stage.locks.add(2, QStringLiteral("calendar-worker-8c1a"), LockKey::bigint(5), std::chrono::seconds(9), {1});
        stage.view.resize(860, 400);
        stage.view.show();
        stage.publish();
        stage.view.fitColumns();
        const auto right = [&stage](LockColumn column) {
            const int section = static_cast<int>(column);
            return stage.view.columnViewportPosition(section) + stage.view.columnWidth(section);
        };
        for (const LockColumn column : {LockColumn::State, LockColumn::Since, LockColumn::Pid, LockColumn::Blockers})
            QVERIFY2(right(column) <= stage.view.viewport()->width(), lockColumn(column).id);
        QVERIFY(stage.view.columnWidth(static_cast<int>(LockColumn::Meaning)) >= 60);
    }

    void aMeaningGivesWayWhereAWaitedForKeyNeedsItsPlace()
    {
        Stage stage;
        auto dictionary = std::make_shared<KeyDictionary>();
        const LockKey key = LockKey::bigint(-9'223'372'036'854'775'807);
        dictionary->setLabels({KeyLabel{.what = key, .database = {}, .text = QStringLiteral("all calendars")}});
        stage.builder.setDictionary(dictionary);
        stage.locks.add(1, QStringLiteral("calendar-worker-7d9f"), key);
        stage.locks.add(2, QStringLiteral("calendar-worker-8c1a"), key, std::chrono::seconds(9), {1});
        stage.view.resize(1400, 400);
        stage.view.show();
        stage.publish();
        stage.view.fitColumns();
        const int meaning = static_cast<int>(LockColumn::Meaning);
        QVERIFY(!stage.view.isColumnHidden(meaning));
        stage.view.resize(720, 400);
        QTRY_VERIFY(stage.view.isColumnHidden(meaning));
        const int application = static_cast<int>(LockColumn::Application);
        QVERIFY(stage.view.columnViewportPosition(application) + stage.view.columnWidth(application) <=
                stage.view.viewport()->width());
        stage.view.resize(1400, 400);
        QTRY_VERIFY(!stage.view.isColumnHidden(meaning));
    }

    void theLastColumnCannotBeHidden()
    {
        Stage stage;
        QStringList visible = stage.visibleColumns();
        while (visible.size() > 1) {
            QAction* const action = stage.columnAction(QStringLiteral("column_") + visible.takeLast());
            QVERIFY(action != nullptr);
            action->trigger();
        }
        QAction* const last = stage.columnAction(QStringLiteral("column_") + visible.first());
        QVERIFY(last != nullptr);
        QVERIFY(!last->isEnabled());
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

    void columnsGrowWithTheirContentAndDoNotShrink()
    {
        Stage stage;
        stage.view.resize(1400, 300);
        stage.locks.add(1, QStringLiteral("a"), LockKey::bigint(5));
        stage.publish();
        stage.view.fitColumns();
        const int key = static_cast<int>(LockColumn::Key);
        const int narrow = stage.view.columnWidth(key);
        const LockKey wide = LockKey::bigint(-1'234'567'890'123);
        stage.locks.add(2, QStringLiteral("b"), wide);
        stage.publish();
        stage.view.fitColumns();
        const int grown = stage.view.columnWidth(key);
        QVERIFY(grown > narrow);
        QVERIFY(grown > QFontMetrics(theme::monospace()).horizontalAdvance(wide.toString()));
        stage.locks.remove(2);
        for (int poll = 0; poll < 5; ++poll) {
            stage.locks.pass(1s);
            stage.publish();
            stage.view.fitColumns();
        }
        QCOMPARE(stage.view.columnWidth(key), grown);
        stage.view.forgetWidths();
        stage.view.fitColumns();
        QCOMPARE(stage.view.columnWidth(key), narrow);
    }

    void theQueryIsShownWhereThereIsRoomUntilAPersonChooses()
    {
        Stage stage;
        stage.locks.add(1, QStringLiteral("a"), LockKey::bigint(5));
        stage.publish();
        stage.view.fitColumns();
        const QString query = QStringLiteral("query");
        stage.view.resize(700, 300);
        QVERIFY(!stage.visibleColumns().contains(query));
        QVERIFY(!stage.visibleColumns().contains(QStringLiteral("user")));
        stage.view.resize(1800, 300);
        QVERIFY(stage.visibleColumns().contains(query));
        QVERIFY(stage.visibleColumns().contains(QStringLiteral("user")));
        QVERIFY(stage.view.columnState().isEmpty());
        stage.columnAction(QStringLiteral("column_query"))->trigger();
        stage.view.resize(700, 300);
        stage.view.resize(1800, 300);
        QVERIFY(!stage.visibleColumns().contains(query));
    }

    void widthsFollowTheContentAlsoAfterAColumnWasHidden()
    {
        Stage stage;
        stage.view.resize(1400, 300);
        stage.locks.add(1, QStringLiteral("a"), LockKey::bigint(5));
        stage.publish();
        stage.view.fitColumns();
        stage.columnAction(QStringLiteral("column_user"))->trigger();
        Stage other;
        other.view.resize(1400, 300);
        other.view.restoreColumnState(stage.view.columnState());
        const int before = other.view.columnWidth(static_cast<int>(LockColumn::Key));
        other.locks.add(1, QStringLiteral("a"), LockKey::pair(-1'000'000'000, 1'000'000'000));
        other.publish();
        other.view.fitColumns();
        QVERIFY(other.view.columnWidth(static_cast<int>(LockColumn::Key)) > before);
        QVERIFY(!other.visibleColumns().contains(QStringLiteral("user")));
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

    void aWideKeyOfAWaitingRowIsNeverCut()
    {
        Stage stage;
        const LockKey wide = LockKey::bigint(std::numeric_limits<qint64>::min());
        stage.locks.add(1, QStringLiteral("holder"), wide);
        stage.locks.add(2, QStringLiteral("waiter"), wide, 1s, {1});
        for (int pid = 10; pid < 40; ++pid)
            stage.locks.add(pid, QStringLiteral("worker"), LockKey::bigint(pid));
        stage.publish();
        stage.view.fitColumns();
        const int needed = QFontMetrics(theme::monospace()).horizontalAdvance(wide.toString());
        QVERIFY(stage.view.columnWidth(static_cast<int>(LockColumn::Key)) > needed);
    }
};

QTEST_MAIN(TestLockTableView)
#include "tst_locktableview.moc"
