#include "app/lab/scenario/scenariofile.h"
#include "app/lab/scenario/scenariorun.h"
#include "tests/lab/lessonrunner.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QJsonArray>
#include <QSignalSpy>

using namespace lockscope;
using namespace std::chrono_literals;
using Phase = ScenarioRunState::Phase;

namespace {

ScenarioDocument builtIn(const char* name)
{
    const auto found = builtInScenario(QString::fromLatin1(name));
    if (!found)
        QTest::qFail(qPrintable(found.error().what), __FILE__, __LINE__);
    return found.value_or(ScenarioDocument());
}

} // namespace

class tst_ScenarioRun final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void cleanup();

    void everyStepComesTrueAndNothingIsLeft();
    void answersTheSameFiveTimesInARow();
    void reportHasTheStableShape();
    void theFirstStepThatFailsEndsTheLesson();
    void aStrangerInTheQueueIsCalledByHisName();
    void anActorThatIsEndedFromOutsideEndsTheLesson();
    void aWaitThatNeverComesTrueEndsInTime();
    void whatWasExpectedToHoldIsWatchedAllTheTime();
    void stepsOfLaterServersAreLeftOut();
    void goesStepByStep();
    void pausesAfterTheStepThatIsUnderWay();
    void resetRemovesEverythingAndBeginsAgain_data();
    void resetRemovesEverythingAndBeginsAgain();
    void aKilledSessionSaysNoGoodbye();
    void aSessionIsCancelledWhileItWorks();
    void endsASessionFromTheServer();
    void settingsOfAnActorCount();
    void showsActorsAndLocksWhileItIsPaused();
    void destroyedInTheMiddleItLeavesNothing_data();
    void destroyedInTheMiddleItLeavesNothing();
    void aServerThatDiesEndsTheLessonInWords();

private:
    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_observer;
};

void tst_ScenarioRun::initTestCase()
{
    qputenv("LOCKSCOPE_CLIENT", LOCKSCOPE_CLIENT_FILE);
    m_server = std::make_unique<test::TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    m_observer = m_server->session(QStringLiteral("observer"));
}

void tst_ScenarioRun::cleanupTestCase()
{
    m_observer.reset();
    m_server.reset();
}

/// Whatever a test did, its lesson has left nothing.
void tst_ScenarioRun::cleanup()
{
    if (!m_server->sandbox().isRunning())
        return;
    QCOMPARE(test::leftOnServer(*m_observer), QString());
}

void tst_ScenarioRun::everyStepComesTrueAndNothingIsLeft()
{
    ScenarioRun run(builtIn("crash-release"), m_server->conninfo());
    QSignalSpy stepped(&run, &ScenarioRun::stepFinished);
    QSignalSpy said(&run, &ScenarioRun::said);
    const ScenarioReport report = test::finish(run);
    QVERIFY2(report.ok, qPrintable(test::textOf(report)));
    QCOMPARE(stepped.size(), report.steps.size());
    QVERIFY(said.size() >= 2);
    QCOMPARE(run.state().phase, Phase::Finished);
    QCOMPARE(report.steps.last().action, QStringLiteral("removes everything"));
    QCOMPARE(report.steps.last().observed, QStringLiteral("nothing is left"));
    QCOMPARE(report.steps.last().position, qsizetype(-1));
    bool measured = false;
    for (const ScenarioStep& step : report.steps) {
        QVERIFY2(step.elapsed > 0us && step.elapsed < 10s, qPrintable(step.action));
        if (step.observed.startsWith(QStringLiteral("free after "))) {
            measured = true;
            QVERIFY(step.elapsed < 1s); // an idle client's lock is free in milliseconds
        }
    }
    QVERIFY(measured);
}

void tst_ScenarioRun::answersTheSameFiveTimesInARow()
{
    ScenarioRun run(test::lessonOf(test::entangledLesson()), m_server->conninfo());
    const QString first = test::textOf(test::finish(run));
    QVERIFY2(!first.contains(QStringLiteral("FAIL")), qPrintable(first));
    for (int time = 0; time < 4; ++time)
        QCOMPARE(test::textOf(test::finish(run)), first); // the same object begins again
}

