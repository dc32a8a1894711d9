#include "app/lab/simulatedclient.h"

#include "app/lab/clientprocess.h"
#include "app/lab/protocol.h"
#include "app/lab/releasewatch.h"
#include "app/platform/platform.h"

#include <QTimer>

#include <atomic>
#include <thread>

namespace lockscope {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// The person asked for the end: a watch that cannot get ready in this time must not hold it up.
constexpr milliseconds armingDeadline{2500};

/// The moment at which a process ended, to be read after QProcess has said that it did. Looked for on a thread of its
/// own: the GUI thread hears of it when it has time. The thread ends with the process, which never outlives its
/// SimulatedClient.
class EndOfProcess
{
public:
    explicit EndOfProcess(qint64 processId)
    {
        std::thread([moment = m_moment, processId] {
            if (platform::waitForProcessEnd(processId, std::chrono::hours(24 * 20)))
                moment->store(steady_clock::now());
        }).detach();
    }
    [[nodiscard]] SteadyTime moment() const
    {
        const SteadyTime seen = m_moment->load();
        return seen == SteadyTime() ? steady_clock::now() : seen;
    }

private:
    std::shared_ptr<std::atomic<SteadyTime>> m_moment = std::make_shared<std::atomic<SteadyTime>>(SteadyTime());
};

} // namespace

class SimulatedClient::Private final
{
public:
    Private(SimulatedClient* client, Conninfo parameters, std::shared_ptr<ReleaseWatch> sharedWatch);
    ~Private();
    Q_DISABLE_COPY_MOVE(Private)

    void start();
    void send(const protocol::Command& command, const QString& action);
    void end(ClientEnding asked);
    void freeze();
    void thaw();

private:
    void readEvents();
    void handle(const protocol::Event& event);
    void handleOutcome(const Outcome& outcome);
    void processStarted();
    void processEnded(QProcess::ExitStatus status);
    void processFailed(QProcess::ProcessError error);
    void sendEnding();
    void takeTimeline(WatchId id, const ReleaseTimeline& timeline);
    void markLocks(HoldState state);
    void stopWatching();
    void publish();

    SimulatedClient* q;
    const Conninfo conninfo;
    const std::shared_ptr<ReleaseWatch> watch;
    ClientProcess process;
    protocol::Status status; ///< as the client told last
    bool over = false;       ///< the process has ended, or never started

    std::optional<ClientEnding> ending; ///< asked for
    std::optional<WatchId> watchId;
    std::optional<SteadyTime> sentAt;
    std::optional<EndOfProcess> endOfProcess;
    std::optional<microseconds> processGone;
    ReleaseTimeline serverSide; ///< the watch's part of the timeline
    bool observed = false;      ///< releaseObserved() was sent for this ending
    QTimer armingTimer;
};

SimulatedClient::Private::Private(SimulatedClient* client, Conninfo parameters,
                                  std::shared_ptr<ReleaseWatch> sharedWatch)
    : q(client)
    , conninfo(std::move(parameters))
    , watch(sharedWatch ? std::move(sharedWatch) : std::make_shared<ReleaseWatch>(conninfo))
{
    status.phase = ClientPhase::Starting;
    armingTimer.setSingleShot(true);
    armingTimer.setInterval(armingDeadline);
    connect(&armingTimer, &QTimer::timeout, q, [this] { sendEnding(); });
    connect(watch.get(), &ReleaseWatch::armed, q, [this](WatchId id) {
        if (id == watchId)
            sendEnding();
    });
    connect(watch.get(), &ReleaseWatch::terminationSent, q, [this](WatchId id, SteadyTime moment) {
        if (id == watchId)
            sentAt = moment;
    });
    connect(watch.get(), &ReleaseWatch::timelineChanged, q,
            [this](WatchId id, const ReleaseTimeline& timeline) { takeTimeline(id, timeline); });
    connect(process.signalSource(), &QProcess::started, q, [this] { processStarted(); });
    connect(process.signalSource(), &QProcess::readyReadStandardOutput, q, [this] { readEvents(); });
    connect(process.signalSource(), &QProcess::finished, q,
            [this](int, QProcess::ExitStatus how) { processEnded(how); });
    connect(process.signalSource(), &QProcess::errorOccurred, q,
            [this](QProcess::ProcessError error) { processFailed(error); });
}

SimulatedClient::Private::~Private()
{
    watch->disconnect(q);
    stopWatching();
    process.stop();
}

void SimulatedClient::Private::start()
{
    if (process.isRunning() || over)
        return;
    const auto opening = [this](const QString& password) {
        return protocol::Command(protocol::Connect{q->m_state.name, conninfo, password});
    };
    if (const Result<void> started = process.start({q->m_state.name}, opening); !started) {
        over = true;
        q->m_state.ending = started.error();
        publish();
        return;
    }
    watch->prepare();
    publish();
}

