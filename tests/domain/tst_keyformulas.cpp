#include "models/domain/keyformulas.h"
#include "tests/support/suite.h"

using namespace lockscope;

/// The numbers come from the programs' own sources and from a PostgreSQL server, not from this code.
class TestKeyFormulas : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void computesTheChecksumOfTheStandard();
    void namesEveryFormulaOnce();
    void computesKeysOfDatabases_data();
    void computesKeysOfDatabases();
    void hashesUtf8NotUtf16();
    void agreesWithFlyway();
    void roundsAsJavaScriptDoes_data();
    void roundsAsJavaScriptDoes();
    void readsNamesPackedIntoPairs_data();
    void readsNamesPackedIntoPairs();
};

void TestKeyFormulas::computesTheChecksumOfTheStandard()
{
    QCOMPARE(crc32(""), 0U);
    QCOMPARE(crc32("123456789"), 0xcbf43926U); // the check value of CRC-32/ISO-HDLC
    QCOMPARE(crc32("goose"), 4097083626U);
    QCOMPARE(crc32(QByteArrayView("a\0b", 3)), crc32(QByteArray("a\0b", 3)));
    QVERIFY(crc32(QByteArrayView("a\0b", 3)) != crc32("a"));
}

void TestKeyFormulas::namesEveryFormulaOnce()
{
    for (const KeyFormula formula : keyFormulas)
        QCOMPARE(keyFormula(id(formula)), std::optional(formula));
    QCOMPARE(keyFormula(u"hashtext"), std::nullopt);
    QCOMPARE(keyFormula(u""), std::nullopt);
}

void TestKeyFormulas::computesKeysOfDatabases_data()
{
    QTest::addColumn<QString>("formula");
    QTest::addColumn<QString>("suffix");
    QTest::addColumn<QString>("app");
    QTest::addColumn<QString>("production");
    const auto row = [](const char* formula, const char* suffix, const char* app, const char* production) {
        QTest::addRow("%s %s", formula, suffix) << QString::fromLatin1(formula) << QString::fromLatin1(suffix)
                                                << QString::fromLatin1(app) << QString::fromLatin1(production);
    };
    row("rails", "", "6939591962871035475", "4615154450383096620");
    row("sqlx", "", "3469795979745788610", "2307577224067799112");
    row("golang-migrate-url", "", "1726534663", "1005908165");
    row("golang-migrate-instance", "", "1787120056", "4200097840");
    row("grafana", "", "620236277", "2783953652");
    row("pgboss-sha224", "", "-9218828629118414586", "-612613158729947910");
    row("pgboss-sha224", "create-queue", "8725265183934450617", "-5666681862708657208");
    row("pgboss-md5", "", "1833481419648122560", "-3304343127817199953");
    row("moodle-classid", "", "(-1045027219, 0)", "(1163029840, 0)");
}

void TestKeyFormulas::computesKeysOfDatabases()
{
    QFETCH(QString, formula);
    QFETCH(QString, suffix);
    QFETCH(QString, app);
    QFETCH(QString, production);
    const KeyFormula which = keyFormula(formula).value();
    QCOMPARE(formulaKey(which, QStringLiteral("app"), suffix).toString(), app);
    QCOMPARE(formulaKey(which, QStringLiteral("app_production"), suffix).toString(), production);
}

void TestKeyFormulas::hashesUtf8NotUtf16()
{
    // Go, Rust and Ruby hash the bytes of the name.
    QCOMPARE(formulaKey(KeyFormula::Sqlx, QStringLiteral("b\u00fccher")),
             LockKey::bigint(qint64(0x3d32ad9e) * crc32("b\xc3\xbc"
                                                        "cher")));
}

void TestKeyFormulas::agreesWithFlyway()
{
    QCOMPARE(flywayKey(QStringLiteral("public"), QStringLiteral("flyway_schema_history")),
             LockKey::bigint(77433833903597));
    QCOMPARE(javaHashCode(u"polygenelubricants"), std::numeric_limits<qint32>::min()); // a known extreme
}

void TestKeyFormulas::roundsAsJavaScriptDoes_data()
{
    QTest::addColumn<qint64>("key");
    QTest::addColumn<QString>("digits");
    QTest::addColumn<QString>("nearest");
    const auto row = [](qint64 key, const char* digits, const char* nearest) {
        QTest::addRow("%lld", static_cast<long long>(key))
            << key << QString::fromLatin1(digits) << QString::fromLatin1(nearest);
    };
    // node -e 'console.log(String(Number("...")), BigInt(Number("...")))'
    row(-8575985245963000605, "-8575985245963001000", "-8575985245963000832");
    row(3853314791062309107, "3853314791062309000", "3853314791062308864");
    row(9007199254740993, "9007199254740992", "9007199254740992");
    row(9007199254740992, "nothing", "nothing");
    row(7241865325823964, "nothing", "nothing");
    row(5, "nothing", "nothing");
    row(0, "nothing", "nothing");
    row(std::numeric_limits<qint64>::max(), "nothing", "nothing"); // rounds to 2^63
    row(std::numeric_limits<qint64>::min(), "nothing", "nothing"); // -9223372036854776000 is no bigint
    row(std::numeric_limits<qint64>::max() - 1024, "9223372036854775000", "9223372036854774784");
}

void TestKeyFormulas::roundsAsJavaScriptDoes()
{
    QFETCH(qint64, key);
    QFETCH(QString, digits);
    QFETCH(QString, nearest);
    const auto text = [](std::optional<qint64> number) {
        return number ? QString::number(*number) : QStringLiteral("nothing");
    };
    QCOMPARE(text(roundedByJavaScript(key)), digits);
    QCOMPARE(text(roundedToDouble(key)), nearest);
}

void TestKeyFormulas::readsNamesPackedIntoPairs_data()
{
    QTest::addColumn<qint64>("bits");
    QTest::addColumn<QString>("name");
    QTest::newRow("jobs") << qint64(-3044689293793558529) << QStringLiteral("jobs");
    QTest::newRow("small numbers") << qint64(5) << QString();
    QTest::newRow("zero") << qint64(0) << QString();
    QTest::newRow("minus one") << qint64(-1) << QString();
    QTest::newRow("half of minus ones") << ((qint64(5) << 32) | 0xffffffff) << QString();
    QTest::newRow("control characters") << qint64(0x0204081020408102) << QString();
}

void TestKeyFormulas::readsNamesPackedIntoPairs()
{
    QFETCH(qint64, bits);
    QFETCH(QString, name);
    const auto high = static_cast<qint32>(bits >> 32);
    const auto low = static_cast<qint32>(bits);
    QCOMPARE(asciiName(LockKey::pair(high, low)).value_or(QString()), name);
    QCOMPARE(asciiName(LockKey::bigint(bits)), std::nullopt);
}

QTEST_GUILESS_MAIN(TestKeyFormulas)
#include "tst_keyformulas.moc"
