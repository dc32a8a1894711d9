#include "app/podsdesk.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"
#include "tests/ui/offscreen.h"
#include "ui/lab/podspage.h"
#include "ui/lab/podspicture.h"
#include "ui/lab/podsserverbar.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QPushButton>
#include <QTableView>

using namespace lockscope;
using namespace std::chrono_literals;

/// The page, the desk and real pods on a real server, by the buttons that a person presses.
class PodsDeskTest final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::muteSizeHintsOfOffscreen();
        m_server = std::make_unique<test::TestServer>();
        QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
        m_observer = m_server->session(QStringLiteral("observer"));
    }
    void cleanupTestCase()
    {
        m_observer.reset();
        m_server.reset();
    }
    void init()
    {
        Suite::init();
        m_page = std::make_unique<PodsPage>();
        m_consent = std::make_unique<LabConsent>(m_page.get());
        m_desk = std::make_unique<PodsDesk>(*m_page, *m_consent);
        LabServer server;
        server.connected = true;
        server.sandbox = true;
        server.title = QStringLiteral("Sandbox");
        m_consent->setServer(server);
        m_desk->setPlace(LabPlace{m_server->conninfo(), server});
        m_page->resize(1000, 700);
        m_page->show();
    }
    void cleanup()
    {
        m_desk.reset();
        m_consent.reset();
        m_page.reset();
        QTRY_COMPARE(podSessions(), QStringLiteral("0"));
    }

    void handsTheKeyOverWhenTheHolderCrashes()
    {
        startThree();
        m_page->findChild<QDoubleSpinBox*>(QStringLiteral("podsWorkSpin"))->setValue(600);
        press("pod-aSyncButton");
        QTRY_VERIFY2(lines("pod-a").contains(QStringLiteral("Map: {8} | 202 accepted")), qPrintable(lines("pod-a")));
        QTRY_VERIFY2(bar().startsWith(QStringLiteral("key 8: pod-a, pid ")), qPrintable(bar()));
        press("pod-aTwiceButton");
        QTRY_VERIFY2(lines("pod-a").endsWith(QStringLiteral("this pod syncs it already")), qPrintable(lines("pod-a")));
        m_page->findChild<QCheckBox*>(QStringLiteral("podsRetriesCheck"))->click();
        press("pod-bSyncButton");
        QTRY_VERIFY2(lines("pod-b").contains(QStringLiteral("held by another session: pod-a")),
                     qPrintable(lines("pod-b")));
        press("pod-aCrashButton");
        QTRY_VERIFY2(lines("pod-b").contains(QStringLiteral("Map: {8}")), qPrintable(lines("pod-b")));
        QTRY_VERIFY2(bar().startsWith(QStringLiteral("key 8: pod-b, pid ")), qPrintable(bar()));
        QTRY_VERIFY(label("podsHandOverTime").endsWith(QStringLiteral("ms")));
        QTRY_VERIFY2(
            label("podsHandOverWords").contains(QStringLiteral("until pod-b had key 8, pod-a killed. Free on")),
            qPrintable(label("podsHandOverWords")));
    }

    void aFrozenPodsOldTokenIsRefused()
    {
        startThree();
        m_page->findChild<QDoubleSpinBox*>(QStringLiteral("podsWorkSpin"))->setValue(0.3);
        m_page->findChild<QCheckBox*>(QStringLiteral("podsFencingCheck"))->click();
        press("pod-aSyncButton");
        QTRY_VERIFY2(lines("pod-a").contains(QStringLiteral("Map: {8}")), qPrintable(lines("pod-a")));
        press("pod-aFreezeButton");
        press("pod-aTerminateButton");
        QTRY_COMPARE(label("podsMisbeliefs"),
                     QStringLiteral("pod-a believes it holds key 8; on the server nobody holds it."));
        press("pod-bSyncButton");
        QTRY_VERIFY2(lines("pod-b").contains(QStringLiteral("200 done")), qPrintable(lines("pod-b")));
        press("pod-aFreezeButton");
        QTRY_VERIFY2(lines("pod-a").contains(QStringLiteral("500 lock lost")), qPrintable(lines("pod-a")));
        const auto* const writes = m_page->findChild<QTableView*>(QStringLiteral("podsWriteTable"))->model();
        QTRY_COMPARE(writes->rowCount(), 2);
        QVERIFY(writes->index(1, 3).data().toString().startsWith(QStringLiteral("refused: token ")));
        QTRY_COMPARE(label("podsMisbeliefs"), QStringLiteral("No pod believes that it holds a key."));
    }

    void leavingTheServerEndsEveryPod()
    {
        startThree();
        QCOMPARE(podSessions(), QStringLiteral("6"));
        m_desk->setPlace(std::nullopt);
        QTRY_COMPARE(podSessions(), QStringLiteral("0"));
        QVERIFY(m_page->findChild<QPushButton*>(QStringLiteral("podsSandboxButton"))->isVisible());
    }

    void endAllEndsEveryPod()
    {
        startThree();
        press("podsEndAllButton");
        QTRY_COMPARE(podSessions(), QStringLiteral("0"));
        QVERIFY(m_page->findChild<QPushButton*>(QStringLiteral("podsStartButton"))->isVisible());
        startThree();
    }

    void onAnotherServerNothingStartsUnasked()
    {
        LabServer server;
        server.connected = true;
        server.title = QStringLiteral("prod-eu");
        m_consent->setServer(server);
        m_desk->setPlace(LabPlace{m_server->conninfo(), server});
        press("podsStartButton");
        QVERIFY(m_page->findChild<QWidget*>(QStringLiteral("pod-aCard")) == nullptr);
        QCOMPARE(podSessions(), QStringLiteral("0"));
    }

private:
    QString podSessions()
    {
        return test::scalar(*m_observer, "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE "
                                         "'%(lockscope client)'");
    }
    void press(const char* name)
    {
        auto* const button = m_page->findChild<QPushButton*>(QLatin1String(name));
        QVERIFY2(button != nullptr && button->isEnabled(), name);
        button->click();
    }
    QString label(const char* name) { return m_page->findChild<QLabel*>(QLatin1String(name))->text(); }
    QString bar() { return m_page->findChild<PodsServerBar*>()->lines().join(QStringLiteral(" | ")); }
    QString lines(const char* pod)
    {
        const auto* const card = m_page->findChild<QWidget*>(QLatin1String(pod) + QStringLiteral("Card"));
        return card == nullptr ? QString() : card->findChild<PodsPicture*>()->lines().join(QStringLiteral(" | "));
    }
    void startThree()
    {
        press("podsStartButton");
        for (const char* pod : {"pod-a", "pod-b", "pod-c"})
            QTRY_VERIFY2(lines(pod).endsWith(QStringLiteral("free | Map: {}")), qPrintable(lines(pod)));
    }

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_observer;
    std::unique_ptr<PodsPage> m_page;
    std::unique_ptr<LabConsent> m_consent;
    std::unique_ptr<PodsDesk> m_desk;
};

QTEST_MAIN(PodsDeskTest)
#include "tst_podsdesk.moc"
