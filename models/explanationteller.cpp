#include "models/explanationteller.h"

#include "models/diagnosis.h"
#include "models/domain/displaytext.h"
#include "models/explanation.h"

#include <QCoreApplication>
#include <QSet>

#include <algorithm>

namespace lockscope {

namespace {

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(Explanation)
};

constexpr int nameLimit = 60;
constexpr qsizetype mostConcerned = 6;

bool isStartup(const Backend& backend)
{
    return backend.backendType == QLatin1String("startup");
}

bool isAutovacuum(const Backend& backend)
{
    return backend.backendType == QLatin1String("autovacuum worker");
}

bool preventsWraparound(const Backend& backend)
{
    return backend.query.contains(QLatin1String("(to prevent wraparound)"));
}

bool isTransactionEnd(const LockTarget& target)
{
    return target.type == LockType::TransactionId || target.type == LockType::VirtualXid;
}

void append(QString& text, const QString& sentence)
{
    if (text.isEmpty() || sentence.isEmpty())
        text += sentence;
    else
        text += u' ' + sentence;
}

} // namespace

ExplanationTeller::ExplanationTeller(const ExplanationFacts& facts)
    : m_facts(facts)
{
}

const WaitNodeId* ExplanationTeller::Blockers::first() const
{
    for (const QList<WaitNodeId>* const group : {&holders, &unexplained, &ahead}) {
        if (!group->isEmpty())
            return &group->first();
    }
    return nullptr;
}

ExplanationTeller::Blockers ExplanationTeller::blockersOf(const WaitNodeId& id, const Lock& lock) const
{
    Blockers result;
    if (!m_facts.snapshot())
        return result;
    const WaitGraph* const graph = m_facts.view().waits.get();
    const qint32 self = graph != nullptr ? graph->indexes.value(id, -1) : -1;
    if (self >= 0) {
        const auto begin = std::partition_point(graph->edges.cbegin(), graph->edges.cend(),
                                                [self](const WaitEdge& edge) { return edge.waiter < self; });
        for (auto edge = begin; edge != graph->edges.cend() && edge->waiter == self; ++edge) {
            if (edge->target < 0 || edge->target >= graph->targets.size() ||
                graph->targets[edge->target] != lock.target)
                continue;
            const WaitNodeId& blocker = graph->nodes[edge->blocker].id;
            if (edge->kind == WaitEdgeKind::Hard && result.holders.isEmpty())
                result.held = edge->held;
            QList<WaitNodeId>& group = edge->kind == WaitEdgeKind::Hard   ? result.holders
                                       : edge->kind == WaitEdgeKind::Soft ? result.ahead
                                                                          : result.unexplained;
            if (!group.contains(blocker))
                group.append(blocker);
        }
    }
    // Of a queue the graph draws who stands directly ahead; the server named all of them.
    const QList<qint32> named = m_facts.snapshot()->blockers.value(lock.backend.pid);
    const qsizetype drawn = result.holders.size() + result.ahead.size() + result.unexplained.size();
    if (drawn == 0) {
        for (const qint32 pid : named) {
            const BackendPointer backend = m_facts.snapshot()->backends.value(pid);
            if (pid != 0)
                result.unexplained.append({.backend = backend ? backend->id : BackendId{.pid = pid}});
        }
    } else if (!result.ahead.isEmpty()) {
        result.moreAhead = std::max<qsizetype>(0, named.size() - drawn);
    }
    return result;
}

/// The ends of the chains that begin at a session: those that wait for nobody.
QList<WaitNodeId> ExplanationTeller::rootsOf(const WaitNodeId& id) const
{
    QList<WaitNodeId> roots;
    const WaitGraph* const graph = m_facts.view().waits.get();
    const qint32 self = graph != nullptr ? graph->indexes.value(id, -1) : -1;
    if (self < 0)
        return roots;
    QList<qint32> open{self};
    QSet<qint32> seen{self};
    while (!open.isEmpty() && roots.size() < mostConcerned) {
        const qint32 at = open.takeFirst();
        auto edge = std::partition_point(graph->edges.cbegin(), graph->edges.cend(),
                                         [at](const WaitEdge& other) { return other.waiter < at; });
        if ((edge == graph->edges.cend() || edge->waiter != at) && at != self)
            roots.append(graph->nodes[at].id);
        for (; edge != graph->edges.cend() && edge->waiter == at; ++edge) {
            if (!seen.contains(edge->blocker)) {
                seen.insert(edge->blocker);
                open.append(edge->blocker);
            }
        }
    }
    return roots;
}

