#include "models/domain/lockkey.h"
#include "tests/support/suite.h"

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QSet>

#include <algorithm>
#include <limits>

using namespace lockscope;

namespace {

const QString bigintRange =
    QStringLiteral("A bigint key is a whole number from -9223372036854775808 to 9223372036854775807.");
const QString pairRange =
    QStringLiteral("An int4 pair is two whole numbers from -2147483648 to 2147483647, such as (-5, 7).");

/// "5", or the error's sentence and advice.
QString parsed(const QString& text, KeyForm form)
{
    const Result<LockKey> key = LockKey::parse(text, form);
    if (key)
        return key->toString();
    return key.error().what + (key.error().advice.isEmpty() ? QString() : QStringLiteral(" | ") + key.error().advice);
}

QString lockTag(LockKey key)
{
    return QStringLiteral("%1/%2/%3")
        .arg(QString::number(key.classid()), QString::number(key.objid()), QString::number(key.objsubid()));
}

} // namespace

class TestLockKey : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void readsBigints_data();
    void readsBigints();
    void readsPairs_data();
    void readsPairs();
    void saysWhatIsWrongWithABigint_data();
    void saysWhatIsWrongWithABigint();
    void saysWhatIsWrongWithAPair_data();
    void saysWhatIsWrongWithAPair();
    void answersAMegabyteOfTextAtOnceAndShort_data();
    void answersAMegabyteOfTextAtOnceAndShort();
    void errorsAreTheFaultOfTheInput();
    void spellsKeysAsPgLocksDoes_data();
    void spellsKeysAsPgLocksDoes();
    void survivesTheWayThroughPgLocks();
    void knowsNoKeyForTagsOfExtensions();
    void sortsByNumber();
    void keepsTheTwoKeySpacesApart();
    void writesSqlArguments();
    void describesInput();
};

void TestLockKey::readsBigints_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("value");
    QTest::newRow("zero") << QStringLiteral("0") << qint64(0);
    QTest::newRow("minus zero") << QStringLiteral("-0") << qint64(0);
    QTest::newRow("five") << QStringLiteral("5") << qint64(5);
    QTest::newRow("plus") << QStringLiteral("+5") << qint64(5);
    QTest::newRow("minus") << QStringLiteral("-5") << qint64(-5);
    QTest::newRow("unicode minus") << QStringLiteral("\u22125") << qint64(-5);
    QTest::newRow("blanks around") << QStringLiteral(" \t 5\u00A0\n") << qint64(5);
    QTest::newRow("leading zeros") << QStringLiteral("-0000000000000000000000000000007") << qint64(-7);
    QTest::newRow("highest") << QStringLiteral("9223372036854775807") << std::numeric_limits<qint64>::max();
    QTest::newRow("lowest") << QStringLiteral("-9223372036854775808") << std::numeric_limits<qint64>::min();
    QTest::newRow("beyond int4") << QStringLiteral("2147483648") << qint64(2147483648);
}

void TestLockKey::readsBigints()
{
    QFETCH(QString, text);
    QFETCH(qint64, value);
    const Result<LockKey> key = LockKey::parse(text, KeyForm::Bigint);
    VERIFY_RESULT(key);
    QCOMPARE(key->form(), KeyForm::Bigint);
    QCOMPARE(key->value(), value);
}

void TestLockKey::readsPairs_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("key");
    QTest::newRow("bare") << QStringLiteral("-5,7") << QStringLiteral("(-5, 7)");
    QTest::newRow("parentheses") << QStringLiteral("(-5, 7)") << QStringLiteral("(-5, 7)");
    QTest::newRow("blanks") << QStringLiteral("  (  5 ,\t+7 )\n") << QStringLiteral("(5, 7)");
    QTest::newRow("unicode minus") << QStringLiteral("(\u22125, \u22127)") << QStringLiteral("(-5, -7)");
    QTest::newRow("bounds") << QStringLiteral("-2147483648,2147483647") << QStringLiteral("(-2147483648, 2147483647)");
    QTest::newRow("bounds swapped") << QStringLiteral("2147483647,-2147483648")
                                    << QStringLiteral("(2147483647, -2147483648)");
    QTest::newRow("minus ones") << QStringLiteral("-1,-1") << QStringLiteral("(-1, -1)");
}

