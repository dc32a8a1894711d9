#include "app/lab/scenario/scenarioreadersteps.h"

#include "app/lab/scenario/scenarioreaderanswers.h"
#include "app/lab/scenario/scenarioreadervalues.h"

#include <QCoreApplication>

#include <algorithm>

namespace lockscope::scenarioreader {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(ScenarioFile)
};

constexpr int mostRows = 1000;

const QStringList& allMembers()
{
    static const QStringList members = {
        QStringLiteral("key"),       QStringLiteral("database"),  QStringLiteral("held by"),
        QStringLiteral("waiting"),   QStringLiteral("rows"),      QStringLiteral("shown as"),
        QStringLiteral("actor"),     QStringLiteral("connected"), QStringLiteral("answered"),
        QStringLiteral("waits for"), QStringLiteral("states"),    QStringLiteral("free connections"),
        QStringLiteral("believes")};
    return members;
}

/// pg_stat_activity.state.
const QStringList& backendStates()
{
    static const QStringList states = {QStringLiteral("active"), QStringLiteral("idle"),
                                       QStringLiteral("idle in transaction"),
                                       QStringLiteral("idle in transaction (aborted)")};
    return states;
}

class ConditionReader
{
public:
    ConditionReader(const YamlNode& node, Cast& cast, ScenarioFaults& faults)
        : m_members(node, faults)
        , m_cast(cast)
        , m_faults(faults)
    {
    }
    ScenarioCondition read()
    {
        if (const YamlNode* node = m_members.take(QStringLiteral("key")))
            readKey(*node);
        if (const YamlNode* node = m_members.take(QStringLiteral("actor")))
            readActor(*node);
        if (!m_hasKey && !m_hasActor) {
            m_faults.add(m_members.node(), Text::tr("neither \"key\" nor \"actor\""),
                         Text::tr("the key or the actor that is looked at"));
        } else if (m_checks == 0) {
            m_faults.add(m_members.node(), Text::tr("nothing to look for"),
                         m_hasKey ? oneOf({QStringLiteral("held by"), QStringLiteral("waiting"), QStringLiteral("rows"),
                                           QStringLiteral("shown as")})
                                  : oneOf({QStringLiteral("connected"), QStringLiteral("answered"),
                                           QStringLiteral("waits for"), QStringLiteral("states")}));
        }
        const QString owner = m_hasKey && !m_hasActor ? Text::tr("a condition about a key")
                              : m_member ? Text::tr("a condition about a %1").arg(word(m_member->actor.kind))
                                         : Text::tr("a condition");
        if (!m_hasActor || m_member)
            m_members.finish(owner, allMembers());
        return m_condition;
    }

private:
    /// Counts what is looked at.
    const YamlNode* check(const char* name)
    {
        const YamlNode* node = m_members.take(QLatin1String(name));
        m_checks += node ? 1 : 0;
        return node;
    }
    void readKey(const YamlNode& keyNode)
    {
        m_hasKey = true;
        m_condition.key = key(keyNode, m_faults);
        if (const YamlNode* node = m_members.take(QStringLiteral("database")))
            m_condition.database = text(*node, m_faults, 63).value_or(QString());
        if (const YamlNode* node = check("held by"))
            m_condition.heldBy = m_cast.names(*node, true);
        if (const YamlNode* node = check("waiting"))
            m_condition.waiting = m_cast.names(*node, false);
        if (const YamlNode* node = check("rows"))
            m_condition.rows = number(*node, m_faults, 0, mostRows);
        if (const YamlNode* node = check("shown as"))
            m_condition.shownAs = text(*node, m_faults, 63).value_or(QString());
    }
    void readActor(const YamlNode& actorNode)
    {
        m_hasActor = true;
        m_member = m_cast.find(actorNode);
        if (!m_member)
            return;
        const ActorKind kind = m_member->actor.kind;
        m_condition.actor = m_member->actor.name;
        if (const YamlNode* node = check("connected"))
            m_condition.connected = boolean(*node, m_faults);
        if (const YamlNode* node = check("states"))
            readStates(*node);
        if (kind == ActorKind::Pooler)
            return;
        if (const YamlNode* node = check("answered"))
            readAnswered(*node);
        if (const YamlNode* node = check("waits for")) {
            if (const Cast::Member* other = m_cast.find(*node))
                m_condition.waitsFor = other->actor.name;
        }
        if (kind == ActorKind::Pool) {
            if (const YamlNode* node = check("free connections"))
                m_condition.freeConnections = number(*node, m_faults, 0, m_member->actor.pool.size);
        }
        if (kind == ActorKind::Pool || kind == ActorKind::Pod) {
            if (const YamlNode* node = check("believes"))
                m_condition.believes = keys(*node, m_faults);
        }
    }
    void readAnswered(const YamlNode& node)
    {
        if (!m_member->underWay) {
            m_faults.add(node, Text::tr("an answer of %1, who has no act under way").arg(m_member->actor.name),
                         Text::tr("an act with \"expect: waits\" or \"background: true\" before it"));
            return;
        }
        m_condition.answered = answer(node, *m_member->underWay, true, m_faults);
        if (*m_member->underWay != ActVerb::Sync)
            m_member->underWay.reset();
    }
    void readStates(const YamlNode& node)
    {
        QStringList states;
        QList<const YamlNode*> nodes;
        if (node.kind == YamlNode::Kind::List) {
            for (const YamlNode& item : node.items)
                nodes.append(&item);
        } else {
            nodes.append(&node);
        }
        for (const YamlNode* one : nodes) {
            if (one->kind != YamlNode::Kind::Text || !backendStates().contains(one->text)) {
                m_faults.addUnknown(*one, describe(*one), backendStates());
                return;
            }
            states.append(one->text);
        }
        std::ranges::sort(states);
        m_condition.statesAre = states;
    }

    ScenarioMap m_members;
    Cast& m_cast;
    ScenarioFaults& m_faults;
    ScenarioCondition m_condition;
    Cast::Member* m_member = nullptr;
    bool m_hasKey = false;
    bool m_hasActor = false;
    int m_checks = 0;
};

} // namespace

std::optional<ScenarioCondition> condition(const YamlNode& node, Cast& cast, ScenarioFaults& faults)
{
    if (node.kind != YamlNode::Kind::Map) {
        faults.add(node, describe(node), Text::tr("a map, such as {key: 5, held by: alice}"));
        return std::nullopt;
    }
    return ConditionReader(node, cast, faults).read();
}

} // namespace lockscope::scenarioreader
