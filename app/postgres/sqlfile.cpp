#include "app/postgres/sqlfile.h"

#include <QFile>

namespace lockscope {

QByteArray sqlStatement(const QString& name)
{
    QFile file(QStringLiteral(":/sql/%1.sql").arg(name));
    const bool isOpen = file.open(QIODevice::ReadOnly);
    Q_ASSERT_X(isOpen, "sqlStatement", qPrintable(name));
    if (!isOpen)
        return {};
    QByteArray statement;
    while (!file.atEnd()) {
        const auto line = file.readLine();
        if (!line.startsWith("--")) // comments are for readers of the file
            statement += line;
    }
    return statement.trimmed();
}

} // namespace lockscope
