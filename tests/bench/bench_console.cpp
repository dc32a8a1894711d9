// The whole console in its real window on a real server: start to first paint, memory and GUI gaps with 100 000 locks,
// kill -9 to the row marked gone, and the cost of an idle window that polls 1 000 locks each second. Prints one JSON
// object; asserts nothing about time.

#include "tests/acceptance/windowdriver.h"
#include "tests/bench/churn.h"
#include "tests/support/testserver.h"

#include <QApplication>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>
#include <QTextStream>

#include <algorithm>
#include <ctime>
#include <thread>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds(Clock::duration duration)
{
    return std::chrono::duration<double, std::milli>(duration).count();
}

[[noreturn]] void stop(const QString& why)
{
    QTextStream(stderr) << why << '\n';
    std::exit(1);
}

void require(bool ok, const QString& what)
{
    if (!ok)
        stop(what);
}

/// Notes when the window has painted for the first time.
class FirstPaint final : public QObject
{
public:
    std::optional<Clock::time_point> at;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (event->type() == QEvent::Paint && !at)
            QMetaObject::invokeMethod(
                this, [this] { at = at.value_or(Clock::now()); }, Qt::QueuedConnection);
        return QObject::eventFilter(watched, event);
    }
};

/// The longest time the event loop did not come round, and how much of it this thread had the processor: on a busy
/// machine the difference is others' work.
class Gaps final : public QObject
{
public:
    Gaps() { startTimer(2ms, Qt::PreciseTimer); }
    double longest = 0;
    double busiest = 0;

    /// Watches for a while from now on.
    void watch(std::chrono::milliseconds duration)
    {
        longest = 0;
        busiest = 0;
        QTest::qWait(static_cast<int>(duration.count()));
    }

protected:
    void timerEvent(QTimerEvent*) override
    {
        const auto now = Clock::now();
        const double processor = bench::processorMilliseconds();
        longest = std::max(longest, milliseconds(now - m_last));
        busiest = std::max(busiest, processor - m_lastProcessor);
        m_last = now;
        m_lastProcessor = processor;
    }

private:
    Clock::time_point m_last = Clock::now();
    double m_lastProcessor = bench::processorMilliseconds();
};

/// Resident memory in MiB, where the system tells it.
double residentMebibytes()
{
    QFile status(QStringLiteral("/proc/self/status"));
    if (!status.open(QIODevice::ReadOnly))
        return 0;
    for (const QByteArray& line : status.readAll().split('\n')) {
        if (line.startsWith("VmRSS:"))
            return line.mid(6).trimmed().split(' ').first().toDouble() / 1024;
    }
    return 0;
}

std::vector<std::unique_ptr<LibpqConnection>> hold(const test::TestServer& server, int sessions, int locksEach)
{
    std::vector<std::unique_ptr<LibpqConnection>> holders;
    for (int i = 0; i < sessions; ++i) {
        holders.push_back(server.session(QStringLiteral("holder %1").arg(i)));
        const QByteArray statement = "SELECT count(pg_advisory_lock(" + QByteArray::number(i) +
                                     ", i)) FROM generate_series(1, " + QByteArray::number(locksEach) + ") AS i";
        require(holders.back()->executeOne(statement, 60s).has_value(), QStringLiteral("cannot take locks"));
    }
    return holders;
}

bool hasGoneRow(const QAbstractItemModel& table)
{
    for (int row = 0; row < table.rowCount(); ++row) {
        if (table.index(row, 0).data(LockTableModel::MarkRole).toInt() == static_cast<int>(RowMark::Gone))
            return true;
    }
    return false;
}

} // namespace

