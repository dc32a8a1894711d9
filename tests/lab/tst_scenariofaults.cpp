#include "app/lab/scenario/scenariofile.h"
#include "tests/lab/scenariotext.h"
#include "tests/support/suite.h"

using namespace lockscope;
using namespace lockscope::test;

class TestScenarioFaults : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void refusesYamlThatIsNone_data();
    void refusesYamlThatIsNone();
    void refusesHeads_data();
    void refusesHeads();
    void refusesActors_data();
    void refusesActors();
    void refusesSteps_data();
    void refusesSteps();
    void refusesStatements_data();
    void refusesStatements();
    void takesStatementsThatOnlyLookLikeTwo_data();
    void takesStatementsThatOnlyLookLikeTwo();
    void tellsSeveralFaultsInTheOrderOfTheFile();
    void stopsAtTwentyFaults();
    void refusesWhatIsTooLarge();
    void refusesABombBeforeItGoesOff();
    void countsColumnsInCharacters();
};

void TestScenarioFaults::refusesYamlThatIsNone_data()
{
    QTest::addColumn<QByteArray>("yaml");
    QTest::addColumn<QString>("start"); // of the first fault
    const auto row = [](const char* name, const QByteArray& yaml, const char* start) {
        QTest::newRow(name) << yaml << QString::fromLatin1(start);
    };
    row("empty", "", "0:0: an empty file; a lesson");
    row("only a comment", "# nothing\n", "0:0: an empty file");
    row("empty document", "---\n", "0:0: an empty file");
    row("a text", "hello", "1:1: \"hello\"; a lesson");
    row("a list", "- a\n- b\n", "1:1: a list; a lesson");
    row("tab", "a:\n\tb: 1\n", "2:");
    row("open bracket", "a: [1, 2\n", "1:");
    row("open quote", "a: \"b\n", "1:");
    row("second document", "a: 1\n---\nb: 2\n", "3:1: a second document");
    row("twice", "title: a\nabout: b\ntitle: c\n",
        "3:1: \"title\" for the second time; each name once; the first one is in line 1");
    row("list as a name", "? [a, b]\n: c\n", "1:3: a list as the name of a member");
    row("nothing as a name", "? \n: c\n", "");
    row("anchor", "title: &a hello\n", "1:8: an anchor (&)");
    row("alias", "title: *a\n", "1:");
    row("tag", "title: !!binary aGk=\n", "1:8: a tag (!)");
    row("own tag", "title: !x {a: b}\n", "1:8: a tag (!)");
    row("latin 1", "title: caf\xe9\n", "1:11: bytes that are no UTF-8; a file in UTF-8");
    row("utf-16", QByteArray("\xff\xfe\x74\x00\x3a\x00", 6), "1:1: bytes that are no UTF-8");
    row("nul", QByteArray("title: a\0b\n", 11), "1:9: the control character U+0000");
    row("escape", "title: a\x1b[1m\n", "1:9: the control character U+001b");
    row("lone carriage return", "a: 1\rb: 2\n", "1:5: the control character U+000d");
}

void TestScenarioFaults::refusesYamlThatIsNone()
{
    QFETCH(QByteArray, yaml);
    QFETCH(QString, start);
    const QString faults = faultsOf(yaml);
    QVERIFY2(faults != QStringLiteral("none") && faults.startsWith(start), qPrintable(faults));
}

