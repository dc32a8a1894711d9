#include "app/lab/scenario/scenariofile.h"
#include "tests/lab/lessonrunner.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <algorithm>

using namespace lockscope;

/// Every lesson that is built in, on a real server: what it teaches is so.
class tst_Lessons final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void comesTrueAndLeavesNothing_data();
    void comesTrueAndLeavesNothing();
    void leavesNothingWhenItIsInterrupted_data() { comesTrueAndLeavesNothing_data(); }
    void leavesNothingWhenItIsInterrupted();

private:
    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_observer;
};

void tst_Lessons::initTestCase()
{
    qputenv("LOCKSCOPE_CLIENT", LOCKSCOPE_CLIENT_FILE);
    m_server = std::make_unique<test::TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    m_observer = m_server->session(QStringLiteral("observer"));
}

void tst_Lessons::cleanupTestCase()
{
    m_observer.reset();
    m_server.reset();
}

void tst_Lessons::comesTrueAndLeavesNothing_data()
{
    QTest::addColumn<QString>("name");
    const QList<ScenarioDocument> lessons = builtInScenarios();
    QVERIFY(lessons.size() >= 23);
    for (const ScenarioDocument& lesson : lessons)
        QTest::newRow(qPrintable(lesson.name)) << lesson.name;
}

void tst_Lessons::comesTrueAndLeavesNothing()
{
    QFETCH(const QString, name);
    const auto lesson = builtInScenario(name);
    VERIFY_RESULT(lesson);
    QCOMPARE(test::failuresOf(*lesson, m_server->conninfo()), QString());
    QCOMPARE(test::leftOnServer(*m_observer), QString());
}

void tst_Lessons::leavesNothingWhenItIsInterrupted()
{
    QFETCH(const QString, name);
    const auto lesson = builtInScenario(name);
    VERIFY_RESULT(lesson);
    const auto checked = std::count_if(lesson->steps.cbegin(), lesson->steps.cend(),
                                       [](const auto& step) { return !std::holds_alternative<SayStep>(step.what); });
    for (const auto steps : {checked / 3, 2 * checked / 3}) {
        test::interruptAfter(static_cast<int>(steps), *lesson, m_server->conninfo());
        QCOMPARE(test::leftOnServer(*m_observer), QString());
    }
}

QTEST_GUILESS_MAIN(tst_Lessons)
#include "tst_lessons.moc"
