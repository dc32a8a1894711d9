#include "models/lockcolumns.h"
#include "models/locktablemodel.h"
#include "tests/support/locktext.h"
#include "tests/support/suite.h"

#include <QAbstractItemModelTester>
#include <QItemSelectionModel>
#include <QSignalSpy>

#include <algorithm>
#include <map>
#include <random>

using namespace lockscope;
using namespace lockscope::test;

namespace {

constexpr int keyColumn = static_cast<int>(LockColumn::Key);

/// A builder and the model that it feeds, watched by Qt's own checks.
struct Table
{
    LockViewBuilder builder;
    LockTableModel model;
    QAbstractItemModelTester tester{&model, QAbstractItemModelTester::FailureReportingMode::QtTest};
    QItemSelectionModel selection{&model};

    LockViewUpdate show(const SnapshotPointer& snapshot)
    {
        LockViewUpdate update = builder.update(snapshot);
        model.apply(update);
        return update;
    }

    LockViewUpdate show(const LockViewSpec& spec)
    {
        LockViewUpdate update = builder.respecify(spec);
        model.apply(update);
        return update;
    }

    void select(int row)
    {
        selection.setCurrentIndex(model.index(row, keyColumn),
                                  QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    }

    [[nodiscard]] QString selected() const
    {
        QStringList rows;
        const QModelIndexList indexes = selection.selectedRows();
        for (const QModelIndex& index : indexes)
            rows.append(text(*model.rowAt(index.row()), *model.view()));
        return rows.join(QStringLiteral(" | "));
    }

    [[nodiscard]] QString current() const
    {
        const LockRow* row = model.rowAt(selection.currentIndex().row());
        return row ? text(*row, *model.view()) : QStringLiteral("none");
    }
};

LockViewSpec sortedBy(LockColumn column, Qt::SortOrder order = Qt::AscendingOrder)
{
    LockViewSpec spec;
    spec.sortColumn = column;
    spec.sortOrder = order;
    return spec;
}

SnapshotPointer heldKeys(double time, const QList<qint64>& keys)
{
    SnapshotMaker maker(time);
    maker.backend(1);
    for (const qint64 key : keys)
        maker.held(key, 1);
    return maker.make();
}

} // namespace

class LockTableModelTest final : public Suite
{
    Q_OBJECT

private Q_SLOTS:
    void showsTextsAndRoles()
    {
        Table table;
        table.model.setOwnBackends({2});
        table.show(SnapshotMaker(10).held(5, 1).waiting(5, 2, 4, {1}).make());
        const auto cell = [&](int row, LockColumn column, int role = Qt::DisplayRole) {
            return table.model.index(row, static_cast<int>(column)).data(role);
        };
        QCOMPARE(cell(1, LockColumn::State).toString(), QStringLiteral("waiting"));
        QCOMPARE(cell(1, LockColumn::Since).toString(), QStringLiteral("6.0 s"));
        QCOMPARE(cell(0, LockColumn::State).toString(), QStringLiteral("held, 1 waits behind"));
        QCOMPARE(cell(0, LockColumn::Since).toString(), QStringLiteral(">= 0.0 s"));
        QCOMPARE(cell(1, LockColumn::Key, LockTableModel::WaitingRole).toBool(), true);
        QCOMPARE(cell(0, LockColumn::Key, LockTableModel::WaitingRole).toBool(), false);
        QCOMPARE(cell(1, LockColumn::Key, LockTableModel::BlockerRole).toBool(), false);
        QCOMPARE(cell(0, LockColumn::Key, LockTableModel::BlockerRole).toBool(), true);
        QCOMPARE(cell(1, LockColumn::Key, LockTableModel::MineRole).toBool(), true);
        QCOMPARE(cell(0, LockColumn::Key, LockTableModel::MineRole).toBool(), false);
        QCOMPARE(cell(0, LockColumn::Key, LockTableModel::RowRole).value<LockRow>(), table.model.view()->rows.at(0));
        QCOMPARE(cell(0, LockColumn::Key, LockTableModel::MarkRole).toInt(), static_cast<int>(RowMark::None));
        QCOMPARE(cell(0, LockColumn::Pid, Qt::TextAlignmentRole).value<Qt::Alignment>(),
                 Qt::AlignRight | Qt::AlignVCenter);
        QCOMPARE(table.model.headerData(0, Qt::Horizontal).toString(), QStringLiteral("Key"));
        QCOMPARE(table.model.headerData(0, Qt::Vertical), QVariant());
    }

