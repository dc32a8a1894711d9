#include "tests/support/hostiletexts.h"

#include <QTest>

#include <algorithm>
#include <array>

namespace lockscope::test {

namespace {

// Universal character names cannot spell halves of surrogate pairs.
constexpr char16_t highHalf = 0xD83D;
constexpr char16_t lowHalf = 0xDE00;

class Corpus
{
public:
    void add(const char* family, const QString& text)
    {
        const bool known = std::any_of(m_texts.cbegin(), m_texts.cend(),
                                       [&text](const HostileText& other) { return other.text == text; });
        if (!known)
            m_texts.append({QString::fromLatin1(family), text});
    }
    void add(const char* family, std::initializer_list<const char16_t*> texts)
    {
        for (const char16_t* const text : texts)
            add(family, QString::fromUtf16(text));
    }
    [[nodiscard]] QList<HostileText> take() { return std::move(m_texts); }

private:
    QList<HostileText> m_texts;
};

void addMarkup(Corpus& corpus)
{
    corpus.add("markup", {u"<b>bold</b>",
                          u"<img src=\"/etc/hostname\">",
                          u"<img src='file:///etc/passwd'>",
                          u"<img src=\"//evil.example/share/x.png\">",
                          u"<img src=\"http://evil.example/p.gif?u=1\" width=1>",
                          u"<img src=\":/icons/app.svg\">",
                          u"<img src=\"qrc:/icons/app.svg\">",
                          u"<IMG SRC=data:image/png;base64,AA>",
                          u"<a href=\"https://evil.example\">click</a>",
                          u"<a href=\"file:///bin/sh\">run</a>",
                          u"<a href='javascript:alert(1)'>js</a>",
                          u"x<table>hidden",
                          u"<table><tr><td>1</table>",
                          u"</table></td></tr>",
                          u"<script>alert(1)</script>",
                          u"<style>*{color:white}</style>invisible",
                          u"<qt>taken over</qt>",
                          u"</qt><b>out</b>",
                          u"<qt><img src=x></qt>",
                          u"<!DOCTYPE html><h1>big</h1>",
                          u"<html><body bgcolor=black>",
                          u"<font color=white>white</font>",
                          u"<font size=+7>huge</font>",
                          u"<span style=\"display:none\">none</span>",
                          u"<span style=\"font-size:0\">zero</span>",
                          u"<!-- comment -->seen",
                          u"<![CDATA[data]]>",
                          u"<?xml version=\"1.0\"?>",
                          u"<svg onload=alert(1)>",
                          u"<br>after<br/>break",
                          u"<p dir=rtl>turned</p>",
                          u"<pre>  kept   </pre>",
                          u"<title>T</title>x",
                          u"<meta http-equiv=refresh>",
                          u"&lt;b&gt;entity&lt;/b&gt;",
                          u"&amp; & &&",
                          u"&#60;b&#62;",
                          u"&#x202E;turned",
                          u"&nbsp;&zwj;&copy;",
                          u"&unknown; &",
                          u"a < b > c",
                          u"1<2",
                          u"<",
                          u">",
                          u"<>",
                          u"</",
                          u"<b",
                          u"x\"><b>attr</b>",
                          u"x' onclick='y",
                          u"]]></text><script>1</script>",
                          u"<text>svg</text>",
                          u"<?php echo 1 ?>",
                          u"${7*7}{{7*7}}<%= 7*7 %>"});
}

void addQt(Corpus& corpus)
{
    corpus.add("qt", {u"%1 %2 %3 %L1 %n",
                      u"%1",
                      u"%2",
                      u"%3%4%5%6%7%8%9",
                      u"%L2",
                      u"%99",
                      u"%%1",
                      u"% 1",
                      u"%n row(s)",
                      u"%p% %v %m",
                      u"%s%s%s%n",
                      u"&Release",
                      u"a&b",
                      u"&&",
                      u"&",
                      u"Save &As...\tCtrl+S",
                      u"[*] placeholder",
                      u"[*][*]",
                      u"[*",
                      u"mid[*]dle[*]",
                      u"qrc:/x",
                      u":/qt",
                      u"QString(\"x\")",
                      u"\\1\\2\\n",
                      u"{0} {1}"});
}

void addControls(Corpus& corpus)
{
    corpus.add("control", {u"\u001b[31mred\u001b[0m",
                           u"\u001b[2J\u001b[Hcleared",
                           u"\u001b]0;title\u0007rest",
                           u"\u001b]8;;http://evil.example\u001b\\link\u001b]8;;\u001b\\",
                           u"\u001b[6nask",
                           u"\u001bP1$r\u001b\\dcs",
                           u"\u001b[8mhidden\u001b[28m",
                           u"\u001b]52;c;ZWNobyBoaQ==\u0007clip",
                           u"bell\u0007",
                           u"back\u0008\u0008\u0008ward",
                           u"over\rwritten",
                           u"line one\nline two",
                           u"crlf\r\nline",
                           u"tab\there",
                           u"\ttab first",
                           u"form\u000cfeed\u000bvt",
                           u"del\u007fete",
                           u"\u009b31mcsi",
                           u"\u0085next line\u0085",
                           u"\u0090dcs\u009c",
                           u"\u009d0;osc\u009c",
                           u"shift\u000eout\u000f",
                           u"sub\u001astitute",
                           u"line\u2028sep\u2029par",
                           u"\n\n\n",
                           u"trailing\n",
                           u"\u0001\u0002\u0003\u0004abc"});
    corpus.add("control", QStringLiteral("nul") + QChar(u'\0') + QStringLiteral("inside"));
    corpus.add("control", QString(QChar(u'\0')) + QStringLiteral("nul first"));
}

void addInvisible(Corpus& corpus)
{
    // Each of the characters that turn or hide what stands around it, inside a word of its own.
    for (char16_t code = 0x202A; code <= 0x202E; ++code)
        corpus.add("bidi", QStringLiteral("pay%1gnp.exe").arg(QChar(code)) + QString::number(code, 16));
    for (char16_t code = 0x2066; code <= 0x2069; ++code)
        corpus.add("bidi", QStringLiteral("user%1nimda").arg(QChar(code)) + QString::number(code, 16));
    for (char16_t code = 0x200B; code <= 0x200F; ++code)
        corpus.add("invisible", QStringLiteral("ad%1min").arg(QChar(code)) + QString::number(code, 16));
    constexpr std::array<char16_t, 16> ignorable{0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x180E, 0x2060,
                                                 0x2061, 0x206A, 0x206F, 0x3164, 0xFEFF, 0xFFA0, 0xFFF9, 0xFFFB};
    for (const char16_t code : ignorable)
        corpus.add("invisible", QStringLiteral("pod%1-a").arg(QChar(code)) + QString::number(code, 16));
    corpus.add("bidi",
               {u"\u202e", u"\u2067\u2067\u2067deep", u"\u202e}\u2066if admin\u2069\u2066 begin", u"\u200fabc\u200e"});
    corpus.add("invisible", {u"\u200b", u"\u200b\u200b\u200b", u"\ufeffbom first"});
    QString tags = QStringLiteral("flag");
    for (const char32_t code : {0xE0067U, 0xE0062U, 0xE0065U, 0xE007FU})
        tags += QString::fromUcs4(&code, 1);
    corpus.add("invisible", tags);
    const std::array<char32_t, 2> variation{U'\U0001F600', U'\U000E0100'};
    corpus.add("invisible", QString::fromUcs4(variation.data(), 2) + QStringLiteral("variation"));
}

void addBroken(Corpus& corpus)
{
    const QString replaced(QChar(0xFFFD));
    corpus.add("broken", QStringLiteral("high") + QChar(highHalf));
    corpus.add("broken", QChar(highHalf) + QStringLiteral("high first"));
    corpus.add("broken", QChar(lowHalf) + QStringLiteral("low first"));
    corpus.add("broken", QStringLiteral("swapped") + QChar(lowHalf) + QChar(highHalf) + QStringLiteral("halves"));
    corpus.add("broken", QStringLiteral("two") + QChar(highHalf) + QChar(highHalf) + QChar(lowHalf));
    corpus.add("broken",
               {u"nonchar\ufffe", u"\uffffnonchar", u"\ufdd0arabic\ufdef", u"private\ue000\uf8ff", u"object\ufffc"});
    corpus.add("broken", QString::fromUcs4(U"plane\U0001FFFEend\U0010FFFF"));
    corpus.add("broken", QString::fromUtf8("latin\xe9 caf\xe9"));
    corpus.add("broken", QString::fromUtf8("over\xc0\xaflong\xed\xa0\x80"));
    corpus.add("broken", replaced + replaced + replaced);
}

void addScripts(Corpus& corpus)
{
    corpus.add("script",
               {u"\u05e9\u05dc\u05d5\u05dd-\u05de\u05d7\u05e9\u05d1 5", u"\u0645\u0631\u062d\u0628\u0627 123 abc",
                u"\u0646\u0627\u0645: <b>\u0628</b>", u"\u0928\u092e\u0938\u094d\u0924\u0947",
                u"\u4f60\u597d\uff0c\u4e16\u754c", u"\u3053\u3093\u306b\u3061\u306f", u"\u1100\u1161\u11a8",
                u"\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35", u"p\u0430yp\u0430l", u"\uff1cb\uff1efull\uff1c/b\uff1e",
                u"\u2039b\u203a", u"\u00c5\u212b\u0041\u030a", u"\u0130stanbul \u0131\u0049\u0069",
                u"\u00df\u1e9e stra\u00dfe", u"\ufb03 ligature"});
    corpus.add("emoji", {u"\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466 family",
                         u"\U0001F3F4\u200D\u2620\ufe0f", u"\U0001F1E9\U0001F1EA\U0001F1EB",
                         u"\U0001F44D\U0001F3FF thumb", u"1\ufe0f\u20e3 keycap", u"\U0001F600\U0001F600\U0001F600"});
    QString tower = QStringLiteral("Z");
    for (int mark = 0; mark < 200; ++mark)
        tower += QChar(0x0300 + mark % 0x4F);
    corpus.add("combining", tower + QStringLiteral("algo"));
    corpus.add("combining", QChar(0x0301) + QStringLiteral("mark first"));
    corpus.add("combining", {u"e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301x",
                             u"\u0e01\u0e49\u0e49\u0e49\u0e49\u0e49\u0e49\u0e49\u0e49",
                             u"a\u20dd\u20dd\u20dd\u20dd\u20dd\u20ddz", u"\u0489\u0489\u0489\u0489\u0489\u0489mil"});
}

void addLanguages(Corpus& corpus)
{
    corpus.add("sql", {u"'; DROP TABLE locks; --",
                       u"\"; DROP TABLE locks; --",
                       u"' OR '1'='1",
                       u"x'||pg_sleep(9)||'",
                       u"''",
                       u"\"\"",
                       u"\"quoted\" name",
                       u"it's",
                       u"$$body$$",
                       u"$tag$ x $tag$",
                       u"/* open",
                       u"*/ close",
                       u"-- comment",
                       u"\\'; SELECT 1; --",
                       u"E'\\x41'",
                       u"U&\"\\0041\"",
                       u"back\\slash\\",
                       u":key :pid :sql",
                       u"?1 ?2",
                       u"pg_catalog.pg_class",
                       u"SELECT",
                       u"ALTER ROLE x PASSWORD 'secret'",
                       u"postgresql://user:secret@host/db"});
    corpus.add("shell", {u"$(reboot)", u"`reboot`", u"; rm -rf / #", u"| cat /etc/passwd", u"&& true", u"> /tmp/x",
                         u"-c id", u"--help", u"../../../etc/passwd", u"~root", u"*", u"C:\\Windows\\System32",
                         u"%PATH%", u"${HOME}", u"$'\\x1b[31m'"});
    corpus.add("csv", {u"=cmd|'/C calc'!A0",
                       u"=HYPERLINK(\"http://evil.example\")",
                       u"+1+1",
                       u"-2+3",
                       u"@SUM(1)",
                       u"\t=1+1",
                       u"\r=1+1",
                       u"\n=1+1",
                       u"a,b,c",
                       u"\"a\",\"b\"",
                       u"a;b",
                       u"\"",
                       u"\"\"\"",
                       u" leading",
                       u"trailing ",
                       u"'=1",
                       u"\uff1d1+1",
                       u"-5",
                       u"007",
                       u"1e5"});
    corpus.add("json", {u"\"}", u"\",\"injected\":\"1", u"{\"a\":1}", u"[1,2,3]", u"null", u"true", u"\\u0041", u"\\",
                        u"\\\"", u"\\n", u"'", u"NaN"});
    corpus.add("markdown",
               {u"**bold** _it_ [x](http://evil.example)", u"# heading", u"![img](file:///etc/passwd)", u"```code```",
                u"| a | b |\n|---|---|", u"> quote", u"- item\n- item", u"~~struck~~", u"<http://evil.example>"});
    corpus.add("url", {u"http://evil.example/?q=<b>", u"https://user:pw@evil.example", u"file:///etc/passwd",
                       u"javascript:alert(1)", u"mailto:a@b.example", u"smb://evil.example/share", u"www.evil.example",
                       u"data:text/html,<b>x</b>"});
}

void addLengths(Corpus& corpus)
{
    corpus.add("long", QString(5000, u'W'));
    corpus.add("long", QString(63, u'N'));
    corpus.add("long", QStringLiteral("\u00e9").repeated(31));                                 // 62 bytes
    corpus.add("long", QString::fromUcs4(U"\U0001F600").repeated(15) + QStringLiteral("abc")); // 63 bytes
    corpus.add("long", QStringLiteral("i").repeated(2000));
    corpus.add("long", QStringLiteral("word ").repeated(400) + QStringLiteral("end"));
    corpus.add("long", QStringLiteral("line\n").repeated(300));
    corpus.add("long", QStringLiteral("<b>").repeated(500));
    // A pair of surrogates on every even place, then on every odd one: whatever the limit, one of the two is cut in it.
    corpus.add("long", QString::fromUcs4(U"\U0001F512").repeated(10'000));
    corpus.add("long", u'x' + QString::fromUcs4(U"\U0001F512").repeated(10'000));
    corpus.add("blank", {u" ", u"     ", u"\u00a0", u"\u3000wide\u3000", u"a\u2003\u2003b", u"."});
}

QList<HostileText> collected()
{
    Corpus corpus;
    addMarkup(corpus);
    addQt(corpus);
    addControls(corpus);
    addInvisible(corpus);
    addBroken(corpus);
    addScripts(corpus);
    addLanguages(corpus);
    addLengths(corpus);
    return corpus.take();
}

/// Default_Ignorable_Code_Point of Unicode, as far as its category is not Cf.
bool isIgnorable(char32_t code)
{
    return code == 0x034F || code == 0x115F || code == 0x1160 || code == 0x17B4 || code == 0x17B5 ||
           (code >= 0x180B && code <= 0x180F) || code == 0x3164 || (code >= 0xFE00 && code <= 0xFE0F) ||
           code == 0xFFA0 || (code >= 0xE0000 && code <= 0xE0FFF);
}

bool isNoncharacter(char32_t code)
{
    return (code & 0xFFFE) == 0xFFFE || (code >= 0xFDD0 && code <= 0xFDEF);
}

} // namespace

const QList<HostileText>& hostileTexts()
{
    static const QList<HostileText> all = collected();
    return all;
}

QStringList hostileTextsOf(const QString& family)
{
    QStringList texts;
    for (const HostileText& hostile : hostileTexts()) {
        if (hostile.family == family)
            texts.append(hostile.text);
    }
    return texts;
}

void addHostileRows()
{
    QTest::addColumn<QString>("payload");
    int number = 0;
    for (const HostileText& hostile : hostileTexts())
        QTest::addRow("%s %d", qPrintable(hostile.family), ++number) << hostile.text;
}

QString visiblePart(const QString& text)
{
    QString visible;
    const QList<uint> codes = text.toUcs4(); // a lone half becomes U+FFFD
    for (const char32_t code : codes) {
        const bool standIn = (code >= 0x2400 && code <= 0x2424) || code == 0xFFFD || code == 0x2026;
        if (standIn || isIgnorable(code) || isNoncharacter(code))
            continue;
        switch (QChar::category(code)) {
        case QChar::Mark_NonSpacing:
        case QChar::Mark_SpacingCombining:
        case QChar::Mark_Enclosing:
        case QChar::Separator_Space:
        case QChar::Separator_Line:
        case QChar::Separator_Paragraph:
        case QChar::Other_Control:
        case QChar::Other_Format:
        case QChar::Other_Surrogate:
        case QChar::Other_NotAssigned:
            continue;
        default:
            visible += QString::fromUcs4(&code, 1);
        }
    }
    return visible;
}

QString unsafeCharacter(const QString& text, bool severalLines)
{
    for (qsizetype at = 0; at < text.size(); ++at) {
        const QChar unit = text[at];
        char32_t code = unit.unicode();
        bool unsafe = false;
        if (unit.isSurrogate()) {
            if (unit.isHighSurrogate() && at + 1 < text.size() && text[at + 1].isLowSurrogate())
                code = QChar::surrogateToUcs4(unit, text[++at]);
            else
                unsafe = true;
        }
        const bool lineOrTab = severalLines && (code == U'\n' || code == U'\t');
        switch (QChar::category(code)) {
        case QChar::Other_Control:
        case QChar::Separator_Line:
        case QChar::Separator_Paragraph:
            unsafe = !lineOrTab;
            break;
        case QChar::Other_Format:
            unsafe = true;
            break;
        default:
            unsafe = unsafe || isNoncharacter(code) || (isIgnorable(code) && (code < 0xFE00 || code > 0xFE0F));
        }
        if (unsafe)
            return QStringLiteral("U+%1 at %2 of \"%3\"")
                .arg(QString::number(code, 16).toUpper(), QString::number(at), text.left(200).toHtmlEscaped());
    }
    return {};
}

QString inOneLine(const QString& text)
{
    QString line = text;
    return line.replace(u'\n', QChar(0x2424)).replace(u'\t', QChar(0x2409));
}

} // namespace lockscope::test
