#include "app/lab/pooler/pgbouncer.h"

#include "app/lab/pooler/poolerconfiguration.h"
#include "app/lab/pooler/poolerdirectory.h"
#include "app/postgres/errandthread.h"

#include <QDeadlineTimer>
#include <QFileInfo>
#include <QFutureWatcher>
#include <QProcess>
#include <QStandardPaths>
#include <QTimer>

#include <future>
#include <optional>
#include <utility>

namespace lockscope {

using namespace std::chrono_literals;

namespace {

constexpr auto startPatience = 15s; // a busy machine; it takes a few milliseconds
constexpr auto tick = 20ms;         // how often a starting PgBouncer is looked at
constexpr auto answerPatience = 5s; // for the admin console
constexpr qsizetype keptLog = qsizetype{64} * 1024;
constexpr qsizetype shownLines = 12;

/// What the admin console answers; simple protocol, as it wants.
template <typename T>
QFuture<Result<T>> askConsole(const Conninfo& conninfo, const QByteArray& command, T (*read)(const QueryAnswer&))
{
    const Conninfo console = conninfo.with(QStringLiteral("dbname"), QStringLiteral("pgbouncer"))
                                 .with(QStringLiteral("application_name"), QStringLiteral("lockscope lab"));
    return runErrand<Result<T>>(console,
                                [command, read](LibpqConnection& connection, const Result<void>& opened) -> Result<T> {
                                    if (!opened)
                                        return failure(opened.error());
                                    const auto answer = connection.executeOne(command, answerPatience);
                                    if (!answer)
                                        return failure(answer.error());
                                    return read(*answer);
                                });
}

/// The place of the column has changed from version to version, its name has not.
QList<qint32> readPids(const QueryAnswer& answer)
{
    QList<qint32> pids;
    for (int column = 0; column < answer.columns(); ++column) {
        if (answer.columnName(column) != QLatin1StringView("remote_pid"))
            continue;
        for (int row = 0; row < answer.rows(); ++row) {
            if (const qint64 pid = answer.int64(row, column); pid > 0) // 0: it is still logging in
                pids.append(static_cast<qint32>(pid));
        }
    }
    return pids;
}

bool hasRows(const QueryAnswer& answer)
{
    return answer.rows() > 0;
}

} // namespace

Result<QString> findPgBouncer()
{
    const QString named = qEnvironmentVariable("LOCKSCOPE_PGBOUNCER");
    if (!named.isEmpty()) {
        if (const QFileInfo file(named); file.isFile() && file.isExecutable())
            return file.absoluteFilePath();
        return usageError(
            PgBouncer::tr("LOCKSCOPE_PGBOUNCER names %1, which is not a program that can be run.").arg(named),
            PgBouncer::tr("Set it to the path of PgBouncer, or remove it."));
    }
    const QString program = QStringLiteral("pgbouncer");
    QString found = QStandardPaths::findExecutable(program);
    // Places that the PATH of an ordinary user may lack.
    if (found.isEmpty())
        found = QStandardPaths::findExecutable(program, {QStringLiteral("/usr/sbin"), QStringLiteral("/usr/local/sbin"),
                                                         QStringLiteral("/usr/local/bin"), QStringLiteral("/usr/bin"),
                                                         QStringLiteral("/opt/homebrew/bin")});
    if (found.isEmpty())
        return usageError(PgBouncer::tr("PgBouncer is not installed."),
                          PgBouncer::tr("Install the package \"pgbouncer\" on Debian, Ubuntu, Fedora or Red Hat, or "
                                        "\"brew install pgbouncer\" on macOS. If it is installed in an unusual place, "
                                        "set the environment variable LOCKSCOPE_PGBOUNCER to its path."));
    return found;
}

class PgBouncer::Private
{
public:
    enum class Phase
    {
        Idle,
        Starting,
        Running
    };

    Private(PgBouncer* pooler, Conninfo behind, PoolerSpec wanted)
        : q(pooler)
        , server(std::move(behind))
        , spec(std::move(wanted))
    {
        QObject::connect(&process, &QProcess::readyRead, q, [this] { readLog(); });
        QObject::connect(&process, &QProcess::finished, q, [this] { gone(); });
        QObject::connect(&process, &QProcess::errorOccurred, q, [this](QProcess::ProcessError error) {
            if (error == QProcess::FailedToStart)
                gone();
        });
        QObject::connect(&timer, &QTimer::timeout, q, [this] { look(); });
    }

