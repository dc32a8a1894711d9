#include "models/domain/keyreadings.h"
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
    row("9223372036854775808",
        "\"9223372036854775808\" is too large. A bigint key is a whole number from -9223372036854775808 to "
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
    QCOMPARE(QString::fromUtf8(QJsonDocument(json).toJson(QJsonDocument::Compact)),
             QStringLiteral("{\"input\":\"-5,7\",\"readings\":["
                            "{\"classid\":4294967291,\"form\":\"int4pair\",\"key\":\"(-5, 7)\",\"key1\":-5,\"key2\":7,"
                            "\"known\":[],\"objid\":7,\"objsubid\":2},"
                            "{\"classid\":4294967291,\"form\":\"bigint\",\"key\":\"-21474836473\",\"key1\":null,"
                            "\"key2\":null,\"known\":[],\"objid\":7,\"objsubid\":1}]}"));
}

void TestKeyReadings::keepsBigKeysExactInJson()
{
    const QJsonObject json =
        keyReadingJson({.key = LockKey::bigint(9007199254740993)}); // 2^53 + 1, which no double holds
    QCOMPARE(json.value(QStringLiteral("key")).toString(), QStringLiteral("9007199254740993"));
}

QTEST_GUILESS_MAIN(TestKeyReadings)
#include "tst_keyreadings.moc"
