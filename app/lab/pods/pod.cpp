#include "app/lab/pods/pod.h"

#include "app/lab/clientprocess.h"
#include "app/lab/pods/podrelease.h"
#include "app/lab/protocol.h"
#include "app/platform/platform.h"

#include <QMap>

#include <algorithm>

namespace lockscope {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct Request
{
    LockKey key;
    SteadyTime askedAt;
};

} // namespace

class Pod::Private final
{
public:
    Private(Pod* pod, QString name, Conninfo parameters, int connections, std::shared_ptr<ReleaseWatch> watch);
    ~Private();
    Q_DISABLE_COPY_MOVE(Private)

    void start();
    quint64 sync(LockKey key, milliseconds work);
    void end(ClientEnding asked);
    void freeze();
    void thaw();

    PodState state;
    PodRelease release;
    SteadyTime wroteAt;

private:
    void readEvents();
    void handle(const protocol::Event& event);
    void takeAnswer(PodAnswer answer);
    void sendEnding();
    void processEnded(QProcess::ExitStatus how);
    void processFailed(QProcess::ProcessError error);
    void refuse(quint64 request, LockKey key, int code, const QString& words);
    void fail(const Error& error);
    void publish();

    Pod* q;
    const Conninfo conninfo;
    const int connectionCount;
    ClientProcess process;
    quint64 lastRequest = 0;
    QMap<quint64, Request> unanswered;
    bool ready = false; ///< every connection was open once
    bool over = false;
    std::optional<ClientEnding> ending; ///< of the process, asked for
    bool observed = false;              ///< releaseObserved() was sent for this ending
};

Pod::Private::Private(Pod* pod, QString name, Conninfo parameters, int connections, std::shared_ptr<ReleaseWatch> watch)
    : release(watch ? std::move(watch) : std::make_shared<ReleaseWatch>(parameters))
    , q(pod)
    , conninfo(std::move(parameters))
    , connectionCount(connections)
{
    state.name = std::move(name);
    connect(&release, &PodRelease::ready, q, [this] { sendEnding(); });
    connect(&release, &PodRelease::changed, q, [this] { publish(); });
    connect(process.signalSource(), &QProcess::started, q, [this] {
        state.processId = process.processId();
        publish();
    });
    connect(process.signalSource(), &QProcess::readyReadStandardOutput, q, [this] { readEvents(); });
    connect(process.signalSource(), &QProcess::finished, q,
            [this](int, QProcess::ExitStatus how) { processEnded(how); });
    connect(process.signalSource(), &QProcess::errorOccurred, q,
            [this](QProcess::ProcessError error) { processFailed(error); });
}

Pod::Private::~Private()
{
    release.disconnect();
    process.stop();
}

void Pod::Private::start()
{
    if (process.isRunning() || over)
        return;
    const auto opening = [this](const QString& password) {
        return protocol::Command(protocol::OpenPod{state.name, conninfo, password, connectionCount});
    };
    if (const Result<void> started = process.start({state.name, QStringLiteral("pod")}, opening); !started) {
        fail(started.error());
        return;
    }
    release.prepare();
    publish();
}

quint64 Pod::Private::sync(LockKey key, milliseconds work)
{
    const quint64 request = ++lastRequest;
    unanswered.insert(request, {key, steady_clock::now()});
    if (!process.isRunning()) {
        QMetaObject::invokeMethod(
            q, [=, this] { refuse(request, key, 503, tr("the pod is not running")); }, Qt::QueuedConnection);
        return request;
    }
    process.send(protocol::Sync{request, key, work});
    return request;
}

void Pod::Private::readEvents()
{
    while (const auto event = process.takeEvent())
        handle(*event);
}

void Pod::Private::handle(const protocol::Event& event)
{
    if (const auto* status = std::get_if<protocol::PodStatus>(&event)) {
        state.connections = status->connections;
        state.map = status->map;
        ready = ready || std::all_of(state.connections.cbegin(), state.connections.cend(),
                                     [](const PodConnection& one) { return one.backendPid != 0; });
        publish();
    } else if (const auto* answer = std::get_if<PodAnswer>(&event)) {
        takeAnswer(*answer);
    } else if (const auto* wrote = std::get_if<protocol::Wrote>(&event)) {
        wroteAt = wrote->sentAt;
        Q_EMIT q->wrote(wrote->key, wrote->token);
    } else if (const auto* ended = std::get_if<protocol::Ended>(&event)) {
        if (!ending)
            state.ending = ended->error;
    } else if (const auto* complaint = std::get_if<protocol::Complaint>(&event)) {
        state.ending = complaint->error;
        publish();
    }
}

