#include "models/domain/keyreadings.h"

#include "models/domain/displaytext.h"
#include "models/domain/keyformulas.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include <algorithm>
#include <limits>

namespace lockscope {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(KeyReadings)
};

constexpr int quotedCharacters = 60;

/// Decimal digits only; saturates at one more than the largest allowed number.
std::optional<quint64> parseUnsigned(QStringView text, quint64 highest)
{
    if (text.isEmpty())
        return std::nullopt;
    quint64 number = 0;
    for (const QChar character : text) {
        if (character < u'0' || character > u'9')
            return std::nullopt;
        number = std::min(number * 10 + (character.unicode() - u'0'), highest + 1);
    }
    return number;
}

/// A call of one of the advisory lock functions; its arguments as they stand there.
struct FunctionCall
{
    QString function;
    QString arguments;
    KeyForm form = KeyForm::Bigint;
};

/// Numbers alone or in quotes, with or without a cast; a nested hash function is none.
std::optional<FunctionCall> functionCall(const QString& text)
{
    static const QString number = QStringLiteral(
        R"(\(?\s*('?)([-+]?\s*\d+)\g{-2}\s*\)?(?:\s*::\s*(?:pg_catalog\.)?(?:bigint|integer|int[248]?))?)");
    static const QRegularExpression call(
        QStringLiteral(R"(\b(pg_(?:try_)?advisory_(?:xact_)?(?:un)?lock(?:_shared)?)\s*\(\s*%1\s*(?:,\s*%1\s*)?\))")
            .arg(number),
        QRegularExpression::CaseInsensitiveOption);
    const QRegularExpressionMatch match = call.match(text);
    if (!match.hasMatch())
        return std::nullopt;
    const auto argument = [&](int group) { return match.captured(group).remove(u' '); };
    FunctionCall result{.function = match.captured(1).toLower(), .arguments = argument(3), .form = KeyForm::Bigint};
    if (!match.captured(5).isEmpty()) {
        result.form = KeyForm::Int4Pair;
        result.arguments += QStringLiteral(", ") + argument(5);
    }
    return result;
}

PastedKey pasted(LockKey key, const QString& how)
{
    return {.classid = key.classid(), .objid = key.objid(), .objsubid = key.objsubid(), .how = how};
}

std::optional<PastedKey> pastedTag(const QList<QStringView>& numbers)
{
    constexpr quint64 highestOid = std::numeric_limits<quint32>::max();
    constexpr quint64 highestSubid = std::numeric_limits<quint16>::max();
    if (numbers.size() != 3)
        return std::nullopt;
    const auto classid = parseUnsigned(numbers[0].trimmed(), highestOid);
    const auto objid = parseUnsigned(numbers[1].trimmed(), highestOid);
    const auto objsubid = parseUnsigned(numbers[2].trimmed(), highestSubid);
    if (!classid || !objid || !objsubid || *classid > highestOid || *objid > highestOid || *objsubid > highestSubid)
        return std::nullopt;
    return PastedKey{.classid = static_cast<quint32>(*classid),
                     .objid = static_cast<quint32>(*objid),
                     .objsubid = static_cast<quint16>(*objsubid)};
}

/// DescribeLockTag() of the server writes "advisory lock [%u,%u,%u,%u]".
std::optional<PastedKey> pastedMessage(const QString& text)
{
    static const QRegularExpression tag(QStringLiteral(R"(\[(\d{1,10}),\s*(\d{1,10}),\s*(\d{1,10}),\s*(\d{1,5})\])"));
    const QRegularExpressionMatch match = tag.match(text);
    if (!match.hasMatch())
        return std::nullopt;
    constexpr quint64 highestOid = std::numeric_limits<quint32>::max();
    const auto database = parseUnsigned(match.capturedView(1), highestOid);
    std::optional<PastedKey> result = pastedTag({match.capturedView(2), match.capturedView(3), match.capturedView(4)});
    if (!result || !database || *database > highestOid)
        return std::nullopt;
    result->databaseOid = static_cast<quint32>(*database);
    result->how = Text::tr("as the server's messages print it, in the database with OID %1")
                      .arg(QString::number(*result->databaseOid));
    return result;
}

/// Hexadecimal, and decimal from 2^63 to 2^64 - 1.
std::optional<PastedKey> pastedUnsigned(const QString& text)
{
    const bool hexadecimal = text.startsWith(QLatin1StringView("0x"), Qt::CaseInsensitive);
    const bool plain = std::all_of(text.begin() + (hexadecimal ? 2 : 0), text.end(), [&](QChar character) {
        return (character >= u'0' && character <= u'9') ||
               (hexadecimal && character.toLower() >= u'a' && character.toLower() <= u'f');
    });
    bool fits = false;
    const quint64 number = hexadecimal ? QStringView(text).sliced(2).toULongLong(&fits, 16) : text.toULongLong(&fits);
    const bool negative = number >= quint64(1) << 63;
    if (!plain || !fits || (!hexadecimal && !negative))
        return std::nullopt;
    const QString how = negative ? Text::tr("the signed key with the bits of the unsigned %1").arg(text)
                                 : Text::tr("hexadecimal %1").arg(text);
    return pasted(LockKey::bigint(static_cast<qint64>(number)), how);
}

