#pragma once

#include "app/platform/platform.h"
#include "app/sandbox/sandboxdirectory.h"
#include "app/sandbox/serverbinaries.h"
#include "app/sandbox/serverlog.h"

#include <QProcess>

#include <optional>

namespace lockscope {

/// The cluster of one sandbox: its directory, password and settings, and how initdb and postgres are to be called on
/// it. Starts processes that it is given, waits for none and watches none: that is Sandbox. Same thread as the sandbox.
class Cluster final
{
public:
    /// Finds the programs and the account and makes the directory.
    [[nodiscard]] static Result<Cluster> create();

    /// Starts initdb with a generated password; removePasswordFile() is to be called when it has ended.
    [[nodiscard]] Result<void> startInitdb(QProcess& initdb);
    void removePasswordFile();
    /// What went wrong with an initdb that has ended, if anything.
    [[nodiscard]] std::optional<Error> initdbProblem(QProcess& initdb) const;
    /// Extra lines win over the sandbox's own settings, but not over those that keep it private and readable.
    [[nodiscard]] Result<void> writeConfiguration(const QString& extraLines) const;
    void startServer(QProcess& server, quint16 port) const;

    [[nodiscard]] const SandboxDirectory& directory() const { return m_directory; }
    [[nodiscard]] const ServerBinaries& binaries() const { return m_binaries; }
    [[nodiscard]] QString password() const { return m_password; }
    [[nodiscard]] ServerLog log() const { return ServerLog(m_directory.logFile()); }
    [[nodiscard]] static QString superuser() { return QStringLiteral("postgres"); }
    /// A port of 127.0.0.1 that nobody listened on a moment ago.
    [[nodiscard]] static quint16 freePort();

private:
    Cluster(ServerBinaries binaries, std::optional<platform::Account> account, SandboxDirectory directory);
    void prepare(QProcess& process, platform::ProcessSignal onParentDeath, const QString& lockFile) const;

    ServerBinaries m_binaries;
    std::optional<platform::Account> m_account;
    SandboxDirectory m_directory;
    QString m_password;
    QString m_passwordFile;
};

} // namespace lockscope
