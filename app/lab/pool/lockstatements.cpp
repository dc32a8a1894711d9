#include "app/lab/pool/lockstatements.h"

#include "models/domain/lockrequest.h"

namespace lockscope {

namespace {

constexpr QLatin1StringView beginStatement("BEGIN");
/// Raises an error in the server (22P02), which quotes the words, so that everybody sees what it stands for.
constexpr QLatin1StringView failingStatement("SELECT 'the unlock failed on its way'::pg_catalog.int4");

QString withBackendPid(const QString& lockStatement)
{
    return lockStatement + QStringLiteral(", pg_catalog.pg_backend_pid()");
}

} // namespace

PoolErrand acquireErrand(LockServiceForm form, LockKey key)
{
    if (form != LockServiceForm::TransactionLevel)
        return {.statements = {withBackendPid(acquireStatement(key, {.wait = WaitPolicy::Try}))}};
    return {.statements = {beginStatement, withBackendPid(acquireStatement(
                                               key, {.level = LockLevel::Transaction, .wait = WaitPolicy::Try}))},
            .rollBackUnlessTrue = true};
}

PoolErrand releaseErrand(LockServiceForm form, LockKey key, bool failing)
{
    const bool commits = form == LockServiceForm::TransactionLevel;
    if (failing)
        return {.statements = {failingStatement}, .rollBackUnlessTrue = commits};
    if (commits)
        return {.statements = {QStringLiteral("COMMIT")}, .rollBackUnlessTrue = true};
    return {.statements = {withBackendPid(releaseStatement(key, LockShare::Exclusive))}};
}

PoolErrand unlockAllErrand(LockServiceForm form)
{
    QStringList statements{QStringLiteral("SELECT pg_catalog.pg_advisory_unlock_all()")};
    if (form == LockServiceForm::TransactionLevel) // outside a transaction a WARNING, no more
        statements.prepend(QStringLiteral("ROLLBACK"));
    return {.statements = statements};
}

void fillIn(PoolCall& call, const PoolErrand& errand, const PoolErrandAnswer& answer)
{
    bool isTrue = false;
    for (const StatementAnswer& each : answer.statements) {
        call.statements.append(each.record.sql);
        call.notices.append(each.record.notices);
        if (each.rows.isEmpty())
            continue;
        isTrue = each.isTrue();
        call.backendPid = each.rows.first().value(1).toInt();
    }
    call.error = answer.error;
    if (answer.error) {
        // A pooler that lends single statements refuses BEGIN and ends the connection with it: an answer in words, and
        // there was nothing to lose yet.
        const bool refused = !answer.error->serverWords.isEmpty() && answer.statements.size() == 1 &&
                             errand.statements.size() > 1 && errand.statements.first() == beginStatement &&
                             answer.statements.first().record.sql == beginStatement;
        call.answer = answer.lost && !refused ? PoolAnswer::Lost : PoolAnswer::Failed;
    } else if (answer.lost) {
        call.answer = PoolAnswer::Lost;
    } else {
        const bool commits = errand.statements.last() == QLatin1StringView("COMMIT");
        call.answer = isTrue || commits ? PoolAnswer::True : PoolAnswer::False;
    }
}

} // namespace lockscope
