#include "models/lockcolumns.h"
#include "models/lockview.h"
#include "tests/models/lockmarket.h"
#include "tests/support/suite.h"

using namespace lockscope;
using namespace lockscope::test;

namespace {

LockViewSpec sortedBy(LockColumn column, Qt::SortOrder order = Qt::AscendingOrder)
{
    LockViewSpec spec;
    spec.sortColumn = column;
    spec.sortOrder = order;
    return spec;
}

QString cell(const LockView& view, int row, LockColumn column)
{
    return lockColumn(column).text(view.rows.at(row), view);
}

} // namespace

class LockViewTest final : public Suite
{
    Q_OBJECT

private Q_SLOTS:
    void firstSnapshotMarksNothingNew()
    {
        LockViewBuilder builder;
        const LockViewUpdate update = builder.update(SnapshotMaker(10).held(5, 1).held(7, 2).make());
        QCOMPARE(text(*update.view), QStringLiteral("5 1 held | 7 2 held"));
        QCOMPARE(text(update.events), QString());
        QCOMPARE(text(update.script), QStringLiteral("ranges +0..1"));
        QCOMPARE(update.view->generation, quint64(1));
        QCOMPARE(cell(*update.view, 0, LockColumn::Since), QStringLiteral(">= 0.0 s"));
    }

    void marksNewRowsAndKnowsTheirAgeExactly()
    {
        LockViewBuilder builder;
        (void)builder.update(SnapshotMaker(10).held(5, 1).make());
        LockViewUpdate update = builder.update(SnapshotMaker(11).held(5, 1).held(7, 2).make());
        QCOMPARE(text(*update.view), QStringLiteral("5 1 held | +7 2 held"));
        QCOMPARE(text(update.events), QStringLiteral("acquired 7 by 2"));
        QCOMPARE(text(update.script), QStringLiteral("ranges +1"));
        update = builder.update(SnapshotMaker(14).held(5, 1).held(7, 2).make());
        QCOMPARE(text(*update.view), QStringLiteral("5 1 held | 7 2 held"));
        QCOMPARE(text(update.script), QStringLiteral("ranges ~1"));
        QCOMPARE(cell(*update.view, 0, LockColumn::Since), QStringLiteral(">= 4.0 s"));
        QCOMPARE(cell(*update.view, 1, LockColumn::Since), QStringLiteral("3.0 s"));
    }

    void goneRowsLingerThreeSecondsThenLeave()
    {
        LockViewBuilder builder;
        (void)builder.update(SnapshotMaker(10).held(5, 1).held(7, 2).make());
        const auto without = [](double time) { return SnapshotMaker(time).held(7, 2).backend(1).make(); };
        LockViewUpdate update = builder.update(without(11));
        QCOMPARE(text(*update.view), QStringLiteral("-5 1 gone | 7 2 held"));
        QCOMPARE(text(update.events), QStringLiteral("released 5 by 1"));
        QCOMPARE(update.view->matchingRows, qint64(1));
        QCOMPARE(update.view->shownLocks, qint64(1));
        QCOMPARE(update.view->totalLocks, qint64(1));
        QCOMPARE(text(*builder.update(without(13.9)).view), QStringLiteral("-5 1 gone | 7 2 held"));
        update = builder.update(without(14));
        QCOMPARE(text(*update.view), QStringLiteral("7 2 held"));
        QCOMPARE(text(update.script), QStringLiteral("ranges -0"));
        QCOMPARE(text(update.events), QString());
    }