void TestScenarioFaults::refusesHeads_data()
{
    QTest::addColumn<QByteArray>("yaml");
    QTest::addColumn<QString>("faults");
    const QByteArray rest = "actors:\n  a: {kind: session}\nsteps:\n  - say: Hello.\n";
    const auto row = [&rest](const char* name, const QByteArray& head, const char* faults) {
        QTest::newRow(name) << head + rest << QString::fromUtf8(faults);
    };
    row("right", "scenario: x\ntitle: T\nabout: A\n", "none");
    row("byte order mark", "\xEF\xBB\xBFscenario: x\ntitle: T\nabout: A\n", "none");
    row("lines of Windows", "scenario: x\r\ntitle: T\r\nabout: A\r\n", "none");
    row("no title", "scenario: x\nabout: A\n", "1:1: no \"title\"; title: one line of text");
    row("name", "scenario: Pool Trap\ntitle: T\nabout: A\n",
        "1:11: \"Pool Trap\"; a name of letters, digits and hyphens, at most 60");
    row("path as a name", "scenario: ../x\ntitle: T\nabout: A\n",
        "1:11: \"../x\"; a name of letters, digits and hyphens, at most 60");
    row("empty about", "scenario: x\ntitle: T\nabout: \"  \"\n", "3:8: \"  \"; a text");
    row("near word", "scenario: x\ntitel: T\ntitle: T\nabout: A\n",
        "2:1: the unknown member \"titel\" of a lesson; one of scenario, title, about, server, prepared transactions, "
        "prepare, reset, actors, steps; did you mean \"title\"?");
    row("old server", "scenario: x\ntitle: T\nabout: A\nserver: 9.6\n", "4:9: \"9.6\"; a whole number from 12 to 99");
    row("prepare as a text", "scenario: x\ntitle: T\nabout: A\nprepare: SELECT 1\n",
        "4:10: \"SELECT 1\"; a list of 1 to 50 statements");
    row("number of transactions", "scenario: x\ntitle: T\nabout: A\nprepared transactions: many\n",
        "4:24: \"many\"; a whole number from 0 to 100");
}

void TestScenarioFaults::refusesHeads()
{
    QFETCH(QByteArray, yaml);
    QFETCH(QString, faults);
    QCOMPARE(faultsOf(yaml), faults);
}

void TestScenarioFaults::refusesActors_data()
{
    QTest::addColumn<QByteArray>("actors");
    QTest::addColumn<QString>("start");
    const auto row = [](const char* name, const QByteArray& actors, const char* start) {
        QTest::newRow(name) << actors << QString::fromUtf8(start);
    };
    row("kind", "  a: {kind: sesion}\n",
        "5:13: \"sesion\"; one of session, client, pool, pod, pooler; did you mean \"session\"?");
    row("no kind", "  a: {size: 2}\n", "5:6: no \"kind\"; kind: one of session, client, pool, pod, pooler");
    row("no map", "  a: session\n", "5:6: \"session\"; a map with the kind of actor, such as {kind: session}");
    row("nothing", "  a:\n", "5:3: nothing; a map with the kind of actor");
    row("name", "  a b: {kind: session}\n", "5:3: \"a b\"; a name of letters, digits and hyphens, at most 30");
    row("reserved name", "  nobody: {kind: session}\n", "5:3: \"nobody\"; another name");
    row("pool of none", "  a: {kind: pool, size: 0}\n", "5:25: \"0\"; a whole number from 1 to 32");
    row("pool too large", "  a: {kind: pool, size: 33}\n", "5:25: \"33\"; a whole number from 1 to 32");
    row("pool of words", "  a: {kind: pool, size: three}\n", "5:25: \"three\"; a whole number from 1 to 32");
    row("checkout", "  a: {kind: pool, checkout: round robin}\n",
        "5:29: \"round robin\"; one of random, round-robin, fifo, lifo; did you mean \"round-robin\"?");
    row("service", "  a: {kind: pool, service: nice}\n", "5:28: \"nice\"; one of naive, dedicated,");
    row("seed of an order", "  a: {kind: pool, checkout: fifo, seed: 3}\n", "5:41: a seed; \"checkout: random\"");
    row("size of a session", "  a: {kind: session, size: 3}\n",
        "5:22: \"size\", which a session does not have; one of kind, server, through, database, starts, settings");
    row("mode of a pool", "  a: {kind: pool, mode: session}\n", "5:19: \"mode\", which a pool does not have");
    row("pooler through", "  a: {kind: pooler, through: b}\n  b: {kind: pooler}\n",
        "5:21: \"through\", which a pooler does not have");
    row("pooler of statements", "  a: {kind: pooler, reset query: ALTER SYSTEM RESET ALL}\n",
        "5:34: ALTER SYSTEM, which changes the whole server");
    row("through nobody", "  a: {kind: session, through: b}\n",
        "5:31: \"b\"; the name of a pooler; this lesson has none");
    row("through a session", "  a: {kind: session, through: b}\n  b: {kind: session}\n  pgb: {kind: pooler}\n",
        "5:31: \"b\"; \"pgb\"");
    row("settings through a pooler",
        "  a: {kind: session, through: b, settings: {lock_timeout: 1s}}\n  b: {kind: pooler}\n",
        "5:44: settings of an actor behind a pooler; no settings");
    row("starts soon", "  a: {kind: session, starts: soon}\n", "5:30: \"soon\"; \"later\"");
    row("settings", "  a: {kind: session, settings: {work_mem: 1GB}}\n",
        "5:33: the setting \"work_mem\"; one of client_connection_check_interval,");
    row("near setting", "  a: {kind: session, settings: {lock_timout: 1s}}\n",
        "5:33: the setting \"lock_timout\"; one of ");
    row("new setting", "  a: {kind: session, settings: {idle_session_timeout: 1s}}\n",
        "5:33: \"idle_session_timeout\"; \"server: 14\"");
    row("setting value", "  a: {kind: session, settings: {lock_timeout: \"1s' -c x=1\"}}\n",
        "5:47: \"1s' -c x=1\"; a number");
    row("minus c", "  a: {kind: session, settings: {lock_timeout: -c}}\n", "5:47: \"-c\"; a number");
    row("settings as a list", "  a: {kind: session, settings: [lock_timeout]}\n", "5:32: a list; a map of settings");
    row("too many connections", "  a: {kind: pool, size: 32}\n  b: {kind: pod, size: 32}\n  c: {kind: session}\n",
        "5:3: 65 connections of all actors together; at most 64");
    QByteArray crowd;
    for (int i = 0; i < 33; ++i)
        crowd += "  a" + QByteArray::number(i) + ": {kind: session}\n";
    row("too many", crowd, "5:3: 33 actors; at most 32");
}

