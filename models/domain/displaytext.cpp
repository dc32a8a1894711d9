#include "models/domain/displaytext.h"

#include <QChar>

namespace lockscope {

namespace {

enum class LineBreaks
{
    Pictures,
    Kept
};

constexpr char16_t ellipsis = u'\u2026';
constexpr char16_t replacement = u'\uFFFD';
constexpr char16_t newlinePicture = u'\u2424';
constexpr int maximumCombiningMarks = 4;

/// Letters and marks that Unicode defines as invisible although their category is not Cf
/// (Default_Ignorable_Code_Point).
constexpr bool isInvisible(char32_t character)
{
    return character == 0x034F || character == 0x115F || character == 0x1160 || character == 0x17B4 ||
           character == 0x17B5 || (character >= 0x180B && character <= 0x180F) || character == 0x3164 ||
           character == 0xFFA0 || (character >= 0xE0000 && character <= 0xE0FFF);
}

constexpr bool isNoncharacter(char32_t character)
{
    return (character & 0xFFFE) == 0xFFFE || (character >= 0xFDD0 && character <= 0xFDEF);
}

constexpr char16_t controlPicture(char16_t control)
{
    if (control == 0x7F)
        return u'\u2421';
    return control < 0x20 ? static_cast<char16_t>(0x2400 + control) : replacement;
}

class Cleaner
{
public:
    Cleaner(QStringView text, LineBreaks lineBreaks)
        : m_text(text)
        , m_lineBreaks(lineBreaks)
    {
        m_result.reserve(text.size() + 1);
    }

    QString clean()
    {
        for (m_position = 0; m_position < m_text.size(); ++m_position)
            take(m_text[m_position]);
        return std::move(m_result);
    }

private:
    void take(QChar unit)
    {
        const char16_t code = unit.unicode();
        if (code == u'\r' && m_position + 1 < m_text.size() && m_text[m_position + 1] == u'\n')
            return; // the LF that follows stands for both
        if (code == u'\n' || code == u'\u0085' || code == u'\u2028' || code == u'\u2029')
            append(m_lineBreaks == LineBreaks::Kept ? u'\n' : newlinePicture);
        else if (code == u'\t' && m_lineBreaks == LineBreaks::Kept)
            append(u'\t');
        else if (unit.category() == QChar::Other_Control)
            append(controlPicture(code));
        else if (!unit.isSurrogate())
            takeCharacter(code);
        else if (unit.isHighSurrogate() && m_position + 1 < m_text.size() && m_text[m_position + 1].isLowSurrogate())
            takeCharacter(QChar::surrogateToUcs4(unit, m_text[++m_position]));
        else
            append(replacement);
    }

    void takeCharacter(char32_t character)
    {
        const QChar::Category category = QChar::category(character);
        if (category == QChar::Other_Format || isInvisible(character))
            return;
        const bool combining = category == QChar::Mark_NonSpacing || category == QChar::Mark_Enclosing;
        m_combiningMarks = combining ? m_combiningMarks + 1 : 0;
        if (m_combiningMarks > maximumCombiningMarks)
            return;
        if (isNoncharacter(character))
            m_result += QChar(replacement);
        else
            m_result += QStringView(QChar::fromUcs4(character));
    }

    void append(char16_t code)
    {
        m_combiningMarks = 0;
        m_result += QChar(code);
    }

    QStringView m_text;
    LineBreaks m_lineBreaks;
    qsizetype m_position = 0;
    int m_combiningMarks = 0;
    QString m_result;
};

QString cleaned(QStringView text, int maximumCharacters, LineBreaks lineBreaks)
{
    if (maximumCharacters <= 0)
        return {};
    if (text.size() <= maximumCharacters)
        return Cleaner(text, lineBreaks).clean();
    qsizetype kept = maximumCharacters - 1;
    if (kept > 0 && text[kept - 1].isHighSurrogate())
        --kept; // half a character would show as a replacement mark that the text does not have
    return Cleaner(text.first(kept), lineBreaks).clean() + QChar(ellipsis);
}

} // namespace

QString cellText(QStringView text, int maximumCharacters)
{
    return cleaned(text, maximumCharacters, LineBreaks::Pictures);
}

QString paragraphText(QStringView text, int maximumCharacters)
{
    return cleaned(text, maximumCharacters, LineBreaks::Kept);
}

QString firstCharacters(const QString& text, qsizetype most)
{
    if (text.size() <= most)
        return text;
    return text.first(most > 0 && text[most - 1].isHighSurrogate() ? most - 1 : most);
}

QString plainTooltip(QStringView text, int maximumCharacters)
{
    const QString shown = paragraphText(text, maximumCharacters);
    if (shown.isEmpty())
        return {};
    return QStringLiteral("<qt>") + shown.toHtmlEscaped().replace(u'\n', QStringLiteral("<br/>")) +
           QStringLiteral("</qt>");
}

QString escapedMnemonic(QStringView text, int maximumCharacters)
{
    return cellText(text, maximumCharacters).replace(u'&', QStringLiteral("&&"));
}

} // namespace lockscope
