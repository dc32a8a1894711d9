#pragma once

#include "app/lab/scenario/scenariofile.h"

#include <QByteArray>
#include <QString>

#include <vector>

namespace lockscope {

/// One value of a YAML file with the place where it stands. Numbers and booleans are still the text that was written,
/// because a lock key 0x5 or an answer "yes" must not be guessed.
struct YamlNode
{
    enum class Kind : quint8
    {
        Empty, ///< nothing, ~ or null
        Text,
        List,
        Map,
    };
    Kind kind = Kind::Empty;
    int line = 0;   ///< from 1
    int column = 0; ///< from 1, in characters
    QString text = {};
    std::vector<YamlNode> names = {}; ///< Map: one for each of items
    std::vector<YamlNode> items = {}; ///< List and Map
};

/// "a list", "a map", "nothing", or the text itself in quotes, cut.
[[nodiscard]] QString describe(const YamlNode& node);

/// The only user of yaml-cpp: one document of plain maps, lists and texts. Anchors, aliases, tags, names that are given
/// twice, wrong encodings, control characters and files that are too large or too deep are faults. Pure; any thread.
[[nodiscard]] tl::expected<YamlNode, ScenarioFault> readYaml(const QByteArray& yaml);

inline constexpr qsizetype largestScenarioFile = 256 * 1024; ///< bytes

} // namespace lockscope
