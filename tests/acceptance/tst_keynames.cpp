#include "app/keynames.h"
#include "app/postgres/observer.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QSignalSpy>
#include <QTemporaryDir>

using namespace lockscope;
using namespace std::chrono_literals;
using test::scalar;

namespace {

KeyLabel label(qint64 key, const char* text, const char* database = "")
{
    return {.what = LockKey::bigint(key), .database = QString::fromLatin1(database), .text = QString::fromLatin1(text)};
}

LabelQuery query(const char* id, const char* sql)
{
    return {.id = QString::fromLatin1(id), .sql = QString::fromLatin1(sql)};
}

/// "5: five | 100 to 200: many": what the labels say, in their order.
QString asText(const QList<KeyLabel>& labels)
{
    QStringList lines;
    for (const auto& one : labels) {
        const auto* key = std::get_if<LockKey>(&one.what);
        lines.append((key != nullptr ? key->toString() : QStringLiteral("several")) + QStringLiteral(": ") + one.text);
    }
    return lines.join(QStringLiteral(" | "));
}

/// Holds names and says what went wrong with the file.
struct Desk
{
    explicit Desk(const QString& file, std::chrono::milliseconds interval = KeyNames::usualInterval)
        : names(file, interval)
        , failures(&names, &KeyNames::failed)
    {
    }
    QString failure() const { return failures.isEmpty() ? QString() : failures.last().first().value<Error>().what; }
    QString meaning(quint32 databaseOid, qint64 key, const QString& database) const
    {
        return names.dictionary()->meaning(LockTarget::advisory(databaseOid, LockKey::bigint(key)), database);
    }

    KeyNames names;
    QSignalSpy failures;
};

} // namespace

