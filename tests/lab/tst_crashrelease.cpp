#include "app/lab/scenario.h"
#include "models/domain/time.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QSignalSpy>

using namespace lockscope;
using namespace std::chrono_literals;

class CrashReleaseTest final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("LOCKSCOPE_CLIENT", LOCKSCOPE_CLIENT_FILE);
        m_server = std::make_unique<test::TestServer>();
        QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
        m_observer = m_server->session(QStringLiteral("observer"));
    }
    void cleanupTestCase()
    {
        m_observer.reset();
        m_server.reset();
    }

    void isListed()
    {
        const QList<ScenarioDescription> all = scenarios();
        QCOMPARE(all.size(), 1);
        QCOMPARE(all.first().name, QStringLiteral("crash-release"));
        QCOMPARE(all.first().title, QStringLiteral("A Crashed Client Releases Its Lock"));
    }

    void everyStepComesTrueAndNothingIsLeft()
    {
        ScenarioRun run(QStringLiteral("crash-release"), m_server->conninfo());
        const ScenarioReport report = finish(run);
        for (const ScenarioStep& one : report.steps)
            qInfo("%d %s %s: %s / %s (%s)", one.step, qPrintable(one.actor), qPrintable(one.action),
                  qPrintable(one.expected), qPrintable(one.observed), qPrintable(formatDuration(one.elapsed)));
        QStringList steps;
        for (const ScenarioStep& one : report.steps)
            steps.append(
                QStringLiteral("%1 %2 %3")
                    .arg(QString::number(one.step), one.ok ? QStringLiteral("ok") : one.observed, one.expected));
        QCOMPARE(steps, (QStringList{QStringLiteral("1 ok nobody holds key 5 or waits for it"),
                                     QStringLiteral("2 ok pod-a is granted key 5"),
                                     QStringLiteral("3 ok the backend of pod-a holds key 5"),
                                     QStringLiteral("4 ok pod-b waits behind pod-a"),
                                     QStringLiteral("5 ok the process of pod-a is gone"),
                                     QStringLiteral("6 ok the backend of pod-a is gone"),
                                     QStringLiteral("7 ok pod-a no longer holds key 5"),
                                     QStringLiteral("8 ok pod-b is granted key 5"),
                                     QStringLiteral("9 ok no backend and no lock of this lesson is left")}));
        QVERIFY(report.ok);
        QVERIFY(report.steps.at(7).observed.startsWith(QStringLiteral("granted after ")));
        QVERIFY(report.steps.at(7).elapsed > 0us && report.steps.at(7).elapsed < 1s);
        QCOMPARE(clientsOnServer(), QStringLiteral("0"));
        QTRY_COMPARE(test::scalar(*m_observer,
                                  "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%lockscope%'"),
                     QStringLiteral("0"));
    }

    void reportHasTheStableShape()
    {
        ScenarioRun run(QStringLiteral("crash-release"), m_server->conninfo());
        const ScenarioReport report = finish(run);
        const QJsonObject json = report.toJson();
        QCOMPARE(json.keys(), (QStringList{QStringLiteral("ok"), QStringLiteral("scenario"), QStringLiteral("server"),
                                           QStringLiteral("steps"), QStringLiteral("title")}));
        QCOMPARE(json.value(u"scenario").toString(), QStringLiteral("crash-release"));
        QCOMPARE(json.value(u"ok").toBool(), report.ok);
        QCOMPARE(json.value(u"server").toString(),
                 QStringLiteral("PostgreSQL ") + test::scalar(*m_observer, "SHOW server_version").section(u' ', 0, 0));
        const QJsonArray steps = json.value(u"steps").toArray();
        QCOMPARE(steps.size(), report.steps.size());
        for (qsizetype number = 0; number < steps.size(); ++number) {
            const QJsonObject step = steps.at(number).toObject();
            QCOMPARE(step.keys(),
                     (QStringList{QStringLiteral("action"), QStringLiteral("actor"), QStringLiteral("elapsedMs"),
                                  QStringLiteral("expected"), QStringLiteral("observed"), QStringLiteral("ok"),
                                  QStringLiteral("step")}));
            QCOMPARE(step.value(u"step").toInt(), static_cast<int>(number) + 1);
            const auto microseconds = static_cast<double>(report.steps.at(number).elapsed.count());
            QCOMPARE(step.value(u"elapsedMs").toDouble(), microseconds / 1000);
        }
    }

    void aForeignHolderIsReportedAndLeftAlone()
    {
        const auto foreign = m_server->session(QStringLiteral("%1 payroll"));
        VERIFY_RESULT(foreign->execute("SELECT pg_advisory_lock(5)", 5s));
        ScenarioRun run(QStringLiteral("crash-release"), m_server->conninfo());
        QSignalSpy stepped(&run, &ScenarioRun::stepFinished);
        const ScenarioReport report = finish(run);
        QVERIFY(!report.ok);
        QCOMPARE(report.steps.size(), 1);
        QCOMPARE(stepped.size(), 1);
        QCOMPARE(report.steps.first().observed,
                 QStringLiteral("key 5 is held by pid %1 (%2), which is not part of this lesson")
                     .arg(QString::number(foreign->claimedPid()), QStringLiteral("%1 payroll")));
        QVERIFY(!report.steps.first().ok);
        QCOMPARE(test::scalar(*foreign, "SELECT pg_advisory_unlock(5)"), QStringLiteral("t"));
        QCOMPARE(clientsOnServer(), QStringLiteral("0"));
    }

    void theSameKeyInAnotherDatabaseIsNobodysBusiness()
    {
        VERIFY_RESULT(m_observer->execute("CREATE DATABASE elsewhere", 20s));
        LibpqConnection foreign;
        VERIFY_RESULT(
            foreign.open(m_server->conninfo().with(QStringLiteral("dbname"), QStringLiteral("elsewhere")), 5s));
        VERIFY_RESULT(foreign.execute("SELECT pg_advisory_lock(5), pg_advisory_lock(0, 5)", 5s));
        ScenarioRun run(QStringLiteral("crash-release"), m_server->conninfo());
        QVERIFY(finish(run).ok);
        QCOMPARE(test::scalar(foreign, "SELECT pg_advisory_unlock(5)"), QStringLiteral("t"));
    }

    /// Destroyed after any of its steps, a run leaves nothing behind.
    void destroyedInTheMiddleItLeavesNothing_data()
    {
        QTest::addColumn<int>("steps");
        for (const int steps : {0, 1, 2, 3, 4, 8})
            QTest::addRow("%d", steps) << steps;
    }
    void destroyedInTheMiddleItLeavesNothing()
    {
        QFETCH(int, steps);
        auto run = std::make_unique<ScenarioRun>(QStringLiteral("crash-release"), m_server->conninfo());
        QSignalSpy stepped(run.get(), &ScenarioRun::stepFinished);
        run->start();
        QTRY_VERIFY(stepped.size() >= steps);
        run.reset();
        QTRY_COMPARE(clientsOnServer(), QStringLiteral("0"));
        QTRY_COMPARE(test::scalar(*m_observer, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"),
                     QStringLiteral("0"));
    }

    /// The backend that the lesson relies on is ended under it: the step says so, and nothing is left.
    void aLessonThatGoesWrongCleansUp()
    {
        ScenarioRun run(QStringLiteral("crash-release"), m_server->conninfo());
        connect(&run, &ScenarioRun::stepFinished, this, [this](const ScenarioStep& step) {
            if (step.step == 3) {
                VERIFY_RESULT(m_observer->execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                                  "WHERE application_name = 'pod-a (lockscope client)'",
                                                  5s));
            }
        });
        const ScenarioReport report = finish(run);
        QVERIFY(!report.ok);
        QVERIFY(!report.steps.last().ok);
        QVERIFY2(report.steps.last().observed.startsWith(QStringLiteral("pod-a ended: ")),
                 qPrintable(report.steps.last().observed));
        QCOMPARE(clientsOnServer(), QStringLiteral("0"));
    }

    void noServerIsAFailureNotAReport()
    {
        ScenarioRun run(QStringLiteral("crash-release"),
                        m_server->conninfo().with(QStringLiteral("port"), QStringLiteral("1")));
        QSignalSpy failed(&run, &ScenarioRun::failed);
        QSignalSpy finished(&run, &ScenarioRun::finished);
        run.start();
        QTRY_COMPARE(failed.size(), 1);
        QVERIFY(failed.first().first().value<Error>().kind == ErrorKind::Connection);
        QVERIFY(finished.isEmpty());
    }

    void aMissingClientProgramIsAFailureNotAReport()
    {
        qputenv("LOCKSCOPE_CLIENT", "/nonexistent/lockscope-client");
        ScenarioRun run(QStringLiteral("crash-release"), m_server->conninfo());
        QSignalSpy failed(&run, &ScenarioRun::failed);
        run.start();
        qputenv("LOCKSCOPE_CLIENT", LOCKSCOPE_CLIENT_FILE);
        QTRY_COMPARE(failed.size(), 1);
        QVERIFY(failed.first().first().value<Error>().what.contains(QStringLiteral("lockscope-client is missing")));
    }

    void anUnknownNameIsAFailure()
    {
        ScenarioRun run(QStringLiteral("%1 nothing"), m_server->conninfo());
        QSignalSpy failed(&run, &ScenarioRun::failed);
        run.start();
        QTRY_COMPARE(failed.size(), 1);
        QCOMPARE(failed.first().first().value<Error>().what,
                 QStringLiteral("There is no scenario named \"%1 nothing\"."));
    }

private:
    static ScenarioReport finish(ScenarioRun& run)
    {
        QSignalSpy finished(&run, &ScenarioRun::finished);
        run.start();
        if (!QTest::qWaitFor([&] { return !finished.isEmpty(); }, 30000)) {
            QTest::qFail("the scenario did not finish", __FILE__, __LINE__);
            return {};
        }
        return finished.first().first().value<ScenarioReport>();
    }

    QString clientsOnServer()
    {
        return test::scalar(*m_observer,
                            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%lockscope client%'");
    }

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_observer;
};

QTEST_GUILESS_MAIN(CrashReleaseTest)
#include "tst_crashrelease.moc"
