#include "app/postgres/connectionthread.h"
#include "tests/support/suite.h"

#include <QElapsedTimer>
#include <QSemaphore>

#include <atomic>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

/// A worker that blocks its thread until it is forced often enough, as one that dials again does. Outlives everybody
/// who uses it.
struct Stuck
{
    explicit Stuck(int forcesNeeded_)
        : forcesNeeded(forcesNeeded_)
    {
    }
    ConnectionThread::Levers levers(const std::shared_ptr<Stuck>& self, std::chrono::milliseconds patience)
    {
        return {.nudge = [self] { ++self->nudges; },
                .force =
                    [self] {
                        if (++self->forces == self->forcesNeeded)
                            self->freed.release();
                    },
                .patience = patience,
                .forcedFor = 1500ms};
    }
    const int forcesNeeded;
    std::atomic<int> nudges = 0;
    std::atomic<int> forces = 0;
    std::atomic<bool> deleted = false;
    QSemaphore entered;
    QSemaphore freed;
};

class Worker final : public QObject
{
public:
    explicit Worker(std::shared_ptr<Stuck> stuck)
        : m_stuck(std::move(stuck))
    {
    }
    ~Worker() override { m_stuck->deleted = true; }
    Q_DISABLE_COPY_MOVE(Worker)
    void block()
    {
        m_stuck->entered.release();
        m_stuck->freed.acquire();
    }

private:
    std::shared_ptr<Stuck> m_stuck;
};

std::unique_ptr<ConnectionThread> blocked(const std::shared_ptr<Stuck>& stuck, std::chrono::milliseconds patience)
{
    auto thread = std::make_unique<ConnectionThread>(QStringLiteral("stuck"), stuck->levers(stuck, patience));
    auto* worker = new Worker(stuck);
    thread->adopt(worker);
    QMetaObject::invokeMethod(worker, [worker] { worker->block(); });
    stuck->entered.acquire();
    return thread;
}

qsizetype inBackground()
{
    return QCoreApplication::instance()->findChildren<ConnectionThread*>().size();
}

} // namespace

class tst_ConnectionThread final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void deletesItsWorkerWhenItEnds()
    {
        const auto stuck = std::make_shared<Stuck>(1);
        stuck->freed.release();
        blocked(stuck, 1000ms).reset();
        QVERIFY(stuck->deleted);
        QCOMPARE(stuck->forces.load(), 0);
    }

    void isForcedUntilItComesBack()
    {
        const auto stuck = std::make_shared<Stuck>(3);
        blocked(stuck, 200ms).reset();
        QVERIFY(stuck->deleted);
        QVERIFY(stuck->nudges > 0);
        QCOMPARE(stuck->forces.load(), 3);
    }

    void endsInTheBackgroundWithoutKeepingTheCallerWaiting()
    {
        const auto stuck = std::make_shared<Stuck>(2);
        QElapsedTimer timer;
        auto thread = blocked(stuck, 300ms);
        timer.start();
        ConnectionThread::endInBackground(std::move(thread));
        QVERIFY2(timer.elapsed() < 50, qPrintable(QString::number(timer.elapsed())));
        QVERIFY(!stuck->deleted);
        QTRY_VERIFY(stuck->deleted);
        QCOMPARE(stuck->forces.load(), 2);
        QTRY_COMPARE(inBackground(), 0);
    }

    void leavesAThreadThatNeverComesBack()
    {
        const auto stuck = std::make_shared<Stuck>(1'000'000);
        ConnectionThread::endInBackground(blocked(stuck, 100ms));
        QTRY_COMPARE(inBackground(), 0);
        QVERIFY(!stuck->deleted);
        stuck->freed.release(); // later it does, and cleans up after itself
        QTRY_VERIFY(stuck->deleted);
    }

    void keepsAtMostEightInTheBackground()
    {
        QList<std::shared_ptr<Stuck>> all;
        QElapsedTimer timer;
        for (int i = 0; i < 12; ++i) {
            all.append(std::make_shared<Stuck>(1));
            auto thread = blocked(all.last(), 60s);
            timer.start();
            ConnectionThread::endInBackground(std::move(thread));
            QVERIFY2(timer.elapsed() < 50, qPrintable(QString::number(timer.elapsed())));
            QVERIFY(inBackground() <= 8);
        }
        for (qsizetype i = 0; i < 4; ++i)
            QTRY_VERIFY(all.at(i)->deleted);
        for (const auto& stuck : std::as_const(all))
            stuck->freed.release();
        QTRY_COMPARE(inBackground(), 0);
        for (const auto& stuck : std::as_const(all))
            QVERIFY(stuck->deleted);
    }
};

QTEST_GUILESS_MAIN(tst_ConnectionThread)
#include "tst_connectionthread.moc"
