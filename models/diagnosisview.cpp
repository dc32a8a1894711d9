// What is wrong with a view as a whole: the part of DiagnosisFinder that looks at all sessions.
#include "models/diagnosis.h"
#include "models/domain/displaytext.h"

#include <QCoreApplication>
#include <QSet>

#include <algorithm>
#include <utility>

namespace lockscope {

namespace {

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(Diagnosis)
};

constexpr int nameLimit = 60;
constexpr qint64 fillingPercent = 50;
constexpr qint64 nearlyFullPercent = 80;

} // namespace

QList<Diagnosis> DiagnosisFinder::ofTarget(const LockTarget& target) const
{
    if (!m_facts.view().waits || target.type != LockType::Advisory)
        return {};
    const WaitGraph& graph = *m_facts.view().waits;
    QHash<QString, int> applications;
    QSet<QString> addresses;
    int waiters = 0;
    std::optional<ServerTime> longest;
    QSet<qint32> waiting;
    for (qint32 index = 0; index < graph.nodes.size(); ++index) {
        const WaitNode& node = graph.nodes[index];
        const auto wait = std::find_if(node.waits.cbegin(), node.waits.cend(),
                                       [&](const Lock& lock) { return lock.target == target; });
        if (wait == node.waits.cend())
            continue;
        ++waiters;
        waiting.insert(index);
        if (wait->waitStart && (!longest || *wait->waitStart < *longest))
            longest = wait->waitStart;
        if (!node.backend)
            continue;
        if (!node.backend->applicationName.isEmpty())
            ++applications[node.backend->applicationName];
        if (!node.backend->restricted && !node.backend->clientAddress.isEmpty())
            addresses.insert(node.backend->clientAddress);
    }
    const auto most = std::max_element(applications.cbegin(), applications.cend());
    const bool oneApplication = most != applications.cend() && *most >= manyWaiters;
    if (waiters < manyWaiters || (!oneApplication && addresses.size() < 2))
        return {};

    QStringList evidence{Text::tr("%1 sessions wait for %2.").arg(QString::number(waiters), m_facts.target(target))};
    if (oneApplication)
        evidence.append(*most == waiters ? Text::tr("All are application \"%1\".").arg(cellText(most.key(), nameLimit))
                                         : Text::tr("%1 of them are application \"%2\".")
                                               .arg(QString::number(*most), cellText(most.key(), nameLimit)));
    if (addresses.size() >= 2)
        evidence.append(Text::tr("They come from %1 addresses.").arg(addresses.size()));
    if (longest)
        evidence.append(Text::tr("The longest has waited %1.").arg(m_facts.age(longest)));
    QSet<qint32> holders;
    for (const WaitEdge& edge : graph.edges) {
        if (waiting.contains(edge.waiter) && edge.kind == WaitEdgeKind::Hard)
            holders.insert(edge.blocker);
    }
    return {{
        .kind = DiagnosisKind::ManyWaitOnOneKey,
        .title = Text::tr("Many wait for one key"),
        .evidence = evidence.join(u' '),
        .advice = Text::tr("Each of them keeps a connection busy. Where only one has to do the work, "
                           "pg_try_advisory_lock lets the others go on; lock_timeout bounds the wait."),
        .about = holders.size() == 1 ? graph.nodes[*holders.cbegin()].id : WaitNodeId{},
        .certain = true,
    }};
}

QList<Diagnosis> DiagnosisFinder::ofServer() const
{
    QList<Diagnosis> result;
    if (!m_server)
        return result;
    if (m_server->behindPooler())
        result.append({
            .kind = DiagnosisKind::TransactionPooler,
            .title = Text::tr("A pooler stands in between"),
            .evidence =
                m_server->claimedPid != 0 && m_server->claimedPid != m_server->backendPid
                    ? Text::tr("This console was told that its backend is %1, and the backend itself says it is %2.")
                          .arg(QString::number(m_server->claimedPid), QString::number(m_server->backendPid))
                    : Text::tr("The backend of this console, %1, was running before the console connected.")
                          .arg(m_server->backendPid),
            .advice = Text::tr("If it pools transactions, session-level locks stay on whichever server connection ran "
                               "the statement, and the next client gets them. Use a session pool, a direct "
                               "connection, or pg_advisory_xact_lock."),
            .about = {},
            .certain = true,
        });
    const Snapshot* const snapshot = m_facts.snapshot();
    if (snapshot == nullptr || m_server->lockCapacity <= 0)
        return result;
    const qint64 percent = snapshot->totalLocks * 100 / m_server->lockCapacity;
    if (percent < fillingPercent)
        return result;
    const bool all = snapshot->scope == LockScope::AllTypes;
    result.append({
        .kind = DiagnosisKind::LockTableFilling,
        .title = percent >= nearlyFullPercent ? Text::tr("Lock table nearly full") : Text::tr("Lock table filling up"),
        .evidence = (all ? Text::tr("%1 locks are there, of %2 that the lock table is made for (%3 %). Weak relation "
                                    "locks among them may need no place.")
                         : Text::tr("%1 advisory locks alone are there, of %2 locks of any kind that the lock table "
                                    "is made for (%3 %)."))
                        .arg(QString::number(snapshot->totalLocks), QString::number(m_server->lockCapacity),
                             QString::number(percent)),
        .advice = Text::tr("Spare shared memory may carry it further. When that is gone too, everybody on this server "
                           "gets \"out of shared memory\" (53200), new logins included: find who holds so many, or "
                           "raise max_locks_per_transaction (needs a restart)."),
        .about = {},
        .certain = true,
    });
    return result;
}

