#include "models/diagnosis.h"

#include "models/domain/displaytext.h"
#include "models/domain/redaction.h"

#include <QCoreApplication>
#include <QStringMatcher>

#include <algorithm>

namespace lockscope {

namespace {

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(Diagnosis)
};

constexpr int nameLimit = 60;
constexpr int statementLimit = 100;
/// A statement is masked before it is cut, but nobody reads two megabytes for a hundred characters.
constexpr qsizetype maskedStatement = 4096;

bool isOutsideTransaction(const Backend& backend)
{
    return !backend.restricted && backend.state == QLatin1String("idle");
}

bool isIdleInTransaction(const Backend& backend)
{
    return !backend.restricted && backend.state.startsWith(QLatin1String("idle in transaction"));
}

/// What makes two sessions look like connections of one pool; empty when nothing does.
QString kinship(const Backend& a, const Backend& b)
{
    const bool application = !a.applicationName.isEmpty() && a.applicationName == b.applicationName;
    const bool address =
        !a.restricted && !b.restricted && !a.clientAddress.isEmpty() && a.clientAddress == b.clientAddress;
    const QString name = cellText(a.applicationName, nameLimit);
    const QString place = cellText(a.clientAddress, nameLimit);
    if (application && address)
        return Text::tr("Both are application \"%1\" from %2: they look like two connections of one pool.")
            .arg(name, place);
    if (application)
        return Text::tr("Both are application \"%1\": they look like two connections of one pool.").arg(name);
    if (address)
        return Text::tr("Both come from %1: they may be two connections of one pool.").arg(place);
    return {};
}

} // namespace

QString quotedStatement(const QString& query)
{
    return QStringLiteral("\"%1\"").arg(
        cellText(withoutPasswords(firstCharacters(query, maskedStatement)), statementLimit));
}

DiagnosisFinder::DiagnosisFinder(const ExplanationFacts& facts, const std::optional<ServerInfo>& server)
    : m_facts(facts)
    , m_server(server)
{
}

void DiagnosisFinder::readUnlockers() const
{
    if (m_unlockersRead)
        return;
    m_unlockersRead = true;
    const QStringMatcher unlocks(QStringLiteral("pg_advisory_unlock"), Qt::CaseInsensitive);
    for (const BackendPointer& backend : m_facts.snapshot()->backends) {
        // One that is still running may not have come to its unlock yet.
        if (!backend || backend->restricted || !backend->queryStart ||
            !backend->state.startsWith(QLatin1String("idle")) || unlocks.indexIn(backend->query) < 0)
            continue;
        Unlocker unlocker{backend, advisoryCallsIn(backend->query)};
        // One that locked in the same statement unlocked what it had locked itself.
        if (unlocker.calls.locks || (unlocker.calls.unlocks.isEmpty() && !unlocker.calls.unlocksUnseen))
            continue;
        for (const AdvisoryCalls::Unlock& unlock : unlocker.calls.unlocks)
            m_unlockersOfKey.insert(LockTarget::advisory(backend->databaseOid, unlock.key), m_unlockers.size());
        m_unlockers.append(std::move(unlocker));
    }
}

QList<Lock> DiagnosisFinder::advisoryLocksOf(const WaitNodeId& id) const
{
    QList<Lock> locks = m_facts.locksOf(id);
    locks.removeIf([](const Lock& lock) { return !lock.granted || lock.target.type != LockType::Advisory; });
    // What others wait for is spoken of first.
    if (const WaitNode* const node = m_facts.node(id); node != nullptr && !node->blocks.isEmpty())
        std::stable_partition(locks.begin(), locks.end(), [&](const Lock& lock) {
            return std::any_of(node->blocks.cbegin(), node->blocks.cend(),
                               [&](const Lock& blocking) { return blocking.target == lock.target; });
        });
    return locks;
}

QString DiagnosisFinder::held(const QList<Lock>& locks) const
{
    const QString first = m_facts.inMode(locks.first().target, locks.first().mode);
    if (locks.size() == 1)
        return first;
    return locks.size() == 2 ? Text::tr("%1 and 1 more advisory lock").arg(first)
                             : Text::tr("%1 and %2 more advisory locks").arg(first, QString::number(locks.size() - 1));
}

