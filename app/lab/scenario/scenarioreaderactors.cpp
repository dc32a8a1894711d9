#include "app/lab/scenario/scenarioreaderactors.h"

#include "app/lab/scenario/scenarioreadervalues.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include <algorithm>
#include <array>

namespace lockscope::scenarioreader {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(ScenarioFile)
};

constexpr qsizetype longestActorName = 30;    // of the 63 bytes of application_name
constexpr qsizetype longestDatabaseName = 63; // NAMEDATALEN - 1

/// What a lesson may SET on its own connections: each ends with the connection and touches nobody else.
struct Setting
{
    const char* name;
    int since; ///< major version
};
constexpr std::array settings = {
    Setting{"client_connection_check_interval", 14},
    Setting{"client_min_messages", 12},
    Setting{"default_transaction_isolation", 12},
    Setting{"default_transaction_read_only", 12},
    Setting{"idle_in_transaction_session_timeout", 12},
    Setting{"idle_session_timeout", 14},
    Setting{"lock_timeout", 12},
    Setting{"statement_timeout", 12},
    Setting{"tcp_keepalives_count", 12},
    Setting{"tcp_keepalives_idle", 12},
    Setting{"tcp_keepalives_interval", 12},
    Setting{"tcp_user_timeout", 12},
    Setting{"transaction_timeout", 17},
};

const QStringList& allMembers()
{
    static const QStringList members = {
        QStringLiteral("kind"),         QStringLiteral("through"),          QStringLiteral("database"),
        QStringLiteral("starts"),       QStringLiteral("settings"),         QStringLiteral("size"),
        QStringLiteral("checkout"),     QStringLiteral("service"),          QStringLiteral("seed"),
        QStringLiteral("mode"),         QStringLiteral("checkout timeout"), QStringLiteral("reset query"),
        QStringLiteral("reset always"), QStringLiteral("round robin")};
    return members;
}

class ActorReader
{
public:
    ActorReader(int minimumVersion, ScenarioFaults& faults)
        : m_minimumVersion(minimumVersion)
        , m_faults(faults)
    {
    }

