#include "models/lockfilter.h"

#include "models/lockcolumns.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace lockscope {

namespace {

constexpr size_t maximumWords = 64;

struct Token
{
    QString text;
    qsizetype quotedFrom = -1; ///< where the quoted part begins; -1: nothing is quoted
};

/// Splits at spaces, but neither inside quotes nor inside the parentheses of a pair. A quote that is not closed yet
/// (the person is typing) reaches to the end.
QList<Token> tokens(const QString& text)
{
    QList<Token> result;
    Token token;
    bool quoted = false;
    bool inPair = false;
    const auto finish = [&] {
        if (!token.text.isEmpty())
            result.append(token);
        token = {};
    };
    for (qsizetype at = 0; at < text.size(); ++at) {
        const QChar character = text[at];
        if (character == u'"') {
            quoted = !quoted;
            if (quoted && token.quotedFrom < 0)
                token.quotedFrom = token.text.size();
        } else if (!quoted && !inPair && character.isSpace()) {
            finish();
        } else {
            if (!quoted && character == u'(')
                inPair = text.indexOf(u')', at) >= 0;
            else if (character == u')')
                inPair = false;
            token.text.append(character);
        }
    }
    finish();
    return result;
}

struct Prefix
{
    QLatin1StringView name;
    LockColumn column;
};

constexpr std::array prefixes{
    Prefix{QLatin1StringView("key"), LockColumn::Key},
    Prefix{QLatin1StringView("pid"), LockColumn::Pid},
    Prefix{QLatin1StringView("app"), LockColumn::Application},
    Prefix{QLatin1StringView("user"), LockColumn::User},
    Prefix{QLatin1StringView("db"), LockColumn::Database},
    Prefix{QLatin1StringView("mode"), LockColumn::Mode},
    Prefix{QLatin1StringView("state"), LockColumn::State},
    Prefix{QLatin1StringView("type"), LockColumn::Type},
    Prefix{QLatin1StringView("addr"), LockColumn::Address},
    Prefix{QLatin1StringView("query"), LockColumn::Query},
    Prefix{QLatin1StringView("means"), LockColumn::Meaning},
    Prefix{QLatin1StringView("meaning"), LockColumn::Meaning},
};

/// A line of the server's log or a statement, pasted as a whole: its words would match nothing one by one.
bool isPastedSentence(const QString& text)
{
    return text.contains(QLatin1StringView("advisory lock [")) ||
           text.trimmed().startsWith(QLatin1StringView("select "), Qt::CaseInsensitive);
}

std::optional<LockMode> modeNamed(const QString& text)
{
    if (text.compare(u"shared", Qt::CaseInsensitive) == 0)
        return LockMode::Share; // as the functions are called: pg_advisory_lock_shared
    for (int mode = static_cast<int>(LockMode::AccessShare); mode <= static_cast<int>(LockMode::SIRead); ++mode) {
        const auto candidate = static_cast<LockMode>(mode);
        if (text.compare(displayName(candidate), Qt::CaseInsensitive) == 0 ||
            text.compare(serverName(candidate), Qt::CaseInsensitive) == 0)
            return candidate;
    }
    return {};
}

bool isKeyCharacter(QChar character)
{
    return (character >= u'0' && character <= u'9') || character == u'-' || character == u'(' || character == u')' ||
           character == u',' || character == u' ';
}

/// The key as describe() would write it, without making a QString for each of 100 000 rows.
std::string_view writeKey(LockKey key, std::array<char, 64>& buffer)
{
    char* at = buffer.data();
    char* const end = buffer.data() + buffer.size();
    if (key.form() == KeyForm::Bigint)
        return {buffer.data(), static_cast<size_t>(std::to_chars(at, end, key.value()).ptr - buffer.data())};
    *at++ = '(';
    at = std::to_chars(at, end, key.first()).ptr;
    *at++ = ',';
    *at++ = ' ';
    at = std::to_chars(at, end, key.second()).ptr;
    *at++ = ')';
    return {buffer.data(), static_cast<size_t>(at - buffer.data())};
}

} // namespace

LockFilter::Word LockFilter::makeWord(std::optional<LockColumn> column, const QString& text, bool quoted)
{
    Word word{.column = column, .text = text, .key = {}, .pasted = {}, .number = {}, .mode = {}, .exact = false};
    if (quoted)
        return word;
    if (!column || *column == LockColumn::Key) {
        const bool pair = text.contains(u',');
        if (const Result<LockKey> key = LockKey::parse(text, pair ? KeyForm::Int4Pair : KeyForm::Bigint))
            word.key = *key;
        else
            word.pasted = pastedKey(text);
    }
    if (!column || *column == LockColumn::Pid) {
        bool isNumber = false;
        if (const qint64 number = text.toLongLong(&isNumber); isNumber)
            word.number = number;
    }
    if (column == LockColumn::Mode)
        word.mode = modeNamed(text);
    word.exact = column && (word.key || word.pasted || word.number || word.mode);
    return word;
}