std::optional<Lock> ExplanationTeller::heldLock(const WaitNodeId& id, const LockTarget& target) const
{
    const QList<Lock> locks = m_facts.locksOf(id);
    const auto found = std::find_if(locks.cbegin(), locks.cend(),
                                    [&](const Lock& lock) { return lock.granted && lock.target == target; });
    return found == locks.cend() ? std::nullopt : std::optional(*found);
}

std::optional<Lock> ExplanationTeller::blockingLock(const WaitNodeId& id) const
{
    const WaitNode* const node = m_facts.node(id);
    return node == nullptr || node->blocks.isEmpty() ? std::nullopt : std::optional(node->blocks.first());
}

QString ExplanationTeller::heldFor(const Lock& lock) const
{
    const LockRow* const row = m_facts.rowOf(lock);
    if (row == nullptr || !row->lock.granted)
        return {};
    const auto age = row->age(m_facts.view().takenAt);
    if (row->sinceExact())
        return formatAge(age);
    // At the first look nothing is known yet.
    return age < std::chrono::seconds(1) ? QString() : Text::tr("%1 or longer").arg(formatAge(age));
}

QString ExplanationTeller::holderSentence(const Lock& lock, const Blockers& blockers) const
{
    const QString who = m_facts.listed(blockers.holders);
    const bool one = blockers.holders.size() == 1;
    if (isTransactionEnd(lock.target))
        return one ? Text::tr("That is a transaction of %1.").arg(who) : Text::tr("It is held by %1.").arg(who);
    const std::optional<Lock> held = one ? heldLock(blockers.holders.first(), lock.target) : std::nullopt;
    const QString duration = held ? heldFor(*held) : QString();
    if (lock.target.type == LockType::Advisory) {
        const bool shared = blockers.held == LockMode::Share;
        if (duration.isEmpty())
            return (shared ? Text::tr("It is held, shared, by %1.") : Text::tr("It is held by %1.")).arg(who);
        return (shared ? Text::tr("It is held, shared, by %1 for %2.") : Text::tr("It is held by %1 for %2."))
            .arg(who, duration);
    }
    if (!one || blockers.held == LockMode::Unknown)
        return Text::tr("It is held by %1.").arg(who);
    const QString mode = displayName(blockers.held);
    const QString start = sentenceStart(who);
    return duration.isEmpty() ? Text::tr("%1 holds %2 on it.").arg(start, mode)
                              : Text::tr("%1 has held %2 on it for %3.").arg(start, mode, duration);
}

QString ExplanationTeller::blockerSentences(const Lock& lock, const Blockers& blockers) const
{
    if (blockers.first() == nullptr) {
        const bool prepared = m_facts.snapshot() && m_facts.snapshot()->blockers.value(lock.backend.pid).contains(0);
        return prepared ? Text::tr("A prepared transaction holds it; which one could not be read.")
                        : Text::tr("The server did not say who it waits for.");
    }
    QString text;
    if (!blockers.holders.isEmpty())
        append(text, holderSentence(lock, blockers));
    if (!blockers.unexplained.isEmpty())
        append(text, Text::tr("The server says that %1 holds it up; what was read does not show how.")
                         .arg(m_facts.listed(blockers.unexplained)));
    if (!blockers.ahead.isEmpty()) {
        const bool one = blockers.ahead.size() + blockers.moreAhead == 1;
        append(text,
               (one ? Text::tr("Ahead of it in the queue stands %1.") : Text::tr("Ahead of it in the queue stand %1."))
                   .arg(m_facts.listed(blockers.ahead, blockers.moreAhead)));
    }
    return text;
}

