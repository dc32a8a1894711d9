#pragma once

#include "app/platform/platform.h"

#include <QCoreApplication>
#include <QFile>
#include <QProcess>
#include <QStringList>
#include <QTemporaryDir>

#include <optional>

namespace lockscope::test {

/// The sandboxhelper of this folder, started and heard: firstLine is what it said. Killed with the object.
class HelperProcess
{
public:
    explicit HelperProcess(const QStringList& arguments, const std::optional<platform::Account>& account = std::nullopt)
    {
        m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        if (account)
            platform::prepareChild(m_process, account, platform::ProcessSignal::Kill);
        m_process.start(account ? reachableProgram() : program(), arguments);
        while (!m_process.canReadLine() && m_process.waitForReadyRead(60'000)) {
        }
        m_firstLine = QString::fromUtf8(m_process.readLine()).trimmed();
    }
    ~HelperProcess() { kill(); }
    Q_DISABLE_COPY_MOVE(HelperProcess)

    void kill()
    {
        m_process.kill();
        m_process.waitForFinished();
    }
    [[nodiscard]] QString firstLine() const { return m_firstLine; }
    [[nodiscard]] QProcess& process() { return m_process; }
    [[nodiscard]] static QString program()
    {
        return QCoreApplication::applicationDirPath() + QStringLiteral("/sandboxhelper");
    }

private:
    /// A copy that another account can reach: the build may stand in a folder of root's.
    [[nodiscard]] QString reachableProgram()
    {
        QFile::setPermissions(m_place.path(), QFile::permissions(m_place.path()) | QFile::ReadOther | QFile::ExeOther);
        const QString copy = m_place.filePath(QStringLiteral("sandboxhelper"));
        QFile::copy(program(), copy);
        return copy;
    }

    QTemporaryDir m_place;
    QProcess m_process;
    QString m_firstLine;
};

} // namespace lockscope::test
