#include "models/locktablemodel.h"
#include "tests/support/locktext.h"
#include "tests/support/suite.h"
#include "tests/ui/madeuplocks.h"
#include "tests/ui/offscreen.h"
#include "ui/actions.h"
#include "ui/elidedlabel.h"
#include "ui/emptystate.h"
#include "ui/linkbanner.h"
#include "ui/lockdetails.h"
#include "ui/lockspage.h"
#include "ui/locktableview.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QLabel>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QStackedWidget>
#include <QToolButton>

using namespace lockscope;
using namespace std::chrono_literals;
using test::MadeUpLocks;

namespace {

struct Stage
{
    Stage()
        : page(actions, model)
    {
        page.resize(1000, 600);
        page.show();
    }

    void publish() { page.applyUpdate(builder.update(locks.snapshot())); }
    void live()
    {
        LinkState link;
        link.phase = LinkPhase::Live;
        page.setLink(link);
    }
    void select(qint32 pid)
    {
        for (int row = 0; row < model.rowCount(); ++row) {
            if (model.rowAt(row)->lock.backend.pid == pid)
                page.table()->setCurrentIndex(model.index(row, 0));
        }
    }
    QString shownState() const
    {
        return page.findChild<QStackedWidget*>(QStringLiteral("locksStack"))->currentWidget()->objectName();
    }
    QString sentence() const { return page.findChild<QLabel*>(QStringLiteral("explanationSituation"))->text(); }
    /// The rest of the paragraph.
    QString words() const { return page.findChild<QLabel*>(QStringLiteral("explanationText"))->text(); }
    QString detail(const char* name) const { return page.findChild<ElidedLabel*>(QString::fromLatin1(name))->text(); }
    static ServerInfo server(int versionNumber)
    {
        ServerInfo info;
        info.version = QStringLiteral("%1").arg(versionNumber / 10'000);
        info.versionNumber = versionNumber;
        info.role = QStringLiteral("postgres");
        info.isSuperuser = true;
        info.seesAllStats = true;
        info.signalsBackends = true;
        return info;
    }
    template <typename Widget>
    Widget* child(const char* name) const
    {
        return page.findChild<Widget*>(QString::fromLatin1(name));
    }

    Actions actions;
    LockTableModel model;
    LockViewBuilder builder;
    MadeUpLocks locks;
    LocksPage page;
};

} // namespace

class TestLocksPage : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::muteSizeHintsOfOffscreen();
        theme::apply(*qApp, ColorScheme::Light, false);
    }

    void offersConnectionAndSandboxWhileNotConnected()
    {
        Stage stage;
        QCOMPARE(stage.shownState(), QStringLiteral("notConnectedState"));
        QSignalSpy connectSpy(stage.actions[ActionId::Connect], &QAction::triggered);
        QSignalSpy sandboxSpy(stage.actions[ActionId::StartSandbox], &QAction::triggered);
        stage.child<QPushButton>("emptyConnectButton")->click();
        stage.child<QPushButton>("emptySandboxButton")->click();
        QCOMPARE(connectSpy.size(), 1);
        QCOMPARE(sandboxSpy.size(), 1);
    }

    void saysThatItConnectsBeforeTheFirstAnswer()
    {
        Stage stage;
        stage.page.setServerTitle(QStringLiteral("prod-eu"));
        LinkState link;
        link.phase = LinkPhase::Connecting;
        stage.page.setLink(link);
        QCOMPARE(stage.shownState(), QStringLiteral("connectingState"));
        QCOMPARE(stage.child<EmptyState>("connectingState")->text(),
                 QStringLiteral("Waiting for the first answer of prod-eu."));
        QVERIFY(stage.child<LinkBanner>("linkBanner")->isHidden());
    }

    void saysSoWhenNobodyHoldsALock()
    {
        Stage stage;
        stage.live();
        stage.publish();
        QCOMPARE(stage.shownState(), QStringLiteral("noLocksState"));
        QCOMPARE(stage.child<EmptyState>("noLocksState")->title(), QStringLiteral("No Advisory Locks"));
        stage.locks.add(1, QStringLiteral("a"), LockKey::bigint(5));
        stage.publish();
        QCOMPARE(stage.shownState(), QStringLiteral("locksSplitter"));
    }

    void offersToClearAFilterThatMatchesNothing()
    {
        Stage stage;
        stage.live();
        stage.locks.add(1, QStringLiteral("a"), LockKey::bigint(5));
        stage.publish();
        QSignalSpy spy(&stage.page, &LocksPage::specRequested);
        stage.page.requestFilter(QStringLiteral("zebra"));
        QCOMPARE(spy.size(), 1);
        const auto wanted = spy.first().first().value<LockViewSpec>();
        QCOMPARE(wanted.filter, QStringLiteral("zebra"));
        QVERIFY(stage.page.spec().filter.isEmpty()); // nothing is applied until the answer comes down
        stage.page.setSpec(wanted);
        stage.page.applyUpdate(stage.builder.respecify(wanted));
        QCOMPARE(stage.shownState(), QStringLiteral("noMatchState"));
        QCOMPARE(stage.child<EmptyState>("noMatchState")->text(),
                 QStringLiteral("1 lock is there; the filter \"zebra\" hides it."));
        stage.child<QPushButton>("emptyClearFilterButton")->click();
        QCOMPARE(spy.size(), 2);
        QVERIFY(spy.last().first().value<LockViewSpec>().filter.isEmpty());
    }

    void aHeaderClickAsksForAnotherOrderWithTheSameFilter()
    {
        Stage stage;
        LockViewSpec spec;
        spec.filter = QStringLiteral("pod");
        stage.page.setSpec(spec);
        QSignalSpy spy(&stage.page, &LocksPage::specRequested);
        stage.model.sort(static_cast<int>(LockColumn::Pid), Qt::DescendingOrder);
        QCOMPARE(spy.size(), 1);
        const auto wanted = spy.first().first().value<LockViewSpec>();
        QCOMPARE(wanted.filter, QStringLiteral("pod"));
        QCOMPARE(wanted.sortColumn, LockColumn::Pid);
        QCOMPARE(wanted.sortOrder, Qt::DescendingOrder);
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

    void selectingARowTellsItsSessionAndSelectingASessionSaysNothingBack()
    {
        Stage stage;
        stage.live();
        stage.locks.add(1, QStringLiteral("a"), LockKey::bigint(4));
        stage.locks.add(1, QStringLiteral("a"), LockKey::bigint(5));
        stage.locks.add(2, QStringLiteral("b"), LockKey::bigint(5), 9s, {1});
        stage.locks.add(3, QStringLiteral("c"), LockKey::bigint(7));
        stage.publish();
        QSignalSpy spy(&stage.page, &LocksPage::sessionSelected);
        stage.select(3);
        QCOMPARE(spy.size(), 1);
        QCOMPARE(spy.first().first().value<WaitNodeId>().backend.pid, 3);
        const auto id = [](qint32 pid) {
            return WaitNodeId{.backend = {pid, MadeUpLocks::start - std::chrono::hours(2)}};
        };
        const auto current = [&stage] {
            const LockRow* const row = stage.page.table()->currentRow();
            return row == nullptr ? QStringLiteral("none")
                                  : QStringLiteral("%1 %2").arg(QString::number(row->lock.backend.pid),
                                                                describe(row->lock.target));
        };
        stage.page.selectSession(id(1));
        QCOMPARE(current(), QStringLiteral("1 5")); // the row that holds somebody up, not key 4
        stage.page.selectSession(id(2));
        QCOMPARE(current(), QStringLiteral("2 5"));
        stage.page.selectSession(id(99));
        QCOMPARE(current(), QStringLiteral("none"));
        stage.select(1);
        spy.clear();
        const QString before = current();
        stage.page.selectSession(id(1));
        QCOMPARE(current(), before); // any row of it is right
        QVERIFY(spy.isEmpty());
    }

    void asksToCureTheSessionOfTheCurrentRow()
    {
        Stage stage;
        stage.live();
        stage.locks.add(1234, QStringLiteral("pod-a"), LockKey::bigint(5));
        stage.locks.add(1240, QStringLiteral("pod-b"), LockKey::bigint(5), 12s, {1234});
        stage.publish();
        QSignalSpy spy(&stage.page, &LocksPage::cureRequested);
        stage.select(1240);
        QTest::keyClick(stage.page.table(), Qt::Key_Delete);
        QVERIFY(spy.isEmpty()); // the server is not known yet: what is possible is not known either
        stage.page.setServer(stage.server(150'018));
        QTest::keyClick(stage.page.table(), Qt::Key_Delete);
        QTest::keyClick(stage.page.table(), Qt::Key_Delete, Qt::ShiftModifier);
        stage.child<QPushButton>("terminateBackendButton")->click();
        QCOMPARE(spy.size(), 3);
        QCOMPARE(spy.at(0).at(0).value<CureKind>(), CureKind::CancelQuery);
        QCOMPARE(spy.at(1).at(0).value<CureKind>(), CureKind::TerminateBackend);
        QCOMPARE(spy.at(2).at(0).value<CureKind>(), CureKind::TerminateBackend);
        for (const auto& arguments : spy)
            QCOMPARE(arguments.at(1).value<WaitNodeId>().backend.pid, 1240);
        spy.clear();
        stage.page.setReadOnly(true);
        QTest::keyClick(stage.page.table(), Qt::Key_Delete, Qt::ShiftModifier);
        QVERIFY(spy.isEmpty());
        QVERIFY(!stage.child<QPushButton>("terminateBackendButton")->isEnabled());
        stage.page.setReadOnly(false);
        stage.model.setOwnBackends({1240});
        stage.publish();
        QTest::keyClick(stage.page.table(), Qt::Key_Delete, Qt::ShiftModifier);
        QVERIFY(spy.isEmpty()); // an own session is ended in its panel
        QVERIFY(!stage.child<QPushButton>("terminateBackendButton")->isVisible());
    }

    void theMenuAsksForWaitsNamesModesAndCures()
    {
        Stage stage;
        stage.live();
        stage.locks.add(1234, QStringLiteral("pod-a"), LockKey::bigint(5));
        stage.publish();
        stage.page.setServer(stage.server(150'018));
        stage.select(1234);
        const std::unique_ptr<QMenu> menu(stage.page.table()->makeRowMenu());
        const auto trigger = [&menu](const char* name) {
            auto* const action = menu->findChild<QAction*>(QString::fromLatin1(name));
            QVERIFY2(action != nullptr && action->isEnabled(), name);
            action->trigger();
        };
        QSignalSpy waits(&stage.page, &LocksPage::sessionActivated);
        QSignalSpy label(&stage.page, &LocksPage::labelRequested);
        QSignalSpy mode(&stage.page, &LocksPage::modeRequested);
        QSignalSpy cure(&stage.page, &LocksPage::cureRequested);
        QSignalSpy lesson(&stage.page, &LocksPage::foreignReleaseRequested);
        trigger("showInWaitsAction");
        trigger("nameKeyAction");
        trigger("modeAction");
        trigger("terminateBackendAction");
        QCOMPARE(waits.value(0).value(0).value<WaitNodeId>().backend.pid, 1234);
        QCOMPARE(label.value(0).value(0).value<LockRow>().lock.target.key(), LockKey::bigint(5));
        QCOMPARE(mode.value(0).value(0).value<LockMode>(), LockMode::Exclusive);
        QCOMPARE(cure.value(0).value(0).value<CureKind>(), CureKind::TerminateBackend);
        stage.child<QToolButton>("tryReleaseButton")->click();
        QCOMPARE(lesson.value(0).value(0).value<LockRow>().lock.backend.pid, 1234);
    }

    void greysTheRowsWhileTheLinkIsNotLive()
    {
        Stage stage;
        stage.live();
        stage.locks.add(1, QStringLiteral("a"), LockKey::bigint(5));
        stage.publish();
        for (const auto phase : {LinkPhase::Stale, LinkPhase::Lost, LinkPhase::Refused, LinkPhase::Connecting}) {
            LinkState link;
            link.phase = phase;
            link.lastAnswer = std::chrono::steady_clock::now() - 7s;
            stage.page.setLink(link);
            QVERIFY(stage.model.staleAge().has_value());
            QVERIFY(stage.child<LinkBanner>("linkBanner")->isVisible());
        }
        stage.live();
        QVERIFY(!stage.model.staleAge().has_value());
        QVERIFY(stage.child<LinkBanner>("linkBanner")->isHidden());
    }

    void theBannerOffersWhatHelps()
    {
        Stage stage;
        stage.live();
        stage.locks.add(1, QStringLiteral("a"), LockKey::bigint(5));
        stage.publish();
        LinkState link;
        link.phase = LinkPhase::Refused;
        link.error = Error{.kind = ErrorKind::Authentication,
                           .what = QStringLiteral("The password is wrong."),
                           .advice = {},
                           .serverWords = {},
                           .sqlState = {}};
        stage.page.setLink(link);
        QSignalSpy reconnectSpy(&stage.page, &LocksPage::reconnectRequested);
        QSignalSpy changeSpy(stage.actions[ActionId::Connect], &QAction::triggered);
        stage.child<QPushButton>("reconnectButton")->click();
        stage.child<QPushButton>("changeConnectionButton")->click();
        QCOMPARE(reconnectSpy.size(), 1);
        QCOMPARE(changeSpy.size(), 1);
        link.phase = LinkPhase::Live;
        link.paused = true;
        stage.page.setLink(link);
        QSignalSpy pauseSpy(stage.actions[ActionId::Pause], &QAction::triggered);
        stage.child<QPushButton>("resumeButton")->click();
        QCOMPARE(pauseSpy.size(), 1);
    }

    void asksForAnExportFileAndSaysWhich()
    {
        Stage stage;
        stage.live();
        stage.locks.add(1, QStringLiteral("a"), LockKey::bigint(5));
        stage.publish();
        QSignalSpy spy(&stage.page, &LocksPage::exportRequested);
        stage.actions[ActionId::ExportJson]->trigger();
        auto* const dialog = stage.child<QFileDialog>("exportDialog");
        QVERIFY(dialog != nullptr);
        Q_EMIT dialog->fileSelected(QStringLiteral("/somewhere/locks.json"));
        QCOMPARE(spy.size(), 1);
        QCOMPARE(spy.first().first().toString(), QStringLiteral("/somewhere/locks.json"));
        QCOMPARE(spy.first().at(1).value<ExportFormat>(), ExportFormat::Json);
        dialog->close();
    }

    void returnOnARowSaysWhichLock()
    {
        Stage stage;
        stage.live();
        stage.locks.add(1, QStringLiteral("a"), LockKey::bigint(5));
        stage.publish();
        stage.select(1);
        QSignalSpy spy(&stage.page, &LocksPage::lockActivated);
        QTest::keyClick(stage.page.table(), Qt::Key_Return);
        QCOMPARE(spy.size(), 1);
        QCOMPARE(spy.first().first().value<LockRow>().lock.backend.pid, 1);
    }
};

QTEST_MAIN(TestLocksPage)
#include "tst_lockspage.moc"