    void keepsSelectionWhenARowAboveDisappears()
    {
        Table table;
        table.show(heldKeys(1, {1, 2, 3}));
        table.select(2);
        table.show(heldKeys(2, {2, 3}));
        table.show(heldKeys(6, {2, 3}));
        QCOMPARE(text(*table.model.view()), QStringLiteral("2 1 held | 3 1 held"));
        QCOMPARE(table.selected(), QStringLiteral("3 1 held"));
        QCOMPARE(table.current(), QStringLiteral("3 1 held"));
    }

    void keepsSelectionWhenTheSortTurnsRound()
    {
        Table table;
        table.show(heldKeys(1, {1, 2, 3, 4}));
        table.select(0);
        const LockViewUpdate update = table.show(sortedBy(LockColumn::Key, Qt::DescendingOrder));
        QCOMPARE(update.script.kind, EditScript::Kind::Layout);
        QCOMPARE(table.selected(), QStringLiteral("1 1 held"));
        QCOMPARE(table.selection.currentIndex().row(), 3);
    }

    /// A layout change drops persistent indexes without a word; who watches the selection must hear of it.
    void tellsTheSelectionWhenItsRowLeavesInALayoutChange()
    {
        Table table;
        table.show(heldKeys(1, {1, 2, 3, 4}));
        table.select(1);
        QSignalSpy spy(&table.selection, &QItemSelectionModel::selectionChanged);
        LockViewSpec spec = sortedBy(LockColumn::Key, Qt::DescendingOrder);
        spec.rowLimit = 2;
        const LockViewUpdate update = table.show(spec);
        QCOMPARE(text(update.script), QStringLiteral("layout x x 1 0"));
        QCOMPARE(text(*table.model.view()), QStringLiteral("4 1 held | 3 1 held"));
        QCOMPARE(table.selected(), QString());
        QCOMPARE(spy.count(), 1);
    }

    void growsInALayoutChange()
    {
        Table table;
        LockViewSpec spec = sortedBy(LockColumn::Key);
        spec.rowLimit = 2;
        table.show(spec);
        table.show(heldKeys(1, {1, 2, 3, 4}));
        table.select(1);
        const LockViewUpdate update = table.show(sortedBy(LockColumn::Key, Qt::DescendingOrder));
        QCOMPARE(text(update.script), QStringLiteral("layout 3 2"));
        QCOMPARE(table.model.rowCount(), 4);
        QCOMPARE(table.selected(), QStringLiteral("2 1 held"));
        QCOMPARE(table.selection.currentIndex().row(), 2);
    }

    void replaysManyScatteredRows()
    {
        Table table;
        QList<qint64> all;
        QList<qint64> odd;
        for (qint64 key = 0; key < 60; ++key) {
            all.append(key);
            if (key % 2 == 1)
                odd.append(key);
        }
        table.show(heldKeys(1, odd));
        table.select(29);
        QCOMPARE(table.show(heldKeys(2, all)).script.kind, EditScript::Kind::Layout);
        QCOMPARE(table.selected(), QStringLiteral("59 1 held"));
        QCOMPARE(table.selection.currentIndex().row(), 59);
        table.show(heldKeys(3, odd));
        QCOMPARE(table.show(heldKeys(7, odd)).script.kind, EditScript::Kind::Layout);
        QCOMPARE(table.model.rowCount(), 30);
        QCOMPARE(table.selected(), QStringLiteral("59 1 held"));
    }

    void marksGoneRowsUntilTheyLeave()
    {
        Table table;
        table.show(heldKeys(1, {1, 2}));
        table.show(heldKeys(2, {2}));
        QCOMPARE(table.model.index(0, 0).data(LockTableModel::MarkRole).toInt(), static_cast<int>(RowMark::Gone));
        QCOMPARE(table.model.index(0, 0).data(LockTableModel::BlockerRole).toBool(), false);
        table.show(heldKeys(4, {2}));
        QCOMPARE(table.model.rowCount(), 2);
        table.show(heldKeys(5, {2}));
        QCOMPARE(table.model.rowCount(), 1);
    }

