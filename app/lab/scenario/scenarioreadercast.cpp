#include "app/lab/scenario/scenarioreadercast.h"

#include <QCoreApplication>

#include <algorithm>

namespace lockscope::scenarioreader {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(ScenarioFile)
};

bool takesOneAtATime(ActorKind kind)
{
    return kind == ActorKind::Session || kind == ActorKind::Client;
}

} // namespace

Cast::Cast(const QList<ScenarioActor>& actors, ScenarioFaults& faults)
    : m_faults(faults)
{
    for (const ScenarioActor& actor : actors)
        m_members.append({.actor = actor, .connected = !actor.startsLater});
}

QStringList Cast::words() const
{
    QStringList names;
    for (const Member& member : m_members)
        names.append(member.actor.name);
    return names;
}

Cast::Member* Cast::find(const YamlNode& node, const QString& otherwise)
{
    const auto found = std::ranges::find_if(m_members, [&node](const Member& member) {
        return node.kind == YamlNode::Kind::Text && member.actor.name == node.text;
    });
    if (found != m_members.end())
        return &*found;
    if (!m_members.isEmpty()) {
        const QString sentence = otherwise.isEmpty() ? Text::tr("the unknown actor %1") : otherwise;
        m_faults.addUnknown(node, sentence.arg(describe(node)), words());
    }
    return nullptr;
}

std::optional<QStringList> Cast::names(const YamlNode& node, bool alsoPrepared)
{
    QStringList found;
    if (node.kind == YamlNode::Kind::Text && node.text == QStringLiteral("nobody"))
        return found;
    QList<const YamlNode*> nodes;
    if (node.kind == YamlNode::Kind::List) {
        for (const YamlNode& item : node.items)
            nodes.append(&item);
    } else {
        nodes.append(&node);
    }
    for (const YamlNode* one : nodes) {
        const bool isPrepared = alsoPrepared && one->text == QStringLiteral("prepared");
        if (!isPrepared && !find(*one))
            return std::nullopt;
        if (found.contains(one->text)) {
            m_faults.add(*one, Text::tr("%1 for the second time").arg(describe(*one)), Text::tr("each name once"));
            return std::nullopt;
        }
        found.append(one->text);
    }
    return found;
}

void Cast::checkTurn(const Member& member, ActVerb verb, const YamlNode& where)
{
    const QString name = member.actor.name;
    if (verb == ActVerb::Connect) {
        if (member.connected)
            m_faults.add(where, Text::tr("connect, but %1 is connected").arg(name),
                         Text::tr("an actor with \"starts: later\", or one that was killed or disconnected before"));
        return;
    }
    if (!member.connected) {
        m_faults.add(where, Text::tr("an act of %1, who is not connected").arg(name),
                     Text::tr("\"act: connect\" before it"));
        return;
    }
    if (member.frozen && verb != ActVerb::Thaw) {
        m_faults.add(where, Text::tr("an act of %1, who is frozen").arg(name), Text::tr("\"act: thaw\" before it"));
        return;
    }
    if (!member.frozen && verb == ActVerb::Thaw) {
        m_faults.add(where, Text::tr("thaw, but %1 is not frozen").arg(name), Text::tr("\"act: freeze\" before it"));
        return;
    }
    const bool mayInterrupt = verb == ActVerb::Cancel || verb == ActVerb::Freeze || verb == ActVerb::Thaw;
    if (verb == ActVerb::Cancel && !member.underWay) {
        m_faults.add(where, Text::tr("cancel, but %1 does nothing").arg(name),
                     Text::tr("an act in the background, or one that waits, before it"));
    } else if (!mayInterrupt && takesOneAtATime(member.actor.kind) && member.underWay) {
        m_faults.add(where,
                     Text::tr("an act of %1, whose \"%2\" has not been answered").arg(name, word(*member.underWay)),
                     Text::tr("\"wait until: {actor: %1, answered: ...}\" before it").arg(name));
    }
}

void Cast::acted(Member& member, ActVerb verb, bool stays)
{
    if (stays)
        member.underWay = verb;
    switch (verb) {
    case ActVerb::Connect:
        member.connected = true;
        member.frozen = false;
        member.underWay.reset();
        break;
    case ActVerb::Disconnect:
        member.connected = false;
        break;
    case ActVerb::Freeze:
        member.frozen = true;
        break;
    case ActVerb::Thaw:
        member.frozen = false;
        break;
    default:
        break;
    }
}

void Cast::killed(Member& member, KillStep::How how)
{
    // pg_terminate_backend ends the backend; the process, frozen or not, finds out when it next asks.
    if (how == KillStep::How::FromServer)
        return;
    member.connected = false;
    member.frozen = false;
}

} // namespace lockscope::scenarioreader
