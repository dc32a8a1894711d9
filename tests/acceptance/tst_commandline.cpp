#include "app/commandline.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

struct Run
{
    int code = -1;
    QByteArray out;
    QByteArray err;
};

/// Runs the built program without a display, as a script would; the password travels in the environment.
QProcessEnvironment environmentOf(const Conninfo& server)
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const char* const variable : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"})
        environment.remove(QString::fromLatin1(variable));
    const std::pair<QString, QString> variables[] = {{QStringLiteral("PGHOST"), QStringLiteral("host")},
                                                     {QStringLiteral("PGPORT"), QStringLiteral("port")},
                                                     {QStringLiteral("PGUSER"), QStringLiteral("user")},
                                                     {QStringLiteral("PGPASSWORD"), QStringLiteral("password")},
                                                     {QStringLiteral("PGDATABASE"), QStringLiteral("dbname")}};
    for (const auto& [variable, keyword] : variables) {
        if (!server.value(keyword).isEmpty())
            environment.insert(variable, server.value(keyword));
    }
    return environment;
}

Run lockscopeWith(const QStringList& arguments, const Conninfo& server = {})
{
    QProcess process;
    process.setProcessEnvironment(environmentOf(server));
    process.start(QStringLiteral(LOCKSCOPE_PROGRAM), arguments);
    if (!process.waitForFinished(60'000))
        return {};
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
}

QString parsed(const QStringList& arguments)
{
    const auto result = parseCommandLine(QStringList{QStringLiteral("lockscope")} + arguments);
    if (const auto* const exit = std::get_if<CommandLineExit>(&result))
        return QStringLiteral("exit %1").arg(static_cast<int>(exit->code));
    const auto& commandLine = std::get<CommandLine>(result);
    QStringList words{QStringLiteral("verb %1 format %2")
                          .arg(static_cast<int>(commandLine.verb))
                          .arg(static_cast<int>(commandLine.format))};
    if (!commandLine.conninfo.isEmpty())
        words << QStringLiteral("on ") + commandLine.conninfo;
    if (!commandLine.subject.isEmpty())
        words << QStringLiteral("of ") + commandLine.subject;
    if (commandLine.sandbox)
        words << QStringLiteral("sandbox");
    if (commandLine.readOnly)
        words << QStringLiteral("read-only");
    if (commandLine.allTypes)
        words << QStringLiteral("all");
    if (commandLine.yes)
        words << QStringLiteral("yes");
    return words.join(QLatin1Char(' '));
}

} // namespace

class tst_CommandLine final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void readsEveryForm_data();
    void readsEveryForm();
    void printsHelpAndVersion();
    void printsLocksOfBothFormsAndTwoDatabasesAsJson();
    void printsCsvAndText();
    void namesKeysWithoutAServerAndHashesTextsOnOne();
    void listsTheScenarios();
    void runsTheCrashReleaseScenario();
    void saysWhatALessonWillDoOnAServerThatWasNamed();
    void runsNoLessonOnAServerThatOnlyTheEnvironmentNames();
    void printsTheFaultsOfAFileByLineAndColumn();
    void runsALessonOfAFileAndPrintsHostileTextPlain();
    void saysWhoUsesTheKeyOfALesson();
    void leavesNothingBehindWhenAScenarioIsInterrupted();
    void leavesNothingBehindWhenALessonIsInterruptedOrKilled_data();
    void leavesNothingBehindWhenALessonIsInterruptedOrKilled();
    void exitsWithThreeWhenNothingListens();
    void saysInASentenceThatThereIsNoDisplay();

private:
    std::unique_ptr<test::TestServer> m_server;
};

void tst_CommandLine::initTestCase()
{
    m_server = std::make_unique<test::TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
}

