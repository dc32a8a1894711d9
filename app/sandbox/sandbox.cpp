#include "app/sandbox/sandbox.h"

#include "app/platform/platform.h"
#include "app/sandbox/cluster.h"

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QProcess>
#include <QTimer>

#include <future>
#include <memory>
#include <optional>
#include <utility>

namespace lockscope {

using namespace std::chrono_literals;
using platform::ProcessSignal;
using std::chrono::milliseconds;

namespace {

constexpr auto startPatience = 60s;       // a slow disk; it takes about a second
constexpr auto tick = 20ms;               // how often a starting or stopping server is looked at
constexpr auto trimInterval = 30s;        // how often a running server's log is looked at
constexpr auto fastShutdownPatience = 5s; // then an immediate one
/// An immediate shutdown kills backends that do not end (stopped ones) after five seconds by itself.
constexpr auto immediateShutdownPatience = 7s;
constexpr int portAttempts = 5;

template <typename T>
bool isReady(const std::future<T>& future)
{
    return future.wait_for(0s) == std::future_status::ready;
}

/// While there still is an application: processes need its event dispatcher.
void endSandboxesInBackground()
{
    qDeleteAll(QCoreApplication::instance()->findChildren<Sandbox*>(QString(), Qt::FindDirectChildrenOnly));
}

} // namespace

class Sandbox::Private
{
public:
    enum class Phase
    {
        Idle,
        Preparing, ///< removes what is left of others and makes the directory, on a thread of its own
        Creating,
        Starting,
        Running,
        Stopping,
        Removing ///< the directory, on a thread of its own: it has a thousand files
    };

    explicit Private(Sandbox* sandbox)
        : q(sandbox)
    {
        // The processes only wake advance(), which decides: a QProcess must not be started again inside its own signal.
        for (QProcess* process : {&initdb, &server}) {
            const auto wake = [this] {
                QMetaObject::invokeMethod(
                    q, [this] { advance(); }, Qt::QueuedConnection);
            };
            QObject::connect(process, &QProcess::finished, q, wake);
            QObject::connect(process, &QProcess::errorOccurred, q, wake);
        }
        QObject::connect(&timer, &QTimer::timeout, q, [this] { advance(); });
    }

    void begin(milliseconds patience);
    void advance();
    bool wait();
    [[nodiscard]] bool isStarting() const
    {
        return phase == Phase::Preparing || phase == Phase::Creating || phase == Phase::Starting;
    }
    std::unique_ptr<Cluster> takeCluster();
    void halt(milliseconds patience);
    void startServer();
    void shutDown(ProcessSignal how);
    void beginToStop(ProcessSignal how, milliseconds patience);
    void remove();
    void stopNow();
    void fail(const Error& error);
    [[nodiscard]] QString lastWords() const;