    [[nodiscard]] Result<void> launch();
    void fail(const Error& error);
    void stop();
    [[nodiscard]] QString lastLines() const;
    /// Says something from the event loop, not from inside a signal of a member: whoever hears it may delete us.
    template <typename Say>
    void later(Say say)
    {
        QMetaObject::invokeMethod(q, std::move(say), Qt::QueuedConnection);
    }

    PgBouncer* const q;
    const Conninfo server;
    const PoolerSpec spec;
    Phase phase = Phase::Idle;
    Conninfo conninfo;
    QByteArray log;
    QDeadlineTimer deadline;
    QTimer timer;
    bool isAsking = false; // whether it accepts connections
    quint64 run = 0;       // counts starts, so that an answer to an earlier one is not taken for this one's
    std::future<int> leftovers;
    std::optional<PoolerDirectory> directory;
    // Last, so that it is gone before what its signals use.
    QProcess process;

private:
    void look();
    void asked(const Result<bool>& answer);
    void gone();
    void readLog();
};

Result<void> PgBouncer::Private::launch()
{
    const auto program = findPgBouncer();
    if (!program)
        return failure(program.error());
    std::optional<platform::Account> account;
    if (platform::isAdministrator()) {
        account = platform::unprivilegedAccount();
        if (!account)
            return usageError(tr("PgBouncer refuses to run as root, and this system has no account \"postgres\" or "
                                 "\"nobody\" to run it as."),
                              tr("Start Lockscope as an ordinary user, or create the account \"postgres\"."));
    }
    leftovers = std::async(std::launch::async, [] { return PoolerDirectory::removeLeftovers(); });
    auto made = PoolerDirectory::create(account);
    if (!made)
        return failure(made.error());
    directory.reset();
    directory.emplace(std::move(*made));
    const auto configuration = poolerConfiguration(server, spec, directory->socketDirectory(), PoolerDirectory::port());
    if (!configuration)
        return failure(configuration.error());
    if (const auto written = directory->writeConfiguration(*configuration); !written)
        return written;

    // Nothing of the server's own way in: no TLS and no password on our socket.
    conninfo = Conninfo();
    conninfo.set(QStringLiteral("host"), directory->socketDirectory());
    conninfo.set(QStringLiteral("port"), PoolerDirectory::port());
    conninfo.set(QStringLiteral("user"), server.resolvedValue(QStringLiteral("user")));
    const QString database = server.resolvedValue(QStringLiteral("dbname"));
    conninfo.set(QStringLiteral("dbname"), database.isEmpty() ? conninfo.value(QStringLiteral("user")) : database);
    for (const auto& keyword : {QStringLiteral("application_name"), QStringLiteral("connect_timeout")})
        conninfo.set(keyword, server.value(keyword));

    // Nothing of our environment, which may hold PG* settings and secrets.
    QProcessEnvironment environment;
    environment.insert(QStringLiteral("PATH"), QStringLiteral("/usr/local/bin:/usr/bin:/bin"));
    environment.insert(QStringLiteral("LC_ALL"), QStringLiteral("C"));
    process.setProcessEnvironment(environment);
    process.setWorkingDirectory(directory->socketDirectory());
    process.setStandardInputFile(QProcess::nullDevice());
    process.setProcessChannelMode(QProcess::MergedChannels);
    platform::prepareChild(process, account, platform::ProcessSignal::Kill, directory->poolerLockFile());
    log.clear();
    isAsking = false;
    ++run;
    deadline = QDeadlineTimer(startPatience);
    timer.start(tick);
    process.start(*program, {directory->configurationFile()});
    return {};
}

/// Looks whether a starting PgBouncer accepts connections.
void PgBouncer::Private::look()
{
    if (phase != Phase::Starting)
        return;
    if (deadline.hasExpired()) {
        fail({.kind = ErrorKind::Internal,
              .what = tr("The private PgBouncer was not ready in time."),
              .advice = tr("The machine may be very busy. Try again."),
              .serverWords = lastLines()});
        return;
    }
    const QString socket = QStringLiteral("%1/.s.PGSQL.%2").arg(directory->socketDirectory(), PoolerDirectory::port());
    if (isAsking || !QFileInfo::exists(socket))
        return;
    isAsking = true;
    auto* const watcher = new QFutureWatcher<Result<bool>>(q);
    QObject::connect(watcher, &QFutureWatcherBase::finished, q, [this, watcher, started = run] {
        watcher->deleteLater();
        if (started == run)
            asked(watcher->result());
    });
    watcher->setFuture(askConsole<bool>(conninfo, "SHOW VERSION", &hasRows));
}

void PgBouncer::Private::asked(const Result<bool>& answer)
{
    isAsking = false;
    if (phase != Phase::Starting || !answer)
        return; // the next tick tries again
    phase = Phase::Running;
    timer.stop();
    later([this] { Q_EMIT q->started(); });
}

void PgBouncer::Private::gone()
{
    readLog();
    const QString words = log.isEmpty() ? process.errorString() : lastLines();
    if (phase == Phase::Starting) {
        fail({.kind = ErrorKind::Internal,
              .what = tr("PgBouncer ended while it was starting."),
              .advice = tr("The last lines of its log say why."),
              .serverWords = words});
    } else if (phase == Phase::Running) {
        stop();
        later([this, words] {
            Q_EMIT q->ended({.kind = ErrorKind::Connection,
                             .what = tr("The private PgBouncer ended by itself: the connections through it are cut. "
                                        "Its server connections end too, with their locks, once the server notices."),
                             .advice = tr("Start it again."),
                             .serverWords = words});
        });
    }
}

void PgBouncer::Private::readLog()
{
    log.append(process.readAll());
    if (log.size() > keptLog)
        log.remove(0, log.size() - keptLog);
}

QString PgBouncer::Private::lastLines() const
{
    const QStringList lines = QString::fromUtf8(log).trimmed().split(QLatin1Char('\n'));
    return lines.mid(qMax<qsizetype>(0, lines.size() - shownLines)).join(QLatin1Char('\n'));
}

void PgBouncer::Private::fail(const Error& error)
{
    stop();
    later([this, error] { Q_EMIT q->failed(error); });
}

/// Ends what runs and removes the directory. SIGKILL: it has nothing to tidy up, and the server ends its sessions when
/// their sockets are closed.
void PgBouncer::Private::stop()
{
    phase = Phase::Idle;
    timer.stop();
    if (process.state() != QProcess::NotRunning) {
        constexpr int patience = 2000; // milliseconds; it takes one
        process.kill();
        process.waitForFinished(patience);
    }
    directory.reset();
}

PgBouncer::PgBouncer(Conninfo server, PoolerSpec spec, QObject* parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this, std::move(server), std::move(spec)))
{
}

