#include "models/domain/outcome.h"

#include "models/domain/displaytext.h"

#include <QCoreApplication>

namespace lockscope {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(Outcome)
};

/// Shared holders can be many; one sentence names the first few.
constexpr qsizetype namedHolders = 3;
/// PostgreSQL cuts application_name at 63 bytes.
constexpr int applicationNameCharacters = 64;

QString describeHolder(const HolderNote& holder)
{
    if (holder.pid == 0)
        return Text::tr("a prepared transaction");
    const QString pid = QString::number(holder.pid);
    const QString name = cellText(holder.applicationName, applicationNameCharacters);
    return name.isEmpty() ? Text::tr("pid %1").arg(pid) : Text::tr("pid %1 (%2)").arg(pid, name);
}

QString describeHolders(const QList<HolderNote>& holders)
{
    QStringList named;
    for (const HolderNote& holder : holders.first(qMin(holders.size(), namedHolders)))
        named.append(describeHolder(holder));
    const QString joined = named.join(QStringLiteral(", "));
    const qsizetype others = holders.size() - named.size();
    return others == 0 ? joined : Text::tr("%1 and %2 more").arg(joined, QString::number(others));
}

/// "key 5" in the middle of a sentence; what was asked for when the outcome has no single key.
QString subject(const Outcome& outcome)
{
    if (outcome.key)
        return Text::tr("key %1").arg(outcome.key->toString());
    return outcome.action.isEmpty() ? Text::tr("the statement")
                                    : QStringLiteral("\"%1\"").arg(cellText(outcome.action, 120));
}

QString describeHeldElsewhere(const Outcome& outcome)
{
    if (outcome.holders.isEmpty())
        return Text::tr("Not acquired: %1 is held elsewhere; by whom is unknown.").arg(subject(outcome));
    return Text::tr("Not acquired: %1 is held elsewhere: %2.").arg(subject(outcome), describeHolders(outcome.holders));
}

} // namespace

QString describe(const Outcome& outcome)
{
    switch (outcome.kind) {
    case OutcomeKind::Acquired:
        return outcome.key ? Text::tr("Key %1 is acquired.").arg(outcome.key->toString())
                           : Text::tr("Acquired: %1.").arg(subject(outcome));
    case OutcomeKind::HeldElsewhere:
        if (outcome.key && !outcome.holders.isEmpty()) {
            return Text::tr("Key %1 is held elsewhere: %2.")
                .arg(outcome.key->toString(), describeHolders(outcome.holders));
        }
        return describeHeldElsewhere(outcome);
    case OutcomeKind::Released:
        return outcome.key ? Text::tr("Key %1 was released once; it is still held if it was taken more than once.")
                                 .arg(outcome.key->toString())
                           : Text::tr("Released once: %1.").arg(subject(outcome));
    case OutcomeKind::NotHeld:
        return Text::tr("Nothing was released: %1 is not held by this session at session level in that mode.")
            .arg(subject(outcome));
    case OutcomeKind::TimedOut:
        return Text::tr("Not acquired: the wait for %1 timed out after %2.")
            .arg(subject(outcome), formatDuration(outcome.elapsed));
    case OutcomeKind::Cancelled:
        // Whether the lock was granted at the last moment, the next look at the server tells.
        return Text::tr("The wait for %1 was cancelled after %2.")
            .arg(subject(outcome), formatDuration(outcome.elapsed));
    case OutcomeKind::DeadlockVictim:
        return Text::tr("Not acquired: the server made this session the deadlock victim while it waited for %1. Its "
                        "session-level locks stay.")
            .arg(subject(outcome));
    case OutcomeKind::Lost:
        return Text::tr("The session was lost before the server answered: what became of %1 is unknown.")
            .arg(subject(outcome));
    case OutcomeKind::Done:
        return Text::tr("Done: %1.").arg(outcome.action.isEmpty() ? subject(outcome) : cellText(outcome.action, 120));
    case OutcomeKind::Failed:
        break;
    }
    if (outcome.error && !outcome.error->what.isEmpty())
        return outcome.error->what;
    return Text::tr("Failed: %1.").arg(subject(outcome));
}

QString word(OutcomeKind kind)
{
    switch (kind) {
    case OutcomeKind::Acquired:
        return QStringLiteral("acquired");
    case OutcomeKind::HeldElsewhere:
        return QStringLiteral("held elsewhere");
    case OutcomeKind::Released:
        return QStringLiteral("released");
    case OutcomeKind::NotHeld:
        return QStringLiteral("not held");
    case OutcomeKind::TimedOut:
        return QStringLiteral("timed out");
    case OutcomeKind::Cancelled:
        return QStringLiteral("cancelled");
    case OutcomeKind::DeadlockVictim:
        return QStringLiteral("deadlock victim");
    case OutcomeKind::Lost:
        return QStringLiteral("lost");
    case OutcomeKind::Done:
        return QStringLiteral("done");
    case OutcomeKind::Failed:
        break;
    }
    return QStringLiteral("failed");
}

} // namespace lockscope
