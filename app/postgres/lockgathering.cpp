#include "app/postgres/lockgathering.h"

#include "app/postgres/lockrows.h"

#include <algorithm>

namespace lockscope {

namespace {

/// The observer gives up earlier.
constexpr std::chrono::seconds longestReading{30};

/// A row of advisory_locks.sql that is there for another reason has no objsubid.
bool isAdvisory(const QueryAnswer& answer, int row)
{
    return !answer.isNull(row, LockField::ObjectSubId);
}

} // namespace

LockGathering::LockGathering(LockScope scope, qint64 keptLocks)
    : m_scope(scope)
    , m_keptLocks(keptLocks)
{
}

void LockGathering::noteWaiting(const Lock& lock, const QueryAnswer& answer, int row)
{
    const QList<qint32> blockers = blockersIn(answer.bytes(row, LockField::Blockers));
    m_involved.insert(lock.backend.pid);
    for (const qint32 blocker : blockers)
        m_involved.insert(blocker);
    m_blockers.insert(lock.backend.pid, blockers);
    if (lock.target.type != LockType::Advisory)
        m_crossesTypes = true;
}

/// One advisory lock, or with AllTypes any lock. More than keptLocks are counted only, except those that waiting is
/// about.
void LockGathering::takeKey(const Lock& lock)
{
    ++m_total;
    bool waitedFor = false;
    if (!m_waitedFor.isEmpty()) {
        if (const auto found = m_waitedFor.find(lock.target); found != m_waitedFor.end()) {
            waitedFor = true;
            found->append(lock.backend.pid);
            if (lock.backend.pid == 0)
                m_involvedPrepared.insert(lock.virtualTransaction);
        }
    }
    if (!lock.granted || waitedFor || m_locks.size() < m_keptLocks)
        m_locks.append(lock);
}

void LockGathering::takeGathered(const QueryAnswer& answer)
{
    const auto eachKey = [&answer](int row, Lock& lock, const auto& visit) {
        lock.target.type = LockType::Advisory;
        forEachInteger(answer.bytes(row, LockField::Keys), [&](qint64 tag) {
            lock.target.classid = static_cast<quint32>(static_cast<quint64>(tag) >> 32);
            lock.target.objid = static_cast<quint32>(tag & 0xffffffff);
            visit(lock);
        });
    };
    for (int row = 0; row < answer.rows(); ++row) {
        if (answer.boolean(row, LockField::Granted))
            continue;
        Lock lock = lockHead(answer, row);
        if (!isAdvisory(answer, row)) {
            m_crossesTypes = true;
            return; // the rest is of no use
        }
        eachKey(row, lock, [&](const Lock& one) { m_waitedFor.insert(one.target, {}); });
        noteWaiting(lock, answer, row);
    }
    for (int row = 0; row < answer.rows(); ++row) {
        Lock lock = lockHead(answer, row);
        if (!isAdvisory(answer, row)) {
            forEachInteger(answer.bytes(row, LockField::Keys), [&](qint64 transactionId) {
                m_prepared.insert(lock.virtualTransaction, static_cast<quint32>(transactionId));
            });
            continue;
        }
        m_pids.insert(lock.backend.pid);
        eachKey(row, lock, [this](const Lock& one) { takeKey(one); });
    }
    explainBlockers();
}

/// pg_blocking_pids runs after the rows were read, for each waiting backend at its own moment. Meanwhile one may have
/// been granted its advisory lock and wait for something else: then it is blocked by somebody who has nothing to do
/// with the key.
void LockGathering::explainBlockers()
{
    for (QList<qint32>& pids : m_waitedFor)
        std::sort(pids.begin(), pids.end());
    for (const Lock& lock : std::as_const(m_locks)) {
        if (lock.granted)
            continue;
        const QList<qint32> pids = m_waitedFor.value(lock.target);
        const QList<qint32> blockers = m_blockers.value(lock.backend.pid);
        m_crossesTypes |= !std::includes(pids.cbegin(), pids.cend(), blockers.cbegin(), blockers.cend());
    }
}

void LockGathering::takeEvery(const QueryAnswer& answer)
{
    for (int row = 0; row < answer.rows(); ++row) {
        if (answer.boolean(row, LockField::Granted))
            continue;
        Lock lock = lockHead(answer, row);
        fillTarget(answer, row, lock.target);
        m_waitedFor.insert(lock.target, {});
        noteWaiting(lock, answer, row);
    }
    for (int row = 0; row < answer.rows(); ++row) {
        Lock lock = lockHead(answer, row);
        fillTarget(answer, row, lock.target);
        if (lock.backend.pid == 0 && lock.target.type == LockType::TransactionId)
            m_prepared.insert(lock.virtualTransaction, static_cast<quint32>(lock.target.transactionId));
        if (m_scope == LockScope::AllTypes || lock.target.type == LockType::Advisory) {
            m_pids.insert(lock.backend.pid);
            takeKey(lock);
        } else if (m_waitedFor.contains(lock.target)) {
            m_pids.insert(lock.backend.pid);
            m_others.append(lock);
            if (lock.backend.pid == 0)
                m_involvedPrepared.insert(lock.virtualTransaction);
        }
    }
}

void LockGathering::takeRestOfThoseInvolved(const QueryAnswer& answer, const QHash<qint32, BackendPointer>& backends)
{
    // pg_blocking_pids names the leader of a parallel group for whatever its workers hold, and a worker waits under its
    // own pid.
    QSet<qint32> leaders = m_involved;
    for (const BackendPointer& backend : backends) {
        if (backend->leaderPid != 0 && m_involved.contains(backend->id.pid))
            leaders.insert(backend->leaderPid);
    }
    QSet<qint32> family = leaders;
    for (const BackendPointer& backend : backends) {
        if (backend->leaderPid != 0 && leaders.contains(backend->leaderPid))
            family.insert(backend->id.pid);
    }
    family.remove(0);

    for (int row = 0; row < answer.rows() && m_others.size() < m_keptLocks; ++row) {
        const auto pid = static_cast<qint32>(answer.int64(row, LockField::Pid)); // 0: a prepared transaction
        if (pid == 0 ? m_involvedPrepared.isEmpty() : !family.contains(pid))
            continue;
        Lock lock = lockHead(answer, row);
        if (pid == 0 && !m_involvedPrepared.contains(lock.virtualTransaction))
            continue;
        fillTarget(answer, row, lock.target);
        // Every transaction holds its own virtual transaction, which says nothing as long as nobody waits for it.
        if (lock.target.type != LockType::Advisory && lock.target.type != LockType::VirtualXid &&
            !m_waitedFor.contains(lock.target))
            m_others.append(lock);
    }
}

QSet<qint32> LockGathering::pids() const
{
    QSet<qint32> pids = m_pids + m_involved;
    pids.remove(0); // a prepared transaction has no backend
    return pids;
}

void LockGathering::moveTo(Snapshot& snapshot)
{
    // The backends were read after the locks. One that started in between took over the pid of somebody who is gone,
    // and must not be shown as the holder. Only moments after: a server's clock may have been set back.
    snapshot.backends.removeIf([&snapshot](const auto& backend) {
        const std::optional<ServerTime>& start = (*backend)->id.backendStart;
        return start && *start > snapshot.takenAt && *start - snapshot.takenAt < longestReading;
    });
    snapshot.totalLocks = m_total;
    snapshot.locks = std::move(m_locks);
    snapshot.otherLocks = std::move(m_others);
    snapshot.blockers = std::move(m_blockers);
    for (QList<Lock>* locks : {&snapshot.locks, &snapshot.otherLocks}) {
        for (Lock& lock : *locks) {
            const auto backend = snapshot.backends.constFind(lock.backend.pid);
            if (backend != snapshot.backends.cend())
                lock.backend.backendStart = (*backend)->id.backendStart;
        }
        std::sort(locks->begin(), locks->end(), identityLess);
    }
}

} // namespace lockscope
