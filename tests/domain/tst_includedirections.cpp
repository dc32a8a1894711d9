#include "tests/support/suite.h"

#include <QDirIterator>
#include <QFileInfo>
#include <QLibraryInfo>
#include <QRegularExpression>
#include <QSet>

#include <algorithm>

using namespace lockscope;

namespace {

struct Include
{
    QString name;
    bool quoted = false; ///< "models/x.h", not <QString>
};

QList<Include> includesOf(const QString& source)
{
    static const QRegularExpression directive(QStringLiteral("^[ \\t]*#[ \\t]*include[ \\t]*([<\"])([^>\"]+)[>\"]"),
                                              QRegularExpression::MultilineOption);
    QList<Include> includes;
    for (auto match = directive.globalMatch(source); match.hasNext();) {
        const QRegularExpressionMatch found = match.next();
        includes.append({.name = found.captured(2), .quoted = found.captured(1) == QStringLiteral("\"")});
    }
    return includes;
}

bool startsWithAny(const QString& text, const QStringList& prefixes)
{
    return std::any_of(prefixes.cbegin(), prefixes.cend(),
                       [&](const QString& prefix) { return text.startsWith(prefix); });
}

bool isQtCore(const QString& header)
{
    static const QString folder = QLibraryInfo::path(QLibraryInfo::HeadersPath) + QStringLiteral("/QtCore/");
    return QFileInfo::exists(folder + header) || header.startsWith(QStringLiteral("QtCore/"));
}

bool isQt(const QString& header)
{
    static const QRegularExpression name(QStringLiteral("^(Qt?[A-Z]|qt?[a-z0-9_]+\\.h$)"));
    return name.match(header).hasMatch();
}

bool isQtSql(const QString& header)
{
    return startsWithAny(header, {QStringLiteral("QSql"), QStringLiteral("QtSql"), QStringLiteral("qsql")});
}

bool isLibpq(const QString& header)
{
    return startsWithAny(header, {QStringLiteral("libpq"), QStringLiteral("postgresql/"),
                                  QStringLiteral("postgres_ext"), QStringLiteral("pg_config")});
}

bool isThreadOrProcess(const QString& header)
{
    static const QSet<QString> names{QStringLiteral("QThread"),
                                     QStringLiteral("QThreadPool"),
                                     QStringLiteral("QProcess"),
                                     QStringLiteral("QMutex"),
                                     QStringLiteral("QSemaphore"),
                                     QStringLiteral("QFuture"),
                                     QStringLiteral("QPromise"),
                                     QStringLiteral("thread"),
                                     QStringLiteral("future"),
                                     QStringLiteral("mutex"),
                                     QStringLiteral("condition_variable")};
    return names.contains(header) || header.startsWith(QStringLiteral("QtConcurrent"));
}

bool isPosix(const QString& header)
{
    static const QSet<QString> names{
        QStringLiteral("signal.h"), QStringLiteral("csignal"), QStringLiteral("unistd.h"),  QStringLiteral("poll.h"),
        QStringLiteral("fcntl.h"),  QStringLiteral("pwd.h"),   QStringLiteral("grp.h"),     QStringLiteral("pthread.h"),
        QStringLiteral("dlfcn.h"),  QStringLiteral("netdb.h"), QStringLiteral("termios.h"), QStringLiteral("spawn.h")};
    return names.contains(header) ||
           startsWithAny(header, {QStringLiteral("sys/"), QStringLiteral("netinet/"), QStringLiteral("arpa/"),
                                  QStringLiteral("linux/"), QStringLiteral("net/")});
}

/// Why this file must not have this include; empty when it may. Paths are from the top of the tree.
QString objection(const QString& file, const Include& include)
{
    const QString& name = include.name;
    const bool inModels = file.startsWith(QStringLiteral("models/"));
    const bool inUi = file.startsWith(QStringLiteral("ui/"));

    if (include.quoted) {
        if (name.endsWith(QStringLiteral(".moc")))
            return {};
        if (!startsWithAny(name, {QStringLiteral("models/"), QStringLiteral("ui/"), QStringLiteral("app/")}))
            return QStringLiteral("is not written from the top of the tree");
        if (inModels && !name.startsWith(QStringLiteral("models/")))
            return QStringLiteral("runs backwards: models know, they do not show or act");
        if (file.startsWith(QStringLiteral("models/domain/")) && !name.startsWith(QStringLiteral("models/domain/")))
            return QStringLiteral("runs backwards: the domain knows no item models");
        if (inUi && name.startsWith(QStringLiteral("app/")))
            return QStringLiteral("runs backwards: ui shows, it does not act");
        return {};
    }

    if (isPosix(name) && !file.startsWith(QStringLiteral("app/platform/")))
        return QStringLiteral("is POSIX: only app/platform may");
    if ((isQtSql(name) || isLibpq(name)) && !file.startsWith(QStringLiteral("app/postgres/")))
        return QStringLiteral("reaches the database: only app/postgres may");
    if (inModels && isThreadOrProcess(name))
        return QStringLiteral("is for threads or processes: models have none");
    if (inModels && isQt(name) && !isQtCore(name))
        return QStringLiteral("is not of QtCore: models have nothing else");
    return {};
}

QStringList objections(const QString& file, const QString& source)
{
    QStringList result;
    for (const Include& include : includesOf(source)) {
        const QString reason = objection(file, include);
        if (!reason.isEmpty())
            result += QStringLiteral("%1: %2 %3").arg(file, include.name, reason);
    }
    return result;
}

} // namespace

