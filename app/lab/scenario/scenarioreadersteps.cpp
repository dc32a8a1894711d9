#include "app/lab/scenario/scenarioreadersteps.h"

#include "app/lab/scenario/scenarioreadervalues.h"

#include <QCoreApplication>

namespace lockscope::scenarioreader {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(ScenarioFile)
};

constexpr qsizetype longestNarration = 2000;
constexpr qsizetype longestNote = 500;

QStringList stepWords()
{
    return {QStringLiteral("say"), QStringLiteral("act"), QStringLiteral("expect"), QStringLiteral("wait until"),
            QStringLiteral("kill")};
}

class StepReader
{
public:
    StepReader(const YamlNode& node, Cast& cast, ScenarioFaults& faults)
        : m_node(node)
        , m_members(node, faults)
        , m_cast(cast)
        , m_faults(faults)
    {
    }

    std::optional<ScenarioStepDocument> read()
    {
        const QString stepWord = theStepWord();
        if (stepWord.isEmpty())
            return std::nullopt;
        ScenarioStepDocument step;
        step.line = m_node.line;
        bool good = true;
        if (stepWord == QStringLiteral("say"))
            step.what = say();
        else if (stepWord == QStringLiteral("act"))
            good = readAct(step);
        else if (stepWord == QStringLiteral("expect"))
            step.what = expect();
        else if (stepWord == QStringLiteral("wait until"))
            step.what = waitUntil();
        else
            step.what = kill();
        if (const YamlNode* server = m_members.take(QStringLiteral("server")))
            step.minimumVersion = number(*server, m_faults, smallestScenarioServer, 99).value_or(0);
        if (stepWord != QStringLiteral("say")) {
            if (const YamlNode* because = m_members.take(QStringLiteral("because")))
                step.note = text(*because, m_faults, longestNote).value_or(QString());
        }
        if (good)
            m_members.finish(m_owner.isEmpty() ? QStringLiteral("\"%1\"").arg(stepWord) : m_owner, allMembers());
        return step;
    }

private:
    static QStringList allMembers()
    {
        return {QStringLiteral("actor"),
                QStringLiteral("key"),
                QStringLiteral("expect"),
                QStringLiteral("because"),
                QStringLiteral("mode"),
                QStringLiteral("level"),
                QStringLiteral("lock timeout"),
                QStringLiteral("sql"),
                QStringLiteral("for"),
                QStringLiteral("times"),
                QStringLiteral("failing"),
                QStringLiteral("background"),
                QStringLiteral("during"),
                QStringLiteral("within"),
                QStringLiteral("how"),
                QStringLiteral("released within"),
                QStringLiteral("still held after")};
    }
    /// Exactly one; `expect` is a member of an act as well.
    QString theStepWord()
    {
        if (m_node.kind != YamlNode::Kind::Map || m_node.names.empty()) {
            m_faults.add(m_node, describe(m_node), Text::tr("a step: a map with %1").arg(oneOf(stepWords())));
            return {};
        }
        QList<const YamlNode*> found;
        for (const YamlNode& name : m_node.names) {
            const bool belongsToAct = name.text == QStringLiteral("expect") && m_members.has(QStringLiteral("act"));
            if (stepWords().contains(name.text) && !belongsToAct)
                found.append(&name);
        }
        if (found.size() == 1)
            return found.first()->text;
        if (found.isEmpty()) {
            m_faults.addUnknown(m_node.names.front(), Text::tr("a step with %1").arg(describe(m_node.names.front())),
                                stepWords());
        } else {
            m_faults.add(*found[1], Text::tr("%1 in a step that has %2").arg(describe(*found[1]), describe(*found[0])),
                         Text::tr("one thing in each step"));
        }
        return {};
    }
    SayStep say()
    {
        return {text(*m_members.take(QStringLiteral("say")), m_faults, longestNarration).value_or(QString())};
    }
    bool readAct(ScenarioStepDocument& step)
    {
        const auto made = act(m_members, m_cast, m_faults);
        if (!made)
            return false;
        m_owner = QStringLiteral("\"%1\"").arg(word(made->verb));
        step.what = ActStep{*made};
        return true;
    }
    ExpectStep expect()
    {
        ExpectStep made;
        made.condition =
            condition(*m_members.take(QStringLiteral("expect")), m_cast, m_faults).value_or(ScenarioCondition());
        if (const YamlNode* during = m_members.take(QStringLiteral("during")))
            made.during = duration(*during, m_faults).value_or(made.during);
        return made;
    }
    WaitUntilStep waitUntil()
    {
        WaitUntilStep made;
        made.condition =
            condition(*m_members.take(QStringLiteral("wait until")), m_cast, m_faults).value_or(ScenarioCondition());
        if (const YamlNode* within = m_members.take(QStringLiteral("within")))
            made.within = duration(*within, m_faults).value_or(made.within);
        return made;
    }
    KillStep kill()
    {
        KillStep made;
        const YamlNode& name = *m_members.take(QStringLiteral("kill"));
        const YamlNode* how = m_members.take(QStringLiteral("how"));
        if (const YamlNode* within = m_members.take(QStringLiteral("released within")))
            made.releasedWithin = duration(*within, m_faults);
        if (const YamlNode* after = m_members.take(QStringLiteral("still held after"))) {
            made.stillHeldAfter = duration(*after, m_faults);
            if (made.stillHeldAfter && made.releasedWithin && *made.stillHeldAfter >= *made.releasedWithin)
                m_faults.add(*after, describe(*after), Text::tr("less than \"released within\""));
        }
        Cast::Member* victim = findVictim(name);
        if (!victim)
            return made;
        made.actor = victim->actor.name;
        if (how)
            made.how = choice(*how, m_faults, possibleWays(victim->actor)).value_or(made.how);
        if (made.how == KillStep::How::FromServer && !victim->actor.through.isEmpty()) {
            m_faults.add(*how, Text::tr("from server, but %1 connects through a pooler").arg(made.actor),
                         Text::tr("kill -9: the backend belongs to the pooler, which others share"));
        }
        if (!victim->connected)
            m_faults.add(name, Text::tr("a kill of %1, who is not connected").arg(made.actor),
                         Text::tr("an actor that is connected at that step"));
        Cast::killed(*victim, made.how);
        return made;
    }
    Cast::Member* findVictim(const YamlNode& name)
    {
        Cast::Member* victim = m_cast.find(name, Text::tr("a kill of %1; a scenario can only kill what it started"));
        if (!victim)
            return nullptr;
        if (victim->actor.kind == ActorKind::Pool || victim->actor.kind == ActorKind::Pooler) {
            m_faults.add(name, Text::tr("a kill of a %1").arg(word(victim->actor.kind)),
                         Text::tr("a session, client or pod of this lesson"));
            return nullptr;
        }
        return victim;
    }
    static QList<KillStep::How> possibleWays(const ScenarioActor& actor)
    {
        if (actor.kind == ActorKind::Session)
            return {KillStep::How::Kill, KillStep::How::FromServer};
        return {KillStep::How::Kill, KillStep::How::Terminate, KillStep::How::Quit, KillStep::How::FromServer};
    }

    const YamlNode& m_node;
    ScenarioMap m_members;
    Cast& m_cast;
    ScenarioFaults& m_faults;
    QString m_owner;
};

} // namespace

QList<ScenarioStepDocument> steps(const YamlNode& node, const QList<ScenarioActor>& actors, ScenarioFaults& faults)
{
    QList<ScenarioStepDocument> found;
    if (node.kind != YamlNode::Kind::List || node.items.empty()) {
        faults.add(node, node.kind == YamlNode::Kind::List ? Text::tr("an empty list") : describe(node),
                   Text::tr("a list of steps"));
        return found;
    }
    if (node.items.size() > static_cast<std::size_t>(largestScenario)) {
        faults.add(node, Text::tr("%1 steps").arg(QString::number(node.items.size())),
                   Text::tr("at most %1").arg(QString::number(largestScenario)));
        return found;
    }
    Cast cast(actors, faults);
    for (const YamlNode& item : node.items) {
        if (const auto step = StepReader(item, cast, faults).read())
            found.append(*step);
    }
    return found;
}

} // namespace lockscope::scenarioreader
