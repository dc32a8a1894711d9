#include "app/postgres/observer.h"

#include "app/postgres/connectionthread.h"
#include "app/postgres/observerworker.h"
#include "app/postgres/serverinquiry.h"

namespace lockscope {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds stalenessCheckedEvery{200};
/// Two polls may be missed, and a little is added so that an interval of 250 ms does not flicker on a busy server.
constexpr milliseconds stalenessGrace{500};

} // namespace

Observer::Observer(const Conninfo& conninfo, const ObserverOptions& options, QObject* parent)
    : QObject(parent)
{
    const auto wakeUp = std::make_shared<platform::WakeUp>();
    const auto ring = [wakeUp] { wakeUp->ring(); };
    m_thread = std::make_unique<ConnectionThread>(QStringLiteral("observer"),
                                                  ConnectionThread::Levers{.nudge = ring, .force = ring});
    m_worker = new ObserverWorker(conninfo, options, wakeUp);
    m_link.interval = options.interval;
    m_thread->adopt(m_worker);
    connect(m_worker, &ObserverWorker::serverIdentified, this, &Observer::serverIdentified);
    connect(m_worker, &ObserverWorker::linkChanged, this, [this](const LinkState& link) {
        m_link = link;
        Q_EMIT linkChanged(m_link);
    });
    connect(m_worker, &ObserverWorker::snapshotTaken, this, [this](const SnapshotPointer& snapshot) {
        m_link.lastAnswer = snapshot->receivedAt;
        if (m_link.phase == LinkPhase::Stale) {
            m_link.phase = LinkPhase::Live;
            Q_EMIT linkChanged(m_link);
        }
        Q_EMIT snapshotTaken(snapshot);
    });
    // The worker is blocked while an answer is overdue, so it is this side that notices.
    connect(&m_stalenessTimer, &QTimer::timeout, this, &Observer::checkStaleness);
    m_stalenessTimer.start(stalenessCheckedEvery);
}

Observer::~Observer()
{
    m_worker->disconnect(this);
    ConnectionThread::endInBackground(std::move(m_thread));
}

void Observer::start()
{
    QMetaObject::invokeMethod(m_worker, &ObserverWorker::start);
}

void Observer::setInterval(milliseconds interval)
{
    QMetaObject::invokeMethod(m_worker, [worker = m_worker, interval] { worker->setInterval(interval); });
}

void Observer::setScope(LockScope scope)
{
    QMetaObject::invokeMethod(m_worker, [worker = m_worker, scope] { worker->setScope(scope); });
}

void Observer::setPaused(bool paused)
{
    m_askedAgain = steady_clock::now();
    QMetaObject::invokeMethod(m_worker, [worker = m_worker, paused] { worker->setPaused(paused); });
}

void Observer::setWatched(bool watched)
{
    m_watched = watched;
    m_askedAgain = steady_clock::now();
    QMetaObject::invokeMethod(m_worker, [worker = m_worker, watched] { worker->setWatched(watched); });
}

void Observer::setEveryBackend(bool every)
{
    QMetaObject::invokeMethod(m_worker, [worker = m_worker, every] { worker->setEveryBackend(every); });
}

void Observer::post(Work work, std::function<void(const Error&)> unreachable)
{
    QMetaObject::invokeMethod(m_worker, [worker = m_worker, work = std::move(work),
                                         unreachable = std::move(unreachable)] { worker->work(work, unreachable); });
}

void Observer::refreshNow()
{
    QMetaObject::invokeMethod(m_worker, &ObserverWorker::refreshNow);
}

void Observer::reconnectNow()
{
    QMetaObject::invokeMethod(m_worker, &ObserverWorker::reconnectNow);
}

void Observer::checkStaleness()
{
    if (m_link.phase != LinkPhase::Live || m_link.paused || !m_watched || !m_link.lastAnswer)
        return;
    if (steady_clock::now() - std::max(*m_link.lastAnswer, m_askedAgain) < 2 * m_link.interval + stalenessGrace)
        return;
    m_link.phase = LinkPhase::Stale;
    Q_EMIT linkChanged(m_link);
}

Result<OneReading> readOnce(const Conninfo& conninfo, LockScope scope, milliseconds deadline)
{
    LibpqConnection connection;
    if (const auto opened = connection.open(withDefaults(conninfo, QStringLiteral("lockscope observer")), deadline);
        !opened)
        return failure(opened.error());
    const auto server = inquireServer(connection, deadline);
    if (!server)
        return failure(server.error());
    LockReader reader(connection, *server, std::numeric_limits<qint64>::max());
    if (const auto prepared = reader.prepareSession(deadline); !prepared)
        return failure(prepared.error());
    const auto snapshot = reader.read(scope, deadline);
    if (!snapshot)
        return failure(snapshot.error());
    return OneReading{*server, *snapshot};
}

} // namespace lockscope
