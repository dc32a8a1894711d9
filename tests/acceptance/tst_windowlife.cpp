#include "tests/acceptance/windowdriver.h"
#include "tests/support/faultproxy.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"
#include "ui/operatorpanel.h"

#include <QSignalSpy>

using namespace lockscope;
using test::WindowDriver;

/// What the window does besides the main job: it only looks when told so, rests when nobody sees it, and ends cleanly
/// from every phase.
class tst_WindowLife final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void actsOnNothingWhenReadOnly();
    void readsNothingWhileMinimised();
    void quitsInEveryPhase_data();
    void quitsInEveryPhase();
    void leavesNoWaiterBehind();

private:
    void open(const CommandLine& commandLine) { m_window = std::make_unique<WindowDriver>(commandLine); }
    [[nodiscard]] bool isConnected() const { return m_window->isEnabled(QStringLiteral("newSessionButton")); }

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<WindowDriver> m_window;
};

#define DO(step) QCOMPARE(m_window->step, QString())

void tst_WindowLife::initTestCase()
{
    m_server = std::make_unique<test::TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
}

void tst_WindowLife::cleanup()
{
    m_window.reset();
}

void tst_WindowLife::readsNothingWhileMinimised()
{
    open({.conninfo = test::connectionText(m_server->conninfo())});
    QTRY_VERIFY_WITH_TIMEOUT(isConnected(), 10'000);
    QVERIFY(QTest::qWaitForWindowExposed(&m_window->window()));
    m_window->window().showMinimized();
    QTRY_VERIFY(m_window->window().isMinimized());
    const auto holder = m_server->session(QStringLiteral("holder"));
    QCOMPARE(test::scalar(*holder, "SELECT pg_advisory_lock(6)"), QString());
    QTest::qWait(2500); // two polls would have shown it
    QCOMPARE(m_window->locks(), QStringList());
    m_window->window().showNormal();
    QTRY_COMPARE(m_window->locks(), QStringList{QStringLiteral("6 Exclusive held holder")});
}

void tst_WindowLife::actsOnNothingWhenReadOnly()
{
    open({.conninfo = test::connectionText(m_server->conninfo()), .readOnly = true});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isEnabled(QStringLiteral("refreshButton")), 10'000);
    auto* const panel = m_window->window().findChild<OperatorPanel*>();
    Q_EMIT panel->newSessionRequested(QStringLiteral("alice")); // whatever the panel may let through
    QCOMPARE(m_window->view(QStringLiteral("sessionTree"))->model()->rowCount(), 0);
    QVERIFY(!m_window->isEnabled(QStringLiteral("newSessionButton")));
    QVERIFY(!m_window->isEnabled(QStringLiteral("startClientButton")));
}

void tst_WindowLife::quitsInEveryPhase_data()
{
    QTest::addColumn<bool>("sandbox");
    QTest::addColumn<bool>("bySignal");
    QTest::newRow("sandbox starting, window closed") << true << false;
    QTest::newRow("sandbox starting, asked to end") << true << true;
    QTest::newRow("connecting, window closed") << false << false;
    QTest::newRow("connecting, asked to end") << false << true;
}

void tst_WindowLife::quitsInEveryPhase()
{
    QFETCH(bool, sandbox);
    QFETCH(bool, bySignal);
    test::FaultProxy silent(m_server->conninfo());
    silent.stall();
    open({.conninfo = sandbox ? QString() : test::connectionText(silent.conninfo()), .sandbox = sandbox});
    QSignalSpy finished(&m_window->console(), &Console::finished);
    for (int again = 0; again < 2; ++again) // who is impatient asks twice
        bySignal ? m_window->console().quitNow() : static_cast<void>(m_window->window().close());
    QTRY_COMPARE(finished.size(), 1);
    QVERIFY(!m_window->window().isVisible());
    m_window->console().quitNow();
    QCoreApplication::processEvents();
    QCOMPARE(finished.size(), 1);
}

void tst_WindowLife::leavesNoWaiterBehind()
{
    const auto holder = m_server->session(QStringLiteral("holder"));
    QCOMPARE(test::scalar(*holder, "SELECT pg_advisory_lock(5)"), QString());
    open({.conninfo = test::connectionText(m_server->conninfo())});
    QTRY_VERIFY_WITH_TIMEOUT(isConnected(), 10'000);
    DO(click(QStringLiteral("startClientButton")));
    DO(type(QStringLiteral("clientKeyEdit"), QStringLiteral("5")));
    DO(click(QStringLiteral("waitButton")));
    QTRY_COMPARE(m_window->locks().size(), 2);
    QSignalSpy finished(&m_window->console(), &Console::finished);
    m_window->console().quitNow();
    QTRY_COMPARE(finished.size(), 1);
    m_window.reset();
    QTRY_COMPARE(test::scalar(*holder, "SELECT count(*) FROM pg_locks WHERE NOT granted"), QStringLiteral("0"));
}

QTEST_MAIN(tst_WindowLife)
#include "tst_windowlife.moc"