void tst_ScenarioRun::reportHasTheStableShape()
{
    ScenarioRun run(test::lessonOf(test::entangledLesson()), m_server->conninfo());
    const ScenarioReport report = test::finish(run);
    const QJsonObject json = report.toJson();
    QCOMPARE(json.keys(), (QStringList{QStringLiteral("ok"), QStringLiteral("scenario"), QStringLiteral("server"),
                                       QStringLiteral("steps"), QStringLiteral("title")}));
    QCOMPARE(json.value(u"scenario").toString(), QStringLiteral("test"));
    QCOMPARE(json.value(u"ok").toBool(), true);
    QCOMPARE(json.value(u"server").toString(),
             QStringLiteral("PostgreSQL ") + test::scalar(*m_observer, "SHOW server_version").section(u' ', 0, 0));
    const QJsonArray steps = json.value(u"steps").toArray();
    QCOMPARE(steps.size(), 6);
    for (qsizetype number = 0; number < steps.size(); ++number) {
        const QJsonObject step = steps.at(number).toObject();
        QCOMPARE(step.keys(), (QStringList{QStringLiteral("action"), QStringLiteral("actor"),
                                           QStringLiteral("elapsedMs"), QStringLiteral("expected"),
                                           QStringLiteral("observed"), QStringLiteral("ok"), QStringLiteral("step")}));
        QCOMPARE(step.value(u"step").toInt(), static_cast<int>(number) + 1);
        QCOMPARE(step.value(u"elapsedMs").toDouble(),
                 static_cast<double>(report.steps.at(number).elapsed.count()) / 1000);
    }
}

void tst_ScenarioRun::theFirstStepThatFailsEndsTheLesson()
{
    ScenarioRun run(test::lessonOf(test::entangledLesson() + "  - {act: unlock, actor: alice, key: 5, expect: false}\n"
                                                             "  - {act: unlock, actor: alice, key: 5, expect: true}\n"),
                    m_server->conninfo());
    const ScenarioReport report = test::finish(run);
    QVERIFY(!report.ok);
    QCOMPARE(report.steps.size(), 7);
    QCOMPARE(test::textOf(report).section(u'\n', 5), QStringLiteral("FAIL alice unlocks key 5: true\n"
                                                                    "ok console removes everything: nothing is left"));
    QCOMPARE(report.steps.at(5).expected, QStringLiteral("false"));
}

/// Somebody may come between the preparation and a step: he is seen, named and left alone.
void tst_ScenarioRun::aStrangerInTheQueueIsCalledByHisName()
{
    ScenarioRun run(test::lessonOf("actors: {a: {kind: session, starts: later}}\nsteps:\n"
                                   "  - {act: connect, actor: a}\n"
                                   "  - {act: try, actor: a, key: 5, expect: false}\n"
                                   "  - expect: {key: 5, held by: nobody}\n"),
                    m_server->conninfo());
    const auto stranger = m_server->session(QStringLiteral("<b>%1</b>"));
    connect(&run, &ScenarioRun::stepFinished, this, [&stranger](const ScenarioStep& step) {
        if (step.step == 1)
            VERIFY_RESULT(stranger->execute("SELECT pg_advisory_lock(5)", 5s));
    });
    const ScenarioReport report = test::finish(run);
    QVERIFY(!report.ok);
    QCOMPARE(report.steps.at(2).observed, QStringLiteral("<b>%1</b> (pid %2) holds key 5")
                                              .replace(QStringLiteral("%2"), QString::number(stranger->claimedPid())));
    QCOMPARE(report.steps.last().observed, QStringLiteral("nothing is left"));
    QCOMPARE(test::scalar(*stranger, "SELECT pg_advisory_unlock(5)"), QStringLiteral("t"));
}

void tst_ScenarioRun::anActorThatIsEndedFromOutsideEndsTheLesson()
{
    ScenarioRun run(test::lessonOf(test::entangledLesson() + "  - {act: unlock, actor: alice, key: 5, expect: true}\n"),
                    m_server->conninfo());
    connect(&run, &ScenarioRun::stepFinished, this, [this](const ScenarioStep& step) {
        if (step.step == 5) {
            VERIFY_RESULT(m_observer->execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                              "WHERE application_name = 'lockscope lab: alice'",
                                              5s));
        }
    });
    const ScenarioReport report = test::finish(run);
    QVERIFY(!report.ok);
    QVERIFY2(report.steps.at(5).observed.startsWith(QStringLiteral("lost")), qPrintable(test::textOf(report)));
}

