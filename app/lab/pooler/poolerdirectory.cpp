#include "app/lab/pooler/poolerdirectory.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <chrono>

namespace lockscope {

namespace {

constexpr QStringView prefix = u"lockscope-pooler-";
constexpr QStringView marker = u"owner";
constexpr auto markerText = "Lockscope's private PgBouncer. It is removed when its owner has ended.\n";

/// Directories that these are made in. The path of a socket must fit into sockaddr_un: 103 bytes and a NUL on macOS,
/// 107 on Linux; PgBouncer refuses a longer one. Where TMPDIR is too long, they go to /tmp.
QStringList parents()
{
    constexpr int longestSocketPath = 103;
    const QString longestName = QStringLiteral("/%1XXXXXX/socket/.s.PGSQL.%2").arg(prefix, PoolerDirectory::port());
    const QString system = QStringLiteral("/tmp");
    const QString wanted = QDir(QDir::tempPath()).absolutePath();
    QStringList directories;
    if (QFile::encodeName(wanted + longestName).size() <= longestSocketPath)
        directories.append(wanted);
    if (!directories.contains(system))
        directories.append(system);
    return directories;
}

} // namespace

Result<PoolerDirectory> PoolerDirectory::create(const std::optional<platform::Account>& account)
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
    PoolerDirectory directory(*path, std::move(*lock), account);
    if (account) {
        if (const auto opened = platform::letThrough(*path, *account); !opened)
            return failure(opened.error());
    }
    if (const auto made = platform::makeDirectory(directory.socketDirectory(), account); !made)
        return failure(made.error());
    if (const auto written = directory.writeSecret(directory.poolerLockFile(), {}); !written)
        return failure(written.error());
    return directory;
}

int PoolerDirectory::removeLeftovers()
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
                const PoolerDirectory left(path, std::move(*lock), std::nullopt);
            }
            if (!QFileInfo::exists(path))
                ++removed;
        }
    }
    return removed;
}

PoolerDirectory::~PoolerDirectory()
{
    using namespace std::chrono_literals;
    if (m_path.isEmpty())
        return; // moved from
    if (const qint64 pooler = platform::lockHolder(poolerLockFile()); pooler != 0) {
        static_cast<void>(platform::sendSignal(pooler, platform::ProcessSignal::Kill));
        static_cast<void>(platform::waitForProcessEnd(pooler, 2s));
    }
    // What cannot be removed now keeps its marker and is removed by a later start.
    static_cast<void>(platform::removeTree(m_path, marker.toString()));
}

Result<void> PoolerDirectory::writeConfiguration(const QByteArray& content) const
{
    return writeSecret(configurationFile(), content);
}

Result<void> PoolerDirectory::writeSecret(const QString& path, const QByteArray& content) const
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly, QFile::ReadOwner | QFile::WriteOwner) ||
        file.write(content) != content.size() || !file.flush()) {
        return failure({.kind = ErrorKind::Internal,
                        .what = QCoreApplication::translate("lockscope::PoolerDirectory",
                                                            "The file %1 of the private PgBouncer could not be "
                                                            "written: %2.")
                                    .arg(path, file.errorString())});
    }
    return m_account ? platform::giveTo(path, *m_account) : Result<void>{};
}

} // namespace lockscope
