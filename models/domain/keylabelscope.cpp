#include "models/domain/keylabelscope.h"

#include "models/domain/displaytext.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include <algorithm>

namespace lockscope {

namespace {

struct Messages
{
    Q_DECLARE_TR_FUNCTIONS(lockscope::KeyLabelScope)
};

constexpr int quotedCharacters = 60;

QString possibleScopes()
{
    return Messages::tr("Give one key (5), a pair (-5, 7), a range (100 to 200), or all pairs with one first half "
                        "(7, *).");
}

Result<KeyLabelScope> parseRange(const QString& first, const QString& last)
{
    const auto from = LockKey::parse(first, KeyForm::Bigint);
    if (!from)
        return failure(from.error());
    const auto to = LockKey::parse(last, KeyForm::Bigint);
    if (!to)
        return failure(to.error());
    if (from->value() > to->value())
        return usageError(Messages::tr("The range runs backwards: %1 is more than %2.")
                              .arg(QString::number(from->value()), QString::number(to->value())));
    return KeyLabelScope(KeyLabel::Range{.first = from->value(), .last = to->value()});
}

} // namespace

QString describe(const KeyLabelScope& scope)
{
    if (const auto* key = std::get_if<LockKey>(&scope))
        return key->toString();
    if (const auto* range = std::get_if<KeyLabel::Range>(&scope))
        return QStringLiteral("%1 to %2").arg(QString::number(range->first), QString::number(range->last));
    return QStringLiteral("(%1, *)").arg(std::get<KeyLabel::ClassId>(scope).classid);
}

Result<KeyLabelScope> parseKeyLabelScope(const QString& text)
{
    static const QRegularExpression range(QStringLiteral(R"(^\s*(\S+?)\s*(?:\bto\b|\.\.\.?|\x{2013})\s*(\S+)\s*$)"));
    static const QRegularExpression classId(QStringLiteral(R"(^\s*\(?\s*(\S+?)\s*,\s*(?:\*|any)\s*\)?\s*$)"));
    const QString trimmed = text.trimmed().replace(QChar(u'\u2212'), QLatin1Char('-'));
    if (trimmed.isEmpty())
        return usageError(Messages::tr("There is no key."), possibleScopes());
    if (const auto match = range.match(trimmed); match.hasMatch())
        return parseRange(match.captured(1), match.captured(2));
    if (const auto match = classId.match(trimmed); match.hasMatch()) {
        const auto pair = LockKey::parse(match.captured(1) + QStringLiteral(", 0"), KeyForm::Int4Pair);
        if (!pair)
            return failure(pair.error());
        return KeyLabelScope(KeyLabel::ClassId{.classid = pair->first()});
    }
    auto key = LockKey::parse(trimmed, trimmed.contains(QLatin1Char(',')) ? KeyForm::Int4Pair : KeyForm::Bigint);
    if (!key && !std::any_of(trimmed.cbegin(), trimmed.cend(), [](QChar one) { return one.isDigit(); }))
        return usageError(Messages::tr("\"%1\" is no key.").arg(cellText(trimmed, quotedCharacters)), possibleScopes());
    return key.map([](LockKey one) { return KeyLabelScope(one); });
}

Result<QString> labelText(const QString& text)
{
    const QString trimmed = text.trimmed();
    if (trimmed.isEmpty())
        return usageError(Messages::tr("There is no name for the key."));
    if (trimmed.size() > maximumLabelLength)
        return usageError(Messages::tr("The name is longer than %1 characters.").arg(maximumLabelLength));
    if (std::any_of(trimmed.cbegin(), trimmed.cend(), [](QChar one) {
            return one.category() == QChar::Other_Control || one == QChar::LineSeparator ||
                   one == QChar::ParagraphSeparator;
        }))
        return usageError(Messages::tr("The name holds a line break or another control character."));
    return trimmed;
}

} // namespace lockscope
