#include "app/lab/releasewatchworker.h"

#include "app/lab/labsql.h"

#include <QCoreApplication>
#include <QSet>

#include <algorithm>
#include <array>

namespace lockscope {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds connectDeadlineOfWatch{2000};
constexpr milliseconds lookDeadline{5000};
/// A waiter that is still not granted so long after the lock went is kept by somebody else: nothing more is to be seen.
constexpr std::chrono::seconds patienceForNext{5};

struct Step
{
    microseconds until;
    milliseconds step;
};
constexpr std::array steps{Step{milliseconds(200), milliseconds(2)}, Step{milliseconds(2000), milliseconds(10)},
                           Step{milliseconds(10000), milliseconds(50)},
                           Step{std::chrono::minutes(5), milliseconds(200)}};

milliseconds stepAfter(microseconds elapsed)
{
    for (const Step& candidate : steps) {
        if (elapsed < candidate.until)
            return candidate.step;
    }
    return milliseconds(1000);
}

std::optional<LockKey> keyAt(const QueryAnswer& answer, int row, int firstColumn)
{
    return LockKey::fromLockTag(static_cast<quint32>(answer.int64(row, firstColumn)),
                                static_cast<quint32>(answer.int64(row, firstColumn + 1)),
                                static_cast<quint16>(answer.int64(row, firstColumn + 2)));
}

} // namespace

ReleaseWatchWorker::ReleaseWatchWorker(Conninfo conninfo, Callbacks callbacks)
    : m_conninfo(std::move(conninfo))
    , m_callbacks(std::move(callbacks))
    , m_thread([this] { run(); })
{
}

ReleaseWatchWorker::~ReleaseWatchWorker()
{
    {
        const std::lock_guard lock(m_mutex);
        m_ending = true;
    }
    m_wakeUp.ring();
    m_wake.notify_one();
    m_thread.join();
}

void ReleaseWatchWorker::prepare()
{
    // A connection that cannot be made now is tried again, and its error told, when a client ends.
    post([this] { static_cast<void>(open()); });
}

void ReleaseWatchWorker::arm(WatchId id, ClientEnding ending, const BackendId& backend, const QList<LockKey>& keys)
{
    post([=, this] {
        Watch& watch = m_watches[id];
        watch.backend = backend;
        watch.timeline.ending = ending;
        watch.timeline.backendPid = backend.pid;
        watch.timeline.keys = keys;
        learn(watch);
        if (ending == ClientEnding::FromServer && !watch.timeline.finished)
            terminate(id, watch);
        m_callbacks.changed(id, watch.timeline);
        const bool finished = watch.timeline.finished;
        if (finished)
            m_watches.erase(id);
        if (ending != ClientEnding::FromServer)
            m_callbacks.armed(id);
    });
}

void ReleaseWatchWorker::begun(WatchId id, SteadyTime sentAt)
{
    post([=, this] {
        const auto found = m_watches.find(id);
        if (found == m_watches.end())
            return;
        found->second.sentAt = found->second.lastLook = found->second.nextLook = sentAt;
    });
}

void ReleaseWatchWorker::stop(WatchId id)
{
    post([=, this] { m_watches.erase(id); });
}

void ReleaseWatchWorker::post(std::function<void()> task)
{
    {
        const std::lock_guard lock(m_mutex);
        m_tasks.push_back(std::move(task));
    }
    m_wake.notify_one();
}

void ReleaseWatchWorker::run()
{
    std::unique_lock lock(m_mutex);
    while (!m_ending) {
        if (!m_tasks.empty()) {
            const std::function<void()> task = std::move(m_tasks.front());
            m_tasks.pop_front();
            lock.unlock();
            task();
            lock.lock();
            continue;
        }
        const std::optional<SteadyTime> next = nextLook();
        const auto hasWork = [this] { return m_ending || !m_tasks.empty(); };
        if (!next) {
            m_wake.wait(lock, hasWork);
        } else if (!m_wake.wait_until(lock, *next, hasWork)) {
            lock.unlock();
            lookAtAllDue();
            lock.lock();
        }
    }
    lock.unlock();
    m_connection.close();
}

