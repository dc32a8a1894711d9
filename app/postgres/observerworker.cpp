#include "app/postgres/observerworker.h"

#include "app/postgres/servererror.h"
#include "app/postgres/serverinquiry.h"

#include <QCoreApplication>
#include <QRandomGenerator>

#include <algorithm>

namespace lockscope {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds questionDeadline{5000};
/// Longer than the session's statement_timeout: the server's own answer that it gave up is better than silence.
constexpr milliseconds pollDeadline{7000};

bool isStarting(const Error& error)
{
    return error.sqlState == QLatin1String("57P03");
}

} // namespace

milliseconds reconnectDelay(int attempt, double jitter, bool serverIsStarting)
{
    const milliseconds longest = serverIsStarting ? milliseconds(2000) : milliseconds(60'000);
    const int doublings = std::clamp(attempt - 1, 0, 6);
    const milliseconds base = std::min(milliseconds(1000) * (1 << doublings), longest);
    return base +
           milliseconds(static_cast<qint64>(static_cast<double>(base.count()) * 0.25 * std::clamp(jitter, 0.0, 1.0)));
}

milliseconds stretchedInterval(milliseconds wanted, microseconds poll, double share)
{
    const auto needed =
        std::chrono::duration_cast<milliseconds>(std::chrono::duration<double, std::micro>(poll) / share);
    return std::clamp(std::max(wanted, needed), shortestInterval, longestInterval);
}

ObserverWorker::ObserverWorker(const Conninfo& conninfo, const ObserverOptions& options,
                               const std::shared_ptr<platform::WakeUp>& wakeUp)
    : m_conninfo(conninfo)
    , m_options(options)
    , m_wakeUp(wakeUp)
    , m_timer(this)
{
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    m_link.interval = options.interval;
    connect(&m_timer, &QTimer::timeout, this, &ObserverWorker::pollOrConnect);
}

ObserverWorker::~ObserverWorker() = default;

void ObserverWorker::start()
{
    connectNow();
}

void ObserverWorker::setInterval(milliseconds interval)
{
    m_options.interval = std::clamp(interval, shortestInterval, longestInterval);
    if (m_reader)
        rearm();
}

void ObserverWorker::setScope(LockScope scope)
{
    if (m_options.scope == scope)
        return;
    m_options.scope = scope;
    if (m_reader)
        poll();
}

void ObserverWorker::setPaused(bool paused)
{
    m_link.paused = paused;
    Q_EMIT linkChanged(m_link);
    if (m_reader)
        idle() ? m_timer.stop() : poll();
}

void ObserverWorker::setWatched(bool watched)
{
    const bool wasIdle = idle();
    m_watched = watched;
    if (m_reader && wasIdle != idle())
        idle() ? m_timer.stop() : poll();
}

void ObserverWorker::setEveryBackend(bool every)
{
    m_options.everyBackend = every;
    if (!m_reader)
        return;
    m_reader->setEveryBackend(every);
    if (!idle())
        poll();
}

void ObserverWorker::work(const Observer::Work& work, const std::function<void(const Error&)>& unreachable)
{
    if (!m_reader) {
        unreachable({.kind = ErrorKind::Connection,
                     .what = QCoreApplication::translate("lockscope::Observer", "The server cannot be reached now."),
                     .advice = QCoreApplication::translate("lockscope::Observer", "Reconnect, then try again.")});
        return;
    }
    work(*m_connection, m_server);
    if (m_connection->isBroken())
        lose({.kind = ErrorKind::Connection,
              .what = QCoreApplication::translate("lockscope::Observer", "The connection to the server was lost.")});
}

void ObserverWorker::refreshNow()
{
    if (m_reader)
        poll();
}

void ObserverWorker::reconnectNow()
{
    if (!m_reader)
        connectNow();
}

void ObserverWorker::pollOrConnect()
{
    m_reader ? poll() : connectNow();
}

void ObserverWorker::connectNow()
{
    m_timer.stop();
    ++m_link.attempt;
    m_link.nextAttempt.reset();
    publish(LinkPhase::Connecting, m_link.error);

    m_connection = std::make_unique<LibpqConnection>(m_wakeUp.get());
    // Here and not on the GUI thread: the defaults come from files.
    const auto complete = withDefaults(m_conninfo, QStringLiteral("lockscope observer"));
    if (const auto opened = m_connection->open(complete, openTimeout(complete)); !opened)
        return lose(opened.error());
    const auto server = inquireServer(*m_connection, questionDeadline);
    if (!server)
        return lose(server.error());
    auto reader = std::make_unique<LockReader>(*m_connection, *server, m_options.keptLocks);
    if (const auto prepared = reader->prepareSession(questionDeadline); !prepared)
        return lose(prepared.error());

    reader->setEveryBackend(m_options.everyBackend);
    m_server = *server;
    m_reader = std::move(reader);
    m_everLive = true;
    Q_EMIT serverIdentified(*server);
    poll();
}

void ObserverWorker::poll()
{
    m_timer.stop();
    const auto start = steady_clock::now();
    const auto snapshot = m_reader->read(m_options.scope, pollDeadline);
    m_lastPoll = std::chrono::duration_cast<microseconds>(steady_clock::now() - start);
    if (!snapshot && m_connection->isBroken())
        return lose(snapshot.error());

    rearm();
    if (!snapshot) { // the session lives and the server said why it would not answer: what is shown grows old
        publish(LinkPhase::Stale, snapshot.error());
        return;
    }
    m_link.lastAnswer = (*snapshot)->receivedAt;
    if (m_link.phase != LinkPhase::Live) {
        m_link.attempt = 0;
        publish(LinkPhase::Live);
    }
    Q_EMIT snapshotTaken(*snapshot);
}

void ObserverWorker::lose(const Error& error)
{
    m_reader.reset();
    m_connection.reset();
    // Before the first success somebody waits for an answer to "connect": say it and leave the rest to them.
    if (!isWorthRetrying(error) || (!m_everLive && !isStarting(error))) {
        publish(LinkPhase::Refused, error);
        return;
    }
    const milliseconds delay =
        reconnectDelay(m_link.attempt, QRandomGenerator::global()->generateDouble(), isStarting(error));
    m_link.nextAttempt = steady_clock::now() + delay;
    m_timer.start(delay);
    publish(LinkPhase::Lost, error);
}

void ObserverWorker::rearm()
{
    const milliseconds interval = stretchedInterval(m_options.interval, m_lastPoll, m_options.share);
    if (interval != m_link.interval) {
        m_link.interval = interval;
        Q_EMIT linkChanged(m_link);
    }
    if (!idle())
        m_timer.start(interval);
}

void ObserverWorker::publish(LinkPhase phase, std::optional<Error> error)
{
    m_link.phase = phase;
    m_link.error = std::move(error);
    Q_EMIT linkChanged(m_link);
}

} // namespace lockscope
