#include "models/domain/scenariodocument.h"

#include "models/domain/displaytext.h"

#include <QCoreApplication>

#include <algorithm>

namespace lockscope {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(ScenarioDocument)
};

/// A statement that is not shown could be the one that somebody would not have allowed, so all are, as far as a file of
/// 256 KB can have them.
constexpr int quotedStatement = 4096;

template <typename Step>
bool hasStep(const ScenarioDocument& document)
{
    return std::ranges::any_of(
        document.steps, [](const ScenarioStepDocument& step) { return std::holds_alternative<Step>(step.what); });
}

const ScenarioAct* actOf(const ScenarioStepDocument& step)
{
    const auto* act = std::get_if<ActStep>(&step.what);
    return act ? &act->act : nullptr;
}

const ScenarioCondition* conditionOf(const ScenarioStepDocument& step)
{
    if (const auto* expect = std::get_if<ExpectStep>(&step.what))
        return &expect->condition;
    if (const auto* wait = std::get_if<WaitUntilStep>(&step.what))
        return &wait->condition;
    return nullptr;
}

int connectionsOf(const ScenarioActor& actor)
{
    switch (actor.kind) {
    case ActorKind::Session:
    case ActorKind::Client:
        return 1;
    case ActorKind::Pool:
    case ActorKind::Pod:
        return actor.pool.size;
    case ActorKind::Pooler:
        break; // its clients are counted
    }
    return 0;
}

/// "5", "5 and 6", "5, 6 and (1, 2)".
QString enumeration(const QStringList& parts)
{
    if (parts.size() < 2)
        return parts.join(QString());
    return Text::tr("%1 and %2").arg(parts.first(parts.size() - 1).join(QStringLiteral(", ")), parts.last());
}

QStringList statementsOf(const ScenarioDocument& document)
{
    QStringList statements = document.prepare;
    for (const ScenarioStepDocument& step : document.steps) {
        if (const ScenarioAct* act = actOf(step); act && act->verb == ActVerb::Sql)
            statements.append(act->sql);
    }
    statements.append(document.reset);
    statements.removeDuplicates();
    return statements;
}

void addStatements(const ScenarioDocument& document, QStringList& deeds)
{
    const QStringList statements = statementsOf(document);
    for (const QString& statement : statements)
        deeds.append(Text::tr("Runs with the rights of your role: %1").arg(cellText(statement, quotedStatement)));
}

QStringList databasesOf(const ScenarioDocument& document)
{
    QStringList databases;
    for (const ScenarioActor& actor : document.actors) {
        if (!actor.database.isEmpty() && !databases.contains(actor.database))
            databases.append(actor.database);
    }
    return databases;
}

} // namespace

QString word(ActorKind kind)
{
    switch (kind) {
    case ActorKind::Session:
        return QStringLiteral("session");
    case ActorKind::Client:
        return QStringLiteral("client");
    case ActorKind::Pool:
        return QStringLiteral("pool");
    case ActorKind::Pod:
        return QStringLiteral("pod");
    case ActorKind::Pooler:
        return QStringLiteral("pooler");
    }
    return {};
}

QString word(ActVerb verb)
{
    switch (verb) {
    case ActVerb::Connect:
        return QStringLiteral("connect");
    case ActVerb::Disconnect:
        return QStringLiteral("disconnect");
    case ActVerb::Try:
        return QStringLiteral("try");
    case ActVerb::Lock:
        return QStringLiteral("lock");
    case ActVerb::Unlock:
        return QStringLiteral("unlock");
    case ActVerb::UnlockAll:
        return QStringLiteral("unlock all");
    case ActVerb::Begin:
        return QStringLiteral("begin");
    case ActVerb::Commit:
        return QStringLiteral("commit");
    case ActVerb::Rollback:
        return QStringLiteral("rollback");
    case ActVerb::Sql:
        return QStringLiteral("sql");
    case ActVerb::Work:
        return QStringLiteral("work");
    case ActVerb::Cancel:
        return QStringLiteral("cancel");
    case ActVerb::Acquire:
        return QStringLiteral("acquire");
    case ActVerb::Release:
        return QStringLiteral("release");
    case ActVerb::Sync:
        return QStringLiteral("sync");
    case ActVerb::Freeze:
        return QStringLiteral("freeze");
    case ActVerb::Thaw:
        return QStringLiteral("thaw");
    }
    return {};
}

