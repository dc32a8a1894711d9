#include "models/diagnosisquery.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace lockscope {

namespace {

constexpr qsizetype longestStatement = 16 * 1024;
constexpr qsizetype mostCalls = 64;
constexpr qsizetype mostTokensOfACall = 40;

enum class TokenKind : quint8
{
    End,
    Word,    ///< folded to lower case unless it was quoted
    Number,  ///< digits only
    Literal, ///< the content of '...'
    Cast,    ///< ::
    Other    ///< one character
};

struct Token
{
    TokenKind kind = TokenKind::End;
    QString text = {};
    [[nodiscard]] bool is(char16_t character) const { return kind == TokenKind::Other && text == QChar(character); }
    [[nodiscard]] bool isWord(QLatin1String word) const { return kind == TokenKind::Word && text == word; }
};

bool beginsWord(QChar character)
{
    return character.isLetter() || character == u'_';
}

bool continuesWord(QChar character)
{
    return beginsWord(character) || (character >= u'0' && character <= u'9') || character == u'$';
}

/// The words of a statement, as far as it takes to tell code from text.
class Scanner
{
public:
    explicit Scanner(QStringView text)
        : m_text(text)
    {
    }

    Token next()
    {
        skipSpace();
        if (m_at >= m_text.size())
            return {};
        const QChar first = m_text[m_at];
        if (first == u'\'')
            return literal(false);
        if (first == u'"')
            return quotedName();
        if (first == u'$')
            return dollar();
        if ((first == u'e' || first == u'E') && peek(1) == u'\'') {
            ++m_at;
            return literal(true);
        }
        if (beginsWord(first))
            return take(TokenKind::Word, [](QChar character) { return continuesWord(character); });
        if (first >= u'0' && first <= u'9')
            // A dot, an exponent or 0x make it something else than a plain number.
            return take(TokenKind::Number,
                        [](QChar character) { return continuesWord(character) || character == u'.'; });
        if (first == u':' && peek(1) == u':') {
            m_at += 2;
            return {TokenKind::Cast, QStringLiteral("::")};
        }
        ++m_at;
        return {TokenKind::Other, first};
    }

private:
    [[nodiscard]] QChar peek(qsizetype ahead) const
    {
        return m_at + ahead < m_text.size() ? m_text[m_at + ahead] : QChar();
    }

    void skipSpace()
    {
        while (m_at < m_text.size()) {
            if (m_text[m_at].isSpace()) {
                ++m_at;
            } else if (m_text[m_at] == u'-' && peek(1) == u'-') {
                while (m_at < m_text.size() && m_text[m_at] != u'\n')
                    ++m_at;
            } else if (m_text[m_at] == u'/' && peek(1) == u'*') {
                skipComment();
            } else {
                return;
            }
        }
    }

    /// They nest in PostgreSQL.
    void skipComment()
    {
        int depth = 0;
        do {
            if (m_text[m_at] == u'/' && peek(1) == u'*') {
                ++depth;
                m_at += 2;
            } else if (m_text[m_at] == u'*' && peek(1) == u'/') {
                --depth;
                m_at += 2;
            } else {
                ++m_at;
            }
        } while (depth > 0 && m_at < m_text.size());
    }

    template <typename Continues>
    Token take(TokenKind kind, Continues continues)
    {
        const qsizetype begin = m_at;
        while (m_at < m_text.size() && continues(m_text[m_at]))
            ++m_at;
        return {kind, m_text.sliced(begin, m_at - begin).toString().toLower()};
    }

    Token literal(bool escapes)
    {
        Token token{TokenKind::Literal, {}};
        for (++m_at; m_at < m_text.size(); ++m_at) {
            const QChar character = m_text[m_at];
            if (escapes && character == u'\\') {
                token.text += character;
                ++m_at;
            } else if (character == u'\'') {
                if (peek(1) != u'\'') {
                    ++m_at;
                    return token;
                }
                ++m_at;
            }
            if (m_at < m_text.size())
                token.text += m_text[m_at];
        }
        return token;
    }

    Token quotedName()
    {
        Token token{TokenKind::Word, {}};
        for (++m_at; m_at < m_text.size() && m_text[m_at] != u'"'; ++m_at)
            token.text += m_text[m_at];
        ++m_at;
        return token;
    }

    /// $1 is a parameter, $tag$...$tag$ a literal.
    Token dollar()
    {
        qsizetype end = m_at + 1;
        while (end < m_text.size() && continuesWord(m_text[end]) && m_text[end] != u'$')
            ++end;
        const bool parameter = peek(1) >= u'0' && peek(1) <= u'9';
        if (parameter || end >= m_text.size() || m_text[end] != u'$') {
            m_at = end;
            return {TokenKind::Other, QStringLiteral("$")};
        }
        const QStringView tag = m_text.sliced(m_at, end + 1 - m_at);
        const qsizetype close = m_text.indexOf(tag, end + 1);
        Token token{TokenKind::Literal, {}};
        token.text = m_text.sliced(end + 1, (close < 0 ? m_text.size() : close) - end - 1).toString();
        m_at = close < 0 ? m_text.size() : close + tag.size();
        return token;
    }

