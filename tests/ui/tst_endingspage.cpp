#include "models/domain/endingwords.h"
#include "tests/support/suite.h"
#include "tests/ui/offscreen.h"
#include "ui/lab/endingsdelegate.h"
#include "ui/lab/endingsmodel.h"
#include "ui/lab/endingspage.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QFileDialog>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QTemporaryDir>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

const LabServer sandbox{
    .connected = true, .sandbox = true, .title = QStringLiteral("Sandbox"), .versionNumber = 150018};

EndingState measured(EndingKind kind, std::chrono::microseconds after)
{
    EndingState state{.kind = kind, .phase = EndingPhase::Done};
    state.expected = expectedRelease({.kind = kind});
    state.key = LockKey::pair(7, 3);
    state.backendPid = 4711;
    state.endedAt = SteadyTime::clock::now() - 10s;
    state.released = state.backendGone = after;
    state.nextGranted = after;
    state.nextPid = 4712;
    state.grain = 2ms;
    state.verdict = verdictOf(state.expected, state.released, 0us);
    state.evidence = {QStringLiteral("Pid 4711 (pod-a) holds key (7, 3).")};
    return state;
}

EndingState stillHeld(EndingKind kind)
{
    EndingState state = measured(kind, 0us);
    state.released = state.backendGone = state.nextGranted = std::nullopt;
    state.watched = 3s;
    state.verdict = verdictOf(state.expected, std::nullopt, state.watched);
    return state;
}

struct Stage
{
    explicit Stage(const LabServer& server = sandbox)
    {
        page.resize(900, 560);
        page.setServer(server);
        page.show();
    }
    template <typename Widget>
    Widget* child(const QString& name) const
    {
        return page.findChild<Widget*>(name);
    }
    [[nodiscard]] QPushButton* button(const char* name) const { return child<QPushButton>(QString::fromLatin1(name)); }
    [[nodiscard]] QString label(const char* name) const { return child<QLabel>(QString::fromLatin1(name))->text(); }
    /// What the table says, row by row.
    [[nodiscard]] QStringList rows() const
    {
        const QAbstractItemModel* model = child<QTableView>(QStringLiteral("endingsTable"))->model();
        QStringList all;
        for (int row = 0; row < model->rowCount(); ++row) {
            QStringList cells;
            for (const int column :
                 {EndingsModel::Way, EndingsModel::Expected, EndingsModel::Measured, EndingsModel::Verdict})
                cells.append(model->index(row, column).data().toString());
            all.append(cells.join(QStringLiteral(" | ")));
        }
        return all;
    }

    EndingsPage page;
};

} // namespace