void SimulatedClient::Private::processStarted()
{
    q->m_state.processId = process.processId();
    publish();
}

void SimulatedClient::Private::send(const protocol::Command& command, const QString& action)
{
    if (process.isRunning()) {
        process.send(command);
        return;
    }
    handleOutcome(
        {.kind = OutcomeKind::Failed,
         .action = action,
         .error = Error{.kind = ErrorKind::Usage, .what = tr("This client is not running; nothing was sent.")}});
}

void SimulatedClient::Private::readEvents()
{
    while (const auto event = process.takeEvent())
        handle(*event);
}

void SimulatedClient::Private::handle(const protocol::Event& event)
{
    if (const auto* connected = std::get_if<protocol::Connected>(&event)) {
        q->m_state.backendPid = connected->backendPid;
        q->m_state.backendStart = connected->backendStart;
        publish();
    } else if (const auto* record = std::get_if<StatementRecord>(&event)) {
        Q_EMIT q->statementExecuted(*record);
    } else if (const auto* outcome = std::get_if<Outcome>(&event)) {
        handleOutcome(*outcome);
    } else if (const auto* told = std::get_if<protocol::Status>(&event)) {
        if (told->doing != status.doing || told->phase != status.phase)
            q->m_state.doingSince = told->doing.isEmpty() ? std::nullopt : std::optional(steady_clock::now());
        status = *told;
        q->m_state.ledger = status.ledger;
        if (serverSide.backendGone)
            markLocks(HoldState::Lost);
        publish();
    } else if (const auto* ended = std::get_if<protocol::Ended>(&event)) {
        if (!ending)
            q->m_state.ending = ended->error;
    } else if (const auto* complaint = std::get_if<protocol::Complaint>(&event)) {
        handleOutcome({.kind = OutcomeKind::Failed, .action = tr("understand the client"), .error = complaint->error});
    }
}

void SimulatedClient::Private::handleOutcome(const Outcome& outcome)
{
    q->m_state.lastOutcome = outcome;
    Q_EMIT q->finished(q->m_state, outcome);
    publish();
}

void SimulatedClient::Private::end(ClientEnding asked)
{
    if (!process.isRunning())
        return;
    stopWatching();
    if (!endOfProcess)
        endOfProcess.emplace(process.processId());
    ending = asked;
    sentAt.reset();
    processGone.reset();
    observed = false;
    serverSide = {.ending = asked, .backendPid = q->m_state.backendPid};
    for (const LedgerEntry& entry : std::as_const(q->m_state.ledger)) {
        if (entry.state == HoldState::Held && !serverSide.keys.contains(entry.key))
            serverSide.keys.append(entry.key);
    }
    q->m_state.release = serverSide;

    const BackendId backend{q->m_state.backendPid, q->m_state.backendStart};
    if (backend.pid == 0) {
        serverSide.finished = true; // there is no backend to look at
        if (asked == ClientEnding::FromServer) {
            serverSide.error = Error{.kind = ErrorKind::Usage, .what = tr("This client is not connected yet.")};
            ending.reset();
        } else {
            sendEnding();
        }
    } else if (asked == ClientEnding::FromServer) {
        watchId = watch->watchTermination(backend, serverSide.keys);
    } else {
        watchId = watch->arm(asked, backend, serverSide.keys);
        armingTimer.start();
    }
    publish();
}

void SimulatedClient::Private::sendEnding()
{
    armingTimer.stop();
    if (!ending || sentAt || !process.isRunning())
        return;
    sentAt = steady_clock::now();
    const Result<void> sent = process.end(*ending);
    if (!sent)
        serverSide.error = sent.error();
    if (watchId)
        watch->begun(*watchId, *sentAt);
}

void SimulatedClient::Private::freeze()
{
    if (process.setFrozen(true))
        publish();
}

void SimulatedClient::Private::thaw()
{
    if (process.setFrozen(false))
        publish();
}

void SimulatedClient::Private::processEnded(QProcess::ExitStatus how)
{
    const SteadyTime now = endOfProcess ? endOfProcess->moment() : steady_clock::now();
    readEvents(); // what it said last
    over = true;
    armingTimer.stop();
    const bool asked = ending && (sentAt || ending == ClientEnding::FromServer);
    if (asked) {
        if (sentAt)
            processGone = std::max(microseconds(0), std::chrono::duration_cast<microseconds>(now - *sentAt));
    } else {
        stopWatching();
        ending.reset();
        q->m_state.release.reset();
        if (!q->m_state.ending) {
            q->m_state.ending =
                Error{.kind = ErrorKind::Internal,
                      .what = how == QProcess::CrashExit ? tr("The client process was ended from outside, by a signal.")
                                                         : tr("The client process ended by itself.")};
        }
    }
    // The process is gone; what the server still keeps for it is another question, and the watch answers it.
    markLocks(serverSide.backendGone ? HoldState::Lost : HoldState::Unknown);
    if (!asked && q->m_state.backendPid != 0) {
        watchId = watch->arm(ClientEnding::Kill, {q->m_state.backendPid, q->m_state.backendStart}, {});
        watch->begun(*watchId, now);
    }
    publish();
}

