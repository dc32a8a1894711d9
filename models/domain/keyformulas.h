#pragma once

#include "models/domain/lockkey.h"

#include <QByteArrayView>
#include <QString>
#include <QStringView>

#include <array>
#include <optional>

namespace lockscope {

/// How well-known programs derive the key of a lock from the name of a database, and what can be read back from keys.
/// Pure arithmetic, checked against keys that the programs took on a server. Nothing here is hashtext: those hash
/// functions belong to the server, which is asked instead.
enum class KeyFormula : quint8
{
    Rails,                 ///< 2053462845 * crc32, 64 bits
    Sqlx,                  ///< 0x3d32ad9e * crc32, 64 bits
    GolangMigrateUrl,      ///< crc32 of schema, table and "/" + database, times 1486364155, 32 bits
    GolangMigrateInstance, ///< the same without the slash
    Grafana,               ///< crc32 of the database, times 1486364155, 32 bits
    PgBossSha224,          ///< the first 64 bits of sha224
    PgBossMd5,             ///< the first 64 bits of md5
    MoodleClassId,         ///< crc32 of "database:mdl_" is the first half of a pair; the second is the id of a row
};
inline constexpr std::array keyFormulas{
    KeyFormula::Rails,   KeyFormula::Sqlx,         KeyFormula::GolangMigrateUrl, KeyFormula::GolangMigrateInstance,
    KeyFormula::Grafana, KeyFormula::PgBossSha224, KeyFormula::PgBossMd5,        KeyFormula::MoodleClassId};

/// "rails", as resources/known-keys.json names it.
[[nodiscard]] QString id(KeyFormula formula);
[[nodiscard]] std::optional<KeyFormula> keyFormula(QStringView id);
/// True: all 64 bits carry the hash, so a match is hardly ever chance.
[[nodiscard]] bool fillsAllBits(KeyFormula formula);
/// True: only the first half of the pair follows from the database.
[[nodiscard]] bool givesClassIdOnly(KeyFormula formula);
/// suffix: what pg-boss appends to its schema, see its entries; other formulas take none. The schemas and tables that
/// are part of some formulas are the programs' defaults.
[[nodiscard]] LockKey formulaKey(KeyFormula formula, const QString& databaseName, const QString& suffix = {});

/// The CRC of zlib, PHP, Go and Python (IEEE 802.3).
[[nodiscard]] quint32 crc32(QByteArrayView bytes);
/// String.hashCode of Java, over UTF-16 units.
[[nodiscard]] qint32 javaHashCode(QStringView text);
/// Flyway's key for a history table; schema and table without quotes.
[[nodiscard]] LockKey flywayKey(const QString& schema, const QString& table);

/// What arrives at the server when JavaScript holds the key in a number: the decimal digits it prints, which beyond
/// 2^53 are those of the nearest double with zeros behind. Empty where nothing is lost or the result is no bigint.
[[nodiscard]] std::optional<qint64> roundedByJavaScript(qint64 key);
/// The value of the nearest double itself, as a cast back to an integer gives it. Empty likewise.
[[nodiscard]] std::optional<qint64> roundedToDouble(qint64 key);

/// The name that DistributedLock (.NET) packs into a pair: up to nine ASCII characters at 7 bits each, a 0 bit, 1 bits
/// up to 64. Empty for pairs that are no such name of printable characters.
[[nodiscard]] std::optional<QString> asciiName(LockKey pair);

} // namespace lockscope
