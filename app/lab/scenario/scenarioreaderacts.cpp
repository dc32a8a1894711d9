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

constexpr int mostTimes = 1000;

const QList<ActVerb> allVerbs = {
    ActVerb::Connect, ActVerb::Disconnect, ActVerb::Try,      ActVerb::Lock,   ActVerb::Unlock, ActVerb::UnlockAll,
    ActVerb::Begin,   ActVerb::Commit,     ActVerb::Rollback, ActVerb::Sql,    ActVerb::Work,   ActVerb::Cancel,
    ActVerb::Acquire, ActVerb::Release,    ActVerb::Sync,     ActVerb::Freeze, ActVerb::Thaw};

QList<ActVerb> verbsOf(ActorKind kind)
{
    switch (kind) {
    case ActorKind::Session:
        return {ActVerb::Connect,  ActVerb::Disconnect, ActVerb::Try,   ActVerb::Lock,
                ActVerb::Unlock,   ActVerb::UnlockAll,  ActVerb::Begin, ActVerb::Commit,
                ActVerb::Rollback, ActVerb::Sql,        ActVerb::Work,  ActVerb::Cancel};
    case ActorKind::Client:
        return {ActVerb::Connect, ActVerb::Try,      ActVerb::Lock, ActVerb::Unlock, ActVerb::UnlockAll, ActVerb::Begin,
                ActVerb::Commit,  ActVerb::Rollback, ActVerb::Work, ActVerb::Freeze, ActVerb::Thaw};
    case ActorKind::Pool:
        return {ActVerb::Connect, ActVerb::Disconnect, ActVerb::Acquire, ActVerb::Release};
    case ActorKind::Pod:
        return {ActVerb::Connect, ActVerb::Sync, ActVerb::Freeze, ActVerb::Thaw};
    case ActorKind::Pooler:
        break;
    }
    return {};
}

bool isOneOf(ActVerb verb, std::initializer_list<ActVerb> verbs)
{
    return std::ranges::find(verbs, verb) != verbs.end();
}

QString modeWord(LockShare share)
{
    return share == LockShare::Shared ? QStringLiteral("shared") : QStringLiteral("exclusive");
}

QString levelWord(LockLevel level)
{
    return level == LockLevel::Session ? QStringLiteral("session") : QStringLiteral("transaction");
}

/// The members of an act besides act, actor and expect, each where its verb has it.
class ActReader
{
public:
    ActReader(ScenarioMap& members, ScenarioAct& act, ScenarioFaults& faults)
        : m_members(members)
        , m_act(act)
        , m_faults(faults)
    {
    }
    void read()
    {
        const ActVerb verb = m_act.verb;
        if (isOneOf(verb, {ActVerb::Try, ActVerb::Lock, ActVerb::Unlock, ActVerb::Acquire, ActVerb::Release,
                           ActVerb::Sync})) {
            if (const YamlNode* node = m_members.need(QStringLiteral("key"), Text::tr("5, \"(1, 2)\" or [1, 2]")))
                m_act.key = key(*node, m_faults);
        }
        if (isOneOf(verb, {ActVerb::Try, ActVerb::Lock, ActVerb::Unlock}))
            readMode();
        if (isOneOf(verb, {ActVerb::Try, ActVerb::Lock}))
            readLevel();
        if (verb == ActVerb::Lock) {
            if (const YamlNode* node = m_members.take(QStringLiteral("lock timeout")))
                m_act.lockTimeout = duration(*node, m_faults);
        }
        if (verb == ActVerb::Sql) {
            if (const YamlNode* node = m_members.need(QStringLiteral("sql"), Text::tr("one statement")))
                m_act.sql = statement(*node, m_faults).value_or(QString());
        }
        if (isOneOf(verb, {ActVerb::Work, ActVerb::Sync})) {
            if (const YamlNode* node = m_members.need(QStringLiteral("for"), Text::tr("a duration, such as 2 s")))
                m_act.duration = duration(*node, m_faults).value_or(std::chrono::milliseconds(0));
        }
        if (verb == ActVerb::Release) {
            if (const YamlNode* node = m_members.take(QStringLiteral("failing")))
                m_act.failing = boolean(*node, m_faults).value_or(false);
        }
        if (isOneOf(verb, {ActVerb::Lock, ActVerb::Sql, ActVerb::Work, ActVerb::Acquire})) {
            if (const YamlNode* node = m_members.take(QStringLiteral("background")))
                m_act.background = boolean(*node, m_faults).value_or(false);
        }
        if (isOneOf(verb, {ActVerb::Try, ActVerb::Lock, ActVerb::Unlock, ActVerb::Sql, ActVerb::Acquire,
                           ActVerb::Release, ActVerb::Sync})) {
            if (const YamlNode* node = m_members.take(QStringLiteral("times")))
                readTimes(*node);
        }
    }

private:
    void readMode()
    {
        if (const YamlNode* node = m_members.take(QStringLiteral("mode"))) {
            if (node->text == modeWord(LockShare::Shared))
                m_act.share = LockShare::Shared;
            else if (node->text != modeWord(LockShare::Exclusive))
                m_faults.addUnknown(*node, describe(*node),
                                    {modeWord(LockShare::Exclusive), modeWord(LockShare::Shared)});
        }
    }
    void readLevel()
    {
        if (const YamlNode* node = m_members.take(QStringLiteral("level"))) {
            if (node->text == levelWord(LockLevel::Transaction))
                m_act.level = LockLevel::Transaction;
            else if (node->text != levelWord(LockLevel::Session))
                m_faults.addUnknown(*node, describe(*node),
                                    {levelWord(LockLevel::Session), levelWord(LockLevel::Transaction)});
        }
    }
    void readTimes(const YamlNode& node)
    {
        m_act.times = number(node, m_faults, 1, mostTimes).value_or(1);
        if (m_act.background && m_act.times > 1)
            m_faults.add(node, Text::tr("several times in the background"), Text::tr("one of the two"));
    }

