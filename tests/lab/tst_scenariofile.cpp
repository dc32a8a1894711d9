#include "app/lab/scenario/scenariofile.h"
#include "tests/lab/scenariotext.h"
#include "tests/support/suite.h"

#include <QDir>
#include <QFile>
#include <QRandomGenerator>
#include <QTemporaryDir>

#include <sys/stat.h>

using namespace lockscope;
using namespace lockscope::test;

namespace {

ScenarioAct actAt(const ScenarioDocument& document, qsizetype step)
{
    return std::get<ActStep>(document.steps.at(step).what).act;
}

} // namespace

class TestScenarioFile : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void readsAWholeLesson();
    void readsKeysAsTheyAreWritten_data();
    void readsKeysAsTheyAreWritten();
    void readsDurationsWithTheirUnits_data();
    void readsDurationsWithTheirUnits();
    void readsWhatIsExpected();
    void readsConditions();
    void knowsWhatAnActExpectsByItself();
    void namesFileLineAndColumn();
    void refusesAPipe();
    void knowsAllLessonsInTheOrderInWhichTheyTeach();
    void findsABuiltInLessonByItsName();
    void everyLessonCanBeToldAndChecked();
    void everyLessonHasAPage();
    void theExampleOfTheFormatIsALesson();
    void survivesSpoiledLessons();
};

void TestScenarioFile::readsAWholeLesson()
{
    const auto read = readScenario("scenario: a-lesson\n"
                                   "title: A Lesson\n"
                                   "about: >\n"
                                   "  What one learns,\n"
                                   "  and why.\n"
                                   "server: 14\n"
                                   "prepared transactions: 2\n"
                                   "prepare: [CREATE TABLE t (id int)]\n"
                                   "reset:\n"
                                   "  - DROP TABLE IF EXISTS t;\n"
                                   "actors:\n"
                                   "  shop: {kind: pool, size: 4, checkout: random, seed: 7, service: dedicated,\n"
                                   "         checkout timeout: 200 ms}\n"
                                   "  bouncer: {kind: pooler, mode: statement, size: 5, reset query: none, round "
                                   "robin: true, reset always: true}\n"
                                   "  bob:\n"
                                   "    kind: client\n"
                                   "    database: template1\n"
                                   "    starts: later\n"
                                   "    settings: {lock_timeout: 2s, client_connection_check_interval: 500}\n"
                                   "steps:\n"
                                   "  - say: Hello.\n"
                                   "  - act: connect\n"
                                   "    actor: bob\n"
                                   "    server: 15\n"
                                   "    because: He is late.\n"
                                   "  - kill: bob\n"
                                   "    released within: 500 ms\n"
                                   "    still held after: 0.1 s\n");
    QVERIFY2(read, qPrintable(read ? QString() : read.error().first().found));
    const ScenarioDocument& document = *read;
    QCOMPARE(document.name, QStringLiteral("a-lesson"));
    QCOMPARE(document.about, QStringLiteral("What one learns, and why."));
    QCOMPARE(document.minimumVersion, 14);
    QCOMPARE(document.preparedTransactions, 2);
    QVERIFY(document.needsPooler);
    QCOMPARE(document.prepare, QStringList{QStringLiteral("CREATE TABLE t (id int)")});
    QCOMPARE(document.reset, QStringList{QStringLiteral("DROP TABLE IF EXISTS t")});

    const ScenarioActor& shop = document.actors.at(0);
    QCOMPARE(shop.pool, (PoolSpec{.size = 4,
                                  .order = CheckoutOrder::Random,
                                  .form = LockServiceForm::Dedicated,
                                  .checkoutTimeout = std::chrono::milliseconds(200),
                                  .seed = 7}));
    const PoolerSpec bouncer = document.actors.at(1).pooler;
    QCOMPARE(bouncer.mode, PoolerMode::Statement);
    QCOMPARE(bouncer.poolSize, 5);
    QCOMPARE(bouncer.resetQuery, QString());
    QVERIFY(bouncer.resetAlways && bouncer.roundRobin);
    const ScenarioActor& bob = document.actors.at(2);
    QCOMPARE(bob.kind, ActorKind::Client);
    QCOMPARE(bob.database, QStringLiteral("template1"));
    QVERIFY(bob.startsLater);
    QCOMPARE(bob.settings.size(), 2);
    QCOMPARE(bob.settings.at(0), (std::pair{QStringLiteral("lock_timeout"), QStringLiteral("2s")}));

    QCOMPARE(std::get<SayStep>(document.steps.at(0).what).text, QStringLiteral("Hello."));
    QCOMPARE(document.steps.at(1).line, 22);
    QCOMPARE(document.steps.at(1).minimumVersion, 15);
    QCOMPARE(document.steps.at(1).note, QStringLiteral("He is late."));
    QCOMPARE(std::get<KillStep>(document.steps.at(2).what),
             (KillStep{.actor = QStringLiteral("bob"),
                       .releasedWithin = std::chrono::milliseconds(500),
                       .stillHeldAfter = std::chrono::milliseconds(100)}));
}

