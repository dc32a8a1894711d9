#include "models/domain/keydetail.h"

#include "models/domain/displaytext.h"

#include <array>

namespace lockscope {

namespace {

struct Numbers
{
    const KnownKey& entry;
    const LockTarget& target;
    const QString& databaseName;

    [[nodiscard]] qint64 key() const { return static_cast<qint64>((quint64(target.classid) << 32) | target.objid); }
    /// The SQL functions take signed int4; what extensions store is unsigned.
    [[nodiscard]] qint64 half(quint32 number) const
    {
        return target.objsubid == 2 ? qint64(static_cast<qint32>(number)) : qint64(number);
    }
    [[nodiscard]] LockKey pair() const
    {
        return LockKey::pair(static_cast<qint32>(target.classid), static_cast<qint32>(target.objid));
    }
    [[nodiscard]] KnownKey::Range range() const
    {
        const auto* const range = std::get_if<KnownKey::Range>(&entry.match);
        return range ? *range : KnownKey::Range{};
    }
};

struct Placeholder
{
    QLatin1StringView name;
    QString (*fill)(const Numbers&);
};

constexpr std::array placeholders{
    Placeholder{QLatin1StringView("key"), [](const Numbers& numbers) { return QString::number(numbers.key()); }},
    Placeholder{QLatin1StringView("classid"),
                [](const Numbers& numbers) { return QString::number(numbers.half(numbers.target.classid)); }},
    Placeholder{QLatin1StringView("objid"),
                [](const Numbers& numbers) { return QString::number(numbers.half(numbers.target.objid)); }},
    Placeholder{QLatin1StringView("objid.oid"),
                [](const Numbers& numbers) { return QString::number(numbers.target.objid); }},
    Placeholder{QLatin1StringView("objid.oid-plus-2^31"),
                [](const Numbers& numbers) { return QString::number(numbers.target.objid ^ 0x80000000U); }},
    Placeholder{QLatin1StringView("objid>>8"),
                [](const Numbers& numbers) { return QString::number(numbers.target.objid >> 8); }},
    Placeholder{QLatin1StringView("objid&255"),
                [](const Numbers& numbers) { return QString::number(numbers.target.objid & 255); }},
    Placeholder{QLatin1StringView("value"),
                [](const Numbers& numbers) {
                    const qint64 number = numbers.half(numbers.target.objid);
                    return numbers.entry.values.value(number, QString::number(number));
                }},
    Placeholder{QLatin1StringView("key-first"),
                [](const Numbers& numbers) {
                    return QString::number(static_cast<qint64>(static_cast<quint64>(numbers.key()) -
                                                               static_cast<quint64>(numbers.range().first.value())));
                }},
    Placeholder{QLatin1StringView("key-middle"),
                [](const Numbers& numbers) {
                    const KnownKey::Range range = numbers.range();
                    // In unsigned arithmetic, which wraps where a range is wider than 2^63.
                    const auto first = static_cast<quint64>(range.first.value());
                    const quint64 middle = first + (static_cast<quint64>(range.last.value()) - first) / 2 + 1;
                    return QString::number(static_cast<qint64>(static_cast<quint64>(numbers.key()) - middle));
                }},
    Placeholder{QLatin1StringView("name"),
                [](const Numbers& numbers) { return cellText(asciiName(numbers.pair()).value_or(QString())); }},
    Placeholder{QLatin1StringView("database"),
                [](const Numbers& numbers) { return cellText(numbers.databaseName, 64); }},
};

/// Walks the template once; what was filled in is never read again, so a database named "{key}" stays that.
template <typename Fill>
QString filled(const QString& detail, Fill fill)
{
    QString result;
    qsizetype at = 0;
    while (at < detail.size()) {
        const qsizetype open = detail.indexOf(u'{', at);
        const qsizetype close = open < 0 ? -1 : detail.indexOf(u'}', open);
        if (close < 0)
            break;
        result += QStringView(detail).sliced(at, open - at);
        result += fill(QStringView(detail).sliced(open + 1, close - open - 1));
        at = close + 1;
    }
    result += QStringView(detail).sliced(at);
    return result;
}

const Placeholder* placeholderNamed(QStringView name)
{
    for (const Placeholder& placeholder : placeholders) {
        if (placeholder.name == name)
            return &placeholder;
    }
    return nullptr;
}

} // namespace

QString keyDetail(const KnownKey& entry, const LockTarget& target, const QString& databaseName)
{
    const Numbers numbers{entry, target, databaseName};
    return filled(entry.detail, [&](QStringView name) {
        const Placeholder* const placeholder = placeholderNamed(name);
        return placeholder ? placeholder->fill(numbers) : QString();
    });
}

QString unknownPlaceholder(const QString& detail)
{
    QString unknown;
    static_cast<void>(filled(detail, [&](QStringView name) {
        if (unknown.isEmpty() && !placeholderNamed(name))
            unknown = u'{' + name.toString() + u'}';
        return QString();
    }));
    return unknown;
}

} // namespace lockscope