qint64 DiagnosisFinder::weight(const Diagnosis& diagnosis) const
{
    constexpr qint64 most = 1'000'000;
    if (diagnosis.kind == DiagnosisKind::Deadlock)
        return 2 * most;
    if (diagnosis.kind == DiagnosisKind::LockTableFilling)
        return m_facts.snapshot()->totalLocks * 100 >= m_server->lockCapacity * nearlyFullPercent ? most : 0;
    const WaitNode* const node = m_facts.node(diagnosis.about);
    // Harm first, then what is beyond doubt.
    return (node != nullptr ? std::min<qint64>(node->stuckBehind, most / 4) * 2 : 0) + (diagnosis.certain ? 1 : 0);
}

QList<Diagnosis> DiagnosisFinder::all() const
{
    const Snapshot* const snapshot = m_facts.snapshot();
    if (snapshot == nullptr)
        return ofServer();
    QSet<WaitNodeId> sessions;
    QSet<LockTarget> awaited;
    const auto look = [&](const QList<Lock>& locks) {
        const Lock* before = nullptr;
        for (const Lock& lock : locks) {
            if (!lock.granted)
                awaited.insert(lock.target);
            // Locks of one session follow each other.
            const bool same = before != nullptr && before->backend == lock.backend &&
                              (lock.backend.pid != 0 || before->virtualTransaction == lock.virtualTransaction);
            if (!same)
                sessions.insert(nodeOf(lock, *snapshot));
            before = &lock;
        }
    };
    look(snapshot->locks);
    look(snapshot->otherLocks);

    std::vector<std::pair<qint64, Diagnosis>> found;
    QSet<qint32> cycles;
    const auto add = [&](const QList<Diagnosis>& diagnoses) {
        for (const Diagnosis& diagnosis : diagnoses)
            found.emplace_back(weight(diagnosis), diagnosis);
    };
    std::vector<std::pair<qint32, WaitNodeId>> ordered; // who holds most others up first
    for (const WaitNodeId& id : std::as_const(sessions)) {
        const WaitNode* const node = m_facts.node(id);
        ordered.emplace_back(node != nullptr ? -node->stuckBehind : 0, id);
    }
    std::sort(ordered.begin(), ordered.end());
    for (const auto& [harm, id] : ordered) {
        // Thousands that hurt nobody would be put into words only to be cut off.
        if (harm == 0 && std::cmp_greater_equal(found.size(), mostDiagnoses))
            break;
        QList<Diagnosis> own = ofSession(id);
        const WaitNode* const node = m_facts.node(id);
        if (node != nullptr && node->cycle >= 0) {
            // A circle is told once, not by each of its sessions.
            if (cycles.contains(node->cycle))
                own.removeIf([](const Diagnosis& diagnosis) { return diagnosis.kind == DiagnosisKind::Deadlock; });
            cycles.insert(node->cycle);
        }
        add(own);
    }
    for (const LockTarget& target : std::as_const(awaited))
        add(ofTarget(target));
    add(ofServer());
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
        if (a.first != b.first)
            return a.first > b.first;
        if (a.second.kind != b.second.kind)
            return a.second.kind < b.second.kind;
        return a.second.about < b.second.about ||
               (a.second.about == b.second.about && a.second.evidence < b.second.evidence);
    });
    QList<Diagnosis> result;
    for (auto entry = found.begin(); entry != found.end() && result.size() < mostDiagnoses; ++entry)
        result.append(std::move(entry->second));
    return result;
}

} // namespace lockscope
