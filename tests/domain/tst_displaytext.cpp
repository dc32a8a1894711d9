#include "models/domain/displaytext.h"
#include "tests/support/suite.h"

#include <QElapsedTimer>

using namespace lockscope;

namespace {

/// Nothing that a terminal, a text layout or a row of a table could stumble over.
bool isHarmless(const QString& text, bool severalLines)
{
    for (qsizetype position = 0; position < text.size(); ++position) {
        char32_t character = text[position].unicode();
        if (text[position].isHighSurrogate() && position + 1 < text.size() && text[position + 1].isLowSurrogate()) {
            character = QChar::surrogateToUcs4(text[position], text[position + 1]);
            ++position;
        }
        if (severalLines && (character == U'\n' || character == U'\t'))
            continue;
        switch (QChar::category(character)) {
        case QChar::Other_Control:
        case QChar::Other_Format:
        case QChar::Other_Surrogate:
        case QChar::Separator_Line:
        case QChar::Separator_Paragraph:
            return false;
        default:
            break;
        }
    }
    return true;
}

} // namespace

class TestDisplayText : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void showsHostileTextInACell_data();
    void showsHostileTextInACell();
    void leavesHonestTextAlone_data();
    void leavesHonestTextAlone();
    void leavesNoUnsafeCharacter();
    void cutsToTheRequestedLength();
    void neverCutsACharacterInHalf();
    void isCheapForTwoMegabytes();
    void keepsLinesInParagraphs();
    void escapesTooltips_data();
    void escapesTooltips();
    void emptyTextHasNoTooltip();
    void doublesMnemonics_data();
    void doublesMnemonics();
};

void TestDisplayText::showsHostileTextInACell_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("cell");
    const auto row = [](const char* name, const QString& text, const QString& cell) {
        QTest::newRow(name) << text << cell;
    };
    row("NUL", QStringLiteral("a\0b"), QStringLiteral("a\u2400b"));
    row("bell", QStringLiteral("a\ab"), QStringLiteral("a\u2407b"));
    row("backspace", QStringLiteral("a\bb"), QStringLiteral("a\u2408b"));
    row("tab", QStringLiteral("a\tb"), QStringLiteral("a\u2409b"));
    row("line feed", QStringLiteral("a\nb"), QStringLiteral("a\u2424b"));
    row("carriage return", QStringLiteral("a\rb"), QStringLiteral("a\u240Db"));
    row("carriage return and line feed", QStringLiteral("a\r\nb"), QStringLiteral("a\u2424b"));
    row("carriage return at the end", QStringLiteral("a\r"), QStringLiteral("a\u240D"));
    row("vertical tab", QStringLiteral("a\vb"), QStringLiteral("a\u240Bb"));
    row("form feed", QStringLiteral("a\fb"), QStringLiteral("a\u240Cb"));
    row("escape sequence", QStringLiteral("\033[31mred\033[0m"), QStringLiteral("\u241B[31mred\u241B[0m"));
    row("window title", QStringLiteral("\033]0;owned\a"), QStringLiteral("\u241B]0;owned\u2407"));
    row("delete",
        QStringLiteral("a\x7F"
                       "b"),
        QStringLiteral("a\u2421b"));
    row("C1 control sequence introducer", QStringLiteral("a\u009B31mb"), QStringLiteral("a\uFFFD31mb"));
    row("next line", QStringLiteral("a\u0085b"), QStringLiteral("a\u2424b"));
    row("line separator", QStringLiteral("a\u2028b"), QStringLiteral("a\u2424b"));
    row("paragraph separator", QStringLiteral("a\u2029b"), QStringLiteral("a\u2424b"));
    row("right-to-left override", QStringLiteral("pod-\u202Etxt.exe"), QStringLiteral("pod-txt.exe"));
    row("left-to-right override", QStringLiteral("a\u202Db"), QStringLiteral("ab"));
    row("embeddings", QStringLiteral("\u202Aa\u202Bb\u202C"), QStringLiteral("ab"));
    row("isolates", QStringLiteral("\u2066a\u2067b\u2068c\u2069"), QStringLiteral("abc"));
    row("direction marks", QStringLiteral("a\u200Eb\u200Fc\u061Cd"), QStringLiteral("abcd"));
    row("zero width space", QStringLiteral("pod\u200B-a"), QStringLiteral("pod-a"));
    row("joiners", QStringLiteral("a\u200Cb\u200Dc\u2060d"), QStringLiteral("abcd"));
    row("byte order mark", QStringLiteral("\uFEFFpod"), QStringLiteral("pod"));
    row("soft hyphen", QStringLiteral("po\u00ADd"), QStringLiteral("pod"));
    row("interlinear annotation", QStringLiteral("a\uFFF9b\uFFFAc\uFFFB"), QStringLiteral("abc"));
    row("tag characters", QStringLiteral("a\U000E0041\U000E0042b"), QStringLiteral("ab"));
    row("invisible letters", QStringLiteral("a\u115Fb\u3164c\uFFA0d\u034Fe"), QStringLiteral("abcde"));
    row("high surrogate alone", QStringLiteral("a") + QChar(0xD83D) + QStringLiteral("b"), QStringLiteral("a\uFFFDb"));
    row("low surrogate alone", QStringLiteral("a") + QChar(0xDE00) + QStringLiteral("b"), QStringLiteral("a\uFFFDb"));
    row("high surrogate at the end", QStringLiteral("a") + QChar(0xD83D), QStringLiteral("a\uFFFD"));
    row("noncharacter", QStringLiteral("a") + QChar(0xFFFF) + QChar(0xFDD0), QStringLiteral("a\uFFFD\uFFFD"));
    row("tower of accents", QStringLiteral("o") + QString(200, QChar(0x0301)) + QStringLiteral("k"),
        QStringLiteral("o") + QString(4, QChar(0x0301)) + QStringLiteral("k"));
    row("markup", QStringLiteral("<img src='file:///etc/passwd'>"), QStringLiteral("<img src='file:///etc/passwd'>"));
    row("place markers", QStringLiteral("%1 %2 %n %L1"), QStringLiteral("%1 %2 %n %L1"));
    row("only controls", QStringLiteral("\u202E\u200B"), QString());
    row("empty", {}, {});
}

