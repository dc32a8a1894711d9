#include "models/domain/cure.h"

#include "models/domain/displaytext.h"
#include "models/domain/serverreport.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace lockscope {

namespace {

constexpr int nameLimit = 60;

struct Messages
{
    Q_DECLARE_TR_FUNCTIONS(lockscope::Cure)
};

constexpr std::array allKinds = {CureKind::CancelQuery, CureKind::TerminateBackend, CureKind::CommitPrepared,
                                 CureKind::RollbackPrepared};

CureOffer impossible(CureOffer offer, const QString& reason, const QString& grant = {})
{
    offer.possible = false;
    offer.reason = reason;
    offer.grant = grant;
    return offer;
}

/// Processes that take no part in the list of backends pg_terminate_backend looks into: it warns "is not a PostgreSQL
/// backend process" and answers false, whoever asks.
bool isAuxiliary(const Backend& backend)
{
    static constexpr std::array types = {"startup",     "checkpointer",  "background writer", "walwriter", "archiver",
                                         "walreceiver", "walsummarizer", "io worker",         "logger"};
    return std::ranges::any_of(types, [&](const char* type) { return backend.backendType == QLatin1StringView(type); });
}

bool isAutovacuumWorker(const Backend& backend)
{
    return backend.backendType == QLatin1StringView("autovacuum worker");
}

/// A process that logged in as nobody: autovacuum, background workers of the server itself. The role is never hidden.
bool hasNoRole(const Backend& backend)
{
    return backend.roleOid == 0 && backend.user.isEmpty() && (backend.restricted || !backend.backendType.isEmpty()) &&
           backend.backendType != QLatin1StringView("client backend");
}

/// Up to the releases of November 2023 pg_signal_backend was enough for processes without a role (CVE-2023-5870).
bool roleLessNeedsSuperuser(int version)
{
    static constexpr std::array firstFixed = {120017, 130013, 140010, 150005, 160001};
    const auto* const fixed =
        std::ranges::find_if(firstFixed, [version](int first) { return first / 10000 == version / 10000; });
    return fixed != firstFixed.end() ? version >= *fixed : version >= 170000;
}

/// What pg_signal_backend() of the server checks, as far as it is known. Empty predefined role: no GRANT helps.
struct Obstacle
{
    QString reason;
    QString predefinedRole;
};

std::optional<Obstacle> rightsObstacle(const Backend& victim, const ServerInfo& server)
{
    if (server.isSuperuser)
        return {};
    const QString pid = QString::number(victim.id.pid);
    if (victim.superuser)
        return Obstacle{Messages::tr("%1 is a superuser's session: only a superuser may signal it, and %2 is not one.")
                            .arg(pid, cellText(server.role, nameLimit)),
                        {}};
    if (hasNoRole(victim)) {
        if (isAutovacuumWorker(victim) && server.versionNumber >= 180000) {
            if (server.signalsAutovacuum)
                return {};
            return Obstacle{Messages::tr("%1 is an autovacuum worker: only a superuser or a member of "
                                         "pg_signal_autovacuum_worker may signal it.")
                                .arg(pid),
                            QStringLiteral("pg_signal_autovacuum_worker")};
        }
        if (roleLessNeedsSuperuser(server.versionNumber))
            return Obstacle{Messages::tr("%1 (%2) runs without a role of its own: only a superuser may signal it.")
                                .arg(pid, victim.backendType.isEmpty() ? Messages::tr("a background process")
                                                                       : cellText(victim.backendType, nameLimit)),
                            {}};
    }
    // Who has the rights of a role sees its sessions in full: the server asks the same question for both.
    const bool member = !victim.restricted && victim.memberOfItsRole.value_or(true);
    if (server.signalsBackends || member)
        return {};
    const QString whose =
        victim.user.isEmpty()
            ? Messages::tr("%1 is a session of another role.").arg(pid)
            : Messages::tr("%1 is a session of the role %2.").arg(pid, cellText(victim.user, nameLimit));
    return Obstacle{
        Messages::tr("%1 Signalling it needs the rights of that role or membership in pg_signal_backend.").arg(whose),
        QStringLiteral("pg_signal_backend")};
}

/// What happens that a person might not expect; empty when it is the usual.
QString expectation(CureKind kind, const Backend* victim, const ServerInfo& server)
{
    QStringList sentences;
    if (victim != nullptr && isAutovacuumWorker(*victim)) {
        const bool wraparound = victim->query.contains(QLatin1StringView("to prevent wraparound"));
        sentences.append(wraparound ? Messages::tr("This autovacuum prevents transaction ids from wrapping around, so "
                                                   "the server starts it again soon. Better let it finish.")
                                    : Messages::tr("An autovacuum may be ended without harm: it comes back later."));
    }
    if (server.behindPooler()) {
        sentences.append(
            kind == CureKind::CancelQuery
                ? Messages::tr("This console is connected through a pooler. Process ids are those of the server's own "
                               "backends; the client whose query runs there now gets the error.")
                : Messages::tr("This console is connected through a pooler. Ending a backend ends the pooler's "
                               "connection to the server; the client that uses it now gets an error, and the pooler "
                               "opens another one."));
    }
    return sentences.join(QLatin1Char(' '));
}

CureOffer backendOffer(CureOffer offer, const WaitNodeId& id, const Snapshot& snapshot, const ServerInfo& server)
{
    const QString pid = QString::number(id.backend.pid);
    if (id.backend.pid == server.backendPid)
        return impossible(offer, Messages::tr("%1 is this console's own connection.").arg(pid));

    const BackendPointer listed = snapshot.backends.value(id.backend.pid);
    if (listed && id.backend.backendStart && listed->id.backendStart && listed->id != id.backend)
        return impossible(offer, Messages::tr("%1 has ended; its process id belongs to another session now.").arg(pid));

    if (listed && isAuxiliary(*listed)) {
        if (listed->backendType == QLatin1StringView("startup"))
            return impossible(
                offer, Messages::tr("%1 is the startup process: it replays the primary's changes and cannot be ended. "
                                    "End the transaction on the primary, or see max_standby_streaming_delay.")
                           .arg(pid));
        return impossible(offer, Messages::tr("%1 is the server's own process \"%2\", which nobody can cancel or end.")
                                     .arg(pid, cellText(listed->backendType, nameLimit)));
    }

    const auto obstacle = listed ? rightsObstacle(*listed, server) : std::nullopt;
    if (!id.backend.backendStart) {
        const QString hidden = Messages::tr("This role may not see when %1 started, and its process id alone could "
                                            "hit another session.")
                                   .arg(pid);
        if (!obstacle)
            return impossible(offer, hidden, grantStatement({QStringLiteral("pg_read_all_stats")}, server.role));
        if (obstacle->predefinedRole.isEmpty())
            return impossible(offer, obstacle->reason);
        return impossible(offer, Messages::tr("%1 %2").arg(hidden, obstacle->reason),
                          grantStatement({QStringLiteral("pg_read_all_stats"), obstacle->predefinedRole}, server.role));
    }
    if (obstacle)
        return impossible(
            offer, obstacle->reason,
            grantStatement(obstacle->predefinedRole.isEmpty() ? QStringList() : QStringList{obstacle->predefinedRole},
                           server.role));

    // The server sends the signal to an idle session and answers true, and nothing happens.
    if (offer.kind == CureKind::CancelQuery && listed && listed->state.startsWith(QLatin1StringView("idle")))
        return impossible(offer,
                          listed->state == QLatin1StringView("idle")
                              ? Messages::tr("%1 is idle: there is no query to cancel. Terminate it instead.").arg(pid)
                              : Messages::tr("%1 is idle in a transaction: there is no query to cancel, and "
                                             "cancelling does not end the transaction. Terminate it instead.")
                                    .arg(pid));
    offer.possible = true;
    offer.reason = expectation(offer.kind, listed.get(), server);
    return offer;
}

CureOffer preparedOffer(CureOffer offer, const WaitNodeId& id, const Snapshot& snapshot, const ServerInfo& server)
{
    // The server checks this before anything else.
    if (server.isStandby)
        return impossible(offer, Messages::tr("A standby cannot finish a prepared transaction. Do it on the primary."));
    const auto known = snapshot.prepared.constFind(id.virtualTransaction);
    if (known == snapshot.prepared.constEnd() || known->gid.isEmpty())
        return impossible(offer, Messages::tr("The name of this prepared transaction is not known, and only its name "
                                              "finishes it. See pg_prepared_xacts."));
    if (!server.isSuperuser && !known->owner.isEmpty() && known->owner != server.role)
        return impossible(offer, Messages::tr("Only its owner, %1, or a superuser may finish this prepared "
                                              "transaction; membership in a role does not help.")
                                     .arg(cellText(known->owner, nameLimit)));
    offer.possible = true;
    if (known->databaseOid != 0 && known->databaseOid != server.databaseOid) {
        const QString name = snapshot.databaseNames.value(known->databaseOid);
        offer.reason =
            Messages::tr("PostgreSQL finishes it from its own database only, so Lockscope connects to %1 for it.")
                .arg(name.isEmpty() ? Messages::tr("that database") : cellText(name, nameLimit));
    }
    return offer;
}

} // namespace

