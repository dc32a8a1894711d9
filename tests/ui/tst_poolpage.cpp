#include "tests/support/shownwidgets.h"
#include "tests/support/suite.h"
#include "tests/ui/offscreen.h"
#include "tests/ui/poolbench.h"
#include "ui/lab/poolcalltable.h"
#include "ui/theme.h"

#include <QApplication>
#include <QLineEdit>
#include <QSpinBox>

using namespace lockscope;
using namespace lockscope::test;

/// The pool page: wishes out, what happened and why in words.
class TestPoolPage : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::muteSizeHintsOfOffscreen();
        test::muteFontsAndMenusOfOffscreen();
        theme::apply(*qApp, ColorScheme::Light, false);
    }

    void saysWhatToDoWhileNotConnected();
    void disablesOpeningWithTheReason();
    void opensThePoolThatIsSetUp();
    void offersThePoolerOnlyWhereOneCanBeStarted();
    void carriesThePoolerThatIsChosen();
    void offersRequestsOnlyToAnOpenPool();
    void numbersItsRequests();
    void sendsTwoRequestsAtOnce();
    void refusesTextsAsKeys();
    void runsRequestsOneAfterTheOther();
    void stopsARunWhenThePoolEnds();
    void explainsEachCall_data();
    void explainsEachCall();
    void explainsTheSecondTakeOfOneKey();
    void saysWhereTheKeyStays();
    void showsTheWarningWordForWord();
    void showsTheStatementsAsSent();
    void saysThatAPoolOfOneHidesTheBug();
    void showsErrors();
    void forgetsEverythingOnReset();
};

void TestPoolPage::saysWhatToDoWhileNotConnected()
{
    PoolBench bench;
    QVERIFY(!bench.isEmptyShown());
    bench.page.setServer({});
    QVERIFY(bench.isEmptyShown());
    const QSignalSpy spy(&bench.page, &PoolPage::sandboxRequested);
    bench.button("poolSandboxButton")->click();
    QCOMPARE(spy.count(), 1);
}

void TestPoolPage::disablesOpeningWithTheReason()
{
    PoolBench bench;
    QVERIFY(bench.button("poolOpenButton")->isEnabled());
    LabServer server = sandbox();
    server.problem = QStringLiteral("The console was started with --read-only.");
    bench.page.setServer(server);
    QVERIFY(!bench.button("poolOpenButton")->isEnabled());
    QCOMPARE(bench.child<QLabel>("poolOpenRemark")->text(), server.problem);
    QVERIFY(bench.child<QLabel>("poolOpenRemark")->isVisible());
    QVERIFY(!bench.button("poolMeasureButton")->isEnabled());
}

void TestPoolPage::opensThePoolThatIsSetUp()
{
    PoolBench bench;
    const QSignalSpy spy(&bench.page, &PoolPage::openRequested);
    bench.child<QSpinBox>("poolSizeBox")->setValue(7);
    bench.choose("poolOrderBox", 3);
    bench.choose("poolFormBox", 2);
    bench.button("poolOpenButton")->click();
    QCOMPARE(spy.count(), 1);
    const auto spec = spy.at(0).at(0).value<PoolSpec>();
    QCOMPARE(spec.size, 7);
    QCOMPARE(word(spec.order), QStringLiteral("lifo"));
    QCOMPARE(word(spec.form), QStringLiteral("dedicated-without-finally"));
    QVERIFY(!spy.at(0).at(1).value<std::optional<PoolerSpec>>());

    bench.page.setState(readyPool(7));
    QVERIFY(!bench.button("poolOpenButton")->isEnabled());
    QVERIFY(!bench.child<QSpinBox>("poolSizeBox")->isEnabled());
    const QSignalSpy closed(&bench.page, &PoolPage::closeRequested);
    bench.button("poolCloseButton")->click();
    QCOMPARE(closed.count(), 1);
    PoolState state = readyPool(7);
    state.phase = PoolState::Phase::Closed;
    bench.page.setState(state);
    QVERIFY(bench.button("poolOpenButton")->isEnabled());
    QVERIFY(!bench.button("poolCloseButton")->isEnabled());
}

