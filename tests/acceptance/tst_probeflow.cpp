#include "app/probeflow.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"
#include "tests/ui/offscreen.h"
#include "ui/probedialog.h"
#include "ui/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QElapsedTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

#include <memory>

using namespace lockscope;
using namespace std::chrono_literals;
using test::scalar;

/// The dialog with the engine behind it, on a real server.
class tst_ProbeFlow final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void probesTheConnectionWithItsPassword();
    void asksForThePasswordOfAnotherEndpoint();
    void cleansUpWhenTheDialogIsClosed();
    void cleansUpWhenTheConsoleEnds();

private:
    [[nodiscard]] ProbeDialog* dialog() const { return m_window->findChild<ProbeDialog*>(); }
    template <typename T = QPushButton>
    T* child(const char* name) const
    {
        return dialog()->findChild<T*>(QLatin1String(name));
    }
    [[nodiscard]] QString leftovers() const
    {
        return scalar(*m_admin, "SELECT (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory') || ' locks, ' || "
                                "(SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'lockscope lab%') "
                                "|| ' sessions'");
    }

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_admin;
    std::unique_ptr<QWidget> m_window = std::make_unique<QWidget>();
};

void tst_ProbeFlow::initTestCase()
{
    test::muteSizeHintsOfOffscreen();
    theme::apply(*qApp, ColorScheme::Light, false);
    m_server = std::make_unique<test::TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    m_admin = m_server->session();
    m_window->show();
}

void tst_ProbeFlow::probesTheConnectionWithItsPassword()
{
    ProbeFlow flow(m_window.get());
    flow.open(m_server->conninfo(), QStringLiteral("Sandbox"));
    QVERIFY(dialog());
    const QString password = m_server->conninfo().value(QStringLiteral("password"));
    QVERIFY(!password.isEmpty() && !child<QLineEdit>("probeEndpointEdit")->text().contains(password));
    QCOMPARE(leftovers(), QStringLiteral("0 locks, 0 sessions")); // nothing before Start
    child("probeStartButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!dialog()->isRunning(), 30'000);
    QCOMPARE(child<QLabel>("probeVerdict")->text(),
             QStringLiteral("A direct connection, fit for session-level advisory locks."));
    child("probeCopyJsonButton")->click();
    const QJsonObject copied = QJsonDocument::fromJson(QGuiApplication::clipboard()->text().toUtf8()).object();
    QVERIFY(copied.value(QStringLiteral("ok")).toBool());
    child("probeCopyButton")->click();
    QVERIFY(QGuiApplication::clipboard()->text().contains(QLatin1String("ok   session affinity")));
    QVERIFY(!QGuiApplication::clipboard()->text().contains(password));
    QTRY_COMPARE(leftovers(), QStringLiteral("0 locks, 0 sessions"));
    dialog()->reject();
    QTRY_VERIFY(!dialog());
}

void tst_ProbeFlow::asksForThePasswordOfAnotherEndpoint()
{
    ProbeFlow flow(m_window.get());
    flow.open(m_server->conninfo(), {});
    auto* const edit = child<QLineEdit>("probeEndpointEdit");
    edit->setText(edit->text() + QStringLiteral(" connect_timeout=5")); // another text: its password is not known
    child("probeStartButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!dialog()->isRunning(), 30'000);
    auto* const password = child<QLineEdit>("probePasswordEdit");
    QCOMPARE(dialog()->focusWidget(), password);
    password->setText(m_server->conninfo().value(QStringLiteral("password")));
    child("probeStartButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!dialog()->isRunning(), 30'000);
    QVERIFY2(child<QLabel>("probeVerdict")->text().contains(QLatin1String("fit for session-level")),
             qPrintable(child<QLabel>("probeVerdict")->text()));
    dialog()->reject();
    QTRY_VERIFY(!dialog());
    QTRY_COMPARE(leftovers(), QStringLiteral("0 locks, 0 sessions"));
}

void tst_ProbeFlow::cleansUpWhenTheDialogIsClosed()
{
    ProbeFlow flow(m_window.get());
    flow.open(m_server->conninfo(), {});
    child("probeStartButton")->click();
    QTRY_VERIFY(leftovers() != QLatin1String("0 locks, 0 sessions"));
    QElapsedTimer timer;
    timer.start();
    dialog()->reject();
    QVERIFY2(timer.elapsed() < 100, qPrintable(QString::number(timer.elapsed()))); // it ends in the background
    QTRY_VERIFY(!dialog());
    QTRY_COMPARE(leftovers(), QStringLiteral("0 locks, 0 sessions"));
    QTRY_VERIFY(!flow.findChild<Probe*>());
}

void tst_ProbeFlow::cleansUpWhenTheConsoleEnds()
{
    auto flow = std::make_unique<ProbeFlow>(m_window.get());
    flow->open(m_server->conninfo(), {});
    child("probeStartButton")->click();
    QTRY_VERIFY(leftovers() != QLatin1String("0 locks, 0 sessions"));
    flow.reset();
    QTRY_COMPARE(leftovers(), QStringLiteral("0 locks, 0 sessions"));
    delete dialog();
}

QTEST_MAIN(tst_ProbeFlow)
#include "tst_probeflow.moc"
