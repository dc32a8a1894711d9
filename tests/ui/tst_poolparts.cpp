#include "tests/support/hostiletexts.h"
#include "tests/support/shownwidgets.h"
#include "tests/support/suite.h"
#include "tests/ui/offscreen.h"
#include "tests/ui/poolbench.h"
#include "ui/lab/codepane.h"
#include "ui/lab/poolcallmodel.h"
#include "ui/lab/poolcalltable.h"
#include "ui/lab/poolcode.h"
#include "ui/lab/poolpicture.h"
#include "ui/lab/poolplaces.h"
#include "ui/lab/poolrun.h"
#include "ui/lab/pooltext.h"
#include "ui/theme.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QProxyStyle>
#include <QSpinBox>
#include <QTabBar>
#include <QTabWidget>

using namespace lockscope;
using namespace lockscope::test;
using namespace std::chrono_literals;

/// The parts of the pool page: picture, calls, statistics, code; and text that stays text.
class TestPoolParts : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::muteSizeHintsOfOffscreen();
        test::muteFontsAndMenusOfOffscreen();
        theme::apply(*qApp, ColorScheme::Light, false);
    }

    void runWaitsForItsOwnAnswers();
    void tellsThePictureInWords();
    void saysThatThePoolIsExhausted();
    void listsCallsAndCopiesThem();
    void keepsAsManyCallsAsItPromises();
    void placesEverySlot_data();
    void placesEverySlot();
    void letsCallsFlyUnlessMotionIsUnwanted();
    void measuresWhatIsAsked();
    void judgesTheMeasuredRates_data();
    void judgesTheMeasuredRates();
    void hasCodeForEveryLibrary();
    void keepsLanguageAndFormOfTheCode();
    void copiesTheCode();
    void movesItsTabsToWhereThereIsRoom();
    void staysTextWhateverTheServerSays_data() { test::addHostileRows(); }
    void staysTextWhateverTheServerSays();
};

void TestPoolParts::runWaitsForItsOwnAnswers()
{
    PoolRun run;
    const QSignalSpy acquired(&run, &PoolRun::acquire);
    const QSignalSpy ended(&run, &PoolRun::ended);
    run.start(2, five, 4, 0ms);
    QCOMPARE(callTexts(acquired), QStringLiteral("request 4: 5"));
    run.answered(callOn(1, PoolAction::Acquire, PoolAnswer::False, QStringLiteral("request 3")));
    run.answered(callOn(1, PoolAction::Release, PoolAnswer::True, QStringLiteral("request 4")));
    QCOMPARE(run.done(), 0);
    run.answered(callOn(1, PoolAction::Acquire, PoolAnswer::False, QStringLiteral("request 4")));
    QCOMPARE(run.done(), 1);
    QTRY_COMPARE(callTexts(acquired), QStringLiteral("request 4: 5; request 5: 5"));
    run.answered(callOn(0, PoolAction::Acquire, PoolAnswer::NoConnection, QStringLiteral("request 5")));
    QCOMPARE(ended.count(), 1);
    QVERIFY(!run.isRunning());
}

void TestPoolParts::tellsThePictureInWords()
{
    PoolBench bench;
    QCOMPARE(bench.picture(), QStringLiteral("No pool is open."));
    PoolState state = readyPool(3, LockServiceForm::Dedicated);
    state.slotList[0].phase = SlotPhase::CheckedOut;
    state.slotList[0].checkedOutBy = QStringLiteral("request 7");
    state.slotList[0].keys = {five};
    state.slotList[1].keys = {LockKey::pair(-5, 7)};
    state.slotList[1].leaked = {LockKey::pair(-5, 7)};
    state.slotList[2].phase = SlotPhase::Lost;
    state.map = {{five, 1}};
    bench.page.setState(state);
    QCOMPARE(bench.picture(), QStringLiteral("3 connections: 1 free, 1 checked out, 1 lost, 1 with a leaked key\n"
                                             "slot 1 (pid 490): checked out by request 7, holds key 5\n"
                                             "slot 2 (pid 491): free, holds key (-5, 7), leaked: (-5, 7)\n"
                                             "slot 3 (pid 492): lost\n"
                                             "The map has key 5 on slot 1"));
}

