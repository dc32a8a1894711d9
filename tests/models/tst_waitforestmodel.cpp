#include "models/waitforestcells.h"
#include "models/waitforestmodel.h"
#include "tests/support/locktext.h"
#include "tests/support/suite.h"

#include <QAbstractItemModelTester>
#include <QItemSelectionModel>
#include <QRandomGenerator>
#include <QSignalSpy>

using namespace lockscope;
using namespace std::chrono_literals;
using test::SnapshotMaker;

namespace {

/// A model that is shown one snapshot after the other, under the tester, with a selection.
struct Forest
{
    Forest()
        : tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest)
        , selection(&model)
    {
    }

    void show(const SnapshotPointer& snapshot) { model.apply(builder.update(snapshot).view); }

    /// "1 blocking +2 | . 2 waiting | . 3 waiting": depth, pid, part, how many are stuck behind.
    QString text() const { return below({}, 0).join(QStringLiteral(" | ")); }

    QStringList below(const QModelIndex& parent, int depth) const
    {
        QStringList rows;
        for (int row = 0; row < model.rowCount(parent); ++row) {
            const QModelIndex index = model.index(row, 0, parent);
            const WaitForestRow& data = *model.rowAt(index);
            QString line = QStringLiteral(". ").repeated(depth) +
                           (data.id.isPrepared() ? sessionName(data, *model.view()) : sessionNumber(data));
            if (const QString part = word(partOf(data)); !part.isEmpty())
                line += u' ' + part;
            if (const QString stuck = cell(data.id, WaitForestModel::StuckBehind); !stuck.isEmpty())
                line += QStringLiteral(" +") + stuck;
            rows.append(line);
            rows.append(below(index, depth + 1));
        }
        return rows;
    }

    static WaitNodeId id(qint32 pid)
    {
        return {.backend = {.pid = pid, .backendStart = test::serverTime(-1000 - pid)}};
    }
    QModelIndex index(qint32 pid) const { return model.indexOf(id(pid)); }
    QString cell(const WaitNodeId& session, WaitForestModel::Column column) const
    {
        return model.indexOf(session).siblingAtColumn(column).data().toString();
    }
    QString cell(qint32 pid, WaitForestModel::Column column) const { return cell(id(pid), column); }

    WaitForestModel model;
    LockViewBuilder builder;
    QAbstractItemModelTester tester;
    QItemSelectionModel selection;
};

/// Each of waiters waits for key 5 of the holder, since second 1, 2, 3...
SnapshotPointer queue(double takenAt, qint32 holder, const QList<qint32>& waiters)
{
    SnapshotMaker maker(takenAt);
    maker.held(5, holder);
    for (qsizetype at = 0; at < waiters.size(); ++at)
        maker.waiting(5, waiters[at], 1 + 0.001 * static_cast<double>(waiters[at]), {holder});
    return maker.make();
}

} // namespace