void tst_CommandLine::readsEveryForm_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("meaning");
    const auto row = [](const char* arguments, const char* meaning) {
        QTest::newRow(arguments) << QString::fromLatin1(arguments).split(QLatin1Char(' '), Qt::SkipEmptyParts)
                                 << QString::fromLatin1(meaning);
    };
    row("", "verb 0 format 0");
    row("--sandbox", "verb 0 format 0 sandbox");
    row("service=prod --read-only", "verb 0 format 0 on service=prod read-only");
    row("locks", "verb 1 format 0");
    row("locks postgresql://db1/app --json --all", "verb 1 format 1 on postgresql://db1/app all");
    row("locks --csv", "verb 1 format 2");
    row("locks --csv --json", "exit 2");
    row("key -1", "verb 2 format 0 of -1");
    row("key -- -5,7 --json", "exit 2");
    row("key 5 --json", "verb 2 format 1 of 5");
    row("key calendar --hash-on service=x", "verb 2 format 0 on service=x of calendar");
    row("scenario list", "verb 3 format 0");
    row("scenario run crash-release --sandbox --json", "verb 4 format 1 of crash-release sandbox");
    row("scenario run crash-release service=x", "verb 4 format 0 on service=x of crash-release");
    row("scenario run crash-release service=x --sandbox", "exit 2");
    row("scenario run lessons/mine.yaml service=x --yes", "verb 4 format 0 on service=x of lessons/mine.yaml yes");
    row("scenario list --yes", "exit 2");
    row("scenario", "exit 2");
    row("--sandbox service=x", "exit 2");
    row("--sandbox locks", "exit 2");
    row("--read-only locks", "exit 2");
    row("--read-only scenario run crash-release --sandbox", "exit 2");
    row("--no-such-option", "exit 2");
    row("--help", "exit 0");
    row("locks --help", "exit 0");
    row("--version", "exit 0");
}

void tst_CommandLine::readsEveryForm()
{
    QFETCH(const QStringList, arguments);
    QFETCH(const QString, meaning);
    QCOMPARE(parsed(arguments), meaning);
}

void tst_CommandLine::printsHelpAndVersion()
{
    const Run help = lockscopeWith({QStringLiteral("--help")});
    QCOMPARE(help.code, 0);
    for (const char* const word : {"Usage: lockscope", "--sandbox", "scenario", "Exit status", "Examples"})
        QVERIFY2(help.out.contains(word), word);
    const Run version = lockscopeWith({QStringLiteral("--version")});
    QCOMPARE(version.out, QByteArray("lockscope " LOCKSCOPE_VERSION "\n"));
    const Run wrong = lockscopeWith({QStringLiteral("--bogus")});
    QCOMPARE(wrong.code, 2);
    QVERIFY(wrong.out.isEmpty() && wrong.err.contains("--help"));
}

void tst_CommandLine::printsLocksOfBothFormsAndTwoDatabasesAsJson()
{
    const auto here = m_server->session(QStringLiteral("here"));
    QVERIFY(here->executeOne("CREATE DATABASE elsewhere", 20s));
    LibpqConnection there;
    VERIFY_RESULT(there.open(m_server->conninfo().with(QStringLiteral("dbname"), QStringLiteral("elsewhere")), 5s));
    QVERIFY(here->executeOne("SELECT pg_advisory_lock(-1), pg_advisory_lock(9223372036854775807), pg_advisory_lock(-5, "
                             "7), pg_advisory_lock(42)",
                             5s));
    QVERIFY(there.executeOne("SELECT pg_advisory_lock(42)", 5s));

    const Run run = lockscopeWith({QStringLiteral("locks"), QStringLiteral("--json")}, m_server->conninfo());
    QCOMPARE(run.code, 0);
    const QJsonObject object = QJsonDocument::fromJson(run.out).object();
    QCOMPARE(object.value(QStringLiteral("total")).toInt(), 5);
    QStringList lines;
    for (const QJsonValue& value : object.value(QStringLiteral("locks")).toArray()) {
        const QJsonObject lock = value.toObject();
        QVERIFY(lock.value(QStringLiteral("key")).isString()); // a JSON number would lose a bigint
        lines << QStringLiteral("%1 %2 %3")
                     .arg(lock.value(QStringLiteral("form")).toString(), lock.value(QStringLiteral("key")).toString(),
                          lock.value(QStringLiteral("database")).toString());
    }
    lines.sort();
    QCOMPARE(lines,
             (QStringList{QStringLiteral("bigint -1 postgres"), QStringLiteral("bigint 42 elsewhere"),
                          QStringLiteral("bigint 42 postgres"), QStringLiteral("bigint 9223372036854775807 postgres"),
                          QStringLiteral("int4pair (-5, 7) postgres")}));
}

void tst_CommandLine::printsCsvAndText()
{
    const auto holder = m_server->session(QStringLiteral("=cmd()"));
    QVERIFY(holder->executeOne("SELECT pg_advisory_lock(-5)", 5s));
    const Run csv = lockscopeWith({QStringLiteral("locks"), QStringLiteral("--csv")}, m_server->conninfo());
    QCOMPARE(csv.code, 0);
    QVERIFY2(csv.out.contains("\n-5,"), csv.out.constData());
    QVERIFY2(csv.out.contains("'=cmd()"), csv.out.constData());
    const Run text = lockscopeWith({QStringLiteral("locks")}, m_server->conninfo());
    QVERIFY2(text.out.contains("-5") && text.out.contains("held"), text.out.constData());
}

