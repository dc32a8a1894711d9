#include "models/domain/redaction.h"
#include "tests/support/suite.h"

using namespace lockscope;

class TestRedaction : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void masksPasswords_data();
    void masksPasswords();
    void leavesOtherSqlAlone_data();
    void leavesOtherSqlAlone();
    void neverShowsTheSecret();
};

void TestRedaction::masksPasswords_data()
{
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("masked");
    const auto row = [](const char* name, const char* sql, const char* masked) {
        QTest::newRow(name) << QString::fromUtf8(sql) << QString::fromUtf8(masked);
    };
    row("plain", "ALTER ROLE bob PASSWORD 'secret' LOGIN", "ALTER ROLE bob PASSWORD '***' LOGIN");
    row("lower case", "create role bob password 'secret'", "create role bob password '***'");
    row("no blank", "CREATE ROLE bob PASSWORD'secret';", "CREATE ROLE bob PASSWORD'***';");
    row("encrypted", "CREATE ROLE bob ENCRYPTED PASSWORD 'md5abc'", "CREATE ROLE bob ENCRYPTED PASSWORD '***'");
    row("quote inside", "ALTER ROLE a PASSWORD 'se''cret'; SELECT 1", "ALTER ROLE a PASSWORD '***'; SELECT 1");
    row("escape string", "ALTER ROLE a PASSWORD E'se\\'cret'; SELECT 1", "ALTER ROLE a PASSWORD E'***'; SELECT 1");
    row("unicode string", "ALTER ROLE a PASSWORD U&'secret'", "ALTER ROLE a PASSWORD U&'***'");
    row("dollar quotes", "ALTER ROLE a PASSWORD $$sec$ret$$ LOGIN", "ALTER ROLE a PASSWORD '***' LOGIN");
    row("tagged dollar quotes", "ALTER ROLE a PASSWORD $x$sec$$ret$x$ LOGIN", "ALTER ROLE a PASSWORD '***' LOGIN");
    row("line break", "ALTER ROLE a PASSWORD\n\t'secret'", "ALTER ROLE a PASSWORD\n\t'***'");
    row("comment", "ALTER ROLE a PASSWORD /* 'no' */ 'secret'", "ALTER ROLE a PASSWORD /* 'no' */ '***'");
    row("line comment", "ALTER ROLE a PASSWORD -- why\n'secret'", "ALTER ROLE a PASSWORD -- why\n'***'");
    row("continued literal", "ALTER ROLE a PASSWORD 'sec'\n'ret'", "ALTER ROLE a PASSWORD '***'");
    row("cut off", "ALTER ROLE a PASSWORD 'secr", "ALTER ROLE a PASSWORD '***'");
    row("cut off dollar quotes", "ALTER ROLE a PASSWORD $$secr", "ALTER ROLE a PASSWORD '***'");
    row("two", "ALTER ROLE a PASSWORD 'x1'; ALTER ROLE b PASSWORD 'x2'",
        "ALTER ROLE a PASSWORD '***'; ALTER ROLE b PASSWORD '***'");
    row("subscription", "CREATE SUBSCRIPTION s CONNECTION 'host=a password=secret dbname=b' PUBLICATION p",
        "CREATE SUBSCRIPTION s CONNECTION 'host=a password=*** dbname=b' PUBLICATION p");
    row("subscription with quoted value", "SELECT dblink('host=a password=''se cret'' dbname=b')",
        "SELECT dblink('host=a password='***' dbname=b')");
    row("end of the connection string", "SELECT dblink('password=secret')", "SELECT dblink('password=***')");
    row("SQL inside a literal", "EXECUTE 'ALTER ROLE a PASSWORD ''secret'' LOGIN'",
        "EXECUTE 'ALTER ROLE a PASSWORD '***' LOGIN'");
    row("behind a comment with an apostrophe", "-- don't\n/* it's */ ALTER ROLE a PASSWORD 'secret'",
        "-- don't\n/* it's */ ALTER ROLE a PASSWORD '***'");
    row("behind other literals", "SELECT 'it''s', E'it\\'s'; ALTER ROLE a PASSWORD 'secret'",
        "SELECT 'it''s', E'it\\'s'; ALTER ROLE a PASSWORD '***'");
    row("URI", "CREATE SUBSCRIPTION s CONNECTION 'postgresql://bob:secret@host/db'",
        "CREATE SUBSCRIPTION s CONNECTION 'postgresql://bob:***@host/db'");
    row("foreign server", "OPTIONS (user 'bob', password 'secret')", "OPTIONS (user 'bob', password '***')");
}

void TestRedaction::masksPasswords()
{
    QFETCH(QString, sql);
    QFETCH(QString, masked);
    QCOMPARE(withoutPasswords(sql), masked);
}

void TestRedaction::leavesOtherSqlAlone_data()
{
    QTest::addColumn<QString>("sql");
    QTest::newRow("lock") << QStringLiteral("SELECT pg_catalog.pg_advisory_lock(-5, 7)");
    QTest::newRow("column") << QStringLiteral("SELECT password, 'x' FROM users");
    QTest::newRow("null") << QStringLiteral("ALTER ROLE a PASSWORD NULL");
    QTest::newRow("hash of the word") << QStringLiteral("SELECT pg_catalog.hashtextextended('password', 0)");
    QTest::newRow("hash of a text with the word at its end")
        << QStringLiteral("SELECT pg_catalog.hashtext('reset password ')::bigint, 'x'");
    QTest::newRow("empty") << QString();
}

void TestRedaction::leavesOtherSqlAlone()
{
    QFETCH(QString, sql);
    QCOMPARE(withoutPasswords(sql), sql);
}

/// Whether \' ends a literal depends on a setting that the text does not tell.
void TestRedaction::neverShowsTheSecret()
{
    for (const QString& literal :
         {QStringLiteral("'a\\''secret'"), QStringLiteral("'a\\' secret'"), QStringLiteral("'secret\\'")}) {
        const QString masked = withoutPasswords(QStringLiteral("ALTER ROLE a PASSWORD ") + literal);
        QVERIFY2(!masked.contains(QStringLiteral("secret")), qPrintable(masked));
    }
}

QTEST_GUILESS_MAIN(TestRedaction)
#include "tst_redaction.moc"