void SimulatedClient::Private::processFailed(QProcess::ProcessError error)
{
    if (error != QProcess::FailedToStart)
        return; // the end of the process is told by finished()
    over = true;
    q->m_state.ending = Error{.kind = ErrorKind::Internal,
                              .what = tr("The client process could not be started."),
                              .advice = {},
                              .serverWords = process.errorText()};
    publish();
}

void SimulatedClient::Private::takeTimeline(WatchId id, const ReleaseTimeline& timeline)
{
    if (id != watchId)
        return;
    const std::optional<Error> signalError = serverSide.error;
    serverSide = timeline;
    if (!serverSide.error)
        serverSide.error = signalError;
    if (timeline.backendGone)
        markLocks(HoldState::Lost);
    if (ending == ClientEnding::FromServer && timeline.error && !timeline.backendGone)
        ending.reset(); // the client lives on, and a later end was not asked for
    publish();
}

/// What was held or waited for is no longer: lost where the server has been seen to end the backend, else unknown.
void SimulatedClient::Private::markLocks(HoldState state)
{
    for (LedgerEntry& entry : q->m_state.ledger) {
        const bool open = entry.state == HoldState::Held || entry.state == HoldState::Waiting;
        if (open || (entry.state == HoldState::Unknown && state == HoldState::Lost))
            entry.state = state;
    }
}

void SimulatedClient::Private::stopWatching()
{
    armingTimer.stop();
    if (watchId)
        watch->stop(*watchId);
    watchId.reset();
}

void SimulatedClient::Private::publish()
{
    ClientState& state = q->m_state;
    state.phase = over ? ClientPhase::Ended : process.isFrozen() ? ClientPhase::Frozen : status.phase;
    state.transaction = over ? TransactionPhase::None : status.transaction;
    state.doing = over ? QString() : status.doing;
    if (state.doing.isEmpty())
        state.doingSince.reset();
    bool complete = false;
    if (state.release) {
        const bool waitsForProcess = serverSide.ending != ClientEnding::FromServer && !processGone;
        state.release = serverSide;
        state.release->processGone = processGone;
        state.release->finished = serverSide.finished && !waitsForProcess;
        complete = state.release->finished && !observed;
        observed = observed || complete;
    }
    Q_EMIT q->stateChanged(state);
    if (complete)
        Q_EMIT q->releaseObserved(state);
}

SimulatedClient::SimulatedClient(ClientId id, QString name, Conninfo conninfo, std::shared_ptr<ReleaseWatch> watch,
                                 QObject* parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this, std::move(conninfo), std::move(watch)))
{
    m_state.id = id;
    m_state.name = std::move(name);
}

SimulatedClient::SimulatedClient(ClientId id, QString name, Conninfo conninfo, QObject* parent)
    : SimulatedClient(id, std::move(name), std::move(conninfo), nullptr, parent)
{
}

SimulatedClient::~SimulatedClient() = default;

void SimulatedClient::start()
{
    d->start();
}

void SimulatedClient::acquire(const KeyInput& key, const LockRequest& request)
{
    d->send(protocol::Acquire{key, request}, QStringLiteral("lock %1").arg(describe(key)));
}

void SimulatedClient::release(const KeyInput& key, LockShare share)
{
    d->send(protocol::Release{key, share}, QStringLiteral("release %1").arg(describe(key)));
}

void SimulatedClient::releaseAll()
{
    d->send(protocol::ReleaseAll{}, QStringLiteral("release all"));
}

void SimulatedClient::work(std::chrono::milliseconds duration)
{
    d->send(protocol::Work{duration}, QStringLiteral("work"));
}

void SimulatedClient::begin()
{
    d->send(protocol::Begin{}, QStringLiteral("begin"));
}

void SimulatedClient::commit()
{
    d->send(protocol::Commit{}, QStringLiteral("commit"));
}

void SimulatedClient::rollback()
{
    d->send(protocol::Rollback{}, QStringLiteral("rollback"));
}

void SimulatedClient::end(ClientEnding ending)
{
    d->end(ending);
}

void SimulatedClient::freeze()
{
    d->freeze();
}

void SimulatedClient::thaw()
{
    d->thaw();
}

} // namespace lockscope
