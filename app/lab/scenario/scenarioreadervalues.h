#pragma once

#include "app/lab/scenario/scenarioreadermap.h"
#include "models/domain/lockkey.h"

#include <chrono>
#include <optional>

/// The values that members have: each function reads one, or adds a fault that says what was found and expected.
namespace lockscope::scenarioreader {

/// Not empty; at most so many characters.
[[nodiscard]] std::optional<QString> text(const YamlNode& node, ScenarioFaults& faults, qsizetype longest = 4000);
[[nodiscard]] std::optional<int> number(const YamlNode& node, ScenarioFaults& faults, int lowest, int highest);
[[nodiscard]] std::optional<bool> boolean(const YamlNode& node, ScenarioFaults& faults);
/// "200 ms", "2 s", "1 min": 0 to 10 minutes.
[[nodiscard]] std::optional<std::chrono::milliseconds> duration(const YamlNode& node, ScenarioFaults& faults);
/// 5, "(1, 2)" or [1, 2].
[[nodiscard]] std::optional<LockKey> key(const YamlNode& node, ScenarioFaults& faults);
[[nodiscard]] std::optional<QList<LockKey>> keys(const YamlNode& node, ScenarioFaults& faults);
/// Letters, digits and hyphens, as scenarios and actors are named.
[[nodiscard]] bool isName(const QString& text, qsizetype longest);

/// One of the words of values; word(value) is how files spell it.
template <typename Value>
[[nodiscard]] std::optional<Value> choice(const YamlNode& node, ScenarioFaults& faults, const QList<Value>& values)
{
    QStringList words;
    for (const Value value : values) {
        if (node.kind == YamlNode::Kind::Text && node.text == word(value))
            return value;
        words.append(word(value));
    }
    faults.addUnknown(node, describe(node), words);
    return std::nullopt;
}

/// Refuses what a lesson must not send: more than one statement, COPY, and statements that end or change what the
/// lesson did not start. It cannot recognise everything that harms others, and nobody should rely on that.
[[nodiscard]] std::optional<QString> statement(const YamlNode& node, ScenarioFaults& faults);

} // namespace lockscope::scenarioreader
