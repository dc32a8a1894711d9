#include "app/lab/scenario/scenariofile.h"
#include "tests/lab/lessonrunner.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QDir>
#include <QFile>

using namespace lockscope;

namespace {

constexpr std::array majors{12, 13, 14, 15, 16, 17, 18};

} // namespace

/// Every lesson that is built in, on a real server of each major. They are fetched by installer/other-servers.sh into
/// the directory that LOCKSCOPE_SERVERS names.
class tst_LessonVersions final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void comesTrueOnEveryServer_data();
    void comesTrueOnEveryServer();

private:
    QMap<int, QString> m_binaries;
    int m_current = 0;
    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_observer;
    QByteArray m_orderedBinaries;
};

void tst_LessonVersions::initTestCase()
{
    qputenv("LOCKSCOPE_CLIENT", LOCKSCOPE_CLIENT_FILE);
    m_orderedBinaries = qgetenv("LOCKSCOPE_PG_BINDIR");
    const QDir directory(qEnvironmentVariable("LOCKSCOPE_SERVERS"));
    for (const int major : majors) {
        const QString bin = directory.absoluteFilePath(QStringLiteral("%1/bin").arg(major));
        if (!qEnvironmentVariableIsEmpty("LOCKSCOPE_SERVERS") && QFile::exists(bin + QStringLiteral("/postgres")))
            m_binaries.insert(major, bin);
    }
}

void tst_LessonVersions::cleanupTestCase()
{
    m_observer.reset();
    m_server.reset();
    m_orderedBinaries.isEmpty() ? qunsetenv("LOCKSCOPE_PG_BINDIR") : qputenv("LOCKSCOPE_PG_BINDIR", m_orderedBinaries);
}

void tst_LessonVersions::comesTrueOnEveryServer_data()
{
    QTest::addColumn<int>("major");
    QTest::addColumn<QString>("name");
    const QList<ScenarioDocument> lessons = builtInScenarios();
    // Where none was fetched, the installed server is tested alone, by tst_lessons; under CI tst_versions fails.
    for (auto server = m_binaries.cbegin(); server != m_binaries.cend(); ++server) {
        for (const ScenarioDocument& lesson : lessons)
            QTest::addRow("%d %s", server.key(), qPrintable(lesson.name)) << server.key() << lesson.name;
    }
    if (m_binaries.isEmpty())
        QTest::newRow("installed") << 0 << lessons.first().name;
}

void tst_LessonVersions::comesTrueOnEveryServer()
{
    QFETCH(const int, major);
    QFETCH(const QString, name);
    if (!m_server || m_current != major) {
        m_observer.reset();
        m_server.reset();
        if (major != 0)
            qputenv("LOCKSCOPE_PG_BINDIR", QFile::encodeName(m_binaries.value(major)));
        m_server = std::make_unique<test::TestServer>();
        m_current = major;
        QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
        m_observer = m_server->session(QStringLiteral("observer"));
    }
    const auto lesson = builtInScenario(name);
    VERIFY_RESULT(lesson);
    const QString failures = test::failuresOf(*lesson, m_server->conninfo());
    if (major != 0 && major < lesson->minimumVersion)
        QVERIFY2(failures.startsWith(QStringLiteral("This lesson needs PostgreSQL ")), qPrintable(failures));
    else
        QCOMPARE(failures, QString());
    QCOMPARE(test::leftOnServer(*m_observer), QString());
}

QTEST_GUILESS_MAIN(tst_LessonVersions)
#include "tst_lessonversions.moc"
