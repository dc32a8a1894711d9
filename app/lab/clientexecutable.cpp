#include "app/lab/clientexecutable.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>

namespace lockscope {

Result<QString> findClientExecutable()
{
    const QDir here(QCoreApplication::applicationDirPath());
    QStringList candidates{here.filePath(QStringLiteral("lockscope-client")),
                           QDir::cleanPath(here.filePath(QStringLiteral("../libexec/lockscope/lockscope-client")))};
    if (const QString named = qEnvironmentVariable("LOCKSCOPE_CLIENT"); !named.isEmpty())
        candidates = {named};
    for (const QString& candidate : std::as_const(candidates)) {
        const QFileInfo file(candidate);
        if (file.isFile() && file.isExecutable())
            return file.absoluteFilePath();
    }
    return failure(
        {.kind = ErrorKind::Internal,
         .what = QCoreApplication::translate("lockscope::SimulatedClient",
                                             "The program lockscope-client is missing, so no client was started."),
         .advice = QCoreApplication::translate("lockscope::SimulatedClient",
                                               "Install Lockscope again. It was looked for here: %1")
                       .arg(candidates.join(QStringLiteral(", ")))});
}

} // namespace lockscope