void TestScenarioFaults::refusesActors()
{
    QFETCH(QByteArray, actors);
    QFETCH(QString, start);
    const QString faults = faultsOf(lesson("  - say: Hello.\n", actors));
    QVERIFY2(faults.startsWith(start), qPrintable(faults));
    QVERIFY2(!faults.contains(u'\n'), qPrintable(faults)); // one mistake, one fault
}

void TestScenarioFaults::refusesSteps_data()
{
    QTest::addColumn<QByteArray>("steps");
    QTest::addColumn<QString>("start"); // lines from 1 at the first step
    const auto row = [](const char* name, const QByteArray& steps, const char* start) {
        QTest::newRow(name) << steps << QString::fromUtf8(start);
    };
    const QByteArray waits = "  - {act: lock, actor: alice, key: 5, expect: waits}\n";
    row("unknown verb", "  - {act: tri, actor: alice}\n",
        "1:11: \"tri\"; one of connect, disconnect, try, lock, unlock, "
        "unlock all, begin, commit, rollback, sql, work, cancel, "
        "acquire, release, sync, freeze, thaw; did you mean \"try\"?");
    row("unknown actor", "  - {act: try, actor: alise, key: 5, expect: true}\n",
        "1:23: the unknown actor \"alise\"; one of alice, carl, shop, pod-a, bouncer, bob, late; did you mean "
        "\"alice\"?");
    row("no actor", "  - {act: try, key: 5, expect: true}\n", "1:5: no \"actor\"; actor: who acts");
    row("verb of another kind", "  - {act: acquire, actor: alice, key: 5, expect: true}\n",
        "1:11: \"acquire\", which a session cannot do; one of connect, disconnect, try,");
    row("pooler", "  - {act: connect, actor: bouncer}\n", "1:11: \"connect\", which a pooler cannot do");
    row("sql of a client", "  - {act: sql, actor: carl, sql: SELECT 1}\n", "1:11: \"sql\", which a client cannot do");
    row("no key", "  - {act: try, actor: alice, expect: true}\n", "1:5: no \"key\"; key: 5");
    row("no expectation", "  - {act: try, actor: alice, key: 5}\n", "1:5: no \"expect\"; expect: what");
    row("no statement", "  - {act: sql, actor: alice}\n", "1:5: no \"sql\"; sql: one statement");
    row("no duration", "  - {act: work, actor: alice}\n", "1:5: no \"for\"; for: a duration");
    row("key of a commit", "  - {act: commit, actor: alice, key: 5}\n",
        "1:33: \"key\", which \"commit\" does not have");
    row("level of an unlock", "  - {act: unlock, actor: alice, key: 5, level: session, expect: true}\n",
        "1:41: \"level\", which \"unlock\" does not have");
    row("unknown member", "  - {act: try, actor: alice, kee: 5, key: 5, expect: true}\n",
        "1:30: the unknown member \"kee\" of \"try\"; one of act, actor, key, mode, level, times, expect, server, "
        "because; did you mean \"key\"?");
    row("split pair", "  - expect: {key: (1, 2), held by: alice}\n", "1:19: \"(1\"; [1, 2] or \"(1, 2)\" in quotes");
    row("mode", "  - {act: try, actor: alice, key: 5, mode: share, expect: true}\n",
        "1:44: \"share\"; one of exclusive, shared; did you mean \"shared\"?");
    row("answer of another verb", "  - {act: try, actor: alice, key: 5, expect: granted}\n",
        "1:46: \"granted\"; one of true, false, lost, error, any");
    row("yes as an answer", "  - {act: try, actor: alice, key: 5, expect: yes}\n", "1:46: \"yes\"; one of true, false");
    row("no answer in the map", "  - {act: try, actor: alice, key: 5, expect: {at most: 1 s}}\n",
        "1:46: no \"answer\"");
    row("pod's code", "  - {act: sync, actor: pod-a, key: 5, for: 1 s, expect: 404}\n",
        "1:57: \"404\"; one of 200, 202, 409, 500, 503");
    row("code of a session", "  - {act: try, actor: alice, key: 5, expect: {answer: true, code: 200}}\n",
        "1:61: \"code\", which an answer of \"try\" does not have");
    row("state", "  - {act: sql, actor: alice, sql: SELECT 1, expect: {sqlstate: 55p03}}\n",
        "1:64: \"55p03\"; an SQLSTATE");
    row("state of a success", "  - {act: sql, actor: alice, sql: SELECT 1, expect: {answer: done, sqlstate: 55P03}}\n",
        "1:78: an SQLSTATE with the answer \"done\"");
    row("least over most", "  - {act: begin, actor: alice, expect: {at least: 2 s, at most: 1 s}}\n",
        "1:65: \"1 s\"; no less than \"at least\"");
    row("times", "  - {act: try, actor: alice, key: 5, times: 0, expect: true}\n",
        "1:45: \"0\"; a whole number from 1 to 1000");
    row("expectation in the background", "  - {act: lock, actor: alice, key: 5, background: true, expect: granted}\n",
        "1:65: an expectation of an act in the background");
    row("several waits", "  - {act: lock, actor: alice, key: 5, times: 2, expect: waits}\n",
        "1:5: several acts that all wait");
    row("act of a busy session", waits + "  - {act: try, actor: alice, key: 6, expect: true}\n",
        "2:11: an act of alice, whose \"lock\" has not been answered");
    row("cancel of nothing", "  - {act: cancel, actor: alice}\n", "1:11: cancel, but alice does nothing");
    row("answer of nothing", "  - wait until: {actor: alice, answered: granted}\n",
        "1:42: an answer of alice, who has no act under way");
    row("answer of another kind", waits + "  - wait until: {actor: alice, answered: true}\n",
        "2:42: \"true\"; one of granted, timed out, cancelled, deadlock victim, lost, error, any");
    row("before it connects", "  - {act: begin, actor: late}\n",
        "1:11: an act of late, who is not connected; \"act: connect\"");
    row("connects twice", "  - {act: connect, actor: alice}\n", "1:11: connect, but alice is connected");
    row("after it was killed", "  - kill: alice\n  - {act: begin, actor: alice}\n",
        "2:11: an act of alice, who is not");
    row("frozen", "  - {act: freeze, actor: carl}\n  - {act: begin, actor: carl}\n",
        "2:11: an act of carl, who is frozen");
    row("thaw of a warm one", "  - {act: thaw, actor: carl}\n", "1:11: thaw, but carl is not frozen");
    row("kill of a stranger", "  - kill: postgres\n",
        "1:11: a kill of \"postgres\"; a scenario can only kill what it started; one of alice,");
    row("kill of a pid", "  - kill: 4711\n", "1:11: a kill of \"4711\"; a scenario can only kill what it started");
    row("kill of a pool", "  - kill: shop\n", "1:11: a kill of a pool; a session, client or pod of this lesson");
    row("kill of a pooler", "  - kill: bouncer\n", "1:11: a kill of a pooler");
    row("kill of one who is not there", "  - kill: late\n", "1:11: a kill of late, who is not connected");
    row("kill how", "  - {kill: carl, how: kill 9}\n",
        "1:23: \"kill 9\"; one of kill -9, terminate, quit, from server; did you mean \"kill -9\"?");
    row("session does not quit", "  - {kill: alice, how: quit}\n", "1:24: \"quit\"; one of kill -9, from server");
    row("from server through a pooler", "  - {kill: bob, how: from server}\n",
        "1:22: from server, but bob connects through a pooler");
    row("held longer than released", "  - {kill: carl, released within: 1 s, still held after: 1 s}\n",
        "1:58: \"1 s\"; less than \"released within\"");
    row("condition as a text", "  - expect: free\n", "1:13: \"free\"; a map, such as {key: 5, held by: alice}");
    row("condition about nothing", "  - expect: {held by: alice}\n", "1:13: neither \"key\" nor \"actor\"");
    row("condition without a look", "  - expect: {key: 5}\n",
        "1:13: nothing to look for; one of held by, waiting, rows");
    row("condition of another kind", "  - expect: {actor: alice, connected: true, free connections: 2}\n",
        "1:45: \"free connections\", which a condition about a session does not have");
    row("holder", "  - expect: {key: 5, held by: nobdy}\n", "1:31: the unknown actor \"nobdy\"");
    row("holder twice", "  - expect: {key: 5, held by: [alice, alice]}\n", "1:39: \"alice\" for the second time");
    row("prepared does not wait", "  - expect: {key: 5, waiting: prepared}\n", "1:31: the unknown actor \"prepared\"");
    row("more free than there are", "  - expect: {actor: shop, free connections: 3}\n",
        "1:45: \"3\"; a whole number from 0 to 2");
    row("state of a backend", "  - expect: {actor: alice, states: ideal}\n", "1:36: \"ideal\"; one of active, idle,");
    row("no step word", "  - {actr: alice}\n",
        "1:6: a step with \"actr\"; one of say, act, expect, wait until, kill; did you mean \"act\"?");
    row("two step words", "  - {say: Hello., kill: carl}\n",
        "1:19: \"kill\" in a step that has \"say\"; one thing in each step");
    row("a text as a step", "  - hello\n", "1:5: \"hello\"; a step: a map with one of say,");
    row("within of an expectation", "  - expect: {key: 5, rows: 0}\n    within: 1 s\n",
        "2:5: \"within\", which \"expect\" does not have");
    row("reason of a narration", "  - {say: Hello., because: I can.}\n",
        "1:19: \"because\", which \"say\" does not have");
    row("no steps", "", "0:1: nothing; a list of steps");
    row("empty steps", "  []\n", "1:3: an empty list; a list of steps");
}

