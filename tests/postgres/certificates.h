#pragma once

#include "app/platform/platform.h"

#include <QProcess>
#include <QTemporaryDir>

#include <unistd.h>

namespace lockscope::test {

/// A certificate authority and what it signed, in a directory that the server's account can read.
class Certificates
{
public:
    Certificates()
    {
        m_problem = make(QStringLiteral("authority"), QStringLiteral("/CN=Test authority"));
        if (m_problem.isEmpty())
            m_problem = make(QStringLiteral("stranger"), QStringLiteral("/CN=Other authority"));
        if (m_problem.isEmpty())
            m_problem = make(QStringLiteral("server"), QStringLiteral("/CN=db.example"), QStringLiteral("authority"));
        if (!platform::isAdministrator())
            return;
        const auto account = platform::unprivilegedAccount();
        for (const auto& name : {QStringLiteral("."), QStringLiteral("server.key"), QStringLiteral("server.crt")}) {
            if (account && m_problem.isEmpty() &&
                ::chown(path(name).toLocal8Bit().constData(), account->userId, account->groupId) != 0)
                m_problem = QStringLiteral("cannot give %1 to the server's account").arg(name);
        }
    }
    [[nodiscard]] QString problem() const { return m_problem; }
    [[nodiscard]] QString path(const QString& name) const { return m_directory.filePath(name); }

private:
    QString make(const QString& name, const QString& subject, const QString& signer = {}) const
    {
        QStringList arguments = {QStringLiteral("req"),
                                 QStringLiteral("-x509"),
                                 QStringLiteral("-newkey"),
                                 QStringLiteral("rsa:2048"),
                                 QStringLiteral("-noenc"),
                                 QStringLiteral("-days"),
                                 QStringLiteral("2"),
                                 QStringLiteral("-subj"),
                                 subject,
                                 QStringLiteral("-keyout"),
                                 path(name + QStringLiteral(".key")),
                                 QStringLiteral("-out"),
                                 path(name + QStringLiteral(".crt"))};
        if (!signer.isEmpty())
            arguments << QStringLiteral("-CA") << path(signer + QStringLiteral(".crt")) << QStringLiteral("-CAkey")
                      << path(signer + QStringLiteral(".key"));
        QProcess openssl;
        openssl.start(QStringLiteral("openssl"), arguments);
        if (openssl.waitForFinished() && openssl.exitStatus() == QProcess::NormalExit && openssl.exitCode() == 0)
            return {};
        return QStringLiteral("openssl: ") + openssl.errorString() +
               QString::fromLocal8Bit(openssl.readAllStandardError());
    }

    QTemporaryDir m_directory;
    QString m_problem;
};

} // namespace lockscope::test