PgBouncer::~PgBouncer()
{
    d->process.disconnect(this);
    d->stop();
}

void PgBouncer::start()
{
    if (d->phase != Private::Phase::Idle)
        return;
    d->phase = Private::Phase::Starting;
    QMetaObject::invokeMethod(
        this,
        [this] {
            if (const auto launched = d->launch(); !launched)
                d->fail(launched.error());
        },
        Qt::QueuedConnection);
}

bool PgBouncer::isRunning() const
{
    return d->phase == Private::Phase::Running;
}

Conninfo PgBouncer::conninfo() const
{
    return d->conninfo;
}

const PoolerSpec& PgBouncer::spec() const
{
    return d->spec;
}

void PgBouncer::listServers()
{
    if (!isRunning())
        return;
    auto* const watcher = new QFutureWatcher<Result<QList<qint32>>>(this);
    connect(watcher, &QFutureWatcherBase::finished, this, [this, watcher, run = d->run] {
        watcher->deleteLater();
        const auto answer = watcher->result();
        if (answer && run == d->run && isRunning())
            d->later([this, pids = *answer] { Q_EMIT serversListed(pids); });
    });
    watcher->setFuture(askConsole<QList<qint32>>(d->conninfo, "SHOW SERVERS", &readPids));
}

QString PgBouncer::log() const
{
    return d->lastLines();
}

QString PgBouncer::directory() const
{
    return d->directory ? d->directory->path() : QString();
}

qint64 PgBouncer::processId() const
{
    return d->process.processId();
}

int PgBouncer::removeLeftovers()
{
    return PoolerDirectory::removeLeftovers();
}

} // namespace lockscope