void TestPoolParts::saysThatThePoolIsExhausted()
{
    PoolState state = readyPool(2, LockServiceForm::DedicatedWithoutFinally);
    QVERIFY(!pooltext::isExhausted(state));
    for (PoolSlot& slot : state.slotList)
        slot.phase = SlotPhase::CheckedOut;
    QVERIFY(pooltext::isExhausted(state));
    state.waiting = {QStringLiteral("request 9")};
    PoolBench bench(state);
    QVERIFY(bench.picture().startsWith(QStringLiteral("2 connections: 2 checked out\nThe pool is exhausted.\n"
                                                      "Waiting for a connection: request 9\n")));
}

void TestPoolParts::listsCallsAndCopiesThem()
{
    PoolBench bench(readyPool(3));
    auto* const table = bench.child<PoolCallTable>("poolCallTable");
    const QAbstractItemModelTester tester(table->model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    bench.page.addCall(callOn(1, PoolAction::Acquire, PoolAnswer::True));
    PoolCall missed = callOn(2, PoolAction::Release, PoolAnswer::False);
    missed.number = 2;
    missed.elapsed = 800us;
    bench.page.addCall(missed);
    QStringList cells;
    for (int column = 0; column < table->model()->columnCount(); ++column)
        cells.append(table->model()->index(1, column).data().toString());
    QCOMPARE(cells.join(QStringLiteral(" | ")),
             QStringLiteral("2 | request 1 | release 5 | 2 | 491 | false | no | 0.8 ms | ") + warning);
    table->copyAsCsv();
    const QStringList rows = QApplication::clipboard()->text().split(QStringLiteral("\r\n"));
    QCOMPARE(rows.size(), 4);
    QCOMPARE(rows.at(2), QStringLiteral("2,request 1,release,5,2,491,false,false,800,%1,,"
                                        "SELECT pg_catalog.pg_advisory_unlock(5)")
                             .arg(warning));
}

void TestPoolParts::keepsAsManyCallsAsItPromises()
{
    PoolCallModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    PoolCall call = callOn(1, PoolAction::Acquire, PoolAnswer::True);
    for (qsizetype number = 1; number <= PoolCallModel::mostCalls + 1; ++number) {
        call.number = static_cast<quint64>(number);
        model.add(call);
    }
    QVERIFY(model.rowCount() <= PoolCallModel::mostCalls);
    QCOMPARE(model.calls().last().number, static_cast<quint64>(PoolCallModel::mostCalls + 1));
    model.clear();
    QCOMPARE(model.rowCount(), 0);
}

void TestPoolParts::placesEverySlot_data()
{
    QTest::addColumn<QSizeF>("size");
    QTest::addColumn<bool>("pooler");
    QTest::newRow("small window") << QSizeF(520, 260) << false;
    QTest::newRow("small window with a pooler") << QSizeF(520, 300) << true;
    QTest::newRow("large window") << QSizeF(1100, 640) << false;
}

void TestPoolParts::placesEverySlot()
{
    QFETCH(const QSizeF, size);
    QFETCH(const bool, pooler);
    const LabLook look = LabLook::current(qApp->palette());
    for (int slots = smallestPool; slots <= largestPool; ++slots) {
        const PoolPlaces places = PoolPlaces::of(size, slots, pooler, look);
        QCOMPARE(places.slotRects.size(), slots);
        QList<QRectF> all = places.slotRects;
        all << places.application << places.server;
        if (pooler)
            all << places.pooler;
        for (qsizetype index = 0; index < all.size(); ++index) {
            QVERIFY2(QRectF(QPointF(0, 0), size).contains(all.at(index)), qPrintable(QString::number(slots)));
            for (qsizetype other = index + 1; other < all.size(); ++other)
                QVERIFY2(!all.at(index).intersects(all.at(other)), qPrintable(QString::number(slots)));
        }
        QVERIFY(places.slotRects.first().width() >= 24 && places.slotRects.first().height() >= 18);
    }
}

void TestPoolParts::letsCallsFlyUnlessMotionIsUnwanted()
{
    class StillStyle final : public QProxyStyle
    {
    public:
        int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                      QStyleHintReturn* data) const override
        {
            return hint == SH_Widget_Animate ? 0 : QProxyStyle::styleHint(hint, option, widget, data);
        }
    };
    PoolPicture picture;
    picture.resize(600, 400);
    picture.setState(readyPool(3));
    picture.show();
    picture.callDispatched(PoolAction::Acquire, five, 2);
    QVERIFY(picture.isMoving());
    picture.callAnswered(callOn(2, PoolAction::Acquire, PoolAnswer::True));
    QTRY_VERIFY(!picture.isMoving());

    StillStyle still;
    picture.setStyle(&still);
    picture.callDispatched(PoolAction::Acquire, five, 2);
    QVERIFY(!picture.isMoving());
}