    QStringView m_text;
    qsizetype m_at = 0;
};

bool isIntegerType(const QString& word)
{
    static const QStringList names{QStringLiteral("bigint"), QStringLiteral("int8"),    QStringLiteral("integer"),
                                   QStringLiteral("int"),    QStringLiteral("int4"),    QStringLiteral("smallint"),
                                   QStringLiteral("int2"),   QStringLiteral("numeric"), QStringLiteral("oid")};
    return names.contains(word);
}

/// One argument of tokens: a number with sign, quotes, parentheses and casts around it. Empty for anything else.
std::optional<qint64> numberOf(QList<Token> tokens)
{
    bool negative = false;
    std::optional<QString> digits;
    for (qsizetype at = 0; at < tokens.size(); ++at) {
        const Token& token = tokens[at];
        if (token.is(u'(') || token.is(u')') || token.is(u'.') || token.is(u'+') || token.kind == TokenKind::Cast) {
            if (token.is(u'+') && digits)
                return std::nullopt; // a sum
            continue;
        }
        if (token.is(u'-') && !digits) {
            negative = !negative;
            continue;
        }
        if (token.kind == TokenKind::Word &&
            (isIntegerType(token.text) || token.text == QLatin1String("cast") || token.text == QLatin1String("as") ||
             token.text == QLatin1String("pg_catalog")))
            continue;
        if ((token.kind == TokenKind::Number || token.kind == TokenKind::Literal) && !digits) {
            digits = token.text.trimmed();
            continue;
        }
        return std::nullopt;
    }
    if (!digits)
        return std::nullopt;
    bool isNumber = false;
    const qint64 value = (negative ? u'-' + *digits : *digits).toLongLong(&isNumber);
    return isNumber ? std::optional(value) : std::nullopt;
}

std::optional<LockKey> keyOf(const QList<QList<Token>>& arguments)
{
    if (arguments.size() == 1) {
        const auto value = numberOf(arguments.first());
        return value ? std::optional(LockKey::bigint(*value)) : std::nullopt;
    }
    if (arguments.size() != 2)
        return std::nullopt;
    const auto first = numberOf(arguments.first());
    const auto second = numberOf(arguments.last());
    const auto fits = [](const std::optional<qint64>& value) {
        return value && *value >= std::numeric_limits<qint32>::min() && *value <= std::numeric_limits<qint32>::max();
    };
    return fits(first) && fits(second)
               ? std::optional(LockKey::pair(static_cast<qint32>(*first), static_cast<qint32>(*second)))
               : std::nullopt;
}

/// After the name: "(" arguments ")". Empty when the key is not written there.
std::optional<LockKey> readArguments(Scanner& scanner, Token& token)
{
    token = scanner.next();
    if (!token.is(u'('))
        return std::nullopt;
    QList<QList<Token>> arguments{{}};
    qsizetype read = 0;
    int depth = 1;
    while (depth > 0) {
        token = scanner.next();
        if (token.kind == TokenKind::End || ++read > mostTokensOfACall)
            return std::nullopt;
        depth += token.is(u'(') ? 1 : token.is(u')') ? -1 : 0;
        if (depth == 1 && token.is(u','))
            arguments.append(QList<Token>());
        else if (depth > 0)
            arguments.last().append(token);
    }
    token = scanner.next();
    return keyOf(arguments);
}

} // namespace

AdvisoryCalls advisoryCallsIn(QStringView statement)
{
    AdvisoryCalls calls;
    const QStringView text = statement.first(std::min(statement.size(), longestStatement));
    calls.mentionsLocks = text.contains(QLatin1String("lock"), Qt::CaseInsensitive);
    if (!calls.mentionsLocks)
        return calls;
    Scanner scanner(text);
    for (Token token = scanner.next(); token.kind != TokenKind::End;) {
        const bool shared = token.isWord(QLatin1String("pg_advisory_unlock_shared"));
        if (shared || token.isWord(QLatin1String("pg_advisory_unlock"))) {
            const std::optional<LockKey> key = readArguments(scanner, token);
            if (key && calls.unlocks.size() < mostCalls)
                calls.unlocks.append({*key, shared});
            else
                calls.unlocksUnseen = true;
            continue;
        }
        if (token.kind == TokenKind::Word && (token.text.startsWith(QLatin1String("pg_advisory_lock")) ||
                                              token.text.startsWith(QLatin1String("pg_advisory_xact_lock")) ||
                                              token.text.startsWith(QLatin1String("pg_try_advisory_"))))
            calls.locks = true;
        token = scanner.next();
    }
    return calls;
}

} // namespace lockscope