    void onlyResetsForAnotherServer()
    {
        Table table;
        QSignalSpy resets(&table.model, &QAbstractItemModel::modelReset);
        table.show(heldKeys(1, {1, 2, 3}));
        table.show(heldKeys(2, {}));
        table.show(heldKeys(9, {7, 8}));
        QCOMPARE(resets.count(), 0);
        table.model.apply(table.builder.reset());
        QCOMPARE(resets.count(), 1);
        QCOMPARE(table.model.rowCount(), 0);
    }

    void agesGrowWithEachReading()
    {
        Table table;
        table.show(heldKeys(1, {1, 2, 3}));
        QSignalSpy changes(&table.model, &QAbstractItemModel::dataChanged);
        table.show(heldKeys(2, {1, 2, 3}));
        QCOMPARE(changes.count(), 1);
        const int since = static_cast<int>(LockColumn::Since);
        QCOMPARE(changes.first().at(0).toModelIndex(), table.model.index(0, since));
        QCOMPARE(changes.first().at(1).toModelIndex(), table.model.index(2, since));
        QCOMPARE(table.model.index(0, since).data().toString(), QStringLiteral(">= 1.0 s"));
    }

    void showsNamesOfDatabasesThatBecomeKnown()
    {
        Table table;
        auto nameless = std::make_shared<Snapshot>(*heldKeys(1, {1, 2}));
        nameless->databaseNames.clear();
        table.show(nameless);
        const QModelIndex cell = table.model.index(1, static_cast<int>(LockColumn::Database));
        QCOMPARE(cell.data().toString(), QStringLiteral("database 5"));
        QSignalSpy changes(&table.model, &QAbstractItemModel::dataChanged);
        table.show(heldKeys(1, {1, 2}));
        QCOMPARE(cell.data().toString(), QStringLiteral("shop"));
        QCOMPARE(changes.count(), 1);
        QCOMPARE(changes.first().at(1).toModelIndex(), cell);
    }

    void showsNamesOfRelationsThatBecomeKnownAndTheirNumbersInTheTooltip()
    {
        Table table;
        SnapshotMaker maker(1);
        table.show(maker.relation(16384, 1).allTypes().make());
        const QModelIndex key = table.model.index(0, keyColumn);
        const auto toolTip = [&] { return lockToolTip(LockColumn::Key, *table.model.rowAt(0), *table.model.view()); };
        QCOMPARE(key.data().toString(), QStringLiteral("relation 16384"));
        QCOMPARE(toolTip(), QStringLiteral("relation 16384"));

        auto names = std::make_shared<TargetNames>();
        names->troubles.insert(shop, QStringLiteral("shop: this role may not connect to it"));
        table.builder.setTargetNames(names);
        table.model.apply(table.builder.refresh());
        QCOMPARE(toolTip(), QStringLiteral("relation 16384\nshop: this role may not connect to it"));

        names = std::make_shared<TargetNames>();
        names->names.insert({.databaseOid = shop, .classid = relationCatalog, .objid = 16384},
                            {.name = QStringLiteral("public.orders_pkey"),
                             .kind = QStringLiteral("index"),
                             .note = QStringLiteral("index of public.orders")});
        QSignalSpy changed(&table.model, &QAbstractItemModel::dataChanged);
        table.builder.setTargetNames(names);
        table.model.apply(table.builder.refresh());
        QCOMPARE(key.data().toString(), QStringLiteral("public.orders_pkey"));
        QCOMPARE(toolTip(), QStringLiteral("public.orders_pkey\nrelation 16384\nindex, index of public.orders"));
        const auto tellsKey = [](const QList<QVariant>& arguments) {
            return arguments.at(0).toModelIndex().column() <= keyColumn &&
                   arguments.at(1).toModelIndex().column() >= keyColumn;
        };
        QVERIFY(std::any_of(changed.cbegin(), changed.cend(), tellsKey));
    }