void tst_ScenarioRun::aWaitThatNeverComesTrueEndsInTime()
{
    ScenarioRun run(test::lessonOf("actors: {a: {kind: session}}\nsteps:\n"
                                   "  - {act: try, actor: a, key: 5, expect: true}\n"
                                   "  - {wait until: {key: 5, held by: nobody}, within: 200 ms}\n"),
                    m_server->conninfo());
    const ScenarioReport report = test::finish(run);
    QVERIFY(!report.ok);
    QVERIFY2(report.steps.at(1).observed.startsWith(QStringLiteral("a holds key 5, still after ")),
             qPrintable(test::textOf(report)));
    QVERIFY(report.steps.at(1).elapsed >= 200ms && report.steps.at(1).elapsed < 2s);
}

void tst_ScenarioRun::whatWasExpectedToHoldIsWatchedAllTheTime()
{
    ScenarioRun run(test::lessonOf("actors: {a: {kind: session}}\nsteps:\n"
                                   "  - {act: try, actor: a, key: 5, expect: true}\n"
                                   "  - {act: work, actor: a, for: 100 ms, background: true}\n"
                                   "  - {expect: {actor: a, states: [active]}, during: 3 s}\n"),
                    m_server->conninfo());
    const ScenarioReport report = test::finish(run);
    QVERIFY(!report.ok);
    QVERIFY2(report.steps.at(2).observed.startsWith(QStringLiteral("its sessions are idle, after ")),
             qPrintable(test::textOf(report)));
    QVERIFY(report.steps.at(2).elapsed < 2s);
}

void tst_ScenarioRun::stepsOfLaterServersAreLeftOut()
{
    ScenarioDocument document = test::lessonOf("actors: {a: {kind: session}, b: {kind: session}}\nsteps:\n"
                                               "  - {act: try, actor: b, key: 5, expect: false}\n"
                                               "  - {act: try, actor: a, key: 5, expect: true}\n");
    document.actors[1].minimumVersion = 99;
    document.steps[0].minimumVersion = 99;
    ScenarioRun run(document, m_server->conninfo());
    const ScenarioReport report = test::finish(run);
    QCOMPARE(test::textOf(report),
             QStringLiteral("ok a tries key 5: true\nok console removes everything: nothing is left"));
    QCOMPARE(report.steps.first().position, qsizetype(1));
}

void tst_ScenarioRun::goesStepByStep()
{
    ScenarioRun run(test::lessonOf(test::entangledLesson()), m_server->conninfo());
    QSignalSpy finished(&run, &ScenarioRun::finished);
    const qsizetype steps = run.document().steps.size();
    for (qsizetype position = 1; position <= steps; ++position) {
        run.stepOnce();
        QTRY_COMPARE(run.state().phase, Phase::Paused);
        QCOMPARE(run.state().position, position);
        QCOMPARE(run.state().steps.size(), position - 1); // the first one is a `say`
    }
    QCOMPARE(run.state().narration, QStringLiteral("Everybody gets entangled."));
    QVERIFY(finished.isEmpty()); // what the last step has shown can be looked at
    run.stepOnce();
    QTRY_COMPARE(finished.size(), 1);
    QVERIFY(finished.first().first().value<ScenarioReport>().ok);
}

void tst_ScenarioRun::pausesAfterTheStepThatIsUnderWay()
{
    ScenarioRun run(test::lessonOf(test::entangledLesson()), m_server->conninfo());
    connect(&run, &ScenarioRun::stepFinished, this, [&run](const ScenarioStep& step) {
        if (step.step == 2)
            run.pause();
    });
    run.play();
    QTRY_COMPARE(run.state().steps.size(), 2);
    QTRY_COMPARE(run.state().phase, Phase::Paused);
    QVERIFY(!run.state().playing);
    QTest::qWait(100); // nothing may happen
    QCOMPARE(run.state().steps.size(), 2);
    QSignalSpy finished(&run, &ScenarioRun::finished);
    run.play();
    QTRY_COMPARE(finished.size(), 1);
    QVERIFY(finished.first().first().value<ScenarioReport>().ok);
}

