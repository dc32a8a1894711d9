#include "app/lab/contention/contentionworker.h"

#include "app/lab/labsql.h"

#include <algorithm>

namespace lockscope {

namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;
using std::chrono::steady_clock;

/// A take that waits longer is given up: a run is to end.
constexpr std::chrono::milliseconds lockTimeout = 20s;
constexpr auto statementDeadline = lockTimeout + 5s;
/// How often a waiting session looks whether this program is still there.
constexpr std::chrono::milliseconds checkInterval = 500ms;
/// The longest sleep without a look whether the run is to end.
constexpr microseconds longestNap{20'000};

} // namespace

ContentionWorker::ContentionWorker(Conninfo conninfo, ContentionSpec spec, int number, qint32 keyClass,
                                   const std::atomic_bool& ending)
    : m_conninfo(std::move(conninfo))
    , m_spec(spec)
    , m_number(number)
    , m_keyClass(keyClass)
    , m_ending(ending)
    , m_random(spec.seed + static_cast<quint32>(number) * 7919u)
{
}

Result<void> ContentionWorker::open()
{
    const Conninfo named = withDefaults(m_conninfo.with(QStringLiteral("application_name"), {}),
                                        QStringLiteral("lockscope lab: contention %1").arg(m_number));
    if (const auto opened = m_connection.open(named, openTimeout(named)); !opened)
        return opened;
    // As a statement: a pooler may stand in between, which refuses the start-up parameter "options".
    const auto limited = m_connection.executeOne(
        labStatement(QStringLiteral("lab_wait_limits"),
                     {{":lock_timeout", {lockTimeout.count()}}, {":check_interval", {checkInterval.count()}}}),
        statementDeadline);
    return limited ? Result<void>() : failure(limited.error());
}

template <typename Change>
void ContentionWorker::count(Change change)
{
    const std::lock_guard lock(m_mutex);
    if (!m_ending)
        change(m_counts);
}

ContentionClient ContentionWorker::counts() const
{
    const std::lock_guard lock(m_mutex);
    return m_counts;
}

Result<void> ContentionWorker::run()
{
    std::uniform_int_distribution<qint32> anyKey(1, m_spec.keys);
    std::uniform_int_distribution<int> percent(1, 100);
    while (!m_ending) {
        const LockKey key = LockKey::pair(m_keyClass, anyKey(m_random));
        const LockShare share = percent(m_random) <= m_spec.sharedPercent ? LockShare::Shared : LockShare::Exclusive;
        const Result<bool> taken = take(key, share);
        if (!taken)
            return failure(taken.error());
        if (!*taken) {
            count([](ContentionClient& counts) { ++counts.givenUp; });
            continue;
        }
        hold();
        const auto released = m_connection.execute(releaseStatement(key, share).toUtf8(), statementDeadline);
        if (!released)
            return failure(released.error());
    }
    return {};
}

Result<bool> ContentionWorker::take(LockKey key, LockShare share)
{
    return m_spec.method == ContentionMethod::Block ? waitInServer(key, share) : tryAgainAndAgain(key, share);
}

Result<bool> ContentionWorker::tryAgainAndAgain(LockKey key, LockShare share)
{
    const auto asked = steady_clock::now();
    const QByteArray statement = acquireStatement(key, {.share = share, .wait = WaitPolicy::Try}).toUtf8();
    microseconds backOff = m_spec.firstBackOff;
    for (int attempt = 1; !m_ending; ++attempt) {
        const Result<QueryAnswer> answer = m_connection.executeOne(statement, statementDeadline);
        if (!answer)
            return failure(answer.error());
        const bool granted = answer->rows() == 1 && answer->boolean(0, 0);
        const auto waited = std::chrono::duration_cast<microseconds>(steady_clock::now() - asked);
        count([granted, waited](ContentionClient& counts) {
            ++counts.attempts;
            if (granted)
                counts.granted(waited);
            else
                ++counts.refusals;
        });
        if (granted)
            return true;
        if (attempt == m_spec.tries)
            break; // nobody waits for a try that does not come
        // Half fixed, half random: clients that were refused together must not come back together.
        std::uniform_int_distribution<qint64> jitter(backOff.count() / 2, std::max<qint64>(backOff.count(), 1));
        sleep(microseconds(jitter(m_random)));
        backOff = std::min(backOff * 2, m_spec.longestBackOff);
    }
    return false;
}

Result<bool> ContentionWorker::waitInServer(LockKey key, LockShare share)
{
    const auto asked = steady_clock::now();
    count([](ContentionClient& counts) { ++counts.attempts; });
    const QByteArray statement = acquireStatement(key, {.share = share, .wait = WaitPolicy::Block}).toUtf8();
    const Result<QueryAnswer> answer = m_connection.executeOne(statement, statementDeadline);
    if (!answer && answer.error().sqlState == QLatin1StringView("55P03"))
        return false; // lock_timeout
    if (!answer)
        return failure(answer.error());
    const auto waited = std::chrono::duration_cast<microseconds>(steady_clock::now() - asked);
    count([waited](ContentionClient& counts) { counts.granted(waited); });
    return true;
}

void ContentionWorker::hold()
{
    const auto mean = static_cast<double>(m_spec.meanHold.count());
    double time = mean;
    if (m_spec.distribution == HoldDistribution::Uniform)
        time = std::uniform_real_distribution<double>(0, 2 * mean)(m_random);
    else if (m_spec.distribution == HoldDistribution::Exponential && mean > 0)
        time = std::min(std::exponential_distribution<double>(1 / mean)(m_random), 20 * mean);
    sleep(microseconds(static_cast<qint64>(time)));
}

void ContentionWorker::sleep(microseconds time)
{
    const auto until = steady_clock::now() + time;
    for (auto now = steady_clock::now(); now < until && !m_ending; now = steady_clock::now()) {
        const auto left = std::chrono::duration_cast<microseconds>(until - now);
        std::this_thread::sleep_for(std::min(left, longestNap));
    }
}

} // namespace lockscope
