#include "app/lockexporter.h"

#include "models/lockexport.h"
#include "ui/lockspage.h"

#include <QJsonDocument>
#include <QSaveFile>
#include <QtConcurrentRun>

namespace lockscope {

Result<void> writeFile(const QString& fileName, const QByteArray& content)
{
    QSaveFile file(fileName);
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size() || !file.commit()) {
        return failure({.kind = ErrorKind::Internal,
                        .what = QStringLiteral("The file could not be written: %1").arg(file.errorString()),
                        .advice = QStringLiteral("Choose a folder that you may write to, with enough space left.")});
    }
    return {};
}

QFuture<Result<qsizetype>> exportLocks(const LockViewPointer& view, const ServerInfo& server, const QString& fileName,
                                       ExportFormat format)
{
    return QtConcurrent::run([view, server, fileName, format]() -> Result<qsizetype> {
        const QByteArray content =
            format == ExportFormat::Csv ? locksCsv(*view) : QJsonDocument(locksJson(server, *view)).toJson();
        return writeFile(fileName, content).map([&view] { return static_cast<qsizetype>(view->shownLocks); });
    });
}

} // namespace lockscope
