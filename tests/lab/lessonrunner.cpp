#include "tests/lab/lessonrunner.h"

#include "app/lab/scenario/scenariofile.h"
#include "app/lab/scenario/scenariorun.h"
#include "tests/support/testserver.h"

#include <QSignalSpy>
#include <QTest>

namespace lockscope::test {

ScenarioDocument lessonOf(const QByteArray& yaml)
{
    const auto read = readScenario("scenario: test\ntitle: A Test\nabout: A lesson of a test.\n" + yaml);
    if (read)
        return *read;
    for (const ScenarioFault& fault : read.error())
        qCritical("%d:%d: %s; expected %s", fault.line, fault.column, qPrintable(fault.found),
                  qPrintable(fault.expected));
    QTest::qFail("the lesson cannot be read", __FILE__, __LINE__);
    return {};
}

QByteArray entangledLesson()
{
    return R"(
prepare:
  - CREATE TABLE lockscope_lab_test (i int)
reset:
  - DROP TABLE IF EXISTS lockscope_lab_test
actors:
  alice: {kind: session}
  bob: {kind: session}
  carol: {kind: client}
steps:
  - say: Everybody gets entangled.
  - {act: lock, actor: alice, key: 5}
  - {act: lock, actor: bob, key: 5, expect: waits}
  - {act: begin, actor: carol}
  - {act: lock, actor: carol, key: 5, expect: waits}
  - expect: {key: 5, held by: alice, waiting: [bob, carol]}
)";
}

ScenarioReport finish(ScenarioRun& run)
{
    QSignalSpy finished(&run, &ScenarioRun::finished);
    QSignalSpy failed(&run, &ScenarioRun::failed);
    run.play();
    const bool came = QTest::qWaitFor([&] { return !finished.isEmpty() || !failed.isEmpty(); }, 30000);
    if (!came || finished.isEmpty()) {
        QTest::qFail(came ? qPrintable(failed.first().first().value<Error>().what) : "the lesson did not finish",
                     __FILE__, __LINE__);
        return {};
    }
    return finished.first().first().value<ScenarioReport>();
}

Error fail(ScenarioRun& run)
{
    QSignalSpy finished(&run, &ScenarioRun::finished);
    QSignalSpy failed(&run, &ScenarioRun::failed);
    run.play();
    if (!QTest::qWaitFor([&] { return !finished.isEmpty() || !failed.isEmpty(); }, 30000) || failed.isEmpty()) {
        QTest::qFail("the lesson did not fail", __FILE__, __LINE__);
        return {};
    }
    if (run.state().phase != ScenarioRunState::Phase::Failed ||
        run.state().error != failed.first().first().value<Error>())
        QTest::qFail("the state does not tell the failure", __FILE__, __LINE__);
    return failed.first().first().value<Error>();
}

QString textOf(const ScenarioReport& report)
{
    QStringList lines;
    for (const ScenarioStep& step : report.steps)
        lines.append(
            QStringLiteral("%1 %2 %3: %4")
                .arg(step.ok ? QStringLiteral("ok") : QStringLiteral("FAIL"), step.actor, step.action, step.observed));
    return lines.join(u'\n');
}

QString failuresOf(const ScenarioDocument& lesson, const Conninfo& server)
{
    ScenarioRun run(lesson, server);
    QSignalSpy finished(&run, &ScenarioRun::finished);
    QSignalSpy failed(&run, &ScenarioRun::failed);
    run.play();
    if (!QTest::qWaitFor([&] { return !finished.isEmpty() || !failed.isEmpty(); }, 120'000))
        return QStringLiteral("did not finish");
    if (!failed.isEmpty()) {
        const Error error = failed.first().first().value<Error>();
        return error.what + QStringLiteral(" | ") + error.serverWords;
    }
    const ScenarioReport report = finished.first().first().value<ScenarioReport>();
    QStringList failures;
    for (const ScenarioStep& step : report.steps) {
        if (!step.ok)
            failures.append(
                QStringLiteral("step %1, %2 %3: expected %4; observed %5")
                    .arg(QString::number(step.step), step.actor, step.action, step.expected, step.observed));
    }
    if (failures.isEmpty() && (!report.ok || report.steps.size() < 3))
        failures.append(QStringLiteral("a report of %1 steps").arg(report.steps.size()));
    return failures.join(u'\n');
}

void interruptAfter(int steps, const ScenarioDocument& lesson, const Conninfo& server)
{
    ScenarioRun run(lesson, server);
    run.play();
    const bool came = QTest::qWaitFor(
        [&] { return run.state().steps.size() >= steps || run.state().phase == ScenarioRunState::Phase::Failed; },
        60'000);
    if (!came || run.state().error)
        QTest::qFail(run.state().error ? qPrintable(run.state().error->what) : "the lesson did not get there", __FILE__,
                     __LINE__);
}

QString leftOnServer(LibpqConnection& observer)
{
    QString left;
    const auto isClean = [&] {
        left = scalar(observer, "SELECT string_agg(what, ', ') FROM ("
                                "SELECT 'backend ' || application_name FROM pg_stat_activity "
                                "WHERE application_name LIKE '%lockscope%' "
                                "UNION ALL SELECT 'lock of ' || coalesce(pid::text, 'a prepared transaction') "
                                "FROM pg_locks WHERE locktype = 'advisory' "
                                "UNION ALL SELECT 'prepared ' || gid FROM pg_prepared_xacts "
                                "UNION ALL SELECT 'table ' || relname FROM pg_class WHERE relname LIKE 'lockscope%' "
                                "UNION ALL SELECT 'database ' || datname FROM pg_database "
                                "WHERE datname LIKE 'lockscope%') AS l(what)");
        return left.isEmpty();
    };
    static_cast<void>(QTest::qWaitFor(isClean, 5000));
    return left;
}

} // namespace lockscope::test