void Pod::Private::takeAnswer(PodAnswer answer)
{
    // Only what was asked is answered, under the name that we gave.
    const auto asked = unanswered.constFind(answer.request);
    if (asked == unanswered.constEnd())
        return;
    answer.pod = state.name;
    answer.key = asked->key;
    if (answer.code != 202)
        unanswered.erase(asked);
    state.lastAnswer = answer;
    publish();
    Q_EMIT q->answered(answer);
}

void Pod::Private::refuse(quint64 request, LockKey key, int code, const QString& words)
{
    const auto asked = unanswered.constFind(request);
    if (asked == unanswered.constEnd())
        return;
    PodAnswer answer{.request = request, .pod = state.name, .key = key, .code = code, .words = words};
    answer.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - asked->askedAt);
    takeAnswer(answer);
}

void Pod::Private::end(ClientEnding asked)
{
    if (!process.isRunning())
        return;
    QList<PodRelease::Watched> backends;
    for (const PodConnection& connection : std::as_const(state.connections)) {
        if (connection.backendPid == 0)
            continue;
        const QList<LockKey> keys = connection.key ? QList<LockKey>{*connection.key} : QList<LockKey>();
        backends.append({{connection.backendPid, connection.backendStart}, keys});
    }
    observed = false;
    if (asked == ClientEnding::FromServer) {
        const bool anyHolds = std::any_of(backends.cbegin(), backends.cend(),
                                          [](const PodRelease::Watched& one) { return !one.keys.isEmpty(); });
        if (anyHolds)
            erase_if(backends, [](const PodRelease::Watched& one) { return one.keys.isEmpty(); });
        else if (backends.size() > 1)
            backends.resize(1);
        if (backends.isEmpty())
            return; // no session that could be terminated
    } else {
        ending = asked;
    }
    release.arm(asked, backends);
    publish();
}

void Pod::Private::sendEnding()
{
    if (!ending || !process.isRunning())
        return;
    const SteadyTime sentAt = steady_clock::now();
    // Where it could not be sent the process is gone already, which its end tells.
    static_cast<void>(process.end(*ending));
    release.begun(sentAt);
}

void Pod::Private::freeze()
{
    if (process.setFrozen(true))
        publish();
}

void Pod::Private::thaw()
{
    if (process.setFrozen(false))
        publish();
}

void Pod::Private::processEnded(QProcess::ExitStatus how)
{
    const SteadyTime now = steady_clock::now();
    readEvents(); // what it said last
    over = true;
    if (!ending) {
        release.stop();
        if (!state.ending) {
            state.ending =
                Error{.kind = ErrorKind::Internal,
                      .what = how == QProcess::CrashExit ? tr("The pod's process was ended from outside, by a signal.")
                                                         : tr("The pod's process ended by itself.")};
        }
    } else {
        state.ending.reset();
        release.setProcessGone(now);
    }
    // Its map went with its memory.
    state.map.clear();
    state.connections.clear();
    publish();
    const QMap<quint64, Request> left = unanswered;
    for (auto request = left.cbegin(); request != left.cend(); ++request)
        refuse(request.key(), request->key, 502, tr("the pod ended before it answered"));
}

void Pod::Private::processFailed(QProcess::ProcessError error)
{
    if (error != QProcess::FailedToStart)
        return; // the end of the process is told by finished()
    fail({.kind = ErrorKind::Internal,
          .what = tr("The pod's process could not be started."),
          .advice = {},
          .serverWords = process.errorText()});
}

void Pod::Private::fail(const Error& error)
{
    over = true;
    state.ending = error;
    publish();
}

void Pod::Private::publish()
{
    state.phase = over                 ? PodPhase::Ended
                  : process.isFrozen() ? PodPhase::Frozen
                  : ready              ? PodPhase::Running
                                       : PodPhase::Starting;
    state.release = release.timeline();
    const bool complete = state.release && state.release->finished && !observed;
    observed = observed || complete;
    Q_EMIT q->stateChanged(state);
    if (complete)
        Q_EMIT q->releaseObserved(state);
}

Pod::Pod(QString name, Conninfo conninfo, int connections, std::shared_ptr<ReleaseWatch> watch, QObject* parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this, std::move(name), std::move(conninfo), connections, std::move(watch)))
{
}

Pod::~Pod() = default;

void Pod::start()
{
    d->start();
}

quint64 Pod::sync(LockKey key, milliseconds work)
{
    return d->sync(key, work);
}

void Pod::end(ClientEnding ending)
{
    d->end(ending);
}

void Pod::freeze()
{
    d->freeze();
}

void Pod::thaw()
{
    d->thaw();
}

const PodState& Pod::state() const
{
    return d->state;
}

SteadyTime Pod::wroteAt() const
{
    return d->wroteAt;
}

std::optional<SteadyTime> Pod::endingSentAt() const
{
    return d->release.sentAt();
}

} // namespace lockscope
