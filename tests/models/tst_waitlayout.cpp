#include "models/waitlayout.h"

#include "tests/support/madeupwaits.h"
#include "tests/support/suite.h"

#include <QRandomGenerator>

using namespace lockscope;
using test::MadeUpWaits;

namespace {

QString nameOf(const WaitBoxId& id)
{
    switch (id.kind) {
    case WaitBoxKind::Session:
        return id.session.isPrepared() ? QStringLiteral("prepared") : QString::number(id.session.backend.pid);
    case WaitBoxKind::Target:
        return QStringLiteral("[%1]").arg(describe(id.target));
    case WaitBoxKind::More:
        return QStringLiteral("more of [%1]").arg(describe(id.target));
    }
    return {};
}

/// "1@0,0 [5]@1,0 2@2,0": each box at column and row, by place.
QString text(const WaitDrawing& drawing)
{
    QList<WaitBox> boxes = drawing.boxes;
    std::sort(boxes.begin(), boxes.end(), [](const WaitBox& a, const WaitBox& b) {
        return std::pair(a.place.row, a.place.column) < std::pair(b.place.row, b.place.column);
    });
    QStringList result;
    for (const WaitBox& box : std::as_const(boxes)) {
        result.append(QStringLiteral("%1@%2,%3")
                          .arg(nameOf(box.id), QString::number(box.place.column), QString::number(box.place.row)));
    }
    return result.join(u' ');
}

/// "1->[5] hard", sorted.
QString linesText(const WaitDrawing& drawing)
{
    QStringList result;
    for (const WaitLine& line : drawing.lines) {
        result.append(QStringLiteral("%1->%2 %3%4")
                          .arg(nameOf(drawing.boxes[line.from].id), nameOf(drawing.boxes[line.to].id), word(line.kind),
                               line.cycle ? QStringLiteral(" cycle") : QString()));
    }
    result.sort();
    return result.join(QStringLiteral(", "));
}

/// Empty when it is so: each box in a cell of its own, targets in odd columns, every line between boxes.
QString disorder(const WaitDrawing& drawing)
{
    QHash<QPair<qint32, qint32>, QString> cells;
    for (const WaitBox& box : drawing.boxes) {
        const QPair cell(box.place.column, box.place.row);
        if (cells.contains(cell))
            return QStringLiteral("%1 on %2").arg(nameOf(box.id), cells.value(cell));
        cells.insert(cell, nameOf(box.id));
        if ((box.place.column % 2 != 0) != (box.id.kind == WaitBoxKind::Target))
            return QStringLiteral("%1 in column %2").arg(nameOf(box.id)).arg(box.place.column);
        if (box.place.row < 0)
            return QStringLiteral("%1 in row %2").arg(nameOf(box.id)).arg(box.place.row);
    }
    for (const WaitLine& line : drawing.lines) {
        if (line.from < 0 || line.to < 0 || line.from >= drawing.boxes.size() || line.to >= drawing.boxes.size())
            return QStringLiteral("a line to nowhere");
    }
    return {};
}

/// Empty when blockers stand left of what they block. Deadlocks are left out.
QString backwards(const WaitDrawing& drawing)
{
    for (const WaitLine& line : drawing.lines) {
        const WaitBox& from = drawing.boxes[line.from];
        const WaitBox& to = drawing.boxes[line.to];
        if (from.id.kind == to.id.kind)
            continue; // one queue
        if (from.place.column >= to.place.column)
            return QStringLiteral("%1 left of %2").arg(nameOf(to.id), nameOf(from.id));
    }
    return {};
}

/// Sessions wait for sessions with smaller numbers, so that there is no deadlock: key n is held by n and sometimes n
/// / 2.
MadeUpWaits randomWaits(QRandomGenerator& random, std::chrono::milliseconds time)
{
    MadeUpWaits waits;
    waits.pass(time);
    const int sessions = random.bounded(1, 40);
    for (int count = 0; count < sessions; ++count) {
        const int pid = random.bounded(2, 60);
        if (waits.graph()->node(MadeUpWaits::idOf(pid)) != nullptr)
            continue;
        const int blocker = random.bounded(1, pid);
        const double seconds = random.bounded(1, 10'000) / 10.0;
        if (random.bounded(4) == 0)
            waits.waits(pid, MadeUpWaits::key(blocker), seconds, {blocker, std::max(1, blocker / 2)});
        else
            waits.waits(pid, MadeUpWaits::key(blocker), seconds, {blocker});
    }
    return waits;
}

} // namespace

class TestWaitLayout : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void putsBlockersBeforeWaiters()
    {
        WaitLayout layout;
        MadeUpWaits waits;
        waits.waits(2, MadeUpWaits::key(5), 12, {1}).waits(3, MadeUpWaits::key(7), 4, {2});
        waits.waits(4, MadeUpWaits::key(5), 8, {1}, {2});
        const WaitDrawing drawing = layout.update(*waits.graph(), {});
        QCOMPARE(text(drawing), QStringLiteral("1@0,0 [5]@1,0 2@2,0 [7]@3,0 3@4,0 4@2,1"));
        QCOMPARE(linesText(drawing), QStringLiteral("1->[5] hard, 2->4 soft, 2->[7] hard, [5]->2 hard, [5]->4 hard, "
                                                    "[7]->3 hard"));
    }

