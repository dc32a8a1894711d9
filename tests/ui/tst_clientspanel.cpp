#include "models/clienttreemodel.h"
#include "tests/support/suite.h"
#include "tests/ui/offscreen.h"
#include "ui/clientspanel.h"
#include "ui/releaseview.h"

#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

const QStringList allButtons{QStringLiteral("holdButton"),           QStringLiteral("waitButton"),
                             QStringLiteral("clientReleaseButton"),  QStringLiteral("workButton"),
                             QStringLiteral("clientBeginButton"),    QStringLiteral("clientCommitButton"),
                             QStringLiteral("clientRollbackButton"), QStringLiteral("killButton"),
                             QStringLiteral("terminateButton"),      QStringLiteral("terminateFromServerButton"),
                             QStringLiteral("quitClientButton"),     QStringLiteral("freezeButton"),
                             QStringLiteral("thawButton"),           QStringLiteral("removeClientButton")};

ClientState client(quint32 id, const QString& name, ClientPhase phase = ClientPhase::Idle,
                   TransactionPhase transaction = TransactionPhase::None)
{
    ClientState state;
    state.id = ClientId{id};
    state.name = name;
    state.phase = phase;
    state.transaction = transaction;
    state.backendPid = static_cast<qint32>(1400 + id);
    return state;
}

ReleaseTimeline killed()
{
    ReleaseTimeline timeline;
    timeline.backendPid = 1234;
    timeline.keys = {LockKey::bigint(5)};
    timeline.processGone = 1400us;
    timeline.anyoneWaited = true;
    timeline.grain = 5ms;
    return timeline;
}

struct Stage
{
    Stage()
    {
        panel.setConnected(true);
        panel.resize(340, 700);
        panel.show();
    }
    template <typename Widget>
    Widget* child(const char* name) const
    {
        return panel.findChild<Widget*>(QString::fromLatin1(name));
    }
    void click(const char* button) const { QTest::mouseClick(child<QPushButton>(button), Qt::LeftButton); }
    [[nodiscard]] QStringList enabled() const
    {
        QStringList names;
        for (const QString& name : allButtons) {
            if (panel.findChild<QPushButton*>(name)->isEnabled())
                names.append(name.left(name.size() - 6)); // without "Button"
        }
        return names;
    }
    [[nodiscard]] QStringList release() const { return child<ReleaseView>("releaseView")->lines(); }

    ClientTreeModel model;
    ClientsPanel panel{&model};
};

template <typename T>
T argument(const QSignalSpy& spy, int position)
{
    return spy.isEmpty() ? T{} : spy.last().at(position).value<T>();
}

} // namespace

class ClientsPanelTest final : public lockscope::test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { lockscope::test::muteSizeHintsOfOffscreen(); }
    void everyControlHasNameTooltipAndAccessibleName();
    void startsClientsWithSuggestedNames();
    void tellsAClientWhatToDo();
    void endsAClient_data();
    void endsAClient();
    void freezesAndContinues();
    void enablesWhatThePhaseAllows_data();
    void enablesWhatThePhaseAllows();
    void readOnlyStillEndsClients();
    void theStopwatchRunsWhileSomethingIsAwaited();
    void theStopwatchShowsMeasuredTimes();
    void theStopwatchSaysWhatWasNotSeen();
    void theLastEndingStaysInSight();
    void theStopwatchComesIntoSightInALowDock();
    void hostileNamesStayLiteral();
    void fitsANarrowDock();
};

void ClientsPanelTest::everyControlHasNameTooltipAndAccessibleName()
{
    Stage stage;
    stage.model.setState(client(1, QStringLiteral("pod-a")));
    QStringList names = allButtons;
    names += {QStringLiteral("clientNameEdit"),   QStringLiteral("startClientButton"), QStringLiteral("clientTree"),
              QStringLiteral("clientKeyEdit"),    QStringLiteral("clientKeyFormBox"),  QStringLiteral("clientHashBox"),
              QStringLiteral("clientKeyMessage"), QStringLiteral("clientShareBox"),    QStringLiteral("clientLevelBox"),
              QStringLiteral("workSpin"),         QStringLiteral("releaseView")};
    for (const QString& name : std::as_const(names)) {
        const auto found = stage.panel.findChildren<QWidget*>(name);
        QVERIFY2(found.size() == 1, qPrintable(name));
        QVERIFY2(!found.first()->accessibleName().isEmpty(), qPrintable(name));
    }
    for (const QString& name : allButtons)
        QVERIFY2(!stage.panel.findChild<QWidget*>(name)->toolTip().isEmpty(), qPrintable(name));
}