void TestLockKey::readsPairs()
{
    QFETCH(QString, text);
    QFETCH(QString, key);
    QCOMPARE(parsed(text, KeyForm::Int4Pair), key);
    QCOMPARE(LockKey::parse(text, KeyForm::Int4Pair).value().form(), KeyForm::Int4Pair);
}

void TestLockKey::saysWhatIsWrongWithABigint_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("problem");
    QTest::addColumn<QString>("advice");
    const auto row = [](const char* name, const QString& text, const QString& problem, const QString& advice = {}) {
        QTest::newRow(name) << text << problem << advice;
    };
    const auto notANumber = [&](const char* name, const QString& text) {
        row(name, text, QStringLiteral("\"%1\" is not a whole number in decimal digits.").arg(text));
    };
    row("empty", {}, QStringLiteral("The key is empty."));
    row("only blanks", QStringLiteral(" \t\n"), QStringLiteral("The key is empty."));
    row("one too many", QStringLiteral("9223372036854775808"), QStringLiteral("\"9223372036854775808\" is too large."));
    row("one too few", QStringLiteral("-9223372036854775809"),
        QStringLiteral("\"-9223372036854775809\" is too small."));
    row("unsigned", QStringLiteral("18446744073709551616"), QStringLiteral("\"18446744073709551616\" is too large."));
    row("unsigned wrapped to five", QStringLiteral("18446744073709551621"),
        QStringLiteral("\"18446744073709551621\" is too large."));
    notANumber("letters", QStringLiteral("calendar"));
    notANumber("hexadecimal", QStringLiteral("0x10"));
    notANumber("exponent", QStringLiteral("1e3"));
    notANumber("fraction", QStringLiteral("1.0"));
    notANumber("grouped", QStringLiteral("1_000"));
    notANumber("blank inside", QStringLiteral("1 000"));
    notANumber("sign only", QStringLiteral("-"));
    notANumber("two signs", QStringLiteral("--5"));
    notANumber("sign behind", QStringLiteral("5-"));
    notANumber("arabic digits", QStringLiteral("\u0661\u0662"));
    notANumber("full-width digits", QStringLiteral("\uFF15"));
    notANumber("SQL", QStringLiteral("5); DROP TABLE t; --"));
    row("NUL", QStringLiteral("5") + QChar(u'\0'),
        QStringLiteral("\"5\u2400\" is not a whole number in decimal digits."));
    row("a pair", QStringLiteral("(-5, 7)"), QStringLiteral("\"(-5, 7)\" is an int4 pair."),
        QStringLiteral("Choose the int4 pair form to use these two numbers as a key."));
    row("a bare pair", QStringLiteral("5,7"), QStringLiteral("\"5,7\" is an int4 pair."),
        QStringLiteral("Choose the int4 pair form to use these two numbers as a key."));
    notANumber("half a pair", QStringLiteral("5,"));
    notANumber("percent sign", QStringLiteral("%1 %2"));
}

void TestLockKey::saysWhatIsWrongWithABigint()
{
    QFETCH(QString, text);
    QFETCH(QString, problem);
    QFETCH(QString, advice);
    const QString expected =
        problem + u' ' + bigintRange + (advice.isEmpty() ? advice : QStringLiteral(" | ") + advice);
    QCOMPARE(parsed(text, KeyForm::Bigint), expected);
}

