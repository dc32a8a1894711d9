#pragma once

#include "app/platform/files.h"

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <functional>
#include <optional>

/// Directories of private servers: made below the system's temporary directory, marked by a file that their owner keeps
/// locked, found again when that owner is gone. Any thread. Never touches a directory that is not provably such a one.
namespace lockscope::platform {

struct PrivatePlaceKind
{
    QStringView prefix;         ///< "lockscope-sandbox-"; six random characters follow
    QStringView marker;         ///< name of the locked file in it
    QByteArray markerText;      ///< what that file says
    QString longestSocket = {}; ///< the longest path of a socket below it: "socket/.s.PGSQL.65535"
};

/// A new directory (mode 0700, or open for the account to pass through) and the lock that says that its owner lives.
struct PrivatePlace
{
    QString path;
    OwnerLock lock;
};
[[nodiscard]] Result<PrivatePlace> createPrivatePlace(const PrivatePlaceKind& kind,
                                                      const std::optional<Account>& account);

/// Hands each directory of this kind whose owner is gone to `remove`, with its lock taken over. Returns how many do not
/// exist any more then.
int removeLeftPlaces(const PrivatePlaceKind& kind,
                     const std::function<void(const QString& path, OwnerLock lock)>& remove);

/// A new file that only the account (none: we) and root can read; what: "of the sandbox", for the error's words.
[[nodiscard]] Result<void> writeSecretFile(const QString& path, const QByteArray& content,
                                           const std::optional<Account>& account, const QString& what);

} // namespace lockscope::platform