void ReleaseWatchWorker::learn(Watch& watch)
{
    const Result<QueryAnswer> answer =
        ask(labStatement(QStringLiteral("watch_baseline"), {{":pid", {watch.backend.pid}}}));
    if (!answer) {
        fail(watch, answer.error());
        return;
    }
    using DatabaseKey = std::pair<qint64, LockKey>;
    std::vector<DatabaseKey> held;
    QList<LockKey> keys;
    for (int row = 0; row < answer->rows(); ++row) {
        const std::optional<LockKey> key = keyAt(*answer, row, 3);
        if (key && answer->int64(row, 0) == watch.backend.pid && answer->boolean(row, 1)) {
            held.emplace_back(answer->int64(row, 2), *key);
            if (!keys.contains(*key)) // shared and exclusive are two rows
                keys.append(*key);
        }
    }
    std::sort(keys.begin(), keys.end());
    watch.timeline.keys = keys;
    for (int row = 0; row < answer->rows(); ++row) {
        const std::optional<LockKey> key = keyAt(*answer, row, 3);
        const auto pid = static_cast<qint32>(answer->int64(row, 0));
        if (!key || pid == watch.backend.pid || answer->boolean(row, 1))
            continue;
        if (std::find(held.begin(), held.end(), DatabaseKey(answer->int64(row, 2), *key)) != held.end())
            watch.waiters.append({pid, *key, answer->text(row, 6)});
    }
    watch.timeline.anyoneWaited = !watch.waiters.isEmpty();
}

void ReleaseWatchWorker::terminate(WatchId id, Watch& watch)
{
    const SteadyTime sentAt = steady_clock::now();
    m_callbacks.sent(id, sentAt);
    const Result<QueryAnswer> answer = ask(terminateStatement(watch.backend));
    if (!answer) {
        fail(watch, answer.error());
        return;
    }
    if (answer->rows() > 0 && answer->boolean(0, 0)) {
        fail(watch,
             {.kind = ErrorKind::Server,
              .what = QCoreApplication::translate("lockscope::ReleaseWatch",
                                                  "This role may not see when the backend started, so it could be "
                                                  "confused with a later one. Nothing was sent."),
              .advice = QCoreApplication::translate("lockscope::ReleaseWatch", "Grant pg_read_all_stats to this role."),
              .serverWords = {},
              .sqlState = {}});
        return;
    }
    // No row, or another backend: it was gone before. The looks will find just that, which is the truth.
    watch.sentAt = watch.lastLook = watch.nextLook = sentAt;
}

void ReleaseWatchWorker::lookAtAllDue()
{
    const SteadyTime now = steady_clock::now();
    std::vector<WatchId> due;
    for (const auto& [id, watch] : m_watches) {
        if (watch.sentAt && watch.nextLook <= now)
            due.push_back(id);
    }
    for (const WatchId id : due) {
        const auto found = m_watches.find(id);
        look(id, found->second);
        if (found->second.timeline.finished)
            m_watches.erase(found);
    }
}

void ReleaseWatchWorker::look(WatchId id, Watch& watch)
{
    QList<qint64> watched{watch.backend.pid};
    for (const Waiter& waiter : watch.waiters)
        watched.append(waiter.pid);
    const SteadyTime asked = steady_clock::now();
    const Result<QueryAnswer> answer = ask(lookStatement(watch.backend, watched));
    const SteadyTime answered = steady_clock::now();
    if (!answer) {
        fail(watch, answer.error());
        m_callbacks.changed(id, watch.timeline);
        return;
    }
    const auto elapsed = std::chrono::duration_cast<microseconds>(answered - *watch.sentAt);
    watch.timeline.grain =
        std::max(watch.timeline.grain, std::chrono::duration_cast<microseconds>(answered - watch.lastLook));
    watch.lastLook = answered;
    // On a server with very many locks a look takes long: then looking may take half of the time, not all of it.
    watch.nextLook = answered + std::max<steady_clock::duration>(stepAfter(elapsed), answered - asked);
    if (judge(watch, *answer, elapsed))
        m_callbacks.changed(id, watch.timeline);
}

