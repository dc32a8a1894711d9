#include "tests/acceptance/windowdriver.h"
#include "tests/support/faultproxy.h"
#include "tests/support/heartbeat.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

using namespace lockscope;
using test::WindowDriver;
using namespace std::chrono_literals;

/// What goes wrong on the way to the server, seen in the real window: it says so, greys what is old, names what became
/// of own locks, comes back by itself where it may, and never stops answering.
class tst_Faults final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void comesBackAfterARestartAndNamesTheLostLock();
    void saysThatTheOwnBackendWasTerminated();
    void greysTheRowsOnASilentLinkAndCallsOwnLocksUnknown();
    void survivesACrashOfTheServer();
    void showsLocksWithoutRights();
    void goesOnWhileTheLockTableIsFull();
    void doesNotRetryAWrongPassword();
    void staysQuickWithFiftyThousandLocks();

private:
    void open(const Conninfo& conninfo);
    void acquire(const QString& key);
    [[nodiscard]] QStringList ledger() const;

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<test::FaultProxy> m_proxy;
    std::unique_ptr<WindowDriver> m_window;
    std::unique_ptr<test::Heartbeat> m_heartbeat;
};

#define DO(step) QCOMPARE(m_window->step, QString())

void tst_Faults::initTestCase()
{
    m_server =
        std::make_unique<test::TestServer>(QStringLiteral("max_locks_per_transaction = 1000\nmax_connections = 60\n"));
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
}

void tst_Faults::init()
{
    Suite::init();
    m_proxy = std::make_unique<test::FaultProxy>(m_server->conninfo());
}

void tst_Faults::cleanup()
{
    if (m_heartbeat && !QTest::currentTestFailed())
        QVERIFY2(m_heartbeat->isSteady(), m_heartbeat->report().constData());
    m_heartbeat.reset();
    m_window.reset();
    m_proxy.reset();
}

void tst_Faults::open(const Conninfo& conninfo)
{
    m_window = std::make_unique<WindowDriver>(CommandLine{.conninfo = test::connectionText(conninfo)});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isEnabled(QStringLiteral("newSessionButton")), 10'000);
    m_heartbeat = std::make_unique<test::Heartbeat>();
}

void tst_Faults::acquire(const QString& key)
{
    DO(click(QStringLiteral("newSessionButton")));
    DO(type(QStringLiteral("keyEdit"), key));
    DO(click(QStringLiteral("tryButton")));
    QTRY_COMPARE(m_window->text(QStringLiteral("outcomePill")), QStringLiteral("acquired"));
    QTRY_COMPARE(m_window->locks().size(), 1);
}

QStringList tst_Faults::ledger() const
{
    QStringList lines;
    const QAbstractItemModel& model = *m_window->view(QStringLiteral("sessionTree"))->model();
    for (int row = 0; row < model.rowCount(); ++row) {
        const auto state = model.index(row, 0).data(SessionTreeModel::StateRole).value<SessionState>();
        for (const LedgerEntry& entry : state.ledger)
            lines << QStringLiteral("%1 %2 %3 %4")
                         .arg(state.name, word(state.phase), entry.key.toString(), word(entry.state));
    }
    return lines;
}

