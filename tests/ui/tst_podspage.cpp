#include "models/podrequestmodel.h"
#include "models/podwritemodel.h"
#include "tests/support/hostiletexts.h"
#include "tests/support/shownwidgets.h"
#include "tests/support/suite.h"
#include "tests/ui/offscreen.h"
#include "ui/lab/podspage.h"
#include "ui/lab/podspicture.h"
#include "ui/lab/podsserverbar.h"
#include "ui/theme.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

constexpr LockKey five = LockKey::bigint(5);

LabServer sandbox()
{
    LabServer server;
    server.connected = true;
    server.sandbox = true;
    server.title = QStringLiteral("Sandbox");
    server.versionNumber = 150018;
    return server;
}

PodState pod(const QString& name, qint32 firstPid, const QList<LockKey>& map = {})
{
    PodState state;
    state.name = name;
    state.phase = PodPhase::Running;
    state.processId = firstPid + 20000;
    for (int number = 0; number < 2; ++number) {
        const bool holds = number < map.size();
        state.connections.append(
            {.backendPid = firstPid + number,
             .backendStart = {},
             .key = holds ? std::optional(map.at(number)) : std::nullopt,
             .doing = holds ? QStringLiteral("syncs %1").arg(map.at(number).toString()) : QStringLiteral("free")});
    }
    state.map = map;
    return state;
}

PodAnswer answer(const QString& name, int code, const QString& words, std::optional<qint64> token = {})
{
    return {.request = 1,
            .pod = name,
            .key = five,
            .code = code,
            .words = words,
            .refusedByMap = false,
            .token = token,
            .elapsed = code == 202 ? 800us : 1200us};
}

PodRequest request(quint64 number, const QString& name, std::optional<PodAnswer> first, std::optional<PodAnswer> last)
{
    PodRequest result;
    result.number = number;
    result.pod = name;
    result.key = five;
    result.work = 3s;
    result.first = std::move(first);
    result.last = std::move(last);
    return result;
}

const QString podA = QStringLiteral("pod-a");
const QString podB = QStringLiteral("pod-b");
const QString podC = QStringLiteral("pod-c");

/// pod-a is frozen and believes; its session was terminated, and pod-b holds the key.
PodsLabState frozenHolder()
{
    PodsLabState state;
    state.pods = {pod(podA, 1301, {five}), pod(podB, 1310, {five}), pod(podC, 1320)};
    state.pods[0].phase = PodPhase::Frozen;
    state.holdersKnown = true;
    state.holders = {{.key = five, .pid = 1310, .pod = podB, .applicationName = QStringLiteral("pod-b")}};
    state.misbeliefs = {{.pod = podA, .key = five, .holder = state.holders.first()}};
    state.requests = {
        request(1, podA, answer(podA, 202, QStringLiteral("accepted"), 812), std::nullopt),
        request(2, podC, answer(podC, 409, QStringLiteral("held by another session: pod-a, pid 1301")), std::nullopt),
        request(3, podB, answer(podB, 202, QStringLiteral("accepted"), 815), std::nullopt),
    };
    state.writes = {{.pod = podB, .key = five, .token = 810}};
    state.counts = {.accepted = 2, .done = 0, .refused = 1, .exhausted = 0, .lost = 0, .dropped = 0};
    state.handOver = PodHandOver{.from = podA,
                                 .ending = ClientEnding::FromServer,
                                 .key = five,
                                 .keyFree = 6800us,
                                 .grain = 3100us,
                                 .accepted = 51ms,
                                 .to = podB};
    return state;
}

struct Stage
{
    Stage()
    {
        page.resize(900, 560);
        page.show();
    }
    template <typename Widget>
    Widget* child(const QString& name) const
    {
        return page.findChild<Widget*>(name);
    }
    [[nodiscard]] QString lines(const QString& podName) const
    {
        const auto* const card = page.findChild<QWidget*>(podName + QStringLiteral("Card"));
        return card == nullptr ? QStringLiteral("no card")
                               : card->findChild<PodsPicture*>()->lines().join(QStringLiteral(" | "));
    }
    [[nodiscard]] QString bar() const { return page.findChild<PodsServerBar*>()->lines().join(QStringLiteral(" | ")); }
    PodsPage page;
};

} // namespace

