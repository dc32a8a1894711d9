#include "tests/acceptance/windowdriver.h"
#include "tests/support/faultproxy.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"
#include "ui/connectdialog.h"

#include <QAbstractButton>
#include <QListWidget>
#include <QMenu>

using namespace lockscope;
using test::WindowDriver;

/// How connections come and go in the real window: the dialog, the recent ones, the sandbox, a change of server while
/// sessions live.
class tst_ConnectionFlow final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void asksForAMissingPasswordWhereItIsTyped();
    void offersTheRecentConnectionInTheMenuOfTheBadge();
    void fillsTheDialogByOneClickOnARecentConnection();
    void keepsTheConnectionWhenATestIsCancelled();
    void keepsTheConnectionWhenTheStartOfASandboxIsCancelled();
    void forgetsAnAttemptThatWasCancelled();
    void keepsSessionsOfTheServerBeforeAndNamesTheirServer();
    void keepsTheOneSandboxThatRuns();

private:
    void open(CommandLine commandLine);
    void connectTo(const QString& text);
    [[nodiscard]] QString passwordless() const;
    [[nodiscard]] bool isConnected() const { return m_window->isEnabled(QStringLiteral("newSessionButton")); }
    [[nodiscard]] ConnectDialog* dialog() const;
    void press(const QString& dialogButton);
    [[nodiscard]] QString sessionTip(const QString& name) const;

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<WindowDriver> m_window;
};

#define DO(step) QCOMPARE(m_window->step, QString())

void tst_ConnectionFlow::initTestCase()
{
    m_server = std::make_unique<test::TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
}

void tst_ConnectionFlow::cleanup()
{
    m_window.reset();
    qunsetenv("PGPASSWORD");
}

void tst_ConnectionFlow::open(CommandLine commandLine)
{
    m_window = std::make_unique<WindowDriver>(commandLine);
}

QString tst_ConnectionFlow::passwordless() const
{
    return Conninfo::parse(m_server->conninfo().toTextWithoutSecrets())->toTextWithoutSecrets(); // in libpq's order
}

ConnectDialog* tst_ConnectionFlow::dialog() const
{
    const auto dialogs = m_window->window().findChildren<ConnectDialog*>();
    for (ConnectDialog* const shown : dialogs) {
        if (shown->isVisible())
            return shown;
    }
    return nullptr;
}

void tst_ConnectionFlow::press(const QString& dialogButton)
{
    QVERIFY(dialog());
    auto* const button = dialog()->findChild<QAbstractButton*>(dialogButton);
    QVERIFY2(button && button->isEnabled(), qPrintable(dialogButton));
    QTest::mouseClick(button, Qt::LeftButton);
}