    Sandbox* q = nullptr;
    Phase phase = Phase::Idle;
    QString configuration;
    std::optional<Cluster> cluster;
    quint16 port = 0;
    int attemptsLeft = 0;
    bool portIsFixed = false;
    bool isPressing = false; // asking was not enough
    bool isFailing = false;  // it stops because of lastError
    qint64 logStart = 0;     // where the log of this start begins
    QDeadlineTimer deadline;
    Error lastError;
    QTimer timer;
    std::future<Result<Cluster>> preparing;
    std::future<void> removing;
    // Last, so that they are gone before what their signals use.
    QProcess initdb;
    QProcess server;

private:
    void prepared();
    void clusterFinished();
    void serverGoneWhileStarting();
    void advanceStop();
    void removed();
};

void Sandbox::Private::begin(milliseconds patience)
{
    if (phase != Phase::Idle)
        return;
    deadline = QDeadlineTimer(patience);
    lastError = {};
    isFailing = false;
    phase = Phase::Preparing;
    timer.start(tick);
    // A left server may have to be waited for, and the programs to be found are asked for their versions.
    preparing = std::async(std::launch::async, [endedByItself = takeCluster()]() mutable {
        endedByItself.reset();
        removeLeftovers();
        return Cluster::create();
    });
    Q_EMIT q->progress(tr("Creating a cluster"));
}

std::unique_ptr<Cluster> Sandbox::Private::takeCluster()
{
    auto taken = cluster ? std::make_unique<Cluster>(std::move(*cluster)) : nullptr;
    cluster.reset();
    return taken;
}

/// From here on everything happens on our own thread: processes die with the thread that started them.
void Sandbox::Private::prepared()
{
    auto made = preparing.get();
    if (!made) {
        fail(made.error());
        return;
    }
    cluster.emplace(std::move(*made));
    phase = Phase::Creating;
    if (const auto started = cluster->startInitdb(initdb); !started)
        fail(started.error());
}

void Sandbox::Private::clusterFinished()
{
    cluster->removePasswordFile();
    if (const auto problem = cluster->initdbProblem(initdb)) {
        fail(*problem);
        return;
    }
    if (const auto written = cluster->writeConfiguration(configuration); !written) {
        fail(written.error());
        return;
    }
    port = Cluster::freePort();
    portIsFixed = false;
    attemptsLeft = portAttempts;
    Q_EMIT q->progress(tr("Starting the server"));
    startServer();
}

void Sandbox::Private::startServer()
{
    phase = Phase::Starting;
    timer.start(tick);
    logStart = cluster->log().size();
    cluster->startServer(server, port);
}

void Sandbox::Private::serverGoneWhileStarting()
{
    const QByteArray words = cluster->log().tail(logStart);
    if (words.contains("could not bind") && --attemptsLeft > 0) {
        if (!portIsFixed)
            port = Cluster::freePort();
        startServer();
        return;
    }
    // The helpers of a killed postmaster notice its end for themselves, within moments, and hold the cluster until
    // then.
    if (words.contains("pre-existing shared memory block") && !deadline.hasExpired()) {
        startServer();
        return;
    }
    fail({.kind = ErrorKind::Internal,
          .what = tr("The PostgreSQL server of the sandbox ended while it was starting."),
          .advice = tr("The last lines of its log say why."),
          .serverWords = words.isEmpty() ? server.errorString() : ServerLog::lastLines(words)});
}

QString Sandbox::Private::lastWords() const
{
    return cluster ? ServerLog::lastLines(cluster->log().tail()) : QString();
}

/// Looks at what the processes do and goes on from there. Called by the timer, after every signal of a process and by
/// wait(); never from inside a signal of QProcess.
void Sandbox::Private::advance()
{
    switch (phase) {
    case Phase::Idle:
        return;
    case Phase::Preparing:
        if (isReady(preparing))
            prepared();
        break;
    case Phase::Creating:
        if (initdb.state() == QProcess::NotRunning)
            clusterFinished();
        break;
    case Phase::Starting:
        if (server.state() == QProcess::NotRunning) {
            serverGoneWhileStarting();
        } else if (cluster->log().tail(logStart).contains("database system is ready to accept")) {
            phase = Phase::Running;
            timer.start(trimInterval);
            Q_EMIT q->started();
            return;
        }
        break;
    case Phase::Running:
        cluster->log().trim();
        if (server.state() == QProcess::NotRunning) {
            phase = Phase::Idle;
            timer.stop();
            lastError = {.kind = ErrorKind::Connection,
                         .what =
                             tr("The server of the sandbox ended by itself: its sessions and their locks are gone."),
                         .advice = tr("Start the sandbox again."),
                         .serverWords = lastWords()};
            Q_EMIT q->ended(lastError);
        }
        return;
    case Phase::Stopping:
        advanceStop();
        return;
    case Phase::Removing:
        if (isReady(removing))
            removed();
        return;
    }
    if (isStarting() && deadline.hasExpired()) {
        fail({.kind = ErrorKind::Internal,
              .what = phase == Phase::Starting ? tr("The PostgreSQL server of the sandbox was not ready in time.")
                                               : tr("Creating the private PostgreSQL cluster took too long."),
              .advice = tr("The machine may be very busy or the disk very slow. Try again."),
              .serverWords = lastWords()});
    }
}

/// Asks more and more firmly, never blocking.
void Sandbox::Private::advanceStop()
{
    if (preparing.valid()) {
        if (!isReady(preparing))
            return;
        if (auto made = preparing.get())
            cluster.emplace(std::move(*made));
    }
    if (server.state() == QProcess::NotRunning && initdb.state() == QProcess::NotRunning) {
        remove();
    } else if (deadline.hasExpired() && !isPressing) {
        isPressing = true;
        deadline = QDeadlineTimer(immediateShutdownPatience);
        shutDown(ProcessSignal::Quit);
    } else if (deadline.hasExpired()) {
        server.kill();
        initdb.kill();
    }
}

void Sandbox::Private::beginToStop(ProcessSignal how, milliseconds patience)
{
    phase = Phase::Stopping;
    isPressing = false;
    deadline = QDeadlineTimer(patience);
    timer.start(tick);
    initdb.terminate(); // does nothing where there is none
    shutDown(how);
}

void Sandbox::Private::remove()
{
    phase = Phase::Removing;
    timer.start(tick);
    removing = std::async(std::launch::async, [taken = takeCluster()]() mutable { taken.reset(); });
}

void Sandbox::Private::removed()
{
    removing.get();
    phase = Phase::Idle;
    timer.stop();
    if (std::exchange(isFailing, false))
        Q_EMIT q->failed(lastError);
    else
        Q_EMIT q->stopped();
}

/// SIGINT is PostgreSQL's fast shutdown, SIGQUIT the immediate one. A stopped server must be continued to hear it.
void Sandbox::Private::shutDown(ProcessSignal how)
{
    if (server.state() == QProcess::NotRunning)
        return;
    for (const auto signal : {how, ProcessSignal::Continue})
        static_cast<void>(platform::sendSignal(server.processId(), signal));
}

/// Goes on until the server runs (true) or the start has failed and left nothing, without an event loop.
bool Sandbox::Private::wait()
{
    while (isStarting() || (isFailing && phase != Phase::Idle)) {
        constexpr int step = milliseconds(tick).count();
        if (preparing.valid())
            preparing.wait_for(tick);
        else if (removing.valid())
            removing.wait_for(tick);
        else if (initdb.state() != QProcess::NotRunning)
            initdb.waitForFinished(step);
        else
            server.waitForFinished(step);
        advance();
    }
    return phase == Phase::Running;
}

/// Ends the server at once and leaves the directory as it is.
void Sandbox::Private::halt(milliseconds patience)
{
    phase = Phase::Idle;
    timer.stop();
    if (server.state() == QProcess::NotRunning)
        return;
    shutDown(ProcessSignal::Quit);
    if (!server.waitForFinished(static_cast<int>(patience.count()))) {
        server.kill();
        server.waitForFinished();
    }
}

void Sandbox::Private::stopNow()
{
    phase = Phase::Idle;
    timer.stop();
    if (initdb.state() != QProcess::NotRunning) {
        initdb.terminate();
        if (!initdb.waitForFinished()) {
            initdb.kill();
            initdb.waitForFinished();
        }
    }
    halt(immediateShutdownPatience);
    if (preparing.valid())
        static_cast<void>(preparing.get()); // what it made goes with it
    if (removing.valid())
        removing.wait();
    cluster.reset();
}

void Sandbox::Private::fail(const Error& error)
{
    lastError = error;
    isFailing = true;
    beginToStop(ProcessSignal::Quit, immediateShutdownPatience);
}

Sandbox::Sandbox(QObject* parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this))
{
}

