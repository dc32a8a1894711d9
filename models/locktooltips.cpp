// What explains a cell: the part of the column table that is read one cell at a time.
#include "models/lockcolumns.h"

#include <QCoreApplication>

#include <algorithm>

namespace lockscope {

namespace {

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(LockColumns)
};

/// The name with what PostgreSQL knows the object by: numbers are what other tools show.
QString keyToolTip(const LockRow& row, const LockView& view)
{
    const LockTarget& target = row.lock.target;
    QStringList lines{describe(target, view.names.get())};
    if (const QString numbers = describe(target); numbers != lines.first())
        lines.append(numbers);
    if (target.type == LockType::Advisory)
        lines.append(
            Text::tr("pg_locks: classid %1, objid %2, objsubid %3")
                .arg(QString::number(target.classid), QString::number(target.objid), QString::number(target.objsubid)));
    const std::optional<ObjectAddress> address = addressOf(target);
    if (!address || !view.names)
        return lines.join(u'\n');
    if (const auto name = view.names->names.constFind(*address); name != view.names->names.cend()) {
        lines.append(name->name.isEmpty()   ? Text::tr("It has no name: it was dropped, or is not yet visible.")
                     : name->note.isEmpty() ? name->kind
                                            : Text::tr("%1, %2").arg(name->kind, name->note));
        lines.removeAll(QString());
    } else if (const QString trouble = view.names->troubles.value(address->databaseOid); !trouble.isEmpty()) {
        lines.append(trouble);
    }
    return lines.join(u'\n');
}

/// All candidates, the best first, each with where it is known from.
QString meaningToolTip(const LockRow& row, const LockView& view)
{
    if (!view.dictionary || row.lock.target.type != LockType::Advisory)
        return row.meaning;
    constexpr qsizetype usesShown = 12;
    const QList<KnownUse> uses =
        view.dictionary->uses(row.lock.target, view.databaseNames.value(row.lock.target.databaseOid));
    QStringList lines;
    for (const KnownUse& use : uses.first(std::min(uses.size(), usesShown))) {
        QStringList parts{use.project, use.purpose, use.detail};
        parts.removeAll(QString());
        QString line = parts.join(QStringLiteral(": "));
        if (use.confidence != Confidence::Is)
            line = Text::tr("%1: %2").arg(word(use.confidence), line);
        lines.append(use.source.isEmpty() ? line : Text::tr("%1 (source: %2)").arg(line, use.source));
    }
    if (uses.size() > usesShown)
        lines.append(Text::tr("and %1 more").arg(uses.size() - usesShown));
    return lines.isEmpty() ? row.meaning : lines.join(u'\n');
}

/// Who a pid is: application, user and database, address, one line each; what is not known is left out.
QString backendSummary(const LockRow& row, const LockView& view)
{
    QStringList lines{Text::tr("PID %1").arg(row.lock.backend.pid)};
    const Backend& backend = *row.backend;
    if (!backend.applicationName.isEmpty())
        lines.append(backend.applicationName);
    if (!backend.user.isEmpty())
        lines.append(backend.database.isEmpty() ? backend.user
                                                : Text::tr("%1 in %2").arg(backend.user, backend.database));
    if (const QString address = lockColumn(LockColumn::Address).text(row, view);
        !address.isEmpty() && !backend.restricted)
        lines.append(address);
    return lines.join(u'\n');
}

} // namespace

QString lockToolTip(LockColumn column, const LockRow& row, const LockView& view)
{
    switch (column) {
    case LockColumn::Key:
        return keyToolTip(row, view);
    case LockColumn::Meaning:
        return meaningToolTip(row, view);
    case LockColumn::Since:
        if (row.isGone())
            return Text::tr("It is no longer there. It had this age when it was last seen.");
        if (!row.lock.granted && row.lock.waitStart)
            return Text::tr("Waiting for this long, by the server's clock.");
        if (!row.lock.granted)
            return Text::tr("Waiting at least since it was first seen; the server did not say since when.");
        return row.firstSeenExact ? Text::tr("Held since it was seen to come, exact to the refresh interval.")
                                  : Text::tr("It was already held at the first look, so it is at least this old.");
    case LockColumn::BackendState:
    case LockColumn::Address:
    case LockColumn::Query:
        if (row.backend && row.backend->restricted)
            return Text::tr("Not visible to this role. A role with pg_read_all_stats sees it.");
        if (column == LockColumn::Query && row.backend)
            return row.backend->query;
        break;
    default:
        break;
    }
    if (row.lock.backend.pid == 0 && (column == LockColumn::Pid || column == LockColumn::BackendState))
        return Text::tr(
            "Held by a prepared transaction: no backend to end. COMMIT PREPARED or ROLLBACK PREPARED releases it.");
    if (column == LockColumn::Application && row.backend)
        return row.backend->applicationName;
    if (column == LockColumn::Pid && row.backend)
        return backendSummary(row, view);
    return lockColumn(column).text(row, view);
}

} // namespace lockscope
