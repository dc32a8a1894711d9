#include "tests/support/locktext.h"
#include "tests/support/suite.h"
#include "tests/ui/lockspagestage.h"
#include "tests/ui/offscreen.h"
#include "ui/emptystate.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QToolButton>

using namespace lockscope;
using namespace std::chrono_literals;
using Stage = test::LocksPageStage;

/// What the page of locks says beside its table: of the lock that is selected, and of the whole while none is.
class TestLocksPageDetails : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::muteSizeHintsOfOffscreen();
        theme::apply(*qApp, ColorScheme::Light, false);
    }

    void detailsSayWhoWaitsAndWhoHolds()
    {
        Stage stage;
        stage.live();
        stage.locks.add(1234, QStringLiteral("pod-a"), LockKey::bigint(5));
        stage.locks.add(1240, QStringLiteral("pod-b"), LockKey::bigint(5), 12s, {1234});
        stage.locks.add(1250, QStringLiteral("pod-c"), LockKey::bigint(5), 3s, {1234, 1240});
        stage.publish();
        QVERIFY(stage.child<QLabel>("lockDetailsEmpty")->isVisible());
        stage.select(1240);
        QCOMPARE(stage.sentence(),
                 QStringLiteral("1240 (pod-b) has waited 12.0 s for key 5 in app. It is held by 1234 (pod-a)."));
        QVERIFY2(stage.words().startsWith(QStringLiteral("That session has been idle for 3 m 00 s, outside any "
                                                         "transaction, so the lock is session-level")),
                 qPrintable(stage.words()));
        QVERIFY2(stage.words().endsWith(QStringLiteral("1 session is stuck behind it, for 3.0 s.")),
                 qPrintable(stage.words()));
        QCOMPARE(stage.detail("detailKey"), QStringLiteral("5"));
        QCOMPARE(stage.detail("detailKeyColumns"), QStringLiteral("advisory 0/5/1"));
        QCOMPARE(stage.detail("detailBlockedBy"), QStringLiteral("1234"));
        QCOMPARE(stage.detail("detailState"), QStringLiteral("waiting"));
        QCOMPARE(stage.child<QPlainTextEdit>("lockQuery")->toPlainText(), QStringLiteral("SELECT pg_advisory_lock(5)"));
        stage.select(1250);
        QCOMPARE(stage.sentence(),
                 QStringLiteral("1250 (pod-c) has waited 3.0 s for key 5 in app. It is held by 1234 (pod-a). "
                                "Ahead of it in the queue stands 1240 (pod-b)."));
        stage.select(1234);
        QCOMPARE(stage.sentence(), QStringLiteral("1234 (pod-a) holds key 5 in app."));
        QVERIFY2(stage.words().contains(QStringLiteral("2 sessions are stuck behind it, the longest for 12.0 s, "
                                                       "together for 15.0 s.")),
                 qPrintable(stage.words()));
    }

    void tellsTheLongestWaitWhileNothingIsSelected()
    {
        Stage stage;
        stage.live();
        stage.locks.add(1234, QStringLiteral("pod-a"), LockKey::bigint(5));
        stage.publish();
        const auto title = [&stage] { return stage.child<QLabel>("situationTitle")->text(); };
        QCOMPARE(title(), QStringLiteral("Nobody waits"));
        QVERIFY(!stage.child<QToolButton>("goToRootButton")->isVisible());
        stage.locks.add(1240, QStringLiteral("pod-b (client)"), LockKey::bigint(5), 12s, {1234});
        stage.locks.add(1250, QStringLiteral("pod-c"), LockKey::bigint(5), 3s, {1234, 1240});
        stage.publish();
        QCOMPARE(title(), QStringLiteral("2 sessions wait, held up by 1"));
        QCOMPARE(stage.child<QLabel>("situationText")->text(),
                 QStringLiteral("The longest wait: 1240 \"pod-b (client)\" has waited 12.0 s for key 5 in app. "
                                "It is held by 1234 (pod-a)."));
        LockViewSpec spec;
        spec.filter = QStringLiteral("app:pod-c");
        stage.page.applyUpdate(stage.builder.respecify(spec));
        QVERIFY2(stage.child<QLabel>("situationText")
                     ->text()
                     .startsWith(QStringLiteral("The longest wait that is shown: 1250 (pod-c) has waited")),
                 qPrintable(stage.child<QLabel>("situationText")->text()));
        stage.page.applyUpdate(stage.builder.respecify({}));
        LinkState lost;
        lost.phase = LinkPhase::Lost;
        stage.page.setLink(lost);
        QCOMPARE(title(), QStringLiteral("When last read: 2 sessions wait, held up by 1"));
    }

    void tellsOfWaitsForLocksThatAreNotListed()
    {
        Stage stage;
        stage.live();
        using test::SnapshotMaker;
        const auto title = [&stage] { return stage.child<QLabel>("situationTitle")->text(); };
        SnapshotMaker maker(20);
        maker.held(5, 1).holds(test::relationTarget(900), 1, LockMode::AccessExclusive);
        maker.waitsFor(test::relationTarget(900), 3, 9, {1}, LockMode::AccessShare).othersApart();
        stage.page.applyUpdate(stage.builder.update(maker.make()));
        QCOMPARE(title(), QStringLiteral("1 session waits for a lock of another type"));
        maker.waiting(5, 2, 9, {1});
        stage.page.applyUpdate(stage.builder.update(maker.make()));
        QCOMPARE(title(), QStringLiteral("1 session waits here, 1 more for a lock of another type, held up by 1"));
        QSignalSpy waits(stage.actions[ActionId::ShowWaits], &QAction::triggered);
        stage.child<QToolButton>("showWaitsButton")->click();
        QCOMPARE(waits.count(), 1);
        SnapshotMaker without(21);
        without.holds(test::relationTarget(900), 1, LockMode::AccessExclusive);
        without.waitsFor(test::relationTarget(900), 3, 9, {1}, LockMode::AccessShare).othersApart();
        stage.page.applyUpdate(stage.builder.reset());
        stage.page.applyUpdate(stage.builder.update(without.make()));
        QCOMPARE(stage.shownState(), QStringLiteral("noLocksState"));
        QVERIFY(stage.child<EmptyState>("noLocksState")
                    ->text()
                    .endsWith(QStringLiteral("but 1 session waits for a lock of another type.")));
        QVERIFY(!stage.child<QPushButton>("emptyShowWaitsButton")->isHidden());
    }

    void goesFromAWaitToItsBlockerAndFromNowhereToTheRoot()
    {
        Stage stage;
        stage.live();
        stage.locks.add(1, QStringLiteral("root"), LockKey::bigint(5));
        stage.locks.add(2, QStringLiteral("middle"), LockKey::bigint(6));
        stage.locks.add(2, QStringLiteral("middle"), LockKey::bigint(5), 9s, {1});
        stage.locks.add(3, QStringLiteral("leaf"), LockKey::bigint(6), 4s, {2});
        stage.publish();
        const auto current = [&stage] {
            const LockRow* const row = stage.page.table()->currentRow();
            return row == nullptr ? QString()
                                  : QStringLiteral("%1 %2 %3")
                                        .arg(QString::number(row->lock.backend.pid), describe(row->lock.target),
                                             row->lock.granted ? QStringLiteral("holds") : QStringLiteral("waits"));
        };
        stage.child<QToolButton>("goToRootButton")->click();
        QCOMPARE(current(), QStringLiteral("1 5 holds"));
        stage.select(3);
        stage.child<QToolButton>("goToBlockerButton")->click();
        QCOMPARE(current(), QStringLiteral("2 6 holds"));
        stage.select(3);
        stage.actions[ActionId::GoToBlocker]->trigger();
        QCOMPARE(current(), QStringLiteral("2 6 holds"));
    }

    void detailsFollowTheLockUntilItIsGoneAndThenSelectNothing()
    {
        Stage stage;
        stage.live();
        stage.locks.add(1, QStringLiteral("a"), LockKey::bigint(5));
        stage.locks.add(2, QStringLiteral("b"), LockKey::bigint(6));
        stage.publish();
        stage.select(1);
        stage.locks.remove(1);
        stage.locks.pass(1s);
        stage.publish();
        QCOMPARE(stage.sentence(), QStringLiteral("1 (a) held key 5 in app. The lock is no longer there."));
        for (int poll = 0; poll < 5; ++poll) {
            stage.locks.pass(1s);
            stage.publish();
        }
        QVERIFY(stage.child<QLabel>("lockDetailsEmpty")->isVisible());
        QVERIFY(!stage.actions[ActionId::CopyRow]->isEnabled());
    }

    void keepsASelectionInTheQueryThroughAPoll()
    {
        Stage stage;
        stage.live();
        stage.locks.add(1, QStringLiteral("a"), LockKey::bigint(5));
        stage.publish();
        stage.select(1);
        auto* const query = stage.child<QPlainTextEdit>("lockQuery");
        query->selectAll();
        const QString selected = query->textCursor().selectedText();
        QVERIFY(!selected.isEmpty());
        stage.locks.pass(1s);
        stage.publish();
        QCOMPARE(query->textCursor().selectedText(), selected);
    }

    void copiesRowCellDetailsAndAQuery()
    {
        Stage stage;
        stage.live();
        stage.locks.add(1234, QStringLiteral("pod-a"), LockKey::bigint(-1));
        stage.publish();
        stage.select(1234);
        const auto clipboard = [] { return QApplication::clipboard()->text(); };
        stage.actions[ActionId::CopyCell]->trigger();
        QCOMPARE(clipboard(), QStringLiteral("-1"));
        stage.actions[ActionId::CopyRow]->trigger();
        QVERIFY2(clipboard().contains(QStringLiteral("pod-a")), qPrintable(clipboard()));
        stage.actions[ActionId::CopyAsSql]->trigger();
        QCOMPARE(clipboard(), QStringLiteral("SELECT l.*, a.application_name, a.state, a.query\n"
                                             "FROM pg_catalog.pg_locks AS l\n"
                                             "LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid\n"
                                             "WHERE l.locktype = 'advisory'\n"
                                             "  AND l.database = 16384\n"
                                             "  AND l.classid = 4294967295\n"
                                             "  AND l.objid = 4294967295\n"
                                             "  AND l.objsubid = 1\n"
                                             "  AND l.mode = 'ExclusiveLock'\n"
                                             "  AND l.pid = 1234;\n"));
        stage.child<QToolButton>("copyDetailsButton")->click();
        QVERIFY(clipboard().startsWith(QStringLiteral("1234 (pod-a) holds key -1")));
        QVERIFY(clipboard().contains(QStringLiteral("Application: pod-a")));
    }

    void theFieldsSayWhatAVersionLacks()
    {
        Stage stage;
        stage.live();
        stage.locks.add(1234, QStringLiteral("pod-a"), LockKey::bigint(5));
        stage.locks.add(1240, QStringLiteral("pod-b"), LockKey::bigint(5), 12s, {1234});
        stage.publish();
        stage.select(1240);
        QCOMPARE(stage.detail("detailWaitStart"), QStringLiteral("12.0 s ago"));
        stage.page.setServer(stage.server(120'022));
        QCOMPARE(stage.detail("detailWaitStart"), QStringLiteral("not in PostgreSQL 12"));
        stage.page.setServer(stage.server(150'018));
        stage.select(1234);
        QCOMPARE(stage.detail("detailWaitStart"), QStringLiteral("\u2013"));
    }

    void theFieldsTellTheMeaningAndWhereItIsKnownFrom()
    {
        Stage stage;
        stage.live();
        auto dictionary = std::make_shared<KeyDictionary>();
        dictionary->setLabels(
            {KeyLabel{.what = LockKey::bigint(5), .database = {}, .text = QStringLiteral("calendar sync")}});
        stage.builder.setDictionary(dictionary);
        stage.locks.add(1234, QStringLiteral("pod-a"), LockKey::bigint(5));
        stage.publish();
        stage.select(1234);
        QVERIFY2(stage.detail("detailMeaning").startsWith(QStringLiteral("calendar sync; source: ")),
                 qPrintable(stage.detail("detailMeaning")));
        QCOMPARE(stage.sentence(), QStringLiteral("1234 (pod-a) holds key 5 (calendar sync) in app."));
        const QModelIndex cell = stage.model.index(0, static_cast<int>(LockColumn::Meaning));
        QCOMPARE(cell.data().toString(), QStringLiteral("calendar sync"));
        QVERIFY2(cell.data(Qt::ToolTipRole).toString().contains(QStringLiteral("calendar sync (source: ")),
                 qPrintable(cell.data(Qt::ToolTipRole).toString()));
    }
};

QTEST_MAIN(TestLocksPageDetails)
#include "tst_lockspagedetails.moc"