    void theTooltipOfAMeaningNamesAllCandidatesWithTheirSource()
    {
        Table table;
        auto dictionary = std::make_shared<KeyDictionary>(KeyDictionary::builtIn());
        dictionary->setLabels(
            {KeyLabel{.what = LockKey::bigint(72707369), .database = {}, .text = QStringLiteral("deploys")}});
        table.builder.setDictionary(dictionary);
        table.show(SnapshotMaker(1).held(72707369, 1).make());
        const QStringList lines =
            lockToolTip(LockColumn::Meaning, *table.model.rowAt(0), *table.model.view()).split(u'\n');
        QVERIFY2(lines.first().startsWith(QStringLiteral("deploys (source: ")), qPrintable(lines.first()));
        QVERIFY2(lines.filter(QStringLiteral("Prisma")).size() == 1 &&
                     lines.last().contains(QStringLiteral("(source: ")),
                 qPrintable(lines.join(u'\n')));
    }

#ifdef QT_NO_DEBUG
    /// A debug build stops at the mistake instead.
    void lostUpdateBecomesAReset()
    {
        Table table;
        table.show(heldKeys(1, {1, 2}));
        QSignalSpy resets(&table.model, &QAbstractItemModel::modelReset);
        (void)table.builder.update(heldKeys(2, {1, 2, 3}));
        table.show(heldKeys(3, {2, 3}));
        QCOMPARE(resets.count(), 1);
        QCOMPARE(text(*table.model.view()), QStringLiteral("-1 1 gone | 2 1 held | +3 1 held"));
    }
#endif

    void askingForASortChangesNothingByItself()
    {
        Table table;
        table.show(heldKeys(1, {1, 2}));
        QSignalSpy asked(&table.model, &LockTableModel::sortRequested);
        table.model.sort(static_cast<int>(LockColumn::Pid), Qt::DescendingOrder);
        QCOMPARE(asked.count(), 1);
        QCOMPARE(asked.first().at(0).value<LockColumn>(), LockColumn::Pid);
        QCOMPARE(asked.first().at(1).value<Qt::SortOrder>(), Qt::DescendingOrder);
        QCOMPARE(text(*table.model.view()), QStringLiteral("1 1 held | 2 1 held"));
        table.model.sort(-1); // how QTableView says "not sorted"
        QCOMPARE(asked.count(), 1);
    }

    void staleAndOwnRowsAreRoles()
    {
        Table table;
        table.show(heldKeys(1, {1, 2}));
        QSignalSpy changes(&table.model, &QAbstractItemModel::dataChanged);
        const auto role = [&](int which) { return table.model.index(1, 0).data(which).toBool(); };
        QVERIFY(!role(LockTableModel::StaleRole));
        table.model.setStale(std::chrono::milliseconds(2500));
        table.model.setStale(std::chrono::milliseconds(3500));
        QVERIFY(role(LockTableModel::StaleRole));
        QCOMPARE(table.model.staleAge(), std::optional(std::chrono::milliseconds(3500)));
        table.model.setStale({});
        QVERIFY(!role(LockTableModel::StaleRole));
        QCOMPARE(changes.count(), 2);
        table.model.setOwnBackends({1});
        table.model.setOwnBackends({1});
        QVERIFY(role(LockTableModel::MineRole));
        QCOMPARE(changes.count(), 3);
    }

    void findsRows()
    {
        Table table;
        table.show(heldKeys(1, {1, 2}));
        const quint64 id = table.model.rowAt(1)->rowId;
        QCOMPARE(table.model.rowOf(id), 1);
        QCOMPARE(table.model.rowOf(id + 100), -1);
        QVERIFY(!table.model.rowAt(2));
        QVERIFY(!table.model.rowAt(-1));
    }

    void hostileTextStaysPlain()
    {
        Table table;
        const QString hostile = QStringLiteral("<b>pod</b>\n\x1b[31m%1 <img src=x>");
        table.show(SnapshotMaker(1)
                       .held(5, 1)
                       .backend(1,
                                [&](Backend& backend) {
                                    backend.applicationName = hostile;
                                    backend.user = hostile;
                                    backend.query = QStringLiteral("x").repeated(1'000'000);
                                })
                       .make());
        for (const LockColumn column : {LockColumn::Application, LockColumn::User, LockColumn::Query}) {
            const QModelIndex index = table.model.index(0, static_cast<int>(column));
            const QString shown = index.data().toString();
            QVERIFY(!shown.contains(u'\n') && !shown.contains(QChar(0x1b)));
            QVERIFY(shown.size() <= 1024);
            const QString toolTip = index.data(Qt::ToolTipRole).toString();
            QVERIFY2(!toolTip.contains(QStringLiteral("<b>")) && !toolTip.contains(QStringLiteral("<img")),
                     qPrintable(toolTip));
            QVERIFY(toolTip.size() < 64 * 1024);
        }
        QVERIFY(table.model.index(0, static_cast<int>(LockColumn::Application))
                    .data()
                    .toString()
                    .startsWith(QStringLiteral("<b>pod</b>")));
    }

