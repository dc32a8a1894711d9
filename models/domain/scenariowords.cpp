#include "models/domain/scenariowords.h"

#include <QCoreApplication>

namespace lockscope {

namespace {

QString tr(const char* text, const char* disambiguation = nullptr, int number = -1)
{
    return QCoreApplication::translate("ScenarioWords", text, disambiguation, number);
}

QString keyWords(const ScenarioAct& act)
{
    return act.key ? tr("key %1").arg(act.key->toString()) : QString();
}

QString modeWords(const ScenarioAct& act)
{
    QString words;
    if (act.share == LockShare::Shared)
        words += tr(", shared");
    if (act.level == LockLevel::Transaction)
        words += tr(", for the transaction");
    if (act.lockTimeout)
        words += tr(", with lock_timeout %1").arg(durationWords(*act.lockTimeout));
    return words;
}

QString plainAction(const ScenarioAct& act)
{
    const QString key = keyWords(act);
    switch (act.verb) {
    case ActVerb::Connect:
        return tr("connects");
    case ActVerb::Disconnect:
        return tr("disconnects");
    case ActVerb::Try:
        return tr("tries %1%2").arg(key, modeWords(act));
    case ActVerb::Lock:
        return tr("locks %1%2").arg(key, modeWords(act));
    case ActVerb::Unlock:
        return tr("unlocks %1%2").arg(key, modeWords(act));
    case ActVerb::UnlockAll:
        return tr("unlocks everything");
    case ActVerb::Begin:
        return tr("begins a transaction");
    case ActVerb::Commit:
        return tr("commits");
    case ActVerb::Rollback:
        return tr("rolls back");
    case ActVerb::Sql:
        return act.sql;
    case ActVerb::Work:
        return tr("runs a statement of %1").arg(durationWords(act.duration));
    case ActVerb::Cancel:
        return tr("cancels what it runs");
    case ActVerb::Acquire:
        return tr("acquires %1 through its lock service").arg(key);
    case ActVerb::Release:
        return act.failing ? tr("releases %1, and the unlock fails").arg(key)
                           : tr("releases %1 through its lock service").arg(key);
    case ActVerb::Sync:
        return tr("gets a request: lock %1, work for %2, unlock").arg(key, durationWords(act.duration));
    case ActVerb::Freeze:
        return tr("is frozen (SIGSTOP)");
    case ActVerb::Thaw:
        return tr("wakes up (SIGCONT)");
    }
    return {};
}

QString actionWords(const ScenarioAct& act)
{
    const QString once = plainAction(act);
    return act.times > 1 ? tr("%1, %2 times").arg(once, QString::number(act.times)) : once;
}

QString list(const QStringList& names)
{
    if (names.size() < 2)
        return names.join(QString());
    return tr("%1 and %2").arg(names.mid(0, names.size() - 1).join(QStringLiteral(", ")), names.last());
}

QString howWords(KillStep::How how)
{
    switch (how) {
    case KillStep::How::Kill:
        return tr("is killed (SIGKILL)");
    case KillStep::How::Terminate:
        return tr("is asked to end (SIGTERM)");
    case KillStep::How::Quit:
        return tr("exits without unlocking");
    case KillStep::How::FromServer:
        return tr("is ended by pg_terminate_backend");
    }
    return {};
}

QString killExpectation(const KillStep& kill)
{
    if (kill.releasedWithin)
        return tr("what it held is free within %1").arg(durationWords(*kill.releasedWithin));
    if (kill.stillHeldAfter)
        return tr("what it held is still held after %1").arg(durationWords(*kill.stillHeldAfter));
    return tr("it ends");
}

ScenarioStepWords words(const SayStep& step)
{
    return {.actor = tr("console"), .action = step.text};
}

ScenarioStepWords words(const ActStep& step)
{
    return {.actor = step.act.actor, .action = actionWords(step.act), .expected = wordsOf(step.act.expected)};
}

ScenarioStepWords look(const ScenarioCondition& condition, const QString& keyAction, const QString& actorAction)
{
    const bool ofActor = !condition.actor.isEmpty();
    return {.actor = ofActor ? condition.actor : tr("server"),
            .action = ofActor         ? actorAction
                      : condition.key ? keyAction.arg(condition.key->toString())
                                      : tr("shows its locks"),
            .expected = wordsOf(condition)};
}

ScenarioStepWords words(const ExpectStep& step)
{
    ScenarioStepWords told = look(step.condition, tr("shows key %1"), tr("is looked at"));
    if (step.during.count() > 0)
        told.expected = tr("%1, for %2").arg(told.expected, durationWords(step.during));
    return told;
}

ScenarioStepWords words(const WaitUntilStep& step)
{
    ScenarioStepWords told = look(step.condition, tr("is watched for key %1"), tr("is watched"));
    told.expected = tr("%1, within %2").arg(told.expected, durationWords(step.within));
    return told;
}

ScenarioStepWords words(const KillStep& step)
{
    return {.actor = step.actor, .action = howWords(step.how), .expected = killExpectation(step)};
}

} // namespace

QString durationWords(std::chrono::milliseconds duration)
{
    const qint64 count = duration.count();
    if (count != 0 && count % 60'000 == 0)
        return tr("%1 min").arg(count / 60'000);
    if (count != 0 && count % 1000 == 0)
        return tr("%1 s").arg(count / 1000);
    return tr("%1 ms").arg(count);
}

QString wordsOf(const ExpectedAnswer& answer)
{
    QStringList parts;
    if (answer.code)
        parts.append(tr("answer %1").arg(*answer.code));
    else if (answer.kind != ExpectedAnswer::Kind::Any)
        parts.append(word(answer.kind));
    if (answer.value)
        parts.append(tr("value %1").arg(*answer.value));
    if (!answer.sqlState.isEmpty())
        parts.append(tr("SQLSTATE %1").arg(answer.sqlState));
    if (!answer.warning.isEmpty())
        parts.append(tr("a warning with \"%1\"").arg(answer.warning));
    if (answer.sameConnection)
        parts.append(*answer.sameConnection ? tr("on the connection that acquired it") : tr("on another connection"));
    if (answer.atLeast)
        parts.append(tr("not before %1").arg(durationWords(*answer.atLeast)));
    if (answer.atMost)
        parts.append(tr("within %1").arg(durationWords(*answer.atMost)));
    return parts.isEmpty() ? tr("an answer") : parts.join(QStringLiteral(", "));
}

QString wordsOf(const ScenarioCondition& condition)
{
    QStringList parts;
    if (condition.key) {
        const QString key = condition.database.isEmpty()
                                ? tr("key %1").arg(condition.key->toString())
                                : tr("key %1 in %2").arg(condition.key->toString(), condition.database);
        if (condition.heldBy)
            parts.append(condition.heldBy->isEmpty() ? tr("nobody holds %1").arg(key)
                                                     : tr("%1 holds %2").arg(list(*condition.heldBy), key));
        if (condition.waiting)
            parts.append(condition.waiting->isEmpty() ? tr("nobody waits for it")
                                                      : tr("%1 waits").arg(list(*condition.waiting)));
        if (condition.rows)
            parts.append(*condition.rows == 0   ? tr("pg_locks has no row of it")
                         : *condition.rows == 1 ? tr("pg_locks has one row of it")
                                                : tr("pg_locks has %1 rows of it").arg(*condition.rows));
        if (!condition.shownAs.isEmpty())
            parts.append(tr("its holder is shown as \"%1\"").arg(condition.shownAs));
    }
    if (condition.connected)
        parts.append(*condition.connected ? tr("is connected") : tr("has no backend any more"));
    if (condition.answered)
        parts.append(tr("has answered: %1").arg(wordsOf(*condition.answered)));
    if (condition.waitsFor)
        parts.append(tr("waits for %1").arg(*condition.waitsFor));
    if (condition.freeConnections)
        parts.append(*condition.freeConnections == 0   ? tr("no connection is free")
                     : *condition.freeConnections == 1 ? tr("one connection is free")
                                                       : tr("%1 connections are free").arg(*condition.freeConnections));
    if (condition.believes) {
        QStringList keys;
        for (const LockKey& key : *condition.believes)
            keys.append(key.toString());
        parts.append(keys.isEmpty() ? tr("believes it holds nothing") : tr("believes it holds %1").arg(list(keys)));
    }
    if (condition.statesAre)
        parts.append(tr("its sessions are %1").arg(list(*condition.statesAre)));
    return parts.join(QStringLiteral(", "));
}

ScenarioStepWords wordsOf(const ScenarioStepDocument& step)
{
    return std::visit([](const auto& what) { return words(what); }, step.what);
}

} // namespace lockscope