void TestPoolParts::measuresWhatIsAsked()
{
    PoolBench bench;
    const QSignalSpy spy(&bench.page, &PoolPage::measureRequested);
    bench.child<QTabWidget>("poolTabs")->setCurrentWidget(bench.child<QWidget>("poolStatistics"));
    bench.child<QSpinBox>("poolMeasureFromBox")->setValue(2);
    bench.child<QSpinBox>("poolMeasureToBox")->setValue(6);
    bench.child<QSpinBox>("poolMeasureUnlocksBox")->setValue(400);
    bench.choose("poolOrderBox", 1);
    bench.button("poolMeasureButton")->click();
    const auto plan = spy.at(0).at(0).value<HitRatePlan>();
    QCOMPARE(plan.fromSize, 2);
    QCOMPARE(plan.toSize, 6);
    QCOMPARE(plan.unlocks, 400);
    QCOMPARE(word(plan.order), QStringLiteral("round-robin"));

    const QSignalSpy stopped(&bench.page, &PoolPage::measureStopRequested);
    bench.page.setMeasuring(true);
    QVERIFY(!bench.child<QSpinBox>("poolMeasureToBox")->isEnabled());
    bench.button("poolMeasureButton")->click();
    QCOMPARE(stopped.count(), 1);
    QCOMPARE(spy.count(), 1);
    bench.child<QSpinBox>("poolMeasureToBox")->setValue(3);
    bench.child<QSpinBox>("poolMeasureFromBox")->setValue(9);
    QCOMPARE(bench.child<QSpinBox>("poolMeasureToBox")->value(), 9);
}

void TestPoolParts::judgesTheMeasuredRates_data()
{
    QTest::addColumn<QList<HitRate>>("rates");
    QTest::addColumn<QString>("part");
    QTest::newRow("fair") << QList<HitRate>{{2, 510, 1000}, {4, 243, 1000}}
                          << QStringLiteral("about 1 of N cases; every measured rate is within three standard");
    QTest::newRow("not fair") << QList<HitRate>{{2, 510, 1000}, {4, 700, 1000}}
                              << QStringLiteral("Outside of three standard deviations from 1/N: pool size 4.");
    QTest::newRow("one hides it") << QList<HitRate>{{1, 1000, 1000}, {2, 510, 1000}}
                                  << QStringLiteral("A pool of one hides the bug");
    QTest::newRow("nothing measured") << QList<HitRate>{} << QString();
}

void TestPoolParts::judgesTheMeasuredRates()
{
    QFETCH(const QList<HitRate>, rates);
    QFETCH(const QString, part);
    PoolBench bench;
    bench.page.setHitRates(rates);
    const QString sentence = bench.child<QLabel>("poolMeasureSentence")->text();
    QVERIFY2(part.isEmpty() ? sentence.isEmpty() : sentence.contains(part), qPrintable(sentence));
    const QString numbers = bench.child<QWidget>("poolHitRatePlot")->accessibleDescription();
    for (const HitRate& rate : rates)
        QVERIFY(numbers.contains(
            QStringLiteral("%1: %2 %")
                .arg(QString::number(rate.poolSize), QString::number(static_cast<double>(rate.hits) / 10))));
}

void TestPoolParts::hasCodeForEveryLibrary()
{
    const QList<CodeSnippet> snippets = poolCode();
    QCOMPARE(snippets.size(), 7 * 3);
    for (const CodeSnippet& snippet : snippets) {
        const QByteArray name = (snippet.language + QLatin1Char(' ') + snippet.form).toUtf8();
        const QString taken = snippet.form == QLatin1String("Transaction") ? QStringLiteral("pg_try_advisory_xact_lock")
                                                                           : QStringLiteral("pg_try_advisory_lock");
        QVERIFY2(snippet.code.contains(taken), name.constData());
        QCOMPARE(snippet.code.contains(QStringLiteral("pg_advisory_unlock")),
                 snippet.form != QLatin1String("Transaction"));
        for (const QString& line : snippet.code.split(QLatin1Char('\n')))
            QVERIFY2(line.size() <= 88, name.constData());
    }
}

