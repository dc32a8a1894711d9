#include "models/lockexport.h"

#include "models/domain/csv.h"
#include "models/domain/displaytext.h"
#include "models/jsontext.h"
#include "models/lockcolumns.h"
#include "models/lockview.h"

#include <QCoreApplication>
#include <QJsonArray>

#include <algorithm>

namespace lockscope {

namespace {

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(LockExport)
};

template <typename Number>
QJsonValue number(Number value)
{
    return static_cast<qint64>(value);
}

/// A bigint is a decimal string: a JSON number is a double to most readers and loses it beyond 2^53.
void addKey(QJsonObject& object, const LockTarget& target)
{
    const std::optional<LockKey> key = target.key();
    const bool pair = key && key->form() == KeyForm::Int4Pair;
    object.insert(u"key", key ? QJsonValue(key->toString()) : QJsonValue());
    object.insert(u"form",
                  !key ? QJsonValue() : QJsonValue(pair ? QStringLiteral("int4pair") : QStringLiteral("bigint")));
    object.insert(u"key1", pair ? number(key->first()) : QJsonValue());
    object.insert(u"key2", pair ? number(key->second()) : QJsonValue());
    const bool tagged =
        target.type == LockType::Advisory || target.type == LockType::UserLock || target.type == LockType::Object;
    object.insert(u"classid", tagged ? number(target.classid) : QJsonValue());
    object.insert(u"objid", tagged ? number(target.objid) : QJsonValue());
    object.insert(u"objsubid", tagged ? number(target.objsubid) : QJsonValue());
}

QJsonObject lockJson(const LockRow& row, const LockView& view)
{
    const LockTarget& target = row.lock.target;
    QJsonObject object{{QStringLiteral("locktype"), serverName(target.type)},
                       {QStringLiteral("target"), describe(target, view.names.get())}};
    addKey(object, target);
    object.insert(u"database", textOrNull(view.databaseNames.value(target.databaseOid)));
    object.insert(u"databaseOid", target.databaseOid != 0 ? number(target.databaseOid) : QJsonValue());
    object.insert(u"relation", target.relationOid != 0 ? number(target.relationOid) : QJsonValue());
    object.insert(u"mode", serverName(row.lock.mode));
    object.insert(u"granted", row.lock.granted);
    object.insert(u"pid", row.lock.backend.pid != 0 ? number(row.lock.backend.pid) : QJsonValue());
    object.insert(u"backendStart", timeOrNull(row.lock.backend.backendStart));
    static const Backend unknown;
    const Backend& backend = row.backend ? *row.backend : unknown;
    object.insert(u"applicationName", row.backend ? QJsonValue(backend.applicationName) : QJsonValue());
    object.insert(u"user", textOrNull(backend.user));
    object.insert(u"clientAddr", textOrNull(backend.clientAddress));
    object.insert(u"state", backend.restricted ? QJsonValue() : textOrNull(backend.state));
    object.insert(u"query", backend.restricted || !row.backend ? QJsonValue() : QJsonValue(backend.query));
    const std::optional<ServerTime>& waitStart = row.lock.waitStart;
    object.insert(u"waitSeconds",
                  !row.lock.granted && waitStart
                      ? QJsonValue(std::max(std::chrono::duration<double>(view.takenAt - *waitStart).count(), 0.0))
                      : QJsonValue());
    QJsonArray blockers;
    for (const qint32 pid : row.blockers)
        blockers.append(pid);
    object.insert(u"blockedBy", blockers);
    object.insert(u"known", view.dictionary
                                ? knownJson(view.dictionary->uses(target, view.databaseNames.value(target.databaseOid)))
                                : QJsonArray());
    return object;
}

QString delimited(const QList<LockRow>& rows, const LockView& view)
{
    CsvWriter writer;
    QList<CsvCell> cells;
    for (const LockColumnInfo& column : lockColumns())
        cells.append(QString::fromLatin1(column.id));
    writer.addRow(cells);
    for (const LockRow& row : rows) {
        cells.clear();
        for (const LockColumnInfo& column : lockColumns())
            cells.append(column.exportCell(row, view));
        writer.addRow(cells);
    }
    return writer.text();
}

QList<LockRow> presentRows(const LockView& view)
{
    QList<LockRow> rows;
    rows.reserve(view.rows.size());
    std::copy_if(view.rows.begin(), view.rows.end(), std::back_inserter(rows),
                 [](const LockRow& row) { return !row.isGone(); });
    return rows;
}

QString padded(const QString& text, qsizetype width, Qt::Alignment alignment)
{
    return (alignment & Qt::AlignRight) ? text.rightJustified(width) : text.leftJustified(width);
}

} // namespace