std::optional<Diagnosis> DiagnosisFinder::deadlock(const WaitNode& node) const
{
    const WaitGraph& graph = *m_facts.view().waits;
    if (node.cycle < 0 || node.cycle >= graph.cycles.size())
        return std::nullopt;
    constexpr qsizetype namesShown = 6;
    const QList<qint32>& cycle = graph.cycles[node.cycle];
    QStringList names;
    for (const qint32 index : cycle.first(std::min(cycle.size(), namesShown))) {
        if (const WaitNode* const member = m_facts.node(index))
            names.append(nodeName(member->id, m_facts.view()));
    }
    if (names.isEmpty())
        return std::nullopt;
    names.append(cycle.size() > namesShown ? Text::tr("%1 more").arg(QString::number(cycle.size() - namesShown))
                                           : names.first());
    const QString first = names.takeFirst();
    return Diagnosis{
        .kind = DiagnosisKind::Deadlock,
        .title = Text::tr("Deadlock"),
        .evidence = Text::tr("They wait for each other in a circle: %1 waits for %2.")
                        .arg(first, names.join(Text::tr(", which waits for "))),
        .advice = Text::tr("No session of it can go on by itself. The server looks for deadlocks when somebody has "
                           "waited for deadlock_timeout, and then ends one of the statements with an error (40P01). "
                           "To avoid it, take the locks in the same order everywhere."),
        .about = graph.nodes[cycle.first()].id,
        .certain = true,
    };
}

Diagnosis DiagnosisFinder::unlockDiagnosis(const Lock& lock, const Unlocker& unlocker, bool keySeen) const
{
    const LockView& view = m_facts.view();
    const WaitNodeId holder{.backend = lock.backend};
    const QString holderName = nodeName(holder, view);
    const QString otherName = sentenceStart(nodeName({.backend = unlocker.backend->id}, view));
    const QString ago = m_facts.age(unlocker.backend->queryStart);
    const QString statement = quotedStatement(unlocker.backend->query);
    // While one session holds a key exclusively no other holds it in any mode, so no other could release it.
    const bool certain = keySeen && lock.mode == LockMode::Exclusive;
    QStringList evidence{keySeen
                             ? Text::tr("%1 ran %2 %3 ago, when %4 already held %5; %4 holds it still.")
                                   .arg(otherName, statement, ago, holderName, m_facts.inMode(lock.target, lock.mode))
                             : Text::tr("%1 ran %2 %3 ago, while %4 held %5; which key it unlocked cannot be seen.")
                                   .arg(otherName, statement, ago, holderName, m_facts.inMode(lock.target, lock.mode))};
    if (const Backend* const backend = m_facts.backend(holder))
        evidence.append(kinship(*backend, *unlocker.backend));
    if (certain)
        evidence.append(Text::tr("That call released nothing: it returned false with a warning, if it ran at all."));
    evidence.removeAll(QString());
    return {
        .kind = DiagnosisKind::WrongConnectionUnlock,
        .title = certain ? Text::tr("Unlocked on the wrong connection")
                         : Text::tr("Unlock on the wrong connection suspected"),
        .evidence = evidence.join(u' '),
        .advice = Text::tr("A key is released only by the session that locked it: keep one connection from lock to "
                           "unlock, or lock in a transaction with pg_advisory_xact_lock. Until then only %1, or its "
                           "end, releases the key.")
                      .arg(holderName),
        .about = holder,
        .certain = certain,
    };
}

