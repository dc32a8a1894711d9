#include "app/serverlink.h"

namespace lockscope {

namespace {

using namespace std::chrono_literals;

constexpr auto soon = 20ms;

/// Two logins reach the same locks when the cluster and the database are the same; a failover changes the first.
bool showsSameLocks(const ServerInfo& a, const ServerInfo& b)
{
    return a.isSameServer(b) && a.databaseOid == b.databaseOid && a.isStandby == b.isStandby;
}

} // namespace

ServerLink::ServerLink(QObject* parent)
    : QObject(parent)
{
    connect(&m_feed, &LockViewFeed::updated, this, &ServerLink::viewUpdated);
    m_soon.setSingleShot(true);
    m_soon.setInterval(soon);
    connect(&m_soon, &QTimer::timeout, this, &ServerLink::refreshNow);
}

ServerLink::~ServerLink() = default;

void ServerLink::open(const Conninfo& conninfo)
{
    close();
    m_observer = std::make_unique<Observer>(conninfo, m_options);
    connect(m_observer.get(), &Observer::serverIdentified, this, &ServerLink::identify);
    connect(m_observer.get(), &Observer::linkChanged, this, &ServerLink::linkChanged);
    connect(m_observer.get(), &Observer::snapshotTaken, this, [this](const SnapshotPointer& snapshot) {
        m_feed.offer(snapshot);
        Q_EMIT snapshotTaken(snapshot);
    });
    m_observer->setPaused(m_paused);
    m_observer->setWatched(m_watched);
    m_observer->start();
}

void ServerLink::close()
{
    if (!m_observer)
        return;
    m_observer.reset();
    m_server.reset();
    m_feed.reset();
    Q_EMIT linkChanged({});
}

void ServerLink::identify(const ServerInfo& server)
{
    if (m_server && !showsSameLocks(*m_server, server))
        m_feed.reset();
    m_server = server;
    Q_EMIT serverIdentified(server);
}

void ServerLink::setInterval(std::chrono::milliseconds interval)
{
    m_options.interval = interval;
    if (m_observer)
        m_observer->setInterval(interval);
}

void ServerLink::setScope(LockScope scope)
{
    m_options.scope = scope;
    if (m_observer)
        m_observer->setScope(scope);
}

void ServerLink::setPaused(bool paused)
{
    m_paused = paused;
    if (m_observer)
        m_observer->setPaused(paused);
}

void ServerLink::setWatched(bool watched)
{
    if (watched == m_watched)
        return;
    m_watched = watched;
    if (m_observer)
        m_observer->setWatched(watched);
}

void ServerLink::refreshNow()
{
    if (m_observer)
        m_observer->refreshNow();
}

void ServerLink::refreshSoon()
{
    if (!m_soon.isActive() && !m_paused)
        m_soon.start();
}

void ServerLink::reconnectNow()
{
    if (m_observer)
        m_observer->reconnectNow();
}

} // namespace lockscope
