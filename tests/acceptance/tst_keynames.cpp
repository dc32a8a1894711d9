#include "app/postgres/observer.h"
#include "tests/acceptance/keynamessuite.h"

#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QSignalSpy>

using namespace lockscope;
using test::query;
using test::scalar;
using Desk = test::KeyNamesDesk;

namespace {

KeyLabel label(qint64 key, const char* text, const char* database = "")
{
    return {.what = LockKey::bigint(key), .database = QString::fromLatin1(database), .text = QString::fromLatin1(text)};
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

} // namespace

class tst_KeyNames final : public test::KeyNamesSuite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { openServer(); }
    void cleanupTestCase() { closeServer(); }
    void init()
    {
        Suite::init();
        renewFolder();
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
};

QTEST_GUILESS_MAIN(tst_KeyNames)
#include "tst_keynames.moc"
