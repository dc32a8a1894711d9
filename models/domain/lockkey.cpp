#include "models/domain/lockkey.h"

#include "models/domain/displaytext.h"

#include <QCoreApplication>
#include <QHashFunctions>

#include <limits>

namespace lockscope {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(LockKey)
};

constexpr int quotedCharacters = 60;

enum class Problem
{
    NotANumber,
    TooSmall,
    TooLarge
};

constexpr quint64 magnitudeOf(qint64 number)
{
    return number < 0 ? quint64(0) - static_cast<quint64>(number) : static_cast<quint64>(number);
}

/// Decimal digits after an optional sign, nothing else: QString::toLongLong() would also take locale digits, and its
/// failure does not tell a number that is too large from no number at all.
tl::expected<qint64, Problem> parseNumber(QStringView text, qint64 lowest, qint64 highest)
{
    const bool negative = text.startsWith(u'-') || text.startsWith(u'\u2212');
    if (negative || text.startsWith(u'+'))
        text = text.sliced(1);
    if (text.isEmpty())
        return tl::unexpected(Problem::NotANumber);

    const quint64 limit = negative ? magnitudeOf(lowest) : magnitudeOf(highest);
    quint64 magnitude = 0;
    bool beyond = false;
    for (const QChar character : text) {
        if (character < u'0' || character > u'9')
            return tl::unexpected(Problem::NotANumber);
        const quint64 digit = character.unicode() - u'0';
        beyond = beyond || magnitude > (limit - digit) / 10;
        if (!beyond)
            magnitude = magnitude * 10 + digit;
    }
    if (beyond)
        return tl::unexpected(negative ? Problem::TooSmall : Problem::TooLarge);
    return static_cast<qint64>(negative ? quint64(0) - magnitude : magnitude);
}

tl::expected<qint64, Problem> parseBigint(QStringView text)
{
    return parseNumber(text, std::numeric_limits<qint64>::min(), std::numeric_limits<qint64>::max());
}

tl::expected<qint64, Problem> parseInt4(QStringView text)
{
    return parseNumber(text, std::numeric_limits<qint32>::min(), std::numeric_limits<qint32>::max());
}

QString rangeSentence(KeyForm form)
{
    if (form == KeyForm::Bigint)
        return Text::tr("A bigint key is a whole number from -9223372036854775808 to 9223372036854775807.");
    return Text::tr("An int4 pair is two whole numbers from -2147483648 to 2147483647, such as (-5, 7).");
}

QString problemSentence(QStringView text, Problem problem)
{
    const QString quoted = cellText(text, quotedCharacters);
    switch (problem) {
    case Problem::TooSmall:
        return Text::tr("\"%1\" is too small.").arg(quoted);
    case Problem::TooLarge:
        return Text::tr("\"%1\" is too large.").arg(quoted);
    case Problem::NotANumber:
        break;
    }
    if (text.isEmpty())
        return Text::tr("A number is missing.");
    return Text::tr("\"%1\" is not a whole number in decimal digits.").arg(quoted);
}

tl::unexpected<Error> keyError(const QString& problem, KeyForm form, const QString& advice = {})
{
    return usageError(problem + u' ' + rangeSentence(form), advice);
}

/// The two halves of "(-5, 7)" or "-5, 7"; empty when the text has not that shape.
struct Halves
{
    QStringView first;
    QStringView second;
};
std::optional<Halves> halvesOf(QStringView text)
{
    if (text.startsWith(u'(') != text.endsWith(u')'))
        return std::nullopt;
    if (text.startsWith(u'('))
        text = text.sliced(1).chopped(1);
    const qsizetype comma = text.indexOf(u',');
    if (comma < 0 || text.indexOf(u',', comma + 1) >= 0)
        return std::nullopt;
    return Halves{text.first(comma).trimmed(), text.sliced(comma + 1).trimmed()};
}

Result<LockKey> parseAsBigint(QStringView text)
{
    const auto number = parseBigint(text);
    if (number)
        return LockKey::bigint(*number);
    const std::optional<Halves> halves = halvesOf(text);
    if (halves && parseInt4(halves->first) && parseInt4(halves->second)) {
        return keyError(Text::tr("\"%1\" is an int4 pair.").arg(cellText(text, quotedCharacters)), KeyForm::Bigint,
                        Text::tr("Choose the int4 pair form to use these two numbers as a key."));
    }
    return keyError(problemSentence(text, number.error()), KeyForm::Bigint);
}

Result<LockKey> parseAsPair(QStringView text)
{
    const std::optional<Halves> halves = halvesOf(text);
    if (!halves) {
        const QString quoted = cellText(text, quotedCharacters);
        if (parseBigint(text)) {
            return keyError(
                Text::tr("\"%1\" is one number.").arg(quoted), KeyForm::Int4Pair,
                Text::tr("Choose the bigint form for a single number. Key 42 and key (0, 42) are different locks."));
        }
        return keyError(Text::tr("\"%1\" is not two numbers with a comma between them.").arg(quoted),
                        KeyForm::Int4Pair);
    }
    const auto first = parseInt4(halves->first);
    if (!first)
        return keyError(problemSentence(halves->first, first.error()), KeyForm::Int4Pair);
    const auto second = parseInt4(halves->second);
    if (!second)
        return keyError(problemSentence(halves->second, second.error()), KeyForm::Int4Pair);
    return LockKey::pair(static_cast<qint32>(*first), static_cast<qint32>(*second));
}

} // namespace

QString word(KeyForm form)
{
    return form == KeyForm::Bigint ? QStringLiteral("bigint") : QStringLiteral("int4pair");
}

std::optional<LockKey> LockKey::fromLockTag(quint32 classid, quint32 objid, quint16 objsubid)
{
    if (objsubid == 1)
        return bigint(static_cast<qint64>((static_cast<quint64>(classid) << 32) | objid));
    if (objsubid == 2)
        return pair(static_cast<qint32>(classid), static_cast<qint32>(objid));
    return std::nullopt;
}

Result<LockKey> LockKey::parse(const QString& text, KeyForm form)
{
    const QStringView trimmed = QStringView(text).trimmed();
    if (trimmed.isEmpty())
        return keyError(Text::tr("The key is empty."), form);
    return form == KeyForm::Bigint ? parseAsBigint(trimmed) : parseAsPair(trimmed);
}

QString LockKey::toString() const
{
    if (m_form == KeyForm::Bigint)
        return QString::number(value());
    return QStringLiteral("(%1, %2)").arg(QString::number(first()), QString::number(second()));
}

QString LockKey::toSqlArguments() const
{
    // The lowest values need no cast although 2147483648 alone is no int4: the parser folds the minus into the constant
    // before it chooses the type (doNegate() in gram.y).
    if (m_form == KeyForm::Bigint)
        return QString::number(value());
    return QStringLiteral("%1, %2").arg(QString::number(first()), QString::number(second()));
}

size_t qHash(const LockKey& key, size_t seed) noexcept
{
    return qHashMulti(seed, static_cast<quint8>(key.form()), key.value());
}

QString describe(const KeyInput& input)
{
    if (const LockKey* key = std::get_if<LockKey>(&input))
        return key->toString();
    const TextKey& textKey = std::get<TextKey>(input);
    const QString function =
        textKey.hash == TextHash::Hashtext ? QStringLiteral("hashtext") : QStringLiteral("hashtextextended");
    const QString shown = cellText(textKey.text, quotedCharacters).replace(u'\'', QStringLiteral("''"));
    return function + QStringLiteral("('") + shown + QStringLiteral("')");
}

} // namespace lockscope
