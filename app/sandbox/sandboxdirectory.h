#pragma once

#include "app/platform/files.h"
#include "models/domain/result.h"

#include <QString>

#include <optional>
#include <utility>

namespace lockscope {

/// The directory of one sandbox: the cluster, the socket, the log, and a file that stays locked while its owner lives.
/// Only its owner can enter it; the account that the server runs as, if that is another one, may pass through. Any one
/// thread. Never touches a directory that is not provably a sandbox: own prefix, own user, own marker, no links.
class SandboxDirectory final
{
public:
    /// Makes the directory below the system's temporary one.
    [[nodiscard]] static Result<SandboxDirectory> create(const std::optional<platform::Account>& account);
    /// Ends servers that run in directories whose owner is gone, waiting up to two seconds for each, and removes them.
    /// Returns how many directories it removed.
    static int removeLeftovers();

    ~SandboxDirectory(); ///< removes everything; a server that still runs in it is ended first
    SandboxDirectory(SandboxDirectory&& other) noexcept
        : m_path(std::exchange(other.m_path, {}))
        , m_lock(std::move(other.m_lock))
        , m_account(std::move(other.m_account))
    {
    }
    SandboxDirectory& operator=(SandboxDirectory&& other) = delete;
    Q_DISABLE_COPY(SandboxDirectory)

    [[nodiscard]] QString path() const { return m_path; }
    [[nodiscard]] QString dataDirectory() const { return m_path + QStringLiteral("/data"); }
    [[nodiscard]] QString socketDirectory() const { return m_path + QStringLiteral("/socket"); }
    [[nodiscard]] QString logFile() const { return m_path + QStringLiteral("/server.log"); }
    /// Held locked by a running server.
    [[nodiscard]] QString serverLockFile() const { return m_path + QStringLiteral("/server.lock"); }

    /// Ends what a killed server left running: helpers that have not noticed yet, and backends that somebody had
    /// stopped.
    void endHelpers() const;

    /// Writes a new file that only the account of the server (and root) can read.
    [[nodiscard]] Result<QString> writeSecret(const QString& name, const QByteArray& content) const;
    /// Writes or replaces a file that the server can read and not change.
    [[nodiscard]] Result<QString> writeFile(const QString& name, const QByteArray& content) const;

private:
    SandboxDirectory(QString path, platform::OwnerLock lock, std::optional<platform::Account> account)
        : m_path(std::move(path))
        , m_lock(std::move(lock))
        , m_account(std::move(account))
    {
    }
    void endServer() const;

    QString m_path;
    platform::OwnerLock m_lock;
    std::optional<platform::Account> m_account;
};

} // namespace lockscope