void TestLockKey::saysWhatIsWrongWithAPair_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("problem");
    QTest::addColumn<QString>("advice");
    const auto row = [](const char* name, const QString& text, const QString& problem, const QString& advice = {}) {
        QTest::newRow(name) << text << problem << advice;
    };
    const auto notTwo = [&](const char* name, const QString& text) {
        row(name, text, QStringLiteral("\"%1\" is not two numbers with a comma between them.").arg(text));
    };
    const QString useBigint =
        QStringLiteral("Choose the bigint form for a single number. Key 42 and key (0, 42) are different locks.");
    row("empty", {}, QStringLiteral("The key is empty."));
    row("a bigint", QStringLiteral("42"), QStringLiteral("\"42\" is one number."), useBigint);
    row("a large bigint", QStringLiteral("9223372036854775807"),
        QStringLiteral("\"9223372036854775807\" is one number."), useBigint);
    row("first too large", QStringLiteral("2147483648, 7"), QStringLiteral("\"2147483648\" is too large."));
    row("second too small", QStringLiteral("7, -2147483649"), QStringLiteral("\"-2147483649\" is too small."));
    row("first missing", QStringLiteral(", 7"), QStringLiteral("A number is missing."));
    row("second missing", QStringLiteral("(7,)"), QStringLiteral("A number is missing."));
    row("letters in one", QStringLiteral("7, b"), QStringLiteral("\"b\" is not a whole number in decimal digits."));
    notTwo("three numbers", QStringLiteral("1, 2, 3"));
    notTwo("left parenthesis only", QStringLiteral("(1, 2"));
    notTwo("right parenthesis only", QStringLiteral("1, 2)"));
    notTwo("letters", QStringLiteral("calendar"));
    notTwo("one parenthesis", QStringLiteral("("));
}

void TestLockKey::saysWhatIsWrongWithAPair()
{
    QFETCH(QString, text);
    QFETCH(QString, problem);
    QFETCH(QString, advice);
    const QString expected = problem + u' ' + pairRange + (advice.isEmpty() ? advice : QStringLiteral(" | ") + advice);
    QCOMPARE(parsed(text, KeyForm::Int4Pair), expected);
}

void TestLockKey::answersAMegabyteOfTextAtOnceAndShort_data()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("digits") << QString(1 << 20, u'9');
    QTest::newRow("letters") << QString(1 << 20, u'x');
    QTest::newRow("commas") << QString(1 << 20, u',');
    QTest::newRow("parentheses") << QString(1 << 20, u'(');
    QTest::newRow("bidirectional controls") << QString(1 << 20, QChar(0x202E));
    QTest::newRow("two long numbers") << QString(1 << 19, u'9') + u',' + QString(1 << 19, u'9');
}

void TestLockKey::answersAMegabyteOfTextAtOnceAndShort()
{
    QFETCH(QString, text);
    for (const KeyForm form : {KeyForm::Bigint, KeyForm::Int4Pair}) {
        QElapsedTimer timer;
        timer.start();
        const Result<LockKey> key = LockKey::parse(text, form);
        // It takes a few milliseconds; anything quadratic would take minutes.
        QVERIFY2(timer.elapsed() < 2000, qPrintable(QString::number(timer.elapsed())));
        QVERIFY(!key);
        QVERIFY2(key.error().what.size() < 250, qPrintable(key.error().what));
        QVERIFY(!key.error().what.contains(QChar(0x202E)));
    }
}

void TestLockKey::errorsAreTheFaultOfTheInput()
{
    QCOMPARE(LockKey::parse(QStringLiteral("x"), KeyForm::Bigint).error().kind, ErrorKind::Usage);
    QCOMPARE(LockKey::parse(QStringLiteral("x"), KeyForm::Int4Pair).error().kind, ErrorKind::Usage);
}

void TestLockKey::spellsKeysAsPgLocksDoes_data()
{
    // What a PostgreSQL 15 server prints for these keys.
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("tag");
    QTest::newRow("5") << QStringLiteral("5") << QStringLiteral("0/5/1");
    QTest::newRow("-1") << QStringLiteral("-1") << QStringLiteral("4294967295/4294967295/1");
    QTest::newRow("lowest") << QStringLiteral("-9223372036854775808") << QStringLiteral("2147483648/0/1");
    QTest::newRow("highest") << QStringLiteral("9223372036854775807") << QStringLiteral("2147483647/4294967295/1");
    QTest::newRow("pair") << QStringLiteral("(-5, 7)") << QStringLiteral("4294967291/7/2");
    QTest::newRow("pair of minus ones") << QStringLiteral("(-1, -1)") << QStringLiteral("4294967295/4294967295/2");
    QTest::newRow("pair of bounds") << QStringLiteral("(2147483647, -2147483648)")
                                    << QStringLiteral("2147483647/2147483648/2");
}