/// The page of the pods: what it says, and what it asks for.
class PodsPageTest final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::muteSizeHintsOfOffscreen();
        test::muteFontsAndMenusOfOffscreen();
        qRegisterMetaType<LockKey>();
        qRegisterMetaType<std::chrono::milliseconds>();
        qRegisterMetaType<ClientEnding>();
        qRegisterMetaType<std::optional<PodLoad>>();
        theme::apply(*qobject_cast<QApplication*>(QCoreApplication::instance()), ColorScheme::Light, false);
    }

    void withoutAServerItSaysWhatToDo()
    {
        Stage stage;
        auto* const button = stage.child<QPushButton>(QStringLiteral("podsSandboxButton"));
        QVERIFY(button->isVisible());
        QSignalSpy asked(&stage.page, &PodsPage::sandboxRequested);
        button->click();
        QCOMPARE(asked.size(), 1);
        QVERIFY(!stage.child<QPushButton>(QStringLiteral("podsStartButton"))->isVisible());
    }

    void startsThreePodsFromTheEmptyPage()
    {
        Stage stage;
        stage.page.setServer(sandbox());
        QSignalSpy asked(&stage.page, &PodsPage::podsRequested);
        stage.child<QPushButton>(QStringLiteral("podsStartButton"))->click();
        QCOMPARE(asked.size(), 1);
        QCOMPARE(asked.first().at(0).toInt(), 3);
        QCOMPARE(asked.first().at(1).toInt(), 2);
    }

    void whatMayNotBeStartedIsDisabledWithItsReason()
    {
        Stage stage;
        LabServer server = sandbox();
        server.problem = QStringLiteral("Lockscope was started read-only.");
        stage.page.setServer(server);
        QVERIFY(!stage.child<QPushButton>(QStringLiteral("podsStartButton"))->isEnabled());
        stage.page.setState(frozenHolder());
        QCOMPARE(stage.child<QLabel>(QStringLiteral("podsProblem"))->text(), server.problem);
        for (const char* name :
             {"pod-bSyncButton", "pod-bTwiceButton", "pod-bRestartButton", "podsAddButton", "podsLoadButton"})
            QVERIFY2(!stage.child<QPushButton>(QLatin1String(name))->isEnabled(), name);
        // What runs can still be ended.
        QVERIFY(stage.child<QPushButton>(QStringLiteral("pod-bCrashButton"))->isEnabled());
        QVERIFY(stage.child<QPushButton>(QStringLiteral("podsEndAllButton"))->isEnabled());
    }

    void showsWhatEachPodBelievesAndWhatTheServerSays()
    {
        Stage stage;
        stage.page.setServer(sandbox());
        stage.page.setState(frozenHolder());
        QCOMPARE(stage.lines(podA), QStringLiteral("pod-a, frozen | 1301 syncs 5 | 1302 free | Map: {5}"));
        QCOMPARE(stage.lines(podB), QStringLiteral("pod-b, running | 1310 syncs 5 | 1311 free | Map: {5}"));
        QCOMPARE(stage.lines(podC), QStringLiteral("pod-c, running | 1320 free | 1321 free | Map: {}"));
        QCOMPARE(stage.bar(), QStringLiteral("key 5: pod-b, pid 1310"));
        auto* const sentence = stage.child<QLabel>(QStringLiteral("podsMisbeliefs"));
        QVERIFY(sentence->isVisible());
        QCOMPARE(sentence->text(), QStringLiteral("pod-a believes it holds key 5; the server gave it to pod-b."));
        QCOMPARE(stage.child<QLabel>(QStringLiteral("podsHandOverTime"))->text(), QStringLiteral("51 ms"));

        PodsLabState state = frozenHolder();
        state.misbeliefs.clear();
        state.holders.clear();
        stage.page.setState(state);
        QCOMPARE(sentence->text(), QStringLiteral("What the pods believe is what the server says."));
        QCOMPARE(stage.bar(), QStringLiteral("Nobody holds a key."));
        state.holdersKnown = false;
        stage.page.setState(state);
        QCOMPARE(stage.bar(), QStringLiteral("Nobody has asked for a key yet."));
    }

    void strangersAndTroubleAreNamedInTheBar()
    {
        Stage stage;
        stage.page.setServer(sandbox());
        PodsLabState state = frozenHolder();
        state.holders = {{.key = five, .pid = 99, .pod = {}, .applicationName = QStringLiteral("<b>x</b>\n")},
                         {.key = LockKey::pair(-1, 2), .pid = 0, .pod = {}, .applicationName = {}}};
        stage.page.setState(state);
        QCOMPARE(stage.bar(), QStringLiteral("key 5: <b>x</b>\u2424, pid 99 | key (-1, 2): a prepared transaction"));
        state.problem = Error{.kind = ErrorKind::Connection, .what = QStringLiteral("The link broke.")};
        stage.page.setState(state);
        QCOMPARE(stage.bar(), QStringLiteral("PostgreSQL could not be asked: The link broke."));
    }

    void textsOfStrangersStayPlain_data() { test::addHostileRows(); }
    void textsOfStrangersStayPlain()
    {
        QFETCH(const QString, payload);
        Stage stage;
        stage.page.setServer(sandbox());
        PodsLabState state = frozenHolder();
        state.holders = {{.key = five, .pid = 99, .pod = {}, .applicationName = payload}};
        state.misbeliefs = {{.pod = podA, .key = five, .holder = state.holders.first()}};
        state.requests[1].first->words = payload;
        state.pods[2].ending =
            Error{.kind = ErrorKind::Server, .what = QStringLiteral("Ended."), .serverWords = payload};
        stage.page.setState(state);
        stage.page.showAnswer(*state.requests.at(1).first);
        const test::ShownWidgets shown(stage.page);
        QVERIFY2(shown.troubles().isEmpty(), qPrintable(shown.troubles()));
        QVERIFY(!stage.page.grab().isNull());
    }

    void buttonsAskForWhatTheySay()
    {
        Stage stage;
        stage.page.setServer(sandbox());
        stage.page.setState(frozenHolder());
        QSignalSpy sync(&stage.page, &PodsPage::syncRequested);
        stage.child<QLineEdit>(QStringLiteral("podsKeyEdit"))->setText(QStringLiteral("-5, 7"));
        stage.child<QPushButton>(QStringLiteral("pod-bSyncButton"))->click();
        stage.child<QPushButton>(QStringLiteral("pod-bTwiceButton"))->click();
        QCOMPARE(sync.size(), 2);
        QCOMPARE(sync.at(0).at(0).toString(), podB);
        QCOMPARE(sync.at(0).at(1).value<LockKey>(), LockKey::pair(-5, 7));
        QCOMPARE(sync.at(0).at(2).value<std::chrono::milliseconds>(), 3000ms);
        QCOMPARE(sync.at(0).at(3).toInt(), 1);
        QCOMPARE(sync.at(1).at(3).toInt(), 2);

        QSignalSpy ended(&stage.page, &PodsPage::endRequested);
        stage.child<QPushButton>(QStringLiteral("pod-bCrashButton"))->click();
        stage.child<QPushButton>(QStringLiteral("pod-aTerminateButton"))->click();
        QCOMPARE(ended.size(), 2);
        QVERIFY(ended.at(0).at(1).value<ClientEnding>() == ClientEnding::Kill);
        QCOMPARE(ended.at(1).at(0).toString(), podA);
        QVERIFY(ended.at(1).at(1).value<ClientEnding>() == ClientEnding::FromServer);

        QSignalSpy freeze(&stage.page, &PodsPage::freezeRequested);
        QSignalSpy thaw(&stage.page, &PodsPage::thawRequested);
        stage.child<QPushButton>(QStringLiteral("pod-bFreezeButton"))->click();
        auto* const frozen = stage.child<QPushButton>(QStringLiteral("pod-aFreezeButton"));
        QCOMPARE(frozen->text(), QStringLiteral("Thaw"));
        frozen->click();
        QCOMPARE(freeze.first().at(0).toString(), podB);
        QCOMPARE(thaw.first().at(0).toString(), podA);

        QSignalSpy fencing(&stage.page, &PodsPage::fencingToggled);
        QSignalSpy retries(&stage.page, &PodsPage::retriesToggled);
        stage.child<QCheckBox>(QStringLiteral("podsFencingCheck"))->click();
        stage.child<QCheckBox>(QStringLiteral("podsRetriesCheck"))->click();
        QCOMPARE(fencing.size(), 1);
        QCOMPARE(retries.size(), 1);
    }

    void withoutAKeyNothingIsAsked()
    {
        Stage stage;
        stage.page.setServer(sandbox());
        stage.page.setState(frozenHolder());
        stage.child<QLineEdit>(QStringLiteral("podsKeyEdit"))->setText(QStringLiteral("9223372036854775808"));
        QVERIFY(!stage.child<QPushButton>(QStringLiteral("pod-bSyncButton"))->isEnabled());
        QVERIFY(!stage.child<QPushButton>(QStringLiteral("podsLoadButton"))->isEnabled());
        QVERIFY(stage.child<QLabel>(QStringLiteral("podsMessage"))->isVisible());
        QVERIFY(!stage.child<QLabel>(QStringLiteral("podsMessage"))->text().isEmpty());
        stage.child<QLineEdit>(QStringLiteral("podsKeyEdit"))->setText(QStringLiteral("6"));
        QVERIFY(stage.child<QPushButton>(QStringLiteral("pod-bSyncButton"))->isEnabled());
        QVERIFY(!stage.child<QLabel>(QStringLiteral("podsMessage"))->isVisible());
    }

    void startsAndStopsTheLoad()
    {
        Stage stage;
        stage.page.setServer(sandbox());
        PodsLabState state = frozenHolder();
        stage.page.setState(state);
        QSignalSpy asked(&stage.page, &PodsPage::loadRequested);
        auto* const button = stage.child<QPushButton>(QStringLiteral("podsLoadButton"));
        button->click();
        QCOMPARE(asked.size(), 1);
        const auto load = asked.first().first().value<std::optional<PodLoad>>();
        QVERIFY(load);
        QCOMPARE(load->firstKey, LockKey::bigint(8)); // the page's own, until another one is typed
        QCOMPARE(load->requestsPerSecond, 2.0);
        state.load = load;
        stage.page.setState(state);
        QCOMPARE(button->text(), QStringLiteral("Stop Requests"));
        button->click();
        QVERIFY(!asked.last().first().value<std::optional<PodLoad>>());
    }

    void answersComeBackToTheirPod()
    {
        Stage stage;
        stage.page.setServer(sandbox());
        stage.page.setState(frozenHolder());
        stage.page.showRequest(request(4, podC, std::nullopt, std::nullopt));
        stage.page.showAnswer(answer(podC, 202, QStringLiteral("accepted"), 816));
        stage.page.showAnswer(answer(podC, 409, QStringLiteral("this pod syncs it already")));
        QCOMPARE(stage.lines(podC), QStringLiteral("pod-c, running | 1320 free | 1321 free | Map: {} | 202 accepted | "
                                                   "409 refused | this pod syncs it already"));
        PodsLabState state = frozenHolder();
        state.requests.clear();
        stage.page.setState(state);
        QCOMPARE(stage.lines(podC), QStringLiteral("pod-c, running | 1320 free | 1321 free | Map: {}"));
    }

    void podsComeAndGoWithoutDisturbingTheOthers()
    {
        Stage stage;
        stage.page.setServer(sandbox());
        PodsLabState state = frozenHolder();
        stage.page.setState(state);
        const auto* const before = stage.child<QWidget>(QStringLiteral("pod-cCard"));
        state.pods.removeAt(1);
        stage.page.setState(state);
        QCOMPARE(stage.child<QWidget>(QStringLiteral("pod-cCard")), before);
        for (char letter = 'd'; letter <= 'h'; ++letter)
            state.pods.append(pod(QStringLiteral("pod-") + QLatin1Char(letter), 1400));
        stage.page.setState(state);
        QVERIFY(stage.child<QWidget>(QStringLiteral("pod-hCard")) != nullptr);
        state.pods.clear();
        stage.page.setState(state);
        QVERIFY(stage.child<QPushButton>(QStringLiteral("podsStartButton"))->isVisible());
    }

    void theLogIsCopiedAsText()
    {
        Stage stage;
        stage.page.setServer(sandbox());
        stage.page.setState(frozenHolder());
        stage.child<QPushButton>(QStringLiteral("podsCopyButton"))->click();
        const QStringList lines = QApplication::clipboard()->text().split(QLatin1Char('\n'));
        QCOMPARE(lines.size(), 5);
        QCOMPARE(lines.at(2).section(QLatin1Char('\t'), 1),
                 QStringLiteral("pod-c\t5\t409\theld by another session: pod-a, pid 1301\t\t1.2 ms"));
    }

    void requestsKeepTheirRowsWhileTheListMovesOn()
    {
        PodRequestModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QList<PodRequest> requests;
        for (quint64 number = 1; number <= 5; ++number)
            requests.append(request(number, podA, std::nullopt, std::nullopt));
        model.setRequests(requests);
        const QPersistentModelIndex third(model.index(2, PodRequestModel::AnswerColumn));
        requests.removeFirst();
        requests.append(request(6, podB, std::nullopt, std::nullopt));
        requests[1].first = answer(podA, 202, QStringLiteral("accepted"), 7);
        model.setRequests(requests);
        QCOMPARE(third.row(), 1);
        QCOMPARE(third.data().toString(), QStringLiteral("202"));
        QCOMPARE(model.rowCount(), 5);
        model.setRequests({});
        QCOMPARE(model.rowCount(), 0);
        QVERIFY(!third.isValid());
    }

    void theResourceSaysWhatItMadeOfEachWrite()
    {
        PodWriteModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QList<PodWrite> writes{
            {.pod = podA, .key = five, .token = 5},
            {.pod = podA, .key = five, .token = 3, .newest = 5, .accepted = true, .stale = true},
            {.pod = podA, .key = five, .token = 4, .newest = 5, .accepted = false, .stale = true},
            {.pod = podA, .key = five, .token = 0, .newest = 5, .accepted = false},
        };
        model.setWrites(writes);
        writes.append({.pod = podB, .key = five, .token = 6, .newest = 5});
        model.setWrites(writes);
        writes.last().late = true;
        model.setWrites(writes);
        QStringList verdicts;
        for (int row = 0; row < model.rowCount(); ++row)
            verdicts.append(model.index(row, PodWriteModel::VerdictColumn).data().toString());
        QCOMPARE(verdicts.join(QStringLiteral(" | ")),
                 QStringLiteral("accepted | accepted, and overwrote newer work: token 3 after 5 | refused: token 4 is "
                                "older than 5 | refused: it came without a token | accepted, though the pod no longer "
                                "held the lock"));
        QVERIFY(model.index(1, 0).data(PodWriteModel::DamageRole).toBool());
        QVERIFY(!model.index(2, 0).data(PodWriteModel::DamageRole).toBool());
        model.setWrites({});
        QCOMPARE(model.rowCount(), 0);
    }

    void keysOfALoadCountOnAndNeverOverflow()
    {
        QCOMPARE(keyAt(PodLoad{.firstKey = five}, 2), LockKey::bigint(7));
        QCOMPARE(keyAt(PodLoad{.firstKey = LockKey::pair(-1, 2147483647)}, 1), LockKey::pair(-1, -2147483647 - 1));
        QCOMPARE(keyAt(PodLoad{.firstKey = LockKey::bigint(std::numeric_limits<qint64>::max())}, 1),
                 LockKey::bigint(std::numeric_limits<qint64>::min()));
    }
};

QTEST_MAIN(PodsPageTest)
#include "tst_podspage.moc"