class TestWaitForestModel : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void isEmptyWithoutWaits()
    {
        Forest forest;
        forest.show(SnapshotMaker(1).held(5, 1).make());
        QCOMPARE(forest.text(), QString());
        QCOMPARE(waitSummary(*forest.model.view()), QStringLiteral("Nobody waits for a lock"));
    }

    void showsWaitersUnderTheirHolderInTheOrderOfTheQueue()
    {
        Forest forest;
        forest.show(SnapshotMaker(20)
                        .held(5, 1)
                        .waiting(5, 3, 4, {1})
                        .waiting(5, 2, 8, {1, 3, 4})
                        .waiting(5, 4, 6, {1, 3})
                        .make());
        QCOMPARE(forest.text(), QStringLiteral("1 blocking +3 | . 3 waiting +2 | . 4 waiting +1 | . 2 waiting"));
        QCOMPARE(waitSummary(*forest.model.view()),
                 QStringLiteral("3 sessions wait behind 1 root blocker; the longest for 16.0 s"));
    }

    void aSessionStandsOnceUnderItsHardBlocker()
    {
        // 3 waits for the lock that 1 holds, behind 2, which waits for it too.
        Forest forest;
        forest.show(SnapshotMaker(20).held(5, 1).waiting(5, 2, 4, {1}).waiting(5, 3, 6, {1, 2}).make());
        QCOMPARE(forest.text(), QStringLiteral("1 blocking +2 | . 2 waiting +1 | . 3 waiting"));
        QCOMPARE(forest.cell(3, WaitForestModel::WaitsFor), QStringLiteral("key 5, Exclusive"));
        QVERIFY(forest.index(3)
                    .siblingAtColumn(WaitForestModel::WaitsFor)
                    .data(Qt::ToolTipRole)
                    .toString()
                    .contains(QStringLiteral("2 is ahead in the queue")));
    }

    void saysBehindWhomASessionIsOnlyQueued()
    {
        // 3 asks for Share, which does not conflict with the Share of 1, but 2 is ahead.
        Forest forest;
        forest.show(SnapshotMaker(20)
                        .held(5, 1, LockMode::Share)
                        .waiting(5, 2, 4, {1})
                        .waiting(5, 3, 6, {2}, LockMode::Share)
                        .make());
        QCOMPARE(forest.text(), QStringLiteral("1 blocking +2 | . 2 waiting +1 | . . 3 waiting"));
        QCOMPARE(forest.cell(3, WaitForestModel::WaitsFor), QStringLiteral("key 5, Share; queued behind 2"));
    }

    void aQueueOfSoftBlocksReadsAsAList()
    {
        // Modes that conflict with each other but not with the holder's: each is only behind the ones ahead.
        Forest forest;
        SnapshotMaker maker(50);
        maker.held(5, 1, LockMode::AccessShare).waiting(5, 2, 1, {1}, LockMode::AccessExclusive);
        maker.waiting(5, 3, 2, {2}).waiting(5, 4, 3, {2, 3}).waiting(5, 6, 4, {2, 3, 4});
        forest.show(maker.make());
        QCOMPARE(forest.text(), QStringLiteral("1 blocking +4 | . 2 waiting +3 | . . 3 waiting +2 | . . 4 waiting +1 | "
                                               ". . 6 waiting"));
    }

    void namesFurtherHoldersThatHaveToGoToo()
    {
        Forest forest;
        forest.show(
            SnapshotMaker(20).held(5, 1, LockMode::Share).held(5, 2, LockMode::Share).waiting(5, 3, 4, {1, 2}).make());
        QCOMPARE(forest.model.rowCount(), 2);
        const QString text = forest.cell(3, WaitForestModel::WaitsFor);
        const bool underFirst = forest.index(3).parent() == forest.index(1);
        QCOMPARE(text, underFirst ? QStringLiteral("key 5, Exclusive; also behind 2")
                                  : QStringLiteral("key 5, Exclusive; also behind 1"));
    }

    void ordersRootsByHowManyAreStuck()
    {
        Forest forest;
        forest.show(SnapshotMaker(30)
                        .held(5, 1)
                        .waiting(5, 2, 1, {1})
                        .held(6, 11)
                        .waiting(6, 12, 20, {11})
                        .waiting(6, 13, 21, {11})
                        .make());
        QCOMPARE(forest.text(), QStringLiteral("11 blocking +2 | . 12 waiting | . 13 waiting | 1 blocking +1 | "
                                               ". 2 waiting"));
    }

    void doesNotReorderEqualsWhenOneWaitsLonger()
    {
        Forest forest;
        const auto two = [](double takenAt, double first, double second) {
            return SnapshotMaker(takenAt)
                .held(5, 1)
                .waiting(5, 2, first, {1})
                .held(6, 11)
                .waiting(6, 12, second, {11})
                .make();
        };
        forest.show(two(30, 10, 5));
        const QString before = QStringLiteral("11 blocking +1 | . 12 waiting | 1 blocking +1 | . 2 waiting");
        QCOMPARE(forest.text(), before);
        forest.show(two(60, 10, 50));
        QCOMPARE(forest.text(), before);
    }

    void keepsSelectionAndExpansionWhenAWaiterAboveLeaves()
    {
        Forest forest;
        forest.show(queue(20, 1, {2, 3, 4}));
        forest.selection.setCurrentIndex(forest.index(4), QItemSelectionModel::Select | QItemSelectionModel::Rows);
        const QPersistentModelIndex kept = forest.index(4);
        const QPersistentModelIndex root = forest.index(1);
        QSignalSpy resets(&forest.model, &QAbstractItemModel::modelReset);
        forest.show(queue(21, 1, {3, 4}));
        QCOMPARE(forest.text(), QStringLiteral("1 blocking +2 | . 3 waiting | . 4 waiting"));
        QCOMPARE(QModelIndex(kept), forest.index(4));
        QCOMPARE(QModelIndex(root), forest.index(1));
        QCOMPARE(forest.selection.currentIndex(), forest.index(4));
        QVERIFY(forest.selection.isSelected(forest.index(4)));
        QCOMPARE(resets.count(), 0);
    }

    void movesTheQueueWhenTheNextOneGetsTheLock()
    {
        Forest forest;
        forest.show(queue(20, 1, {2, 3, 4}));
        const QPersistentModelIndex kept = forest.index(4);
        const QPersistentModelIndex promoted = forest.index(2);
        QSignalSpy inserted(&forest.model, &QAbstractItemModel::rowsInserted);
        forest.show(queue(21, 2, {3, 4}));
        QCOMPARE(forest.text(), QStringLiteral("2 blocking +2 | . 3 waiting | . 4 waiting"));
        QCOMPARE(QModelIndex(kept), forest.index(4));
        QCOMPARE(QModelIndex(promoted), forest.index(2));
        QCOMPARE(inserted.count(), 0);
    }

    void endsAtTheSameForestByWhicheverWay()
    {
        QRandomGenerator random(20260901);
        Forest forest;
        for (int round = 0; round < 150; ++round) {
            // A random forest over some of twelve sessions; each waits for the key of the one above it.
            QList<qint32> pids;
            for (qint32 pid = 1; pid <= 12; ++pid) {
                if (random.bounded(4) != 0)
                    pids.append(pid);
            }
            std::shuffle(pids.begin(), pids.end(), random);
            SnapshotMaker maker(1000 + round);
            for (qsizetype at = 1; at < pids.size(); ++at) {
                if (random.bounded(4) == 0)
                    continue;
                const qint32 above = pids[random.bounded(static_cast<int>(at))];
                maker.held(100 + above, above, LockMode::Exclusive);
                maker.waiting(100 + above, pids[at], 10 + random.bounded(900), {above});
            }
            const SnapshotPointer snapshot = maker.make();
            forest.show(snapshot);
            Forest fresh;
            fresh.show(snapshot);
            QStringList lines;
            QStringList freshLines;
            for (const Forest* each : {&forest, &fresh}) {
                QStringList& list = each == &forest ? lines : freshLines;
                for (int row = 0; row < each->model.rowCount(); ++row) {
                    const QModelIndex top = each->model.index(row, 0);
                    list.append(each->cell(each->model.rowAt(top)->id, WaitForestModel::Session) + u' ' +
                                each->below(top, 1).join(u'|'));
                }
                list.sort(); // equals at the top keep their order, so it depends on the way
            }
            QCOMPARE(lines, freshLines);
        }
    }

    void hidesShortWaitsButNotThoseSomebodyLongWaitsBehind()
    {
        Forest forest;
        forest.model.setOptions({.minimumWait = 5s});
        // 2 has waited for 2 s only, but 3 has waited for 2 for 10 s; 4 and 12 wait short and for nothing.
        forest.show(SnapshotMaker(20)
                        .held(5, 1)
                        .waiting(5, 2, 18, {1})
                        .held(6, 2)
                        .waiting(6, 3, 10, {2})
                        .waiting(5, 4, 19, {1})
                        .held(7, 11)
                        .waiting(7, 12, 19, {11})
                        .make());
        QCOMPARE(forest.text(), QStringLiteral("1 blocking +3 | . 2 waiting +1 | . . 3 waiting"));
        forest.model.setOptions({.minimumWait = 0s});
        QCOMPARE(forest.text(), QStringLiteral("1 blocking +3 | . 2 waiting +1 | . . 3 waiting | . 4 waiting | "
                                               "11 blocking +1 | . 12 waiting"));
    }

    void takesTheAgeFromWatchingWhereTheServerDoesNotSayIt()
    {
        Forest forest;
        const auto snapshot = [](double takenAt) {
            return SnapshotMaker(takenAt).held(5, 1).waiting(5, 2, {}, {1}).make();
        };
        forest.model.setOptions({.minimumWait = 5s});
        forest.show(snapshot(20));
        QCOMPARE(forest.text(), QString());
        forest.show(snapshot(30));
        QCOMPARE(forest.text(), QStringLiteral("1 blocking +1 | . 2 waiting"));
        QCOMPARE(forest.cell(2, WaitForestModel::Since), QStringLiteral(">= 10.0 s"));
    }

    void neverHidesAnIdleSessionThatHoldsALock()
    {
        Forest forest;
        const auto others = [] {
            SnapshotMaker maker(20);
            maker.held(5, 1).waiting(5, 2, 4, {1}).held(6, 21).backend(22).backend(23, [](Backend& backend) {
                backend.state = QStringLiteral("active");
            });
            maker.backend(24, [](Backend& backend) {
                backend.state.clear();
                backend.restricted = true;
            });
            return maker.make();
        }();
        forest.show(others);
        QCOMPARE(forest.text(), QStringLiteral("1 blocking +1 | . 2 waiting"));
        forest.model.setOptions({.allSessions = true});
        QCOMPARE(forest.text(), QStringLiteral("1 blocking +1 | . 2 waiting | 21 held | 23 | 24"));
        forest.model.setOptions({.allSessions = true, .hideIdle = false});
        QCOMPARE(forest.text(), QStringLiteral("1 blocking +1 | . 2 waiting | 21 held | 22 | 23 | 24"));
    }

    void marksADeadlock()
    {
        Forest forest;
        forest.show(SnapshotMaker(20)
                        .held(5, 1)
                        .held(6, 2)
                        .waiting(6, 1, 19, {2})
                        .waiting(5, 2, 19.5, {1})
                        .waiting(5, 3, 19.7, {1, 2})
                        .held(7, 11)
                        .waiting(7, 12, 1, {11})
                        .waiting(7, 13, 1, {11})
                        .waiting(7, 14, 1, {11})
                        .make());
        QStringList lines = forest.text().split(QStringLiteral(" | "));
        QCOMPARE(lines.size(), 7);
        QVERIFY2(forest.text().contains(QStringLiteral("1 deadlock +")), qPrintable(forest.text()));
        QVERIFY2(forest.text().contains(QStringLiteral("2 deadlock +")), qPrintable(forest.text()));
        QVERIFY(!forest.index(1).parent().isValid());
        QVERIFY(!forest.index(2).parent().isValid());
        QCOMPARE(forest.index(11).row(), 2); // below the deadlock, though more wait behind it than behind 1
        QCOMPARE(forest.index(3).parent(), forest.index(1));
        QVERIFY(forest.model.rowAt(forest.index(1))->cycle);
        QCOMPARE(forest.cell(1, WaitForestModel::WaitsFor), QStringLiteral("key 6, Exclusive; behind 2"));
    }

    void aWaitWhoseBlockerIsNotKnownStandsAtTheTop()
    {
        Forest forest;
        forest.show(SnapshotMaker(20).waiting(5, 2, 4, {}).make());
        QCOMPARE(forest.text(), QStringLiteral("2 waiting"));
        QCOMPARE(forest.cell(2, WaitForestModel::WaitsFor), QStringLiteral("key 5, Exclusive"));
    }

    void showsAPreparedTransactionByItsGid()
    {
        Forest forest;
        auto snapshot = std::make_shared<Snapshot>(
            *SnapshotMaker(20).prepared(5, (quint64(7) << 32) | 3).waiting(5, 2, 4, {0}).make());
        snapshot->prepared.insert((quint64(7) << 32) | 3, {.gid = QStringLiteral("pay-17"),
                                                           .transactionId = 751,
                                                           .preparedAt = test::serverTime(1),
                                                           .owner = QStringLiteral("anna"),
                                                           .databaseOid = test::shop});
        forest.show(snapshot);
        QCOMPARE(forest.text(), QStringLiteral("prepared 'pay-17' blocking +1 | . 2 waiting"));
        const QModelIndex top = forest.model.index(0, 0);
        QCOMPARE(top.data().toString(), QStringLiteral("prepared 'pay-17'"));
        QCOMPARE(top.siblingAtColumn(WaitForestModel::State).data().toString(), QStringLiteral("blocking, prepared"));
    }

    void agesGrowWithEachReading()
    {
        Forest forest;
        forest.show(queue(20, 1, {2}));
        QCOMPARE(forest.cell(2, WaitForestModel::Since), QStringLiteral("18.9 s"));
        QSignalSpy changes(&forest.model, &QAbstractItemModel::dataChanged);
        QSignalSpy inserted(&forest.model, &QAbstractItemModel::rowsInserted);
        QSignalSpy removed(&forest.model, &QAbstractItemModel::rowsRemoved);
        QSignalSpy moved(&forest.model, &QAbstractItemModel::rowsMoved);
        forest.show(queue(30, 1, {2}));
        QCOMPARE(forest.cell(2, WaitForestModel::Since), QStringLiteral("28.9 s"));
        QCOMPARE(forest.cell(1, WaitForestModel::LongestBehind), QStringLiteral("28.9 s"));
        QVERIFY(changes.count() > 0);
        QCOMPARE(inserted.count() + removed.count() + moved.count(), 0);
    }

    void onlyResetsForAnotherServer()
    {
        Forest forest;
        QSignalSpy resets(&forest.model, &QAbstractItemModel::modelReset);
        forest.show(queue(20, 1, {2, 3}));
        forest.show(SnapshotMaker(21).make());
        forest.show(queue(22, 4, {5, 6}));
        QCOMPARE(resets.count(), 0);
        forest.model.apply(forest.builder.reset().view);
        QCOMPARE(resets.count(), 1);
        QCOMPARE(forest.model.rowCount(), 0);
    }

    void aReusedPidIsAnotherSession()
    {
        Forest forest;
        forest.show(queue(20, 1, {2}));
        const QPersistentModelIndex before = forest.index(2);
        auto reused = std::make_shared<Snapshot>(*queue(21, 1, {2}));
        auto backend = std::make_shared<Backend>(*reused->backends.value(2));
        backend->id.backendStart = test::serverTime(19);
        reused->backends.insert(2, backend);
        for (Lock& lock : reused->locks) {
            if (lock.backend.pid == 2)
                lock.backend = backend->id;
        }
        forest.show(reused);
        QVERIFY(!before.isValid());
        QCOMPARE(forest.text(), QStringLiteral("1 blocking +1 | . 2 waiting"));
    }

    void twoThousandWaitersComeAndGoWithoutAReset()
    {
        QList<qint32> waiters;
        for (qint32 pid = 2; pid <= 2001; ++pid)
            waiters.append(pid);
        WaitForestModel model;
        LockViewBuilder builder;
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        QSignalSpy moved(&model, &QAbstractItemModel::rowsMoved);
        QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
        model.apply(builder.update(queue(20, 1, waiters)).view);
        QCOMPARE(model.rowCount(model.index(0, 0)), 2000);
        QCOMPARE(inserted.count(), 2);
        const QPersistentModelIndex last = model.indexOf(Forest::id(2001));
        // The first of the queue gets the lock: it comes to the top, and the others with it in one piece.
        model.apply(builder.update(queue(21, 2, waiters.sliced(1))).view);
        QCOMPARE(model.rowCount(), 1);
        QCOMPARE(model.rowCount(model.index(0, 0)), 1999);
        QCOMPARE(moved.count(), 2);
        QCOMPARE(last.row(), 1998);
        QCOMPARE(resets.count(), 0);
    }

    void hostileTextStaysPlain_data()
    {
        QTest::addColumn<QString>("payload");
        QTest::newRow("markup") << QStringLiteral("<img src=x onerror=alert(1)><b>bold</b>");
        QTest::newRow("placeholders") << QStringLiteral("%1 %2 %3 %L1 %n");
        QTest::newRow("controls") << QStringLiteral("a\nb\tc\u001b[31m\u0007\u202ed");
        QTest::newRow("long") << QString(300'000, u'W');
        QTest::newRow("quote") << QStringLiteral("'; DROP TABLE x; --");
    }
    void hostileTextStaysPlain()
    {
        QFETCH(const QString, payload);
        Forest forest;
        auto snapshot = std::make_shared<Snapshot>(*SnapshotMaker(20)
                                                        .held(5, 1)
                                                        .waiting(5, 2, 4, {1})
                                                        .backend(1,
                                                                 [&](Backend& backend) {
                                                                     backend.applicationName = payload;
                                                                     backend.state = payload;
                                                                     backend.query = payload;
                                                                     backend.user = payload;
                                                                 })
                                                        .prepared(6, 99)
                                                        .waiting(6, 3, 4, {0})
                                                        .make());
        snapshot->prepared.insert(99, {.gid = payload, .transactionId = 3, .owner = payload});
        forest.show(snapshot);
        QCOMPARE(forest.model.rowCount(), 2);
        for (int row = 0; row < 2; ++row) {
            for (int column = 0; column < WaitForestModel::ColumnCount; ++column) {
                const QModelIndex index = forest.model.index(row, column);
                const QString text = index.data().toString();
                QVERIFY(text.size() <= 1100);
                for (const QChar character : text)
                    QVERIFY(character.isPrint());
                const QString toolTip = index.data(Qt::ToolTipRole).toString();
                QVERIFY(!toolTip.contains(QStringLiteral("<img")) && !toolTip.contains(QStringLiteral("<b>")));
            }
        }
        if (payload.startsWith(u'%'))
            QCOMPARE(forest.cell(1, WaitForestModel::Session), QStringLiteral("1 ") + payload);
    }

    void ownAndStaleRowsAreRoles()
    {
        Forest forest;
        forest.show(queue(20, 1, {2}));
        QVERIFY(!forest.index(2).data(WaitForestModel::MineRole).toBool());
        forest.model.setOwnBackends({2});
        forest.model.setStale(true);
        QVERIFY(forest.index(2).data(WaitForestModel::MineRole).toBool());
        QVERIFY(!forest.index(1).data(WaitForestModel::MineRole).toBool());
        QVERIFY(forest.index(1).data(WaitForestModel::StaleRole).toBool());
    }
};

QTEST_GUILESS_MAIN(TestWaitForestModel)
#include "tst_waitforestmodel.moc"
