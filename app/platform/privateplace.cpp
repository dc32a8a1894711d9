#include "app/platform/privateplace.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>

namespace lockscope::platform {

namespace {

/// Directories that such places are made in. The path of a socket must fit into sockaddr_un: 103 bytes and a NUL on
/// macOS, 107 on Linux, and servers refuse a longer one. Where TMPDIR is too long, they go to /tmp.
QStringList parentsOf(const PrivatePlaceKind& kind)
{
    constexpr int longestSocketPath = 103;
    constexpr int randomCharacters = 6; // see createPrivateDirectory()
    const QString random(randomCharacters, u'x');
    const QString longestName = QStringLiteral("/%1%2/%3").arg(kind.prefix, random, kind.longestSocket);
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

Result<PrivatePlace> createPrivatePlace(const PrivatePlaceKind& kind, const std::optional<Account>& account)
{
    const auto path = createPrivateDirectory(QStringLiteral("%1/%2").arg(parentsOf(kind).constFirst(), kind.prefix));
    if (!path)
        return failure(path.error());
    auto lock = OwnerLock::create(QStringLiteral("%1/%2").arg(*path, kind.marker), kind.markerText);
    Result<void> ready = lock ? Result<void>() : failure(lock.error());
    if (ready && account)
        ready = letThrough(*path, *account);
    if (!ready) {
        static_cast<void>(removeTree(*path));
        return failure(ready.error());
    }
    return PrivatePlace{.path = *path, .lock = std::move(*lock)};
}

int removeLeftPlaces(const PrivatePlaceKind& kind,
                     const std::function<void(const QString& path, OwnerLock lock)>& remove)
{
    int removed = 0;
    const QStringList places = parentsOf(kind);
    for (const QString& parent : places) {
        const QStringList names = QDir(parent).entryList({QStringLiteral("%1*").arg(kind.prefix)},
                                                         QDir::Dirs | QDir::Hidden | QDir::System | QDir::NoSymLinks);
        for (const QString& name : names) {
            const QString path = QStringLiteral("%1/%2").arg(parent, name);
            if (!isOwnDirectory(path))
                continue;
            auto lock = OwnerLock::takeOver(QStringLiteral("%1/%2").arg(path, kind.marker), kind.markerText);
            if (!lock)
                continue;
            remove(path, std::move(*lock));
            if (!QFileInfo::exists(path))
                ++removed;
        }
    }
    return removed;
}

Result<void> writeSecretFile(const QString& path, const QByteArray& content, const std::optional<Account>& account,
                             const QString& what)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly, QFile::ReadOwner | QFile::WriteOwner) ||
        file.write(content) != content.size() || !file.flush()) {
        return failure(
            {.kind = ErrorKind::Internal,
             .what = QCoreApplication::translate("lockscope::platform", "The file %1 %2 could not be written: %3.")
                         .arg(path, what, file.errorString())});
    }
    return account ? giveTo(path, *account) : Result<void>{};
}

} // namespace lockscope::platform
