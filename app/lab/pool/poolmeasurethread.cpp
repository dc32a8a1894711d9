#include "app/lab/pool/poolmeasurethread.h"

#include "app/postgres/poolconnection.h"
#include "app/postgres/serverinquiry.h"
#include "models/domain/time.h"

#include <QRandomGenerator>

#include <optional>
#include <utility>

namespace lockscope {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

constexpr auto statementDeadline = 5s;
constexpr auto toldEvery = 50ms;

/// Seeded per size, so that the pools do not repeat each other and a seed still gives the same picture.
std::optional<quint32> seedOfSize(const HitRatePlan& plan, int size)
{
    return plan.seed ? std::optional(*plan.seed + static_cast<quint32>(size)) : std::nullopt;
}

} // namespace

PoolMeasureThread::PoolMeasureThread(Conninfo conninfo, const HitRatePlan& plan)
    : m_conninfo(std::move(conninfo))
    , m_plan(plan)
    , m_keyClass(static_cast<qint32>(QRandomGenerator::system()->generate()))
{
}

PoolMeasureThread::~PoolMeasureThread()
{
    m_ending = true;
    m_wakeUp.ring();
    if (m_thread.joinable())
        m_thread.join();
}

void PoolMeasureThread::start()
{
    m_thread = std::thread([this] { measure(); });
}

void PoolMeasureThread::measure()
{
    QList<HitRate> rates;
    std::optional<Error> error;
    for (int size = m_plan.fromSize; size <= m_plan.toSize && !error && !m_ending; ++size) {
        if (const auto rate = measureSize(size))
            rates.append(*rate);
        else
            error = rate.error();
    }
    m_connections.clear(); // whatever a broken statement left, it ends with its connection
    if (m_ending)
        return;
    if (error)
        Q_EMIT failed(*error);
    else
        Q_EMIT finished(rates);
}

Result<void> PoolMeasureThread::openTo(int size)
{
    while (static_cast<int>(m_connections.size()) < size) {
        auto connection = std::make_unique<LibpqConnection>(&m_wakeUp);
        const QString name = poolApplicationName(QStringLiteral("measure"), static_cast<int>(m_connections.size()) + 1);
        const Conninfo conninfo = withDefaults(m_conninfo.with(QStringLiteral("application_name"), {}), name);
        if (auto opened = connection->open(conninfo, openTimeout(conninfo)); !opened)
            return opened;
        const auto server = inquireServer(*connection, statementDeadline);
        if (!server)
            return failure(server.error());
        if (server->behindPooler()) {
            return failure({.kind = ErrorKind::Usage,
                            .what = tr("A pooler stands between here and the server, so a lock that an unlock missed "
                                       "could not be cleaned up. Nothing was measured."),
                            .advice = tr("Measure over a direct connection.")});
        }
        m_connections.push_back(std::move(connection));
    }
    return {};
}

Result<HitRate> PoolMeasureThread::measureSize(int size)
{
    if (const auto opened = openTo(size); !opened)
        return failure(opened.error());
    Checkout checkout(m_plan.order, seedOfSize(m_plan, size));
    checkout.fill(size);
    HitRate rate{.poolSize = size};
    auto told = steady_clock::now();
    while (rate.unlocks < m_plan.unlocks && !m_ending) {
        const auto hit = pairHits(checkout);
        if (!hit)
            return failure(hit.error());
        ++rate.unlocks;
        rate.hits += *hit ? 1 : 0;
        if (const auto now = steady_clock::now(); now - told >= toldEvery || rate.unlocks == m_plan.unlocks) {
            told = now;
            Q_EMIT progress(rate);
        }
    }
    return rate;
}

Result<bool> PoolMeasureThread::pairHits(Checkout& checkout)
{
    const QByteArray key = nextKey();
    // Each call takes a connection and gives it back before the next call: the naive service.
    const auto pick = [&checkout] {
        const int slot = checkout.take().value_or(1);
        checkout.giveBack(slot);
        return slot;
    };
    const int acquirer = pick();
    const auto acquired = ask(acquirer, "SELECT pg_catalog.pg_try_advisory_lock(" + key + ')');
    if (!acquired)
        return acquired;
    if (!*acquired) {
        return failure({.kind = ErrorKind::Server,
                        .what = tr("A key that was picked at random is held by somebody else."),
                        .advice = tr("Measure again: another key is picked.")});
    }
    const auto unlocked = ask(pick(), "SELECT pg_catalog.pg_advisory_unlock(" + key + ')');
    if (!unlocked || *unlocked)
        return unlocked;
    if (const auto cleaned = ask(acquirer, "SELECT pg_catalog.pg_advisory_unlock_all()"); !cleaned)
        return cleaned;
    return false;
}

Result<bool> PoolMeasureThread::ask(int slot, const QByteArray& statement)
{
    LibpqConnection& connection = *m_connections.at(static_cast<size_t>(slot - 1));
    const auto answer = connection.executeOne(statement, statementDeadline);
    (void)connection.takeNotices(); // the WARNING of each unlock that missed
    if (!answer)
        return failure(answer.error());
    return answer->text(0, 0) == QLatin1StringView("t");
}

QByteArray PoolMeasureThread::nextKey()
{
    return LockKey::pair(m_keyClass, ++m_lastKey).toSqlArguments().toLatin1();
}

} // namespace lockscope