void TestScenarioFaults::refusesSteps()
{
    QFETCH(QByteArray, steps);
    QFETCH(QString, start);
    const int before = static_cast<int>(lesson("", everybody).count('\n'));
    const auto read = readScenario(lesson(steps, everybody));
    QVERIFY(!read);
    const ScenarioFault& fault = read.error().first();
    const QString line =
        QStringLiteral("%1:%2: %3; %4")
            .arg(QString::number(fault.line - before), QString::number(fault.column), fault.found, fault.expected);
    if (steps.isEmpty())
        QVERIFY2(line.endsWith(QStringLiteral("nothing; a list of steps")), qPrintable(line));
    else
        QVERIFY2(line.startsWith(start), qPrintable(line));
}

void TestScenarioFaults::refusesStatements_data()
{
    QTest::addColumn<QByteArray>("sql");
    QTest::addColumn<QString>("found");
    const auto row = [](const char* name, const QByteArray& sql, const char* found) {
        QTest::newRow(name) << sql << QString::fromLatin1(found);
    };
    const char* byPid = "a statement that ends sessions by pid";
    row("two", "SELECT 1; SELECT 2", "more than one statement");
    row("two behind a comment", "SELECT 1 /* ; */; -- x\\n SELECT 2", "more than one statement");
    row("two behind a string", "SELECT E'\\\\'; '; SELECT 2", "more than one statement");
    row("nothing", "-- only a comment", "\"-- only a comment\"");
    row("semicolon", " ; ", "\" ; \"");
    row("copy", "copy t FROM STDIN", "COPY");
    row("copy behind a comment", "/* x */ COPY t TO STDOUT", "COPY");
    row("terminate", "SELECT pg_terminate_backend(1)", byPid);
    row("terminate in capitals", "SELECT PG_CATALOG.PG_TERMINATE_BACKEND(1)", byPid);
    row("terminate quoted", "SELECT \\\"pg_terminate_backend\\\"(1)", byPid);
    row("terminate in a block", "DO $$ BEGIN PERFORM pg_terminate_backend(1); END $$", byPid);
    row("cancel", "SELECT pg_cancel_backend(1)", byPid);
    row("escapes", "SELECT U&\\\"pg_terminate_b\\\\0061ckend\\\"(1)",
        "text with Unicode escapes (U&), which hides what it says");
    row("alter system", "ALTER  SYSTEM SET work_mem = 1", "ALTER SYSTEM, which changes the whole server");
    row("alter system behind a comment", "ALTER /* x */ SYSTEM RESET ALL",
        "ALTER SYSTEM, which changes the whole server");
    row("reload", "SELECT pg_reload_conf()", "a statement that acts on the whole server");
    row("drop database", "DROP DATABASE IF EXISTS other", "a statement that changes databases, roles or the like");
    row("drop role", "drop role other", "a statement that changes databases, roles or the like");
    row("drop owned", "DROP OWNED BY other", "a statement that takes what the lesson did not make");
    row("file", "SELECT pg_read_file('x')", "a statement that reaches beyond the lesson");
    const char* prepared = "a prepared transaction that is not called \"lockscope lab ...\"";
    row("prepare", "PREPARE TRANSACTION 'payroll'", prepared);
    row("roll back of a stranger", "ROLLBACK PREPARED 'payroll'", prepared);
    row("commit of a stranger", "commit /* x */ prepared 'payroll'", prepared);
    row("prepared with escapes", "ROLLBACK PREPARED E'lockscope lab'", prepared);
}

