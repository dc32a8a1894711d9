#include "app/serverlink.h"

#include "app/postgres/serverreportreader.h"
#include "app/whenanswered.h"

#include <QPromise>

namespace lockscope {

namespace {

using namespace std::chrono_literals;

constexpr auto soon = 20ms;
constexpr auto reportDeadline = 3s;

/// Two logins reach the same locks when the cluster and the database are the same; a failover changes the first.
bool showsSameLocks(const ServerInfo& a, const ServerInfo& b)
{
    return a.isSameServer(b) && a.databaseOid == b.databaseOid && a.isStandby == b.isStandby;
}

} // namespace

ServerLink::ServerLink(QObject* parent)
    : QObject(parent)
{
    connect(&m_feed, &LockViewFeed::updated, this, &ServerLink::show);
    connect(&m_namer, &TargetNamer::namesLearnt, &m_feed, &LockViewFeed::setTargetNames);
    m_soon.setSingleShot(true);
    m_soon.setInterval(soon);
    connect(&m_soon, &QTimer::timeout, this, &ServerLink::refreshNow);
}

ServerLink::~ServerLink() = default;

void ServerLink::open(const Conninfo& conninfo)
{
    close();
    m_conninfo = conninfo;
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
    ++m_serverNumber;
    m_namer.close();
    m_server.reset();
    m_feed.reset();
    Q_EMIT linkChanged({});
}

void ServerLink::identify(const ServerInfo& server)
{
    if (m_server && !showsSameLocks(*m_server, server))
        m_feed.reset();
    m_server = server;
    m_feed.setServer(server);
    m_namer.setServer(m_conninfo, server);
    Q_EMIT serverIdentified(server);
}

void ServerLink::show(const LockViewUpdate& update)
{
    if (!update.unknownNames.isEmpty() || update.view->names)
        m_namer.ask(update.unknownNames, update.view->databaseNames);
    Q_EMIT viewUpdated(update);
}

void ServerLink::setEveryBackend(bool every)
{
    m_options.everyBackend = every;
    if (m_observer)
        m_observer->setEveryBackend(every);
}

void ServerLink::post(Observer::Work work, std::function<void(const Error&)> unreachable)
{
    if (m_observer)
        m_observer->post(std::move(work), std::move(unreachable));
    else
        unreachable({.kind = ErrorKind::Connection, .what = tr("There is no connection to a server.")});
}

void ServerLink::requestReport()
{
    const auto promise = std::make_shared<QPromise<Result<ServerReport>>>();
    promise->start();
    whenAnswered(
        this, promise->future(),
        [this, number = m_serverNumber](const Result<ServerReport>& report) {
            if (number != m_serverNumber)
                return;
            if (report)
                Q_EMIT reportRead(*report);
            else
                Q_EMIT reportFailed(report.error());
        },
        [] {}); // the observer ended first
    post(
        [promise](LibpqConnection& connection, const ServerInfo& server) {
            promise->addResult(readServerReport(connection, server, reportDeadline));
            promise->finish();
        },
        [promise](const Error& error) {
            promise->addResult(Result<ServerReport>(failure(error)));
            promise->finish();
        });
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
