#pragma once

#include "app/platform/files.h"
#include "models/domain/result.h"

#include <QString>

#include <optional>
#include <utility>

namespace lockscope {

/// The directory of one private PgBouncer: its configuration, its socket, and a file that stays locked while its owner
/// lives. Only its owner can enter it; the account that PgBouncer runs as, if that is another one, may pass through.
/// Any one thread. Never touches a directory that is not provably one of these: own prefix, own user, own marker, no
/// links.
class PoolerDirectory final
{
public:
    /// Makes the directory below the system's temporary one; below /tmp where a socket's path would be too long there.
    [[nodiscard]] static Result<PoolerDirectory> create(const std::optional<platform::Account>& account);
    /// Removes directories whose owner is gone, and ends a PgBouncer that still runs in one, waiting up to two seconds
    /// for each. Returns how many it removed.
    static int removeLeftovers();

    ~PoolerDirectory(); ///< removes everything; a PgBouncer that still runs in it is ended first
    PoolerDirectory(PoolerDirectory&& other) noexcept
        : m_path(std::exchange(other.m_path, {}))
        , m_lock(std::move(other.m_lock))
        , m_account(std::move(other.m_account))
    {
    }
    PoolerDirectory& operator=(PoolerDirectory&& other) = delete;
    Q_DISABLE_COPY(PoolerDirectory)

    [[nodiscard]] QString path() const { return m_path; }
    [[nodiscard]] QString socketDirectory() const { return m_path + QStringLiteral("/socket"); }
    [[nodiscard]] QString configurationFile() const { return m_path + QStringLiteral("/pgbouncer.ini"); }
    /// Held locked by a running PgBouncer.
    [[nodiscard]] QString poolerLockFile() const { return m_path + QStringLiteral("/pgbouncer.lock"); }

    /// Writes the configuration, which holds a password: only the account of PgBouncer (and root) can read it.
    [[nodiscard]] Result<void> writeConfiguration(const QByteArray& content) const;

    /// The number in the name of the socket, ".s.PGSQL.6432": PgBouncer's usual one. Nothing listens on such a port.
    [[nodiscard]] static QString port() { return QStringLiteral("6432"); }

private:
    PoolerDirectory(QString path, platform::OwnerLock lock, std::optional<platform::Account> account)
        : m_path(std::move(path))
        , m_lock(std::move(lock))
        , m_account(std::move(account))
    {
    }
    [[nodiscard]] Result<void> writeSecret(const QString& path, const QByteArray& content) const;

    QString m_path;
    platform::OwnerLock m_lock;
    std::optional<platform::Account> m_account;
};

} // namespace lockscope