void ClientsPanelTest::startsClientsWithSuggestedNames()
{
    Stage stage;
    const QSignalSpy asked(&stage.panel, &ClientsPanel::startRequested);
    stage.click("startClientButton");
    QCOMPARE(asked.last().first().toString(), QStringLiteral("pod-a"));
    stage.model.setState(client(1, QStringLiteral("pod-a")));
    QCOMPARE(stage.child<QLineEdit>("clientNameEdit")->text(), QStringLiteral("pod-b"));
    stage.panel.startClient();
    QCOMPARE(asked.last().first().toString(), QStringLiteral("pod-b"));
    stage.panel.setConnected(false);
    stage.panel.startClient();
    QCOMPARE(asked.size(), 2);
}

void ClientsPanelTest::tellsAClientWhatToDo()
{
    Stage stage;
    stage.model.setState(client(3, QStringLiteral("pod-c")));
    QTest::keyClicks(stage.child<QLineEdit>("clientKeyEdit"), QStringLiteral("5"));
    const QSignalSpy holds(&stage.panel, &ClientsPanel::holdRequested);
    stage.click("holdButton");
    QCOMPARE(argument<ClientId>(holds, 0), ClientId{3});
    QVERIFY(argument<KeyInput>(holds, 1) == KeyInput(LockKey::bigint(5)));
    QCOMPARE(argument<LockRequest>(holds, 2).wait, WaitPolicy::Try);
    stage.click("waitButton");
    QCOMPARE(argument<LockRequest>(holds, 2).wait, WaitPolicy::Block);

    const QSignalSpy releases(&stage.panel, &ClientsPanel::releaseRequested);
    stage.click("clientReleaseButton");
    QVERIFY(argument<KeyInput>(releases, 1) == KeyInput(LockKey::bigint(5)));

    const QSignalSpy works(&stage.panel, &ClientsPanel::workRequested);
    stage.child<QSpinBox>("workSpin")->setValue(7);
    stage.click("workButton");
    QCOMPARE(argument<std::chrono::milliseconds>(works, 1), std::chrono::milliseconds(7000));

    const QSignalSpy begins(&stage.panel, &ClientsPanel::beginRequested);
    stage.click("clientBeginButton");
    QCOMPARE(begins.size(), 1);
    stage.model.setState(client(3, QStringLiteral("pod-c"), ClientPhase::Idle, TransactionPhase::Open));
    const QSignalSpy commits(&stage.panel, &ClientsPanel::commitRequested);
    const QSignalSpy rollbacks(&stage.panel, &ClientsPanel::rollbackRequested);
    stage.click("clientCommitButton");
    stage.click("clientRollbackButton");
    QCOMPARE(argument<ClientId>(commits, 0), ClientId{3});
    QCOMPARE(argument<ClientId>(rollbacks, 0), ClientId{3});
}

void ClientsPanelTest::endsAClient_data()
{
    QTest::addColumn<QString>("button");
    QTest::addColumn<ClientEnding>("ending");
    QTest::newRow("kill") << QStringLiteral("killButton") << ClientEnding::Kill;
    QTest::newRow("ask") << QStringLiteral("terminateButton") << ClientEnding::Terminate;
    QTest::newRow("server") << QStringLiteral("terminateFromServerButton") << ClientEnding::FromServer;
    QTest::newRow("quit") << QStringLiteral("quitClientButton") << ClientEnding::Quit;
}

void ClientsPanelTest::endsAClient()
{
    QFETCH(const QString, button);
    QFETCH(const ClientEnding, ending);
    Stage stage;
    stage.model.setState(client(3, QStringLiteral("pod-c")));
    const QSignalSpy ends(&stage.panel, &ClientsPanel::endRequested);
    QTest::mouseClick(stage.panel.findChild<QPushButton*>(button), Qt::LeftButton);
    QCOMPARE(ends.size(), 1);
    QCOMPARE(argument<ClientId>(ends, 0), ClientId{3});
    QCOMPARE(argument<ClientEnding>(ends, 1), ending);
}

