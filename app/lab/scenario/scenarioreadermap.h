#pragma once

#include "app/lab/scenario/scenarioreadertree.h"

#include <QList>
#include <QStringList>

#include <vector>

namespace lockscope {

/// What is wrong so far; at most 20, because after that many the file is something else.
class ScenarioFaults final
{
public:
    void add(const YamlNode& where, QString found, QString expected);
    /// The word that was meant, if one of words is near: "...; did you mean \"try\"?" behind the list.
    void addUnknown(const YamlNode& where, const QString& found, const QStringList& words);
    void add(ScenarioFault fault);
    [[nodiscard]] qsizetype count() const { return m_faults.size(); }
    /// In the order in which they stand in the file.
    [[nodiscard]] QList<ScenarioFault> sorted() const;

private:
    QList<ScenarioFault> m_faults;
};

/// "one of a, b, c", or "\"a\"".
[[nodiscard]] QString oneOf(const QStringList& words);

/// The members of one map, each asked for by name; what nobody asked for is a fault in the end. Values of Kind Empty
/// are there, but never right.
class ScenarioMap final
{
public:
    /// node must be a map and outlive this.
    ScenarioMap(const YamlNode& node, ScenarioFaults& faults);

    [[nodiscard]] bool has(const QString& name) const;
    /// Null when it is not there.
    [[nodiscard]] const YamlNode* take(const QString& name);
    /// The same, and a fault when it is not there. what: the kind of value, for the sentence.
    [[nodiscard]] const YamlNode* need(const QString& name, const QString& what);
    /// Faults for all members that were not taken. elsewhere: names that exist in other maps of this kind, with owner
    /// as the reason why not here: "an unlock".
    void finish(const QString& owner, const QStringList& elsewhere = {});
    [[nodiscard]] const YamlNode& node() const { return m_node; }

private:
    const YamlNode& m_node;
    ScenarioFaults& m_faults;
    std::vector<bool> m_taken;
    QStringList m_asked;
};

} // namespace lockscope