void tst_ScenarioRun::resetRemovesEverythingAndBeginsAgain_data()
{
    QTest::addColumn<int>("steps");
    for (const int steps : {0, 1, 3, 5})
        QTest::addRow("%d", steps) << steps;
}

void tst_ScenarioRun::resetRemovesEverythingAndBeginsAgain()
{
    QFETCH(const int, steps);
    ScenarioRun run(test::lessonOf(test::entangledLesson()), m_server->conninfo());
    QSignalSpy finished(&run, &ScenarioRun::finished);
    for (int step = 0; step <= steps; ++step) {
        run.stepOnce();
        if (steps > 0)
            QTRY_COMPARE(run.state().phase, Phase::Paused);
    }
    run.reset();
    QTRY_COMPARE(run.state().phase, Phase::Idle);
    QVERIFY(finished.isEmpty());
    QCOMPARE(run.state(), ScenarioRunState());
    QCOMPARE(test::leftOnServer(*m_observer), QString());
    QVERIFY(test::finish(run).ok);
}

void tst_ScenarioRun::aKilledSessionSaysNoGoodbye()
{
    ScenarioRun run(test::lessonOf("actors: {a: {kind: session}, b: {kind: session}}\nsteps:\n"
                                   "  - {act: begin, actor: a}\n"
                                   "  - {act: try, actor: a, key: 5, expect: true}\n"
                                   "  - {act: lock, actor: b, key: 5, expect: waits}\n"
                                   "  - {kill: a, released within: 2 s}\n"
                                   "  - {wait until: {actor: b, answered: granted}, within: 2 s}\n"
                                   "  - {wait until: {actor: a, connected: false}, within: 2 s}\n"
                                   "  - {act: connect, actor: a}\n"
                                   "  - {act: try, actor: a, key: 5, expect: false}\n"),
                    m_server->conninfo());
    const ScenarioReport report = test::finish(run);
    QVERIFY2(report.ok, qPrintable(test::textOf(report)));
    QVERIFY2(report.steps.at(3).observed.startsWith(QStringLiteral("free after ")), qPrintable(test::textOf(report)));
    // The server's own word that no goodbye came.
    QTRY_VERIFY(m_server->sandbox().serverLog().contains(
        QStringLiteral("unexpected EOF on client connection with an open transaction")));
}

void tst_ScenarioRun::aSessionIsCancelledWhileItWorks()
{
    ScenarioRun run(test::lessonOf("actors: {a: {kind: session}}\nsteps:\n"
                                   "  - {act: work, actor: a, for: 20 s, background: true}\n"
                                   "  - {act: cancel, actor: a}\n"
                                   "  - expect: {actor: a, answered: cancelled}\n"
                                   "  - {act: try, actor: a, key: 5, expect: true}\n"),
                    m_server->conninfo());
    const ScenarioReport report = test::finish(run);
    QVERIFY2(report.ok, qPrintable(test::textOf(report)));
}

void tst_ScenarioRun::endsASessionFromTheServer()
{
    ScenarioRun run(test::lessonOf("actors: {a: {kind: session}}\nsteps:\n"
                                   "  - {act: try, actor: a, key: 5, expect: true}\n"
                                   "  - {kill: a, how: from server, released within: 2 s}\n"
                                   "  - {act: unlock, actor: a, key: 5, expect: lost}\n"
                                   "  - expect: {actor: a, connected: false}\n"),
                    m_server->conninfo());
    const ScenarioReport report = test::finish(run);
    QVERIFY2(report.ok, qPrintable(test::textOf(report)));
}

void tst_ScenarioRun::settingsOfAnActorCount()
{
    ScenarioRun run(
        test::lessonOf("actors: {a: {kind: session, settings: {lock_timeout: 150 ms}}, b: {kind: session}}\nsteps:\n"
                       "  - {act: try, actor: b, key: 5, expect: true}\n"
                       "  - {act: lock, actor: a, key: 5, expect: {answer: timed out, at least: 100 ms}}\n"),
        m_server->conninfo());
    const ScenarioReport report = test::finish(run);
    QVERIFY2(report.ok, qPrintable(test::textOf(report)));
}

