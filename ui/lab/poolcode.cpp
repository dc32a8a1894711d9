#include "ui/lab/poolcode.h"

#include <QCoreApplication>
#include <QFile>

#include <array>

namespace lockscope {

namespace {

QString text(const char* source)
{
    return QCoreApplication::translate("PoolCode", source);
}

QString read(const QString& name)
{
    QFile file(QStringLiteral(":/code/%1.txt").arg(name));
    const bool opened = file.open(QIODevice::ReadOnly);
    Q_ASSERT(opened);
    return opened ? QString::fromUtf8(file.readAll()) : QString();
}

struct Library
{
    const char* id;
    const char* title;
};
constexpr std::array libraries{Library{"typeorm", "TypeORM"},          Library{"node-postgres", "node-postgres"},
                               Library{"psycopg", "psycopg 3"},        Library{"sqlalchemy", "SQLAlchemy"},
                               Library{"jdbc", "JDBC with HikariCP"},  Library{"go", "Go database/sql"},
                               Library{"rails", "Rails Active Record"}};

} // namespace

QList<CodeSnippet> poolCode()
{
    QList<CodeSnippet> snippets;
    for (const Library& library : libraries) {
        const QString id = QString::fromLatin1(library.id);
        const QString language = QString::fromLatin1(library.title);
        snippets.append({.language = language,
                         .form = text("Wrong"),
                         .code = read(id + QStringLiteral("-wrong")),
                         .remark = text("Works with a pool of one, so tests pass; leaks the lock with more.")});
        snippets.append({.language = language,
                         .form = text("Right"),
                         .code = read(id + QStringLiteral("-right")),
                         .remark = text("One connection from acquire to release, given back in all cases.")});
        snippets.append({.language = language,
                         .form = text("Transaction"),
                         .code = read(id + QStringLiteral("-transaction")),
                         .remark = text("The better answer when the work is one short transaction anyway.")});
    }
    return snippets;
}

} // namespace lockscope
