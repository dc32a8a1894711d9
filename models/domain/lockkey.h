#pragma once

#include "models/domain/result.h"

#include <QString>

#include <compare>
#include <optional>
#include <variant>

namespace lockscope {

/// The two advisory key spaces of PostgreSQL. They never conflict: bigint 42 and (0, 42) are different locks.
enum class KeyForm : quint8
{
    Bigint,
    Int4Pair
};

/// "bigint" or "int4pair", as the JSON of the command line spells them.
[[nodiscard]] QString word(KeyForm form);

/// The key of an advisory lock, signed as the application wrote it.
/// A value; knows how pg_locks spells keys (objsubid 1 and 2) and how people type them.
/// Never knows the database: one key in two databases is two locks, see LockTarget.
class LockKey
{
public:
    [[nodiscard]] static constexpr LockKey bigint(qint64 value) { return LockKey(KeyForm::Bigint, value); }
    [[nodiscard]] static constexpr LockKey pair(qint32 first, qint32 second)
    {
        return LockKey(KeyForm::Int4Pair,
                       static_cast<qint64>((static_cast<quint64>(static_cast<quint32>(first)) << 32) |
                                           static_cast<quint32>(second)));
    }
    /// From the columns of pg_locks; empty for an objsubid that no SQL function sets (extensions use 4 to 16).
    [[nodiscard]] static std::optional<LockKey> fromLockTag(quint32 classid, quint32 objid, quint16 objsubid);
    /// Reads a decimal bigint ("-1") or an int4 pair ("-5, 7", "(-5, 7)"). The error names what is wrong and the
    /// range; text is cut before it is quoted in it.
    [[nodiscard]] static Result<LockKey> parse(const QString& text, KeyForm form);

    constexpr LockKey() = default;
    [[nodiscard]] constexpr KeyForm form() const { return m_form; }
    /// The bigint; only meaningful when form() is Bigint.
    [[nodiscard]] constexpr qint64 value() const { return m_bits; }
    [[nodiscard]] constexpr qint32 first() const { return static_cast<qint32>(m_bits >> 32); }
    [[nodiscard]] constexpr qint32 second() const { return static_cast<qint32>(m_bits & 0xffffffff); }
    [[nodiscard]] constexpr quint32 classid() const { return static_cast<quint32>(static_cast<quint64>(m_bits) >> 32); }
    [[nodiscard]] constexpr quint32 objid() const { return static_cast<quint32>(m_bits & 0xffffffff); }
    [[nodiscard]] constexpr quint16 objsubid() const { return m_form == KeyForm::Bigint ? 1 : 2; }
    /// "5" or "(-5, 7)".
    [[nodiscard]] QString toString() const;
    /// The argument list of an advisory lock function: "5" or "-5, 7". Digits, sign and comma only.
    [[nodiscard]] QString toSqlArguments() const;

    /// Numeric order: bigints before pairs, then by value (pairs by first, then second).
    friend constexpr std::strong_ordering operator<=>(const LockKey& a, const LockKey& b)
    {
        if (a.m_form != b.m_form)
            return a.m_form <=> b.m_form;
        if (a.m_form == KeyForm::Bigint || a.first() != b.first())
            return a.m_bits <=> b.m_bits;
        return a.second() <=> b.second();
    }
    friend constexpr bool operator==(const LockKey&, const LockKey&) = default;

private:
    constexpr LockKey(KeyForm form, qint64 bits)
        : m_bits(bits)
        , m_form(form)
    {
    }

    qint64 m_bits = 0;
    KeyForm m_form = KeyForm::Bigint;
};

size_t qHash(const LockKey& key, size_t seed = 0) noexcept;

/// Which server function turns a text into a bigint key.
enum class TextHash : quint8
{
    Hashtext,
    Hashtextextended
};

/// A text that the server hashes into a bigint key: hash functions belong to the server, so it is asked.
struct TextKey
{
    QString text = {};
    TextHash hash = TextHash::Hashtextextended;
    friend bool operator==(const TextKey&, const TextKey&) = default;
};

/// What a person may name a lock by.
using KeyInput = std::variant<LockKey, TextKey>;

/// "5", "(-5, 7)", "hashtext('calendar')": the text part is cut to 60 characters and stripped of controls.
[[nodiscard]] QString describe(const KeyInput& input);

} // namespace lockscope
