#include "app/pooldesk.h"

#include "app/lab/pool/pooledlockservice.h"
#include "app/lab/pool/poolmeasure.h"
#include "app/lab/pooler/pgbouncer.h"
#include "ui/lab/poolpage.h"

#include <QPointer>

#include <algorithm>
#include <utility>

namespace lockscope {

PoolDesk::PoolDesk(PoolPage& page, LabConsent& consent, QObject* parent)
    : QObject(parent)
    , m_page(page)
    , m_consent(consent)
{
    connect(&page, &PoolPage::openRequested, this, &PoolDesk::askToOpen);
    connect(&page, &PoolPage::closeRequested, this, &PoolDesk::closePool);
    connect(&page, &PoolPage::acquireRequested, this, [this](const QString& request, const LockKey& key) {
        withPool(key, [request, key](PooledLockService& pool) { pool.acquire(request, key); });
    });
    connect(&page, &PoolPage::releaseRequested, this, [this](const QString& request, const LockKey& key, bool failing) {
        if (m_pool)
            m_pool->release(request, key, failing); // takes nothing that was not allowed before
    });
    connect(&page, &PoolPage::unlockEverythingRequested, this, [this] {
        if (m_pool)
            m_pool->unlockEverything();
    });
    connect(&page, &PoolPage::measureRequested, this, &PoolDesk::measure);
    connect(&page, &PoolPage::measureStopRequested, this, &PoolDesk::endMeasure);
}

PoolDesk::~PoolDesk() = default;

void PoolDesk::setPlace(const std::optional<LabPlace>& place)
{
    const bool same = m_place && place && m_place->conninfo == place->conninfo;
    m_place = place;
    m_page.setServer(place ? place->server : LabServer{});
    if (same)
        return;
    drop(std::move(m_pool));
    m_pooler.reset();
    m_measure.reset();
    m_rates.clear();
    m_page.reset();
}

void PoolDesk::drop(std::unique_ptr<PooledLockService> pool) const
{
    if (!pool)
        return;
    // This may run inside one of its own signals: a run that stops, an answer that leads to a close.
    pool->disconnect();
    pool.release()->deleteLater();
}

void PoolDesk::askToOpen(const PoolSpec& spec, const std::optional<PoolerSpec>& pooler)
{
    if (!m_place || !m_place->server.problem.isEmpty() || m_pool || m_pooler)
        return;
    QStringList deeds{spec.size == 1 ? tr("Opens 1 connection, named \"lockscope lab\".")
                                     : tr("Opens %1 connections, named \"lockscope lab\".").arg(spec.size),
                      tr("Asks on one more what they hold.")};
    if (pooler)
        deeds.append(tr("Starts a private PgBouncer with up to %1 server connections.").arg(pooler->poolSize));
    m_consent.ask(tr("Open a pool"), deeds, this, [this, spec, pooler] {
        if (!m_place || m_pool || m_pooler)
            return; // opened or left while the question stood
        m_page.setPooler(pooler);
        if (pooler)
            startPooler(spec, *pooler);
        else
            openPool(spec, m_place->conninfo);
    });
}

void PoolDesk::startPooler(const PoolSpec& spec, const PoolerSpec& pooler)
{
    m_page.setBusy(true);
    m_pooler = std::make_unique<PgBouncer>(m_place->conninfo, pooler);
    const auto gone = [this](const Error& error) {
        if (m_pooler)
            m_pooler.release()->deleteLater(); // it is speaking
        drop(std::move(m_pool));
        PoolState state;
        state.phase = PoolState::Phase::Failed;
        state.error = error;
        m_page.setBusy(false);
        m_page.setState(state);
    };
    connect(m_pooler.get(), &PgBouncer::started, this, [this, spec] {
        m_page.setBusy(false);
        if (!m_pool && m_place)
            openPool(spec, m_pooler->conninfo());
    });
    connect(m_pooler.get(), &PgBouncer::failed, this, gone);
    connect(m_pooler.get(), &PgBouncer::ended, this, gone);
    m_pooler->start();
}

void PoolDesk::openPool(const PoolSpec& spec, const Conninfo& conninfo)
{
    m_pool = std::make_unique<PooledLockService>(QStringLiteral("pool"), conninfo, spec);
    if (m_pooler)
        m_pool->setLookConninfo(m_place->conninfo);
    connect(m_pool.get(), &PooledLockService::stateChanged, this, [this](const PoolState& state) {
        m_page.setState(state);
        if (state.phase != PoolState::Phase::Failed)
            return;
        drop(std::move(m_pool));
        m_pooler.reset();
    });
    connect(m_pool.get(), &PooledLockService::dispatched, &m_page, &PoolPage::callDispatched);
    connect(m_pool.get(), &PooledLockService::called, &m_page, &PoolPage::addCall);
    m_page.setState(m_pool->state());
    m_pool->open();
}

void PoolDesk::closePool()
{
    PoolState state = m_pool ? m_pool->state() : PoolState{};
    drop(std::move(m_pool));
    m_pooler.reset();
    m_page.setBusy(false);
    state.phase = PoolState::Phase::Closed;
    state.map.clear();
    state.waiting.clear();
    state.slotList.clear(); // nothing of it is left
    m_page.setState(state);
}

void PoolDesk::withPool(const LockKey& key, const std::function<void(PooledLockService&)>& go)
{
    if (!m_pool || !m_place)
        return;
    m_consent.ask(tr("Take advisory key %1").arg(key.toString()),
                  {tr("Takes advisory key %1 in the database that is watched. When it leaks, which is what the lab "
                      "shows, it stays until the pool is closed: an application that uses this key is refused or waits "
                      "meanwhile.")
                       .arg(key.toString())},
                  this, [this, go, asked = QPointer<PooledLockService>(m_pool.get())] {
                      if (m_pool && m_pool.get() == asked)
                          go(*m_pool);
                  });
}

void PoolDesk::measure(const HitRatePlan& plan)
{
    if (!m_place || !m_place->server.problem.isEmpty())
        return;
    m_consent.ask(
        tr("Measure how often an unlock finds its lock"),
        {tr("Opens up to %1 connections, named \"lockscope lab\".").arg(plan.toSize),
         tr("Takes and releases advisory keys of its own, %1 times for each size of the pool from %2 to %3, "
            "and leaves none behind.")
             .arg(QString::number(plan.unlocks), QString::number(plan.fromSize), QString::number(plan.toSize))},
        this, [this, plan] {
            if (!m_place)
                return;
            m_rates.clear();
            m_measure = std::make_unique<PoolMeasure>(m_place->conninfo);
            connect(m_measure.get(), &PoolMeasure::progress, this, [this](const HitRate& rate) {
                if (!m_rates.isEmpty() && m_rates.last().poolSize == rate.poolSize)
                    m_rates.last() = rate;
                else
                    m_rates.append(rate);
                m_page.setHitRates(m_rates);
            });
            connect(m_measure.get(), &PoolMeasure::finished, this, [this](const QList<HitRate>& rates) {
                m_rates = rates;
                m_page.setMeasuring(false);
                m_page.setHitRates(m_rates);
            });
            connect(m_measure.get(), &PoolMeasure::failed, this, [this](const Error& error) {
                m_page.setMeasuring(false);
                m_page.setError(error);
            });
            m_page.setHitRates({});
            m_page.setMeasuring(true);
            m_measure->start(plan);
        });
}

void PoolDesk::endMeasure()
{
    if (m_measure)
        m_measure->stop();
    // Sizes that were cut short have fewer unlocks, which the plot's deviations allow for.
    m_page.setMeasuring(false);
}

} // namespace lockscope
