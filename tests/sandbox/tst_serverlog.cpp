#include "app/sandbox/serverlog.h"
#include "tests/support/suite.h"

#include <QFile>
#include <QTemporaryDir>

using namespace lockscope;

class ServerLogTest final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void aMissingFileIsEmpty();
    void tailStartsWhereItIsTold();
    void tailIsBounded();
    void trimKeepsTheTailAndTheWriterGoesOn();
    void trimLeavesAShortFileAlone();
    void lastLinesLeaveOutEmptyOnesAtTheEnd();
};

void ServerLogTest::aMissingFileIsEmpty()
{
    QCOMPARE(ServerLog().tail(), QByteArray());
    const ServerLog missing(QStringLiteral("/nowhere/server.log"));
    QCOMPARE(missing.size(), 0);
    QCOMPARE(missing.tail(), QByteArray());
    missing.trim();
}

void ServerLogTest::tailStartsWhereItIsTold()
{
    const QTemporaryDir place;
    QFile file(place.filePath(QStringLiteral("server.log")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("first\nsecond\n");
    file.close();
    const ServerLog log(file.fileName());
    QCOMPARE(log.size(), 13);
    QCOMPARE(log.tail(), QByteArray("first\nsecond\n"));
    QCOMPARE(log.tail(6), QByteArray("second\n"));
    QCOMPARE(log.tail(13), QByteArray());
    QCOMPARE(log.tail(1000), QByteArray());
}

void ServerLogTest::tailIsBounded()
{
    const QTemporaryDir place;
    QFile file(place.filePath(QStringLiteral("server.log")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray(100'000, 'x') + "end");
    file.close();
    const QByteArray tail = ServerLog(file.fileName()).tail();
    QCOMPARE(tail.size(), 65'536);
    QVERIFY(tail.endsWith("xend"));
}

void ServerLogTest::trimKeepsTheTailAndTheWriterGoesOn()
{
    const QTemporaryDir place;
    QFile writer(place.filePath(QStringLiteral("server.log")));
    QVERIFY(writer.open(QIODevice::WriteOnly | QIODevice::Append | QIODevice::Unbuffered));
    writer.write(QByteArray(5'000'000, 'x') + "before\n");
    const ServerLog log(writer.fileName());
    log.trim();
    QCOMPARE(log.size(), 65'536);
    writer.write("after\n");
    QCOMPARE(log.size(), 65'542);
    QVERIFY(log.tail().endsWith("before\nafter\n"));
}

void ServerLogTest::trimLeavesAShortFileAlone()
{
    const QTemporaryDir place;
    QFile file(place.filePath(QStringLiteral("server.log")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray(1'000'000, 'x'));
    file.close();
    const ServerLog log(file.fileName());
    log.trim();
    QCOMPARE(log.size(), 1'000'000);
}

void ServerLogTest::lastLinesLeaveOutEmptyOnesAtTheEnd()
{
    QCOMPARE(ServerLog::lastLines({}), QString());
    QCOMPARE(ServerLog::lastLines("one\n\n"), QStringLiteral("one"));
    QCOMPARE(ServerLog::lastLines("one\ntwo\nthree\n", 2), QStringLiteral("two\nthree"));
    QCOMPARE(ServerLog::lastLines("one\ntwo\n", 5), QStringLiteral("one\ntwo"));
}

QTEST_GUILESS_MAIN(ServerLogTest)
#include "tst_serverlog.moc"