std::optional<Diagnosis> DiagnosisFinder::unlockElsewhere(const WaitNodeId& id) const
{
    const Backend* const holder = m_facts.backend(id);
    const QList<Lock> locks = id.isPrepared() ? QList<Lock>() : advisoryLocksOf(id);
    if (locks.isEmpty())
        return std::nullopt;
    readUnlockers();
    const auto heldBefore = [&](const Lock& lock, const Unlocker& unlocker) {
        const auto heldBy = m_facts.heldBy(lock);
        return heldBy && *heldBy <= *unlocker.backend->queryStart;
    };
    for (const Lock& lock : locks) {
        const auto range = m_unlockersOfKey.equal_range(lock.target);
        for (auto entry = range.first; entry != range.second; ++entry) {
            const Unlocker& unlocker = m_unlockers[*entry];
            if (unlocker.backend->id == lock.backend || !heldBefore(lock, unlocker))
                continue;
            // Of a shared key both may have had their own share.
            if (lock.mode == LockMode::Exclusive ||
                (holder != nullptr && !kinship(*holder, *unlocker.backend).isEmpty()))
                return unlockDiagnosis(lock, unlocker, true);
        }
    }
    if (holder == nullptr || !isOutsideTransaction(*holder))
        return std::nullopt;
    for (const Unlocker& unlocker : std::as_const(m_unlockers)) {
        if (unlocker.calls.unlocksUnseen && unlocker.backend->id != id.backend &&
            unlocker.backend->databaseOid == holder->databaseOid && heldBefore(locks.first(), unlocker) &&
            !kinship(*holder, *unlocker.backend).isEmpty())
            return unlockDiagnosis(locks.first(), unlocker, false);
    }
    return std::nullopt;
}

std::optional<Diagnosis> DiagnosisFinder::leak(const WaitNodeId& id) const
{
    const Backend* const backend = m_facts.backend(id);
    if (backend == nullptr || !isOutsideTransaction(*backend) || !backend->stateChange || backend->query.isEmpty() ||
        m_facts.view().takenAt - *backend->stateChange <= idleHolder)
        return std::nullopt;
    const QList<Lock> locks = advisoryLocksOf(id);
    if (locks.isEmpty())
        return std::nullopt;
    const AdvisoryCalls calls = advisoryCallsIn(backend->query);
    const bool unlockedThis = std::any_of(locks.cbegin(), locks.cend(), [&](const Lock& lock) {
        return std::any_of(calls.unlocks.cbegin(), calls.unlocks.cend(),
                           [&](const AdvisoryCalls::Unlock& unlock) { return lock.target.key() == unlock.key; });
    });
    const QString statement = quotedStatement(backend->query);
    QString why;
    if (unlockedThis)
        why = Text::tr("Its last statement unlocked a key that it holds still, %1: it was locked more than once, or "
                       "in another mode, or the statement failed.")
                  .arg(statement);
    else if (calls.locks)
        why = Text::tr("Its last statement is the call that locks, %1, so it may mean to hold on.").arg(statement);
    else if (calls.mentionsLocks)
        why = Text::tr("Its last statement was %1.").arg(statement);
    else
        why = Text::tr("Its last statement has nothing to do with locks: %1.").arg(statement);
    const bool certain = unlockedThis || !calls.mentionsLocks;
    return Diagnosis{
        .kind = DiagnosisKind::LeakedSessionLock,
        .title = certain ? Text::tr("Leaked session lock") : Text::tr("Leaked session lock suspected"),
        .evidence =
            Text::tr("%1 has been idle for %2, outside any transaction, and still holds %3. %4")
                .arg(sentenceStart(nodeName(id, m_facts.view())), m_facts.age(backend->stateChange), held(locks), why),
        .advice = Text::tr("Unless the application keeps it on purpose, as a leader does: unlock in a finally block "
                           "on the same connection, or let the pool run DISCARD ALL when a connection comes back. "
                           "Ending the session releases it now."),
        .about = id,
        .certain = certain,
    };
}

