#include "app/lab/scenario/scenariofile.h"

#include "app/lab/scenario/scenarioreaderdocument.h"
#include "app/lab/scenario/scenarioreadertree.h"
#include "models/domain/displaytext.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>

namespace lockscope {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(ScenarioFile)
};

/// In the order in which they teach: what a lock is, how to ask for it, what goes wrong in an application, what happens
/// when a client dies, and what else shares the lock table.
QStringList lessonNames()
{
    return {QStringLiteral("two-syncs-refused"),
            QStringLiteral("session-scope"),
            QStringLiteral("try-versus-blocking"),
            QStringLiteral("lock-timeout"),
            QStringLiteral("re-entrant-count"),
            QStringLiteral("session-versus-transaction"),
            QStringLiteral("rollback-keeps-session-lock"),
            QStringLiteral("unlock-all-and-discard"),
            QStringLiteral("pool-trap"),
            QStringLiteral("pool-of-one-hides-it"),
            QStringLiteral("dedicated-connection"),
            QStringLiteral("missing-finally-exhausts-pool"),
            QStringLiteral("transaction-pooler-leak"),
            QStringLiteral("multi-pod-hand-over"),
            QStringLiteral("crash-release"),
            QStringLiteral("crash-while-busy"),
            QStringLiteral("frozen-client"),
            QStringLiteral("bigint-is-not-a-pair"),
            QStringLiteral("per-database-keys"),
            QStringLiteral("shared-and-exclusive-queue"),
            QStringLiteral("deadlock"),
            QStringLiteral("prepared-transaction"),
            QStringLiteral("create-index-concurrently-trap")};
}

Result<QByteArray> contentOf(const QString& name)
{
    const QFileInfo information(name);
    // A pipe or a device would be read without end.
    if (information.exists() && !information.isFile())
        return usageError(Text::tr("%1 is not a file.").arg(cellText(name)));
    QFile file(name);
    if (!file.open(QIODevice::ReadOnly)) {
        return failure({.kind = ErrorKind::Usage,
                        .what = Text::tr("The lesson %1 cannot be read: %2").arg(cellText(name), file.errorString()),
                        .advice = Text::tr("\"lockscope scenario list\" names the lessons that are built in.")});
    }
    return file.read(largestScenarioFile + 1);
}

QString line(const QString& file, const ScenarioFault& fault)
{
    const QString words =
        Text::tr("found %1; expected %2").arg(cellText(fault.found, 300), cellText(fault.expected, 500));
    if (fault.line == 0)
        return QStringLiteral("%1: %2").arg(file, words);
    return QStringLiteral("%1:%2:%3: %4").arg(file, QString::number(fault.line), QString::number(fault.column), words);
}

Result<ScenarioDocument> readNamed(const QString& name, const QString& file)
{
    const auto content = contentOf(file);
    if (!content)
        return failure(content.error());
    auto document = readScenario(*content);
    if (document)
        return std::move(*document);
    QStringList lines;
    for (const ScenarioFault& fault : document.error())
        lines.append(line(name, fault));
    return failure(
        {.kind = ErrorKind::Usage,
         .what = Text::tr("%1 is no lesson that can be run.").arg(cellText(name)),
         .advice = Text::tr("Correct the places that are named; docs/scenario-format.md describes the file."),
         .serverWords = lines.join(u'\n')});
}

QString resourceOf(const QString& name)
{
    return QStringLiteral(":/scenarios/%1.yaml").arg(name);
}

} // namespace

tl::expected<ScenarioDocument, QList<ScenarioFault>> readScenario(const QByteArray& yaml)
{
    const auto tree = readYaml(yaml);
    if (!tree)
        return tl::unexpected(QList<ScenarioFault>{tree.error()});
    ScenarioFaults faults;
    ScenarioDocument document = scenarioreader::document(*tree, faults);
    if (faults.count() > 0)
        return tl::unexpected(faults.sorted());
    return document;
}

Result<ScenarioDocument> readScenarioFile(const QString& file)
{
    return readNamed(file, file);
}

QList<ScenarioDocument> builtInScenarios()
{
    QList<ScenarioDocument> documents;
    for (const QString& name : lessonNames()) {
        if (const auto document = builtInScenario(name))
            documents.append(*document);
    }
    return documents;
}

Result<ScenarioDocument> builtInScenario(const QString& name)
{
    if (!lessonNames().contains(name)) {
        return usageError(Text::tr("There is no lesson \"%1\".").arg(cellText(name, 60)),
                          Text::tr("The lessons are: %1.").arg(lessonNames().join(QStringLiteral(", "))));
    }
    return readNamed(name + QStringLiteral(".yaml"), resourceOf(name));
}

} // namespace lockscope
