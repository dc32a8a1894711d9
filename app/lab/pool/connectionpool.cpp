#include "app/lab/pool/connectionpool.h"

#include <algorithm>
#include <utility>

namespace lockscope {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

ConnectionPool::ConnectionPool(QString name, Conninfo conninfo, PoolSpec spec, QObject* parent)
    : QObject(parent)
    , m_name(std::move(name))
    , m_conninfo(std::move(conninfo))
    , m_spec(spec)
    , m_checkout(spec.order, spec.seed)
{
    for (int number = 1; number <= m_spec.size; ++number)
        m_slots.append(PoolSlot{.number = number});
    m_timeout.setSingleShot(true);
    connect(&m_timeout, &QTimer::timeout, this, &ConnectionPool::timeOut);
}

ConnectionPool::~ConnectionPool()
{
    endAll();
}

void ConnectionPool::endAll()
{
    for (Member& ending : m_members) {
        if (ending.connection)
            ending.connection->beginToEnd();
    }
    m_members.clear();
}

void ConnectionPool::open()
{
    m_members.resize(static_cast<size_t>(m_spec.size));
    for (const PoolSlot& slot : std::as_const(m_slots))
        makeConnection(slot.number);
}

void ConnectionPool::makeConnection(int slot)
{
    auto connection = std::make_unique<PoolConnection>(poolApplicationName(m_name, slot), m_conninfo);
    PoolConnection* const made = connection.get();
    member(slot).connection = std::move(connection);
    connect(made, &PoolConnection::opened, this,
            [this, slot](qint32 pid, bool pooler) { becomeOpen(slot, pid, pooler); });
    // Queued: it ends all connections, of which one speaks here.
    connect(
        made, &PoolConnection::refused, this, [this, slot](const Error& error) { becomeRefused(slot, error); },
        Qt::QueuedConnection);
    connect(made, &PoolConnection::ended, this, [this, slot](const Error& error) { lose(slot, error); });
    connect(made, &PoolConnection::answered, this, [this, slot](const PoolErrandAnswer& answer) {
        Member& answering = member(slot);
        ++answering.activity;
        const Answered answered = std::move(answering.awaited.front());
        answering.awaited.pop_front();
        answered(answer);
    });
    made->open();
}

void ConnectionPool::becomeOpen(int slot, qint32 backendPid, bool behindPooler)
{
    m_behindPooler = m_behindPooler || behindPooler;
    m_slots[slot - 1].backendPid = backendPid;
    ++member(slot).activity;
    become(slot, SlotPhase::Free);
    if (!m_ready) {
        if (std::ranges::any_of(m_slots, [](const PoolSlot& each) { return each.phase == SlotPhase::Opening; }))
            return;
        m_ready = true;
        m_checkout.fill(m_spec.size);
        for (const PoolSlot& each : std::as_const(m_slots)) {
            if (each.phase == SlotPhase::Lost)
                m_checkout.remove(each.number);
        }
        for (Waiter& waiter : m_waiters)
            waiter.since = steady_clock::now();
        Q_EMIT opened();
    } else {
        m_checkout.giveBack(slot);
    }
    if (const auto replaced = std::exchange(member(slot).replaced, {}))
        replaced();
    serveWaiters();
}

void ConnectionPool::becomeRefused(int slot, const Error& error)
{
    if (m_members.empty())
        return; // another one was refused before
    if (!m_ready) {
        endAll();
        for (PoolSlot& each : m_slots)
            each.phase = SlotPhase::Lost;
        m_slots[slot - 1].ending = error;
        Q_EMIT refused(error);
        for (const Waiter& waiter : std::exchange(m_waiters, {}))
            waiter.taken(0);
        return;
    }
    lose(slot, error);
    if (const auto replaced = std::exchange(member(slot).replaced, {}))
        replaced();
}

void ConnectionPool::become(int slot, SlotPhase phase, const QString& checkedOutBy)
{
    PoolSlot& changing = m_slots[slot - 1];
    changing.phase = phase;
    changing.checkedOutBy = checkedOutBy;
    Q_EMIT changed();
}

void ConnectionPool::lose(int slot, const Error& ending)
{
    m_checkout.remove(slot);
    m_slots[slot - 1].ending = ending;
    become(slot, SlotPhase::Lost);
    Q_EMIT lost(slot);
}

bool ConnectionPool::take(const QString& request, Taken taken)
{
    if (m_ready && m_waiters.empty()) {
        if (const auto slot = m_checkout.take()) {
            become(*slot, SlotPhase::CheckedOut, request);
            taken(*slot);
            return true;
        }
    }
    m_waiters.push_back({.request = request, .taken = std::move(taken), .since = steady_clock::now()});
    Q_EMIT changed();
    awaitNextTimeout();
    return false;
}

void ConnectionPool::run(int slot, const PoolErrand& errand, Answered answered)
{
    Member& running = member(slot);
    ++running.activity;
    running.awaited.push_back(std::move(answered));
    running.connection->run(errand);
}

void ConnectionPool::giveBack(int slot)
{
    if (m_slots.at(slot - 1).phase != SlotPhase::CheckedOut)
        return; // lost meanwhile
    m_checkout.giveBack(slot);
    become(slot, SlotPhase::Free);
    serveWaiters();
}

void ConnectionPool::replace(int slot, std::function<void()> done)
{
    Member& replaced = member(slot);
    replaced.replaced = std::move(done);
    become(slot, SlotPhase::Opening);
    // First the old one is gone, so that all it held is free before the new one is there.
    connect(
        replaced.connection.get(), &PoolConnection::closed, this, [this, slot] { makeConnection(slot); },
        Qt::QueuedConnection);
    replaced.connection->close();
}

void ConnectionPool::setBackendPid(int slot, qint32 backendPid)
{
    if (std::exchange(m_slots[slot - 1].backendPid, backendPid) != backendPid)
        Q_EMIT changed();
}

QStringList ConnectionPool::waiting() const
{
    QStringList requests;
    for (const Waiter& waiter : m_waiters)
        requests.append(waiter.request);
    return requests;
}

bool ConnectionPool::isQuiet(int slot) const
{
    return m_members.empty() || member(slot).awaited.empty();
}

quint64 ConnectionPool::activity(int slot) const
{
    return m_members.empty() ? 0 : member(slot).activity;
}

void ConnectionPool::serveWaiters()
{
    while (m_ready && !m_waiters.empty()) {
        const auto slot = m_checkout.take();
        if (!slot)
            break;
        const Waiter waiter = std::move(m_waiters.front());
        m_waiters.pop_front();
        become(*slot, SlotPhase::CheckedOut, waiter.request);
        waiter.taken(*slot);
    }
    awaitNextTimeout();
}

void ConnectionPool::awaitNextTimeout()
{
    if (!m_ready || m_waiters.empty()) {
        m_timeout.stop();
        return;
    }
    const auto left = m_waiters.front().since + m_spec.checkoutTimeout - steady_clock::now();
    m_timeout.start(std::max(std::chrono::ceil<std::chrono::milliseconds>(left), 0ms));
}

void ConnectionPool::timeOut()
{
    while (!m_waiters.empty() && steady_clock::now() - m_waiters.front().since >= m_spec.checkoutTimeout) {
        const Waiter waiter = std::move(m_waiters.front());
        m_waiters.pop_front();
        Q_EMIT changed();
        waiter.taken(0);
    }
    awaitNextTimeout();
}

} // namespace lockscope