QString title(CureKind kind)
{
    switch (kind) {
    case CureKind::CancelQuery:
        return Messages::tr("Cancel Query");
    case CureKind::TerminateBackend:
        return Messages::tr("Terminate Backend");
    case CureKind::CommitPrepared:
        return Messages::tr("Commit Prepared");
    case CureKind::RollbackPrepared:
        return Messages::tr("Roll Back Prepared");
    }
    return {};
}

QString auditWord(CureKind kind)
{
    switch (kind) {
    case CureKind::CancelQuery:
        return QStringLiteral("cancel query");
    case CureKind::TerminateBackend:
        return QStringLiteral("terminate backend");
    case CureKind::CommitPrepared:
        return QStringLiteral("commit prepared");
    case CureKind::RollbackPrepared:
        return QStringLiteral("rollback prepared");
    }
    return {};
}

QString auditWord(CureResult result)
{
    switch (result) {
    case CureResult::Done:
        return QStringLiteral("done");
    case CureResult::StillThere:
        return QStringLiteral("still there");
    case CureResult::NotFound:
        return QStringLiteral("not found");
    case CureResult::Refused:
        return QStringLiteral("refused");
    case CureResult::Failed:
        return QStringLiteral("failed");
    }
    return {};
}

QString grantStatement(const QStringList& predefinedRoles, const QString& role)
{
    if (predefinedRoles.isEmpty() || role.isEmpty())
        return {};
    return QStringLiteral("GRANT %1 TO %2;").arg(predefinedRoles.join(QStringLiteral(", ")), quotedIdentifier(role));
}

QList<CureOffer> cureOffers(const WaitNodeId& victim, const Snapshot& snapshot, const ServerInfo& server, bool readOnly)
{
    QList<CureOffer> offers;
    for (const CureKind kind : allKinds) {
        CureOffer offer{.kind = kind, .applies = !victim.isNull() && isAboutBackend(kind) != victim.isPrepared()};
        if (offer.applies && readOnly)
            offer = impossible(offer, Messages::tr("Lockscope was started with --read-only, so it changes nothing on "
                                                   "the server."));
        else if (offer.applies)
            offer = victim.isPrepared() ? preparedOffer(offer, victim, snapshot, server)
                                        : backendOffer(offer, victim, snapshot, server);
        offers.append(offer);
    }
    return offers;
}

} // namespace lockscope