void TestDisplayText::showsHostileTextInACell()
{
    QFETCH(QString, text);
    QFETCH(QString, cell);
    QCOMPARE(cellText(text), cell);
    QVERIFY(isHarmless(cell, false));
}

void TestDisplayText::leavesHonestTextAlone_data()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("latin") << QStringLiteral("pod-a (worker 7)");
    QTest::newRow("accents composed") << QStringLiteral("Jürgen Żółć");
    QTest::newRow("accents decomposed") << QStringLiteral("Ju\u0308rgen e\u0302\u0301");
    QTest::newRow("hebrew") << QStringLiteral("\u05E9\u05DC\u05D5\u05DD");
    QTest::newRow("arabic") << QStringLiteral("\u0645\u0631\u062D\u0628\u0627");
    QTest::newRow("thai") << QStringLiteral("\u0E17\u0E35\u0E48");
    QTest::newRow("chinese") << QStringLiteral("\u9501");
    QTest::newRow("emoji") << QStringLiteral("\U0001F512 locked");
    QTest::newRow("query") << QStringLiteral("SELECT 'a & b' < \"c\" AND d > 'e''f';");
}

void TestDisplayText::leavesHonestTextAlone()
{
    QFETCH(QString, text);
    QCOMPARE(cellText(text), text);
    QCOMPARE(paragraphText(text), text);
}

void TestDisplayText::leavesNoUnsafeCharacter()
{
    for (char32_t character = 0; character <= 0x10FFFF; ++character) {
        const QString text =
            QStringLiteral("a") + QStringView(QChar::fromUcs4(character)).toString() + QStringLiteral("b");
        if (!isHarmless(cellText(text), false) || !isHarmless(paragraphText(text), true))
            QFAIL(qPrintable(QStringLiteral("U+") + QString::number(character, 16)));
    }
}

