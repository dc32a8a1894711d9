#include "app/lab/probe/probeverdict.h"

#include <QCoreApplication>

#include <algorithm>

namespace lockscope {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(Probe)
};

EndpointKind kindOf(const ProbeFindings& findings)
{
    if (findings.refusedByRights)
        return EndpointKind::Unknown;
    if (!findings.tellsBackend || findings.lockFunctionsMissing || findings.unlocksWhatNobodyHolds)
        return EndpointKind::SpeaksProtocolOnly;
    if (findings.shared) {
        if (!findings.keptInTransaction)
            return EndpointKind::Unknown;
        return *findings.keptInTransaction ? EndpointKind::TransactionPooling : EndpointKind::StatementPooling;
    }
    if (findings.severalServers)
        return EndpointKind::Unknown;
    if (findings.excludes == false)
        return EndpointKind::SpeaksProtocolOnly;
    if (findings.othersStarve || findings.claimDiffers)
        return EndpointKind::SessionPooling;
    return findings.backends > 0 ? EndpointKind::Direct : EndpointKind::Unknown;
}

QString failedNames(const ProbeReport& report)
{
    QStringList names;
    for (const ProbeCheck& check : report.checks) {
        if (!check.ok)
            names.append(check.name);
    }
    return names.join(QLatin1String(", "));
}

QString whatSharedMeans(const ProbeFindings& findings)
{
    QStringList sentences;
    if (findings.lockVanished)
        sentences.append(Text::tr("A session-level lock is gone as soon as its statement is over."));
    else if (findings.oneBackendTwice)
        sentences.append(Text::tr("Two clients were granted the same key through one backend."));
    if (findings.backends == 1) {
        sentences.append(Text::tr("It had one server connection, so the unlock always came back to the right one: a "
                                  "pool of one hides it, until it grows."));
    }
    return sentences.isEmpty() ? QString() : QLatin1Char(' ') + sentences.join(QLatin1Char(' '));
}

QString verdictOf(const ProbeFindings& findings, const ProbeReport& report)
{
    const QString failed = failedNames(report);
    const bool fits = report.kind == EndpointKind::Direct || report.kind == EndpointKind::SessionPooling;
    if (fits && findings.alone && !findings.othersStarve) {
        return Text::tr(
                   "Only one client could be asked, so it is not known whether two clients exclude each other here. "
                   "What one client alone can tell speaks for %1.")
            .arg(word(report.kind));
    }
    switch (report.kind) {
    case EndpointKind::Direct:
        return report.ok ? Text::tr("A direct connection, fit for session-level advisory locks.")
                         : Text::tr("A direct connection, but not everything was as it should be: %1.").arg(failed);
    case EndpointKind::SessionPooling:
        if (findings.othersStarve) {
            return Text::tr("A pooler in session mode with a single server connection: while one client is connected, "
                            "no other is served. That two clients exclude each other was not disproved and could not "
                            "be shown: a pool of one hides it.");
        }
        if (findings.released == false) {
            return Text::tr("A pooler in session mode that lends its server connections on with the locks of the "
                            "client before: they are not reset when a client leaves.");
        }
        return report.ok
                   ? Text::tr("A pooler in session mode, fit for session-level advisory locks: a client stays on "
                              "one server session, which is reset when it leaves.")
                   : Text::tr("A pooler in session mode, but not everything was as it should be: %1.").arg(failed);
    case EndpointKind::TransactionPooling:
        return Text::tr("A pooler in transaction mode, not fit for session-level advisory locks: a client stays on one "
                        "server session only inside a transaction.") +
               whatSharedMeans(findings);
    case EndpointKind::StatementPooling:
        return Text::tr("A pooler in statement mode, not fit for advisory locks: each statement may meet another "
                        "server session.") +
               whatSharedMeans(findings);
    case EndpointKind::SpeaksProtocolOnly:
        return Text::tr("This speaks PostgreSQL's protocol and does not lock like PostgreSQL: no advisory lock can be "
                        "relied on here.");
    case EndpointKind::Unknown:
        break;
    }
    if (findings.refusedByRights)
        return Text::tr("This role may not call the advisory lock functions, so nothing could be learnt.");
    if (findings.severalServers) {
        return Text::tr("Behind this address are several servers, and advisory locks of one mean nothing to the "
                        "others: two clients were granted the same key at the same time.");
    }
    return Text::tr("What this is could not be told.");
}