void TestLockKey::spellsKeysAsPgLocksDoes()
{
    QFETCH(QString, key);
    QFETCH(QString, tag);
    const KeyForm form = key.startsWith(u'(') ? KeyForm::Int4Pair : KeyForm::Bigint;
    QCOMPARE(lockTag(LockKey::parse(key, form).value()), tag);
}

void TestLockKey::survivesTheWayThroughPgLocks()
{
    QRandomGenerator random(20240229);
    for (int round = 0; round < 10'000; ++round) {
        const quint64 bits = random.generate64() >> random.bounded(64);
        const auto value = static_cast<qint64>(round % 2 == 0 ? bits : quint64(0) - bits);
        const LockKey bigint = LockKey::bigint(value);
        QCOMPARE(LockKey::fromLockTag(bigint.classid(), bigint.objid(), bigint.objsubid()), bigint);
        QCOMPARE(bigint.value(), value);
        QCOMPARE(LockKey::parse(bigint.toString(), KeyForm::Bigint).value(), bigint);

        const auto first = static_cast<qint32>(random.generate());
        const auto second = static_cast<qint32>(random.generate() >> random.bounded(32));
        const LockKey pair = LockKey::pair(first, second);
        QCOMPARE(LockKey::fromLockTag(pair.classid(), pair.objid(), pair.objsubid()), pair);
        QCOMPARE(pair.first(), first);
        QCOMPARE(pair.second(), second);
        QCOMPARE(LockKey::parse(pair.toString(), KeyForm::Int4Pair).value(), pair);
    }
}

void TestLockKey::knowsNoKeyForTagsOfExtensions()
{
    for (const quint16 objsubid : std::initializer_list<quint16>{0, 3, 4, 16, 65535})
        QVERIFY(!LockKey::fromLockTag(0, 5, objsubid));
}

void TestLockKey::sortsByNumber()
{
    QList<LockKey> keys{LockKey::bigint(10),  LockKey::pair(-1, -1), LockKey::bigint(-1),
                        LockKey::pair(1, -1), LockKey::bigint(9),    LockKey::pair(-1, 1),
                        LockKey::pair(0, 0),  LockKey::bigint(100),  LockKey::pair(1, 1)};
    std::sort(keys.begin(), keys.end());
    QStringList sorted;
    for (const LockKey key : keys)
        sorted.append(key.toString());
    QCOMPARE(sorted.join(u' '), QStringLiteral("-1 9 10 100 (-1, -1) (-1, 1) (0, 0) (1, -1) (1, 1)"));
}

void TestLockKey::keepsTheTwoKeySpacesApart()
{
    QVERIFY(LockKey::bigint(42) != LockKey::pair(0, 42));
    const QSet<LockKey> keys{LockKey::bigint(42), LockKey::pair(0, 42), LockKey::bigint(42)};
    QCOMPARE(keys.size(), 2);
}

void TestLockKey::writesSqlArguments()
{
    QCOMPARE(LockKey::bigint(-5).toSqlArguments(), QStringLiteral("-5"));
    QCOMPARE(LockKey::pair(-5, 7).toSqlArguments(), QStringLiteral("-5, 7"));
    QCOMPARE(LockKey::bigint(std::numeric_limits<qint64>::min()).toSqlArguments(),
             QStringLiteral("-9223372036854775808"));
}

void TestLockKey::describesInput()
{
    QCOMPARE(describe(KeyInput(LockKey::pair(-5, 7))), QStringLiteral("(-5, 7)"));
    QCOMPARE(describe(KeyInput(TextKey{QStringLiteral("calendar"), TextHash::Hashtext})),
             QStringLiteral("hashtext('calendar')"));
    QCOMPARE(describe(KeyInput(TextKey{QStringLiteral("it's\n"), TextHash::Hashtextextended})),
             QStringLiteral("hashtextextended('it''s\u2424')"));
    const QString longest = describe(KeyInput(TextKey{QString(1 << 20, u'x')}));
    QCOMPARE(longest, QStringLiteral("hashtextextended('") + QString(59, u'x') + QStringLiteral("\u2026')"));
}

QTEST_GUILESS_MAIN(TestLockKey)
#include "tst_lockkey.moc"