void TestScenarioFaults::refusesStatements()
{
    QFETCH(QByteArray, sql);
    QFETCH(QString, found);
    const auto step = readScenario(lesson("  - act: sql\n    actor: alice\n    sql: \"" + sql + "\"\n"));
    QVERIFY(!step);
    QCOMPARE(step.error().size(), 1);
    QCOMPARE(step.error().first().found, found);
    QCOMPARE(step.error().first().line, 9);
    for (const QByteArray& list : {QByteArray("prepare"), QByteArray("reset")}) {
        const auto read = readScenario(lesson("  - say: Hello.\n") + list + ": [\"" + sql + "\"]\n");
        QVERIFY(!read);
        QCOMPARE(read.error().first().found, found);
    }
}

void TestScenarioFaults::takesStatementsThatOnlyLookLikeTwo_data()
{
    QTest::addColumn<QByteArray>("sql");
    QTest::newRow("string") << QByteArray("SELECT 'a;b'");
    QTest::newRow("doubled quote") << QByteArray("SELECT 'a'';b'");
    QTest::newRow("backslash") << QByteArray("SELECT E'a\\\\';b'");
    QTest::newRow("name") << QByteArray("SELECT 1 AS \\\"a;b\\\"");
    QTest::newRow("dollars") << QByteArray("DO $x$ BEGIN PERFORM 1; END $x$");
    QTest::newRow("comment") << QByteArray("SELECT 1 /* a; /* b; */ c; */ -- d; e");
    QTest::newRow("prepared") << QByteArray("ROLLBACK PREPARED 'lockscope lab x'");
    QTest::newRow("copy as a name") << QByteArray("SELECT copy FROM t");
}