int main(int argc, char** argv)
{
    const auto start = Clock::now();
    QApplication application(argc, argv);
    FirstPaint firstPaint;
    application.installEventFilter(&firstPaint);
    auto unconnected = std::make_unique<test::WindowDriver>(CommandLine{});
    require(QTest::qWaitFor([&] { return firstPaint.at.has_value(); }, 10'000), QStringLiteral("nothing was painted"));
    application.removeEventFilter(&firstPaint);
    QJsonObject result{{QStringLiteral("benchmark"), QStringLiteral("console")},
                       {QStringLiteral("startToPaintMs"), milliseconds(*firstPaint.at - start)},
                       {QStringLiteral("budgetStartToPaintMs"), 400}};
    unconnected.reset();

    const test::TestServer server(QStringLiteral("max_locks_per_transaction = 2000\nmax_connections = 80\n"));
    require(server.problem().isEmpty(), server.problem());
    {
        test::WindowDriver window(CommandLine{.conninfo = test::connectionText(server.conninfo())});
        require(QTest::qWaitFor([&] { return window.isEnabled(QStringLiteral("startClientButton")); }, 10'000),
                QStringLiteral("not connected"));
        window.console().window().show();
        const QAbstractItemModel& table = *window.view(QStringLiteral("lockTable"))->model();
        std::vector<double> times;
        for (int round = 0; round < 11; ++round) {
            require(window.click(QStringLiteral("startClientButton")).isEmpty(), QStringLiteral("no client"));
            require(window.type(QStringLiteral("clientKeyEdit"), QString::number(round)).isEmpty(),
                    QStringLiteral("no key"));
            require(window.click(QStringLiteral("holdButton")).isEmpty(), QStringLiteral("cannot hold"));
            require(QTest::qWaitFor([&] { return table.rowCount() == 1 && !hasGoneRow(table); }, 20'000),
                    QStringLiteral("no row"));
            const auto killed = Clock::now();
            require(window.click(QStringLiteral("killButton")).isEmpty(), QStringLiteral("cannot kill"));
            require(QTest::qWaitFor([&] { return hasGoneRow(table); }, 20'000), QStringLiteral("the row stayed"));
            times.push_back(milliseconds(Clock::now() - killed));
            require(QTest::qWaitFor([&] { return table.rowCount() == 0; }, 20'000), QStringLiteral("the row lingers"));
        }
        std::sort(times.begin(), times.end());
        result[QStringLiteral("killToRowGoneMedianMs")] = times[times.size() / 2];
        result[QStringLiteral("killToRowGoneWorstMs")] = times.back();
        result[QStringLiteral("budgetKillToRowGoneMs")] = 1030;
    }
    {
        const auto holders = hold(server, 10, 100);
        test::WindowDriver window(CommandLine{.conninfo = test::connectionText(server.conninfo())});
        const QAbstractItemModel& table = *window.view(QStringLiteral("lockTable"))->model();
        require(QTest::qWaitFor([&] { return table.rowCount() == 1000; }, 20'000), QStringLiteral("no rows"));
        QTest::qWait(4000); // marks of new rows have faded
        const std::clock_t before = std::clock();
        const auto from = Clock::now();
        QTest::qWait(20'000);
        const double share =
            static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC * 1000 / milliseconds(Clock::now() - from);
        result[QStringLiteral("idleWindowShareOfACore")] = share;
        result[QStringLiteral("budgetIdleWindowShareOfACore")] = 0.01;
    }
    {
        auto holders = hold(server, 50, 2000);
        test::WindowDriver window(CommandLine{.conninfo = test::connectionText(server.conninfo())});
        const QAbstractItemModel& table = *window.view(QStringLiteral("lockTable"))->model();
        Gaps gaps;
        const auto note = [&](const QString& what) {
            result[QStringLiteral("longestGuiGap%1Ms").arg(what)] = gaps.longest;
            result[QStringLiteral("busiestGuiGap%1Ms").arg(what)] = gaps.busiest;
        };
        require(QTest::qWaitFor([&] { return table.rowCount() == 20'000; }, 30'000), QStringLiteral("no rows"));
        QTest::qWait(15'000);
        note({}); // the first sight of them too
        QAbstractItemView* const view = window.view(QStringLiteral("lockTable"));
        view->setCurrentIndex(table.index(0, 0));
        gaps.watch(10s);
        note(QStringLiteral("RowSelected"));

        std::vector<std::jthread> waiters;
        for (int waiter = 0; waiter < 20; ++waiter) {
            waiters.emplace_back([&server, waiter] {
                const auto session = server.session(QStringLiteral("waiter %1").arg(waiter));
                static_cast<void>(session->executeOne("SELECT pg_catalog.pg_advisory_lock(0, 1)", 120s));
            });
        }
        for (const auto& [layout, name] :
             {std::pair("showTreeButton", "WaitsTree"), std::pair("showGraphButton", "WaitsDrawing"),
              std::pair("showBothButton", "WaitsBoth")}) {
            require(window.trigger(QStringLiteral("actionShowWaits")).isEmpty(), QStringLiteral("no waits"));
            require(QTest::qWaitFor(
                        [&, button = QString::fromLatin1(layout)] { return window.click(button).isEmpty(); }, 10'000),
                    QString::fromLatin1(layout));
            gaps.watch(8s);
            note(QString::fromLatin1(name));
        }
        result[QStringLiteral("locks")] = 100'000;
        result[QStringLiteral("residentMiB")] = residentMebibytes();
        result[QStringLiteral("budgetResidentMiB")] = 250;
        result[QStringLiteral("budgetGuiGapMs")] = 50;
        holders.clear(); // and one waiter after the other has its turn
    }
    QTextStream(stdout) << QJsonDocument(result).toJson(QJsonDocument::Compact) << '\n';
}