class TestIncludeDirections : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void everyIncludeOfTheTreeRunsForwards_data();
    void everyIncludeOfTheTreeRunsForwards();
    void objectsToBackwardIncludes_data();
    void objectsToBackwardIncludes();
    void acceptsForwardIncludes_data();
    void acceptsForwardIncludes();
    void readsEveryWayToWriteAnInclude();
};

void TestIncludeDirections::everyIncludeOfTheTreeRunsForwards_data()
{
    QTest::addColumn<QString>("folder");
    QTest::addColumn<int>("atLeast");
    QTest::newRow("models") << QStringLiteral("models") << 30;
    QTest::newRow("ui") << QStringLiteral("ui") << 2;
    QTest::newRow("app") << QStringLiteral("app") << 8;
}

void TestIncludeDirections::everyIncludeOfTheTreeRunsForwards()
{
    QFETCH(QString, folder);
    QFETCH(int, atLeast);
    const QDir top(QStringLiteral(LOCKSCOPE_SOURCE_DIR));
    QStringList found;
    int files = 0;
    int includes = 0;
    QDirIterator iterator(top.filePath(folder), {QStringLiteral("*.h"), QStringLiteral("*.cpp")}, QDir::Files,
                          QDirIterator::Subdirectories);
    while (iterator.hasNext()) {
        QFile file(iterator.next());
        QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
        const QString source = QString::fromUtf8(file.readAll());
        found += objections(top.relativeFilePath(file.fileName()), source);
        includes += static_cast<int>(includesOf(source).size());
        ++files;
    }
    QVERIFY2(files >= atLeast, qPrintable(QString::number(files)));
    QVERIFY2(includes >= files, qPrintable(QString::number(includes)));
    QVERIFY2(found.isEmpty(), qPrintable(found.join(u'\n')));
}

