#include "models/domain/keyreadings.h"
#include "models/domain/knownkeys.h"
#include "tests/support/suite.h"

#include <QJsonDocument>

using namespace lockscope;

namespace {

/// "bigint 5; int4pair (0, 5)", or the error's sentence and advice.
QString read(const QString& text)
{
    const Result<QList<KeyReading>> readings = keyReadings(text);
    if (!readings)
        return readings.error().what + QStringLiteral(" | ") + readings.error().advice;
    QStringList parts;
    for (const KeyReading& reading : *readings)
        parts += word(reading.key.form()) + u' ' + reading.key.toString();
    return parts.join(QStringLiteral("; "));
}

} // namespace

class TestKeyReadings : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void readsKeys_data();
    void readsKeys();
    void saysWhyAKeyCannotBeRead_data();
    void saysWhyAKeyCannotBeRead();
    void everyReadingHasTheSameBits();
    void tellsNumbersFromTexts_data();
    void tellsNumbersFromTexts();
    void writesTheStableJson();
    void keepsBigKeysExactInJson();
    void readsWhatIsPasted_data();
    void readsWhatIsPasted();
    void pastedMessagesNameTheirDatabase();
    void readsTextsWithoutAServer();
    void namesWhatIsKnown();
    void namesTheKeySpacesOfExtensions();
    void writesTextForPeople();
    void textStaysWithinItsColumns();
};

void TestKeyReadings::readsKeys_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("readings");
    const auto row = [](const char* text, const char* readings) {
        QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(readings);
    };
    row("5", "bigint 5; int4pair (0, 5)");
    row(" -1 ", "bigint -1; int4pair (-1, -1)");
    row("\u22121", "bigint -1; int4pair (-1, -1)");
    row("(\u22125, 7)", "int4pair (-5, 7); bigint -21474836473");
    row("-5,7", "int4pair (-5, 7); bigint -21474836473");
    row("0,5", "int4pair (0, 5); bigint 5");
    row("-9223372036854775808", "bigint -9223372036854775808; int4pair (-2147483648, 0)");
    row("9223372036854775807", "bigint 9223372036854775807; int4pair (2147483647, -1)");
    row("4294967295/4294967295/1", "bigint -1; int4pair (-1, -1)");
    row("4294967295/4294967295/2", "int4pair (-1, -1); bigint -1");
    row("0/5/1", "bigint 5; int4pair (0, 5)");
    row(" 0 / 5 / 2 ", "int4pair (0, 5); bigint 5");
}

void TestKeyReadings::readsKeys()
{
    QFETCH(QString, text);
    QFETCH(QString, readings);
    QCOMPARE(read(text), readings);
}

void TestKeyReadings::saysWhyAKeyCannotBeRead_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("error");
    const auto row = [](const char* text, const char* error) {
        QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(error);
    };
    row("", "The key is empty. | Give a number, a pair of numbers, or a text to hash.");
    row("calendar", "\"calendar\" is a text, not a number: hashing it into a key needs a server, because the hash "
                    "functions belong to "
                    "the server. | Give a connection, so that the server can be asked.");
    row("18446744073709551616",
        "\"18446744073709551616\" is too large. A bigint key is a whole number from -9223372036854775808 to "
        "9223372036854775807. | ");
    row("2147483648, 1", "\"2147483648\" is too large. An int4 pair is two whole numbers from -2147483648 to "
                         "2147483647, such as (-5, 7). | ");
    row("0/5", "\"0/5\" is not three numbers. | Give classid/objid/objsubid as pg_locks prints them, such as 0/5/1.");
    row("1/2/1/1",
        "\"1/2/1/1\" is not three numbers. | Give classid/objid/objsubid as pg_locks prints them, such as 0/5/1.");
    row("4294967296/0/1", "\"4294967296/0/1\" is not a lock tag: classid and objid are whole numbers from 0 to "
                          "4294967295, and objsubid is 1 "
                          "or 2. | Give classid/objid/objsubid as pg_locks prints them, such as 0/5/1.");
    row("-1/0/1", "\"-1/0/1\" is not a lock tag: classid and objid are whole numbers from 0 to 4294967295, and "
                  "objsubid is 1 or 2. | "
                  "Give classid/objid/objsubid as pg_locks prints them, such as 0/5/1.");
    row("0/5/4", "No advisory lock function makes objsubid 4: 1 stands for a bigint key, 2 for an int4 pair. | "
                 "Extensions lock with "
                 "other values in key spaces of their own.");
    row("SELECT pg_advisory_lock(3000000000, 1)", "\"3000000000\" is too large. An int4 pair is two whole numbers from "
                                                  "-2147483648 to 2147483647, such as (-5, 7). "
                                                  "| ");
    row("SELECT pg_advisory_lock(hashtext('x'))",
        "\"SELECT pg_advisory_lock(hashtext('x'))\" is a text, not a number: hashing it into a key needs a server, "
        "because the hash functions belong to the server. | Give a connection, so that the server can be asked.");
    row("advisory lock [5,0,102008,5]",
        "No advisory lock function makes objsubid 5: 1 stands for a bigint key, 2 for an int4 pair. | Extensions lock "
        "with other values in key spaces of their own.");
    row("0/5/65536", "\"0/5/65536\" is not a lock tag: classid and objid are whole numbers from 0 to 4294967295, and "
                     "objsubid is 1 or "
                     "2. | Give classid/objid/objsubid as pg_locks prints them, such as 0/5/1.");
}