void TestPoolParts::keepsLanguageAndFormOfTheCode()
{
    CodePane pane(QStringLiteral("code"));
    pane.setSnippets(poolCode());
    pane.showSnippet(QStringLiteral("Go database/sql"), QStringLiteral("Right"));
    QVERIFY(pane.text().contains(QStringLiteral("db.Conn(ctx)")));
    pane.findChild<QComboBox*>(QStringLiteral("codeLanguageBox"))->setCurrentText(QStringLiteral("psycopg 3"));
    QCOMPARE(pane.form(), QStringLiteral("Right"));
    QVERIFY(pane.text().contains(QStringLiteral("ConnectionPool")));
    pane.setSnippets(poolCode());
    QCOMPARE(pane.language(), QStringLiteral("psycopg 3"));
    QCOMPARE(pane.form(), QStringLiteral("Right"));
}

void TestPoolParts::copiesTheCode()
{
    CodePane pane(QStringLiteral("code"));
    pane.setText(QStringLiteral("SELECT 1"));
    pane.show();
    QVERIFY(!pane.findChild<QComboBox*>(QStringLiteral("codeLanguageBox"))->isVisible());
    QVERIFY(!pane.findChild<QTabBar*>(QStringLiteral("codeFormTabs"))->isVisible());
    pane.findChild<QPushButton*>(QStringLiteral("codeCopyButton"))->click();
    QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("SELECT 1"));
}

void TestPoolParts::movesItsTabsToWhereThereIsRoom()
{
    PoolBench bench;
    auto* const below = bench.child<QTabWidget>("poolTabs");
    auto* const beside = bench.child<QTabWidget>("poolSideTabs");
    QCOMPARE(below->count(), 4);
    QVERIFY(!beside->isVisible());
    below->setCurrentIndex(2);
    bench.page.resize(1800, 1000);
    QCOMPARE(below->count(), 1);
    QCOMPARE(beside->count(), 3);
    QVERIFY(beside->isVisible());
    QCOMPARE(beside->tabText(beside->currentIndex()), QStringLiteral("In Your Code"));
    bench.page.resize(900, 560);
    QCOMPARE(below->count(), 4);
    QVERIFY(!beside->isVisible());
    QCOMPARE(below->tabText(below->currentIndex()), QStringLiteral("In Your Code"));
}

void TestPoolParts::staysTextWhateverTheServerSays()
{
    QFETCH(const QString, payload);
    PoolState state = readyPool(3, LockServiceForm::Dedicated);
    state.slotList[0].phase = SlotPhase::CheckedOut;
    state.slotList[0].checkedOutBy = payload;
    state.waiting = {payload, payload};
    PoolBench bench(state);
    LabServer server = sandbox();
    server.title = server.problem = server.poolerProblem = payload;
    bench.page.setServer(server);
    PoolCall call = callOn(1, PoolAction::Release, PoolAnswer::Failed);
    call.request = payload;
    call.notices = {payload, payload};
    call.statements = {payload};
    call.error = Error{.what = payload, .advice = payload, .serverWords = payload};
    for (const auto& [action, answer] :
         {std::pair(PoolAction::Release, PoolAnswer::Failed), std::pair(PoolAction::Release, PoolAnswer::False),
          std::pair(PoolAction::Acquire, PoolAnswer::True), std::pair(PoolAction::Acquire, PoolAnswer::NoConnection),
          std::pair(PoolAction::Acquire, PoolAnswer::RefusedByMap)}) {
        call.answer = answer;
        call.action = action;
        bench.page.addCall(call);
    }
    QCOMPARE(test::ShownWidgets(bench.page).troubles(), QString());
    bench.page.grab(); // what is painted is read by nobody, but must not warn
    bench.page.setError(*call.error);
    QCOMPARE(test::ShownWidgets(bench.page).troubles(), QString());
}

QTEST_MAIN(TestPoolParts)
#include "tst_poolparts.moc"
