#include "models/domain/time.h"
#include "tests/support/suite.h"

using namespace lockscope;
using namespace std::chrono_literals;

using Microseconds = std::chrono::microseconds;
Q_DECLARE_METATYPE(Microseconds)

class TestTime : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void formatsAges_data();
    void formatsAges();
    void formatsDurations_data();
    void formatsDurations();
};

void TestTime::formatsAges_data()
{
    QTest::addColumn<Microseconds>("age");
    QTest::addColumn<QString>("text");
    const auto row = [](Microseconds age, const QString& text) { QTest::newRow(qPrintable(text)) << age << text; };
    QTest::newRow("clock skew") << Microseconds(-1us) << QStringLiteral("0 s");
    QTest::newRow("earliest") << Microseconds::min() << QStringLiteral("0 s");
    row(0us, QStringLiteral("0.0 s"));
    row(400ms, QStringLiteral("0.4 s"));
    row(12'400ms, QStringLiteral("12.4 s"));
    row(60s - 1us, QStringLiteral("59.9 s"));
    row(60s, QStringLiteral("1 m 00 s"));
    row(192s, QStringLiteral("3 m 12 s"));
    row(1h - 1us, QStringLiteral("59 m 59 s"));
    row(1h, QStringLiteral("1 h 00 m"));
    row(2h + 5min + 59s, QStringLiteral("2 h 05 m"));
    row(24h - 1us, QStringLiteral("23 h 59 m"));
    row(24h, QStringLiteral("1 d 0 h"));
    row(76h, QStringLiteral("3 d 4 h"));
    row(Microseconds::max(), QStringLiteral("106751991 d 4 h"));
}

void TestTime::formatsAges()
{
    QFETCH(Microseconds, age);
    QFETCH(QString, text);
    QCOMPARE(formatAge(age), text);
}

void TestTime::formatsDurations_data()
{
    QTest::addColumn<Microseconds>("duration");
    QTest::addColumn<QString>("text");
    const auto row = [](Microseconds duration, const QString& text) {
        QTest::newRow(qPrintable(text)) << duration << text;
    };
    QTest::newRow("negative") << Microseconds(-5s) << QStringLiteral("0 ms");
    row(0us, QStringLiteral("0 ms"));
    row(99us, QStringLiteral("< 0.1 ms"));
    row(850us, QStringLiteral("0.8 ms"));
    row(9'999us, QStringLiteral("9.9 ms"));
    row(12'700us, QStringLiteral("12 ms"));
    row(999'999us, QStringLiteral("999 ms"));
    row(1'300ms, QStringLiteral("1.3 s"));
    row(75s, QStringLiteral("1 m 15 s"));
}

void TestTime::formatsDurations()
{
    QFETCH(Microseconds, duration);
    QFETCH(QString, text);
    QCOMPARE(formatDuration(duration), text);
}

QTEST_GUILESS_MAIN(TestTime)
#include "tst_time.moc"
