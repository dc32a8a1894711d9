#include "models/lockhistory.h"

#include "models/domain/pidtable.h"

#include <QSet>

#include <algorithm>
#include <utility>
#include <vector>

namespace lockscope {

namespace {

bool complete(const Snapshot& snapshot)
{
    return snapshot.totalLocks <= snapshot.locks.size();
}

bool inScope(const Lock& lock, LockScope scope)
{
    return scope == LockScope::AllTypes || lock.target.type == LockType::Advisory;
}

/// A clock that was set back must not keep a mark for hours.
bool expired(const LockRow& row, ServerTime now)
{
    const auto age = now - row.markedAt;
    return age < std::chrono::microseconds::zero() || age >= LockHistory::lingering;
}

/// Ends before what follows from them: a lock is released, then granted to the next.
int storyOrder(LockEventKind kind)
{
    switch (kind) {
    case LockEventKind::BackendGone:
        return 0;
    case LockEventKind::Released:
        return 1;
    case LockEventKind::Granted:
        return 2;
    case LockEventKind::Acquired:
        return 3;
    case LockEventKind::Waiting:
        return 4;
    }
    return 5;
}

} // namespace

/// One merge: the known rows and the snapshot's locks are walked side by side, both sorted by identity.
class LockHistory::Merging
{
public:
    Merging(LockHistory& history, const Snapshot& snapshot)
        : m_history(history)
        , m_snapshot(snapshot)
        , m_complete(complete(snapshot))
    {
    }

    QList<LockEvent> run()
    {
        QList<LockRow> known = std::exchange(m_history.m_rows, {});
        learnStarts(known);
        const QList<Lock> locks = locksWithKnownStarts(known);
        m_history.m_rows.reserve(std::max(known.size(), locks.size()) + 64);
        auto row = known.begin();
        auto lock = locks.cbegin();
        while (row != known.end() || lock != locks.cend()) {
            if (lock == locks.cend() || (row != known.end() && identityLess(row->lock, *lock)))
                missed(*row++);
            else if (row == known.end() || identityLess(*lock, row->lock))
                appeared(*lock++);
            else
                stayed(*row++, *lock++);
        }
        findQueues();
        std::stable_sort(m_events.begin(), m_events.end(), [](const LockEvent& a, const LockEvent& b) {
            return storyOrder(a.kind) < storyOrder(b.kind);
        });
        return std::move(m_events);
    }

private:
    /// Locks and backends are not one snapshot on the server. A lock whose backend was not listed yet has no start, and
    /// the next reading must not take the same backend for another one.
    void learnStarts(QList<LockRow>& known)
    {
        bool learnt = false;
        for (LockRow& row : known) {
            BackendId& id = row.lock.backend;
            if (id.pid == 0 || id.backendStart || row.isGone())
                continue;
            if (const BackendPointer& backend = backendOf(id); backend && backend->id.backendStart) {
                id.backendStart = backend->id.backendStart;
                learnt = true;
            }
        }
        if (learnt)
            std::stable_sort(known.begin(), known.end(),
                             [](const LockRow& a, const LockRow& b) { return identityLess(a.lock, b.lock); });
    }

    /// The other way round: a lock was still listed while its backend had just ended.
    [[nodiscard]] QList<Lock> locksWithKnownStarts(const QList<LockRow>& known)
    {
        const auto isHole = [&](const Lock& lock) {
            return lock.backend.pid != 0 && !lock.backend.backendStart && !backendOf(lock.backend);
        };
        if (std::none_of(m_snapshot.locks.cbegin(), m_snapshot.locks.cend(), isHole))
            return m_snapshot.locks;
        QHash<qint32, std::optional<ServerTime>> starts;
        for (const LockRow& row : known) {
            if (!row.isGone())
                starts.insert(row.lock.backend.pid, row.lock.backend.backendStart);
        }
        QList<Lock> locks = m_snapshot.locks;
        for (Lock& lock : locks) {
            if (isHole(lock))
                lock.backend.backendStart = starts.value(lock.backend.pid);
        }
        std::stable_sort(locks.begin(), locks.end(), identityLess);
        return locks;
    }