void tst_CommandLine::namesKeysWithoutAServerAndHashesTextsOnOne()
{
    const Run key = lockscopeWith({QStringLiteral("key"), QStringLiteral("-1"), QStringLiteral("--json")});
    QCOMPARE(key.code, 0);
    const QJsonArray readings = QJsonDocument::fromJson(key.out).object().value(QStringLiteral("readings")).toArray();
    QCOMPARE(readings.at(0).toObject().value(QStringLiteral("classid")).toDouble(), 4294967295.0);
    QCOMPARE(lockscopeWith({QStringLiteral("key"), QStringLiteral("calendar")}).code, 2);

    const auto session = m_server->session();
    const QString expected = test::scalar(*session, "SELECT hashtextextended('calendar', 0)");
    const Run hashed = lockscopeWith({QStringLiteral("key"), QStringLiteral("calendar"), QStringLiteral("--hash-on"),
                                      QStringLiteral("dbname=postgres")},
                                     m_server->conninfo());
    QCOMPARE(hashed.code, 0);
    QVERIFY2(QString::fromUtf8(hashed.out).contains(expected), hashed.out.constData());
}

void tst_CommandLine::listsTheScenarios()
{
    const Run text = lockscopeWith({QStringLiteral("scenario"), QStringLiteral("list")});
    QCOMPARE(text.code, 0);
    QVERIFY2(text.out.contains("crash-release") && text.out.contains("pool-trap"), text.out.constData());
    const Run json = lockscopeWith({QStringLiteral("scenario"), QStringLiteral("list"), QStringLiteral("--json")});
    QCOMPARE(json.code, 0);
    const QJsonArray list = QJsonDocument::fromJson(json.out).object().value(QStringLiteral("scenarios")).toArray();
    QCOMPARE(list.size(), text.out.count('\n'));
    for (const QJsonValue& one : list) {
        QVERIFY(!one.toObject().value(QStringLiteral("scenario")).toString().isEmpty());
        QVERIFY(!one.toObject().value(QStringLiteral("title")).toString().isEmpty());
    }
}

void tst_CommandLine::runsTheCrashReleaseScenario()
{
    const Run run = lockscopeWith({QStringLiteral("scenario"), QStringLiteral("run"), QStringLiteral("crash-release"),
                                   QStringLiteral("--json"), QStringLiteral("--yes")},
                                  m_server->conninfo());
    QVERIFY2(run.err.isEmpty(), run.err.constData());
    QVERIFY2(run.code == 0, (run.err + run.out).constData());
    const QJsonObject report = QJsonDocument::fromJson(run.out).object();
    QCOMPARE(report.value(QStringLiteral("scenario")).toString(), QStringLiteral("crash-release"));
    QVERIFY(report.value(QStringLiteral("ok")).toBool());
    QVERIFY(report.value(QStringLiteral("steps")).toArray().size() >= 5);
    QCOMPARE(lockscopeWith({QStringLiteral("scenario"), QStringLiteral("run"), QStringLiteral("no-such")},
                           m_server->conninfo())
                 .code,
             2);
}

void tst_CommandLine::saysWhatALessonWillDoOnAServerThatWasNamed()
{
    const Run run = lockscopeWith({QStringLiteral("scenario"), QStringLiteral("run"), QStringLiteral("session-scope"),
                                   QStringLiteral("dbname=postgres")},
                                  m_server->conninfo());
    QVERIFY2(run.code == 0, (run.err + run.out).constData());
    QVERIFY2(run.err.startsWith("The lesson \"session-scope\" in database postgres on "), run.err.constData());
    QVERIFY2(run.err.contains("  - ") && run.err.contains("key"), run.err.constData());
    QVERIFY2(run.out.contains("All steps went as expected."), run.out.constData());
}

void tst_CommandLine::runsNoLessonOnAServerThatOnlyTheEnvironmentNames()
{
    const Run run = lockscopeWith({QStringLiteral("scenario"), QStringLiteral("run"), QStringLiteral("session-scope")},
                                  m_server->conninfo());
    QCOMPARE(run.code, 2);
    QVERIFY(run.out.isEmpty());
    QVERIFY2(run.err.contains("--sandbox") && run.err.contains("--yes"), run.err.constData());
}

