#include "models/lockcolumns.h"
#include "models/lockview.h"
#include "tests/support/locktext.h"
#include "tests/support/suite.h"

#include <algorithm>

using namespace lockscope;
using namespace lockscope::test;

namespace {

QString cell(const LockView& view, int row, LockColumn column)
{
    return lockColumn(column).text(view.rows.at(row), view);
}

KeyDictionaryPointer labelled(qint64 key, const QString& text, const QString& database = {})
{
    KeyDictionary dictionary;
    dictionary.setLabels({{.what = LockKey::bigint(key), .database = database, .text = text}});
    return std::make_shared<const KeyDictionary>(dictionary);
}

QString meaningsOf(const LockView& view)
{
    QStringList meanings;
    for (const LockRow& row : view.rows)
        meanings.append(row.meaning);
    return meanings.join(u'|');
}

TargetNamesPointer named(quint32 oid, const QString& name)
{
    TargetNames names;
    names.names.insert({.databaseOid = shop, .classid = relationCatalog, .objid = oid},
                       {.name = name, .kind = QStringLiteral("table")});
    return std::make_shared<const TargetNames>(names);
}

QString objectsOf(const QSet<ObjectAddress>& addresses)
{
    QList<quint32> oids;
    for (const ObjectAddress& address : addresses)
        oids.append(address.objid);
    std::sort(oids.begin(), oids.end());
    QStringList result;
    for (const quint32 oid : std::as_const(oids))
        result.append(QString::number(oid));
    return result.join(u' ');
}

} // namespace

/// What a view knows beside its rows: meanings of keys, names of objects, who waits for whom.
class LockViewNamesTest final : public Suite
{
    Q_OBJECT

private Q_SLOTS:
    void meaningsComeFromTheDictionary()
    {
        LockViewBuilder builder;
        const SnapshotPointer snapshot = SnapshotMaker(1).allTypes().held(5, 1).held(6, 1).relation(5, 1).make();
        QCOMPARE(meaningsOf(*builder.update(snapshot).view), QStringLiteral("||"));
        builder.setDictionary(labelled(5, QStringLiteral("calendar")));
        LockViewUpdate update = builder.refresh();
        QCOMPARE(meaningsOf(*update.view), QStringLiteral("calendar||"));
        QCOMPARE(text(update.script), QStringLiteral("ranges ~0"));
        QCOMPARE(cell(*update.view, 0, LockColumn::Meaning), QStringLiteral("calendar"));
        builder.setDictionary(labelled(6, QStringLiteral("billing")));
        update = builder.refresh();
        QCOMPARE(meaningsOf(*update.view), QStringLiteral("|billing|"));
        QCOMPARE(text(update.script), QStringLiteral("ranges ~0..1"));
        QVERIFY(update.view->dictionary);
        builder.setDictionary({});
        QCOMPARE(meaningsOf(*builder.refresh().view), QStringLiteral("||"));
    }

    void meaningsStayWithTheirRows()
    {
        LockViewBuilder builder;
        builder.setDictionary(labelled(5, QStringLiteral("calendar")));
        (void)builder.update(SnapshotMaker(1).held(5, 1).held(6, 1).make());
        LockViewUpdate update = builder.update(SnapshotMaker(2).held(6, 1).held(5, 2).backend(1).make());
        QCOMPARE(text(*update.view), QStringLiteral("-5 1 gone | +5 2 held | 6 1 held"));
        QCOMPARE(meaningsOf(*update.view), QStringLiteral("calendar|calendar|"));
        LockViewSpec spec;
        spec.filter = QStringLiteral("calendar");
        update = builder.respecify(spec);
        QCOMPARE(text(*update.view), QStringLiteral("-5 1 gone | +5 2 held"));
        QCOMPARE(meaningsOf(*builder.respecify(LockViewSpec()).view), QStringLiteral("calendar|calendar|"));
    }