void TestScenarioFile::readsKeysAsTheyAreWritten_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("key"); // empty: a fault
    QTest::newRow("number") << QByteArray("5") << QStringLiteral("5");
    QTest::newRow("text") << QByteArray("\"5\"") << QStringLiteral("5");
    QTest::newRow("negative") << QByteArray("-1") << QStringLiteral("-1");
    QTest::newRow("highest") << QByteArray("9223372036854775807") << QStringLiteral("9223372036854775807");
    QTest::newRow("too high") << QByteArray("9223372036854775808") << QString();
    QTest::newRow("pair") << QByteArray("(1, 2)") << QStringLiteral("(1, 2)");
    QTest::newRow("quoted pair") << QByteArray("\"(-5,7)\"") << QStringLiteral("(-5, 7)");
    QTest::newRow("list") << QByteArray("[1, -2]") << QStringLiteral("(1, -2)");
    QTest::newRow("pair too high") << QByteArray("[1, 2147483648]") << QString();
    QTest::newRow("three") << QByteArray("[1, 2, 3]") << QString();
    QTest::newRow("list in list") << QByteArray("[[1], 2]") << QString();
    QTest::newRow("pair without parentheses") << QByteArray("1, 2") << QString();
    QTest::newRow("hexadecimal") << QByteArray("0x5") << QString();
    QTest::newRow("octal to some") << QByteArray("010") << QString();
    QTest::newRow("exponent") << QByteArray("1e3") << QString();
    QTest::newRow("underscore") << QByteArray("1_000") << QString();
    QTest::newRow("fraction") << QByteArray("5.0") << QString();
    QTest::newRow("plus") << QByteArray("+5") << QString();
    QTest::newRow("boolean") << QByteArray("yes") << QString();
    QTest::newRow("nothing") << QByteArray("") << QString();
    QTest::newRow("null") << QByteArray("~") << QString();
    QTest::newRow("map") << QByteArray("{a: 1}") << QString();
}

void TestScenarioFile::readsKeysAsTheyAreWritten()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, key);
    const auto read = readScenario(lesson("  - act: try\n    actor: alice\n    key: " + text + "\n    expect: true\n"));
    QCOMPARE(read.has_value(), !key.isEmpty());
    if (read) {
        QCOMPARE(actAt(*read, 0).key->toString(), key);
    } else {
        QCOMPARE(read.error().size(), 1);
        QCOMPARE(read.error().first().line, 9);
        QCOMPARE(read.error().first().column, text.isEmpty() || text == "~" ? 5 : 10);
    }
}

void TestScenarioFile::readsDurationsWithTheirUnits_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("milliseconds"); // -1: a fault
    QTest::newRow("ms") << QByteArray("200 ms") << 200;
    QTest::newRow("s") << QByteArray("2 s") << 2000;
    QTest::newRow("fraction") << QByteArray("0.25 s") << 250;
    QTest::newRow("min") << QByteArray("10 min") << 600000;
    QTest::newRow("no blank") << QByteArray("500ms") << 500;
    QTest::newRow("zero") << QByteArray("0 ms") << 0;
    QTest::newRow("no unit") << QByteArray("200") << -1;
    QTest::newRow("too long") << QByteArray("11 min") << -1;
    QTest::newRow("much too long") << QByteArray("99999999999 s") << -1;
    QTest::newRow("negative") << QByteArray("-1 s") << -1;
    QTest::newRow("other unit") << QByteArray("1 h") << -1;
    QTest::newRow("list") << QByteArray("[1 s]") << -1;
}

void TestScenarioFile::readsDurationsWithTheirUnits()
{
    QFETCH(QByteArray, text);
    QFETCH(int, milliseconds);
    const auto read = readScenario(lesson("  - act: work\n    actor: alice\n    for: " + text + "\n"));
    QCOMPARE(read.has_value(), milliseconds >= 0);
    if (read)
        QCOMPARE(actAt(*read, 0).duration.count(), milliseconds);
    else
        QVERIFY(read.error().first().expected.contains(QStringLiteral("10 min")));
}