Sandbox::~Sandbox()
{
    const QSignalBlocker silent(this);
    d->stopNow();
}

void Sandbox::setConfiguration(const QString& lines)
{
    d->configuration = lines;
}

void Sandbox::start()
{
    d->begin(startPatience);
}

Result<void> Sandbox::startAndWait(milliseconds deadline)
{
    d->begin(deadline);
    return d->wait() ? Result<void>{} : failure(d->lastError);
}

void Sandbox::stop()
{
    d->isFailing = false;
    if (d->phase != Private::Phase::Stopping && d->phase != Private::Phase::Removing)
        d->beginToStop(ProcessSignal::Interrupt, fastShutdownPatience);
}

void Sandbox::endInBackground(std::unique_ptr<Sandbox> sandbox)
{
    auto* const application = QCoreApplication::instance();
    if (!application || application->thread() != sandbox->thread())
        return; // waits
    Sandbox* const ending = sandbox.release();
    ending->disconnect();
    ending->setParent(application);
    qRemovePostRoutine(endSandboxesInBackground); // once is enough
    qAddPostRoutine(endSandboxesInBackground);
    connect(ending, &Sandbox::stopped, ending, &QObject::deleteLater);
    ending->stop();
}

Result<void> Sandbox::haltAndWait(milliseconds deadline)
{
    if (!d->cluster || d->phase == Private::Phase::Preparing || d->phase == Private::Phase::Creating)
        return usageError(tr("The sandbox has no server to stop."));
    d->halt(deadline);
    return {};
}

Result<void> Sandbox::restartAndWait(milliseconds deadline)
{
    const QDeadlineTimer until(deadline);
    if (const auto halted = haltAndWait(deadline); !halted)
        return failure(halted.error());
    d->deadline = until;
    d->portIsFixed = true;
    d->attemptsLeft = portAttempts;
    d->startServer();
    return d->wait() ? Result<void>{} : failure(d->lastError);
}

bool Sandbox::isRunning() const
{
    return d->phase == Private::Phase::Running && platform::processExists(d->server.processId());
}

Conninfo Sandbox::conninfo() const
{
    Conninfo conninfo;
    if (!d->cluster)
        return conninfo;
    conninfo.set(QStringLiteral("host"), QStringLiteral("127.0.0.1"));
    conninfo.set(QStringLiteral("port"), QString::number(d->port));
    conninfo.set(QStringLiteral("dbname"), Cluster::superuser());
    conninfo.set(QStringLiteral("user"), Cluster::superuser());
    conninfo.set(QStringLiteral("password"), d->cluster->password());
    return conninfo;
}

Conninfo Sandbox::socketConninfo() const
{
    return d->cluster ? conninfo().with(QStringLiteral("host"), d->cluster->directory().socketDirectory()) : Conninfo();
}

QString Sandbox::directory() const
{
    return d->cluster ? d->cluster->directory().path() : QString();
}

qint64 Sandbox::serverProcessId() const
{
    return d->server.processId();
}

QString Sandbox::serverLog() const
{
    return d->cluster ? QString::fromUtf8(d->cluster->log().tail()) : QString();
}

ServerBinaries Sandbox::binaries() const
{
    return d->cluster ? d->cluster->binaries() : ServerBinaries{};
}

int Sandbox::removeLeftovers()
{
    return SandboxDirectory::removeLeftovers();
}

} // namespace lockscope