QStringList adviceFor(const ProbeFindings& findings, const ProbeReport& report)
{
    const bool fits = report.kind == EndpointKind::Direct || report.kind == EndpointKind::SessionPooling;
    if (fits && findings.alone && !findings.othersStarve)
        return {Text::tr("Make room for at least five connections (max_connections, and the limits of this role and "
                         "database), then probe again.")};
    switch (report.kind) {
    case EndpointKind::Direct:
        return report.ok ? QStringList{Text::tr("Hold one connection from acquire to release: a pool inside the "
                                                "application can still give each call another one.")}
                         : QStringList();
    case EndpointKind::SessionPooling:
        if (findings.othersStarve) {
            return {Text::tr("Give the pool at least two server connections (default_pool_size in PgBouncer) and probe "
                             "again."),
                    Text::tr("Or connect to the server directly for work that takes advisory locks.")};
        }
        if (findings.released == false) {
            return {Text::tr("Set server_reset_query = DISCARD ALL in PgBouncer: it releases what a client left."),
                    Text::tr("Until then, call pg_advisory_unlock_all() before a connection is closed; a client that "
                             "is killed cannot.")};
        }
        return {Text::tr("Keep server_reset_query = DISCARD ALL, and hold one connection from acquire to release.")};
    case EndpointKind::TransactionPooling: {
        QStringList advice{
            Text::tr("Connect to the server directly, or through a pool in session mode, for work that takes "
                     "session-level advisory locks, and hold that one connection from acquire to release.")};
        if (findings.transactionLevel == true)
            advice.append(Text::tr("Or take transaction-level locks (pg_advisory_xact_lock) inside one transaction: "
                                   "they work through this pooler."));
        advice.append(Text::tr("server_reset_query_always is no way out: it takes the lock away after each "
                               "transaction."));
        return advice;
    }
    case EndpointKind::StatementPooling:
        return {Text::tr("Connect to the server directly, or through a pool in session mode, for anything that takes "
                         "advisory locks."),
                Text::tr("Transaction-level locks need a transaction, and this pooler keeps none together.")};
    case EndpointKind::SpeaksProtocolOnly:
        return {Text::tr("Lock somewhere else: in a PostgreSQL server, or by what this product itself offers.")};
    case EndpointKind::Unknown:
        break;
    }
    if (findings.refusedByRights)
        return {Text::tr("Ask for EXECUTE on pg_try_advisory_lock, pg_advisory_lock and pg_advisory_unlock, or probe "
                         "as another role.")};
    if (findings.severalServers)
        return {Text::tr("Connect to one server, the primary, for everything that takes advisory locks.")};
    if (findings.silent)
        return {Text::tr("Check that the endpoint answers at all, then probe again.")};
    return {};
}

} // namespace

void judge(const ProbeFindings& findings, ProbeReport& report)
{
    const bool complete = !report.stopped && !findings.silent;
    report.kind = complete ? kindOf(findings) : EndpointKind::Unknown;
    const bool allOk = !report.checks.isEmpty() && std::all_of(report.checks.cbegin(), report.checks.cend(),
                                                               [](const ProbeCheck& check) { return check.ok; });
    const bool fit = report.kind == EndpointKind::Direct || report.kind == EndpointKind::SessionPooling;
    report.ok = complete && fit && allOk && report.leftBehind.isEmpty();
    if (report.stopped)
        report.verdict = Text::tr("The probe was stopped before it was done.");
    else if (findings.silent)
        report.verdict =
            Text::tr("The endpoint stopped answering or let nobody in any more, so the probe was given up.");
    else
        report.verdict = verdictOf(findings, report);
    report.advice += report.stopped ? QStringList() : adviceFor(findings, report);
}

} // namespace lockscope