void TestPoolPage::offersThePoolerOnlyWhereOneCanBeStarted()
{
    PoolBench bench;
    auto* const endpoint = bench.child<QComboBox>("poolEndpointBox");
    endpoint->setCurrentIndex(2);
    QVERIFY(bench.child<QSpinBox>("poolServerConnectionsBox")->isVisible());
    LabServer server = sandbox();
    server.poolerProblem = QStringLiteral("PgBouncer is not installed.");
    bench.page.setServer(server);
    QCOMPARE(endpoint->currentIndex(), 0);
    QVERIFY(!(endpoint->model()->flags(endpoint->model()->index(2, 0)) & Qt::ItemIsEnabled));
    QVERIFY(bench.child<QLabel>("poolEndpointRemark")->text().contains(server.poolerProblem));
    QVERIFY(!bench.child<QSpinBox>("poolServerConnectionsBox")->isVisible());
    QVERIFY(bench.button("poolOpenButton")->isEnabled());
}

void TestPoolPage::carriesThePoolerThatIsChosen()
{
    PoolBench bench;
    const QSignalSpy spy(&bench.page, &PoolPage::openRequested);
    bench.choose("poolEndpointBox", 3);
    bench.child<QSpinBox>("poolServerConnectionsBox")->setValue(4);
    bench.choose("poolResetQueryBox", 1);
    bench.button("poolOpenButton")->click();
    const auto pooler = spy.at(0).at(1).value<std::optional<PoolerSpec>>();
    QVERIFY(pooler.has_value());
    QCOMPARE(word(pooler->mode), QStringLiteral("statement"));
    QCOMPARE(pooler->poolSize, 4);
    QVERIFY(pooler->resetAlways);
    QCOMPARE(pooler->resetQuery, QStringLiteral("DISCARD ALL"));
    bench.choose("poolResetQueryBox", 2);
    bench.button("poolOpenButton")->click();
    QCOMPARE(spy.at(1).at(1).value<std::optional<PoolerSpec>>()->resetQuery, QString());
}

void TestPoolPage::offersRequestsOnlyToAnOpenPool()
{
    PoolBench bench;
    for (const char* const name : {"poolAcquireButton", "poolReleaseButton", "poolTwoButton",
                                   "poolReleaseFailingButton", "poolRunTenButton", "poolUnlockEverythingButton"}) {
        bench.page.setState(readyPool(3));
        QVERIFY2(bench.button(name)->isEnabled(), name);
        PoolState state = readyPool(3);
        state.phase = PoolState::Phase::Opening;
        bench.page.setState(state);
        QVERIFY2(!bench.button(name)->isEnabled(), name);
    }
    bench.page.setState(readyPool(3));
    const QSignalSpy spy(&bench.page, &PoolPage::unlockEverythingRequested);
    bench.button("poolUnlockEverythingButton")->click();
    QCOMPARE(spy.count(), 1);
}

void TestPoolPage::numbersItsRequests()
{
    PoolBench bench(readyPool(3));
    const QSignalSpy acquired(&bench.page, &PoolPage::acquireRequested);
    const QSignalSpy released(&bench.page, &PoolPage::releaseRequested);
    bench.button("poolAcquireButton")->click();
    bench.button("poolReleaseButton")->click();
    bench.button("poolAcquireButton")->click();
    bench.button("poolReleaseFailingButton")->click();
    QCOMPARE(callTexts(acquired), QStringLiteral("request 1: 5; request 2: 5"));
    QCOMPARE(callTexts(released), QStringLiteral("request 1: 5; request 2: 5"));
    QCOMPARE(released.at(0).at(2).toBool(), false);
    QCOMPARE(released.at(1).at(2).toBool(), true);
    QCOMPARE(bench.child<QLabel>("poolRequestRemark")->text(),
             QStringLiteral("Next: request 3; releases are by request 2"));
    // Of two at once the one that was let through is the one to release.
    bench.page.addCall(callOn(1, PoolAction::Acquire, PoolAnswer::True, QStringLiteral("request 1")));
    bench.button("poolReleaseButton")->click();
    QCOMPARE(released.last().at(0).toString(), QStringLiteral("request 1"));
}