void ClientsPanelTest::freezesAndContinues()
{
    Stage stage;
    stage.model.setState(client(3, QStringLiteral("pod-c")));
    const QSignalSpy freezes(&stage.panel, &ClientsPanel::freezeRequested);
    const QSignalSpy thaws(&stage.panel, &ClientsPanel::thawRequested);
    QVERIFY(!stage.child<QPushButton>("thawButton")->isVisible());
    stage.click("freezeButton");
    QCOMPARE(freezes.size(), 1);
    stage.model.setState(client(3, QStringLiteral("pod-c"), ClientPhase::Frozen));
    QVERIFY(!stage.child<QPushButton>("freezeButton")->isVisible());
    stage.click("thawButton");
    QCOMPARE(thaws.size(), 1);
}

void ClientsPanelTest::enablesWhatThePhaseAllows_data()
{
    QTest::addColumn<ClientPhase>("phase");
    QTest::addColumn<QString>("expected");
    const QString endings = QStringLiteral("kill terminate terminateFromServer");
    QTest::newRow("starting") << ClientPhase::Starting << endings + QStringLiteral(" freeze");
    QTest::newRow("idle") << ClientPhase::Idle
                          << QStringLiteral("hold wait clientRelease work clientBegin ") + endings +
                                 QStringLiteral(" quitClient freeze");
    QTest::newRow("waiting") << ClientPhase::Waiting << endings + QStringLiteral(" freeze");
    QTest::newRow("working") << ClientPhase::Working << endings + QStringLiteral(" freeze");
    QTest::newRow("frozen") << ClientPhase::Frozen << QStringLiteral("kill terminateFromServer thaw");
    QTest::newRow("ended") << ClientPhase::Ended << QStringLiteral("removeClient");
}

void ClientsPanelTest::enablesWhatThePhaseAllows()
{
    QFETCH(const ClientPhase, phase);
    QFETCH(const QString, expected);
    Stage stage;
    QTest::keyClicks(stage.child<QLineEdit>("clientKeyEdit"), QStringLiteral("5"));
    QCOMPARE(stage.enabled(), QStringList());
    stage.model.setState(client(1, QStringLiteral("pod-a"), phase));
    QCOMPARE(stage.enabled().join(QLatin1Char(' ')), expected);
}

void ClientsPanelTest::readOnlyStillEndsClients()
{
    Stage stage;
    QTest::keyClicks(stage.child<QLineEdit>("clientKeyEdit"), QStringLiteral("5"));
    stage.model.setState(client(1, QStringLiteral("pod-a")));
    stage.panel.setReadOnlyReason(QStringLiteral("This console is read-only."));
    QCOMPARE(stage.enabled().join(QLatin1Char(' ')),
             QStringLiteral("kill terminate terminateFromServer quitClient freeze"));
    QVERIFY(!stage.child<QPushButton>("startClientButton")->isEnabled());
}

void ClientsPanelTest::theStopwatchRunsWhileSomethingIsAwaited()
{
    Stage stage;
    ClientState ended = client(1, QStringLiteral("pod-a"), ClientPhase::Ended);
    ended.release = killed();
    stage.model.setState(ended);
    const QStringList first = stage.release();
    QCOMPARE(first.at(0), QStringLiteral("pod-a was killed (SIGKILL)"));
    QCOMPARE(first.at(2),
             QStringLiteral("Process gone: ") + formatDuration(1400us) + QStringLiteral(" ±") + formatDuration(5ms));
    QVERIFY2(first.at(3).startsWith(QStringLiteral("Backend 1234 gone: waiting, ")), qPrintable(first.at(3)));
    QCOMPARE(first.at(4), QStringLiteral("Key 5 free: waiting"));
    QTRY_VERIFY(stage.release().at(3) != first.at(3));
    const auto* timer = stage.child<ReleaseView>("releaseView")->findChild<QTimer*>(QStringLiteral("releaseTimer"));
    QVERIFY(timer->isActive());
    ended.release->finished = true;
    stage.model.setState(ended);
    QVERIFY(!timer->isActive());
}