void TestKeyReadings::saysWhyAKeyCannotBeRead()
{
    QFETCH(QString, text);
    QFETCH(QString, error);
    QCOMPARE(read(text), error);
    QCOMPARE(keyReadings(text).error().kind, ErrorKind::Usage);
}

void TestKeyReadings::everyReadingHasTheSameBits()
{
    for (const LockKey key : {LockKey::bigint(5), LockKey::bigint(-1), LockKey::pair(-5, 7), LockKey::pair(0, 0)}) {
        const QList<KeyReading> readings = readingsOf(key);
        QCOMPARE(readings.size(), 2);
        QCOMPARE(readings.first().key, key);
        QVERIFY(readings.last().key.form() != key.form());
        QCOMPARE(readings.last().key.classid(), key.classid());
        QCOMPARE(readings.last().key.objid(), key.objid());
        QCOMPARE(readingsOf(readings.last().key).last().key, key);
    }
}

void TestKeyReadings::tellsNumbersFromTexts_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("numbers");
    const auto row = [](const char* text, bool numbers) { QTest::newRow(text) << QString::fromUtf8(text) << numbers; };
    row("5", true);
    row("99999999999999999999", true);
    row("(\u22125, 7)", true);
    row("1/2/3/4", true);
    row("5,", true);
    row("", false);
    row("-", false);
    row("calendar", false);
    row("order-5", false);
    row("0x10", false);
}

void TestKeyReadings::tellsNumbersFromTexts()
{
    QFETCH(QString, text);
    QFETCH(bool, numbers);
    QCOMPARE(readsAsNumbers(text), numbers);
}

void TestKeyReadings::writesTheStableJson()
{
    const QString input = QStringLiteral("-5,7");
    const QJsonObject json = keyReadingsJson(input, keyReadings(input).value());
    QCOMPARE(
        QString::fromUtf8(QJsonDocument(json).toJson(QJsonDocument::Compact)),
        QStringLiteral(
            "{\"input\":\"-5,7\",\"readings\":["
            "{\"classid\":4294967291,\"form\":\"int4pair\",\"how\":\"\",\"key\":\"(-5, 7)\",\"key1\":-5,\"key2\":7,"
            "\"known\":[],\"objid\":7,\"objsubid\":2},"
            "{\"classid\":4294967291,\"form\":\"bigint\",\"how\":\"\",\"key\":\"-21474836473\",\"key1\":null,"
            "\"key2\":null,\"known\":[],\"objid\":7,\"objsubid\":1}]}"));
}

void TestKeyReadings::keepsBigKeysExactInJson()
{
    const QJsonObject json =
        keyReadingJson({.key = LockKey::bigint(9007199254740993)}); // 2^53 + 1, which no double holds
    QCOMPARE(json.value(QStringLiteral("key")).toString(), QStringLiteral("9007199254740993"));
}