void TestPoolPage::sendsTwoRequestsAtOnce()
{
    PoolBench bench(readyPool(3, LockServiceForm::Dedicated));
    const QSignalSpy acquired(&bench.page, &PoolPage::acquireRequested);
    bench.button("poolTwoButton")->click();
    QCOMPARE(callTexts(acquired), QStringLiteral("request 1: 5; request 2: 5"));
}

void TestPoolPage::refusesTextsAsKeys()
{
    PoolBench bench(readyPool(3));
    auto* const field = bench.child<QLineEdit>("poolKeyEdit");
    field->setText(QStringLiteral("-5, 7"));
    const QSignalSpy acquired(&bench.page, &PoolPage::acquireRequested);
    bench.button("poolAcquireButton")->click();
    QCOMPARE(callTexts(acquired), QStringLiteral("request 1: (-5, 7)"));
    bench.choose("poolKeyFormBox", 2);
    QVERIFY(!bench.button("poolAcquireButton")->isEnabled());
    QVERIFY(bench.child<QLabel>("poolRequestRemark")->text().contains(QStringLiteral("takes numbers")));
    field->clear();
    QVERIFY(!bench.button("poolReleaseButton")->isEnabled());
}

void TestPoolPage::runsRequestsOneAfterTheOther()
{
    PoolBench bench(readyPool(3));
    QStringList wishes;
    connect(&bench.page, &PoolPage::acquireRequested, &bench.page, [&](const QString& request, const LockKey&) {
        wishes.append(QStringLiteral("acquire by ") + request);
        // Every third one is refused and has nothing to release.
        const bool refused = request == QLatin1String("request 3");
        bench.page.addCall(callOn(1, PoolAction::Acquire, refused ? PoolAnswer::False : PoolAnswer::True, request));
    });
    connect(&bench.page, &PoolPage::releaseRequested, &bench.page, [&](const QString& request, const LockKey&) {
        wishes.append(QStringLiteral("release by ") + request);
        bench.page.addCall(callOn(2, PoolAction::Release, PoolAnswer::False, request));
    });
    bench.button("poolRunHundredButton")->click();
    QVERIFY(!bench.button("poolAcquireButton")->isEnabled());
    QTRY_VERIFY(bench.button("poolAcquireButton")->isEnabled());
    QCOMPARE(wishes.size(), 199);
    QCOMPARE(wishes.mid(3, 4).join(QStringLiteral(", ")),
             QStringLiteral("release by request 2, acquire by request 3, acquire by request 4, release by request 4"));
    wishes.clear();
    bench.button("poolAcquireButton")->click();
    QCOMPARE(wishes.join(QLatin1Char(' ')), QStringLiteral("acquire by request 101"));
}

void TestPoolPage::stopsARunWhenThePoolEnds()
{
    PoolBench bench(readyPool(3));
    bench.button("poolRunHundredButton")->click();
    QVERIFY(bench.button("poolStopRunButton")->isVisible());
    QVERIFY(!bench.button("poolRunTenButton")->isVisible());
    PoolState state = readyPool(3);
    state.phase = PoolState::Phase::Closed;
    bench.page.setState(state);
    bench.page.setState(readyPool(3));
    QVERIFY(!bench.button("poolStopRunButton")->isVisible());
    bench.button("poolRunTenButton")->click();
    bench.button("poolStopRunButton")->click();
    QVERIFY(bench.button("poolAcquireButton")->isEnabled());
}