void TestIncludeDirections::objectsToBackwardIncludes_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("include");
    const auto row = [](const char* file, const char* include) {
        QTest::addRow("%s %s", file, include) << QString::fromLatin1(file) << QString::fromLatin1(include);
    };
    row("models/lockview.cpp", "\"ui/theme.h\"");
    row("models/lockview.cpp", "\"app/postgres/observer.h\"");
    row("models/lockview.cpp", "\"tests/support/suite.h\"");
    row("models/lockview.cpp", "<QWidget>");
    row("models/lockview.cpp", "<QColor>");
    row("models/lockview.cpp", "<QtWidgets/QTableView>");
    row("models/lockview.cpp", "<qwidget.h>");
    row("models/lockview.cpp", "<QSqlDatabase>");
    row("models/lockview.cpp", "<libpq-fe.h>");
    row("models/lockview.cpp", "<QThread>");
    row("models/lockview.cpp", "<QtConcurrent>");
    row("models/lockview.cpp", "<QProcess>");
    row("models/lockview.cpp", "<thread>");
    row("models/domain/lock.cpp", "\"models/lockview.h\"");
    row("models/domain/lock.cpp", "\"lock.h\"");
    row("models/domain/lock.cpp", "\"../lockview.h\"");
    row("ui/mainwindow.cpp", "\"app/console.h\"");
    row("ui/mainwindow.cpp", "\"tests/support/suite.h\"");
    row("ui/mainwindow.cpp", "<QSqlQuery>");
    row("ui/mainwindow.cpp", "<QtSql>");
    row("ui/mainwindow.cpp", "<libpq-fe.h>");
    row("ui/mainwindow.cpp", "<unistd.h>");
    row("app/lab/simulatedclient.cpp", "<libpq-fe.h>");
    row("app/lab/simulatedclient.cpp", "<postgresql/libpq-fe.h>");
    row("app/lab/simulatedclient.cpp", "<signal.h>");
    row("app/main.cpp", "<QSqlDatabase>");
    row("app/postgres/observer.cpp", "<poll.h>");
    row("app/postgres/observer.cpp", "<sys/socket.h>");
    row("app/sandbox/sandbox.cpp", "<pwd.h>");
}

void TestIncludeDirections::objectsToBackwardIncludes()
{
    QFETCH(QString, file);
    QFETCH(QString, include);
    const QString source = QStringLiteral("#pragma once\n#include <QString>\n#include %1\nint x;\n").arg(include);
    QCOMPARE(objections(file, source).size(), 1);
}

void TestIncludeDirections::acceptsForwardIncludes_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("include");
    const auto row = [](const char* file, const char* include) {
        QTest::addRow("%s %s", file, include) << QString::fromLatin1(file) << QString::fromLatin1(include);
    };
    row("models/domain/lock.cpp", "\"models/domain/lock.h\"");
    row("models/lockview.cpp", "\"models/domain/lock.h\"");
    row("models/lockview.cpp", "<QAbstractItemModel>");
    row("models/lockview.cpp", "<vector>");
    row("models/lockview.cpp", "<tl/expected.hpp>");
    row("ui/mainwindow.cpp", "\"models/lockview.h\"");
    row("ui/mainwindow.cpp", "<QMainWindow>");
    row("app/main.cpp", "\"ui/mainwindow.h\"");
    row("app/postgres/observer.cpp", "<libpq-fe.h>");
    row("app/postgres/operatorsession.cpp", "<QSqlDatabase>");
    row("app/postgres/operatorsession.cpp", "\"operatorsession.moc\"");
    row("app/postgres/observer.cpp", "<QThread>");
    row("app/lab/simulatedclient.cpp", "\"app/postgres/libpqconnection.h\"");
    row("app/lab/simulatedclient.cpp", "<QProcess>");
    row("app/platform/platform_posix.cpp", "<sys/prctl.h>");
}

void TestIncludeDirections::acceptsForwardIncludes()
{
    QFETCH(QString, file);
    QFETCH(QString, include);
    QCOMPARE(objections(file, QStringLiteral("#include ") + include), QStringList());
}

void TestIncludeDirections::readsEveryWayToWriteAnInclude()
{
    const QString source =
        QStringLiteral("#include <a>\n  #  include  \"b/c.h\" // why\n// #include <not>\n#include<d.h>\r\n"
                       "const char* s = \"#include <not>\";\n");
    QStringList names;
    for (const Include& include : includesOf(source))
        names += include.name;
    QCOMPARE(names.join(u' '), QStringLiteral("a b/c.h d.h"));
}

QTEST_GUILESS_MAIN(TestIncludeDirections)
#include "tst_includedirections.moc"