    void appeared(const Lock& lock)
    {
        LockRow row;
        row.rowId = m_history.m_nextRowId++;
        row.firstSeen = m_snapshot.takenAt;
        row.firstSeenExact = !m_history.m_empty && m_history.m_complete && inScope(lock, m_history.m_scope);
        if (row.firstSeenExact)
            setMark(row, RowMark::New, lock, lock.granted ? LockEventKind::Acquired : LockEventKind::Waiting);
        take(row, lock);
    }

    void stayed(LockRow& row, const Lock& lock)
    {
        const bool cameBack = row.isGone();
        if (cameBack || row.lock.granted != lock.granted) {
            row.firstSeen = m_snapshot.takenAt;
            row.firstSeenExact = true;
        }
        if (cameBack)
            setMark(row, RowMark::New, lock, lock.granted ? LockEventKind::Acquired : LockEventKind::Waiting);
        else if (row.lock.granted != lock.granted)
            setMark(row, RowMark::Changed, lock, lock.granted ? LockEventKind::Granted : LockEventKind::Waiting);
        else if (row.mark != RowMark::None && expired(row, m_snapshot.takenAt))
            row.mark = RowMark::None;
        take(row, lock);
    }

    void missed(LockRow& row)
    {
        if (!inScope(row.lock, m_snapshot.scope))
            return;
        if (row.isGone()) {
            if (!expired(row, m_snapshot.takenAt))
                m_history.m_rows.append(std::move(row));
            return;
        }
        const BackendId& id = row.lock.backend;
        const bool ended = backendEnded(id);
        if (!ended && !m_complete)
            return; // not kept is not released
        if (ended && !m_ended.contains(id)) {
            m_ended.insert(id);
            m_events.append({LockEventKind::BackendGone, row.lock});
        }
        setMark(row, RowMark::Gone, row.lock, LockEventKind::Released);
        m_history.m_rows.append(std::move(row));
    }

    [[nodiscard]] bool backendEnded(const BackendId& id) const
    {
        if (id.pid == 0)
            return false; // a prepared transaction has no backend
        const auto backend = m_snapshot.backends.constFind(id.pid);
        if (backend == m_snapshot.backends.cend() || !*backend)
            return true;
        const std::optional<ServerTime>& start = (*backend)->id.backendStart;
        return id.backendStart && start && *id.backendStart != *start;
    }

    void setMark(LockRow& row, RowMark mark, const Lock& lock, LockEventKind event)
    {
        row.mark = mark;
        row.markedAt = m_snapshot.takenAt;
        m_events.append({event, lock});
    }

    void take(LockRow& row, const Lock& lock)
    {
        row.lock = lock;
        row.backend = lock.backend.pid == 0 ? BackendPointer() : backendOf(lock.backend);
        row.blockers = lock.granted ? QList<qint32>() : m_snapshot.blockers.value(lock.backend.pid);
        row.stuckBehind = 0;
        row.waitsElsewhere = false;
        // Who was just granted stays beside the queue it came from until its mark fades.
        if (row.mark != RowMark::Changed) {
            row.queue = QueueKind::None;
            row.queueSince = {};
        }
        m_history.m_rows.append(std::move(row));
    }

    /// Rows of one backend stand together more often than not, so the last answer usually does.
    [[nodiscard]] const BackendPointer& backendOf(const BackendId& id)
    {
        if (m_lastPid != id.pid) {
            m_lastPid = id.pid;
            m_lastBackend = m_snapshot.backends.value(id.pid);
        }
        return m_lastBackend;
    }

    /// All rows of what somebody waits for, target by target.
    void gatherQueues()
    {
        const QList<LockRow>& rows = m_history.m_rows;
        QHash<LockTarget, std::size_t> numbers;
        for (const LockRow& row : rows) {
            if (!row.isWaiting())
                continue;
            const auto known = numbers.constFind(row.lock.target);
            if (known == numbers.cend()) {
                numbers.insert(row.lock.target, m_queues.size());
                m_queues.push_back({.since = row.since()});
            } else {
                m_queues[*known].since = std::min(m_queues[*known].since, row.since());
            }
        }
        if (m_queues.empty())
            return;
        for (qsizetype index = 0; index < rows.size(); ++index) {
            if (const auto known = numbers.constFind(rows[index].lock.target); known != numbers.cend())
                m_queues[*known].rows.push_back(index);
        }
    }

    /// pg_blocking_pids names the leader of a parallel query for locks that its workers hold; 0 where it is the same.
    [[nodiscard]] static qint32 leaderOf(const LockRow& row)
    {
        const qint32 leader = row.backend ? row.backend->leaderPid : 0;
        return leader == row.lock.backend.pid ? 0 : leader;
    }