void tst_ScenarioRun::showsActorsAndLocksWhileItIsPaused()
{
    ScenarioRun run(test::lessonOf(test::entangledLesson()), m_server->conninfo());
    for (int step = 0; step < 6; ++step) {
        run.stepOnce();
        QTRY_COMPARE(run.state().phase, Phase::Paused);
    }
    const auto shown = [&run] {
        QStringList words;
        for (const ScenarioLock& lock : run.state().locks)
            words.append(QStringLiteral("%1 %2 %3 %4")
                             .arg(lock.key.toString(), lock.who, lock.mode,
                                  lock.granted ? QStringLiteral("held") : QStringLiteral("waits")));
        for (const ScenarioActorState& actor : run.state().actors) {
            for (const ScenarioConnection& connection : actor.connections)
                words.append(QStringLiteral("%1 holds %2 waits %3")
                                 .arg(actor.name, QString::number(connection.holds.size()),
                                      QString::number(connection.waits.size())));
        }
        words.sort();
        return words.join(QStringLiteral("; "));
    };
    QTRY_COMPARE(shown(), QStringLiteral("5 alice Exclusive held; 5 bob Exclusive waits; 5 carol Exclusive waits; "
                                         "alice holds 1 waits 0; bob holds 0 waits 1; carol holds 0 waits 1"));
    // Nobody asks for a step, and yet the picture stays fresh.
    VERIFY_RESULT(m_observer->execute("SELECT pg_cancel_backend(pid) FROM pg_stat_activity "
                                      "WHERE application_name = 'lockscope lab: bob'",
                                      5s));
    QTRY_VERIFY(!shown().contains(QStringLiteral("bob Exclusive")));
    run.reset();
    QTRY_COMPARE(run.state().phase, Phase::Idle);
}

void tst_ScenarioRun::destroyedInTheMiddleItLeavesNothing_data()
{
    QTest::addColumn<QString>("moment");
    for (const char* const moment : {"idle", "asked", "preparing", "1", "2", "3", "4", "5", "resetting", "failed step"})
        QTest::newRow(moment) << QString::fromLatin1(moment);
}

void tst_ScenarioRun::destroyedInTheMiddleItLeavesNothing()
{
    QFETCH(const QString, moment);
    const bool fails = moment == QStringLiteral("failed step");
    auto run = std::make_unique<ScenarioRun>(
        test::lessonOf(fails ? test::entangledLesson() + "  - {act: unlock, actor: alice, key: 5, expect: false}\n"
                             : test::entangledLesson()),
        m_server->conninfo());
    const auto enters = [&run](Phase phase) {
        return QTest::qWaitFor([&] { return run->state().phase == phase; }, 10000);
    };
    if (moment == QStringLiteral("idle")) {
        QVERIFY(enters(Phase::Idle));
    } else {
        run->play();
        if (moment == QStringLiteral("preparing"))
            QTRY_VERIFY(!run->state().actors.isEmpty());
        else if (moment == QStringLiteral("resetting") || fails)
            QVERIFY(enters(Phase::Resetting));
        else if (moment != QStringLiteral("asked"))
            QTRY_VERIFY(run->state().steps.size() >= moment.toInt());
    }
    run.reset();
    QCOMPARE(test::leftOnServer(*m_observer), QString());
    QCOMPARE(test::scalar(*m_observer, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"),
             QStringLiteral("0"));
}

/// Last: the server is gone after it.
void tst_ScenarioRun::aServerThatDiesEndsTheLessonInWords()
{
    ScenarioRun run(test::lessonOf(test::entangledLesson()), m_server->conninfo());
    QSignalSpy finished(&run, &ScenarioRun::finished);
    for (int step = 0; step < 4; ++step) {
        run.stepOnce();
        QTRY_COMPARE(run.state().phase, Phase::Paused);
    }
    VERIFY_RESULT(m_server->sandbox().haltAndWait(20s));
    run.play();
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, 20000);
    const ScenarioReport report = finished.first().first().value<ScenarioReport>();
    QVERIFY(!report.ok);
    QVERIFY(!report.steps.at(report.steps.size() - 2).ok);
    QVERIFY2(report.steps.last().observed.startsWith(QStringLiteral("the server could not be asked: ")),
             qPrintable(test::textOf(report)));
}

QTEST_GUILESS_MAIN(tst_ScenarioRun)
#include "tst_scenariorun.moc"