    void drawsWhoIsOnlyBehindInTheQueueAsSoft()
    {
        WaitLayout layout;
        MadeUpWaits waits;
        waits.waits(2, MadeUpWaits::key(5), 12, {1}).waits(3, MadeUpWaits::key(5), 8, {}, {2});
        waits.waits(4, MadeUpWaits::key(9), 3, {1}, {}, WaitEdgeKind::Unknown).waits(5, MadeUpWaits::key(8), 2, {});
        QCOMPARE(linesText(layout.update(*waits.graph(), {})),
                 QStringLiteral("1->[5] hard, 1->[9] unknown, 2->3 soft, [5]->2 hard, [5]->3 soft, [8]->5 unknown, "
                                "[9]->4 unknown"));
    }

    void putsRootsWithMostBehindOnTop()
    {
        WaitLayout layout;
        MadeUpWaits waits;
        waits.waits(2, MadeUpWaits::key(5), 12, {1});
        waits.waits(12, MadeUpWaits::key(7), 4, {11}).waits(13, MadeUpWaits::key(7), 5, {11});
        QCOMPARE(text(layout.update(*waits.graph(), {})),
                 QStringLiteral("11@0,0 [7]@1,0 13@2,0 12@2,1 1@0,2 [5]@1,2 2@2,2"));
    }

    void cutsADeadlockOpenAndMarksIt()
    {
        WaitLayout layout;
        MadeUpWaits waits;
        waits.waits(1, MadeUpWaits::key(5), 2, {2}).waits(2, MadeUpWaits::key(7), 3, {1}).deadlock({1, 2});
        waits.waits(3, MadeUpWaits::key(8), 1, {2});
        const WaitDrawing drawing = layout.update(*waits.graph(), {});
        QCOMPARE(text(drawing), QStringLiteral("1@0,0 [7]@1,0 2@2,0 [5]@3,0 [8]@3,1 3@4,1"));
        QCOMPARE(linesText(drawing), QStringLiteral("1->[7] hard cycle, 2->[5] hard cycle, 2->[8] hard, [5]->1 hard "
                                                    "cycle, [7]->2 hard cycle, [8]->3 hard"));
        for (const WaitBox& box : drawing.boxes)
            QCOMPARE(box.cycle, nameOf(box.id) != QLatin1String("3") && nameOf(box.id) != QLatin1String("[8]"));
    }

    void drawsTwoWhoUpgradeTheSameLockAsACycleWithoutAHolder()
    {
        WaitLayout layout;
        MadeUpWaits waits;
        waits.waits(1, MadeUpWaits::key(5), 2, {2}).waits(2, MadeUpWaits::key(5), 3, {1}).deadlock({1, 2});
        const WaitDrawing drawing = layout.update(*waits.graph(), {});
        QCOMPARE(disorder(drawing), QString());
        QCOMPARE(linesText(drawing), QStringLiteral("1->2 hard cycle, 2->1 hard cycle, [5]->1 hard, [5]->2 hard"));
    }