QString ExplanationTeller::clientReason(const Backend& backend, bool advisory, const QString& subject) const
{
    const QString calm = m_facts.age(backend.stateChange);
    const QString statement = quotedStatement(backend.query);
    if (backend.state == QLatin1String("idle")) {
        const QString idle = calm.isEmpty()
                                 ? Text::tr("%1 is idle, outside any transaction").arg(subject)
                                 : Text::tr("%1 has been idle for %2, outside any transaction").arg(subject, calm);
        return advisory
                   ? Text::tr("%1, so the lock is session-level: only that session, or its end, releases it.").arg(idle)
                   : idle + u'.';
    }
    if (backend.state.startsWith(QLatin1String("idle in transaction"))) {
        const QString open = m_facts.age(backend.transactionStart);
        QString text = open.isEmpty()
                           ? Text::tr("%1 is idle inside a transaction.").arg(subject)
                           : Text::tr("%1 is idle inside a transaction that has been open for %2.").arg(subject, open);
        if (backend.state.endsWith(QLatin1String("(aborted)")))
            append(text, Text::tr("The transaction has failed and waits to be rolled back."));
        append(text, advisory ? Text::tr("Whether the lock goes with the transaction cannot be seen.")
                              : Text::tr("It lets go when its client commits or rolls back."));
        return text;
    }
    if (backend.state == QLatin1String("active") || backend.state.startsWith(QLatin1String("fastpath"))) {
        const QString busy = m_facts.age(backend.queryStart);
        QString text = busy.isEmpty() ? Text::tr("%1 is running %2.").arg(subject, statement)
                                      : Text::tr("%1 has been running %2 for %3.").arg(subject, statement, busy);
        if (!backend.waitEventType.isEmpty() && backend.waitEventType != QLatin1String("Lock"))
            append(text, Text::tr("At the moment it waits for %1: %2.")
                             .arg(cellText(backend.waitEventType, nameLimit), cellText(backend.waitEvent, nameLimit)));
        return text;
    }
    if (backend.state == QLatin1String("disabled"))
        return Text::tr("What it is doing is not known: track_activities is off for it.");
    return {};
}

QString ExplanationTeller::stateReason(const WaitNodeId& id, const std::optional<Lock>& held,
                                       const QString& subject) const
{
    if (id.isPrepared()) {
        const PreparedTransaction* const prepared = m_facts.prepared(id);
        QString text = Text::tr("A prepared transaction belongs to no session: it keeps its locks, even through a "
                                "restart, until it is committed or rolled back.");
        if (prepared != nullptr)
            append(text, Text::tr("It was prepared %1 ago by %2.")
                             .arg(m_facts.age(prepared->preparedAt), cellText(prepared->owner, nameLimit)));
        return text;
    }
    const Backend* const backend = m_facts.backend(id);
    if (backend == nullptr)
        return Text::tr("It was not among the sessions when they were read: it may have ended meanwhile.");
    if (isStartup(*backend))
        return Text::tr("The startup process replays what the primary did, its Access Exclusive locks too, and lets go "
                        "when replay comes to the end of that transaction.");
    if (isAutovacuum(*backend))
        return preventsWraparound(*backend)
                   ? Text::tr("This autovacuum prevents wraparound of transaction ids and does not give way.")
                   : Text::tr("An autovacuum worker gives way by itself when somebody has waited for "
                              "deadlock_timeout.");
    if (backend->restricted)
        return Text::tr("This role may not see what that session is doing; a role with pg_read_all_stats does.");
    const bool advisory = held && held->target.type == LockType::Advisory;
    return clientReason(*backend, advisory, subject);
}

QString ExplanationTeller::remedy(const WaitNodeId& id, const std::optional<Lock>& held) const
{
    const QString name = nodeName(id, m_facts.view());
    if (id.isPrepared()) {
        const PreparedTransaction* const prepared = m_facts.prepared(id);
        if (prepared == nullptr)
            return Text::tr("COMMIT PREPARED or ROLLBACK PREPARED releases it, in its own database.");
        return Text::tr("COMMIT PREPARED or ROLLBACK PREPARED of '%1' releases it, in %2.")
            .arg(cellText(prepared->gid, nameLimit), m_facts.database(prepared->databaseOid));
    }
    const Backend* const backend = m_facts.backend(id);
    if (backend == nullptr)
        return {};
    if (isStartup(*backend))
        return Text::tr("It can be neither cancelled nor terminated. On a standby, queries that are in the way of "
                        "replay are cancelled after max_standby_streaming_delay.");
    if (isAutovacuum(*backend) && !preventsWraparound(*backend))
        return Text::tr("Waiting a moment is enough, mostly.");
    if (backend->restricted)
        return Text::tr("Ending session %1 releases it.").arg(name);
    if (backend->state == QLatin1String("idle")) {
        const std::optional<LockKey> key = held ? held->target.key() : std::nullopt;
        if (key)
            return Text::tr("It is released when %1 itself calls %2(%3), or ends.")
                .arg(name,
                     held->mode == LockMode::Share ? QStringLiteral("pg_advisory_unlock_shared")
                                                   : QStringLiteral("pg_advisory_unlock"),
                     key->toSqlArguments());
        return Text::tr("Ending session %1 releases it.").arg(name);
    }
    if (backend->state.startsWith(QLatin1String("idle in transaction")))
        return Text::tr("Have %1 commit or roll back; ending the session rolls back.").arg(name);
    if (backend->state == QLatin1String("active")) {
        const bool advisory = held && held->target.type == LockType::Advisory;
        return advisory ? Text::tr("It may come free when the statement of %1 is done. Cancelling the query releases "
                                   "it only if it goes with the transaction; ending the session releases it for "
                                   "certain.")
                              .arg(name)
                        : Text::tr("It comes free when the transaction of %1 ends. Cancelling the query makes its "
                                   "transaction fail; ending the session rolls it back.")
                              .arg(name);
    }
    return Text::tr("Ending session %1 releases it.").arg(name);
}