void tst_CommandLine::printsTheFaultsOfAFileByLineAndColumn()
{
    QTemporaryDir directory;
    const QString file = directory.filePath(QStringLiteral("mine.yaml"));
    QFile lesson(file);
    QVERIFY(lesson.open(QIODevice::WriteOnly));
    lesson.write("scenario: mine\ntitle: Mine\nabout: x\nactors:\n  a: {kind: session}\nsteps:\n"
                 "  - {act: tri, actor: a, key: 5, expect: true}\n  - {act: try, actor: b, key: 5, expect: true}\n");
    lesson.close();
    const Run run =
        lockscopeWith({QStringLiteral("scenario"), QStringLiteral("run"), file, QStringLiteral("--sandbox")});
    QCOMPARE(run.code, 2);
    const QByteArrayList lines = run.err.trimmed().split('\n');
    QCOMPARE(lines.size(), 2);
    for (qsizetype line = 0; line < 2; ++line) {
        QVERIFY2(lines.at(line).startsWith(QFile::encodeName(file) + ':' + QByteArray::number(7 + line) + ':'),
                 lines.at(line).constData());
        QVERIFY2(lines.at(line).contains("; expected "), lines.at(line).constData());
    }
    const QString missing = directory.filePath(QStringLiteral("no"));
    const Run none =
        lockscopeWith({QStringLiteral("scenario"), QStringLiteral("run"), missing, QStringLiteral("--sandbox")});
    QCOMPARE(none.code, 2);
    QVERIFY2(none.err.startsWith("lockscope: The lesson ") && none.err.contains("No such file"), none.err.constData());
}

void tst_CommandLine::runsALessonOfAFileAndPrintsHostileTextPlain()
{
    QTemporaryDir directory;
    const QString file = directory.filePath(QStringLiteral("mine.yaml"));
    QFile lesson(file);
    QVERIFY(lesson.open(QIODevice::WriteOnly));
    lesson.write("scenario: mine\ntitle: Mine\nabout: x\nactors:\n  a: {kind: session}\nsteps:\n"
                 "  - say: \"red \\e[31m %1 <b>bold</b>\"\n"
                 "  - {act: sql, actor: a, sql: \"SELECT E'\\\\x1b[31m %1'\", expect: {value: other}}\n");
    lesson.close();
    const QStringList arguments{QStringLiteral("scenario"), QStringLiteral("run"), file,
                                QStringLiteral("dbname=postgres")};
    const Run text = lockscopeWith(arguments, m_server->conninfo());
    QVERIFY2(text.code == 1, (text.err + text.out).constData());
    QVERIFY2(!text.out.contains('\x1b') && !text.err.contains('\x1b'), text.out.constData());
    QVERIFY2(text.out.contains("%1 <b>bold</b>"), text.out.constData());
    QVERIFY2(text.out.contains("FAIL 1. a: ") && text.out.contains("see FAIL above"), text.out.constData());
    const Run json = lockscopeWith(arguments + QStringList{QStringLiteral("--json")}, m_server->conninfo());
    QCOMPARE(json.code, 1);
    QVERIFY2(!json.out.contains('\x1b'), json.out.constData());
    const QJsonObject report = QJsonDocument::fromJson(json.out).object();
    QCOMPARE(report.value(QStringLiteral("ok")), QJsonValue(false));
    QVERIFY(report.value(QStringLiteral("steps"))
                .toArray()
                .first()
                .toObject()
                .value(QStringLiteral("observed"))
                .toString()
                .contains(QStringLiteral("\x1b[31m %1")));
}

void tst_CommandLine::saysWhoUsesTheKeyOfALesson()
{
    const auto foreign = m_server->session(QStringLiteral("payroll"));
    QVERIFY(foreign->executeOne("SELECT pg_advisory_lock(5)", 5s));
    const Run run = lockscopeWith({QStringLiteral("scenario"), QStringLiteral("run"), QStringLiteral("session-scope"),
                                   QStringLiteral("--yes"), QStringLiteral("--json")},
                                  m_server->conninfo());
    QCOMPARE(run.code, 1);
    QVERIFY2(run.err.contains("(payroll), which is not part of this lesson"), run.err.constData());
    const QJsonObject report = QJsonDocument::fromJson(run.out).object();
    QCOMPARE(report.value(QStringLiteral("ok")), QJsonValue(false));
    QVERIFY(report.value(QStringLiteral("error")).toString().contains(QStringLiteral("payroll")));
    QCOMPARE(test::scalar(*foreign, "SELECT pg_advisory_unlock(5)"), QStringLiteral("t"));
}

