#include "models/scenariostepmodel.h"
#include "tests/support/suite.h"

#include <QAbstractItemModelTester>

using namespace lockscope;

namespace {

ScenarioStepDocument step(const QString& sql, int minimumVersion = 0)
{
    return {.what = ActStep{{.actor = QStringLiteral("alice"), .verb = ActVerb::Sql, .sql = sql}},
            .minimumVersion = minimumVersion};
}

/// One step for all servers, one for 14 and later, a word, one more for all.
ScenarioDocument lesson()
{
    ScenarioDocument document;
    document.steps = {step(QStringLiteral("first")),
                      step(QStringLiteral("later"), 14),
                      {.what = SayStep{QStringLiteral("Look.")}},
                      step(QStringLiteral("last"))};
    return document;
}

ScenarioStep done(qsizetype position)
{
    return {.observed = QStringLiteral("done"), .ok = true, .position = position};
}

/// "first: done | later: ..."
QString rowsOf(const ScenarioStepModel& model)
{
    QStringList rows;
    for (int row = 0; row < model.rowCount(); ++row)
        rows.append(model.index(row, ScenarioStepModel::ActionColumn).data().toString() + QStringLiteral(": ") +
                    model.index(row, ScenarioStepModel::ObservedColumn).data().toString());
    return rows.join(QStringLiteral(" | "));
}

} // namespace

class ScenarioStepModelTest : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void saysWhichStepsAreNotForEveryServer()
    {
        ScenarioStepModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setDocument(lesson());
        QCOMPARE(rowsOf(model), QStringLiteral("first:  | later: from PostgreSQL 14 on | last: "));
    }

    void saysThatAStepWasLeftOutOnceTheRunIsPastIt()
    {
        ScenarioStepModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setDocument(lesson());
        ScenarioRunState state{.phase = ScenarioRunState::Phase::Paused, .position = 1, .steps = {done(0)}};
        model.setState(state);
        QCOMPARE(rowsOf(model), QStringLiteral("first: done | later: from PostgreSQL 14 on | last: "));
        state.position = 3; // the runner goes past what is not for this server, and told what stood behind it
        model.setState(state);
        QCOMPARE(rowsOf(model), QStringLiteral("first: done | later: left out, needs PostgreSQL 14 | last: "));
        QCOMPARE(model.currentRow(), 2);
        QVERIFY(model.toText().contains(QStringLiteral("left out, needs PostgreSQL 14")));
        model.setState({});
        QCOMPARE(rowsOf(model), QStringLiteral("first:  | later: from PostgreSQL 14 on | last: "));
    }

    void aStepThatRanIsNotLeftOut()
    {
        ScenarioStepModel model;
        model.setDocument(lesson());
        model.setState(
            {.phase = ScenarioRunState::Phase::Finished, .position = 4, .steps = {done(0), done(1), done(3)}});
        QCOMPARE(rowsOf(model), QStringLiteral("first: done | later: done | last: done"));
    }
};

QTEST_GUILESS_MAIN(ScenarioStepModelTest)
#include "tst_scenariostepmodel.moc"