void TestScenarioFile::readsWhatIsExpected()
{
    const auto read = readScenario(
        lesson("  - {act: lock, actor: alice, key: 5, mode: shared, level: transaction, lock timeout: 1 s, expect: "
               "timed out}\n"
               "  - {act: sql, actor: alice, sql: SELECT 3, expect: {value: \"3\", at least: 1 ms, at most: 1 s}}\n"
               "  - {act: sql, actor: alice, sql: SELECT 1 / 0, expect: {sqlstate: 22012}}\n"
               "  - {act: release, actor: shop, key: 5, failing: yes, times: 3,\n"
               "     expect: {answer: error, warning: you don't own, same connection: false}}\n"
               "  - {act: sync, actor: pod-a, key: 5, for: 1 s, expect: 409}\n"
               "  - {act: sync, actor: pod-a, key: 5, for: 1 s, expect: {code: 202, at most: 1 s}}\n",
               everybody));
    QVERIFY(read);
    QCOMPARE(read->actors.at(5).through, QStringLiteral("bouncer"));
    const ScenarioAct lock = actAt(*read, 0);
    QCOMPARE(lock.share, LockShare::Shared);
    QCOMPARE(lock.level, LockLevel::Transaction);
    QCOMPARE(lock.lockTimeout, std::optional(std::chrono::milliseconds(1000)));
    QCOMPARE(lock.expected, ExpectedAnswer{.kind = ExpectedAnswer::Kind::TimedOut});
    QCOMPARE(actAt(*read, 1).expected, (ExpectedAnswer{.kind = ExpectedAnswer::Kind::Done,
                                                       .value = QStringLiteral("3"),
                                                       .atLeast = std::chrono::milliseconds(1),
                                                       .atMost = std::chrono::milliseconds(1000)}));
    QCOMPARE(actAt(*read, 2).expected,
             (ExpectedAnswer{.kind = ExpectedAnswer::Kind::Error, .sqlState = QStringLiteral("22012")}));
    const ScenarioAct release = actAt(*read, 3);
    QVERIFY(release.failing);
    QCOMPARE(release.times, 3);
    QCOMPARE(release.expected, (ExpectedAnswer{.kind = ExpectedAnswer::Kind::Error,
                                               .warning = QStringLiteral("you don't own"),
                                               .sameConnection = false}));
    QCOMPARE(actAt(*read, 4).expected, ExpectedAnswer{.code = 409});
    QCOMPARE(actAt(*read, 5).expected.code, std::optional(202));
}

void TestScenarioFile::readsConditions()
{
    const auto read = readScenario(lesson(
        "  - expect: {key: [1, 2], database: other, held by: [alice, prepared], waiting: nobody, rows: 2, shown as: "
        "x}\n"
        "    during: 1 s\n"
        "  - {act: lock, actor: alice, key: 5, expect: waits}\n"
        "  - wait until: {actor: alice, connected: true, answered: granted, waits for: carl, states: [idle, active]}\n"
        "    within: 3 s\n"
        "  - expect: {actor: shop, free connections: 2, believes: [5, [1, 2]]}\n"
        "  - wait until: {actor: pod-a, believes: nothing}\n",
        everybody));
    QVERIFY(read);
    const auto& expect = std::get<ExpectStep>(read->steps.at(0).what);
    QCOMPARE(expect.during, std::chrono::milliseconds(1000));
    QCOMPARE(expect.condition, (ScenarioCondition{.key = LockKey::pair(1, 2),
                                                  .database = QStringLiteral("other"),
                                                  .heldBy = {{QStringLiteral("alice"), QStringLiteral("prepared")}},
                                                  .waiting = QStringList(),
                                                  .rows = 2,
                                                  .shownAs = QStringLiteral("x")}));
    const auto& wait = std::get<WaitUntilStep>(read->steps.at(2).what);
    QCOMPARE(wait.within, std::chrono::milliseconds(3000));
    QCOMPARE(wait.condition, (ScenarioCondition{.actor = QStringLiteral("alice"),
                                                .connected = true,
                                                .answered = ExpectedAnswer{.kind = ExpectedAnswer::Kind::Granted},
                                                .waitsFor = QStringLiteral("carl"),
                                                .statesAre = {{QStringLiteral("active"), QStringLiteral("idle")}}}));
    QCOMPARE(std::get<ExpectStep>(read->steps.at(3).what).condition.believes,
             std::optional(QList<LockKey>{LockKey::bigint(5), LockKey::pair(1, 2)}));
    const auto& last = std::get<WaitUntilStep>(read->steps.at(4).what);
    QCOMPARE(last.within, std::chrono::milliseconds(5000));
    QCOMPARE(last.condition.believes, std::optional(QList<LockKey>()));
}