    /// 2 000 waiters of one key name two million blockers: they are counted by pid, then handed to the rows.
    void countStuckBehind()
    {
        QList<LockRow>& rows = m_history.m_rows;
        PidTable pids;
        std::vector<qint32> named;
        const auto timesNamed = [&](qint32 pid) -> qint32& {
            const auto number = static_cast<std::size_t>(pids.numberOf(pid));
            if (number >= named.size())
                named.resize(number + 1, 0);
            return named[number];
        };
        for (const Queue& queue : m_queues) {
            for (const qsizetype index : queue.rows) {
                LockRow& row = rows[index];
                if (!row.isWaiting())
                    continue;
                const qint32 leader = leaderOf(row);
                for (const qint32 pid : std::as_const(row.blockers)) {
                    ++timesNamed(pid);
                    if (pid == row.lock.backend.pid || (leader != 0 && pid == leader))
                        --row.stuckBehind; // nobody waits for itself
                }
            }
            for (const qsizetype index : queue.rows) {
                LockRow& row = rows[index];
                if (row.isGone())
                    continue;
                row.stuckBehind += timesNamed(row.lock.backend.pid);
                if (const qint32 leader = leaderOf(row); leader != 0)
                    row.stuckBehind += timesNamed(leader);
            }
            std::fill(named.begin(), named.end(), 0);
        }
    }

    void findQueues()
    {
        QList<LockRow>& rows = m_history.m_rows;
        gatherQueues();
        if (m_queues.empty())
            return;
        countStuckBehind();
        QSet<qint32> waiting;
        const auto waits = [&](const Lock& lock) {
            waiting.insert(lock.backend.pid);
            waiting.insert(nodeOf(lock, m_snapshot).backend.pid); // a leader waits while its workers do
        };
        for (const Queue& queue : m_queues) {
            for (const qsizetype index : queue.rows) {
                if (rows.at(index).isWaiting())
                    waits(rows.at(index).lock);
            }
        }
        for (const Lock& lock : m_snapshot.otherLocks) {
            if (!lock.granted)
                waits(lock);
        }
        for (Queue& queue : m_queues) {
            for (const qsizetype index : queue.rows) {
                LockRow& row = rows[index];
                if (!row.isBlocker())
                    continue;
                // Of prepared transactions none waits, and all share the pid 0.
                row.waitsElsewhere = row.lock.backend.pid != 0 && waiting.contains(row.lock.backend.pid);
                if (row.isRootBlocker())
                    queue.kind = QueueKind::Root;
            }
            for (const qsizetype index : queue.rows) {
                rows[index].queue = queue.kind;
                rows[index].queueSince = queue.since;
            }
        }
    }

    struct Queue
    {
        QueueKind kind = QueueKind::Inner;
        ServerTime since{}; ///< of its first waiter
        std::vector<qsizetype> rows = {};
    };

    LockHistory& m_history;
    const Snapshot& m_snapshot;
    const bool m_complete;
    QList<LockEvent> m_events;
    QSet<BackendId> m_ended;
    qint32 m_lastPid = 0;
    BackendPointer m_lastBackend;
    std::vector<Queue> m_queues;
};

QList<LockEvent> LockHistory::merge(const Snapshot& snapshot)
{
    QList<LockEvent> events = Merging(*this, snapshot).run();
    m_empty = false;
    m_complete = complete(snapshot);
    m_scope = snapshot.scope;
    return events;
}

void LockHistory::giveMeanings(const std::function<QString(const LockTarget&)>& meaningOf)
{
    // Null is "not asked", empty is "asked, and nothing is known": with every poll a hundred thousand rows pass here.
    for (LockRow& row : m_rows) {
        if (!row.meaning.isNull())
            continue;
        const QString meaning = meaningOf(row.lock.target);
        row.meaning = meaning.isNull() ? QString(QLatin1String("")) : meaning;
    }
}

void LockHistory::forgetMeanings()
{
    for (LockRow& row : m_rows)
        row.meaning = QString();
}

void LockHistory::clear()
{
    m_rows.clear();
    m_empty = true;
    m_complete = true;
    m_scope = LockScope::AdvisoryOnly;
}

} // namespace lockscope