class tst_KeyNames final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        qRegisterMetaType<Error>("lockscope::Error");
        m_server = std::make_unique<test::TestServer>();
        QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
        m_witness = m_server->session(QStringLiteral("witness"));
        VERIFY_RESULT(m_witness->execute("CREATE TABLE calendars (id bigint, name text);"
                                         "INSERT INTO calendars VALUES (5, 'Google calendar, ACME')",
                                         5s));
        m_info.database = scalar(*m_witness, "SELECT current_database()");
        m_info.databaseOid =
            scalar(*m_witness, "SELECT oid FROM pg_database WHERE datname = current_database()").toUInt();
        m_info.host = QStringLiteral("db1");
        m_info.port = 5432;
    }
    void cleanupTestCase()
    {
        m_witness.reset();
        m_server.reset();
    }
    void init()
    {
        Suite::init();
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
    }

    void theFileStandsBesideTheSettings()
    {
        QCOMPARE(KeyNames::fileBeside(QStringLiteral("/home/me/.config/lockscope/lockscope.ini")),
                 QStringLiteral("/home/me/.config/lockscope/key-names.json"));
    }

    void namesAreKeptForTheOwnersEyesAndFoundAgain()
    {
        {
            Desk desk(file());
            desk.names.load();
            QVERIFY(desk.names.labels().isEmpty());
            desk.names.setLabels({label(5, "five"),
                                  {.what = KeyLabel::Range{.first = -9223372036854775807 - 1, .last = -7},
                                   .database = QStringLiteral("app"),
                                   .text = QStringLiteral("old ones")},
                                  {.what = KeyLabel::ClassId{.classid = -3}, .text = QStringLiteral("<b>%1</b>")},
                                  {.what = LockKey::pair(-5, 7), .text = QStringLiteral("a pair")}});
            desk.names.setQuery(query("one", "SELECT 1, 'x'"));
            QCOMPARE(desk.failure(), QString());
        }
        QCOMPARE(QFile::permissions(file()) &
                     (QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther | QFile::ExeOwner),
                 QFile::Permissions());
        Desk again(file());
        again.names.load();
        QCOMPARE(asText(again.names.labels()),
                 QStringLiteral("5: five | several: old ones | several: <b>%1</b> | (-5, 7): a pair"));
        QCOMPARE(std::get<KeyLabel::Range>(again.names.labels().at(1).what).first, std::numeric_limits<qint64>::min());
        QCOMPARE(again.names.queries().size(), 1);
        QCOMPARE(again.names.queries().first().sql, QStringLiteral("SELECT 1, 'x'"));
        QTRY_COMPARE(again.meaning(1, 5, QStringLiteral("any")), QStringLiteral("five"));
    }

    void aBrokenFileIsSaidAndNeverOverwritten_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("says");
        QTest::newRow("no JSON") << QByteArray("{\"version\": 1,\n \"labels\": [\n nonsense]}")
                                 << QStringLiteral("Line 3:");
        QTest::newRow("empty") << QByteArray() << QStringLiteral("Line 1:");
        QTest::newRow("a list") << QByteArray("[]") << QStringLiteral("The file: it is no object");
        QTest::newRow("other version") << QByteArray("{\"version\": 2}") << QStringLiteral("\"version\" is not 1");
        const auto entry = [](const char* name, const QByteArray& content, const QString& says) {
            QTest::newRow(name) << "{\"version\": 1, \"labels\": [{\"key\": \"1\", \"text\": \"one\"}, " + content +
                                       "]}"
                                << QStringLiteral("Label 2: ") + says;
        };
        entry("unknown member", R"({"key": "2", "text": "two", "colour": "red"})",
              QStringLiteral("\"colour\" is not known"));
        entry("key as number", R"({"key": 2, "text": "two"})", QStringLiteral("\"key\" is no text"));
        entry("no key", R"({"text": "two"})", QStringLiteral("it needs either"));
        entry("two keys", R"({"key": "2", "classid": 1, "text": "two"})", QStringLiteral("it needs either"));
        entry("half a range", R"({"first": "2", "text": "two"})", QStringLiteral("\"last\" is missing"));
        entry("backwards", R"({"first": "2", "last": "1", "text": "two"})", QStringLiteral("the range runs backwards"));
        entry("large class", R"({"classid": 2147483648, "text": "two"})",
              QStringLiteral("\"classid\" is no whole number"));
        entry("fraction", R"({"classid": 1.5, "text": "two"})", QStringLiteral("\"classid\" is no whole number"));
        entry("no name", R"({"key": "2", "text": " "})", QStringLiteral("There is no name"));
        entry("two lines", R"({"key": "2", "text": "a\nb"})", QStringLiteral("The name holds a line break"));
        QTest::newRow("query twice")
            << QByteArray(R"({"version": 1, "queries": [{"id": "a", "sql": "x"}, {"id": "a", "sql": "y"}]})")
            << QStringLiteral("Query 2: its \"id\" is that of an earlier query");
        QTest::newRow("query timeout")
            << QByteArray(R"({"version": 1, "queries": [{"id": "a", "sql": "x", "timeoutMilliseconds": 0}]})")
            << QStringLiteral("Query 1: \"timeoutMilliseconds\" is no whole number from 100 to 60000");
    }

    void aBrokenFileIsSaidAndNeverOverwritten()
    {
        QFETCH(const QByteArray, content);
        QFETCH(const QString, says);
        write(content);
        Desk desk(file());
        desk.names.load();
        QVERIFY2(desk.failure().contains(says), qPrintable(desk.failure()));
        QVERIFY(desk.failures.last().first().value<Error>().advice.contains(QStringLiteral("key-names.json")));
        desk.names.setLabels({label(9, "nine")});
        QCOMPARE(desk.failures.size(), 2);
        QCOMPARE(asText(desk.names.labels()), QStringLiteral("9: nine"));
        QCOMPARE(read(), content);
    }

    void twoConsolesKeepEachOthersNames()
    {
        Desk one(file());
        Desk other(file());
        one.names.load();
        other.names.load();
        one.names.setLabels({label(1, "one"), label(2, "two")});
        other.names.setLabels({label(3, "three")});
        QCOMPARE(asText(other.names.labels()), QStringLiteral("1: one | 2: two | 3: three"));
        one.names.setLabels({label(2, "two")});
        QCOMPARE(asText(one.names.labels()), QStringLiteral("2: two | 3: three"));
        one.names.setQuery(query("a", "SELECT 1, 'a'"));
        other.names.setQuery(query("b", "SELECT 1, 'b'"));
        QCOMPARE(other.names.queries().size(), 2);
        QCOMPARE(one.failure() + other.failure(), QString());
    }

    void aFolderThatCannotBeWrittenIsSaidAndTheNamesStayInUse()
    {
        write("a file where a folder should be");
        Desk desk(file() + QStringLiteral("/key-names.json"));
        desk.names.load();
        desk.names.setLabels({label(5, "five")});
        QVERIFY2(desk.failure().contains(QStringLiteral("could not be saved")), qPrintable(desk.failure()));
        QTRY_COMPARE(desk.meaning(1, 5, QString()), QStringLiteral("five"));
    }

    void importsNamesButNoQueries()
    {
        const QString shared = m_folder->filePath(QStringLiteral("shared.json"));
        {
            Desk desk(file());
            desk.names.setLabels({label(5, "five"), label(6, "six")});
            desk.names.setQuery(query("a", "SELECT 1, 'a'"));
            VERIFY_RESULT(desk.names.exportLabels(shared));
        }
        QVERIFY(QFile::copy(file(), m_folder->filePath(QStringLiteral("whole.json"))));
        QVERIFY(QFile::remove(file()));
        Desk desk(file());
        desk.names.setLabels({label(6, "half a dozen"), label(7, "seven"), label(6, "six of app", "app")});
        const auto imported = desk.names.importLabels(m_folder->filePath(QStringLiteral("whole.json")));
        VERIFY_RESULT(imported);
        QCOMPARE(*imported, 2);
        QCOMPARE(asText(desk.names.labels()), QStringLiteral("6: six | 7: seven | 6: six of app | 5: five"));
        QVERIFY(desk.names.queries().isEmpty());
        QFile exported(shared);
        QVERIFY(exported.open(QIODevice::ReadOnly));
        QVERIFY(QJsonDocument::fromJson(exported.readAll())[QStringLiteral("queries")].toArray().isEmpty());
        QVERIFY(!desk.names.importLabels(m_folder->filePath(QStringLiteral("missing.json"))));
    }

    void aLabelQueryNamesKeysOfTheConnectedDatabase()
    {
        Desk desk(file());
        QSignalSpy published(&desk.names, &KeyNames::dictionaryChanged);
        desk.names.setQuery(query("calendars", "SELECT id, name FROM calendars"));
        QVERIFY(!desk.names.queryState(QStringLiteral("calendars")).isForThisServer);
        desk.names.setServer(m_server->conninfo(), m_info);
        QVERIFY(desk.names.queryState(QStringLiteral("calendars")).running);
        QTRY_COMPARE(desk.meaning(m_info.databaseOid, 5, m_info.database), QStringLiteral("Google calendar, ACME"));
        const auto state = desk.names.queryState(QStringLiteral("calendars"));
        QVERIFY(state.isForThisServer && !state.running && state.lastRun && !state.error);
        QCOMPARE(state.rows, 1);
        QCOMPARE(state.firstRows.first().second, QStringLiteral("Google calendar, ACME"));
        // One key in two databases is two locks.
        QVERIFY(desk.meaning(m_info.databaseOid + 1, 5, m_info.database) != QStringLiteral("Google calendar, ACME"));
        QVERIFY(!published.isEmpty());
        desk.names.close();
        QTRY_VERIFY(desk.meaning(m_info.databaseOid, 5, m_info.database) != QStringLiteral("Google calendar, ACME"));
        QVERIFY(!desk.names.queryState(QStringLiteral("calendars")).lastRun);
    }

    void queriesForOtherServersDoNotRun()
    {
        Desk desk(file());
        auto elsewhere = query("a", "SELECT 5, 'elsewhere'");
        elsewhere.host = QStringLiteral("db2");
        auto otherPort = query("b", "SELECT 5, 'other port'");
        otherPort.port = 5433;
        auto otherDatabase = query("c", "SELECT 5, 'other database'");
        otherDatabase.database = QStringLiteral("other");
        auto here = query("d", "SELECT 5, 'here'");
        here.host = QStringLiteral("db1");
        here.port = 5432;
        here.database = m_info.database;
        for (const auto& one : {elsewhere, otherPort, otherDatabase, here})
            desk.names.setQuery(one);
        desk.names.setServer(m_server->conninfo(), m_info);
        QTRY_COMPARE(desk.meaning(m_info.databaseOid, 5, m_info.database), QStringLiteral("here"));
        for (const auto* id : {"a", "b", "c"}) {
            desk.names.runQuery(QString::fromLatin1(id));
            const auto state = desk.names.queryState(QString::fromLatin1(id));
            QVERIFY(!state.isForThisServer && !state.running && !state.lastRun);
        }
    }

    void aFailedRunSaysWhyAndKeepsTheNamesOfTheLastOne()
    {
        Desk desk(file(), 100ms);
        VERIFY_RESULT(
            m_witness->execute("CREATE TABLE vanishing AS SELECT 77::bigint AS id, 'seventy-seven' AS name", 5s));
        desk.names.setQuery(query("v", "SELECT id, name FROM vanishing"));
        desk.names.setServer(m_server->conninfo(), m_info);
        QTRY_COMPARE(desk.meaning(m_info.databaseOid, 77, m_info.database), QStringLiteral("seventy-seven"));
        VERIFY_RESULT(m_witness->execute("DROP TABLE vanishing", 5s));
        QTRY_VERIFY(desk.names.queryState(QStringLiteral("v")).error);
        QVERIFY(desk.names.queryState(QStringLiteral("v")).error->serverWords.contains(QStringLiteral("vanishing")));
        QCOMPARE(desk.meaning(m_info.databaseOid, 77, m_info.database), QStringLiteral("seventy-seven"));
    }

    void queriesAreAskedAgainByThemselves()
    {
        Desk desk(file(), 50ms);
        VERIFY_RESULT(m_witness->execute("CREATE TABLE growing AS SELECT 1::bigint AS id, 'first' AS name", 5s));
        desk.names.setQuery(query("g", "SELECT id, name FROM growing"));
        desk.names.setServer(m_server->conninfo(), m_info);
        QTRY_COMPARE(desk.names.queryState(QStringLiteral("g")).rows, 1);
        VERIFY_RESULT(m_witness->execute("INSERT INTO growing VALUES (1234567, 'second')", 5s));
        QTRY_COMPARE(desk.meaning(m_info.databaseOid, 1234567, m_info.database), QStringLiteral("second"));
    }

    void theAnswerToAnEarlierTextOfAQueryIsDropped()
    {
        Desk desk(file());
        desk.names.setServer(m_server->conninfo(), m_info);
        desk.names.setQuery(query("q", "SELECT 4321, 'early' || pg_sleep(0.3)::text"));
        desk.names.runQuery(QStringLiteral("q"));
        QVERIFY(desk.names.queryState(QStringLiteral("q")).running);
        desk.names.setQuery(query("q", "SELECT 4321, 'late' || pg_sleep(0.6)::text"));
        QVERIFY(!desk.names.queryState(QStringLiteral("q")).running);
        desk.names.runQuery(QStringLiteral("q"));
        QStringList meanings;
        connect(&desk.names, &KeyNames::dictionaryChanged, this,
                [&] { meanings.append(desk.meaning(m_info.databaseOid, 4321, m_info.database)); });
        QTRY_COMPARE(desk.meaning(m_info.databaseOid, 4321, m_info.database), QStringLiteral("late"));
        QVERIFY(!meanings.contains(QStringLiteral("early")));
        desk.names.removeQuery(QStringLiteral("q"));
        QTRY_COMPARE(desk.meaning(m_info.databaseOid, 4321, m_info.database), QString());
    }

    void theAnswerOfAnEarlierServerIsDropped()
    {
        Desk desk(file());
        desk.names.setQuery(query("q", "SELECT 4321, 'slow' || pg_sleep(0.5)::text"));
        auto earlier = m_info;
        earlier.port = 1;
        desk.names.setServer(m_server->conninfo(), earlier);
        QSignalSpy states(&desk.names, &KeyNames::queryStateChanged);
        desk.names.setServer(m_server->conninfo(), m_info);
        QTRY_COMPARE(desk.meaning(m_info.databaseOid, 4321, m_info.database), QStringLiteral("slow"));
        QStringList seen;
        for (const auto& said : std::as_const(states)) {
            const auto state = said.at(1).value<LabelQueryState>();
            seen.append(state.running ? QStringLiteral("running") : QStringLiteral("finished"));
        }
        QCOMPARE(seen, (QStringList{QStringLiteral("running"), QStringLiteral("finished")}));
    }

    void anEndWithQuestionsOnTheirWayIsNoTrouble()
    {
        const auto running = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'lockscope label query'";
        {
            Desk desk(file());
            desk.names.setQuery(query("q", "SELECT 1, 'slow' || pg_sleep(0.5)::text"));
            desk.names.setServer(m_server->conninfo(), m_info);
            QTRY_COMPARE(scalar(*m_witness, running), QStringLiteral("1"));
        }
        QTRY_COMPARE(scalar(*m_witness, running), QStringLiteral("0"));
        QCoreApplication::processEvents();
    }

    void asksTheServerOnceForEachDatabaseThatAppears()
    {
        Desk desk(file());
        int asked = 0;
        desk.names.setPostWork([&](const Observer::Work& work, const auto&) {
            ++asked;
            work(*m_witness, m_info);
        });
        desk.names.setServer(m_server->conninfo(), m_info);
        const QHash<quint32, QString> databases{{m_info.databaseOid, m_info.database}, {99999, QStringLiteral("app")}};
        desk.names.setDatabases(databases);
        QTRY_COMPARE(asked, 2);
        const auto questions = KeyDictionary::builtIn().hashQuestions(QStringLiteral("app"));
        QVERIFY(!questions.isEmpty());
        const auto& question = questions.first();
        const auto key = scalar(*m_witness, question.extended ? "SELECT hashtextextended('" + question.text.toUtf8() +
                                                                    "', " + QByteArray::number(question.seed) + ")"
                                                              : "SELECT hashtext('" + question.text.toUtf8() + "')")
                             .toLongLong();
        const auto known = [&] {
            const auto uses =
                desk.names.dictionary()->uses(LockTarget::advisory(99999, LockKey::bigint(key)), QStringLiteral("app"));
            return std::any_of(uses.cbegin(), uses.cend(),
                               [&](const KnownUse& use) { return use.id == question.entryId; });
        };
        QTRY_VERIFY(known());
        desk.names.setDatabases(databases);
        QCoreApplication::processEvents();
        QCOMPARE(asked, 2);
    }

    void textOfOtherEncodingsIsOnlyHashedForTheConnectedDatabase()
    {
        Desk desk(file());
        QList<QString> hashed;
        desk.names.setPostWork([&](const Observer::Work& work, const auto&) { work(*m_witness, m_info); });
        desk.names.setServer(m_server->conninfo(), m_info);
        QSignalSpy published(&desk.names, &KeyNames::dictionaryChanged);
        desk.names.setDatabases({{99999, QStringLiteral("caf\u00e9")}});
        QTRY_VERIFY(!published.isEmpty());
        const auto questions = KeyDictionary::builtIn().hashQuestions(QStringLiteral("caf\u00e9"));
        for (const auto& question : questions) {
            if (!question.text.contains(QChar(0xe9)))
                continue;
            const auto key = scalar(*m_witness, "SELECT hashtext('" + question.text.toUtf8() + "')").toLongLong();
            const auto uses = desk.names.dictionary()->uses(LockTarget::advisory(99999, LockKey::bigint(key)),
                                                            QStringLiteral("caf\u00e9"));
            for (const auto& use : uses)
                QVERIFY(use.id != question.entryId);
        }
    }

    void anUnreachableObserverIsAskedAgainAfterTheNextLogin()
    {
        Desk desk(file());
        int asked = 0;
        bool reachable = false;
        desk.names.setPostWork([&](const Observer::Work& work, const std::function<void(const Error&)>& unreachable) {
            ++asked;
            if (reachable)
                work(*m_witness, m_info);
            else
                unreachable({.kind = ErrorKind::Connection, .what = QStringLiteral("no link")});
        });
        desk.names.setServer(m_server->conninfo(), m_info);
        const QHash<quint32, QString> databases{{m_info.databaseOid, m_info.database}};
        desk.names.setDatabases(databases);
        QTRY_COMPARE(asked, 1);
        QCoreApplication::processEvents();
        desk.names.setDatabases(databases);
        QCOMPARE(asked, 1); // not with every poll
        reachable = true;
        desk.names.setServer(m_server->conninfo(), m_info);
        QTRY_COMPARE(asked, 2);
    }

    void aQuestionThatTookTooLongIsAskedAgain()
    {
        Desk desk(file());
        int asked = 0;
        desk.names.setPostWork([&](const Observer::Work& work, const std::function<void(const Error&)>& unreachable) {
            if (++asked == 1)
                unreachable({.kind = ErrorKind::Server, .what = {}, .sqlState = QStringLiteral("57014")});
            else
                work(*m_witness, m_info);
        });
        desk.names.setServer(m_server->conninfo(), m_info);
        const QHash<quint32, QString> databases{{m_info.databaseOid, m_info.database}};
        desk.names.setDatabases(databases);
        QCOMPARE(asked, 1);
        QCoreApplication::processEvents();
        desk.names.setServer(m_server->conninfo(), m_info); // or once the pause is over
        QTRY_COMPARE(asked, 2);
    }

    void readOnlyRunsNoLabelQuery()
    {
        const auto victim = m_server->session(QStringLiteral("victim"));
        const auto pid = QByteArray::number(victim->claimedPid());
        Desk desk(file());
        desk.names.setReadOnly(true);
        // A read-only transaction does not stop this.
        desk.names.setQuery(query("q", QByteArray("SELECT 1, pg_terminate_backend(" + pid + ")::text").constData()));
        desk.names.setServer(m_server->conninfo(), m_info);
        desk.names.runQuery(QStringLiteral("q"));
        const auto state = desk.names.queryState(QStringLiteral("q"));
        QVERIFY(!state.running && !state.lastRun);
        QVERIFY(state.error);
        QVERIFY2(state.error->what.contains(QStringLiteral("--read-only")), qPrintable(state.error->what));
        QCOMPARE(scalar(*m_witness, "SELECT count(*) FROM pg_stat_get_activity(" + pid + ")"), QStringLiteral("1"));
    }

    void anObserverThatEndsWithTheQuestionIsNoEnd()
    {
        Desk desk(file());
        int asked = 0;
        desk.names.setPostWork([&](const Observer::Work&, const auto&) { ++asked; }); // drops it
        desk.names.setServer(m_server->conninfo(), m_info);
        const QHash<quint32, QString> databases{{m_info.databaseOid, m_info.database}};
        desk.names.setDatabases(databases);
        QCOMPARE(asked, 1);
        QCoreApplication::processEvents();
        desk.names.setDatabases(databases);
        QTRY_COMPARE(asked, 2);
    }

    void hashesATextOnTheObserversOwnConnection()
    {
        Desk desk(file());
        QSignalSpy hashed(&desk.names, &KeyNames::textHashed);
        QSignalSpy notHashed(&desk.names, &KeyNames::textNotHashed);
        desk.names.hashText(QStringLiteral("calendar"));
        QCOMPARE(notHashed.size(), 1);
        QVERIFY(notHashed.first().at(1).value<Error>().advice.contains(QStringLiteral("Connect")));

        Observer observer(m_server->conninfo(), {});
        QSignalSpy identified(&observer, &Observer::serverIdentified);
        observer.start();
        QTRY_COMPARE(identified.size(), 1);
        desk.names.setPostWork([&observer](Observer::Work work, std::function<void(const Error&)> unreachable) {
            observer.post(std::move(work), std::move(unreachable));
        });
        desk.names.setServer(m_server->conninfo(), identified.first().first().value<ServerInfo>());
        desk.names.hashText(QStringLiteral("it's \\ calendar"));
        QTRY_COMPARE(hashed.size(), 1);
        QCOMPARE(hashed.first().first().toString(), QStringLiteral("it's \\ calendar"));
        QStringList keys;
        const auto hashes = hashed.first().at(1).value<QList<ServerHash>>();
        for (const auto& hash : hashes)
            keys.append(hash.entryId + QLatin1Char(' ') + hash.key.toString());
        QCOMPARE(keys,
                 (QStringList{QStringLiteral("hashtext ") + scalar(*m_witness, "SELECT hashtext('it''s \\ calendar')"),
                              QStringLiteral("hashtextextended ") +
                                  scalar(*m_witness, "SELECT hashtextextended('it''s \\ calendar', 0)")}));
        desk.names.hashText(QStringLiteral("a").append(QChar::Null));
        QTRY_COMPARE(notHashed.size(), 2);
    }

private:
    QString file() const { return m_folder->filePath(QStringLiteral("key-names.json")); }
    void write(const QByteArray& content) const
    {
        QFile out(file());
        QVERIFY(out.open(QIODevice::WriteOnly) && out.write(content) == content.size());
    }
    QByteArray read() const
    {
        QFile in(file());
        return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray("unreadable");
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_witness;
    ServerInfo m_info;
};

QTEST_GUILESS_MAIN(tst_KeyNames)
#include "tst_keynames.moc"
