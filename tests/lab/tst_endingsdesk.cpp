#include "app/endingsdesk.h"
#include "app/labconsent.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"
#include "tests/ui/offscreen.h"
#include "ui/lab/endingspage.h"

#include <QDialog>
#include <QFile>
#include <QPushButton>
#include <QTableView>
#include <QTemporaryDir>

using namespace lockscope;
using namespace std::chrono_literals;
using test::scalar;

/// From the button to the server and back.
class EndingsDeskTest final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::muteSizeHintsOfOffscreen();
        qputenv("LOCKSCOPE_CLIENT", LOCKSCOPE_CLIENT_FILE);
        m_server = std::make_unique<test::TestServer>();
        QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
        m_observer = m_server->session(QStringLiteral("observer"));
        m_place = {.conninfo = m_server->conninfo(),
                   .server = {.connected = true,
                              .sandbox = true,
                              .title = QStringLiteral("Sandbox"),
                              .versionNumber = scalar(*m_observer, "SHOW server_version_num").toInt()}};
    }
    void cleanupTestCase()
    {
        m_observer.reset();
        m_server.reset();
    }

    void aClickEndsAClientAndShowsWhen()
    {
        Stage stage(m_place);
        stage.click("runButton-killed-idle");
        QTRY_COMPARE_WITH_TIMEOUT(stage.verdict(EndingKind::KilledIdle), QStringLiteral("as expected"), 20000);
        stage.click("resetButton");
        QTRY_COMPARE(stage.verdict(EndingKind::KilledIdle), QStringLiteral("not tried"));
        nothingIsLeft();
    }

    void anotherPlaceEndsWhatRanOnTheOldOne()
    {
        Stage stage(m_place);
        stage.page.setSettings({.watchTime = 60s});
        stage.click("runButton-frozen");
        QTRY_COMPARE_WITH_TIMEOUT(stage.verdict(EndingKind::Frozen), QStringLiteral("running"), 20000);
        stage.desk.setPlace(m_place); // the same one again changes nothing
        QCOMPARE(stage.verdict(EndingKind::Frozen), QStringLiteral("running"));
        stage.desk.setPlace(std::nullopt);
        QCOMPARE(stage.verdict(EndingKind::Frozen), QStringLiteral("not tried"));
        nothingIsLeft();
    }

    /// The sandbox is watched over its socket, which has no cable; its address has one.
    void cutsTheCableOfTheAddress()
    {
        LabPlace place = m_place;
        place.conninfo = m_server->sandbox().socketConninfo();
        place.overTcp = m_server->conninfo();
        Stage stage(place);
        stage.page.setSettings({.link = {1s, 1s, 2, 0ms}});
        stage.click("runButton-cable-cut-quiet");
        QTRY_COMPARE_WITH_TIMEOUT(stage.verdict(EndingKind::CableCutQuiet), QStringLiteral("as expected"), 30000);
        nothingIsLeft();
    }

    void startsNothingWhereNothingMayRun()
    {
        LabPlace place = m_place;
        place.server.problem = QStringLiteral("Lockscope was started with --read-only: it looks and does not act.");
        Stage stage(place);
        Q_EMIT stage.page.runRequested({EndingKind::Frozen}, {});
        QCOMPARE(stage.verdict(EndingKind::Frozen), QStringLiteral("not tried"));
        nothingIsLeft();
    }

    void goneInTheMiddleItLeavesNothing()
    {
        {
            Stage stage(m_place);
            stage.click("runAllButton");
            QTRY_COMPARE_WITH_TIMEOUT(stage.verdict(EndingKind::KilledRunning), QStringLiteral("running"), 20000);
        }
        nothingIsLeft();
    }

    void elsewhereItAsksFirst()
    {
        LabPlace place = m_place;
        place.server.sandbox = false;
        Stage stage(place);
        stage.click("runButton-frozen");
        auto* const dialog = stage.window.findChild<QDialog*>();
        QVERIFY(dialog);
        QCOMPARE(stage.verdict(EndingKind::Frozen), QStringLiteral("not tried"));
        dialog->reject();
        QCOMPARE(stage.verdict(EndingKind::Frozen), QStringLiteral("not tried"));
        nothingIsLeft();
    }

    void takesTheQuestionAwayWithItsServer()
    {
        LabPlace place = m_place;
        place.server.sandbox = false;
        Stage stage(place);
        stage.click("runButton-frozen");
        const QPointer<QDialog> dialog = stage.window.findChild<QDialog*>();
        QVERIFY(dialog && dialog->isVisible());
        stage.consent.setServer({});
        QTRY_VERIFY(dialog.isNull());
    }

    void writesWhatIsExported()
    {
        Stage stage(m_place);
        const QTemporaryDir directory;
        const QString fileName = directory.filePath(QStringLiteral("ways.csv"));
        Q_EMIT stage.page.exportRequested(fileName, "a,b\r\n");
        QFile file(fileName);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), QByteArray("a,b\r\n"));
    }

private:
    struct Stage
    {
        explicit Stage(const LabPlace& place)
        {
            consent.setServer(place.server);
            page.setServer(place.server);
            desk.setPlace(place);
            page.resize(900, 560);
            page.show();
        }
        void click(const char* name) const
        {
            QTest::mouseClick(page.findChild<QPushButton*>(QString::fromLatin1(name)), Qt::LeftButton);
        }
        [[nodiscard]] QString verdict(EndingKind kind) const
        {
            const auto row = std::find(allEndingKinds.begin(), allEndingKinds.end(), kind) - allEndingKinds.begin();
            const auto* const table = page.findChild<QTableView*>(QStringLiteral("endingsTable"));
            return table->model()->index(static_cast<int>(row), 4).data().toString();
        }
        QWidget window;
        EndingsPage page;
        LabConsent consent{&window};
        EndingsDesk desk{page, consent};
    };

    void nothingIsLeft()
    {
        QTRY_COMPARE_WITH_TIMEOUT(scalar(*m_observer, "SELECT count(*) FROM pg_stat_activity "
                                                      "WHERE application_name LIKE '%lockscope%'"),
                                  QStringLiteral("0"), 8000);
        QCOMPARE(scalar(*m_observer, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));
    }

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_observer;
    LabPlace m_place;
};

QTEST_MAIN(EndingsDeskTest)
#include "tst_endingsdesk.moc"
