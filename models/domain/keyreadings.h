#pragma once

#include "models/domain/lockkey.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QList>

namespace lockscope {

/// One way to understand what a person typed as the key of an advisory lock.
struct KeyReading
{
    LockKey key = {};
    QJsonArray known = {}; ///< what is known to use this key, in the shape of the command line's "known"
    friend bool operator==(const KeyReading&, const KeyReading&) = default;
};

/// True when the text has nothing but digits, signs, commas, parentheses, slashes and blanks, and at least one digit:
/// it is meant as a number, so a failure to read it is a typing error and not a text to be hashed.
[[nodiscard]] bool readsAsNumbers(const QString& text);

/// All readings of "5", "-1", "(-5, 7)", "-5,7" or of classid/objid/objsubid as pg_locks prints them ("0/5/1"): first
/// the reading in the form that was typed, then the other form with the same 64 bits. The two are different locks. The
/// error of a text that is no number says that hashing it needs a server. Pure; never asks a server.
[[nodiscard]] Result<QList<KeyReading>> keyReadings(const QString& text);

/// Both readings of a key that is known already, such as one that a server has hashed; the given form first.
[[nodiscard]] QList<KeyReading> readingsOf(LockKey key);

/// {"form","key","key1","key2","classid","objid","objsubid","known"}; key1 and key2 are null for a bigint.
[[nodiscard]] QJsonObject keyReadingJson(const KeyReading& reading);

/// {"input","readings":[...]}: the stable shape of `lockscope key --json`.
[[nodiscard]] QJsonObject keyReadingsJson(const QString& input, const QList<KeyReading>& readings);

} // namespace lockscope