    void everyCellOfEveryKindOfRowHasATooltip()
    {
        Table table;
        table.show(SnapshotMaker(10)
                       .allTypes()
                       .held(5, 1)
                       .waiting(5, 2, 4, {1})
                       .waiting(5, 3, std::nullopt, {1, 2})
                       .prepared(6, 1)
                       .relation(1, 4)
                       .backend(4, [](Backend& backend) { backend.restricted = true; })
                       .backend(1, [](Backend& backend) { backend.clientAddress = QStringLiteral("10.0.0.1"); })
                       .make());
        const auto toolTip = [&](int row, LockColumn column) {
            return table.model.index(row, static_cast<int>(column)).data(Qt::ToolTipRole).toString();
        };
        for (int row = 0; row < table.model.rowCount(); ++row) {
            for (const LockColumn column : {LockColumn::Key, LockColumn::Mode, LockColumn::State, LockColumn::Since,
                                            LockColumn::Pid, LockColumn::BackendState})
                QVERIFY(!toolTip(row, column).isEmpty());
        }
        QVERIFY(toolTip(4, LockColumn::Query).contains(QStringLiteral("pg_read_all_stats")));
    }

    /// Whatever one reading makes of another: the model shows the view, and whoever points at a row still points at
    /// the same lock.
    void replaysTenThousandRandomPairs()
    {
        constexpr unsigned seed = 20260123;
        std::mt19937 random(seed);
        const auto below = [&](int limit) { return std::uniform_int_distribution(0, limit - 1)(random); };
        const auto randomSnapshot = [&](double time) {
            SnapshotMaker maker(time);
            const int keys = 1 + below(8);
            for (int key = 0; key < keys; ++key) {
                const qint32 holder = 1 + below(5);
                if (below(5) != 0)
                    maker.held(key, holder, below(3) == 0 ? LockMode::Share : LockMode::Exclusive);
                if (const qint32 waiter = 10 + below(4) + key * 4; below(2) == 0)
                    maker.waiting(key, waiter, time - below(20), {holder});
            }
            return maker.make();
        };
        const auto randomSpec = [&] {
            LockViewSpec spec;
            spec.sortColumn = static_cast<LockColumn>(below(lockColumnCount));
            spec.sortOrder = below(2) == 0 ? Qt::AscendingOrder : Qt::DescendingOrder;
            spec.rowLimit = below(3) == 0 ? 1 + below(4) : 0;
            if (below(4) == 0)
                spec.filter = QStringLiteral("key:%1").arg(below(8));
            return spec;
        };

        Table table;
        std::map<EditScript::Kind, int> kinds;
        double time = 100;
        for (int round = 0; round < 10'000; ++round) {
            const QString before = text(*table.model.view());
            std::map<quint64, QPersistentModelIndex> pointers;
            for (int row = 0; row < table.model.rowCount(); ++row)
                pointers.emplace(table.model.rowAt(row)->rowId, table.model.index(row, below(lockColumnCount)));
            const LockViewUpdate update =
                below(3) == 0 ? table.show(randomSpec()) : table.show(randomSnapshot(time += below(3)));
            ++kinds[update.script.kind];

            const QString what = QStringLiteral("seed %1 round %2: %3 -> %4 by %5")
                                     .arg(QString::number(seed), QString::number(round), before, text(*update.view),
                                          text(update.script));
            QVERIFY2(table.model.rowCount() == update.view->rows.size(), qPrintable(what));
            for (int row = 0; row < table.model.rowCount(); ++row) {
                const LockRow& shown = *table.model.rowAt(row);
                QVERIFY2(shown == update.view->rows.at(row), qPrintable(what));
                if (const auto pointer = pointers.find(shown.rowId); pointer != pointers.end()) {
                    QVERIFY2(pointer->second.isValid() && pointer->second.row() == row, qPrintable(what));
                    pointers.erase(pointer);
                }
            }
            for (const auto& [rowId, pointer] : pointers)
                QVERIFY2(!pointer.isValid(), qPrintable(what));
        }
        QVERIFY2(kinds[EditScript::Kind::Ranges] > 1000 && kinds[EditScript::Kind::Layout] > 1000,
                 "both ways of replaying must have been tried often");
    }
};

QTEST_GUILESS_MAIN(LockTableModelTest)

#include "tst_locktablemodel.moc"