void TestPoolPage::explainsEachCall_data()
{
    using enum PoolAnswer;
    QTest::addColumn<LockServiceForm>("form");
    QTest::addColumn<int>("slot");
    QTest::addColumn<PoolAction>("action");
    QTest::addColumn<PoolAnswer>("answer");
    QTest::addColumn<QString>("sentence");
    const auto row = [](const char* name, LockServiceForm form, int slot, PoolAction action, PoolAnswer answer,
                        const char* sentence) {
        QTest::newRow(name) << form << slot << action << answer << QString::fromLatin1(sentence);
    };
    row("naive acquire", LockServiceForm::Naive, 2, PoolAction::Acquire, True,
        "Request 1 got key 5 on slot 2 (pid 491): true. The connection went back to the pool and took the lock with "
        "it.");
    row("dedicated acquire", LockServiceForm::Dedicated, 2, PoolAction::Acquire, True,
        "Request 1 got key 5 on slot 2 (pid 491): true. Slot 2 stays checked out for it until the release.");
    row("transaction acquire", LockServiceForm::TransactionLevel, 2, PoolAction::Acquire, True,
        "Request 1 got key 5 on slot 2 (pid 491): true. The end of its transaction will release it, however it ends.");
    row("refused", LockServiceForm::Naive, 3, PoolAction::Acquire, False,
        "Request 1 was refused key 5 on slot 3 (pid 492): false. Another session holds it.");
    row("missed unlock", LockServiceForm::Naive, 2, PoolAction::Release, False,
        "The unlock ran on slot 2 (pid 491), which does not hold key 5: false.");
    row("lucky unlock", LockServiceForm::Naive, 2, PoolAction::Release, True,
        "The unlock ran on slot 2 (pid 491), which held key 5: true. That was luck: any of 3 connections could have "
        "been asked.");
    row("right unlock", LockServiceForm::Dedicated, 2, PoolAction::Release, True,
        "The unlock ran on slot 2 (pid 491), which held key 5: true. The key is free.");
    row("map", LockServiceForm::Dedicated, 0, PoolAction::Acquire, RefusedByMap,
        "This process has key 5 already, or is taking it: its map lets one through and refused request 1. Nothing was "
        "sent.");
    row("nothing there", LockServiceForm::Dedicated, 0, PoolAction::Release, NotInMap,
        "The map has no key 5, so there is nothing to release. Nothing was sent.");
    row("exhausted", LockServiceForm::DedicatedWithoutFinally, 0, PoolAction::Acquire, NoConnection,
        "Request 1 got no connection within 1.0 s: the pool is exhausted. Nothing was sent.");
    row("no finally", LockServiceForm::DedicatedWithoutFinally, 1, PoolAction::Release, Failed,
        "The unlock of key 5 failed on slot 1 (pid 490). Without finally nobody returns the connection: the pool has "
        "one less from now on.");
    row("finally", LockServiceForm::Dedicated, 1, PoolAction::Release, Failed,
        "The unlock of key 5 failed on slot 1 (pid 490). Its finally closed the connection, which frees the key, and "
        "opened "
        "a new one.");
    row("lost", LockServiceForm::Naive, 1, PoolAction::Acquire, Lost,
        "The connection of slot 1 (pid 490) ended before an answer came. The server frees what it held.");
}

void TestPoolPage::explainsEachCall()
{
    QFETCH(const LockServiceForm, form);
    QFETCH(const int, slot);
    QFETCH(const PoolAction, action);
    QFETCH(const PoolAnswer, answer);
    PoolBench bench(readyPool(3, form));
    bench.page.addCall(callOn(slot, action, answer));
    QTEST(bench.sentence(), "sentence");
    QCOMPARE(bench.child<QWidget>("poolAnswer")->property("word").toString(), word(answer));
}

void TestPoolPage::explainsTheSecondTakeOfOneKey()
{
    PoolBench bench(readyPool(3));
    bench.page.addCall(callOn(1, PoolAction::Acquire, PoolAnswer::True));
    bench.page.addCall(callOn(1, PoolAction::Acquire, PoolAnswer::True, QStringLiteral("request 2")));
    QVERIFY2(bench.sentence().contains(QStringLiteral("two requests now believe")), qPrintable(bench.sentence()));
    bench.page.addCall(callOn(1, PoolAction::Release, PoolAnswer::True));
    QVERIFY2(bench.sentence().endsWith(QStringLiteral("so it is still held.")), qPrintable(bench.sentence()));
}

