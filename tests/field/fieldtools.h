#pragma once

#include <QByteArray>
#include <QList>
#include <QString>

namespace lockscope::test {

/// A statement that another tool decides by who waits for whom, written from a description of that tool: rows of
/// (waiter_pid, blocker_pid, ...). blocker_pid is NULL where it shows a wait without a blocker, and 0 for a prepared
/// transaction.
struct FieldTool
{
    QString file;               ///< tests/field/sql/<file>.sql
    QString title;              ///< its column in README; empty: not shown there
    bool newConnection = false; ///< connects for each refresh
    bool picksOne = false;      ///< keeps one blocker of each waiter, any
};

[[nodiscard]] const QList<FieldTool>& fieldTools();

/// One statement of tests/field/sql, without its comment lines. Before PostgreSQL 14 nothing tells when a wait began,
/// and the statement reads NULL there.
[[nodiscard]] QByteArray fieldStatement(const QString& file, int versionNumber);
/// All that a tool which picks one blocker picks from.
[[nodiscard]] QByteArray everyChoice(QByteArray statement);

} // namespace lockscope::test