QString ExplanationTeller::stuckSentence(const WaitNode& node) const
{
    if (node.stuckBehind <= 0)
        return {};
    const QString longest = formatAge(node.longestWaitBehind);
    const bool known = node.longestWaitBehind.count() > 0;
    if (node.stuckBehind == 1)
        return known ? Text::tr("1 session is stuck behind it, for %1.").arg(longest)
                     : Text::tr("1 session is stuck behind it.");
    const QString count = QString::number(node.stuckBehind);
    return known ? Text::tr("%1 sessions are stuck behind it, the longest for %2, together for %3.")
                       .arg(count, longest, formatAge(node.totalWaitBehind))
                 : Text::tr("%1 sessions are stuck behind it.").arg(count);
}

QString ExplanationTeller::vacuumSentence(const WaitNodeId& id, bool waits) const
{
    const Backend* const backend = m_facts.backend(id);
    if (backend == nullptr || backend->restricted || backend->backendXmin == 0 || !backend->transactionStart)
        return {};
    if (!waits && !backend->state.startsWith(QLatin1String("idle in transaction")))
        return {};
    const QString where = m_facts.database(backend->databaseOid);
    return (waits ? Text::tr("While it waits it holds back vacuum in %1: its snapshot is up to %2 old.")
                  : Text::tr("It holds back vacuum in %1: its snapshot is up to %2 old."))
        .arg(where, m_facts.age(backend->transactionStart));
}

void ExplanationTeller::tellWait(Explanation& told, const WaitNodeId& id, const Lock& lock, const QString& name) const
{
    const QString waited = m_facts.waited(lock);
    told.situation = waited.isEmpty() ? Text::tr("%1 waits for %2.").arg(name, m_facts.awaited(lock))
                                      : Text::tr("%1 has waited %2 for %3.").arg(name, waited, m_facts.awaited(lock));
    const Blockers blockers = blockersOf(id, lock);
    append(told.situation, blockerSentences(lock, blockers));

    const WaitNode* const node = m_facts.node(id);
    if (lock.target.type == LockType::TransactionId)
        told.reason = Text::tr("A wait for a transaction is mostly a wait for a row that it changed or locked.");
    else if (lock.target.type == LockType::VirtualXid)
        told.reason = Text::tr("Statements such as CREATE INDEX CONCURRENTLY wait like this for every transaction that "
                               "could still need the old state.");

    const WaitNodeId* const first = blockers.first();
    if (node != nullptr && node->cycle >= 0) {
        append(told.reason, Text::tr("The sessions ahead of it wait for it in turn: a deadlock."));
        told.remedy = Text::tr("The server ends one of the statements itself, when somebody has waited for "
                               "deadlock_timeout.");
    } else if (first != nullptr) {
        const QList<WaitNodeId> roots = rootsOf(id);
        const WaitNode* const firstNode = m_facts.node(*first);
        WaitNodeId end = *first;
        std::optional<Lock> held = heldLock(end, lock.target);
        if (firstNode != nullptr && firstNode->isWaiting() && !roots.isEmpty()) {
            const Lock& next = firstNode->waits.first();
            const QString nextWaited = m_facts.waited(next);
            const bool sameQueue = next.target == lock.target;
            if (!sameQueue)
                append(told.reason, nextWaited.isEmpty() ? Text::tr("%1 waits itself, for %2.")
                                                               .arg(sentenceStart(nodeName(*first, m_facts.view())),
                                                                    m_facts.awaited(next))
                                                         : Text::tr("%1 waits itself, %2 now, for %3.")
                                                               .arg(sentenceStart(nodeName(*first, m_facts.view())),
                                                                    nextWaited, m_facts.awaited(next)));
            append(told.reason, roots.size() == 1
                                    ? Text::tr("At the end of the chain stands %1.").arg(m_facts.listed(roots))
                                    : Text::tr("At the ends of the chains stand %1.").arg(m_facts.listed(roots)));
            end = roots.first();
            held = blockingLock(end);
        }
        if (roots.size() <= 1) {
            append(told.reason, stateReason(end, held, Text::tr("That session")));
            told.remedy = remedy(end, held);
        } else if (roots.size() > 1) {
            told.remedy = Text::tr("It goes on when all of them have let go; begin with %1.")
                              .arg(nodeName(roots.first(), m_facts.view()));
        }
    }
    if (node != nullptr)
        append(told.cost, stuckSentence(*node));
    if (lock.target.type == LockType::Relation && lock.mode == LockMode::AccessExclusive)
        append(told.cost, Text::tr("As it asks for Access Exclusive, everybody who comes after it waits too, readers "
                                   "included."));
    append(told.cost, vacuumSentence(id, true));
}