    void keepsThePlaceOfANodeWhileOthersComeAndGo()
    {
        WaitLayout layout;
        MadeUpWaits first;
        first.waits(2, MadeUpWaits::key(5), 30, {1}).waits(3, MadeUpWaits::key(5), 20, {1}, {2});
        first.waits(4, MadeUpWaits::key(5), 10, {1}, {3});
        QCOMPARE(text(layout.update(*first.graph(), {})), QStringLiteral("1@0,0 [5]@1,0 2@2,0 3@2,1 4@2,2"));

        // 3 gave up and 6 came: its place stays free for a while, the newcomer goes to the end.
        MadeUpWaits second;
        second.pass(std::chrono::seconds(1)).waits(2, MadeUpWaits::key(5), 31, {1});
        second.waits(4, MadeUpWaits::key(5), 11, {1}, {2}).waits(6, MadeUpWaits::key(5), 1, {1}, {4});
        QCOMPARE(text(layout.update(*second.graph(), {})), QStringLiteral("1@0,0 [5]@1,0 2@2,0 4@2,2 6@2,3"));

        // The hole is given away when its time is over; a blocker of the root comes to the left of it.
        MadeUpWaits third;
        third.pass(std::chrono::seconds(7)).waits(2, MadeUpWaits::key(5), 37, {1});
        third.waits(4, MadeUpWaits::key(5), 17, {1}, {2}).waits(7, MadeUpWaits::key(5), 1, {1}, {4});
        third.waits(1, MadeUpWaits::key(9), 2, {8});
        QCOMPARE(text(layout.update(*third.graph(), {})),
                 QStringLiteral("8@-2,0 [9]@-1,0 1@0,0 [5]@1,0 2@2,0 7@2,1 4@2,2"));
    }

    void returnsToItsPlaceWithinTheHoleTime()
    {
        WaitLayout layout;
        MadeUpWaits both;
        both.waits(2, MadeUpWaits::key(5), 30, {1}).waits(3, MadeUpWaits::key(5), 20, {1});
        both.waits(4, MadeUpWaits::key(5), 10, {1});
        MadeUpWaits without;
        without.pass(std::chrono::seconds(1)).waits(3, MadeUpWaits::key(5), 20, {1});
        const QString before = text(layout.update(*both.graph(), {}));
        QCOMPARE(text(layout.update(*without.graph(), {})), QStringLiteral("1@0,0 [5]@1,0 3@2,1"));
        QCOMPARE(text(layout.update(*both.graph(), {})), before);
    }

    void movesOnlyWhoGotTheLock()
    {
        WaitLayout layout;
        MadeUpWaits first;
        first.waits(2, MadeUpWaits::key(5), 30, {1}).waits(3, MadeUpWaits::key(5), 20, {1}, {2});
        first.waits(4, MadeUpWaits::key(5), 10, {1}, {3});
        const QString before = text(layout.update(*first.graph(), {}));
        MadeUpWaits second;
        second.waits(3, MadeUpWaits::key(5), 20, {2}).waits(4, MadeUpWaits::key(5), 10, {2}, {3});
        QCOMPARE(text(layout.update(*second.graph(), {})), QStringLiteral("2@0,0 [5]@1,0 3@2,1 4@2,2"));
        QCOMPARE(before, QStringLiteral("1@0,0 [5]@1,0 2@2,0 3@2,1 4@2,2"));
    }

    void placesAnewWhenNothingIsLeftOrWhenAsked()
    {
        WaitLayout layout;
        MadeUpWaits first;
        first.waits(2, MadeUpWaits::key(5), 30, {1}).waits(3, MadeUpWaits::key(5), 20, {1});
        QCOMPARE(text(layout.update(*first.graph(), {})), QStringLiteral("1@0,0 [5]@1,0 2@2,0 3@2,1"));
        MadeUpWaits second;
        second.waits(3, MadeUpWaits::key(5), 20, {1});
        QCOMPARE(text(layout.update(*second.graph(), {})), QStringLiteral("1@0,0 [5]@1,0 3@2,1"));
        layout.forget();
        QCOMPARE(text(layout.update(*second.graph(), {})), QStringLiteral("1@0,0 [5]@1,0 3@2,0"));
        QVERIFY(layout.update(*MadeUpWaits().graph(), {}).isEmpty());
        QCOMPARE(text(layout.update(*first.graph(), {})), QStringLiteral("1@0,0 [5]@1,0 2@2,0 3@2,1"));
    }

    void leavesShortWaitsOutUnlessALongOneHangsOnThem()
    {
        MadeUpWaits waits;
        waits.waits(2, MadeUpWaits::key(5), 1, {1}).waits(3, MadeUpWaits::key(7), 60, {2});
        waits.waits(4, MadeUpWaits::key(5), 1, {1}, {2}).waits(12, MadeUpWaits::key(8), 2, {11});
        WaitLayout layout;
        QCOMPARE(text(layout.update(*waits.graph(), {.minimumWait = std::chrono::seconds(10)})),
                 QStringLiteral("1@0,0 [5]@1,0 2@2,0 [7]@3,0 3@4,0"));
    }

