#include "app/sandbox/sandboxdirectory.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <chrono>

namespace lockscope {

namespace {

constexpr QStringView prefix = u"lockscope-sandbox-";
constexpr QStringView marker = u"owner";
constexpr auto markerText = "Lockscope sandbox. It is removed when its owner has ended.\n";

/// Directories that sandboxes are made in. The path of a socket must fit into sockaddr_un: 103 bytes and a NUL on
/// macOS, 107 on Linux; where TMPDIR is too long, sandboxes go to /tmp.
QStringList parents()
{
    constexpr int longestSocketPath = 103;
    const QString longestName = QStringLiteral("/%1XXXXXX/socket/.s.PGSQL.65535").arg(prefix);
    const QString system = QStringLiteral("/tmp");
    const QString wanted = QDir(QDir::tempPath()).absolutePath();
    QStringList directories;
    if (QFile::encodeName(wanted + longestName).size() <= longestSocketPath)
        directories.append(wanted);
    if (!directories.contains(system))
        directories.append(system);
    return directories;
}

/// Removes the shared memory of a server that was killed. A server that shut down has removed it and its
/// postmaster.pid.
void removeSharedMemoryOf(const QString& dataDirectory)
{
    constexpr int shared = 6; // seventh line: key and id
    const QString path = dataDirectory + QStringLiteral("/postmaster.pid");
    const QFileInfo information(path);
    QFile file(path);
    if (information.isSymLink() || !information.isFile() || !file.open(QIODevice::ReadOnly))
        return;
    const QList<QByteArray> lines = file.read(4096).split('\n');
    const QList<QByteArray> words = lines.value(shared).simplified().split(' ');
    bool keyIsNumber = false, idIsNumber = false;
    const qint64 key = words.value(0).toLongLong(&keyIsNumber);
    const int id = words.value(1).toInt(&idIsNumber);
    if (keyIsNumber && idIsNumber)
        platform::removeSharedMemory(id, key, dataDirectory);
}

} // namespace

Result<SandboxDirectory> SandboxDirectory::create(const std::optional<platform::Account>& account)
{
    const auto path = platform::createPrivateDirectory(QStringLiteral("%1/%2").arg(parents().constFirst(), prefix));
    if (!path)
        return failure(path.error());
    auto lock = platform::OwnerLock::create(QStringLiteral("%1/%2").arg(*path, marker), markerText);
    if (!lock) {
        static_cast<void>(platform::removeTree(*path));
        return failure(lock.error());
    }
    // From here on the destructor cleans up.
    SandboxDirectory directory(*path, std::move(*lock), account);
    if (account) {
        if (const auto opened = platform::letThrough(*path, *account); !opened)
            return failure(opened.error());
    }
    for (const QString& inner : {directory.dataDirectory(), directory.socketDirectory()}) {
        if (const auto made = platform::makeDirectory(inner, account); !made)
            return failure(made.error());
    }
    if (const auto written = directory.writeSecret(QFileInfo(directory.serverLockFile()).fileName(), {}); !written)
        return failure(written.error());
    return directory;
}

int SandboxDirectory::removeLeftovers()
{
    int removed = 0;
    const QStringList places = parents();
    for (const QString& parent : places) {
        const QStringList names = QDir(parent).entryList({QStringLiteral("%1*").arg(prefix)},
                                                         QDir::Dirs | QDir::Hidden | QDir::System | QDir::NoSymLinks);
        for (const QString& name : names) {
            const QString path = QStringLiteral("%1/%2").arg(parent, name);
            if (!platform::isOwnDirectory(path))
                continue;
            auto lock = platform::OwnerLock::takeOver(QStringLiteral("%1/%2").arg(path, marker), markerText);
            if (!lock)
                continue;
            {
                const SandboxDirectory left(path, std::move(*lock), std::nullopt);
            }
            if (!QFileInfo::exists(path))
                ++removed;
        }
    }
    return removed;
}

SandboxDirectory::~SandboxDirectory()
{
    if (m_path.isEmpty())
        return; // moved from
    endServer();
    if (QFileInfo::exists(dataDirectory() + QStringLiteral("/postmaster.pid")))
        endHelpers(); // a server that shut down has ended them, and has removed this file
    removeSharedMemoryOf(dataDirectory());
    // What cannot be removed now keeps its marker and is removed by a later start.
    static_cast<void>(platform::removeTree(m_path, marker.toString()));
}

void SandboxDirectory::endServer() const
{
    using namespace std::chrono_literals;
    const qint64 server = platform::lockHolder(serverLockFile());
    if (server == 0)
        return;
    // Immediate shutdown, which also removes shared memory; a stopped process has to be continued to hear it.
    for (const auto signal : {platform::ProcessSignal::Quit, platform::ProcessSignal::Continue})
        static_cast<void>(platform::sendSignal(server, signal));
    if (platform::waitForProcessEnd(server, 2s))
        return;
    static_cast<void>(platform::sendSignal(server, platform::ProcessSignal::Kill));
    static_cast<void>(platform::waitForProcessEnd(server, 2s));
}

void SandboxDirectory::endHelpers() const
{
    // Every process of the server has inherited the open lock file, although only the first one holds the lock.
    platform::endProcessesIn(dataDirectory(), serverLockFile());
}

Result<QString> SandboxDirectory::writeSecret(const QString& name, const QByteArray& content) const
{
    QFile file(QStringLiteral("%1/%2").arg(m_path, name));
    if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly, QFile::ReadOwner | QFile::WriteOwner) ||
        file.write(content) != content.size() || !file.flush()) {
        return failure({.kind = ErrorKind::Internal,
                        .what = QCoreApplication::translate("lockscope::SandboxDirectory",
                                                            "The file %1 of the sandbox could not be written: %2.")
                                    .arg(file.fileName(), file.errorString())});
    }
    if (m_account) {
        if (const auto given = platform::giveTo(file.fileName(), *m_account); !given)
            return failure(given.error());
    }
    return file.fileName();
}

Result<QString> SandboxDirectory::writeFile(const QString& name, const QByteArray& content) const
{
    // Nobody but the account of the server gets as far as this file.
    constexpr auto readable = QFile::ReadOwner | QFile::WriteOwner | QFile::ReadGroup | QFile::ReadOther;
    QFile file(QStringLiteral("%1/%2").arg(m_path, name));
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate) || !file.setPermissions(readable) ||
        file.write(content) != content.size() || !file.flush()) {
        return failure({.kind = ErrorKind::Internal,
                        .what = QCoreApplication::translate("lockscope::SandboxDirectory",
                                                            "The file %1 of the sandbox could not be written: %2.")
                                    .arg(file.fileName(), file.errorString())});
    }
    return file.fileName();
}

} // namespace lockscope
