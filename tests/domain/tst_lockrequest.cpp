#include "models/domain/lockrequest.h"
#include "tests/support/suite.h"

#include <QRegularExpression>

#include <limits>

using namespace lockscope;

class TestLockRequest : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void writesEveryAcquire_data();
    void writesEveryAcquire();
    void writesEveryRelease_data();
    void writesEveryRelease();
    void writesTheBounds();
    void statementsAreDigitsAndNamesOnly();
    void writesHashes_data();
    void writesHashes();
    void refusesWhatCannotBeSent_data();
    void refusesWhatCannotBeSent();
};

void TestLockRequest::writesEveryAcquire_data()
{
    QTest::addColumn<int>("share");
    QTest::addColumn<int>("level");
    QTest::addColumn<int>("wait");
    QTest::addColumn<QString>("function");
    const auto row = [](LockShare share, LockLevel level, WaitPolicy wait, const char* function) {
        const QByteArray name = QByteArray(function) + (wait == WaitPolicy::Timeout ? " with timeout" : "");
        QTest::newRow(name.constData()) << static_cast<int>(share) << static_cast<int>(level) << static_cast<int>(wait)
                                        << QString::fromLatin1(function);
    };
    using enum LockShare;
    using enum LockLevel;
    using enum WaitPolicy;
    row(Exclusive, Session, Try, "pg_try_advisory_lock");
    row(Exclusive, Session, Block, "pg_advisory_lock");
    row(Exclusive, Session, Timeout, "pg_advisory_lock");
    row(Exclusive, Transaction, Try, "pg_try_advisory_xact_lock");
    row(Exclusive, Transaction, Block, "pg_advisory_xact_lock");
    row(Exclusive, Transaction, Timeout, "pg_advisory_xact_lock");
    row(Shared, Session, Try, "pg_try_advisory_lock_shared");
    row(Shared, Session, Block, "pg_advisory_lock_shared");
    row(Shared, Session, Timeout, "pg_advisory_lock_shared");
    row(Shared, Transaction, Try, "pg_try_advisory_xact_lock_shared");
    row(Shared, Transaction, Block, "pg_advisory_xact_lock_shared");
    row(Shared, Transaction, Timeout, "pg_advisory_xact_lock_shared");
}

void TestLockRequest::writesEveryAcquire()
{
    QFETCH(int, share);
    QFETCH(int, level);
    QFETCH(int, wait);
    QFETCH(QString, function);
    const LockRequest request{.share = static_cast<LockShare>(share),
                              .level = static_cast<LockLevel>(level),
                              .wait = static_cast<WaitPolicy>(wait)};
    QCOMPARE(acquireStatement(LockKey::bigint(5), request), QStringLiteral("SELECT pg_catalog.%1(5)").arg(function));
    QCOMPARE(acquireStatement(LockKey::pair(-5, 7), request),
             QStringLiteral("SELECT pg_catalog.%1(-5, 7)").arg(function));
}

void TestLockRequest::writesEveryRelease_data()
{
    QTest::addColumn<int>("share");
    QTest::addColumn<QString>("function");
    QTest::newRow("exclusive") << static_cast<int>(LockShare::Exclusive) << QStringLiteral("pg_advisory_unlock");
    QTest::newRow("shared") << static_cast<int>(LockShare::Shared) << QStringLiteral("pg_advisory_unlock_shared");
}

void TestLockRequest::writesEveryRelease()
{
    QFETCH(int, share);
    QFETCH(QString, function);
    const auto lockShare = static_cast<LockShare>(share);
    QCOMPARE(releaseStatement(LockKey::bigint(-1), lockShare),
             QStringLiteral("SELECT pg_catalog.%1(-1)").arg(function));
    QCOMPARE(releaseStatement(LockKey::pair(-5, 7), lockShare),
             QStringLiteral("SELECT pg_catalog.%1(-5, 7)").arg(function));
}