tl::unexpected<Error> tagError(const QString& what)
{
    return usageError(what, Text::tr("Give classid/objid/objsubid as pg_locks prints them, such as 0/5/1."));
}

/// Of a text with slashes that pastedKey() could not read.
tl::unexpected<Error> wrongTag(const QString& text)
{
    const QString quoted = cellText(text, quotedCharacters);
    if (text.count(u'/') != 2)
        return tagError(Text::tr("\"%1\" is not three numbers.").arg(quoted));
    return tagError(Text::tr("\"%1\" is not a lock tag: classid and objid are whole numbers from 0 to 4294967295, and "
                             "objsubid is 1 or 2.")
                        .arg(quoted));
}

tl::unexpected<Error> keySpaceOfAnExtension(quint16 objsubid)
{
    return usageError(
        Text::tr("No advisory lock function makes objsubid %1: 1 stands for a bigint key, 2 for an int4 pair.")
            .arg(QString::number(objsubid)),
        Text::tr("Extensions lock with other values in key spaces of their own."));
}

constexpr qsizetype columns = 100;

constexpr QChar unbroken = u'\u00a0'; ///< a space at which no line is broken

/// Broken at spaces; what follows the first line stands four further in.
QString wrapped(const QString& text, qsizetype indent)
{
    QString result;
    QString line(indent, u' ');
    bool empty = true;
    for (const QString& part : cellText(text).split(u' ', Qt::SkipEmptyParts)) {
        if (!empty && line.size() + 1 + part.size() > columns) {
            result += line + u'\n';
            line = QString(indent + 4, u' ');
            empty = true;
        }
        line += empty ? part : u' ' + part;
        empty = false;
    }
    result += line + u'\n';
    return result.replace(unbroken, u' ');
}

/// The repository and as much of the path as fits: its end says most.
QString sourceText(const KnownUse& use)
{
    constexpr qsizetype room = columns - 8;
    if (use.source.size() <= room)
        return use.source;
    const QString repository = use.source.section(u' ', 0, 0);
    const QString file = use.source.section(u'/', -1);
    return repository + QStringLiteral(" \u2026/") + file;
}

QString useText(const KnownUse& use)
{
    QStringList parts{use.purpose};
    if (!use.detail.isEmpty())
        parts.append(use.detail);
    const QString what = parts.join(QStringLiteral(", "));
    const QString line = use.name.isEmpty() ? what : QStringLiteral("%1: %2").arg(use.name, what);
    const QString confidence = word(use.confidence).replace(u' ', unbroken);
    return wrapped(QStringLiteral("%1 [%2]").arg(line, confidence), 4) + wrapped(sourceText(use), 8);
}

} // namespace

std::optional<PastedKey> pastedKey(const QString& text)
{
    constexpr qsizetype longestMessage = 64 * 1024;
    const QString trimmed = text.trimmed();
    if (trimmed.isEmpty() || trimmed.size() > longestMessage)
        return std::nullopt;
    if (trimmed.count(u'/') == 2 && readsAsNumbers(trimmed))
        return pastedTag(QStringView(trimmed).split(u'/'));
    if (std::optional<PastedKey> message = pastedMessage(trimmed))
        return message;
    if (const std::optional<FunctionCall> call = functionCall(trimmed)) {
        const Result<LockKey> key = LockKey::parse(call->arguments, call->form);
        return key ? std::optional(pasted(*key, Text::tr("argument of %1").arg(call->function))) : std::nullopt;
    }
    return pastedUnsigned(trimmed);
}

bool readsAsNumbers(const QString& text)
{
    bool anyDigit = false;
    for (const QChar character : text) {
        const bool digit = character >= u'0' && character <= u'9';
        anyDigit = anyDigit || digit;
        if (!digit && !character.isSpace() && !QStringView(u"+-\u2212,()/").contains(character))
            return false;
    }
    return anyDigit;
}

Result<QList<KeyReading>> keyReadings(const QString& text)
{
    const QString trimmed = text.trimmed();
    if (trimmed.isEmpty())
        return usageError(Text::tr("The key is empty."),
                          Text::tr("Give a number, a pair of numbers, or a text to hash."));
    if (const std::optional<PastedKey> known = pastedKey(trimmed)) {
        if (const std::optional<LockKey> key = known->key())
            return readingsOf(*key, known->how);
        return keySpaceOfAnExtension(known->objsubid);
    }
    if (const std::optional<FunctionCall> call = functionCall(trimmed)) // with a number out of range
        return LockKey::parse(call->arguments, call->form).map([](LockKey key) { return readingsOf(key); });
    if (!readsAsNumbers(trimmed)) {
        return usageError(
            Text::tr("\"%1\" is a text, not a number: hashing it into a key needs a server, because the hash "
                     "functions belong to the server.")
                .arg(cellText(trimmed, quotedCharacters)),
            Text::tr("Give a connection, so that the server can be asked."));
    }
    if (trimmed.contains(u'/'))
        return wrongTag(trimmed);
    return LockKey::parse(trimmed, trimmed.contains(u',') ? KeyForm::Int4Pair : KeyForm::Bigint).map([](LockKey key) {
        return readingsOf(key);
    });
}

