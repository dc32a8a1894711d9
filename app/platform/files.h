#pragma once

#include "app/platform/platform.h"
#include "models/domain/result.h"

#include <QByteArray>
#include <QString>

#include <optional>
#include <utility>

/// What Lockscope needs of a POSIX file system beyond Qt: directories and locks that prove who owns them, removal that
/// cannot be led astray by links, ports and shared memory. Implemented in files_posix.cpp alone. Any thread.
namespace lockscope::platform {

/// Makes a new directory (mode 0700) with a unique name: prefix and six random characters.
[[nodiscard]] Result<QString> createPrivateDirectory(const QString& prefix);
/// Makes a directory with mode 0700, owned by the account (none: by us).
[[nodiscard]] Result<void> makeDirectory(const QString& path, const std::optional<Account>& account);
/// Lets the members of the account's group pass through a directory of ours, but neither list nor change it (mode
/// 0710).
[[nodiscard]] Result<void> letThrough(const QString& directory, const Account& account);
/// Changes the owner, of a link itself and never of what it points to. Only root can.
[[nodiscard]] Result<void> giveTo(const QString& path, const Account& account);
/// Whether this is a directory, no link to one, that the user we run as owns.
[[nodiscard]] bool isOwnDirectory(const QString& path);
/// Removes a directory with everything in it, without following links, and the entry `last` in it after all others.
/// Files that appear meanwhile are removed too, within reason.
[[nodiscard]] Result<void> removeTree(const QString& directory, const QString& last = {});

/// A file that says by a lock (flock) whether its owner lives: the kernel releases it when the process ends, however it
/// ends.
class OwnerLock
{
public:
    /// Makes the file. It appears under its name only once it is locked, so nobody can mistake it for a left one.
    [[nodiscard]] static Result<OwnerLock> create(const QString& path, const QByteArray& content);
    /// Locks a file that was left. Nothing when its owner lives, it is not a plain file of the user we run as, or it
    /// does not start with `content`.
    [[nodiscard]] static std::optional<OwnerLock> takeOver(const QString& path, const QByteArray& content);

    ~OwnerLock();
    OwnerLock(OwnerLock&& other) noexcept
        : m_descriptor(std::exchange(other.m_descriptor, -1))
    {
    }
    OwnerLock& operator=(OwnerLock&& other) noexcept
    {
        std::swap(m_descriptor, other.m_descriptor);
        return *this;
    }
    Q_DISABLE_COPY(OwnerLock)

private:
    explicit OwnerLock(int descriptor)
        : m_descriptor(descriptor)
    {
    }
    int m_descriptor = -1;
};

/// The process that holds the lockFile of prepareChild(); 0 when there is none. The kernel answers, so an old number
/// that some other process has by now is never given.
[[nodiscard]] qint64 lockHolder(const QString& lockFile);

/// Whether a server could listen on this port of 127.0.0.1 at this moment.
[[nodiscard]] bool isFreeLoopbackPort(quint16 port);

/// Removes the System V shared memory segment of a server that was killed, only when it has this key and belongs to the
/// owner of `directory`. Processes that are still attached keep it until they end, and that ends it.
void removeSharedMemory(int id, qint64 key, const QString& directory);

} // namespace lockscope::platform