void ExplanationTeller::tellHold(Explanation& told, const WaitNodeId& id, const Lock& lock, const QString& name) const
{
    told.holdsAdvisory = lock.target.key().has_value();
    const QString duration = heldFor(lock);
    const QString what = m_facts.inMode(lock.target, lock.mode);
    told.situation = duration.isEmpty() ? Text::tr("%1 holds %2.").arg(name, what)
                                        : Text::tr("%1 has held %2 for %3.").arg(name, what, duration);
    const WaitNode* const node = m_facts.node(id);
    const bool blocks = node != nullptr && node->stuckBehind > 0;
    if (node != nullptr && node->isWaiting()) {
        const Lock& wait = node->waits.first();
        const QString waited = m_facts.waited(wait);
        told.reason = waited.isEmpty()
                          ? Text::tr("It waits itself, for %1.").arg(m_facts.awaited(wait))
                          : Text::tr("It waits itself, %1 now, for %2.").arg(waited, m_facts.awaited(wait));
        append(told.reason, blockerSentences(wait, blockersOf(id, wait)));
        const QList<WaitNodeId> roots = rootsOf(id);
        if (node->cycle >= 0)
            told.remedy = Text::tr("This is a deadlock: the server ends one of the statements itself, when somebody "
                                   "has waited for deadlock_timeout.");
        else if (!roots.isEmpty())
            told.remedy = Text::tr("Begin at the end of the chain, with %1.").arg(m_facts.listed(roots));
    } else {
        told.reason = stateReason(id, lock, Text::tr("It"));
        if (blocks || lock.target.type == LockType::Advisory)
            told.remedy = remedy(id, lock);
    }
    if (node != nullptr)
        append(told.cost, stuckSentence(*node));
    append(told.cost, vacuumSentence(id, node != nullptr && node->isWaiting()));
}

void ExplanationTeller::tellSession(Explanation& told, const WaitNodeId& id, const QString& name) const
{
    if (const std::optional<Lock> blocking = blockingLock(id)) {
        tellHold(told, id, *blocking, name);
        const qsizetype more = m_facts.node(id)->blocks.size() - 1;
        if (more > 0)
            append(told.situation, more == 1 ? Text::tr("Somebody waits for 1 more of its locks.")
                                             : Text::tr("Others wait for %1 more of its locks.").arg(more));
        return;
    }
    const QList<Lock> locks = m_facts.locksOf(id);
    const qsizetype held = std::count_if(locks.cbegin(), locks.cend(), [](const Lock& lock) { return lock.granted; });
    const auto first = std::find_if(locks.cbegin(), locks.cend(), [](const Lock& lock) {
        return lock.granted && lock.target.type == LockType::Advisory;
    });
    if (first != locks.cend()) {
        tellHold(told, id, *first, name);
        if (held > 1)
            append(told.situation, Text::tr("It holds %1 locks in all, of those that were read.").arg(held));
        append(told.situation, Text::tr("Nobody waits for it."));
        return;
    }
    const bool known = m_facts.backend(id) != nullptr || m_facts.prepared(id) != nullptr;
    told.situation = !known      ? Text::tr("%1 is not there any more.").arg(name)
                     : held == 0 ? Text::tr("%1 holds no lock that was read, and nobody waits for it.").arg(name)
                     : held == 1
                         ? Text::tr("%1 holds 1 lock, and nobody waits for it.").arg(name)
                         : Text::tr("%1 holds %2 locks, and nobody waits for it.").arg(name, QString::number(held));
    if (known)
        told.reason = stateReason(id, std::nullopt, Text::tr("It"));
    told.cost = vacuumSentence(id, false);
}

QList<WaitNodeId> ExplanationTeller::concerned(const WaitNodeId& id, const Lock& lock) const
{
    QList<WaitNodeId> result{id};
    const auto add = [&result](const QList<WaitNodeId>& ids) {
        for (const WaitNodeId& other : ids) {
            if (result.size() < mostConcerned && !result.contains(other))
                result.append(other);
        }
    };
    add(rootsOf(id));
    add(blockersOf(id, lock).holders);
    return result;
}

} // namespace lockscope