void TestKeyReadings::readsWhatIsPasted_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("first");
    QTest::addColumn<QString>("how");
    const auto row = [](const char* text, const char* first, const char* how) {
        QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(first) << QString::fromUtf8(how);
    };
    row("0x5", "bigint 5", "hexadecimal 0x5");
    row("0XfF", "bigint 255", "hexadecimal 0XfF");
    row("0xffffffffffffffff", "bigint -1", "the signed key with the bits of the unsigned 0xffffffffffffffff");
    row("9223372036854775808", "bigint -9223372036854775808",
        "the signed key with the bits of the unsigned 9223372036854775808");
    row("18446744073709551615", "bigint -1", "the signed key with the bits of the unsigned 18446744073709551615");
    row("4294967291/7/2", "int4pair (-5, 7)", "");
    row("[5,0,42,1]", "bigint 42", "as the server's messages print it, in the database with OID 5");
    row("process 812 still waiting for ExclusiveLock on advisory lock [16384,4294967291,7,2] after 1000.040 ms",
        "int4pair (-5, 7)", "as the server's messages print it, in the database with OID 16384");
    row("SELECT pg_advisory_lock(5, 7)", "int4pair (5, 7)", "argument of pg_advisory_lock");
    row("pg_try_advisory_xact_lock(-1)", "bigint -1", "argument of pg_try_advisory_xact_lock");
    row("select PG_Catalog.PG_ADVISORY_UNLOCK_SHARED ( '-5'::int4 , 7::integer );", "int4pair (-5, 7)",
        "argument of pg_advisory_unlock_shared");
    row("SELECT pg_advisory_lock((-9223372036854775808)::bigint)", "bigint -9223372036854775808",
        "argument of pg_advisory_lock");
}

void TestKeyReadings::readsWhatIsPasted()
{
    QFETCH(QString, text);
    QFETCH(QString, first);
    QFETCH(QString, how);
    const Result<QList<KeyReading>> readings = keyReadings(text);
    VERIFY_RESULT(readings);
    QCOMPARE(readings->size(), 2);
    QCOMPARE(word(readings->first().key.form()) + u' ' + readings->first().key.toString(), first);
    QCOMPARE(readings->first().how, how);
    QCOMPARE(pastedKey(text).value().key(), std::optional(readings->first().key));
}

void TestKeyReadings::pastedMessagesNameTheirDatabase()
{
    QCOMPARE(pastedKey(QStringLiteral("[5,0,42,1]")).value().databaseOid, std::optional<quint32>(5));
    QCOMPARE(pastedKey(QStringLiteral("0/42/1")).value().databaseOid, std::optional<quint32>());
    QCOMPARE(pastedKey(QStringLiteral("0/42/9")).value().objsubid, quint16(9));
    QCOMPARE(pastedKey(QStringLiteral("0/42/9")).value().key(), std::optional<LockKey>());
    for (const char* const text : {"", "5", "-1", "5, 7", "calendar", "0x", "0x10000000000000000", "[1,2,3]",
                                   "[5,0,4294967296,1]", "0/42", "-0x5", "pg_advisory_unlock_all()"})
        QVERIFY2(!pastedKey(QString::fromLatin1(text)), text);
    QVERIFY(!pastedKey(QString(10'000'000, u'9')));
}

