#include "models/domain/keyformulas.h"

#include <QCryptographicHash>
#include <QtEndian>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace lockscope {

namespace {

constexpr std::array<quint32, 256> makeCrcTable()
{
    std::array<quint32, 256> table{};
    for (quint32 byte = 0; byte < 256; ++byte) {
        quint32 value = byte;
        for (int bit = 0; bit < 8; ++bit)
            value = (value >> 1) ^ ((value & 1) != 0 ? 0xedb88320U : 0U);
        table[byte] = value;
    }
    return table;
}
constexpr std::array<quint32, 256> crcTable = makeCrcTable();

constexpr quint32 golangMigrateSalt = 1486364155;

/// Both multiply in 64 bits; neither salt can carry the product over 2^63.
LockKey saltedKey(quint64 salt, const QByteArray& name)
{
    return LockKey::bigint(static_cast<qint64>(salt * crc32(name)));
}

/// uint32 arithmetic that wraps, printed unsigned: never negative.
LockKey wrappedKey(const QByteArray& text)
{
    return LockKey::bigint(static_cast<qint64>(crc32(text) * golangMigrateSalt));
}

LockKey firstEightBytes(const QByteArray& text, QCryptographicHash::Algorithm algorithm)
{
    return LockKey::bigint(qFromBigEndian<qint64>(QCryptographicHash::hash(text, algorithm).constData()));
}

constexpr std::array<QLatin1StringView, keyFormulas.size()> formulaIds{
    QLatin1StringView("rails"),
    QLatin1StringView("sqlx"),
    QLatin1StringView("golang-migrate-url"),
    QLatin1StringView("golang-migrate-instance"),
    QLatin1StringView("grafana"),
    QLatin1StringView("pgboss-sha224"),
    QLatin1StringView("pgboss-md5"),
    QLatin1StringView("moodle-classid"),
};

constexpr qint64 exactInDoubles = qint64(1) << 53;

std::optional<double> lossyDouble(qint64 key)
{
    if (key >= -exactInDoubles && key <= exactInDoubles)
        return std::nullopt;
    const auto nearest = static_cast<double>(key);
    if (nearest >= std::ldexp(1.0, 63)) // 2^63 is no bigint
        return std::nullopt;
    return nearest;
}

} // namespace

QString id(KeyFormula formula)
{
    return formulaIds[static_cast<size_t>(formula)];
}

std::optional<KeyFormula> keyFormula(QStringView id)
{
    const auto found = std::find(formulaIds.begin(), formulaIds.end(), id);
    if (found == formulaIds.end())
        return std::nullopt;
    return keyFormulas[static_cast<size_t>(found - formulaIds.begin())];
}

bool fillsAllBits(KeyFormula formula)
{
    switch (formula) {
    case KeyFormula::Rails:
    case KeyFormula::Sqlx:
    case KeyFormula::PgBossSha224:
    case KeyFormula::PgBossMd5:
        return true;
    case KeyFormula::GolangMigrateUrl:
    case KeyFormula::GolangMigrateInstance:
    case KeyFormula::Grafana:
    case KeyFormula::MoodleClassId:
        break;
    }
    return false;
}

bool givesClassIdOnly(KeyFormula formula)
{
    return formula == KeyFormula::MoodleClassId;
}

LockKey formulaKey(KeyFormula formula, const QString& databaseName, const QString& suffix)
{
    const QByteArray name = databaseName.toUtf8();
    const QByteArray golangMigratePrefix("public\0schema_migrations\0", 25);
    switch (formula) {
    case KeyFormula::Rails:
        return saltedKey(2053462845, name);
    case KeyFormula::Sqlx:
        return saltedKey(0x3d32ad9e, name);
    case KeyFormula::GolangMigrateUrl:
        return wrappedKey(golangMigratePrefix + '/' + name); // the path of the URL, with its slash
    case KeyFormula::GolangMigrateInstance:
        return wrappedKey(golangMigratePrefix + name);
    case KeyFormula::Grafana:
        return wrappedKey(name);
    case KeyFormula::PgBossSha224:
        return firstEightBytes(name + ".pgboss.pgboss" + suffix.toUtf8(), QCryptographicHash::Sha224);
    case KeyFormula::PgBossMd5:
        return firstEightBytes(name + ".pgboss.pgboss" + suffix.toUtf8(), QCryptographicHash::Md5);
    case KeyFormula::MoodleClassId:
        break;
    }
    return LockKey::pair(static_cast<qint32>(crc32(name + ":mdl_")), 0);
}

quint32 crc32(QByteArrayView bytes)
{
    quint32 value = 0xffffffffU;
    for (const char byte : bytes)
        value = crcTable[(value ^ static_cast<quint8>(byte)) & 0xff] ^ (value >> 8);
    return ~value;
}

qint32 javaHashCode(QStringView text)
{
    quint32 value = 0;
    for (const QChar character : text)
        value = value * 31 + character.unicode();
    return static_cast<qint32>(value);
}

LockKey flywayKey(const QString& schema, const QString& table)
{
    constexpr qint64 flyway = 0x466C79776179; // "Flyway"
    return LockKey::bigint(flyway + javaHashCode(QStringLiteral("\"%1\".\"%2\"").arg(schema, table)));
}

std::optional<qint64> roundedByJavaScript(qint64 key)
{
    const std::optional<double> nearest = lossyDouble(key);
    if (!nearest)
        return std::nullopt;
    // The fewest digits that still read as this double, in scientific notation: "-8.575985245963001e+18".
    std::array<char, 64> buffer{};
    const auto written =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), *nearest, std::chars_format::scientific);
    quint64 magnitude = 0;
    int exponent = 0;
    int fraction = 0;
    bool inFraction = false;
    for (const char* at = buffer.data(); at != written.ptr; ++at) {
        if (*at == '.') {
            inFraction = true;
        } else if (*at == 'e') {
            at += at[1] == '+' ? 2 : 1;
            std::from_chars(at, written.ptr, exponent);
            break;
        } else if (*at != '-') {
            magnitude = magnitude * 10 + static_cast<quint64>(*at - '0');
            fraction += inFraction ? 1 : 0;
        }
    }
    for (int zeros = exponent - fraction; zeros > 0; --zeros)
        magnitude *= 10; // below 10^19, which fits
    if (magnitude > (quint64(1) << 63) - (key > 0 ? 1 : 0))
        return std::nullopt;
    const auto rounded = static_cast<qint64>(key < 0 ? quint64(0) - magnitude : magnitude);
    return rounded == key ? std::nullopt : std::optional(rounded);
}

std::optional<qint64> roundedToDouble(qint64 key)
{
    const std::optional<double> nearest = lossyDouble(key);
    if (!nearest || static_cast<qint64>(*nearest) == key)
        return std::nullopt;
    return static_cast<qint64>(*nearest);
}

std::optional<QString> asciiName(LockKey pair)
{
    if (pair.form() != KeyForm::Int4Pair)
        return std::nullopt;
    quint64 bits = (quint64(pair.classid()) << 32) | pair.objid();
    int length = 9;
    while (length > 0 && (bits & 0x7f) == 0x7f) {
        bits >>= 7;
        --length;
    }
    if (length == 0 || (bits & 1) != 0)
        return std::nullopt; // no 0 bit behind the last character
    bits >>= 1;
    QString name(length, u' ');
    for (int at = length - 1; at >= 0; --at) {
        const auto character = static_cast<char16_t>(bits & 0x7f);
        if (character < 0x20 || character == 0x7f)
            return std::nullopt;
        name[at] = character;
        bits >>= 7;
    }
    return name;
}

} // namespace lockscope