    void collapsesALongQueue()
    {
        MadeUpWaits waits;
        for (qint32 pid = 100; pid < 2100; ++pid) {
            if (pid == 100)
                waits.waits(pid, MadeUpWaits::key(5), 3000 - pid, {1});
            else
                waits.waits(pid, MadeUpWaits::key(5), 3000 - pid, {1}, {pid - 1});
        }
        waits.waits(9, MadeUpWaits::key(7), 3, {1500}); // somebody waits for one far back
        WaitLayout layout;
        const WaitGraphPointer graph = waits.graph();
        WaitDrawing drawing = layout.update(*graph, {});
        QCOMPARE(drawing.boxes.size(), WaitLayout::longestQueue + 4);
        QCOMPARE(drawing.boxes.last().hidden, 2000 - (WaitLayout::longestQueue - 1));
        QVERIFY(drawing.indexOf(MadeUpWaits::idOf(121)) >= 0);
        QVERIFY(drawing.indexOf(MadeUpWaits::idOf(122)) < 0);
        QVERIFY(drawing.indexOf(MadeUpWaits::idOf(1500)) >= 0);
        QVERIFY(drawing.indexOf(MadeUpWaits::idOf(9)) >= 0);
        QVERIFY(drawing.lines.size() < 60);

        // The one that is asked for takes the place of the last.
        drawing = layout.update(*graph, {.shown = MadeUpWaits::idOf(2050)});
        QVERIFY(drawing.indexOf(MadeUpWaits::idOf(2050)) >= 0);
        QVERIFY(drawing.indexOf(MadeUpWaits::idOf(120)) >= 0);
        QVERIFY(drawing.indexOf(MadeUpWaits::idOf(121)) < 0);
        QCOMPARE(drawing.boxes.size(), WaitLayout::longestQueue + 4);
        QCOMPARE(disorder(drawing), QString());
    }

    void placesAChainAsLongAsTheServerHasBackends()
    {
        MadeUpWaits waits;
        for (qint32 pid = 2; pid < 1000; ++pid)
            waits.waits(pid, MadeUpWaits::key(pid), 5, {pid - 1});
        WaitLayout layout;
        const WaitDrawing drawing = layout.update(*waits.graph(), {});
        QCOMPARE(drawing.boxes[drawing.indexOf(MadeUpWaits::idOf(999))].place, (WaitPlace{2 * 998, 0}));
        QCOMPARE(backwards(drawing), QString());
    }

    void noTwoBoxesOverlap()
    {
        QRandomGenerator random(17);
        for (int run = 0; run < 40; ++run) {
            WaitLayout layout;
            WaitDrawing before;
            for (int step = 0; step < 25; ++step) {
                const MadeUpWaits waits = randomWaits(random, std::chrono::seconds(step));
                const WaitDrawing drawing = layout.update(*waits.graph(), {});
                const QString where = QStringLiteral("%1/%2 ").arg(run).arg(step);
                QCOMPARE(where + disorder(drawing), where);
                QCOMPARE(where + backwards(drawing), where);
                const WaitGraphPointer graph = waits.graph();
                for (const WaitNode& node : graph->nodes)
                    QVERIFY(drawing.indexOf(node.id) >= 0);
                // The same again: nothing moves.
                QCOMPARE(text(layout.update(*waits.graph(), {})), text(drawing));
                for (const WaitBox& box : drawing.boxes) {
                    const auto old = before.indexes.constFind(box.id);
                    if (old != before.indexes.cend() && before.boxes[*old].place.column == box.place.column)
                        QCOMPARE(box.place.row, before.boxes[*old].place.row);
                }
                before = drawing;
            }
        }
    }

    void survivesAnyTangleOfDeadlocks()
    {
        QRandomGenerator random(5);
        for (int run = 0; run < 60; ++run) {
            WaitLayout layout;
            for (int step = 0; step < 6; ++step) {
                MadeUpWaits waits;
                for (qint32 pid = 1; pid < 20; ++pid) {
                    waits.waits(pid, MadeUpWaits::key(random.bounded(6)), pid, {random.bounded(1, 20)},
                                {random.bounded(1, 20)});
                }
                const WaitGraphPointer graph = waits.graph(); // whose cycles are not marked
                const WaitDrawing drawing = layout.update(*graph, {});
                QCOMPARE(disorder(drawing), QString());
                for (const WaitNode& node : graph->nodes)
                    QVERIFY(drawing.indexOf(node.id) >= 0);
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestWaitLayout)
#include "tst_waitlayout.moc"