void TestScenarioFaults::takesStatementsThatOnlyLookLikeTwo()
{
    QFETCH(QByteArray, sql);
    QCOMPARE(faultsOf(lesson("  - act: sql\n    actor: alice\n    sql: \"" + sql + "\"\n")), QStringLiteral("none"));
}

void TestScenarioFaults::tellsSeveralFaultsInTheOrderOfTheFile()
{
    const auto read = readScenario(lesson("  - {act: try, actor: nobody, key: 5, expect: true}\n"
                                          "  - {act: try, actor: alice, key: five, expect: true}\n",
                                          "  alice: {kind: session, size: 1}\n"));
    QVERIFY(!read);
    QList<int> lines;
    for (const ScenarioFault& fault : read.error())
        lines.append(fault.line);
    QCOMPARE(lines, (QList<int>{5, 7, 8}));
}

void TestScenarioFaults::stopsAtTwentyFaults()
{
    QByteArray steps;
    for (int i = 0; i < 50; ++i)
        steps += "  - {say: }\n";
    const auto read = readScenario(lesson(steps));
    QVERIFY(!read);
    QCOMPARE(read.error().size(), 20);
}

void TestScenarioFaults::refusesWhatIsTooLarge()
{
    QCOMPARE(faultsOf(QByteArray(256 * 1024 + 1, '#')),
             QStringLiteral("0:0: 262145 bytes; at most 256 KB: a lesson is a page or two"));
    QByteArray steps;
    for (int i = 0; i < 501; ++i)
        steps += "  - say: Hello.\n";
    QCOMPARE(faultsOf(lesson(steps)), QStringLiteral("7:3: 501 steps; at most 500"));
    QVERIFY(faultsOf(lesson("  - say: " + QByteArray(2001, 'x') + "\n"))
                .startsWith(QStringLiteral("7:10: 2001 characters; at most 2000")));
}

void TestScenarioFaults::refusesABombBeforeItGoesOff()
{
    QVERIFY(faultsOf("a: &a [x, x]\nb: [*a, *a]\n").startsWith(QStringLiteral("1:4: an anchor (&)")));
    for (const QByteArray& opening : {QByteArray("["), QByteArray("{a: "), QByteArray("- "), QByteArray("? ")}) {
        const QString faults = faultsOf(opening.repeated(250000 / opening.size()));
        QVERIFY2(faults.startsWith(QStringLiteral("1:")), qPrintable(faults));
    }
    QByteArray names;
    for (int i = 0; i < 30000; ++i)
        names += "a" + QByteArray::number(i) + ":\n";
    QVERIFY(faultsOf(names).contains(QStringLiteral("too long")));
}

void TestScenarioFaults::countsColumnsInCharacters()
{
    // Two bytes, then four bytes for one character.
    QVERIFY(faultsOf(lesson("  - {say: \"\u00e9\U0001F512\", acd: 1}\n")).startsWith(QStringLiteral("7:17: ")));
}

QTEST_GUILESS_MAIN(TestScenarioFaults)
#include "tst_scenariofaults.moc"