    void goneRowsLeaveWhenTheClockIsSetBack()
    {
        LockViewBuilder builder;
        (void)builder.update(SnapshotMaker(10'000).held(5, 1).make());
        (void)builder.update(SnapshotMaker(10'001).backend(1).make());
        QCOMPARE(text(*builder.update(SnapshotMaker(50).backend(1).make()).view), QString());
    }

    void lockThatComesBackIsNewAgain()
    {
        LockViewBuilder builder;
        const quint64 id = builder.update(SnapshotMaker(10).held(5, 1).make()).view->rows.first().rowId;
        (void)builder.update(SnapshotMaker(11).backend(1).make());
        const LockViewUpdate update = builder.update(SnapshotMaker(12).held(5, 1).make());
        QCOMPARE(text(*update.view), QStringLiteral("+5 1 held"));
        QCOMPARE(text(update.events), QStringLiteral("acquired 5 by 1"));
        QCOMPARE(update.view->rows.first().rowId, id);
    }

    void grantedWaiterIsChangedAndHeldSinceThen()
    {
        LockViewBuilder builder;
        LockViewUpdate update = builder.update(SnapshotMaker(10).held(5, 1).waiting(5, 2, 4, {1}).make());
        QCOMPARE(text(*update.view), QStringLiteral("5 1 held, 1 waits behind | 5 2 waiting"));
        QCOMPARE(cell(*update.view, 1, LockColumn::Since), QStringLiteral("6.0 s"));
        QCOMPARE(cell(*update.view, 1, LockColumn::Blockers), QStringLiteral("1"));
        QCOMPARE(update.view->waitingLocks, qint64(1));
        QCOMPARE(update.view->rootBlockers, qint64(1));
        update = builder.update(SnapshotMaker(12).held(5, 2).backend(1).make());
        QCOMPARE(text(update.events), QStringLiteral("released 5 by 1, granted 5 by 2"));
        QCOMPARE(text(*update.view), QStringLiteral("-5 1 gone | ~5 2 held"));
        QCOMPARE(update.view->rootBlockers, qint64(0));
        update = builder.update(SnapshotMaker(13).held(5, 2).backend(1).make());
        QCOMPARE(cell(*update.view, 1, LockColumn::Since), QStringLiteral("1.0 s"));
    }

    void tellsWhenABackendIsGone()
    {
        LockViewBuilder builder;
        (void)builder.update(SnapshotMaker(10).held(5, 1).held(6, 1).held(7, 2).make());
        const LockViewUpdate update = builder.update(SnapshotMaker(11).held(7, 2).make());
        QCOMPARE(text(update.events), QStringLiteral("backend 1 gone, released 5 by 1, released 6 by 1"));
    }

    void tellsAReusedPidFromTheBackendBefore()
    {
        LockViewBuilder builder;
        (void)builder.update(SnapshotMaker(10).held(5, 1).make());
        const LockViewUpdate update =
            builder.update(SnapshotMaker(11)
                               .held(5, 1)
                               .backend(1, [](Backend& backend) { backend.id.backendStart = serverTime(10.5); })
                               .make());
        QCOMPARE(text(update.events), QStringLiteral("backend 1 gone, released 5 by 1, acquired 5 by 1"));
        QCOMPARE(text(*update.view), QStringLiteral("-5 1 gone | +5 1 held"));
    }

    void startThatBecomesKnownIsNoEnd()
    {
        LockViewBuilder builder;
        (void)builder.update(
            SnapshotMaker(10).held(5, 1).backend(1, [](Backend& backend) { backend.id.backendStart.reset(); }).make());
        const LockViewUpdate update = builder.update(SnapshotMaker(11).held(5, 1).make());
        QCOMPARE(text(update.events), QString());
        QCOMPARE(text(*update.view), QStringLiteral("5 1 held"));
    }

    void lockListedAfterItsBackendEndedIsStillTheSameLock()
    {
        LockViewBuilder builder;
        (void)builder.update(SnapshotMaker(10).held(5, 1).held(6, 2).make());
        auto torn = std::make_shared<Snapshot>(*SnapshotMaker(11).held(5, 1).held(6, 2).make());
        torn->backends.remove(1);
        torn->locks.first().backend.backendStart.reset();
        LockViewUpdate update = builder.update(torn);
        QCOMPARE(text(update.events), QString());
        QCOMPARE(text(*update.view), QStringLiteral("5 1 held | 6 2 held"));
        QCOMPARE(cell(*update.view, 0, LockColumn::BackendState), QStringLiteral("unknown"));
        update = builder.update(SnapshotMaker(12).held(6, 2).make());
        QCOMPARE(text(update.events), QStringLiteral("backend 1 gone, released 5 by 1"));
    }

    void switchOfScopeMarksNothing()
    {
        LockViewBuilder builder;
        (void)builder.update(SnapshotMaker(10).held(5, 1).make());
        LockViewUpdate update = builder.update(SnapshotMaker(11).allTypes().held(5, 1).relation(77, 1).make());
        QCOMPARE(text(*update.view), QStringLiteral("5 1 held | relation 77 Access Share 1 held"));
        QCOMPARE(text(update.events), QString());
        QCOMPARE(cell(*update.view, 1, LockColumn::Since), QStringLiteral(">= 0.0 s"));
        update = builder.update(SnapshotMaker(12).allTypes().held(5, 1).relation(77, 1).relation(78, 1).make());
        QCOMPARE(text(update.events), QStringLiteral("acquired relation 78 by 1"));
        update = builder.update(SnapshotMaker(13).held(5, 1).make());
        QCOMPARE(text(*update.view), QStringLiteral("5 1 held"));
        QCOMPARE(text(update.events), QString());
    }

    void rowsThatWereNotKeptAreNotCalledReleased()
    {
        LockViewBuilder builder;
        (void)builder.update(SnapshotMaker(10).held(5, 1).held(7, 2).make());
        LockViewUpdate update = builder.update(SnapshotMaker(11).held(7, 2).backend(1).total(400'000).make());
        QCOMPARE(text(update.events), QString());
        QCOMPARE(text(*update.view), QStringLiteral("7 2 held"));
        QCOMPARE(update.view->totalLocks, qint64(400'000));
        update = builder.update(SnapshotMaker(12).held(5, 1).held(7, 2).make());
        QCOMPARE(text(update.events), QString());
        QCOMPARE(text(*update.view), QStringLiteral("5 1 held | 7 2 held"));
    }

    void sameKeyInTwoDatabasesIsTwoRows()
    {
        LockViewBuilder builder;
        const LockViewUpdate update = builder.update(
            SnapshotMaker(10).held(5, 1).held(5, 1, LockMode::Exclusive, depot).waiting(5, 2, 9, {1}).make());
        QCOMPARE(text(*update.view), QStringLiteral("5 1 held, 1 waits behind | 5 2 waiting | 5@depot 1 held"));
    }

    void preparedTransactionsAreTwoRowsWithoutBackend()
    {
        LockViewBuilder builder;
        const LockViewUpdate update = builder.update(SnapshotMaker(10).prepared(5, 41).prepared(5, 42).make());
        QCOMPARE(text(*update.view), QStringLiteral("5 prepared held | 5 prepared held"));
        QCOMPARE(cell(*update.view, 0, LockColumn::BackendState), QStringLiteral("prepared transaction"));
    }

    void aPreparedTransactionIsCalledByItsName()
    {
        LockViewBuilder builder;
        const LockViewUpdate update =
            builder.update(SnapshotMaker(10).prepared(5, 41).preparedTransaction(41, QStringLiteral("pay-17")).make());
        QCOMPARE(cell(*update.view, 0, LockColumn::Application), QStringLiteral("'pay-17'"));
    }

    void countsSessionsThatWaitForWhatIsNotListed()
    {
        SnapshotMaker maker(10);
        maker.held(5, 1).waiting(5, 2, 9, {1}).holds(relationTarget(900), 2, LockMode::AccessExclusive);
        maker.waitsFor(relationTarget(900), 3, 9, {2}, LockMode::AccessShare);
        maker.waitsFor(relationTarget(900), 4, 9, {2, 3}, LockMode::AccessExclusive);
        LockViewBuilder builder;
        const LockViewPointer advisory = builder.update(SnapshotMaker(maker).othersApart().make()).view;
        QCOMPARE(advisory->waitingLocks, qint64(1));
        QCOMPARE(advisory->otherWaits, qint64(2));
        LockViewBuilder another;
        const LockViewPointer all = another.update(maker.allTypes().make()).view;
        QCOMPARE(all->waitingLocks, qint64(3));
        QCOMPARE(all->otherWaits, qint64(0));
    }

    void waiterBehindAPreparedTransactionNamesIt()
    {
        LockViewBuilder builder;
        const LockViewUpdate update = builder.update(SnapshotMaker(10).prepared(5, 41).waiting(5, 2, 9, {0}).make());
        QCOMPARE(text(*update.view), QStringLiteral("5 prepared held, 1 waits behind | 5 2 waiting"));
        QCOMPARE(cell(*update.view, 1, LockColumn::Blockers), QStringLiteral("prepared"));
        QCOMPARE(update.view->rootBlockers, qint64(1));
    }

    void countsQueueMembersAsBlockersButOnlyHoldersAsRoots()
    {
        LockViewBuilder builder;
        const LockViewUpdate update =
            builder.update(SnapshotMaker(10).held(5, 1).waiting(5, 2, 3, {1}).waiting(5, 3, 4, {1, 2}).make());
        QCOMPARE(text(*update.view),
                 QStringLiteral("5 1 held, 2 wait behind | 5 2 waiting, 1 waits behind | 5 3 waiting"));
        QCOMPARE(update.view->rootBlockers, qint64(1));
        QCOMPARE(update.view->waitingLocks, qint64(2));
    }

    void waitWithoutAStartIsAtLeastAsOldAsItWasSeen()
    {
        LockViewBuilder builder;
        (void)builder.update(SnapshotMaker(10).held(5, 1).waiting(5, 2, std::nullopt, {1}).make());
        const LockViewUpdate update =
            builder.update(SnapshotMaker(12).held(5, 1).waiting(5, 2, std::nullopt, {1}).make());
        QCOMPARE(cell(*update.view, 1, LockColumn::Since), QStringLiteral(">= 2.0 s"));
    }

    void aHolderStandsAboveItsQueueAndTheLongestWaitFirst()
    {
        LockViewBuilder builder;
        const LockViewUpdate update = builder.update(SnapshotMaker(100)
                                                         .held(1, 9)
                                                         .held(8, 1)
                                                         .held(7, 2)
                                                         .waiting(8, 3, 50, {1})
                                                         .waiting(7, 4, 20, {2})
                                                         .waiting(8, 5, 80, {1, 3})
                                                         .make());
        QCOMPARE(text(*update.view),
                 QStringLiteral("7 2 held, 1 waits behind | 7 4 waiting | 8 1 held, 2 wait behind | "
                                "8 3 waiting, 1 waits behind | 8 5 waiting | 1 9 held"));
    }

    void theBeginningOfAChainComesFirstHoweverShortTheWaitForIt()
    {
        LockViewBuilder builder;
        const LockViewUpdate update = builder.update(
            SnapshotMaker(100).held(6, 1).held(7, 2).waiting(7, 3, 10, {2}).waiting(6, 2, 90, {1}).make());
        QCOMPARE(text(*update.view),
                 QStringLiteral("6 1 held, 1 waits behind | 6 2 waiting | 7 2 held, 1 waits behind | 7 3 waiting"));
        const QList<LockRow>& rows = update.view->rows;
        QVERIFY(rows[0].isRootBlocker());
        QVERIFY(rows[2].isBlocker() && !rows[2].isRootBlocker());
    }

    void whoIsGrantedStaysBelowTheOneThatLeftWhileTheMarksFade()
    {
        LockViewBuilder builder;
        (void)builder.update(SnapshotMaker(10).held(1, 8).held(5, 1).waiting(5, 2, 3, {1}).make());
        QCOMPARE(text(*builder.update(SnapshotMaker(11).held(1, 8).held(5, 2).make()).view),
                 QStringLiteral("-5 1 gone | ~5 2 held | 1 8 held"));
        QCOMPARE(text(*builder.update(SnapshotMaker(15).held(1, 8).held(5, 2).make()).view),
                 QStringLiteral("1 8 held | 5 2 held"));
    }

    void sortsKeysByNumber()
    {
        LockViewBuilder builder;
        (void)builder.respecify(sortedBy(LockColumn::Key));
        const SnapshotPointer snapshot = SnapshotMaker(1)
                                             .held(10, 1)
                                             .held(-1, 1)
                                             .held(9, 1)
                                             .held(LockKey::pair(-5, 7), 1)
                                             .held(9'223'372'036'854'775'807, 1)
                                             .held(-9'223'372'036'854'775'807 - 1, 1)
                                             .held(LockKey::pair(-5, -7), 1)
                                             .make();
        QCOMPARE(keysOf(*builder.update(snapshot).view),
                 QStringLiteral("-9223372036854775808 -1 9 10 9223372036854775807 (-5, -7) (-5, 7)"));
        const LockViewUpdate descending = builder.respecify(sortedBy(LockColumn::Key, Qt::DescendingOrder));
        QCOMPARE(keysOf(*descending.view),
                 QStringLiteral("(-5, 7) (-5, -7) 9223372036854775807 10 9 -1 -9223372036854775808"));
        QCOMPARE(text(descending.script), QStringLiteral("layout 6 5 4 3 2 1 0"));
    }

    void sortsPidsByNumberAndTiesByIdentity()
    {
        LockViewBuilder builder;
        (void)builder.respecify(sortedBy(LockColumn::Pid, Qt::DescendingOrder));
        const LockViewUpdate update =
            builder.update(SnapshotMaker(1).held(3, 9).held(1, 10).held(2, 10).held(1, 100).make());
        QCOMPARE(text(*update.view), QStringLiteral("1 100 held | 1 10 held | 2 10 held | 3 9 held"));
    }

    void sortsEveryColumnBothWays()
    {
        for (const LockColumnInfo& column : lockColumns()) {
            for (const Qt::SortOrder order : {Qt::AscendingOrder, Qt::DescendingOrder}) {
                LockViewBuilder builder;
                (void)builder.respecify(sortedBy(column.column, order));
                const LockViewPointer view = builder.update(market()).view;
                QCOMPARE(view->rows.size(), 6);
                for (int row = 1; row < 6; ++row) {
                    const auto result = column.compare(view->rows[row - 1], view->rows[row], *view);
                    QVERIFY2(order == Qt::AscendingOrder ? result <= 0 : result >= 0, column.id);
                    QVERIFY2(result != 0 || identityLess(view->rows[row - 1].lock, view->rows[row].lock), column.id);
                }
            }
        }
    }

    void limitKeepsWaitingRowsAndBlockers()
    {
        SnapshotMaker maker(100);
        for (int key = 0; key < 20; ++key)
            maker.held(key, 50);
        const SnapshotPointer snapshot = maker.held(900, 1).waiting(900, 2, 90, {1}).make();
        LockViewBuilder builder;
        LockViewSpec spec = sortedBy(LockColumn::Key);
        spec.rowLimit = 5;
        (void)builder.respecify(spec);
        const LockViewPointer view = builder.update(snapshot).view;
        QCOMPARE(keysOf(*view), QStringLiteral("0 1 2 900 900"));
        QCOMPARE(view->shownLocks, qint64(5));
        QCOMPARE(view->matchingRows, qint64(22));
        QCOMPARE(view->totalLocks, qint64(22));
        spec.rowLimit = 1;
        QCOMPARE(builder.respecify(spec).view->rows.size(), 1);
        spec.rowLimit = 0;
        QCOMPARE(builder.respecify(spec).view->rows.size(), 22);
    }

    void numberThatWasFoundStaysExactWhenItIsReleased()
    {
        LockViewBuilder builder;
        LockViewSpec spec;
        spec.filter = QStringLiteral("5");
        (void)builder.respecify(spec);
        QCOMPARE(keysOf(*builder.update(SnapshotMaker(1).held(5, 1).held(15, 2).make()).view), QStringLiteral("5"));
        QCOMPARE(keysOf(*builder.update(SnapshotMaker(9).held(15, 2).make()).view), QStringLiteral("5"));
        QCOMPARE(keysOf(*builder.update(SnapshotMaker(19).held(15, 2).make()).view), QString());
    }

    void emptyViewBeforeTheFirstSnapshot()
    {
        LockViewBuilder builder;
        const LockViewUpdate update = builder.respecify(sortedBy(LockColumn::Pid));
        QVERIFY(update.view->empty);
        QCOMPARE(text(update.script), QStringLiteral("nothing"));
    }

    void resetForgetsButNeverReusesRowIds()
    {
        LockViewBuilder builder;
        const quint64 before = builder.update(SnapshotMaker(10).held(5, 1).make()).view->rows.first().rowId;
        LockViewUpdate update = builder.reset();
        QCOMPARE(text(update.script), QStringLiteral("reset"));
        QVERIFY(update.view->empty && update.view->rows.isEmpty());
        QCOMPARE(update.view->generation, quint64(2));
        update = builder.update(SnapshotMaker(11).held(5, 1).make());
        QCOMPARE(text(*update.view), QStringLiteral("5 1 held"));
        QCOMPARE(text(update.events), QString());
        QVERIFY(update.view->rows.first().rowId != before);
    }

    void hiddenFieldsSaySo()
    {
        LockViewBuilder builder;
        const LockViewPointer view = builder.update(market()).view;
        QCOMPARE(cell(*view, 5, LockColumn::BackendState), QStringLiteral("not visible to this role"));
        QCOMPARE(cell(*view, 5, LockColumn::Query), QStringLiteral("not visible to this role"));
        QCOMPARE(cell(*view, 5, LockColumn::Address), QStringLiteral("not visible to this role"));
        QCOMPARE(cell(*view, 1, LockColumn::Address), QStringLiteral("10.0.0.7:4000"));
        QCOMPARE(cell(*view, 0, LockColumn::Address), QStringLiteral("local socket"));
    }

    void columnTableIsInOrderAndComplete()
    {
        QSet<QString> ids;
        int place = 0;
        for (const LockColumnInfo& column : lockColumns()) {
            QCOMPARE(static_cast<int>(column.column), place++);
            QVERIFY(!column.title().isEmpty() && !column.toolTip().isEmpty());
            QVERIFY(column.text && column.compare && column.exportCell && column.widthHint > 0);
            ids.insert(QString::fromLatin1(column.id));
        }
        QCOMPARE(ids.size(), lockColumnCount);
    }
};

QTEST_GUILESS_MAIN(LockViewTest)

#include "tst_lockview.moc"