LockFilter::LockFilter(const QString& text)
{
    if (isPastedSentence(text) && pastedKey(text)) {
        m_words.push_back(makeWord({}, text.trimmed(), false));
        return;
    }
    for (const Token& token : tokens(text)) {
        if (m_words.size() == maximumWords)
            break;
        std::optional<LockColumn> column;
        QString value = token.text;
        bool quoted = token.quotedFrom == 0;
        const qsizetype colon = token.text.indexOf(u':');
        if (colon > 0 && (token.quotedFrom < 0 || colon < token.quotedFrom)) {
            const QStringView name = QStringView(token.text).left(colon);
            for (const Prefix& prefix : prefixes) {
                if (name.compare(prefix.name, Qt::CaseInsensitive) != 0)
                    continue;
                column = prefix.column;
                value = token.text.mid(colon + 1);
                quoted = token.quotedFrom == colon + 1 && prefix.column != LockColumn::Key;
            }
        }
        if (!value.isEmpty()) // "key:" while the person is still typing
            m_words.push_back(makeWord(column, value, quoted));
    }
}

/// One run over the rows. Answers of a backend, a database, a type, a mode and a state are worked out once each, as a
/// bit per word; only keys and pids differ from row to row.
class LockFilter::Pass
{
public:
    Pass(const std::vector<Word>& words, const LockView& context)
        : m_words(words)
        , m_context(context)
        , m_all(words.size() == maximumWords ? ~quint64(0) : (quint64(1) << words.size()) - 1)
    {
        m_types.fill(unknown);
        m_modes.fill(unknown);
        for (size_t word = 0; word < words.size(); ++word) {
            const QByteArray latin = words[word].text.toLatin1();
            m_digits.emplace_back(latin.constData(), static_cast<size_t>(latin.size()));
            if (std::all_of(words[word].text.begin(), words[word].text.end(), isKeyCharacter))
                m_keyLike |= quint64(1) << word;
        }
    }

    [[nodiscard]] bool matches(const LockRow& row)
    {
        quint64 matched = backendBits(row);
        if (matched != m_all)
            matched |= typeBits(row) | modeBits(row) | stateBits(row) | databaseBits(row);
        for (size_t word = 0; matched != m_all && word < m_words.size(); ++word) {
            const quint64 bit = quint64(1) << word;
            if (matched & bit)
                continue;
            if (!matchesRowItself(row, word))
                return false;
            matched |= bit;
        }
        return matched == m_all;
    }

    /// The whole key, a half of a pair, the pid or a blocker.
    [[nodiscard]] static bool matchesExactly(const LockRow& row, const Word& word)
    {
        if (word.mode)
            return row.lock.mode == *word.mode;
        if (word.key) {
            const std::optional<LockKey> key = row.lock.target.key();
            if (key == word.key)
                return true;
            if (!word.column && word.number && key && key->form() == KeyForm::Int4Pair &&
                (key->first() == *word.number || key->second() == *word.number))
                return true;
        }
        if (word.pasted)
            return row.lock.target.type == LockType::Advisory && isPasted(row.lock.target, *word.pasted);
        if (!word.number)
            return false;
        if (row.lock.backend.pid == *word.number && row.lock.backend.pid != 0)
            return true;
        return !word.column &&
               std::any_of(row.blockers.begin(), row.blockers.end(), [&](qint32 pid) { return pid == *word.number; });
    }

private:
    [[nodiscard]] static bool isPasted(const LockTarget& target, const PastedKey& key)
    {
        return target.classid == key.classid && target.objid == key.objid && target.objsubid == key.objsubid &&
               (!key.databaseOid || target.databaseOid == *key.databaseOid);
    }

    static constexpr quint64 unknown = ~quint64(0); ///< not worked out yet; harmless when all 64 words match

    [[nodiscard]] quint64 bitsOf(LockColumn column, const LockRow& row) const
    {
        quint64 bits = 0;
        QString text;
        for (size_t word = 0; word < m_words.size(); ++word) {
            const Word& wanted = m_words[word];
            // "state:idle" is what a person types for an idle backend.
            const bool asked = !wanted.column || *wanted.column == column ||
                               (*wanted.column == LockColumn::State && column == LockColumn::BackendState);
            if (!asked || wanted.exact)
                continue;
            if (text.isNull())
                text = lockColumn(column).text(row, m_context);
            if (text.contains(wanted.text, Qt::CaseInsensitive))
                bits |= quint64(1) << word;
        }
        return bits;
    }

    [[nodiscard]] quint64 workOutBackend(const LockRow& row) const
    {
        return bitsOf(LockColumn::Application, row) | bitsOf(LockColumn::User, row) | bitsOf(LockColumn::Address, row) |
               bitsOf(LockColumn::BackendState, row) | bitsOf(LockColumn::Query, row);
    }

    [[nodiscard]] quint64 backendBits(const LockRow& row)
    {
        if (!row.backend)
            return workOutBackend(row);
        if (row.backend.get() == m_lastBackend)
            return m_lastBackendBits;
        m_lastBackend = row.backend.get();
        auto known = m_backends.constFind(m_lastBackend);
        if (known == m_backends.cend())
            known = m_backends.insert(m_lastBackend, workOutBackend(row));
        return m_lastBackendBits = *known;
    }