void TestPoolPage::saysWhereTheKeyStays()
{
    PoolBench bench(readyPool(3));
    bench.page.addCall(callOn(1, PoolAction::Acquire, PoolAnswer::True));
    PoolState state = readyPool(3);
    state.slotList[0].keys = {five};
    bench.page.setState(state);
    bench.page.addCall(callOn(2, PoolAction::Release, PoolAnswer::False));
    QCOMPARE(bench.sentence(), QStringLiteral("The unlock ran on slot 2 (pid 491), which does not hold key 5: false. "
                                              "The key stays with slot 1 (pid 490)."));
}

void TestPoolPage::showsTheWarningWordForWord()
{
    PoolBench bench(readyPool(3));
    bench.page.addCall(callOn(2, PoolAction::Release, PoolAnswer::False));
    QCOMPARE(bench.warning(), warning);
    QVERIFY(bench.child<QWidget>("poolWarning")->isVisible());
    bench.page.addCall(callOn(2, PoolAction::Acquire, PoolAnswer::True));
    QVERIFY(!bench.child<QWidget>("poolWarning")->isVisible());
}

void TestPoolPage::showsTheStatementsAsSent()
{
    PoolBench bench(readyPool(3));
    auto* const text = bench.child<QPlainTextEdit>("poolStatementsText");
    QCOMPARE(text->toPlainText(), QString());
    QVERIFY(!bench.button("poolStatementsCopyButton")->isEnabled());
    bench.page.addCall(callOn(2, PoolAction::Release, PoolAnswer::True));
    QCOMPARE(text->toPlainText(), QStringLiteral("SELECT pg_catalog.pg_advisory_unlock(5)"));
    QVERIFY(bench.button("poolStatementsCopyButton")->isEnabled());
    bench.page.addCall(callOn(0, PoolAction::Release, PoolAnswer::NotInMap));
    QCOMPARE(text->toPlainText(), QString());
}

void TestPoolPage::saysThatAPoolOfOneHidesTheBug()
{
    PoolBench bench(readyPool(1));
    QVERIFY(bench.sentence().contains(QStringLiteral("a pool of one hides the bug")));
    bench.page.addCall(callOn(1, PoolAction::Acquire, PoolAnswer::True));
    bench.page.addCall(callOn(1, PoolAction::Release, PoolAnswer::True));
    QVERIFY(bench.sentence().contains(QStringLiteral("a pool of one hides the bug")));
}

void TestPoolPage::showsErrors()
{
    PoolBench bench(readyPool(3));
    PoolState state = readyPool(3);
    state.phase = PoolState::Phase::Failed;
    state.error = Error{.kind = ErrorKind::Connection,
                        .what = QStringLiteral("The pool could not be opened."),
                        .advice = QStringLiteral("Try a smaller one."),
                        .serverWords = QStringLiteral("FATAL: sorry, too many clients already")};
    bench.page.setState(state);
    QCOMPARE(bench.sentence(), QStringLiteral("The pool could not be opened. Try a smaller one."));
    QCOMPARE(bench.warning(), QStringLiteral("FATAL: sorry, too many clients already"));
    QVERIFY(bench.button("poolOpenButton")->isEnabled());
}

void TestPoolPage::forgetsEverythingOnReset()
{
    PoolBench bench(readyPool(3));
    bench.button("poolAcquireButton")->click();
    bench.page.addCall(callOn(2, PoolAction::Release, PoolAnswer::False));
    bench.page.setHitRates({{2, 510, 1000}});
    bench.page.reset();
    QCOMPARE(bench.child<PoolCallTable>("poolCallTable")->calls().size(), 0);
    QCOMPARE(bench.picture(), QStringLiteral("No pool is open."));
    QCOMPARE(bench.warning(), QString());
    QCOMPARE(bench.child<QLabel>("poolMeasureSentence")->text(), QString());
    QVERIFY(bench.button("poolOpenButton")->isEnabled());
}

QTEST_MAIN(TestPoolPage)
#include "tst_poolpage.moc"
