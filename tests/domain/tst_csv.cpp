#include "models/domain/csv.h"
#include "tests/support/suite.h"

#include <limits>
#include <utility>

using namespace lockscope;

namespace {

QString row(const QList<CsvCell>& cells)
{
    CsvWriter writer;
    writer.addRow(cells);
    return writer.text();
}

/// A reader by the letter of RFC 4180, to check the writer against.
QList<QStringList> read(const QString& text)
{
    QList<QStringList> rows;
    QStringList fields;
    QString field;
    bool quoted = false;
    for (qsizetype position = 0; position < text.size(); ++position) {
        const QChar character = text[position];
        if (quoted) {
            if (character != u'"')
                field += character;
            else if (position + 1 < text.size() && text[position + 1] == u'"')
                field += text[++position];
            else
                quoted = false;
        } else if (character == u'"') {
            quoted = true;
        } else if (character == u',') {
            fields += std::exchange(field, {});
        } else if (character == u'\r') {
            ++position;
            fields += std::exchange(field, {});
            rows += std::exchange(fields, {});
        } else {
            field += character;
        }
    }
    return rows;
}

} // namespace

class TestCsv : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void writesCells_data();
    void writesCells();
    void numbersStayNumbers();
    void writesRows();
    void disarmsFormulas_data();
    void disarmsFormulas();
    void anyTextReadsBack();
    void writesUtf8WithoutByteOrderMark();
};

void TestCsv::writesCells_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("encoded");
    QTest::newRow("plain") << QStringLiteral("pod-a") << QStringLiteral("pod-a");
    QTest::newRow("empty") << QString() << QString();
    QTest::newRow("comma") << QStringLiteral("(1, 2)") << QStringLiteral("\"(1, 2)\"");
    QTest::newRow("quote") << QStringLiteral("say \"hi\"") << QStringLiteral("\"say \"\"hi\"\"\"");
    QTest::newRow("line break") << QStringLiteral("a\nb") << QStringLiteral("\"a\nb\"");
    QTest::newRow("carriage return") << QStringLiteral("a\rb") << QStringLiteral("\"a\rb\"");
    QTest::newRow("blank at an end") << QStringLiteral(" a") << QStringLiteral("\" a\"");
    QTest::newRow("semicolon") << QStringLiteral("a;b") << QStringLiteral("a;b");
}

void TestCsv::writesCells()
{
    QFETCH(QString, text);
    QFETCH(QString, encoded);
    QCOMPARE(CsvCell(text).encoded(), encoded);
}

void TestCsv::numbersStayNumbers()
{
    QCOMPARE(row({-5, 5U, qint64(-1), std::numeric_limits<qint64>::min(), std::numeric_limits<quint64>::max()}),
             QStringLiteral("-5,5,-1,-9223372036854775808,18446744073709551615\r\n"));
    QCOMPARE(row({CsvCell::real(-0.5), CsvCell::real(12.4), CsvCell::real(std::numeric_limits<double>::quiet_NaN())}),
             QStringLiteral("-0.5,12.4,\r\n"));
    QCOMPARE(row({CsvCell::boolean(true), CsvCell::boolean(false), CsvCell::empty()}),
             QStringLiteral("true,false,\r\n"));
}

void TestCsv::writesRows()
{
    CsvWriter writer;
    QCOMPARE(writer.text(), QString());
    writer.addRow({QStringLiteral("Key"), QStringLiteral("Pid")});
    writer.addRow({-5, 1234});
    writer.addRow({});
    QCOMPARE(writer.text(), QStringLiteral("Key,Pid\r\n-5,1234\r\n\r\n"));
}

void TestCsv::disarmsFormulas_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("encoded");
    const auto dangerous = [](const char* name, const QString& text) {
        QTest::newRow(name) << text << QStringLiteral("\"'") + text + QStringLiteral("\"");
    };
    dangerous("equals", QStringLiteral("=1+1"));
    dangerous("plus", QStringLiteral("+1"));
    dangerous("minus as a text", QStringLiteral("-5"));
    dangerous("at", QStringLiteral("@SUM(A1)"));
    dangerous("tab", QStringLiteral("\t=1"));
    dangerous("carriage return", QStringLiteral("\r=1"));
    dangerous("line feed", QStringLiteral("\n=1"));
    dangerous("NUL", QStringLiteral("\0=1"));
    dangerous("full-width equals", QStringLiteral("\uFF1D1"));
    dangerous("full-width plus", QStringLiteral("\uFF0B1"));
    dangerous("full-width minus", QStringLiteral("\uFF0D1"));
    dangerous("full-width at", QStringLiteral("\uFF20A"));
    dangerous("command", QStringLiteral("=cmd|' /C calc'!A0"));
    QTest::newRow("with quotes") << QStringLiteral("=HYPERLINK(\"http://x\")")
                                 << QStringLiteral("\"'=HYPERLINK(\"\"http://x\"\")\"");
    QTest::newRow("sign inside") << QStringLiteral("pod-a=1") << QStringLiteral("pod-a=1");
}

void TestCsv::disarmsFormulas()
{
    QFETCH(QString, text);
    QFETCH(QString, encoded);
    QCOMPARE(CsvCell(text).encoded(), encoded);
}

void TestCsv::anyTextReadsBack()
{
    const QStringList texts{QStringLiteral("plain"),
                            QStringLiteral("a,b"),
                            QStringLiteral("\"\""),
                            QStringLiteral("a\r\nb"),
                            QString(),
                            QStringLiteral(" x "),
                            QStringLiteral("\""),
                            QStringLiteral(","),
                            QStringLiteral("\u202E\U0001F512")};
    CsvWriter writer;
    QList<CsvCell> cells;
    for (const QString& text : texts)
        cells.append(text);
    writer.addRow(cells);
    writer.addRow({QStringLiteral("=1,\"2\""), -5});
    QCOMPARE(read(writer.text()), (QList<QStringList>{texts, {QStringLiteral("'=1,\"2\""), QStringLiteral("-5")}}));
}

void TestCsv::writesUtf8WithoutByteOrderMark()
{
    CsvWriter writer;
    writer.addRow({QStringLiteral("\u00FC")});
    QCOMPARE(writer.toUtf8(), QByteArray("\xC3\xBC\r\n"));
}

QTEST_GUILESS_MAIN(TestCsv)
#include "tst_csv.moc"
