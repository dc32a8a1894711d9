#include "app/lockviewfeed.h"
#include "models/locktablemodel.h"
#include "tests/support/locktext.h"
#include "tests/support/suite.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>

#include <atomic>

using namespace lockscope;
using namespace lockscope::test;

namespace {

SnapshotPointer oneLock(double time, qint64 key)
{
    return SnapshotMaker(time).held(key, 1).make();
}

} // namespace

class LockViewFeedTest final : public Suite
{
    Q_OBJECT

private Q_SLOTS:
    void deliversOnTheThreadOfTheFacade()
    {
        LockViewFeed feed;
        QThread* deliveredOn = nullptr;
        connect(
            &feed, &LockViewFeed::updated, this, [&] { deliveredOn = QThread::currentThread(); }, Qt::DirectConnection);
        feed.offer(oneLock(1, 5));
        QVERIFY(!deliveredOn);
        QTRY_COMPARE(deliveredOn, QThread::currentThread());
    }

    void feedsAModelInOrderWithoutGaps()
    {
        LockViewFeed feed;
        LockTableModel model;
        QAbstractItemModelTester tester(&model);
        quint64 expected = 1;
        connect(&feed, &LockViewFeed::updated, &model, [&](const LockViewUpdate& update) {
            QCOMPARE(update.view->generation, expected++);
            model.apply(update);
        });
        LockViewSpec spec;
        for (int round = 0; round < 200; ++round) {
            feed.offer(oneLock(round, round));
            spec.rowLimit = 100 + round;
            feed.respecify(spec);
            if (round % 50 == 49)
                feed.reset();
            if (round % 7 == 0)
                QCoreApplication::processEvents();
        }
        feed.offer(oneLock(1000, 1000));
        QTRY_COMPARE(text(*model.view()), QStringLiteral("1000 1 held"));
    }

    void onlyTheNewestSnapshotWaits()
    {
        LockViewFeed feed;
        QStringList seen;
        connect(&feed, &LockViewFeed::updated, this, [&](const LockViewUpdate& update) {
            seen.append(QString::number(update.view->takenAt.time_since_epoch().count() / 1'000'000 -
                                        serverTime(0).time_since_epoch().count() / 1'000'000));
        });
        for (int time = 1; time <= 100; ++time)
            feed.offer(oneLock(time, 5));
        QTRY_COMPARE(seen.join(u' '), QStringLiteral("1 100"));
    }

    void resetForgetsWhatWaits()
    {
        LockViewFeed feed;
        QStringList seen;
        connect(&feed, &LockViewFeed::updated, this, [&](const LockViewUpdate& update) {
            seen.append(update.view->empty ? QStringLiteral("empty") : text(*update.view));
        });
        feed.offer(oneLock(1, 5));
        feed.offer(oneLock(2, 6));
        feed.reset();
        QTRY_COMPARE(seen.join(u','), QStringLiteral("5 1 held,empty"));
        feed.offer(oneLock(3, 7));
        QTRY_COMPARE(seen.join(u','), QStringLiteral("5 1 held,empty,7 1 held"));
    }

    void sameWishTwiceIsOneUpdate()
    {
        LockViewFeed feed;
        QSignalSpy updates(&feed, &LockViewFeed::updated);
        LockViewSpec spec;
        spec.filter = QStringLiteral("5");
        feed.respecify(spec);
        feed.respecify(spec);
        feed.offer(oneLock(1, 5));
        QTRY_COMPARE(updates.count(), 2);
        QCOMPARE(feed.spec(), spec);
    }

    void newDictionaryAndNamesMakeANewViewOfTheSameSnapshot()
    {
        LockViewFeed feed;
        QStringList seen;
        connect(&feed, &LockViewFeed::updated, this, [&](const LockViewUpdate& update) {
            QStringList meanings;
            for (const LockRow& row : update.view->rows)
                meanings.append(row.meaning);
            seen.append(QStringLiteral("%1 [%2] %3 names")
                            .arg(text(*update.view), meanings.join(u' '),
                                 QString::number(update.view->names ? update.view->names->names.size() : 0)));
        });
        feed.offer(oneLock(1, 5));
        QTRY_COMPARE(seen.size(), 1);
        KeyDictionary dictionary;
        dictionary.setLabels({{.what = LockKey::bigint(5), .database = {}, .text = QStringLiteral("calendar")}});
        feed.setDictionary(std::make_shared<const KeyDictionary>(dictionary));
        QTRY_COMPARE(seen.size(), 2);
        TargetNames names;
        names.names.insert({.databaseOid = shop, .classid = relationCatalog, .objid = 77}, {});
        feed.setTargetNames(std::make_shared<const TargetNames>(names));
        QTRY_COMPARE(seen.join(u','), QStringLiteral("5 1 held [] 0 names,5 1 held [calendar] 0 names,"
                                                     "5 1 held [calendar] 1 names"));
    }

    void freesWhatItHandedOutOnItsOwnThread()
    {
        std::atomic<QThread*> freedOn = nullptr;
        const SnapshotPointer made = oneLock(1, 5);
        LockViewFeed feed;
        LockViewPointer shown;
        connect(&feed, &LockViewFeed::updated, this, [&](const LockViewUpdate& update) { shown = update.view; });
        feed.offer(SnapshotPointer(new Snapshot(*made), [&freedOn](const Snapshot* snapshot) {
            delete snapshot;
            freedOn = QThread::currentThread();
        }));
        QTRY_VERIFY(shown);
        LockViewPointer kept = shown;
        feed.offer(oneLock(2, 6));
        QTRY_COMPARE(text(*shown), QStringLiteral("-5 1 gone | +6 1 held"));
        QVERIFY(!freedOn);
        kept.reset();
        QVERIFY(!freedOn);
        feed.offer(oneLock(3, 7));
        QTRY_VERIFY(freedOn);
        QVERIFY(freedOn != QThread::currentThread());
    }

    void endsInTheMiddleOfAJob()
    {
        SnapshotMaker maker(1);
        for (int key = 0; key < 20'000; ++key)
            maker.held(key, 1);
        const SnapshotPointer snapshot = maker.make();
        for (int round = 0; round < 5; ++round) {
            LockViewFeed feed;
            feed.offer(snapshot);
        }
        QCoreApplication::processEvents();
        QCOMPARE(snapshot.use_count(), 1L);
    }
};

QTEST_GUILESS_MAIN(LockViewFeedTest)

#include "tst_lockviewfeed.moc"
