#include "tests/field/fieldtools.h"

#include <QFile>

namespace lockscope::test {

const QList<FieldTool>& fieldTools()
{
    static const QList<FieldTool> tools{
        {.file = QStringLiteral("pgadmin4_sessions"), .title = QStringLiteral("pgAdmin 4, sessions")},
        {.file = QStringLiteral("pgadmin4_locks"), .title = QStringLiteral("pgAdmin 4, locks")},
        {.file = QStringLiteral("pg_activity"), .title = QStringLiteral("pg_activity")},
        {.file = QStringLiteral("pghero"), .title = QStringLiteral("PgHero")},
        {.file = QStringLiteral("postgres_dba_l1"), .title = {}},
        {.file = QStringLiteral("postgres_dba_l2"), .title = QStringLiteral("postgres_dba l2")},
        {.file = QStringLiteral("pglockr"), .title = QStringLiteral("pglockr")},
        {.file = QStringLiteral("pglockr_labels"), .title = {}},
        {.file = QStringLiteral("pganalyze"), .title = QStringLiteral("pganalyze")},
        {.file = QStringLiteral("self_join"), .title = QStringLiteral("wiki self-join")},
        {.file = QStringLiteral("temboard"), .title = {}},
        {.file = QStringLiteral("pgwatch"), .title = {}},
        {.file = QStringLiteral("pg_extras"), .title = {}},
        {.file = QStringLiteral("rpg"), .title = {}},
        {.file = QStringLiteral("pgadmin3"), .title = {}},
        // Last: a login that never ends is one more session that waits.
        {.file = QStringLiteral("dbeaver"),
         .title = QStringLiteral("DBeaver"),
         .newConnection = true,
         .picksOne = true},
    };
    return tools;
}

QByteArray fieldStatement(const QString& file, int versionNumber)
{
    QFile source(QStringLiteral(LOCKSCOPE_SOURCE_DIR "/tests/field/sql/%1.sql").arg(file));
    if (!source.open(QIODevice::ReadOnly))
        return "SELECT 'no such file'::int4";
    QByteArray statement;
    while (!source.atEnd()) {
        const QByteArray line = source.readLine();
        if (!line.startsWith("--"))
            statement += line;
    }
    if (versionNumber < 140000)
        statement.replace("l.waitstart", "NULL::timestamptz").replace("w.waitstart", "NULL::timestamptz");
    return statement.trimmed();
}

QByteArray everyChoice(QByteArray statement)
{
    return statement.replace("row_number()", "rank()");
}

} // namespace lockscope::test