    void meaningsFollowTheNameOfTheDatabase()
    {
        LockViewBuilder builder;
        builder.setDictionary(labelled(5, QStringLiteral("calendar"), QStringLiteral("shop")));
        const auto unnamed = [](Snapshot& snapshot) { snapshot.databaseNames.clear(); };
        QCOMPARE(meaningsOf(*builder.update(SnapshotMaker(1).held(5, 1).then(unnamed).make()).view), QString());
        QCOMPARE(meaningsOf(*builder.update(SnapshotMaker(2).held(5, 1).make()).view), QStringLiteral("calendar"));
    }

    void unknownNamesAreAskedForOnce()
    {
        LockViewBuilder builder;
        const SnapshotPointer snapshot =
            SnapshotMaker(1).allTypes().held(5, 1).relation(77, 1).relation(77, 2).relation(78, 1).make();
        QCOMPARE(objectsOf(builder.update(snapshot).unknownNames), QStringLiteral("77 78"));
        builder.setTargetNames(named(77, QStringLiteral("public.orders")));
        LockViewUpdate update = builder.refresh();
        QCOMPARE(objectsOf(update.unknownNames), QStringLiteral("78"));
        QVERIFY(update.view->names);
        // Asked for, and not there: an answer too.
        builder.setTargetNames(named(78, QString()));
        QCOMPARE(objectsOf(builder.refresh().unknownNames), QStringLiteral("77"));
        update = builder.reset();
        QCOMPARE(objectsOf(update.unknownNames), QString());
        QVERIFY(!update.view->names);
    }

    void namesOfAwaitedLocksAreAskedForBesideAdvisoryOnes()
    {
        LockViewBuilder builder;
        const LockViewUpdate update = builder.update(SnapshotMaker(10)
                                                         .held(5, 1)
                                                         .holds(relationTarget(77), 1)
                                                         .waitsFor(relationTarget(77), 2, 5, {1})
                                                         .othersApart()
                                                         .make());
        QCOMPARE(objectsOf(update.unknownNames), QStringLiteral("77"));
        QCOMPARE(text(*update.view), QStringLiteral("5 1 held"));
    }

    void unknownNamesAreCapped()
    {
        SnapshotMaker maker(1);
        maker.allTypes();
        for (quint32 oid = 1; oid <= 2500; ++oid)
            maker.relation(oid, 1);
        LockViewBuilder builder;
        QCOMPARE(builder.update(maker.make()).unknownNames.size(), 2000);
    }

    void unreadableDatabaseDoesNotKeepOthersWaiting()
    {
        SnapshotMaker maker(1);
        maker.allTypes();
        for (quint32 oid = 1; oid <= 2500; ++oid)
            maker.holds(relationTarget(oid, depot), 1);
        maker.relation(9000, 2);
        LockViewBuilder builder;
        TargetNames names;
        names.troubles.insert(depot, QStringLiteral("depot: this role may not connect to it"));
        builder.setTargetNames(std::make_shared<const TargetNames>(names));
        const QSet<ObjectAddress> unknown = builder.update(maker.make()).unknownNames;
        QCOMPARE(unknown.size(), 2000);
        QVERIFY(unknown.contains({.databaseOid = shop, .classid = relationCatalog, .objid = 9000}));
    }

    void newNameChangesItsRowsOnly()
    {
        LockViewBuilder builder;
        (void)builder.update(SnapshotMaker(1).allTypes().held(5, 1).relation(77, 1).relation(78, 1).make());
        builder.setTargetNames(named(77, QStringLiteral("public.orders")));
        QCOMPARE(text(builder.refresh().script), QStringLiteral("ranges ~1"));
        QCOMPARE(text(builder.refresh().script), QStringLiteral("nothing"));
        builder.setTargetNames(named(77, QStringLiteral("public.bills")));
        QCOMPARE(text(builder.refresh().script), QStringLiteral("ranges ~1"));
    }

