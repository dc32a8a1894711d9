#include "tests/support/suite.h"
#include "tests/ui/lockspagestage.h"
#include "tests/ui/offscreen.h"
#include "ui/emptystate.h"
#include "ui/linkbanner.h"

#include <QAction>
#include <QApplication>
#include <QFileDialog>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QToolButton>

using namespace lockscope;
using namespace std::chrono_literals;
using test::MadeUpLocks;
using Stage = test::LocksPageStage;

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
