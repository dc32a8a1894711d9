#include "models/domain/keyreadings.h"

#include "models/domain/displaytext.h"

#include <QCoreApplication>

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

Result<LockKey> parseLockTag(QStringView text)
{
    const QString advice = Text::tr("Give classid/objid/objsubid as pg_locks prints them, such as 0/5/1.");
    constexpr quint64 highestOid = std::numeric_limits<quint32>::max();
    constexpr quint64 highestSubid = std::numeric_limits<quint16>::max();
    const qsizetype first = text.indexOf(u'/');
    const qsizetype second = text.indexOf(u'/', first + 1);
    if (second < 0 || text.indexOf(u'/', second + 1) >= 0)
        return usageError(Text::tr("\"%1\" is not three numbers.").arg(cellText(text, quotedCharacters)), advice);

    const auto classid = parseUnsigned(text.first(first).trimmed(), highestOid);
    const auto objid = parseUnsigned(text.sliced(first + 1, second - first - 1).trimmed(), highestOid);
    const auto objsubid = parseUnsigned(text.sliced(second + 1).trimmed(), highestSubid);
    if (!classid || !objid || !objsubid || *classid > highestOid || *objid > highestOid || *objsubid > highestSubid) {
        return usageError(
            Text::tr("\"%1\" is not a lock tag: classid and objid are whole numbers from 0 to 4294967295, and "
                     "objsubid is 1 or 2.")
                .arg(cellText(text, quotedCharacters)),
            advice);
    }
    const std::optional<LockKey> key = LockKey::fromLockTag(
        static_cast<quint32>(*classid), static_cast<quint32>(*objid), static_cast<quint16>(*objsubid));
    if (!key) {
        return usageError(
            Text::tr("No advisory lock function makes objsubid %1: 1 stands for a bigint key, 2 for an int4 pair.")
                .arg(QString::number(*objsubid)),
            Text::tr("Extensions lock with other values in key spaces of their own."));
    }
    return *key;
}

} // namespace

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
    if (!readsAsNumbers(trimmed)) {
        return usageError(
            Text::tr("\"%1\" is a text, not a number: hashing it into a key needs a server, because the hash "
                     "functions belong to the server.")
                .arg(cellText(trimmed, quotedCharacters)),
            Text::tr("Give a connection, so that the server can be asked."));
    }
    Result<LockKey> key;
    if (trimmed.contains(u'/'))
        key = parseLockTag(trimmed);
    else
        key = LockKey::parse(trimmed, trimmed.contains(u',') ? KeyForm::Int4Pair : KeyForm::Bigint);
    return key.map(readingsOf);
}

QList<KeyReading> readingsOf(LockKey key)
{
    const std::optional<LockKey> other =
        LockKey::fromLockTag(key.classid(), key.objid(), key.form() == KeyForm::Bigint ? 2 : 1);
    return {KeyReading{.key = key}, KeyReading{.key = other.value()}};
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
            {QStringLiteral("known"), reading.known}};
}

QJsonObject keyReadingsJson(const QString& input, const QList<KeyReading>& readings)
{
    QJsonArray array;
    for (const KeyReading& reading : readings)
        array.append(keyReadingJson(reading));
    return {{QStringLiteral("input"), input}, {QStringLiteral("readings"), array}};
}

} // namespace lockscope
