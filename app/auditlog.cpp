#include "app/auditlog.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>

namespace lockscope {

namespace {

struct Messages
{
    Q_DECLARE_TR_FUNCTIONS(lockscope::AuditLog)
};

tl::unexpected<Error> notWritten(const QFile& file)
{
    return failure(
        {.kind = ErrorKind::Internal,
         .what = Messages::tr("The audit log could not be written: %1").arg(file.errorString()),
         .advice =
             Messages::tr("Make room, or make %1 writable. Actions go on without being logged.").arg(file.fileName())});
}

/// A line that a crash tore has no end; the next one must not be glued to it.
bool endsTorn(const QString& fileName)
{
    QFile file(fileName);
    if (!file.open(QIODevice::ReadOnly) || file.size() == 0)
        return false;
    return file.seek(file.size() - 1) && file.read(1) != "\n";
}

} // namespace

AuditLog::AuditLog(const QString& directory)
    : m_fileName(
          QDir(directory.isEmpty() ? QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) : directory)
              .filePath(QStringLiteral("audit.jsonl")))
{
}

Result<void> AuditLog::append(const AuditEntry& entry) const
{
    QFile file(m_fileName);
    QDir().mkpath(QFileInfo(file).absolutePath());
    QByteArray line = auditLine(entry);
    if (file.size() > 0 && file.size() + line.size() > rotatedAt) {
        const QString older = m_fileName + QStringLiteral(".1");
        QFile::remove(older);
        QFile::rename(m_fileName, older);
    }
    if (endsTorn(m_fileName))
        line.prepend('\n');
    // Unbuffered, so that a line is one write at the end of the file, whoever else appends.
    if (!file.open(QIODevice::WriteOnly | QIODevice::Append | QIODevice::Unbuffered,
                   QFileDevice::ReadOwner | QFileDevice::WriteOwner) ||
        file.write(line) != line.size())
        return notWritten(file);
    return {};
}

QList<AuditEntry> AuditLog::entries(qsizetype count) const
{
    QList<AuditEntry> newest;
    for (const QString& name : {m_fileName, m_fileName + QStringLiteral(".1")}) {
        QFile file(name);
        if (newest.size() >= count || !file.open(QIODevice::ReadOnly))
            continue;
        const auto lines = file.readAll().split('\n');
        for (auto line = lines.crbegin(); line != lines.crend() && newest.size() < count; ++line) {
            if (const auto entry = auditEntry(*line))
                newest.append(*entry);
        }
    }
    return newest;
}

} // namespace lockscope