void TestDisplayText::cutsToTheRequestedLength()
{
    QCOMPARE(cellText(u"abcdef", 6), QStringLiteral("abcdef"));
    QCOMPARE(cellText(u"abcdefg", 6), QStringLiteral("abcde\u2026"));
    QCOMPARE(cellText(u"abc", 1), QStringLiteral("\u2026"));
    QCOMPARE(cellText(u"abc", 0), QString());
    QCOMPARE(cellText(u"abc", -1), QString());
    QCOMPARE(cellText(QString(5000, u'x')).size(), 1024);
    QCOMPARE(paragraphText(QString(50'000, u'x')).size(), 16 * 1024);
}

void TestDisplayText::neverCutsACharacterInHalf()
{
    const QString text = QStringLiteral("ab\U0001F512cdef");
    QCOMPARE(cellText(text, 4), QStringLiteral("ab\u2026"));
    QCOMPARE(cellText(text, 5), QStringLiteral("ab\U0001F512\u2026"));
}

void TestDisplayText::isCheapForTwoMegabytes()
{
    const QString text(2 << 20, QChar(0x202E));
    QElapsedTimer timer;
    timer.start();
    for (int round = 0; round < 1000; ++round) {
        QCOMPARE(cellText(text), QStringLiteral("\u2026"));
        QCOMPARE(plainTooltip(text), QStringLiteral("<qt>\u2026</qt>"));
    }
    // Reading all of the text would be two thousand million characters a call each, and take minutes.
    QVERIFY2(timer.elapsed() < 10'000, qPrintable(QString::number(timer.elapsed())));
}

void TestDisplayText::keepsLinesInParagraphs()
{
    QCOMPARE(paragraphText(u"a\r\n\tb\u2028c\033\u202Ed"), QStringLiteral("a\n\tb\nc\u241Bd"));
}

void TestDisplayText::escapesTooltips_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("tooltip");
    const auto row = [](const char* name, const QString& text, const QString& tooltip) {
        QTest::newRow(name) << text << QStringLiteral("<qt>") + tooltip + QStringLiteral("</qt>");
    };
    row("plain", QStringLiteral("pod-a"), QStringLiteral("pod-a"));
    row("image", QStringLiteral("<img src=/etc/passwd>"), QStringLiteral("&lt;img src=/etc/passwd&gt;"));
    row("table that hides", QStringLiteral("x<table>hidden"), QStringLiteral("x&lt;table&gt;hidden"));
    row("end of the wrapper", QStringLiteral("</qt><b>"), QStringLiteral("&lt;/qt&gt;&lt;b&gt;"));
    row("entity", QStringLiteral("&lt;b&gt;"), QStringLiteral("&amp;lt;b&amp;gt;"));
    row("quotes", QStringLiteral("\"a\""), QStringLiteral("&quot;a&quot;"));
    row("lines", QStringLiteral("a\nb\r\nc"), QStringLiteral("a<br/>b<br/>c"));
    row("bidirectional", QStringLiteral("a\u202Eb"), QStringLiteral("ab"));
    row("escape", QStringLiteral("\033[0m"), QStringLiteral("\u241B[0m"));
}

void TestDisplayText::escapesTooltips()
{
    QFETCH(QString, text);
    QFETCH(QString, tooltip);
    QCOMPARE(plainTooltip(text), tooltip);
}

void TestDisplayText::emptyTextHasNoTooltip()
{
    QCOMPARE(plainTooltip({}), QString());
    QCOMPARE(plainTooltip(u"\u202E"), QString());
}

void TestDisplayText::doublesMnemonics_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("escaped");
    QTest::newRow("none") << QStringLiteral("pod-a") << QStringLiteral("pod-a");
    QTest::newRow("one") << QStringLiteral("R&D") << QStringLiteral("R&&D");
    QTest::newRow("two") << QStringLiteral("&&") << QStringLiteral("&&&&");
    QTest::newRow("shortcut column") << QStringLiteral("Terminate\tCtrl+Q") << QStringLiteral("Terminate\u2409Ctrl+Q");
}

void TestDisplayText::doublesMnemonics()
{
    QFETCH(QString, text);
    QFETCH(QString, escaped);
    QCOMPARE(escapedMnemonic(text), escaped);
}

QTEST_GUILESS_MAIN(TestDisplayText)
#include "tst_displaytext.moc"
