#include "app/lab/scenario/scenarioreadervalues.h"

#include "models/domain/scenariodocument.h"

#include <QCoreApplication>
#include <QRegularExpression>

namespace lockscope::scenarioreader {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(ScenarioFile)
};

QString keyForms()
{
    return Text::tr("a key in decimal digits: 5, \"(1, 2)\" or [1, 2]");
}

/// Leading zeros, 0x5, 1e3 and 1_000 mean numbers in some YAML readers and other numbers in others.
bool isPlainNumber(const QString& text)
{
    static const QRegularExpression digits(QStringLiteral("\\A-?(?:0|[1-9][0-9]*)\\z"));
    return digits.match(text).hasMatch();
}

std::optional<LockKey> pairOf(const YamlNode& where, const QString& first, const QString& second,
                              ScenarioFaults& faults)
{
    if (isPlainNumber(first) && isPlainNumber(second)) {
        if (const auto key = LockKey::parse(QStringLiteral("%1, %2").arg(first, second), KeyForm::Int4Pair))
            return *key;
    }
    faults.add(where, Text::tr("(%1, %2)").arg(first.left(30), second.left(30)),
               Text::tr("two whole numbers from -2147483648 to 2147483647, such as [1, 2]"));
    return std::nullopt;
}

} // namespace

std::optional<QString> text(const YamlNode& node, ScenarioFaults& faults, qsizetype longest)
{
    if (node.kind != YamlNode::Kind::Text || node.text.trimmed().isEmpty()) {
        faults.add(node, describe(node), Text::tr("a text"));
        return std::nullopt;
    }
    if (node.text.size() > longest) {
        faults.add(node, Text::tr("%1 characters").arg(QString::number(node.text.size())),
                   Text::tr("at most %1").arg(QString::number(longest)));
        return std::nullopt;
    }
    return node.text.trimmed();
}

std::optional<int> number(const YamlNode& node, ScenarioFaults& faults, int lowest, int highest)
{
    if (node.kind == YamlNode::Kind::Text && isPlainNumber(node.text)) {
        bool ok = false;
        const int value = node.text.toInt(&ok);
        if (ok && value >= lowest && value <= highest)
            return value;
    }
    faults.add(node, describe(node),
               Text::tr("a whole number from %1 to %2").arg(QString::number(lowest), QString::number(highest)));
    return std::nullopt;
}

std::optional<bool> boolean(const YamlNode& node, ScenarioFaults& faults)
{
    if (node.kind == YamlNode::Kind::Text) {
        if (node.text == QStringLiteral("true") || node.text == QStringLiteral("yes"))
            return true;
        if (node.text == QStringLiteral("false") || node.text == QStringLiteral("no"))
            return false;
    }
    faults.add(node, describe(node), Text::tr("true or false"));
    return std::nullopt;
}

std::optional<std::chrono::milliseconds> duration(const YamlNode& node, ScenarioFaults& faults)
{
    static const QRegularExpression form(QStringLiteral("\\A([0-9]{1,7}(?:\\.[0-9]{1,3})?) ?(ms|s|min)\\z"));
    const QRegularExpressionMatch match = form.match(node.text);
    if (node.kind == YamlNode::Kind::Text && match.hasMatch()) {
        const QString unit = match.captured(2);
        const double factor = unit == QStringLiteral("ms") ? 1 : unit == QStringLiteral("s") ? 1000 : 60000;
        const auto value = std::chrono::milliseconds(qRound64(match.captured(1).toDouble() * factor));
        if (value <= longestScenarioDuration)
            return value;
    }
    faults.add(node, describe(node),
               Text::tr("a duration with its unit, 0 ms to 10 min, such as 200 ms, 2 s or 1 min"));
    return std::nullopt;
}

std::optional<LockKey> key(const YamlNode& node, ScenarioFaults& faults)
{
    if (node.kind == YamlNode::Kind::List) {
        const bool isPair = node.items.size() == 2 && node.items[0].kind == YamlNode::Kind::Text &&
                            node.items[1].kind == YamlNode::Kind::Text;
        if (isPair)
            return pairOf(node, node.items[0].text, node.items[1].text, faults);
        faults.add(node, Text::tr("a list of %1 values").arg(QString::number(node.items.size())), keyForms());
        return std::nullopt;
    }
    if (node.kind != YamlNode::Kind::Text) {
        faults.add(node, describe(node), keyForms());
        return std::nullopt;
    }
    static const QRegularExpression pair(QStringLiteral("\\A\\(\\s*([^,()]+?)\\s*,\\s*([^,()]+?)\\s*\\)\\z"));
    if (const QRegularExpressionMatch match = pair.match(node.text); match.hasMatch())
        return pairOf(node, match.captured(1), match.captured(2), faults);
    if (isPlainNumber(node.text)) {
        if (const auto value = LockKey::parse(node.text, KeyForm::Bigint))
            return *value;
        faults.add(node, describe(node), Text::tr("a whole number from -9223372036854775808 to 9223372036854775807"));
        return std::nullopt;
    }
    if (node.text.startsWith(u'(') && !node.text.contains(u')')) {
        faults.add(node, describe(node),
                   Text::tr("[1, 2] or \"(1, 2)\" in quotes: inside braces a plain comma ends the value"));
        return std::nullopt;
    }
    faults.add(node, describe(node), keyForms());
    return std::nullopt;
}

std::optional<QList<LockKey>> keys(const YamlNode& node, ScenarioFaults& faults)
{
    QList<LockKey> found;
    if (node.kind == YamlNode::Kind::Text && node.text == QStringLiteral("nothing"))
        return found;
    if (node.kind != YamlNode::Kind::List) {
        const auto one = key(node, faults);
        if (!one)
            return std::nullopt;
        return QList<LockKey>{*one};
    }
    for (const YamlNode& item : node.items) {
        const auto one = key(item, faults);
        if (!one)
            return std::nullopt;
        found.append(*one);
    }
    return found;
}

bool isName(const QString& text, qsizetype longest)
{
    static const QRegularExpression form(QStringLiteral("\\A[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\\z"));
    return text.size() <= longest && form.match(text).hasMatch();
}

} // namespace lockscope::scenarioreader