QString word(ExpectedAnswer::Kind kind)
{
    switch (kind) {
    case ExpectedAnswer::Kind::Any:
        return QStringLiteral("any");
    case ExpectedAnswer::Kind::True:
        return QStringLiteral("true");
    case ExpectedAnswer::Kind::False:
        return QStringLiteral("false");
    case ExpectedAnswer::Kind::Granted:
        return QStringLiteral("granted");
    case ExpectedAnswer::Kind::Waits:
        return QStringLiteral("waits");
    case ExpectedAnswer::Kind::Done:
        return QStringLiteral("done");
    case ExpectedAnswer::Kind::TimedOut:
        return QStringLiteral("timed out");
    case ExpectedAnswer::Kind::Cancelled:
        return QStringLiteral("cancelled");
    case ExpectedAnswer::Kind::DeadlockVictim:
        return QStringLiteral("deadlock victim");
    case ExpectedAnswer::Kind::NoConnection:
        return QStringLiteral("no connection");
    case ExpectedAnswer::Kind::Lost:
        return QStringLiteral("lost");
    case ExpectedAnswer::Kind::Error:
        return QStringLiteral("error");
    }
    return {};
}

QString word(KillStep::How how)
{
    switch (how) {
    case KillStep::How::Kill:
        return QStringLiteral("kill -9");
    case KillStep::How::Terminate:
        return QStringLiteral("terminate");
    case KillStep::How::Quit:
        return QStringLiteral("quit");
    case KillStep::How::FromServer:
        return QStringLiteral("from server");
    }
    return {};
}

QList<LockKey> ScenarioDocument::keys() const
{
    QList<LockKey> found;
    const auto add = [&found](const LockKey& key) {
        if (!found.contains(key))
            found.append(key);
    };
    for (const ScenarioStepDocument& step : steps) {
        if (const ScenarioAct* act = actOf(step); act && act->key)
            add(*act->key);
        if (const ScenarioCondition* condition = conditionOf(step)) {
            if (condition->key)
                add(*condition->key);
            for (const LockKey& key : condition->believes.value_or(QList<LockKey>()))
                add(key);
        }
    }
    std::ranges::sort(found);
    return found;
}

QStringList ScenarioDocument::deeds() const
{
    QStringList deeds;
    int connections = 0;
    for (const ScenarioActor& actor : actors)
        connections += connectionsOf(actor);
    if (connections == 1)
        deeds.append(Text::tr("Opens 1 connection, and a few of its own to watch it."));
    else
        deeds.append(
            Text::tr("Opens %1 connections, and a few of its own to watch them.").arg(QString::number(connections)));
    if (const QStringList databases = databasesOf(*this); !databases.isEmpty())
        deeds.append(Text::tr("Connects to %1 as well.").arg(enumeration(databases)));
    if (needsPooler)
        deeds.append(Text::tr("Starts a private PgBouncer in front of the server."));

    QStringList names;
    for (const LockKey& key : keys())
        names.append(key.toString());
    if (names.size() == 1)
        deeds.append(Text::tr("Takes the advisory key %1.").arg(names.first()));
    else if (!names.isEmpty())
        deeds.append(Text::tr("Takes the advisory keys %1.").arg(enumeration(names)));

    addStatements(*this, deeds);
    if (preparedTransactions > 0)
        deeds.append(Text::tr("Prepares transactions, which outlive their session until its last step."));
    if (hasStep<KillStep>(*this))
        deeds.append(Text::tr("Ends processes and connections that it started itself, and no others."));
    return deeds;
}

} // namespace lockscope