/// Opens the dialog as a person does, and connects by a text.
void tst_ConnectionFlow::connectTo(const QString& text)
{
    DO(trigger(QStringLiteral("actionConnect")));
    QVERIFY(dialog());
    dialog()->setConninfo(text);
    press(QStringLiteral("connectButton"));
    QTRY_VERIFY_WITH_TIMEOUT(!dialog() && isConnected(), 10'000);
}

QString tst_ConnectionFlow::sessionTip(const QString& name) const
{
    const QAbstractItemModel& model = *m_window->view(QStringLiteral("sessionTree"))->model();
    for (int row = 0; row < model.rowCount(); ++row) {
        if (model.index(row, 0).data().toString() == name)
            return model.index(row, 0).data(Qt::ToolTipRole).toString();
    }
    return {};
}

void tst_ConnectionFlow::asksForAMissingPasswordWhereItIsTyped()
{
    open({.conninfo = passwordless()});
    QTRY_VERIFY_WITH_TIMEOUT(dialog() && !m_window->text(QStringLiteral("connectMessage")).isEmpty(), 10'000);
    QCOMPARE(dialog()->conninfo(), passwordless());
    QTRY_VERIFY(dialog()->focusWidget() != nullptr);
    QCOMPARE(dialog()->focusWidget()->objectName(), QStringLiteral("passwordEdit"));
    DO(type(QStringLiteral("passwordEdit"), m_server->conninfo().value(QStringLiteral("password"))));
    QTest::keyClick(dialog()->focusWidget(), Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(isConnected(), 10'000);
    QTRY_VERIFY(!dialog());
}

void tst_ConnectionFlow::offersTheRecentConnectionInTheMenuOfTheBadge()
{
    qputenv("PGPASSWORD", m_server->conninfo().value(QStringLiteral("password")).toUtf8());
    open({.conninfo = passwordless()});
    QTRY_VERIFY_WITH_TIMEOUT(isConnected(), 10'000);
    DO(trigger(QStringLiteral("actionDisconnect")));
    QTRY_VERIFY(!isConnected());

    DO(click(QStringLiteral("serverBadge")));
    auto* const menu = m_window->window().findChild<QMenu*>(QStringLiteral("serverMenu"));
    QTRY_VERIFY(menu && menu->isVisible());
    const auto actions = menu->actions();
    const auto found = std::find_if(actions.cbegin(), actions.cend(), [](const QAction* action) {
        return action->text() == QLatin1String("postgres at 127.0.0.1");
    });
    QVERIFY(found != actions.cend());
    QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(*found).center());
    QTRY_VERIFY_WITH_TIMEOUT(isConnected(), 10'000);
}

void tst_ConnectionFlow::fillsTheDialogByOneClickOnARecentConnection()
{
    qputenv("PGPASSWORD", m_server->conninfo().value(QStringLiteral("password")).toUtf8());
    open({.conninfo = passwordless()});
    QTRY_VERIFY_WITH_TIMEOUT(isConnected(), 10'000);
    DO(trigger(QStringLiteral("actionConnect")));
    auto* const list = dialog()->findChild<QListWidget*>(QStringLiteral("profileList"));
    QListWidgetItem* const recent = list->item(list->count() - 1);
    QCOMPARE(recent->text(), QStringLiteral("postgres at 127.0.0.1"));
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualItemRect(recent).center());
    QCOMPARE(dialog()->conninfo(), passwordless());
    press(QStringLiteral("saveProfileButton"));

    // What is saved and recent is one connection, under its saved name.
    DO(click(QStringLiteral("serverBadge")));
    auto* const menu = m_window->window().findChild<QMenu*>(QStringLiteral("serverMenu"));
    const auto actions = menu->actions();
    QCOMPARE(
        std::count_if(actions.cbegin(), actions.cend(),
                      [](const QAction* action) { return action->text() == QLatin1String("postgres at 127.0.0.1"); }),
        1);
    menu->hide();
}

void tst_ConnectionFlow::keepsTheConnectionWhenATestIsCancelled()
{
    test::FaultProxy silent(m_server->conninfo());
    silent.stall();
    open({.conninfo = test::connectionText(m_server->conninfo())});
    QTRY_VERIFY_WITH_TIMEOUT(isConnected(), 10'000);
    DO(trigger(QStringLiteral("actionConnect")));
    dialog()->setConninfo(
        silent.conninfo().with(QStringLiteral("connect_timeout"), QStringLiteral("2")).toTextWithoutSecrets());
    press(QStringLiteral("testButton"));
    press(QStringLiteral("cancelButton"));
    QVERIFY(isConnected());
    QVERIFY(dialog());
    // What the test finds out later is of no interest any more.
    QTest::qWait(2500);
    QCOMPARE(m_window->text(QStringLiteral("connectMessage")), QString());
}

void tst_ConnectionFlow::keepsTheConnectionWhenTheStartOfASandboxIsCancelled()
{
    open({.conninfo = test::connectionText(m_server->conninfo())});
    QTRY_VERIFY_WITH_TIMEOUT(isConnected(), 10'000);
    DO(trigger(QStringLiteral("actionConnect")));
    press(QStringLiteral("sandboxButton"));
    press(QStringLiteral("cancelButton"));
    QVERIFY(isConnected());
    QVERIFY(dialog());
}

void tst_ConnectionFlow::forgetsAnAttemptThatWasCancelled()
{
    test::FaultProxy silent(m_server->conninfo());
    silent.stall();
    open({.conninfo = test::connectionText(silent.conninfo())});
    QTRY_VERIFY(m_window->isEnabled(QStringLiteral("refreshButton")));
    DO(trigger(QStringLiteral("actionDisconnect")));
    QVERIFY(!dialog());
    DO(trigger(QStringLiteral("actionConnect")));
    dialog()->setConninfo(test::connectionText(silent.conninfo()));
    press(QStringLiteral("connectButton"));
    press(QStringLiteral("cancelButton"));
    QVERIFY(m_window->isEnabled(QStringLiteral("conninfoEdit")));
    silent.forward();
    dialog()->setConninfo(test::connectionText(silent.conninfo()));
    press(QStringLiteral("connectButton"));
    QTRY_VERIFY_WITH_TIMEOUT(!dialog() && isConnected(), 10'000);
}

void tst_ConnectionFlow::keepsSessionsOfTheServerBeforeAndNamesTheirServer()
{
    test::TestServer other;
    QVERIFY2(other.problem().isEmpty(), qPrintable(other.problem()));
    open({.conninfo = test::connectionText(other.conninfo())});
    QTRY_VERIFY_WITH_TIMEOUT(isConnected(), 10'000);
    DO(click(QStringLiteral("newSessionButton")));
    DO(type(QStringLiteral("keyEdit"), QStringLiteral("5")));
    DO(click(QStringLiteral("tryButton")));
    QTRY_COMPARE(m_window->text(QStringLiteral("outcomePill")), QStringLiteral("acquired"));
    QVERIFY(!sessionTip(QStringLiteral("alice")).contains(QStringLiteral("On another server")));

    connectTo(test::connectionText(m_server->conninfo()));
    QVERIFY2(sessionTip(QStringLiteral("alice")).contains(QStringLiteral("On another server")),
             qPrintable(sessionTip(QStringLiteral("alice"))));
    QTRY_COMPARE(m_window->locks(), QStringList());
    DO(click(QStringLiteral("releaseButton")));
    QTRY_COMPARE(m_window->text(QStringLiteral("outcomePill")), QStringLiteral("released"));
}

void tst_ConnectionFlow::keepsTheOneSandboxThatRuns()
{
    open({.sandbox = true});
    QTRY_VERIFY_WITH_TIMEOUT(isConnected(), 60'000);
    DO(click(QStringLiteral("newSessionButton")));
    DO(type(QStringLiteral("keyEdit"), QStringLiteral("5")));
    DO(click(QStringLiteral("tryButton")));
    const QStringList held{QStringLiteral("5 Exclusive held lockscope: alice")};
    QTRY_COMPARE(m_window->locks(), held);

    DO(trigger(QStringLiteral("actionStartSandbox")));
    QTRY_VERIFY_WITH_TIMEOUT(isConnected(), 60'000);
    QTRY_COMPARE(m_window->locks(), held);
    connectTo(test::connectionText(m_server->conninfo()));
    QTRY_COMPARE(m_window->locks(), QStringList());
    DO(trigger(QStringLiteral("actionStartSandbox")));
    QTRY_COMPARE_WITH_TIMEOUT(m_window->locks(), held, 10'000);
    QVERIFY(!sessionTip(QStringLiteral("alice")).contains(QStringLiteral("On another server")));
    DO(click(QStringLiteral("releaseButton")));
    QTRY_COMPARE(m_window->text(QStringLiteral("outcomePill")), QStringLiteral("released"));
}

QTEST_MAIN(tst_ConnectionFlow)
#include "tst_connectionflow.moc"
