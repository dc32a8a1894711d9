#include "app/workbench.h"
#include "tests/support/faultproxy.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"
#include "ui/operatorpanel.h"

#include <QSignalSpy>

using namespace lockscope;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// Which server a session belongs to, when the one that is watched is another: the same pid there is somebody else's,
/// and that server knows nothing of what was held here.
class tst_Workbench final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void marksOnlyBackendsOfTheWatchedServerAsOwn();
    void concludesNothingFromOtherServersOrOlderReadings();
    void startsNothingBeforeTheServerHasAnswered();

private:
    [[nodiscard]] SessionState alice() const;
    [[nodiscard]] QString held() const;
    [[nodiscard]] static Snapshot emptyReading(SteadyTime receivedAt);

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<test::FaultProxy> m_proxy;
    std::unique_ptr<Workbench> m_workbench;
    std::unique_ptr<OperatorPanel> m_panel;
    const ServerInfo m_here{.host = QStringLiteral("here"), .port = 5432};
    const ServerInfo m_there{.host = QStringLiteral("there"), .port = 5432};
};

void tst_Workbench::initTestCase()
{
    m_server = std::make_unique<test::TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
}

void tst_Workbench::init()
{
    Suite::init();
    m_proxy = std::make_unique<test::FaultProxy>(m_server->conninfo());
    m_workbench = std::make_unique<Workbench>();
    m_panel = std::make_unique<OperatorPanel>(&m_workbench->sessions());
    m_workbench->serve(*m_panel);
    m_workbench->setConninfo(m_proxy->conninfo());
}

void tst_Workbench::cleanup()
{
    m_panel.reset();
    m_workbench.reset();
    m_proxy.reset();
}

SessionState tst_Workbench::alice() const
{
    return m_workbench->sessions().states().value(0);
}

QString tst_Workbench::held() const
{
    const QList<LedgerEntry> ledger = alice().ledger;
    return ledger.isEmpty() ? QStringLiteral("nothing") : word(ledger.first().state);
}

Snapshot tst_Workbench::emptyReading(SteadyTime receivedAt)
{
    Snapshot reading;
    reading.receivedAt = receivedAt;
    reading.pollDuration = 1ms;
    return reading;
}

void tst_Workbench::marksOnlyBackendsOfTheWatchedServerAsOwn()
{
    QSignalSpy own(m_workbench.get(), &Workbench::ownBackendsChanged);
    m_workbench->serverIdentified(m_here, QStringLiteral("here"));
    Q_EMIT m_panel->newSessionRequested(QStringLiteral("alice"));
    QTRY_VERIFY(alice().phase == SessionPhase::Idle);
    const QSet<qint32> pids{alice().backendPid};
    QCOMPARE(own.last().at(0).value<QSet<qint32>>(), pids);
    QCOMPARE(alice().elsewhere, QString());

    m_workbench->setConninfo(m_server->conninfo());
    m_workbench->serverIdentified(m_there, QStringLiteral("there"));
    QCOMPARE(own.last().at(0).value<QSet<qint32>>(), QSet<qint32>());
    QCOMPARE(alice().elsewhere, QStringLiteral("here"));

    m_workbench->serverIdentified(m_here, QStringLiteral("here again"));
    QCOMPARE(own.last().at(0).value<QSet<qint32>>(), pids);
    QCOMPARE(alice().elsewhere, QString());
}

void tst_Workbench::concludesNothingFromOtherServersOrOlderReadings()
{
    m_workbench->serverIdentified(m_here, QStringLiteral("here"));
    Q_EMIT m_panel->newSessionRequested(QStringLiteral("alice"));
    Q_EMIT m_panel->acquireRequested(alice().id, LockKey::bigint(5), LockRequest{});
    QTRY_COMPARE(held(), QStringLiteral("held"));
    const SteadyTime beforeTheLoss = steady_clock::now();
    m_proxy->refuse();
    QTRY_COMPARE_WITH_TIMEOUT(held(), QStringLiteral("unknown"), 10'000);

    m_workbench->serverIdentified(m_there, QStringLiteral("there"));
    m_workbench->snapshotTaken(emptyReading(steady_clock::now() + 1s));
    m_workbench->serverIdentified(m_here, QStringLiteral("here"));
    m_workbench->snapshotTaken(emptyReading(beforeTheLoss));
    QTest::qWait(200); // a wrong conclusion would have come by now
    QCOMPARE(held(), QStringLiteral("unknown"));
    m_workbench->snapshotTaken(emptyReading(steady_clock::now() + 1s));
    QTRY_COMPARE(held(), QStringLiteral("lost"));
}

void tst_Workbench::startsNothingBeforeTheServerHasAnswered()
{
    Q_EMIT m_panel->newSessionRequested(QStringLiteral("alice"));
    QVERIFY(m_workbench->sessions().states().isEmpty());
}

QTEST_MAIN(tst_Workbench)
#include "tst_workbench.moc"