std::optional<Diagnosis> DiagnosisFinder::idleInTransaction(const WaitNodeId& id) const
{
    const Backend* const backend = m_facts.backend(id);
    if (backend == nullptr || !isIdleInTransaction(*backend) || !backend->stateChange ||
        m_facts.view().takenAt - *backend->stateChange <= idleTransaction)
        return std::nullopt;
    const WaitNode* const node = m_facts.node(id);
    const QList<Lock> locks = m_facts.locksOf(id);
    if (std::none_of(locks.cbegin(), locks.cend(), [](const Lock& lock) { return lock.granted; }) && node == nullptr)
        return std::nullopt;
    QStringList evidence{Text::tr("%1 has been idle for %2 inside a transaction.")
                             .arg(sentenceStart(nodeName(id, m_facts.view())), m_facts.age(backend->stateChange))};
    if (backend->transactionStart)
        evidence = {Text::tr("%1 has been idle for %2 inside a transaction that has been open for %3.")
                        .arg(sentenceStart(nodeName(id, m_facts.view())), m_facts.age(backend->stateChange),
                             m_facts.age(backend->transactionStart))};
    evidence.append(Text::tr("What it locked in it stays locked until it ends."));
    if (!backend->query.isEmpty())
        evidence.append(Text::tr("Its last statement was %1.").arg(quotedStatement(backend->query)));
    return Diagnosis{
        .kind = DiagnosisKind::IdleInTransaction,
        .title = Text::tr("Idle in transaction"),
        .evidence = evidence.join(u' '),
        .advice = Text::tr("The application has to commit or roll back. idle_in_transaction_session_timeout ends such "
                           "sessions after a time of your choice; there is no query to cancel."),
        .about = id,
        .certain = true,
    };
}

std::optional<Diagnosis> DiagnosisFinder::forgottenPrepared(const WaitNodeId& id) const
{
    const PreparedTransaction* const prepared = m_facts.prepared(id);
    if (prepared == nullptr || m_facts.view().takenAt - prepared->preparedAt <= oldPrepared)
        return std::nullopt;
    const QString database = m_facts.database(prepared->databaseOid);
    return Diagnosis{
        .kind = DiagnosisKind::PreparedForgotten,
        .title = Text::tr("Forgotten prepared transaction suspected"),
        .evidence = Text::tr("'%1' of %2 was prepared %3 ago in %4. It belongs to no session, so it outlives every "
                             "connection and every restart, with its locks.")
                        .arg(cellText(prepared->gid, nameLimit), cellText(prepared->owner, nameLimit),
                             m_facts.age(prepared->preparedAt), database),
        .advice = Text::tr("Ask its transaction manager first. Else COMMIT PREPARED or ROLLBACK PREPARED, in %1, by "
                           "its owner or a superuser.")
                      .arg(database),
        .about = id,
        .certain = false,
    };
}

std::optional<Diagnosis> DiagnosisFinder::vacuumHeldBack(const WaitNodeId& id) const
{
    const Backend* const backend = m_facts.backend(id);
    const WaitNode* const node = m_facts.node(id);
    if (backend == nullptr || backend->restricted || backend->backendXmin == 0)
        return std::nullopt;
    const bool waits = node != nullptr && node->isWaiting();
    const auto since = waits ? node->waitingSince : backend->transactionStart;
    if ((!waits && !isIdleInTransaction(*backend)) || !since || m_facts.view().takenAt - *since <= heldBackVacuum)
        return std::nullopt;
    const QString name = sentenceStart(nodeName(id, m_facts.view()));
    const QString xmin = QString::number(backend->backendXmin);
    return Diagnosis{
        .kind = DiagnosisKind::VacuumHeldBack,
        .title = Text::tr("Vacuum held back"),
        .evidence = waits ? Text::tr("%1 keeps a snapshot (xmin %2) while it waits, for %3 now.")
                                .arg(name, xmin, m_facts.age(since))
                          : Text::tr("%1 keeps a snapshot (xmin %2) in a transaction that has been open for %3.")
                                .arg(name, xmin, m_facts.age(since)),
        .advice = Text::tr("Rows of %1 that died since then cannot be removed before it goes on or ends. lock_timeout "
                           "bounds such waits.")
                      .arg(m_facts.database(backend->databaseOid)),
        .about = id,
        .certain = true,
    };
}

QList<Diagnosis> DiagnosisFinder::ofSession(const WaitNodeId& id) const
{
    QList<Diagnosis> result;
    if (!m_facts.snapshot() || id.isNull())
        return result;
    const auto add = [&result](std::optional<Diagnosis> diagnosis) {
        if (diagnosis)
            result.append(std::move(*diagnosis));
        return diagnosis.has_value();
    };
    if (const WaitNode* const node = m_facts.node(id))
        add(deadlock(*node));
    if (!add(unlockElsewhere(id)))
        add(leak(id));
    add(idleInTransaction(id));
    add(forgottenPrepared(id));
    add(vacuumHeldBack(id));
    return result;
}

} // namespace lockscope