class EndingsPageTest final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::muteSizeHintsOfOffscreen();
        theme::apply(*qApp, ColorScheme::Light, false);
    }

    void saysWhatItWouldShowWhileNothingIsConnected()
    {
        Stage stage(LabServer{});
        QVERIFY(stage.label("emptyStateText").contains(QStringLiteral("start the sandbox")));
        QVERIFY(!stage.button("runAllButton")->isVisible());
        QSignalSpy wished(&stage.page, &EndingsPage::sandboxRequested);
        QTest::mouseClick(stage.button("endingsSandboxButton"), Qt::LeftButton);
        QCOMPARE(wished.size(), 1);
    }

    void showsWhatIsExpectedBeforeAnythingIsTried()
    {
        Stage stage;
        QCOMPARE(stage.rows(),
                 (QStringList{QStringLiteral("Killed While Idle | under 200 ms |  | not tried"),
                              QStringLiteral("Asked to End, Says Goodbye | under 200 ms |  | not tried"),
                              QStringLiteral("Exits without Unlocking | under 200 ms |  | not tried"),
                              QStringLiteral("Terminated from the Server | under 200 ms |  | not tried"),
                              QStringLiteral("Killed While a Statement Runs | about 2.0 s |  | not tried"),
                              QStringLiteral("The Same, Connection Checked | up to 500 ms |  | not tried"),
                              QStringLiteral("Killed While Waiting | at its turn |  | not tried"),
                              QStringLiteral("Waiting, Connection Checked | up to 500 ms |  | not tried"),
                              QStringLiteral("Frozen | never |  | not tried"),
                              QStringLiteral("Connection Returned to a Pool | never |  | not tried"),
                              QStringLiteral("Killed behind a Pooler | never |  | not tried"),
                              QStringLiteral("Cable Cut, Link Quiet | about 5.0 s |  | not tried"),
                              QStringLiteral("Cable Cut, Answer Under Way | over 15 m |  | not tried")}));
    }

    void aSettingChangesTheExpectationOfWhatWasNotTried()
    {
        Stage stage;
        stage.page.setEnding(measured(EndingKind::KilledRunning, 1900ms));
        stage.page.setSettings({.statementLength = 5s, .checkInterval = 250ms, .link = {1s, 1s, 2, 4s}});
        const QStringList rows = stage.rows();
        QCOMPARE(rows.at(4), QStringLiteral("Killed While a Statement Runs | about 2.0 s | 1.9 s | as expected"));
        QCOMPARE(rows.at(5), QStringLiteral("The Same, Connection Checked | up to 250 ms |  | not tried"));
        QCOMPARE(rows.at(11), QStringLiteral("Cable Cut, Link Quiet | about 4.0 s |  | not tried"));
        QCOMPARE(rows.at(12), QStringLiteral("Cable Cut, Answer Under Way | about 9.0 s |  | not tried"));
    }

    void beforeVersion14ThereIsNoCheck()
    {
        LabServer old = sandbox;
        old.versionNumber = 130011;
        Stage stage(old);
        QCOMPARE(stage.rows().at(5), QStringLiteral("The Same, Connection Checked | not here |  | not tried"));
        QVERIFY(!stage.child<QSpinBox>(QStringLiteral("checkIntervalSpin"))->isEnabled());
    }

    void showsWhatWasMeasured()
    {
        Stage stage;
        stage.page.setEnding(measured(EndingKind::KilledIdle, 2400us));
        stage.page.setEnding(measured(EndingKind::TerminatedFromServer, 700ms));
        stage.page.setEnding(stillHeld(EndingKind::KilledWaiting));
        stage.page.setEnding(stillHeld(EndingKind::Frozen));
        stage.page.setEnding(measured(EndingKind::ReturnedToPool, 90ms));
        const QStringList rows = stage.rows();
        QCOMPARE(rows.at(0), QStringLiteral("Killed While Idle | under 200 ms | 2.4 ms | as expected"));
        QCOMPARE(rows.at(3), QStringLiteral("Terminated from the Server | under 200 ms | 700 ms | 500 ms too late"));
        QCOMPARE(rows.at(6), QStringLiteral("Killed While Waiting | at its turn | > 3.0 s | as expected"));
        QCOMPARE(rows.at(8), QStringLiteral("Frozen | never | > 3.0 s | as expected"));
        QCOMPARE(rows.at(9), QStringLiteral("Connection Returned to a Pool | never | 90 ms | too early"));
        QVERIFY(pillOf(measured(EndingKind::KilledIdle, 1ms)).shape == PillShape::Check);
        QVERIFY(pillOf(measured(EndingKind::KilledIdle, 1s)).shape == PillShape::Warning);
    }

    void aRunningStopwatchRuns()
    {
        Stage stage;
        EndingState state{.kind = EndingKind::Frozen, .phase = EndingPhase::Running};
        state.expected = expectedRelease({.kind = state.kind});
        state.endedAt = SteadyTime::clock::now() - 1500ms;
        stage.page.setEnding(state);
        QTRY_VERIFY(stage.rows().at(8).contains(QStringLiteral("| 1.7 s |")));
        QCOMPARE(stage.button("runButton-frozen")->text(), QStringLiteral("Stop"));
    }

    void buttonsTellWhatIsWished()
    {
        Stage stage;
        stage.page.setSettings({.statementLength = 4s});
        QSignalSpy ran(&stage.page, &EndingsPage::runRequested);
        QSignalSpy stopped(&stage.page, &EndingsPage::stopRequested);
        QSignalSpy reset(&stage.page, &EndingsPage::resetRequested);
        QVERIFY(!stage.button("stopAllButton")->isEnabled());
        QVERIFY(!stage.button("resetButton")->isEnabled());
        QTest::mouseClick(stage.button("runAllButton"), Qt::LeftButton);
        QTest::mouseClick(stage.button("runButton-frozen"), Qt::LeftButton);
        QCOMPARE(ran.size(), 2);
        QCOMPARE(ran.at(0).at(0).value<QList<EndingKind>>().size(), static_cast<qsizetype>(allEndingKinds.size()));
        QVERIFY(ran.at(0).at(1).value<EndingSettings>().statementLength == 4s);
        QVERIFY(ran.at(1).at(0).value<QList<EndingKind>>() == QList<EndingKind>{EndingKind::Frozen});
        QVERIFY(stage.page.selected() == EndingKind::Frozen);

        stage.page.setEnding({.kind = EndingKind::Frozen, .phase = EndingPhase::Holding});
        QTest::mouseClick(stage.button("runButton-frozen"), Qt::LeftButton);
        QTest::mouseClick(stage.button("stopAllButton"), Qt::LeftButton);
        QTest::mouseClick(stage.button("resetButton"), Qt::LeftButton);
        QCOMPARE(stopped.size(), 2);
        QVERIFY(stopped.at(1).at(0).value<QList<EndingKind>>() == QList<EndingKind>{EndingKind::Frozen});
        QCOMPARE(reset.size(), 1);
    }

    void whyNothingMayBeStarted_data()
    {
        QTest::addColumn<LabServer>("server");
        LabServer readOnly = sandbox;
        readOnly.problem = QStringLiteral("Read only was asked for.");
        QTest::newRow("read only") << readOnly;
        LabServer pooled = sandbox;
        pooled.behindPooler = true;
        QTest::newRow("pooler") << pooled;
    }
    void whyNothingMayBeStarted()
    {
        QFETCH(const LabServer, server);
        Stage stage(server);
        QVERIFY(!stage.button("runAllButton")->isEnabled());
        QVERIFY(!stage.button("runButton-frozen")->isEnabled());
        QVERIFY(!stage.button("runButton-frozen")->toolTip().isEmpty());
    }

    void explainsTheSelectedWay()
    {
        Stage stage;
        for (const EndingKind kind : allEndingKinds) {
            stage.page.select(kind);
            QCOMPARE(stage.label("endingTitle"), titleOf(kind));
            QCOMPARE(stage.label("endingWhy"), whyOf(kind));
            QCOMPARE(stage.label("endingShortens"), whatShortens(kind));
        }
        EndingState state{.kind = EndingKind::KilledIdle, .phase = EndingPhase::Failed};
        state.error = Error{
            .kind = ErrorKind::Server, .what = QStringLiteral("Refused."), .serverWords = QStringLiteral("<b>%1</b>")};
        stage.page.setEnding(state);
        stage.page.select(EndingKind::KilledIdle);
        QCOMPARE(stage.label("endingRemark"), QStringLiteral("Refused.\n<b>%1</b>"));
    }

    void copiesAndExportsTheTable()
    {
        Stage stage;
        stage.page.setEnding(measured(EndingKind::KilledIdle, 2400us));
        QTest::mouseClick(stage.button("copyTableButton"), Qt::LeftButton);
        QVERIFY(QGuiApplication::clipboard()->text().startsWith(
            QStringLiteral("Way\tExpected\tMeasured\tVerdict\n"
                           "Killed While Idle\tat once: under 200 ms\t2.4 ms\tas expected\n")));
        QSignalSpy exported(&stage.page, &EndingsPage::exportRequested);
        QTest::mouseClick(stage.button("exportTableButton"), Qt::LeftButton);
        auto* const dialog = stage.child<QFileDialog>(QStringLiteral("endingsExportDialog"));
        QVERIFY(dialog);
        const QTemporaryDir directory;
        dialog->selectFile(directory.filePath(QStringLiteral("ways.csv")));
        static_cast<QDialog*>(dialog)->accept();
        QTRY_COMPARE(exported.size(), 1);
        QCOMPARE(exported.first().first().toString(), directory.filePath(QStringLiteral("ways.csv")));
        const QStringList lines = QString::fromUtf8(exported.first().at(1).toByteArray()).split(QStringLiteral("\r\n"));
        QCOMPARE(lines.at(1),
                 QStringLiteral("killed-idle,Killed While Idle,done,at once: under 200 ms,0,200,2.4,2.4,2.4,,2,"
                                "as expected,\"(7, 3)\",4711"));
    }

    void theModelKeepsItsPromises()
    {
        EndingsModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setPlan({.statementLength = 9s}, 150018);
        model.setState(measured(EndingKind::KilledIdle, 2ms));
        model.tick();
        QVERIFY(model.axisEnd() >= 9s);
        model.setState({.kind = EndingKind::KilledIdle});
        QCOMPARE(model.state(0).expected.text, QStringLiteral("at once: under 200 ms"));
    }

    void everyControlHasANameForScreenReaders()
    {
        const Stage stage;
        for (const QPushButton* const button : stage.page.findChildren<QPushButton*>()) {
            QVERIFY(!button->objectName().isEmpty());
            QVERIFY2(!button->accessibleName().isEmpty(), qPrintable(button->objectName()));
        }
        for (const auto* const field : stage.page.findChildren<QAbstractSpinBox*>())
            QVERIFY2(!field->accessibleName().isEmpty(), qPrintable(field->objectName()));
    }
};

QTEST_MAIN(EndingsPageTest)
#include "tst_endingspage.moc"