void tst_CommandLine::leavesNothingBehindWhenALessonIsInterruptedOrKilled_data()
{
    QTest::addColumn<bool>("kill");
    QTest::newRow("interrupted") << false;
    QTest::newRow("killed") << true;
}

/// alice holds a key and works for long, bob waits behind her, and so does a process; another process works for long
/// and has a third one in its queue: then the command ends.
void tst_CommandLine::leavesNothingBehindWhenALessonIsInterruptedOrKilled()
{
    QFETCH(const bool, kill);
    QTemporaryDir directory;
    const QString file = directory.filePath(QStringLiteral("long.yaml"));
    QFile lesson(file);
    QVERIFY(lesson.open(QIODevice::WriteOnly));
    lesson.write("scenario: long\ntitle: Long\nabout: x\nactors:\n  alice: {kind: session}\n  bob: {kind: session}\n"
                 "  carol: {kind: client}\n  dave: {kind: client}\n  erin: {kind: client}\nsteps:\n"
                 "  - {act: lock, actor: alice, key: 77}\n  - {act: lock, actor: bob, key: 77, expect: waits}\n"
                 "  - {act: lock, actor: carol, key: 77, expect: waits}\n"
                 "  - {act: try, actor: dave, key: 78, expect: true}\n"
                 "  - {act: work, actor: dave, for: 5 min, background: true}\n"
                 "  - {act: lock, actor: erin, key: 78, expect: waits}\n"
                 "  - {act: work, actor: alice, for: 20 s}\n");
    lesson.close();
    const auto observer = m_server->session(QStringLiteral("observer"));
    QProcess process;
    process.setProcessEnvironment(environmentOf(m_server->conninfo()));
    process.start(QStringLiteral(LOCKSCOPE_PROGRAM),
                  {QStringLiteral("scenario"), QStringLiteral("run"), file, QStringLiteral("--yes")});
    const auto lessonOnServer = [&observer] {
        return test::scalar(*observer,
                            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%lockscope%'");
    };
    const QByteArray working =
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND state = 'active' "
        "AND application_name = 'lockscope lab: alice'";
    QTRY_COMPARE_WITH_TIMEOUT(test::scalar(*observer, working), QStringLiteral("1"), 20'000);
    if (kill)
        process.kill();
    else
        process.terminate();
    QVERIFY(process.waitForFinished(30'000));
    if (!kill)
        QCOMPARE(process.exitCode(), 1);
    // Nobody can remove anything after a kill: the server itself notices within client_connection_check_interval.
    QTRY_COMPARE_WITH_TIMEOUT(lessonOnServer(), QStringLiteral("0"), 10'000);
    QCOMPARE(test::scalar(*observer, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));
}

void tst_CommandLine::leavesNothingBehindWhenAScenarioIsInterrupted()
{
    QTemporaryDir directory;
    // The server may run as another account, which has to get through.
    QVERIFY(QFile::setPermissions(directory.path(), QFile::Permissions(0x7755)));
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("TMPDIR"), directory.path());
    process.setProcessEnvironment(environment);
    process.start(QStringLiteral(LOCKSCOPE_PROGRAM), {QStringLiteral("scenario"), QStringLiteral("run"),
                                                      QStringLiteral("crash-release"), QStringLiteral("--sandbox")});
    process.setReadChannel(QProcess::StandardError);
    QByteArray said;
    while (!said.contains("Starting the server")) {
        QVERIFY2(process.waitForReadyRead(30'000), said.constData());
        said += process.readAll();
    }
    QVERIFY(!QDir(directory.path()).isEmpty());
    process.terminate();
    QVERIFY(process.waitForFinished(30'000));
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QVERIFY2(QDir(directory.path()).isEmpty(), qPrintable(QDir(directory.path()).entryList().join(u' ')));
}

void tst_CommandLine::exitsWithThreeWhenNothingListens()
{
    const Run run = lockscopeWith({QStringLiteral("locks"), QStringLiteral("host=127.0.0.1 port=1 user=x dbname=x")});
    QCOMPARE(run.code, 3);
    QVERIFY(run.out.isEmpty());
    QVERIFY2(run.err.startsWith("lockscope: "), run.err.constData());
}

void tst_CommandLine::saysInASentenceThatThereIsNoDisplay()
{
    const Run run = lockscopeWith({QStringLiteral("--sandbox")});
    QCOMPARE(run.code, 3);
    QVERIFY2(run.err.contains("no display"), run.err.constData());
}

QTEST_GUILESS_MAIN(tst_CommandLine)
#include "tst_commandline.moc"
