#include "tests/support/suite.h"
#include "tests/ui/locktablestage.h"
#include "tests/ui/offscreen.h"
#include "ui/theme.h"

#include <QAction>
#include <QApplication>
#include <QHeaderView>
#include <QSignalSpy>
#include <QStandardItemModel>

using namespace lockscope;
using namespace std::chrono_literals;
using Stage = test::LockTableStage;

/// Which columns the table of locks shows, how wide they are, and what of that it remembers.
class TestLockTableColumns : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::muteSizeHintsOfOffscreen();
        theme::apply(*qApp, ColorScheme::Light, false);
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

QTEST_MAIN(TestLockTableColumns)
#include "tst_locktablecolumns.moc"