Result<QList<KeyReading>> keyReadings(const QString& text, const KeyDictionary& dictionary, const QString& databaseName)
{
    const std::optional<PastedKey> known = pastedKey(text.trimmed());
    const quint32 databaseOid = known ? known->databaseOid.value_or(0) : 0;
    Result<QList<KeyReading>> readings = keyReadings(text);
    if (readings) {
        nameReadings(*readings, dictionary, databaseName, databaseOid);
    } else if (known) {
        LockTarget target = LockTarget::advisory(databaseOid, {});
        target.classid = known->classid;
        target.objid = known->objid;
        target.objsubid = known->objsubid;
        if (const QString meaning = dictionary.meaning(target, databaseName); !meaning.isEmpty())
            readings.error().advice += u' ' + Text::tr("This one: %1.").arg(meaning);
    }
    return readings;
}

QList<KeyReading> readingsOf(LockKey key, const QString& how)
{
    const std::optional<LockKey> other =
        LockKey::fromLockTag(key.classid(), key.objid(), key.form() == KeyForm::Bigint ? 2 : 1);
    return {KeyReading{.key = key, .how = how}, KeyReading{.key = other.value(), .how = how}};
}

QList<KeyReading> textReadings(const QString& text)
{
    const QString quoted = QStringLiteral("'%1'").arg(cellText(text, quotedCharacters));
    const quint32 checksum = crc32(text.toUtf8());
    const auto folded = static_cast<qint32>(checksum);
    QList<KeyReading> result;
    if (folded >= 0) {
        result.append({.key = LockKey::bigint(checksum), .how = QStringLiteral("crc32(%1)").arg(quoted)});
    } else {
        result.append({.key = LockKey::bigint(checksum), .how = Text::tr("crc32(%1), unsigned").arg(quoted)});
        result.append({.key = LockKey::bigint(folded), .how = Text::tr("crc32(%1), sign-extended").arg(quoted)});
    }
    if (const QStringList parts = text.split(u'.'); parts.size() == 2 && !parts[0].isEmpty() && !parts[1].isEmpty()) {
        result.append({.key = flywayKey(parts[0], parts[1]),
                       .how = Text::tr("Flyway's key for the history table %1").arg(quoted)});
    }
    for (const KeyFormula formula : keyFormulas) {
        const QString how = givesClassIdOnly(formula)
                                ? Text::tr("formula %1 for the database %2; the second half is the id of a row")
                                : Text::tr("formula %1 for the database %2");
        result.append({.key = formulaKey(formula, text), .how = how.arg(id(formula), quoted)});
    }
    return result;
}

void nameReadings(QList<KeyReading>& readings, const KeyDictionary& dictionary, const QString& databaseName,
                  quint32 databaseOid)
{
    for (KeyReading& reading : readings) {
        reading.uses = dictionary.uses(LockTarget::advisory(databaseOid, reading.key), databaseName);
        reading.known = knownJson(reading.uses);
    }
}

QJsonObject keyReadingJson(const KeyReading& reading)
{
    const LockKey key = reading.key;
    const bool pair = key.form() == KeyForm::Int4Pair;
    // JSON numbers are doubles and hold oids and int4 exactly, but no bigint.
    return {{QStringLiteral("form"), word(key.form())},
            {QStringLiteral("key"), key.toString()},
            {QStringLiteral("key1"), pair ? QJsonValue(key.first()) : QJsonValue()},
            {QStringLiteral("key2"), pair ? QJsonValue(key.second()) : QJsonValue()},
            {QStringLiteral("classid"), qint64(key.classid())},
            {QStringLiteral("objid"), qint64(key.objid())},
            {QStringLiteral("objsubid"), key.objsubid()},
            {QStringLiteral("known"), reading.known},
            {QStringLiteral("how"), reading.how}};
}

QString keyReadingsText(const QList<KeyReading>& readings)
{
    QString result;
    for (const KeyReading& reading : readings) {
        const LockKey key = reading.key;
        result += QStringLiteral("%1  %2  classid %3  objid %4  objsubid %5\n")
                      .arg(key.form() == KeyForm::Bigint ? QStringLiteral("bigint   ") : QStringLiteral("int4 pair"),
                           key.toString().leftJustified(28), QString::number(key.classid()),
                           QString::number(key.objid()), QString::number(key.objsubid()));
        if (!reading.how.isEmpty())
            result += wrapped(reading.how, 4);
        for (const KnownUse& use : reading.uses)
            result += useText(use);
    }
    return result;
}

QJsonObject keyReadingsJson(const QString& input, const QList<KeyReading>& readings)
{
    QJsonArray array;
    for (const KeyReading& reading : readings)
        array.append(keyReadingJson(reading));
    return {{QStringLiteral("input"), input}, {QStringLiteral("readings"), array}};
}

} // namespace lockscope
