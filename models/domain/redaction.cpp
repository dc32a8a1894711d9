#include "models/domain/redaction.h"

#include <QRegularExpression>

#include <algorithm>

namespace lockscope {

namespace {

/// The position behind the quoted text that starts at `open` (a quote); the end of the text when it is not closed.
qsizetype endOfLiteral(QStringView text, qsizetype open, bool backslashEscapes)
{
    for (qsizetype position = open + 1; position < text.size(); ++position) {
        if (backslashEscapes && text[position] == u'\\') {
            ++position;
        } else if (text[position] == u'\'') {
            if (position + 1 >= text.size() || text[position + 1] != u'\'')
                return position + 1;
            ++position;
        }
    }
    return text.size();
}

/// Literals with only white space between them are one literal to SQL.
qsizetype endOfLiterals(QStringView text, qsizetype open)
{
    while (true) {
        const qsizetype end = std::max(endOfLiteral(text, open, true), endOfLiteral(text, open, false));
        qsizetype next = end;
        while (next < text.size() && text[next].isSpace())
            ++next;
        if (next == end || next >= text.size() || text[next] != u'\'')
            return end;
        open = next;
    }
}

/// Behind the next `mark`, or the end of the text.
qsizetype behind(QStringView text, QStringView mark, qsizetype from)
{
    const qsizetype found = text.indexOf(mark, from);
    return found < 0 ? text.size() : found + mark.size();
}

qsizetype endOfDollarQuote(QStringView text, qsizetype open)
{
    const qsizetype tagEnd = text.indexOf(u'$', open + 1) + 1;
    return behind(text, text.sliced(open, tagEnd - open), tagEnd);
}

/// Walks over SQL once, from left to right, and tells where a literal is open.
class LiteralTracker
{
public:
    explicit LiteralTracker(QStringView sql)
        : m_sql(sql)
    {
    }

    [[nodiscard]] bool isInsideLiteral(qsizetype position)
    {
        while (m_next < position) {
            const QStringView rest = m_sql.sliced(m_next);
            m_inside = rest.startsWith(u'\'');
            if (m_inside)
                m_next = endOfLiteral(m_sql, m_next, m_next > 0 && m_sql[m_next - 1].toUpper() == u'E');
            else if (rest.startsWith(u"--"))
                m_next = behind(m_sql, u"\n", m_next);
            else if (rest.startsWith(u"/*"))
                m_next = behind(m_sql, u"*/", m_next);
            else
                ++m_next;
        }
        return m_inside && m_next > position;
    }

private:
    QStringView m_sql;
    qsizetype m_next = 0; ///< nothing is open here
    bool m_inside = false;
};

/// The value of password=... in a connection string, which may itself stand inside a literal, with its quotes doubled.
qsizetype endOfConninfoValue(QStringView text, qsizetype start)
{
    const QStringView rest = text.sliced(start);
    if (rest.startsWith(u"''"))
        return behind(text, u"''", start + 2);
    if (rest.startsWith(u'\''))
        return endOfLiterals(text, start);
    qsizetype end = start;
    while (end < text.size() && !text[end].isSpace() && text[end] != u'\'' && text[end] != u'&')
        ++end;
    return end;
}

/// The same length, with the replacement character for each half of a surrogate pair.
QString wholeCharacters(QString text)
{
    for (qsizetype position = 0; position < text.size(); ++position) {
        if (!text[position].isSurrogate())
            continue;
        if (text[position].isHighSurrogate() && position + 1 < text.size() && text[position + 1].isLowSurrogate())
            ++position;
        else
            text[position] = QChar::ReplacementCharacter;
    }
    return text;
}

} // namespace

QString withoutPasswords(const QString& text)
{
    // PCRE matches nothing at all in text with half of a surrogate pair, so a cut in the wrong place would show
    // secrets.
    const QString sql = QStringView(text).isValidUtf16() ? text : wholeCharacters(text);
    // Blanks and comments may stand between the word and its literal.
    static const QRegularExpression password(
        QStringLiteral(
            "password(?:(?<equals>\\s*=\\s*)|(?:\\s++|/\\*.*?\\*/|--[^\\n]*+\\n)*+(?:U&|[EBXN])?(?='|\\$\\w*\\$))"),
        QRegularExpression::CaseInsensitiveOption | QRegularExpression::DotMatchesEverythingOption |
            QRegularExpression::UseUnicodePropertiesOption);
    static const QRegularExpression uriPassword(QStringLiteral("(://[^\\s:/@']*+:)[^\\s/@']++@"));

    LiteralTracker tracker(sql);
    QString result;
    qsizetype copied = 0;
    for (qsizetype searched = 0;;) {
        const QRegularExpressionMatch match = password.match(sql, searched);
        if (!match.hasMatch())
            break;
        const qsizetype start = match.capturedEnd();
        const bool doubled = QStringView(sql).sliced(start).startsWith(u"''");
        const bool nested = tracker.isInsideLiteral(match.capturedStart());
        qsizetype end = start;
        if (match.capturedLength(QStringLiteral("equals")) > 0)
            end = endOfConninfoValue(sql, start);
        else if (sql.at(start) == u'$')
            end = endOfDollarQuote(sql, start);
        else if (!nested)
            end = endOfLiterals(sql, start);
        else if (doubled)
            end = behind(sql, u"''", start + 2); // SQL inside a literal
        searched = std::max(end, start);
        if (end == start)
            continue; // the quote ends a literal that happens to say "password"
        result += QStringView(sql).sliced(copied, start - copied);
        result += sql.at(start) == u'\'' || sql.at(start) == u'$' ? QStringLiteral("'***'") : QStringLiteral("***");
        copied = end;
    }
    result += QStringView(sql).sliced(copied);
    return result.replace(uriPassword, QStringLiteral("\\1***@"));
}

} // namespace lockscope