    [[nodiscard]] quint64 typeBits(const LockRow& row)
    {
        quint64& bits = m_types[static_cast<size_t>(row.lock.target.type)];
        if (bits == unknown)
            bits = bitsOf(LockColumn::Type, row);
        return bits;
    }

    [[nodiscard]] quint64 modeBits(const LockRow& row)
    {
        quint64& bits = m_modes[static_cast<size_t>(row.lock.mode)];
        if (bits == unknown)
            bits = bitsOf(LockColumn::Mode, row);
        return bits;
    }

    [[nodiscard]] quint64 stateBits(const LockRow& row)
    {
        const qint64 state = row.isGone() ? -1 : row.stuckBehind * qint64(2) + (row.lock.granted ? 1 : 0);
        auto known = m_states.constFind(state);
        if (known == m_states.cend())
            known = m_states.insert(state, bitsOf(LockColumn::State, row));
        return *known;
    }

    [[nodiscard]] quint64 databaseBits(const LockRow& row)
    {
        auto known = m_databases.constFind(row.lock.target.databaseOid);
        if (known == m_databases.cend())
            known = m_databases.insert(row.lock.target.databaseOid, bitsOf(LockColumn::Database, row));
        return *known;
    }

    [[nodiscard]] bool matchesRowItself(const LockRow& row, size_t word)
    {
        const Word& wanted = m_words[word];
        if (wanted.exact)
            return matchesExactly(row, wanted);
        if ((!wanted.column || *wanted.column == LockColumn::Key) && keyContains(row.lock.target, word))
            return true;
        if ((!wanted.column || *wanted.column == LockColumn::Meaning) &&
            row.meaning.contains(wanted.text, Qt::CaseInsensitive))
            return true;
        if (!wanted.column || *wanted.column == LockColumn::Pid) {
            if (row.lock.backend.pid == 0)
                return lockColumn(LockColumn::Pid).text(row, m_context).contains(wanted.text, Qt::CaseInsensitive);
            std::array<char, 64> buffer{};
            if ((m_keyLike >> word & 1) != 0 && contains(writeKey(LockKey::bigint(row.lock.backend.pid), buffer), word))
                return true;
        }
        return !wanted.column && !row.blockers.isEmpty() &&
               lockColumn(LockColumn::Blockers).text(row, m_context).contains(wanted.text, Qt::CaseInsensitive);
    }

    [[nodiscard]] bool keyContains(const LockTarget& target, size_t word)
    {
        if (const std::optional<LockKey> key = target.key()) {
            std::array<char, 64> buffer{};
            return (m_keyLike >> word & 1) != 0 && contains(writeKey(*key, buffer), word);
        }
        auto known = m_targets.constFind(target); // many backends lock the same relations
        if (known == m_targets.cend())
            known = m_targets.insert(target, targetBits(target));
        return (*known >> word & 1) != 0;
    }

    /// By name and by number: both are read somewhere.
    [[nodiscard]] quint64 targetBits(const LockTarget& target) const
    {
        const QString numbers = describe(target);
        const QString name = m_context.names ? describe(target, m_context.names.get()) : QString();
        quint64 bits = 0;
        for (size_t word = 0; word < m_words.size(); ++word) {
            const QString& wanted = m_words[word].text;
            if (numbers.contains(wanted, Qt::CaseInsensitive) || name.contains(wanted, Qt::CaseInsensitive))
                bits |= quint64(1) << word;
        }
        return bits;
    }

    [[nodiscard]] bool contains(std::string_view text, size_t word) const
    {
        return text.find(m_digits[word]) != std::string_view::npos;
    }

    const std::vector<Word>& m_words;
    const LockView& m_context;
    const quint64 m_all;
    quint64 m_keyLike = 0; ///< words that could stand in a key or a pid
    std::vector<std::string> m_digits;
    QHash<const Backend*, quint64> m_backends;
    const Backend* m_lastBackend = nullptr;
    quint64 m_lastBackendBits = 0;
    std::array<quint64, static_cast<size_t>(LockType::Unknown) + 1> m_types{};
    std::array<quint64, static_cast<size_t>(LockMode::SIRead) + 1> m_modes{};
    QHash<qint64, quint64> m_states;
    QHash<LockTarget, quint64> m_targets;
    QHash<quint32, quint64> m_databases;
};

std::vector<int> LockFilter::matching(const QList<LockRow>& rows, const LockView& context)
{
    std::vector<int> result;
    result.reserve(static_cast<size_t>(rows.size()));
    if (m_words.empty()) {
        for (int row = 0; row < rows.size(); ++row)
            result.push_back(row);
        return result;
    }
    for (Word& word : m_words) {
        if (!word.exact && (word.key || word.pasted || word.number))
            word.exact = std::any_of(rows.begin(), rows.end(),
                                     [&](const LockRow& row) { return Pass::matchesExactly(row, word); });
    }
    Pass pass(m_words, context);
    for (int row = 0; row < rows.size(); ++row) {
        if (pass.matches(rows[row]))
            result.push_back(row);
    }
    return result;
}

} // namespace lockscope