void TestScenarioFile::knowsWhatAnActExpectsByItself()
{
    const auto read = readScenario(lesson("  - {act: lock, actor: alice, key: 5}\n"
                                          "  - {act: begin, actor: alice}\n"
                                          "  - {act: lock, actor: alice, key: 6, background: true}\n"));
    QVERIFY(read);
    QCOMPARE(actAt(*read, 0).expected.kind, ExpectedAnswer::Kind::Granted);
    QCOMPARE(actAt(*read, 1).expected.kind, ExpectedAnswer::Kind::Done);
    QCOMPARE(actAt(*read, 2).expected.kind, ExpectedAnswer::Kind::Any);
    QVERIFY(actAt(*read, 2).background);
}

void TestScenarioFile::namesFileLineAndColumn()
{
    const QTemporaryDir directory;
    const QString name = directory.filePath(QStringLiteral("lesson.yaml"));
    QFile file(name);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(lesson("  - {act: tri, actor: alice}\n"));
    file.close();
    const auto read = readScenarioFile(name);
    QVERIFY(!read);
    QCOMPARE(read.error().kind, ErrorKind::Usage);
    QVERIFY2(
        read.error().serverWords.startsWith(name + QStringLiteral(":7:11: found \"tri\"; expected one of connect,")),
        qPrintable(read.error().serverWords));

    const auto missing = readScenarioFile(directory.filePath(QStringLiteral("none.yaml")));
    QVERIFY(!missing);
    QVERIFY(missing.error().what.contains(QStringLiteral("cannot be read")));
}

void TestScenarioFile::refusesAPipe()
{
    const QTemporaryDir directory;
    const QString name = directory.filePath(QStringLiteral("pipe.yaml"));
    QCOMPARE(::mkfifo(qPrintable(name), 0600), 0);
    const auto read = readScenarioFile(name); // must not wait for a writer
    QVERIFY(!read);
    QVERIFY(read.error().what.contains(QStringLiteral("is not a file")));
    QVERIFY(!readScenarioFile(directory.path()));
}

void TestScenarioFile::knowsAllLessonsInTheOrderInWhichTheyTeach()
{
    QStringList names;
    for (const ScenarioDocument& document : builtInScenarios())
        names.append(document.name);
    const QStringList wanted = {QStringLiteral("two-syncs-refused"),
                                QStringLiteral("session-scope"),
                                QStringLiteral("try-versus-blocking"),
                                QStringLiteral("lock-timeout"),
                                QStringLiteral("re-entrant-count"),
                                QStringLiteral("session-versus-transaction"),
                                QStringLiteral("rollback-keeps-session-lock"),
                                QStringLiteral("unlock-all-and-discard"),
                                QStringLiteral("pool-trap"),
                                QStringLiteral("pool-of-one-hides-it"),
                                QStringLiteral("dedicated-connection"),
                                QStringLiteral("missing-finally-exhausts-pool"),
                                QStringLiteral("transaction-pooler-leak"),
                                QStringLiteral("multi-pod-hand-over"),
                                QStringLiteral("crash-release"),
                                QStringLiteral("crash-while-busy"),
                                QStringLiteral("frozen-client"),
                                QStringLiteral("bigint-is-not-a-pair"),
                                QStringLiteral("per-database-keys"),
                                QStringLiteral("shared-and-exclusive-queue"),
                                QStringLiteral("deadlock"),
                                QStringLiteral("prepared-transaction"),
                                QStringLiteral("create-index-concurrently-trap")};
    QCOMPARE(names, wanted);
}

void TestScenarioFile::findsABuiltInLessonByItsName()
{
    const auto found = builtInScenario(QStringLiteral("pool-trap"));
    VERIFY_RESULT(found);
    QCOMPARE(found->title, QStringLiteral("A Pool Breaks Naive Locking"));
    const auto missing = builtInScenario(QStringLiteral("../pool-trap"));
    QVERIFY(!missing);
    QVERIFY(missing.error().advice.contains(QStringLiteral("pool-trap")));
}

