#include "models/editscript.h"
#include "tests/support/locktext.h"
#include "tests/support/suite.h"

#include <algorithm>
#include <random>

using namespace lockscope;
using namespace lockscope::test;

namespace {

using Ids = QList<quint64>;

QString diffText(const Ids& before, const Ids& after, const QList<int>& changedRows = {})
{
    return text(diffRows(before, after, [&](int, int row) { return changedRows.contains(row); }));
}

QString listText(const Ids& ids)
{
    QStringList result;
    for (const quint64 id : ids)
        result.append(QString::number(id));
    return result.join(u' ');
}

Ids counting(quint64 first, int count)
{
    Ids ids;
    for (int step = 0; step < count; ++step)
        ids.append(first + static_cast<quint64>(step));
    return ids;
}

} // namespace

class EditScriptTest final : public Suite
{
    Q_OBJECT

private Q_SLOTS:
    void saysNothingWhenNothingChanged() { QCOMPARE(diffText({1, 2, 3}, {1, 2, 3}), QStringLiteral("nothing")); }
    void saysNothingForTwoEmptyLists() { QCOMPARE(diffText({}, {}), QStringLiteral("nothing")); }
    void removesLastRunFirst() { QCOMPARE(diffText({1, 2, 3, 4, 5}, {3}), QStringLiteral("ranges -3..4 -0..1")); }
    void insertsFirstRunFirst() { QCOMPARE(diffText({3}, {1, 2, 3, 4}), QStringLiteral("ranges +0..1 +3")); }
    void permutesWhenRowsMove() { QCOMPARE(diffText({1, 2, 3}, {3, 1}), QStringLiteral("layout 1 x 0")); }
    void replacesAll() { QCOMPARE(diffText({1, 2}, {3, 4, 5}), QStringLiteral("ranges -0..1 +0..2")); }

    void mergesNeighbouringChanges()
    {
        QCOMPARE(diffText(counting(1, 9), counting(1, 9), {1, 2, 5}), QStringLiteral("ranges ~1..2 ~5"));
    }

    void callsChangedByOldAndNewRow()
    {
        QStringList calls;
        (void)diffRows({7, 8, 9}, {9, 7}, [&](int oldRow, int newRow) {
            calls.append(QStringLiteral("%1>%2").arg(oldRow).arg(newRow));
            return false;
        });
        QCOMPARE(calls.join(u' '), QStringLiteral("0>1 2>0"));
    }

    void changesInOneRangeWhenMostRowsChanged()
    {
        QCOMPARE(diffText(counting(1, 8), counting(1, 8), {1, 2, 4, 6, 7}), QStringLiteral("ranges ~1..7"));
        QCOMPARE(diffText(counting(1, 8), counting(1, 8), {1, 3, 5, 7}), QStringLiteral("ranges ~1 ~3 ~5 ~7"));
    }

    void replaysManyRunsAsOneLayoutChange()
    {
        const Ids before = counting(0, 2 * maximumReplayedRanges + 4);
        Ids atTheLimit = before;
        for (int run = 0; run < maximumReplayedRanges; ++run)
            atTheLimit.removeOne(static_cast<quint64>(2 * run));
        QCOMPARE(diffRows(before, atTheLimit, [](int, int) { return false; }).kind, EditScript::Kind::Ranges);
        Ids beyond = atTheLimit;
        beyond.removeOne(static_cast<quint64>(2 * maximumReplayedRanges));
        QCOMPARE(diffRows(before, beyond, [](int, int) { return false; }).kind, EditScript::Kind::Layout);
    }

    void findsIdentitiesThatAreFarApart()
    {
        const quint64 far = ~quint64(0);
        QCOMPARE(diffText({far, 0, far - 5}, {0, far}), QStringLiteral("layout 1 0 x"));
    }

    /// For any two lists: replaying diff(a, b) on a gives b.
    void replaysTenThousandRandomPairs()
    {
        constexpr unsigned seed = 20260122;
        std::mt19937 random(seed);
        const auto below = [&](int limit) { return std::uniform_int_distribution(0, limit - 1)(random); };
        int layouts = 0;
        int ranges = 0;
        for (int round = 0; round < 10'000; ++round) {
            quint64 next = below(4) == 0 ? ~quint64(0) - 500 : 1;
            Ids before;
            for (int size = below(60); size > 0; --size)
                before.append(next += 1 + static_cast<quint64>(below(3)));
            if (below(2) == 0)
                std::shuffle(before.begin(), before.end(), random);
            Ids after = before;
            const int removals = below(4) == 0 ? below(60) : below(6);
            for (int step = 0; step < removals && !after.isEmpty(); ++step)
                after.remove(below(static_cast<int>(after.size())));
            const int insertions = below(4) == 0 ? below(60) : below(6);
            for (int step = 0; step < insertions; ++step)
                after.insert(below(static_cast<int>(after.size()) + 1), ++next);
            const int moves = below(3) == 0 ? below(8) : 0;
            for (int step = 0; step < moves && after.size() > 1; ++step)
                after.move(below(static_cast<int>(after.size())), below(static_cast<int>(after.size())));
            Ids changedIds;
            for (int step = below(12); step > 0 && !after.isEmpty(); --step)
                changedIds.append(after[below(static_cast<int>(after.size()))]);

            const EditScript script =
                diffRows(before, after, [&](int, int row) { return changedIds.contains(after[row]); });
            const QString what = QStringLiteral("seed %1 round %2: %3 -> %4 by %5")
                                     .arg(QString::number(seed), QString::number(round), listText(before),
                                          listText(after), text(script));
            QVERIFY2(replayed(script, before, after) == after, qPrintable(what));
            QVERIFY2(script.oldSize == before.size() && script.newSize == after.size(), qPrintable(what));
            for (qsizetype row = 0; row < after.size(); ++row) {
                const bool announced =
                    std::any_of(script.changed.begin(), script.changed.end(),
                                [&](const RowRange& run) { return run.first <= row && row <= run.last; });
                const bool survivorChanged = before.contains(after[row]) && changedIds.contains(after[row]);
                QVERIFY2(announced || !survivorChanged, qPrintable(what));
            }
            if (script.kind == EditScript::Kind::Ranges) {
                QVERIFY2(script.removed.size() + script.inserted.size() <= maximumReplayedRanges, qPrintable(what));
                ++ranges;
            }
            layouts += script.kind == EditScript::Kind::Layout ? 1 : 0;
        }
        QVERIFY2(ranges > 1000 && layouts > 1000, "both ways of replaying must have been tried often");
    }
};

QTEST_GUILESS_MAIN(EditScriptTest)

#include "tst_editscript.moc"