    ScenarioActor read(const YamlNode& name, const YamlNode& node)
    {
        ScenarioActor actor;
        readName(name, actor);
        if (node.kind != YamlNode::Kind::Map) {
            m_faults.add(node.kind == YamlNode::Kind::Empty ? name : node, describe(node),
                         Text::tr("a map with the kind of actor, such as {kind: session}"));
            return actor;
        }
        ScenarioMap members(node, m_faults);
        const YamlNode* kindNode = members.need(
            QStringLiteral("kind"), oneOf({word(ActorKind::Session), word(ActorKind::Client), word(ActorKind::Pool),
                                           word(ActorKind::Pod), word(ActorKind::Pooler)}));
        if (!kindNode)
            return actor; // its members cannot be judged
        const auto kind = choice<ActorKind>(
            *kindNode, m_faults,
            {ActorKind::Session, ActorKind::Client, ActorKind::Pool, ActorKind::Pod, ActorKind::Pooler});
        if (!kind)
            return actor;
        actor.kind = *kind;
        if (const YamlNode* server = members.take(QStringLiteral("server")))
            actor.minimumVersion = number(*server, m_faults, smallestScenarioServer, 99).value_or(0);
        if (actor.kind == ActorKind::Pooler)
            readPooler(members, actor);
        else
            readConnection(members, actor);
        if (actor.kind == ActorKind::Pool || actor.kind == ActorKind::Pod)
            readSize(members, actor.pool.size);
        if (actor.kind == ActorKind::Pool)
            readPool(members, actor);
        members.finish(Text::tr("a %1").arg(word(actor.kind)), allMembers());
        return actor;
    }

private:
    void readName(const YamlNode& name, ScenarioActor& actor)
    {
        actor.name = name.text;
        static const QStringList reserved = {QStringLiteral("nobody"), QStringLiteral("prepared")};
        if (reserved.contains(name.text.toLower()))
            m_faults.add(name, describe(name), Text::tr("another name: this one has a meaning in conditions"));
        else if (!isName(name.text, longestActorName))
            m_faults.add(name, describe(name), Text::tr("a name of letters, digits and hyphens, at most 30"));
    }
    void readConnection(ScenarioMap& members, ScenarioActor& actor)
    {
        if (const YamlNode* through = members.take(QStringLiteral("through")))
            actor.through = text(*through, m_faults).value_or(QString());
        if (const YamlNode* database = members.take(QStringLiteral("database")))
            actor.database = text(*database, m_faults, longestDatabaseName).value_or(QString());
        if (const YamlNode* starts = members.take(QStringLiteral("starts"))) {
            actor.startsLater = starts->text == QStringLiteral("later");
            if (!actor.startsLater)
                m_faults.addUnknown(*starts, describe(*starts), {QStringLiteral("later")});
        }
        if (const YamlNode* wanted = members.take(QStringLiteral("settings")))
            readSettings(*wanted, actor);
    }
    void readSettings(const YamlNode& node, ScenarioActor& actor)
    {
        if (node.kind != YamlNode::Kind::Map) {
            m_faults.add(node, describe(node), Text::tr("a map of settings, such as {lock_timeout: 2s}"));
            return;
        }
        static const QRegularExpression harmless(QStringLiteral("\\A[A-Za-z0-9_.][A-Za-z0-9_. ]{0,39}\\z"));
        for (std::size_t i = 0; i < node.names.size(); ++i) {
            const YamlNode& name = node.names[i];
            const YamlNode& value = node.items[i];
            const auto setting = std::ranges::find_if(
                settings, [&name](const Setting& known) { return name.text == QLatin1String(known.name); });
            if (setting == settings.end()) {
                QStringList names;
                for (const Setting& known : settings)
                    names.append(QLatin1String(known.name));
                m_faults.addUnknown(name, Text::tr("the setting %1").arg(describe(name)), names);
            } else if (setting->since > std::max(m_minimumVersion, actor.minimumVersion) && !isOff(name, value)) {
                m_faults.add(
                    name, describe(name),
                    Text::tr("\"server: %1\" in this actor or the lesson: older servers do not know this setting")
                        .arg(QString::number(setting->since)));
            } else if (value.kind != YamlNode::Kind::Text || !harmless.match(value.text).hasMatch()) {
                m_faults.add(value, describe(value),
                             Text::tr("a number, a word, or a number with a unit, such as 500ms"));
            } else {
                actor.settings.append({name.text, value.text});
            }
        }
    }
    /// What older servers do anyway; the lab sets the check where a lesson says nothing.
    static bool isOff(const YamlNode& name, const YamlNode& value)
    {
        return name.text == QStringLiteral("client_connection_check_interval") && value.text == QStringLiteral("0");
    }
    void readSize(ScenarioMap& members, int& size)
    {
        if (const YamlNode* node = members.take(QStringLiteral("size")))
            size = number(*node, m_faults, smallestPool, largestPool).value_or(size);
    }
    void readPool(ScenarioMap& members, ScenarioActor& actor)
    {
        if (const YamlNode* node = members.take(QStringLiteral("checkout"))) {
            const auto order = choice<CheckoutOrder>(
                *node, m_faults,
                {CheckoutOrder::Random, CheckoutOrder::RoundRobin, CheckoutOrder::Fifo, CheckoutOrder::Lifo});
            actor.pool.order = order.value_or(actor.pool.order);
        }
        if (const YamlNode* node = members.take(QStringLiteral("service"))) {
            const auto form =
                choice<LockServiceForm>(*node, m_faults,
                                        {LockServiceForm::Naive, LockServiceForm::Dedicated,
                                         LockServiceForm::DedicatedWithoutFinally, LockServiceForm::TransactionLevel});
            actor.pool.form = form.value_or(actor.pool.form);
        }
        if (const YamlNode* node = members.take(QStringLiteral("checkout timeout")))
            actor.pool.checkoutTimeout = duration(*node, m_faults).value_or(actor.pool.checkoutTimeout);
        if (const YamlNode* node = members.take(QStringLiteral("seed"))) {
            if (actor.pool.order != CheckoutOrder::Random)
                m_faults.add(*node, Text::tr("a seed"),
                             Text::tr("\"checkout: random\" with it: nothing else is drawn"));
            if (const auto seed = number(*node, m_faults, 0, std::numeric_limits<int>::max()))
                actor.pool.seed = static_cast<quint32>(*seed);
        }
    }
    void readPooler(ScenarioMap& members, ScenarioActor& actor)
    {
        if (const YamlNode* node = members.take(QStringLiteral("mode"))) {
            const auto mode = choice<PoolerMode>(*node, m_faults,
                                                 {PoolerMode::Session, PoolerMode::Transaction, PoolerMode::Statement});
            actor.pooler.mode = mode.value_or(actor.pooler.mode);
        }
        readSize(members, actor.pooler.poolSize);
        if (const YamlNode* node = members.take(QStringLiteral("reset query"))) {
            // "none": PgBouncer's own way to say it is an empty value.
            if (node->text == QStringLiteral("none"))
                actor.pooler.resetQuery.clear();
            else
                actor.pooler.resetQuery = statement(*node, m_faults).value_or(actor.pooler.resetQuery);
        }
        if (const YamlNode* node = members.take(QStringLiteral("reset always")))
            actor.pooler.resetAlways = boolean(*node, m_faults).value_or(false);
        if (const YamlNode* node = members.take(QStringLiteral("round robin")))
            actor.pooler.roundRobin = boolean(*node, m_faults).value_or(false);
    }