/// Whether the timeline changed. An event is stamped with the moment at which its answer was there: it happened then or
/// before.
bool ReleaseWatchWorker::judge(Watch& watch, const QueryAnswer& answer, microseconds seenAt)
{
    ReleaseTimeline& timeline = watch.timeline;
    const ReleaseTimeline before = timeline;
    bool alive = false;
    bool hasLocks = false;
    QSet<qint32> stillWaiting;
    const Waiter* granted = nullptr;
    for (int row = 0; row < answer.rows(); ++row) {
        const auto pid = static_cast<qint32>(answer.int64(row, 1));
        if (answer.int64(row, 0) == 0) {
            alive = true;
        } else if (pid == watch.backend.pid) {
            hasLocks = true;
        } else if (const std::optional<LockKey> key = keyAt(answer, row, 3)) {
            const auto waiter =
                std::find_if(watch.waiters.cbegin(), watch.waiters.cend(),
                             [&](const Waiter& candidate) { return candidate.pid == pid && candidate.key == *key; });
            if (waiter == watch.waiters.cend())
                continue;
            if (!answer.boolean(row, 2))
                stillWaiting.insert(pid);
            else if (granted == nullptr)
                granted = &*waiter;
        }
    }
    // A backend gives up its locks before it leaves the list of backends; a reused pid must not count as the old one.
    if (!alive && !timeline.backendGone)
        timeline.backendGone = seenAt;
    if ((!alive || !hasLocks) && !timeline.keysFree)
        timeline.keysFree = seenAt;
    if (granted != nullptr && !timeline.nextGranted) {
        timeline.nextGranted = seenAt;
        timeline.nextPid = granted->pid;
        timeline.nextApplicationName = granted->applicationName;
    }
    const bool nothingMoreWaits = timeline.nextGranted || stillWaiting.isEmpty() ||
                                  (timeline.keysFree && seenAt - *timeline.keysFree > patienceForNext);
    timeline.finished = timeline.backendGone && timeline.keysFree && nothingMoreWaits;
    ReleaseTimeline after = timeline;
    after.grain = before.grain;
    return !(after == before);
}

std::optional<SteadyTime> ReleaseWatchWorker::nextLook() const
{
    std::optional<SteadyTime> next;
    for (const auto& [id, watch] : m_watches) {
        if (watch.sentAt && (!next || watch.nextLook < *next))
            next = watch.nextLook;
    }
    return next;
}

void ReleaseWatchWorker::fail(Watch& watch, const Error& error)
{
    watch.timeline.error = error;
    watch.timeline.finished = true;
}

Result<void> ReleaseWatchWorker::open()
{
    if (m_connection.isOpen() && !m_connection.isBroken())
        return {};
    m_connection.close();
    return m_connection.open(withDefaults(m_conninfo.with(QStringLiteral("application_name"), {}),
                                          QStringLiteral("lockscope lab: release watch")),
                             connectDeadlineOfWatch);
}

Result<QueryAnswer> ReleaseWatchWorker::ask(const QByteArray& statement)
{
    const bool wasOpen = m_connection.isOpen();
    if (const Result<void> opened = open(); !opened)
        return failure(opened.error());
    Result<QueryAnswer> answer = m_connection.executeOne(statement, lookDeadline);
    // The connection may have died while nobody looked; that shows only on use, and one new attempt is fair.
    const bool lost = !answer && (m_connection.isBroken() || !m_connection.isOpen());
    const bool looking = std::any_of(m_watches.begin(), m_watches.end(),
                                     [](const auto& entry) { return entry.second.sentAt.has_value(); });
    if (!lost || !wasOpen || looking)
        return answer;
    if (const Result<void> opened = open(); !opened)
        return failure(opened.error());
    return m_connection.executeOne(statement, lookDeadline);
}

} // namespace lockscope
