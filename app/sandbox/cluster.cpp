#include "app/sandbox/cluster.h"

#include <QCoreApplication>
#include <QFile>
#include <QRandomGenerator>

#include <array>

namespace lockscope {

namespace {

QString translated(const char* text)
{
    return QCoreApplication::translate("lockscope::Cluster", text);
}

QString generatedPassword()
{
    std::array<quint32, 6> numbers;
    QRandomGenerator::system()->fillRange(numbers.data(), numbers.size());
    return QString::fromLatin1(QByteArray(reinterpret_cast<const char*>(numbers.data()), sizeof numbers).toHex());
}

/// A string of postgresql.conf.
QString quoted(const QString& text)
{
    QString escaped = text;
    escaped.replace(QLatin1Char('\\'), QStringLiteral("\\\\")).replace(QLatin1Char('\''), QStringLiteral("''"));
    return QStringLiteral("'%1'").arg(escaped);
}

} // namespace

Cluster::Cluster(ServerBinaries binaries, std::optional<platform::Account> account, SandboxDirectory directory)
    : m_binaries(std::move(binaries))
    , m_account(std::move(account))
    , m_directory(std::move(directory))
{
}

Result<Cluster> Cluster::create()
{
    auto binaries = findServerBinaries();
    if (!binaries)
        return failure(binaries.error());
    std::optional<platform::Account> account;
    if (platform::isAdministrator()) {
        account = platform::unprivilegedAccount();
        if (!account) {
            return usageError(
                translated("PostgreSQL refuses to run as root, and this system has no account \"postgres\" or "
                           "\"nobody\" to run it as."),
                translated("Start Lockscope as an ordinary user, or create the account \"postgres\"."));
        }
    }
    auto directory = SandboxDirectory::create(account);
    if (!directory)
        return failure(directory.error());
    return Cluster(std::move(*binaries), std::move(account), std::move(*directory));
}

/// initdb and the server see nothing of our environment, which may hold PG* settings and secrets.
void Cluster::prepare(QProcess& process, platform::ProcessSignal onParentDeath, const QString& lockFile) const
{
    QProcessEnvironment environment;
    environment.insert(QStringLiteral("PATH"), QStringLiteral("/usr/local/bin:/usr/bin:/bin"));
    environment.insert(QStringLiteral("LC_ALL"), QStringLiteral("C")); // messages that can be recognised
    environment.insert(QStringLiteral("HOME"), m_directory.dataDirectory());
    process.setProcessEnvironment(environment);
    process.setWorkingDirectory(m_directory.dataDirectory());
    process.setStandardInputFile(QProcess::nullDevice());
    platform::prepareChild(process, m_account, onParentDeath, lockFile);
}

Result<void> Cluster::startInitdb(QProcess& initdb)
{
    m_password = generatedPassword();
    const auto file = m_directory.writeSecret(QStringLiteral("password"), m_password.toLatin1() + '\n');
    if (!file)
        return failure(file.error());
    m_passwordFile = *file;

    QStringList arguments = {QStringLiteral("--pgdata=") + m_directory.dataDirectory(),
                             QStringLiteral("--username=") + superuser(),
                             QStringLiteral("--pwfile=") + m_passwordFile,
                             QStringLiteral("--auth=scram-sha-256"),
                             QStringLiteral("--encoding=UTF8"),
                             QStringLiteral("--locale=C"),
                             QStringLiteral("--no-sync")};
    if (m_binaries.major >= 11)
        arguments.append(QStringLiteral("--wal-segsize=1")); // 1 MB instead of 16 MB: less to write
    // SIGTERM: initdb cleans up after itself, and its helpers end with its pipe.
    prepare(initdb, platform::ProcessSignal::Terminate, {});
    initdb.setProcessChannelMode(QProcess::MergedChannels);
    initdb.start(m_binaries.directory + QStringLiteral("/initdb"), arguments);
    return {};
}

void Cluster::removePasswordFile()
{
    QFile::remove(m_passwordFile);
}

std::optional<Error> Cluster::initdbProblem(QProcess& initdb) const
{
    if (initdb.error() != QProcess::FailedToStart && initdb.exitStatus() == QProcess::NormalExit &&
        initdb.exitCode() == 0)
        return std::nullopt;
    const QString words = ServerLog::lastLines(initdb.readAll());
    Error error;
    error.what = translated("The private PostgreSQL cluster could not be created.");
    error.serverWords = words.isEmpty() ? initdb.errorString() : words;
    if (error.serverWords.contains(QStringLiteral("No space left"))) {
        error.advice =
            translated("Free some space on the disk of %1, or set TMPDIR to a directory with 100 MB or more.")
                .arg(m_directory.path());
    } else if (error.serverWords.contains(QStringLiteral("ermission denied")) && m_account) {
        error.advice =
            translated("As root the server runs as the account %1, which must be able to enter %2 and to run the "
                       "programs in %3.")
                .arg(m_account->name, m_directory.path(), m_binaries.directory);
    } else {
        error.advice = translated("The last lines of initdb say why.");
    }
    return error;
}

Result<void> Cluster::writeConfiguration(const QString& extraLines) const
{
    const QString ownSettings = QStringLiteral("max_connections = 100\n"
                                               "shared_buffers = 32MB\n"
                                               "max_prepared_transactions = 10\n"
                                               "deadlock_timeout = 1s\n"
                                               "log_lock_waits = on\n"
                                               "fsync = off\n"
                                               "full_page_writes = off\n"
                                               "cluster_name = 'lockscope sandbox'\n"
                                               // In the data directory: files in /dev/shm outlive a killed server.
                                               "dynamic_shared_memory_type = mmap\n");
    const QString fixedSettings = QStringLiteral("listen_addresses = '127.0.0.1'\n"
                                                 "unix_socket_permissions = 0700\n"
                                                 "logging_collector = off\n"
                                                 "log_destination = 'stderr'\n"
                                                 "lc_messages = 'C'\n");
    const QString text =
        QStringLiteral("include %1\n%2\n%3\n%4\nunix_socket_directories = %5\n")
            .arg(quoted(m_directory.dataDirectory() + QStringLiteral("/postgresql.conf")), ownSettings, extraLines,
                 fixedSettings, quoted(QStringLiteral("\"%1\"").arg(m_directory.socketDirectory())));
    // Beside the data directory: as root nothing is written into a directory that another account owns.
    const auto written = m_directory.writeFile(QStringLiteral("server.conf"), text.toUtf8());
    return written ? Result<void>{} : failure(written.error());
}

void Cluster::startServer(QProcess& server, quint16 port) const
{
    // SIGQUIT: an immediate shutdown, which removes shared memory, unlike SIGKILL.
    prepare(server, platform::ProcessSignal::Quit, m_directory.serverLockFile());
    server.setStandardOutputFile(m_directory.logFile(), QIODevice::Append);
    server.setStandardErrorFile(m_directory.logFile(), QIODevice::Append);
    server.start(m_binaries.directory + QStringLiteral("/postgres"),
                 {QStringLiteral("-D"), m_directory.dataDirectory(), QStringLiteral("-p"), QString::number(port),
                  QStringLiteral("-c"), QStringLiteral("config_file=%1/server.conf").arg(m_directory.path())});
}

/// Below the ports that systems hand to outgoing connections (32768 and up on Linux, 49152 elsewhere): a client that
/// keeps trying a dead port of that range can connect to itself, and then no server gets the port back.
quint16 Cluster::freePort()
{
    quint16 port = 0;
    for (int attempt = 0; attempt < 100; ++attempt) {
        port = static_cast<quint16>(QRandomGenerator::global()->bounded(20000, 32000));
        if (platform::isFreeLoopbackPort(port))
            break;
    }
    return port; // when none was free the server says so
}

} // namespace lockscope