    int m_minimumVersion;
    ScenarioFaults& m_faults;
};

/// Where `through` stands in the map of an actor, for a fault.
const YamlNode& memberOf(const YamlNode& actor, const QString& name)
{
    for (std::size_t i = 0; i < actor.names.size(); ++i) {
        if (actor.names[i].text == name)
            return actor.items[i];
    }
    return actor;
}

void checkPoolers(const YamlNode& node, const QList<ScenarioActor>& found, ScenarioFaults& faults)
{
    QStringList poolers;
    for (const ScenarioActor& actor : found) {
        if (actor.kind == ActorKind::Pooler)
            poolers.append(actor.name);
    }
    for (qsizetype i = 0; i < found.size(); ++i) {
        if (found[i].through.isEmpty())
            continue;
        const YamlNode& actor = node.items[static_cast<std::size_t>(i)];
        if (poolers.contains(found[i].through)) {
            // PgBouncer refuses `options` at login, and a SET would stay with whoever gets the server connection next.
            if (!found[i].settings.isEmpty())
                faults.add(memberOf(actor, QStringLiteral("settings")),
                           Text::tr("settings of an actor behind a pooler"),
                           Text::tr("no settings, or no \"through\": a pooler does not pass them on"));
            continue;
        }
        const YamlNode& where = memberOf(actor, QStringLiteral("through"));
        if (poolers.isEmpty())
            faults.add(where, describe(where), Text::tr("the name of a pooler; this lesson has none"));
        else
            faults.addUnknown(where, describe(where), poolers);
    }
}

} // namespace

QList<ScenarioActor> actors(const YamlNode& node, int minimumVersion, ScenarioFaults& faults)
{
    QList<ScenarioActor> found;
    if (node.kind != YamlNode::Kind::Map || node.names.empty()) {
        faults.add(node, describe(node), Text::tr("a map of actors, such as alice: {kind: session}"));
        return found;
    }
    if (node.names.size() > static_cast<std::size_t>(largestScenarioCast)) {
        faults.add(node, Text::tr("%1 actors").arg(QString::number(node.names.size())),
                   Text::tr("at most %1").arg(QString::number(largestScenarioCast)));
        return found;
    }
    ActorReader reader(minimumVersion, faults);
    int connections = 0;
    for (std::size_t i = 0; i < node.names.size(); ++i) {
        found.append(reader.read(node.names[i], node.items[i]));
        const ActorKind kind = found.last().kind;
        if (kind != ActorKind::Pooler)
            connections += kind == ActorKind::Pool || kind == ActorKind::Pod ? found.last().pool.size : 1;
    }
    checkPoolers(node, found, faults);
    if (connections > largestScenarioLink) {
        faults.add(node, Text::tr("%1 connections of all actors together").arg(QString::number(connections)),
                   Text::tr("at most %1").arg(QString::number(largestScenarioLink)));
    }
    return found;
}

} // namespace lockscope::scenarioreader
