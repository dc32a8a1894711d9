#include "app/lab/scenario/scenarioreaderdocument.h"

#include "app/lab/scenario/scenarioreaderactors.h"
#include "app/lab/scenario/scenarioreadersteps.h"
#include "app/lab/scenario/scenarioreadervalues.h"

#include <QCoreApplication>

#include <algorithm>

namespace lockscope::scenarioreader {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(ScenarioFile)
};

constexpr qsizetype longestName = 60;
constexpr qsizetype longestTitle = 80;
constexpr qsizetype longestAbout = 4000;
constexpr int mostPreparedTransactions = 100;
constexpr std::size_t mostStatements = 50;

/// `prepare` and `reset`.
QStringList statements(const YamlNode* node, ScenarioFaults& faults)
{
    QStringList found;
    if (!node)
        return found;
    if (node->kind != YamlNode::Kind::List || node->items.empty() || node->items.size() > mostStatements) {
        faults.add(*node, describe(*node),
                   Text::tr("a list of 1 to %1 statements").arg(QString::number(mostStatements)));
        return found;
    }
    for (const YamlNode& item : node->items) {
        if (const auto one = statement(item, faults))
            found.append(*one);
    }
    return found;
}

void readHead(ScenarioMap& members, ScenarioDocument& document, ScenarioFaults& faults)
{
    if (const YamlNode* node =
            members.need(QStringLiteral("scenario"), Text::tr("the lesson's name, such as pool-trap"))) {
        document.name = node->text;
        if (node->kind != YamlNode::Kind::Text || !isName(node->text, longestName))
            faults.add(*node, describe(*node), Text::tr("a name of letters, digits and hyphens, at most 60"));
    }
    if (const YamlNode* node = members.need(QStringLiteral("title"), Text::tr("one line of text")))
        document.title = text(*node, faults, longestTitle).value_or(QString());
    if (const YamlNode* node = members.need(QStringLiteral("about"), Text::tr("what one learns, and why it matters")))
        document.about = text(*node, faults, longestAbout).value_or(QString());
    if (const YamlNode* node = members.take(QStringLiteral("server"))) {
        document.minimumVersion = number(*node, faults, smallestScenarioServer, 99).value_or(smallestScenarioServer);
    }
    if (const YamlNode* node = members.take(QStringLiteral("prepared transactions")))
        document.preparedTransactions = number(*node, faults, 0, mostPreparedTransactions).value_or(0);
}

} // namespace

ScenarioDocument document(const YamlNode& root, ScenarioFaults& faults)
{
    ScenarioDocument found;
    if (root.kind != YamlNode::Kind::Map) {
        faults.add(root, describe(root), Text::tr("a lesson: scenario, title, about, actors, steps"));
        return found;
    }
    ScenarioMap members(root, faults);
    readHead(members, found, faults);
    found.prepare = statements(members.take(QStringLiteral("prepare")), faults);
    found.reset = statements(members.take(QStringLiteral("reset")), faults);
    const YamlNode* actorsNode = members.need(QStringLiteral("actors"), Text::tr("who takes part"));
    const YamlNode* stepsNode = members.need(QStringLiteral("steps"), Text::tr("what happens"));
    if (actorsNode)
        found.actors = actors(*actorsNode, found.minimumVersion, faults);
    if (stepsNode)
        found.steps = steps(*stepsNode, found.actors, faults);
    found.needsPooler =
        std::ranges::any_of(found.actors, [](const ScenarioActor& actor) { return actor.kind == ActorKind::Pooler; });
    members.finish(Text::tr("a lesson"));
    return found;
}

} // namespace lockscope::scenarioreader