void tst_Faults::comesBackAfterARestartAndNamesTheLostLock()
{
    open(m_proxy->conninfo());
    acquire(QStringLiteral("5"));
    m_heartbeat.reset(); // restarting blocks this thread
    VERIFY_RESULT(m_server->sandbox().restartAndWait(30s));
    m_heartbeat = std::make_unique<test::Heartbeat>();
    QTRY_COMPARE(ledger(), QStringList{QStringLiteral("alice lost 5 lost")});
    QTRY_COMPARE_WITH_TIMEOUT(m_window->locks(), QStringList(), 15'000);
    QVERIFY(m_window->console().window().isVisible());
}

void tst_Faults::saysThatTheOwnBackendWasTerminated()
{
    open(m_proxy->conninfo());
    acquire(QStringLiteral("6"));
    const auto admin = m_server->session();
    QVERIFY(admin->executeOne(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lockscope: alice'", 5s));
    QTRY_COMPARE(ledger(), QStringList{QStringLiteral("alice lost 6 lost")});
    QTRY_COMPARE(m_window->text(QStringLiteral("outcomePill")), QStringLiteral("lost"));
}

void tst_Faults::greysTheRowsOnASilentLinkAndCallsOwnLocksUnknown()
{
    open(m_proxy->conninfo());
    acquire(QStringLiteral("7"));
    m_proxy->stall();
    const QAbstractItemModel& table = *m_window->view(QStringLiteral("lockTable"))->model();
    QTRY_VERIFY_WITH_TIMEOUT(table.index(0, 0).data(LockTableModel::StaleRole).toBool(), 5000);
    QVERIFY2(!m_window->text(QStringLiteral("linkBannerText")).isEmpty(), "no banner");
    m_proxy->refuse();
    QTRY_COMPARE_WITH_TIMEOUT(ledger(), QStringList{QStringLiteral("alice lost 7 unknown")}, 10'000);
    m_proxy->forward();
    // The observer is back and finds nothing of that backend: now it is certain.
    QTRY_COMPARE_WITH_TIMEOUT(ledger(), QStringList{QStringLiteral("alice lost 7 lost")}, 20'000);
}

void tst_Faults::survivesACrashOfTheServer()
{
    open(m_proxy->conninfo());
    acquire(QStringLiteral("8"));
    const auto victim = m_server->session();
    VERIFY_RESULT(platform::sendSignal(victim->claimedPid(), platform::ProcessSignal::Kill));
    QTRY_COMPARE_WITH_TIMEOUT(ledger(), QStringList{QStringLiteral("alice lost 8 lost")}, 10'000);
    QTRY_COMPARE_WITH_TIMEOUT(m_window->locks(), QStringList(), 20'000);
}

void tst_Faults::showsLocksWithoutRights()
{
    const auto admin = m_server->session(QStringLiteral("admin"));
    QVERIFY(admin->execute("CREATE ROLE visitor LOGIN PASSWORD 'visitor'; SELECT pg_advisory_lock(9)", 5s));
    open(m_proxy->conninfo()
             .with(QStringLiteral("user"), QStringLiteral("visitor"))
             .with(QStringLiteral("password"), QStringLiteral("visitor")));
    QTRY_COMPARE(m_window->locks(), QStringList{QStringLiteral("9 Exclusive held admin")});
    const QString state = m_window->view(QStringLiteral("lockTable"))
                              ->model()
                              ->index(0, static_cast<int>(LockColumn::BackendState))
                              .data()
                              .toString();
    QCOMPARE(state, QStringLiteral("not visible to this role"));
}

void tst_Faults::goesOnWhileTheLockTableIsFull()
{
    open(m_proxy->conninfo());
    const auto witness = m_server->session();
    auto hog = m_server->session(QStringLiteral("hog"));
    const auto filled = hog->executeOne("SELECT count(pg_advisory_lock(i)) FROM generate_series(1, 1000000) AS i", 60s);
    QVERIFY(!filled);
    QCOMPARE(filled.error().sqlState, QStringLiteral("53200"));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->locks().size() > 10'000, 20'000);
    m_heartbeat.reset(); // reading every row of the table for the comparison above is this test's own doing
    hog.reset();
    QTRY_COMPARE_WITH_TIMEOUT(test::scalar(*witness, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"),
                              QStringLiteral("0"), 20'000);
}

void tst_Faults::doesNotRetryAWrongPassword()
{
    m_window = std::make_unique<WindowDriver>(
        CommandLine{.conninfo = QStringLiteral("host=127.0.0.1 port=%1 user=postgres password=wrong")
                                    .arg(m_server->conninfo().value(QStringLiteral("port")))});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->text(QStringLiteral("connectMessage")).contains(QStringLiteral("password")),
                             10'000);
    QVERIFY(!m_window->isEnabled(QStringLiteral("newSessionButton")));
}

void tst_Faults::staysQuickWithFiftyThousandLocks()
{
    std::vector<std::unique_ptr<LibpqConnection>> holders;
    for (int i = 0; i < 10; ++i) {
        holders.push_back(m_server->session(QStringLiteral("holder %1").arg(i)));
        QVERIFY(holders.back()->executeOne("SELECT count(pg_advisory_lock(" + QByteArray::number(i) +
                                               ", i)) FROM generate_series(1, 5442) AS i",
                                           30s));
    }
    open(m_proxy->conninfo());
    const QAbstractItemModel& table = *m_window->view(QStringLiteral("lockTable"))->model();
    QTRY_COMPARE_WITH_TIMEOUT(table.rowCount(), 20'000, 20'000); // the row limit
    DO(type(QStringLiteral("filterEdit"), QStringLiteral("17")));
    QTRY_COMPARE_WITH_TIMEOUT(table.rowCount(), 10, 10'000);
}

QTEST_MAIN(tst_Faults)
#include "tst_faults.moc"
