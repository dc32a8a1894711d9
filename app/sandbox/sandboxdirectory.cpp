#include "app/sandbox/sandboxdirectory.h"

#include "app/platform/privateplace.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>

#include <chrono>

namespace lockscope {

namespace {

constexpr QStringView marker = u"owner";

platform::PrivatePlaceKind kind()
{
    return {.prefix = u"lockscope-sandbox-",
            .marker = marker,
            .markerText = "Lockscope sandbox. It is removed when its owner has ended.\n",
            .longestSocket = QStringLiteral("socket/.s.PGSQL.65535")};
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
    auto place = platform::createPrivatePlace(kind(), account);
    if (!place)
        return failure(place.error());
    // From here on the destructor cleans up.
    SandboxDirectory directory(place->path, std::move(place->lock), account);
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
    return platform::removeLeftPlaces(kind(), [](const QString& path, platform::OwnerLock lock) {
        const SandboxDirectory left(path, std::move(lock), std::nullopt);
    });
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
    QString path = QStringLiteral("%1/%2").arg(m_path, name);
    const auto written = platform::writeSecretFile(
        path, content, m_account, QCoreApplication::translate("lockscope::SandboxDirectory", "of the sandbox"));
    if (!written)
        return failure(written.error());
    return path;
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
