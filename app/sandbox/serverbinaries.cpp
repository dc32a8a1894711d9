#include "app/sandbox/serverbinaries.h"

#include <QCollator>
#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>

#include <algorithm>

namespace lockscope {

namespace {

/// What a small program of PostgreSQL prints; empty when it cannot be run or does not end.
QString outputOf(const QString& program, const QStringList& arguments)
{
    QProcess process;
    process.setStandardInputFile(QProcess::nullDevice());
    process.start(program, arguments);
    constexpr int patience = 5000; // milliseconds; it takes a few
    if (!process.waitForFinished(patience) || process.exitStatus() != QProcess::NormalExit || process.exitCode() != 0)
        return {};
    return QString::fromLocal8Bit(process.readAllStandardOutput()).trimmed();
}

/// Folders that a pattern such as "/usr/lib/postgresql/*/bin" names, the highest number first.
QStringList expanded(const QString& parent, const QString& pattern, const QString& rest)
{
    QStringList names = QDir(parent).entryList({pattern}, QDir::Dirs | QDir::NoDotAndDotDot);
    QCollator collator;
    collator.setNumericMode(true);
    std::sort(names.begin(), names.end(), [&collator](const QString& one, const QString& other) {
        return collator.compare(one, other) > 0; // 17 before 9.6
    });
    QStringList directories;
    for (const QString& name : std::as_const(names))
        directories.append(QStringLiteral("%1/%2/%3").arg(parent, name, rest));
    return directories;
}

QString absoluteIfFound(const QString& program)
{
    const QString found = QStandardPaths::findExecutable(program);
    // Some distributions put links into /usr/bin or /usr/local/bin; the other programs are beside what they point to.
    return found.isEmpty() ? QString() : QFileInfo(QFileInfo(found).canonicalFilePath()).absolutePath();
}

bool isProgram(const QString& directory, const QString& name)
{
    const QFileInfo file(QDir(directory).filePath(name));
    return file.isFile() && file.isExecutable();
}

QString installAdvice()
{
    return QCoreApplication::translate("lockscope::ServerBinaries",
                                       "Install a PostgreSQL server: the package \"postgresql\" on Debian and Ubuntu, "
                                       "\"postgresql-server\" on Fedora and "
                                       "Red Hat, or \"brew install postgresql@17\" on macOS. If one is installed in an "
                                       "unusual place, set the environment "
                                       "variable LOCKSCOPE_PG_BINDIR to the directory that holds initdb and postgres.");
}

} // namespace

QStringList serverBinaryDirectories()
{
    QStringList directories;
    const QString fromConfig = outputOf(QStringLiteral("pg_config"), {QStringLiteral("--bindir")});
    if (!fromConfig.isEmpty())
        directories.append(fromConfig);
    for (const QString& program : {QStringLiteral("initdb"), QStringLiteral("postgres")}) {
        const QString fromPath = absoluteIfFound(program);
        if (!fromPath.isEmpty())
            directories.append(fromPath);
    }
    const QString bin = QStringLiteral("bin");
    directories += expanded(QStringLiteral("/usr/lib/postgresql"), QStringLiteral("*"), bin);     // Debian, Ubuntu
    directories += expanded(QStringLiteral("/usr"), QStringLiteral("pgsql-*"), bin);              // Red Hat, from PGDG
    directories += expanded(QStringLiteral("/usr/lib"), QStringLiteral("postgresql[0-9]*"), bin); // SUSE
    directories += expanded(QStringLiteral("/usr/lib64"), QStringLiteral("postgresql-[0-9]*"), bin); // Gentoo
    directories += expanded(QStringLiteral("/opt/homebrew/opt"), QStringLiteral("postgresql*"), bin);
    directories += expanded(QStringLiteral("/usr/local/opt"), QStringLiteral("postgresql*"), bin);
    directories += expanded(QStringLiteral("/Applications/Postgres.app/Contents/Versions"), QStringLiteral("*"), bin);
    directories += {QStringLiteral("/usr/local/pgsql/bin"), QStringLiteral("/usr/bin")};
    directories.removeDuplicates();
    return directories;
}

Result<ServerBinaries> findServerBinariesIn(const QStringList& directories)
{
    // "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "postgres (PostgreSQL) 18beta1"
    static const QRegularExpression versionPattern(QStringLiteral("\\(PostgreSQL\\) ((\\d+)\\S*)"));
    constexpr int oldest = 10; // scram-sha-256 came with it

    QString tooOld;
    for (const QString& directory : directories) {
        if (!isProgram(directory, QStringLiteral("initdb")) || !isProgram(directory, QStringLiteral("postgres")))
            continue;
        const auto match = versionPattern.match(
            outputOf(QDir(directory).filePath(QStringLiteral("postgres")), {QStringLiteral("--version")}));
        if (!match.hasMatch())
            continue;
        const int major = match.captured(2).toInt();
        if (major >= oldest)
            return ServerBinaries{directory, match.captured(1), major};
        tooOld = match.captured(1);
    }
    const QString what = tooOld.isEmpty()
                             ? QCoreApplication::translate(
                                   "lockscope::ServerBinaries",
                                   "No PostgreSQL server was found on this machine, so no sandbox can be started.")
                             : QCoreApplication::translate(
                                   "lockscope::ServerBinaries",
                                   "Only PostgreSQL %1 was found on this machine; a sandbox needs version %2 or newer.")
                                   .arg(tooOld, QString::number(oldest));
    return failure({.kind = ErrorKind::Internal, .what = what, .advice = installAdvice()});
}

Result<ServerBinaries> findServerBinaries()
{
    const QString ordered = qEnvironmentVariable("LOCKSCOPE_PG_BINDIR");
    if (ordered.isEmpty())
        return findServerBinariesIn(serverBinaryDirectories());
    auto found = findServerBinariesIn({ordered});
    if (found)
        return found;
    return usageError(
        QCoreApplication::translate("lockscope::ServerBinaries",
                                    "LOCKSCOPE_PG_BINDIR names %1, where there is no PostgreSQL server of "
                                    "version 10 or newer that can be run.")
            .arg(ordered),
        QCoreApplication::translate("lockscope::ServerBinaries",
                                    "Set it to the directory that holds initdb and postgres, for example "
                                    "/usr/lib/postgresql/17/bin, or unset it."));
}

} // namespace lockscope