    void viewCarriesTheWaitGraphOfItsSnapshot()
    {
        LockViewBuilder builder;
        QVERIFY(!builder.respecify(LockViewSpec()).view->waits);
        const SnapshotPointer snapshot = SnapshotMaker(10).held(5, 1).waiting(5, 2, 8, {1}).make();
        LockViewPointer view = builder.update(snapshot).view;
        QCOMPARE(view->snapshot, snapshot);
        QVERIFY(view->waits);
        QCOMPARE(edgesOf(*view->waits), QStringLiteral("2 -> 1 hard 5"));
        const WaitGraphPointer waits = view->waits;
        view = builder.respecify(LockViewSpec()).view;
        QCOMPARE(view->waits, waits);
        view = builder.reset().view;
        QVERIFY(!view->waits && !view->snapshot);
        QCOMPARE(view->rootBlockers, qint64(0));
    }

    /// What explanations look up with each reading.
    void rowsAreFoundByTheirLock()
    {
        LockViewBuilder builder;
        LockViewSpec byKey;
        byKey.sortColumn = LockColumn::Key;
        byKey.sortOrder = Qt::DescendingOrder;
        (void)builder.respecify(byKey);
        (void)builder.update(SnapshotMaker(1).held(9, 4).held(5, 1).held(6, 1).make());
        const SnapshotPointer snapshot = SnapshotMaker(2).held(5, 1).held(7, 1).held(6, 2).waiting(5, 3, 1, {1}).make();
        const LockViewPointer view = builder.update(snapshot).view;
        const auto keyAndPid = [&](const LockRow& row) { return text(row, *view).section(u' ', 0, 1); };
        QStringList found;
        for (const Lock& lock : snapshot->locks) {
            const LockRow* const row = rowOf(lock, *view);
            found.append(row != nullptr ? keyAndPid(*row) : QStringLiteral("none"));
        }
        QCOMPARE(found.join(u'|'), QStringLiteral("5 1|+7 1|+6 2|+5 3"));
        const LockRow& gone = view->rows.first();
        QVERIFY(gone.isGone());
        QVERIFY(rowOf(gone.lock, *view) == nullptr);
        QVERIFY(rowOf(gone.lock, LockView()) == nullptr);
        QStringList urgent;
        for (const qint32 row : view->urgentRows)
            urgent.append(keyAndPid(view->rows[row]));
        QCOMPARE(urgent.join(u'|'), QStringLiteral("5 1|+5 3"));
    }

    void wellKnownKeysOfADatabaseAreComputedOnce()
    {
        LockViewBuilder builder;
        builder.setDictionary(std::make_shared<const KeyDictionary>(KeyDictionary::builtIn()));
        const LockViewPointer first = builder.update(SnapshotMaker(1).held(5, 1).make()).view;
        const LockViewPointer second = builder.update(SnapshotMaker(2).held(6, 1).make()).view;
        QVERIFY(first->dictionary);
        QCOMPARE(first->dictionary, second->dictionary);
    }

    void rootBlockersAreCountedAcrossTypes()
    {
        LockViewBuilder builder;
        const LockViewPointer view = builder
                                         .update(SnapshotMaker(10)
                                                     .held(5, 1)
                                                     .waiting(5, 2, 8, {1})
                                                     .holds(relationTarget(77), 3)
                                                     .waitsFor(relationTarget(77), 1, 9, {3})
                                                     .othersApart()
                                                     .make())
                                         .view;
        QCOMPARE(rootsOf(*view->waits), QStringLiteral("3 backend 2 stuck 2.0 s 3.0 s"));
        QCOMPARE(view->rootBlockers, qint64(1));
        const LockRow& holder = view->rows.first();
        QCOMPARE(text(holder, *view), QStringLiteral("5 1 held, 1 waits behind"));
        QVERIFY(holder.waitsElsewhere && !holder.isRootBlocker());
        QVERIFY(holder.queue == QueueKind::Inner);
    }
};

QTEST_GUILESS_MAIN(LockViewNamesTest)

#include "tst_lockview_names.moc"