    ScenarioMap& m_members;
    ScenarioAct& m_act;
    ScenarioFaults& m_faults;
};

void readExpected(ScenarioMap& members, ScenarioAct& act, ScenarioFaults& faults)
{
    const YamlNode* node = members.take(QStringLiteral("expect"));
    if (act.background) {
        if (node)
            faults.add(*node, Text::tr("an expectation of an act in the background"),
                       Text::tr("a later step \"wait until: {actor: %1, answered: ...}\"").arg(act.actor));
        return;
    }
    if (node) {
        act.expected = answer(*node, act.verb, false, faults).value_or(ExpectedAnswer());
    } else if (const auto usual = defaultAnswer(act.verb)) {
        act.expected.kind = *usual;
    } else {
        faults.add(members.node(), Text::tr("no \"expect\""), Text::tr("expect: what the server should answer"));
    }
    if (act.times > 1 && act.expected.kind == ExpectedAnswer::Kind::Waits)
        faults.add(members.node(), Text::tr("several acts that all wait"), Text::tr("one act that waits"));
}

} // namespace

std::optional<ScenarioAct> act(ScenarioMap& members, Cast& cast, ScenarioFaults& faults)
{
    ScenarioAct made;
    const YamlNode* verbNode = members.take(QStringLiteral("act"));
    const auto verb = choice(*verbNode, faults, allVerbs);
    const YamlNode* actorNode = members.need(QStringLiteral("actor"), Text::tr("who acts"));
    Cast::Member* member = actorNode ? cast.find(*actorNode) : nullptr;
    if (!verb || !member)
        return std::nullopt;
    made.verb = *verb;
    made.actor = member->actor.name;

    const QList<ActVerb> verbs = verbsOf(member->actor.kind);
    if (!verbs.contains(*verb)) {
        QStringList words;
        for (const ActVerb possible : verbs)
            words.append(word(possible));
        faults.add(*verbNode, Text::tr("\"%1\", which a %2 cannot do").arg(word(*verb), word(member->actor.kind)),
                   words.isEmpty() ? Text::tr("an actor that connects through it") : oneOf(words));
        return std::nullopt;
    }
    cast.checkTurn(*member, *verb, *verbNode);
    ActReader(members, made, faults).read();
    readExpected(members, made, faults);
    const bool stays = made.background || made.expected.kind == ExpectedAnswer::Kind::Waits || *verb == ActVerb::Sync;
    Cast::acted(*member, *verb, stays);
    return made;
}

} // namespace lockscope::scenarioreader