void TestScenarioFile::everyLessonCanBeToldAndChecked()
{
    for (const ScenarioDocument& document : builtInScenarios()) {
        qsizetype told = 0;
        qsizetype checked = 0;
        for (const ScenarioStepDocument& step : document.steps)
            ++(std::holds_alternative<SayStep>(step.what) ? told : checked);
        QVERIFY2(told >= 2 && checked >= 5 && checked <= 20, qPrintable(document.name));
        QVERIFY2(document.about.size() > 200, qPrintable(document.name));
        QVERIFY2(!document.keys().isEmpty() && !document.deeds().isEmpty(), qPrintable(document.name));
        for (const ScenarioActor& actor : document.actors) // the same picture each time
            QVERIFY2(actor.kind != ActorKind::Pool || actor.pool.order == CheckoutOrder::RoundRobin,
                     qPrintable(document.name));
    }
}

void TestScenarioFile::everyLessonHasAPage()
{
    QFile index(QStringLiteral(LOCKSCOPE_SOURCE_DIR "/docs/lessons/README.md"));
    QVERIFY(index.open(QIODevice::ReadOnly));
    const QString list = QString::fromUtf8(index.readAll());
    for (const ScenarioDocument& document : builtInScenarios()) {
        QFile page(QStringLiteral(LOCKSCOPE_SOURCE_DIR "/docs/lessons/%1.md").arg(document.name));
        QVERIFY2(page.open(QIODevice::ReadOnly), qPrintable(document.name));
        QVERIFY2(list.contains(QStringLiteral(" [%1](%2.md)").arg(document.title, document.name)),
                 qPrintable(document.name));
        const QString text = QString::fromUtf8(page.readAll());
        QVERIFY2(text.startsWith(QStringLiteral("# ") + document.title + u'\n'), qPrintable(document.name));
        QVERIFY2(text.contains(QStringLiteral("(../images/lessons/%1.png)").arg(document.name)),
                 qPrintable(document.name));
        QVERIFY2(text.contains(QStringLiteral("lockscope scenario run %1 ").arg(document.name)),
                 qPrintable(document.name));
    }
}

void TestScenarioFile::theExampleOfTheFormatIsALesson()
{
    QFile page(QStringLiteral(LOCKSCOPE_SOURCE_DIR "/docs/scenario-format.md"));
    QVERIFY(page.open(QIODevice::ReadOnly));
    const QByteArray text = page.readAll();
    const qsizetype start = text.indexOf("```yaml\n");
    QVERIFY(start > 0);
    const QByteArray example = text.mid(start + 8, text.indexOf("```", start + 8) - start - 8);
    QCOMPARE(faultsOf(example), QStringLiteral("none"));
}

void TestScenarioFile::survivesSpoiledLessons()
{
    QRandomGenerator random(20240611);
    const auto below = [&random](qsizetype limit) {
        return static_cast<qsizetype>(random.bounded(static_cast<int>(limit)));
    };
    const QByteArray letters = "{}[]:,-&*!|>'\"%@`#?~ \n\t()0x5eE+.\\\x80\xff";
    int spoiled = 0;
    const QDir lessons(QStringLiteral(":/scenarios"));
    QCOMPARE(lessons.entryList().size(), 23);
    for (const QString& name : lessons.entryList()) {
        QFile file(lessons.filePath(name));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray original = file.readAll();
        const QByteArrayList lines = original.split('\n');
        for (int round = 0; round < 120; ++round) {
            QByteArray yaml = original;
            for (int changes = 1 + random.bounded(3); changes > 0; --changes) {
                const qsizetype at = below(yaml.size());
                switch (random.bounded(6)) {
                case 0:
                    yaml.remove(at, 1 + below(20));
                    break;
                case 1:
                    yaml.insert(at, letters[below(letters.size())]);
                    break;
                case 2:
                    yaml[at] = letters[below(letters.size())];
                    break;
                case 3:
                    yaml.truncate(std::max<qsizetype>(at, 1));
                    break;
                case 4:
                    yaml.insert(at, lines[below(lines.size())]);
                    break;
                default:
                    yaml.insert(at, '\n' + lines[below(lines.size())] + '\n');
                }
                if (yaml.isEmpty())
                    yaml = "x";
            }
            const auto read = readScenario(yaml);
            if (read)
                continue;
            ++spoiled;
            QVERIFY(!read.error().isEmpty() && read.error().size() <= 20);
            for (const ScenarioFault& fault : read.error()) {
                QVERIFY(fault.line >= 0 && fault.line <= yaml.count('\n') + 2);
                QVERIFY(!fault.found.isEmpty() && !fault.expected.isEmpty());
            }
        }
    }
    QVERIFY(spoiled > 1000);
}

QTEST_GUILESS_MAIN(TestScenarioFile)
#include "tst_scenariofile.moc"
