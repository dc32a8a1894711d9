#pragma once

#include "models/domain/keydictionary.h"
#include "models/domain/lockkey.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QList>

#include <optional>

namespace lockscope {

/// One way to understand what a person typed as the key of an advisory lock.
struct KeyReading
{
    LockKey key = {};
    QJsonArray known = {}; ///< what is known to use this key, in the shape of the command line's "known"
    QString how = {}; ///< how the key came from what was typed, when that is not plain: "crc32('calendar'), unsigned"
    QList<KnownUse> uses = {}; ///< the same as known, for people
    friend bool operator==(const KeyReading&, const KeyReading&) = default;
};

/// What was copied from somewhere: a key, and the database when the text names it.
struct PastedKey
{
    quint32 classid = 0;
    quint32 objid = 0;
    quint16 objsubid = 0;
    std::optional<quint32> databaseOid = {};
    QString how = {}; ///< as in KeyReading
    /// Empty for the key spaces of extensions, objsubid 4 and beyond.
    [[nodiscard]] std::optional<LockKey> key() const { return LockKey::fromLockTag(classid, objid, objsubid); }
    friend bool operator==(const PastedKey&, const PastedKey&) = default;
};

/// Reads the forms that keys are copied in, besides plain numbers: classid/objid/objsubid as pg_locks prints them
/// ("0/5/1"), the server's messages ("advisory lock [5,0,42,1]": database, classid, objid, objsubid), calls of the
/// advisory lock functions in SQL ("SELECT pg_try_advisory_xact_lock(-1)"), hexadecimal ("0x5"), and numbers from 2^63
/// that a program printed unsigned. Empty for everything else. Pure.
[[nodiscard]] std::optional<PastedKey> pastedKey(const QString& text);

/// True when the text has nothing but digits, signs, commas, parentheses, slashes and blanks, and at least one digit:
/// it is meant as a number, so a failure to read it is a typing error and not a text to be hashed.
[[nodiscard]] bool readsAsNumbers(const QString& text);

/// All readings of "5", "-1", "(-5, 7)", "-5,7" or of a pastedKey(): first the reading in the form that was typed, then
/// the other form with the same 64 bits. The two are different locks. The error of a text that is no number says that
/// hashing it needs a server. Pure; never asks a server.
[[nodiscard]] Result<QList<KeyReading>> keyReadings(const QString& text);
/// The same with what is known to use the keys in the database of that name; its oid may be in the text.
[[nodiscard]] Result<QList<KeyReading>> keyReadings(const QString& text, const KeyDictionary& dictionary,
                                                    const QString& databaseName);

/// Both readings of a key that is known already, such as one that a server has hashed; the given form first.
[[nodiscard]] QList<KeyReading> readingsOf(LockKey key, const QString& how = {});

/// The keys that programs make of a text without a server: crc32, unsigned and sign-extended; Flyway's key, when the
/// text is schema.table; and what the known formulas make of it as the name of a database. Not hashtext, which belongs
/// to the server.
[[nodiscard]] QList<KeyReading> textReadings(const QString& text);

/// Fills known and uses of all of them. databaseOid 0: not known, so what only counts in one database stays out.
void nameReadings(QList<KeyReading>& readings, const KeyDictionary& dictionary, const QString& databaseName,
                  quint32 databaseOid = 0);

/// {"form","key","key1","key2","classid","objid","objsubid","known","how"}; key1 and key2 are null for a bigint.
[[nodiscard]] QJsonObject keyReadingJson(const KeyReading& reading);

/// Of `lockscope key`: a line for each reading, indented below it how it came about and what is known to use it, with
/// the source; at most 100 columns. Plain text without control characters.
[[nodiscard]] QString keyReadingsText(const QList<KeyReading>& readings);

/// {"input","readings":[...]}: the stable shape of `lockscope key --json`.
[[nodiscard]] QJsonObject keyReadingsJson(const QString& input, const QList<KeyReading>& readings);

} // namespace lockscope