void TestKeyReadings::readsTextsWithoutAServer()
{
    QStringList lines;
    const QList<KeyReading> readings = textReadings(QStringLiteral("goose"));
    for (const KeyReading& reading : readings)
        lines += reading.how + u' ' + reading.key.toString();
    QCOMPARE(lines.first(2), (QStringList{QStringLiteral("crc32('goose'), unsigned 4097083626"),
                                          QStringLiteral("crc32('goose'), sign-extended -197883670")}));
    QCOMPARE(lines.size(), 10);

    const QList<KeyReading> app = textReadings(QStringLiteral("app"));
    const auto rails = std::find_if(app.begin(), app.end(), [](const KeyReading& reading) {
        return reading.key == LockKey::bigint(6939591962871035475);
    });
    QVERIFY(rails != app.end());
    QCOMPARE(rails->how, QStringLiteral("formula rails for the database 'app'"));

    const QList<KeyReading> table = textReadings(QStringLiteral("public.flyway_schema_history"));
    QVERIFY(std::any_of(table.begin(), table.end(),
                        [](const KeyReading& reading) { return reading.key == LockKey::bigint(77433833903597); }));
    // What was typed is cut, and never read as a placeholder.
    const QString hostile = QStringLiteral("%1 %2\n") + QString(100'000, u'x');
    const QList<KeyReading> long_ = textReadings(hostile);
    for (const KeyReading& reading : long_) {
        QVERIFY(reading.how.size() < 200);
        QVERIFY2(reading.how.contains(QStringLiteral("'%1 %2\u2424")), qPrintable(reading.how));
    }
}

void TestKeyReadings::namesWhatIsKnown()
{
    const KeyDictionary dictionary = KeyDictionary::builtIn();
    const auto readings = keyReadings(QStringLiteral("72707369"), dictionary, QStringLiteral("app"));
    VERIFY_RESULT(readings);
    QCOMPARE(readings->first().known.at(0).toObject().value(QStringLiteral("id")).toString(),
             QStringLiteral("prisma-migrate"));
    QCOMPARE(readings->first().uses.first().name, QStringLiteral("Prisma Migrate"));
    for (const KnownUse& use : readings->last().uses)
        QVERIFY(use.id != u"prisma-migrate"); // the pair (0, 72707369) is another lock
    const auto rails = keyReadings(QStringLiteral("6939591962871035475"), dictionary, QStringLiteral("app"));
    QCOMPARE(rails->first().uses.first().id, QStringLiteral("rails-active-record-migrations"));
    const auto elsewhere = keyReadings(QStringLiteral("6939591962871035475"), dictionary, {});
    QCOMPARE(elsewhere->first().uses.size(), 0);
}

void TestKeyReadings::namesTheKeySpacesOfExtensions()
{
    const auto readings = keyReadings(QStringLiteral("0/102008/5"), KeyDictionary::builtIn(), {});
    QVERIFY(!readings);
    QCOMPARE(readings.error().advice, QStringLiteral("Extensions lock with other values in key spaces of their own. "
                                                     "This one: probably Citus, shard id 102008."));
}

void TestKeyReadings::writesTextForPeople()
{
    const KeyDictionary dictionary = KeyDictionary::builtIn();
    const QList<KeyReading> readings = keyReadings(QStringLiteral("0x4556ca9"), dictionary, {}).value();
    QCOMPARE(keyReadingsText(readings),
             QStringLiteral("bigint     72707241                      classid 0  objid 72707241  objsubid 1\n"
                            "    hexadecimal 0x4556ca9\n"
                            "    Ecto migrations: Serialises migrations, phash2 72707241 [may be]\n"
                            "        elixir-ecto/ecto_sql lib/ecto/adapters/postgres.ex\n"
                            "    Que: One worker per job, que_jobs.id 72707241 [may be]\n"
                            "        que-rb/que lib/que/locker.rb\n"
                            "    Oban: Unique-job insertion, phash2 sum 72707241 [may be]\n"
                            "        oban-bg/oban lib/oban/engines/basic.ex\n"
                            "int4 pair  (0, 72707241)                 classid 0  objid 72707241  objsubid 2\n"
                            "    hexadecimal 0x4556ca9\n"
                            "    SAQ: Sweeper leader, hashtext of the queue name 72707241 [may be]\n"
                            "        tobymao/saq saq/queue/postgres.py\n"
                            "    Concourse: resource config checking, resource config id 72707241 [may be]\n"
                            "        concourse/concourse atc/db/lock/lock.go\n"));
}

void TestKeyReadings::textStaysWithinItsColumns()
{
    const KeyDictionary dictionary = KeyDictionary::builtIn();
    const QList<KnownKey> entries = dictionary.knownKeys();
    QVERIFY(!entries.isEmpty());
    for (const KnownKey& entry : entries) {
        const auto* const match = std::get_if<KnownKey::Constant>(&entry.match);
        if (!match)
            continue;
        QList<KeyReading> readings = readingsOf(match->key);
        nameReadings(readings, dictionary, QString(200, u'd'));
        const QString text = keyReadingsText(readings);
        QVERIFY2(text.contains(entry.name), qPrintable(text));
        for (const QString& line : text.split(u'\n'))
            QVERIFY2(line.size() <= 100, qPrintable(line));
    }
}

QTEST_GUILESS_MAIN(TestKeyReadings)
#include "tst_keyreadings.moc"