void TestLockRequest::writesTheBounds()
{
    QCOMPARE(releaseStatement(LockKey::bigint(std::numeric_limits<qint64>::min()), LockShare::Exclusive),
             QStringLiteral("SELECT pg_catalog.pg_advisory_unlock(-9223372036854775808)"));
    QCOMPARE(releaseStatement(LockKey::bigint(std::numeric_limits<qint64>::max()), LockShare::Exclusive),
             QStringLiteral("SELECT pg_catalog.pg_advisory_unlock(9223372036854775807)"));
    QCOMPARE(releaseStatement(LockKey::pair(std::numeric_limits<qint32>::min(), std::numeric_limits<qint32>::max()),
                              LockShare::Exclusive),
             QStringLiteral("SELECT pg_catalog.pg_advisory_unlock(-2147483648, 2147483647)"));
}

void TestLockRequest::statementsAreDigitsAndNamesOnly()
{
    const QRegularExpression shape(QStringLiteral("^SELECT pg_catalog\\.[a-z_]+\\((-?[0-9]+|-?[0-9]+, -?[0-9]+)\\)$"));
    for (const LockKey key : {LockKey::bigint(-1), LockKey::pair(-1, -1), LockKey()}) {
        QVERIFY(shape.match(acquireStatement(key, {})).hasMatch());
        QVERIFY(shape.match(releaseStatement(key, LockShare::Shared)).hasMatch());
    }
}

void TestLockRequest::writesHashes_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("literal");
    QTest::newRow("plain") << QStringLiteral("calendar") << QStringLiteral("'calendar'");
    QTest::newRow("empty") << QString() << QStringLiteral("''");
    QTest::newRow("quote") << QStringLiteral("it's") << QStringLiteral("'it''s'");
    QTest::newRow("quotes only") << QStringLiteral("''") << QStringLiteral("''''''");
    QTest::newRow("injection") << QStringLiteral("'); SELECT pg_terminate_backend(1); --")
                               << QStringLiteral("'''); SELECT pg_terminate_backend(1); --'");
    QTest::newRow("backslash") << QStringLiteral("a\\'b\\n") << QStringLiteral("'a\\''b\\n'");
    QTest::newRow("place markers") << QStringLiteral("%1 %2") << QStringLiteral("'%1 %2'");
    QTest::newRow("line break") << QStringLiteral("a\nb") << QStringLiteral("'a\nb'");
    QTest::newRow("emoji") << QStringLiteral("\U0001F512") << QStringLiteral("'\U0001F512'");
}

void TestLockRequest::writesHashes()
{
    QFETCH(QString, text);
    QFETCH(QString, literal);
    QCOMPARE(hashStatement({text, TextHash::Hashtext}).value(),
             QStringLiteral("SELECT pg_catalog.hashtext(") + literal + QStringLiteral(")::bigint"));
    QCOMPARE(hashStatement({text, TextHash::Hashtextextended}).value(),
             QStringLiteral("SELECT pg_catalog.hashtextextended(") + literal + QStringLiteral(", 0)"));
}

void TestLockRequest::refusesWhatCannotBeSent_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("what");
    const QString nul = QStringLiteral("The text contains a NUL character, which PostgreSQL cannot store in a text.");
    const QString half = QStringLiteral("The text contains half of a character, which cannot be sent to the server.");
    QTest::newRow("NUL inside") << QStringLiteral("a\0b") << nul;
    QTest::newRow("NUL at the end") << QStringLiteral("a\0") << nul;
    QTest::newRow("high surrogate") << QString(QChar(0xD83D)) << half;
    QTest::newRow("low surrogate") << QString(QChar(0xDE00)) + QStringLiteral("a") << half;
    QTest::newRow("swapped surrogates") << QString(QChar(0xDE00)) + QChar(0xD83D) << half;
}

void TestLockRequest::refusesWhatCannotBeSent()
{
    QFETCH(QString, text);
    QFETCH(QString, what);
    for (const TextHash hash : {TextHash::Hashtext, TextHash::Hashtextextended}) {
        const Result<QString> statement = hashStatement({text, hash});
        QVERIFY(!statement);
        QCOMPARE(statement.error().kind, ErrorKind::Usage);
        QCOMPARE(statement.error().what, what);
    }
}

QTEST_GUILESS_MAIN(TestLockRequest)
#include "tst_lockrequest.moc"