QByteArray locksCsv(const LockView& view)
{
    return delimited(presentRows(view), view).toUtf8();
}

QString rowsAsCsv(const QList<LockRow>& rows, const LockView& view)
{
    return delimited(rows, view);
}

QString rowsAsTsv(const QList<LockRow>& rows, const LockView& view)
{
    QString text;
    const auto finishLine = [&] { text.back() = u'\n'; };
    const auto add = [&](QString cell) { text += cell.replace(u'\t', u' ') + u'\t'; };
    for (const LockColumnInfo& column : lockColumns())
        add(QString::fromLatin1(column.id));
    finishLine();
    for (const LockRow& row : rows) {
        for (const LockColumnInfo& column : lockColumns())
            add(column.exportCell(row, view).encoded());
        finishLine();
    }
    return text;
}

QJsonObject locksJson(const ServerInfo& server, const LockView& view)
{
    QJsonArray locks;
    for (const LockRow& row : view.rows) {
        if (!row.isGone())
            locks.append(lockJson(row, view));
    }
    return {
        {QStringLiteral("server"), serverJson(server)},
        {QStringLiteral("serverTime"), view.empty ? QJsonValue() : QJsonValue(timeText(view.takenAt))},
        {QStringLiteral("pollMs"), std::chrono::duration<double, std::milli>(view.pollDuration).count()},
        {QStringLiteral("total"), view.totalLocks},
        {QStringLiteral("locks"), locks},
    };
}

LockViewPointer viewOf(const SnapshotPointer& snapshot)
{
    LockViewBuilder builder;
    LockViewSpec spec;
    spec.rowLimit = 0;
    static_cast<void>(builder.respecify(spec));
    return builder.update(snapshot).view;
}

QJsonObject locksJson(const ServerInfo& server, const SnapshotPointer& snapshot)
{
    return locksJson(server, *viewOf(snapshot));
}

QString locksText(const LockView& view)
{
    constexpr int widest = 60;
    const QList<LockRow> rows = presentRows(view);
    QList<const LockColumnInfo*> columns;
    const bool meant = std::any_of(rows.begin(), rows.end(), [](const LockRow& row) { return !row.meaning.isEmpty(); });
    for (const LockColumnInfo& column : lockColumns()) {
        if (column.visibleByDefault && (meant || column.column != LockColumn::Meaning))
            columns.append(&column);
    }
    QList<QStringList> lines{{}};
    for (const LockColumnInfo* column : columns)
        lines.first().append(column->title());
    for (const LockRow& row : rows) {
        QStringList cells;
        for (const LockColumnInfo* column : columns)
            cells.append(cellText(column->text(row, view), widest));
        lines.append(cells);
    }

    QString text;
    if (!rows.isEmpty()) {
        QList<qsizetype> widths(columns.size(), 0);
        for (const QStringList& cells : std::as_const(lines)) {
            for (qsizetype column = 0; column < cells.size(); ++column)
                widths[column] = std::max(widths[column], cells[column].size());
        }
        for (const QStringList& cells : std::as_const(lines)) {
            QString line;
            for (qsizetype column = 0; column < cells.size(); ++column)
                line += padded(cells[column], widths[column], columns[column]->alignment) + QStringLiteral("  ");
            while (line.endsWith(u' '))
                line.chop(1);
            text += line + u'\n';
        }
    }
    text += (view.totalLocks == 1 ? Text::tr("1 lock") : Text::tr("%1 locks").arg(view.totalLocks)) +
            QStringLiteral(", ") + Text::tr("%1 waiting").arg(view.waitingLocks) + u'\n';
    return text;
}

} // namespace lockscope