void ClientsPanelTest::theStopwatchShowsMeasuredTimes()
{
    ReleaseTimeline timeline = killed();
    timeline.backendGone = 12'800us;
    timeline.keysFree = 12'900us;
    timeline.nextGranted = 13'200us;
    timeline.nextPid = 1240;
    timeline.nextApplicationName = QStringLiteral("pod-b");
    timeline.grain = 0us;
    timeline.finished = true;
    ReleaseView view;
    view.setRelease(QStringLiteral("pod-a"), timeline);
    QCOMPARE(view.lines(), QStringList({QStringLiteral("pod-a was killed (SIGKILL)"),
                                        QStringLiteral("Signal sent: ") + formatDuration(0us),
                                        QStringLiteral("Process gone: ") + formatDuration(1400us),
                                        QStringLiteral("Backend 1234 gone: ") + formatDuration(12'800us),
                                        QStringLiteral("Key 5 free: ") + formatDuration(12'900us),
                                        QStringLiteral("Granted to 1240 pod-b: ") + formatDuration(13'200us)}));
    QCOMPARE(view.accessibleDescription(), view.lines().join(QLatin1Char('\n')));
}

void ClientsPanelTest::theStopwatchSaysWhatWasNotSeen()
{
    ReleaseTimeline timeline = killed();
    timeline.finished = true;
    timeline.anyoneWaited = false;
    timeline.error = Error{.what = QStringLiteral("The watch lost its connection.")};
    ReleaseView view;
    view.setRelease(QStringLiteral("pod-a"), timeline);
    QCOMPARE(view.lines().at(3), QStringLiteral("Backend 1234 gone: not seen"));
    QCOMPARE(view.lines().last(), QStringLiteral("The watch failed: The watch lost its connection."));
    view.clear();
    QCOMPARE(view.lines().size(), 1);
}

void ClientsPanelTest::theLastEndingStaysInSight()
{
    Stage stage;
    ClientState ended = client(1, QStringLiteral("pod-a"), ClientPhase::Ended);
    ended.release = killed();
    stage.model.setState(ended);
    stage.model.setState(client(2, QStringLiteral("pod-b")));
    stage.panel.select(ClientId{2});
    QVERIFY(stage.release().first().startsWith(QStringLiteral("pod-a")));
    ClientState other = client(2, QStringLiteral("pod-b"), ClientPhase::Ended);
    other.release = killed();
    other.release->ending = ClientEnding::Quit;
    stage.model.setState(other);
    QCOMPARE(stage.release().first(), QStringLiteral("pod-b quit without unlocking"));
    stage.panel.select(ClientId{1});
    QCOMPARE(stage.release().first(), QStringLiteral("pod-a was killed (SIGKILL)"));
}

void ClientsPanelTest::theStopwatchComesIntoSightInALowDock()
{
    Stage stage;
    stage.panel.resize(340, 300);
    ClientState client1 = client(1, QStringLiteral("pod-a"));
    stage.model.setState(client1);
    const auto* view = stage.child<ReleaseView>("releaseView");
    QTRY_VERIFY(view->visibleRegion().isEmpty());
    client1.phase = ClientPhase::Ended;
    client1.release = killed();
    stage.model.setState(client1);
    QTRY_VERIFY(view->visibleRegion().boundingRect().height() > view->height() / 2);
}

void ClientsPanelTest::hostileNamesStayLiteral()
{
    ReleaseTimeline timeline = killed();
    timeline.nextPid = 1240;
    timeline.nextApplicationName = QStringLiteral("<b>%1\n");
    timeline.nextGranted = 1us;
    ReleaseView view;
    view.setRelease(QStringLiteral("%2<i>"), timeline);
    QCOMPARE(view.lines().first(), QStringLiteral("%2<i> was killed (SIGKILL)"));
    QVERIFY(view.lines().at(5).startsWith(QStringLiteral("Granted to 1240 <b>%1") + QChar(0x2424)));
}

void ClientsPanelTest::fitsANarrowDock()
{
    const Stage stage;
    QVERIFY2(stage.panel.minimumSizeHint().width() <= 340,
             qPrintable(QString::number(stage.panel.minimumSizeHint().width())));
    QVERIFY(stage.panel.minimumSizeHint().height() <= 200);
}

QTEST_MAIN(ClientsPanelTest)
#include "tst_clientspanel.moc"
