#include "ui/locksentence.h"

#include "models/domain/displaytext.h"
#include "models/explanation.h"

#include <QCoreApplication>

namespace lockscope {

namespace {

QString tr(const char* source)
{
    return QCoreApplication::translate("LockSentence", source);
}

} // namespace

Situation situation(const LockView& view)
{
    if (view.waitingLocks == 0 && view.otherWaits == 0)
        return {tr("Nobody waits"), {}};
    if (view.waitingLocks == 0)
        return {view.otherWaits == 1 ? tr("1 session waits for a lock of another type")
                                     : tr("%1 sessions wait for locks of other types").arg(view.otherWaits),
                tr("Nobody waits for an advisory lock, the only type that this table lists now.")};
    const LockRow* longest = nullptr;
    qint64 shown = 0;
    for (const qint32 index : view.urgentRows) {
        const LockRow& row = view.rows[index];
        shown += row.isWaiting() ? 1 : 0;
        if (row.isWaiting() && (longest == nullptr || row.since() < longest->since()))
            longest = &row;
    }
    QString waiting = view.waitingLocks == 1 ? tr("1 session waits") : tr("%1 sessions wait").arg(view.waitingLocks);
    if (view.otherWaits > 0)
        waiting = view.otherWaits == 1
                      ? tr("%1 here, 1 more for a lock of another type").arg(waiting)
                      : tr("%1 here, %2 more for locks of other types").arg(waiting, QString::number(view.otherWaits));
    QString title = view.rootBlockers == 0   ? waiting
                    : view.rootBlockers == 1 ? tr("%1, held up by 1").arg(waiting)
                                             : tr("%1, held up by %2").arg(waiting).arg(view.rootBlockers);
    if (const auto deadlocks = view.waits ? view.waits->cycles.size() : 0; deadlocks > 0)
        title = deadlocks == 1 ? tr("%1; 1 deadlock").arg(title)
                               : tr("%1; %2 deadlocks").arg(title, QString::number(deadlocks));
    if (longest == nullptr)
        return {title, tr("The filter hides who waits.")};
    if (shown < view.waitingLocks)
        return {title,
                tr("The longest wait that is shown: %1").arg(explainLock(*longest, view, std::nullopt).situation)};
    return {title, view.waitingLocks == 1
                       ? explainLock(*longest, view, std::nullopt).situation
                       : tr("The longest wait: %1").arg(explainLock(*longest, view, std::nullopt).situation)};
}

QString findingsText(const LockView& view)
{
    constexpr qsizetype told = 3;
    if (!view.diagnoses)
        return {};
    QStringList lines;
    for (const Diagnosis& diagnosis : view.diagnoses->first(std::min(told, view.diagnoses->size())))
        lines.append(tr("%1: %2").arg(diagnosis.title, diagnosis.evidence));
    if (const qsizetype more = view.diagnoses->size() - told; more > 0)
        lines.append(more == 1 ? tr("And 1 more, seen when its lock is selected.")
                               : tr("And %1 more, seen when their locks are selected.").arg(more));
    return lines.join(u'\n');
}

const LockRow* blockerRow(const LockRow* row, const LockView& view)
{
    const LockRow* best = nullptr;
    if (row != nullptr && row->isWaiting()) {
        for (const qint32 index : view.urgentRows) {
            const LockRow& other = view.rows[index];
            if (&other == row || other.lock.target != row->lock.target ||
                !row->blockers.contains(other.lock.backend.pid))
                continue;
            if (other.lock.granted)
                return &other;
            if (best == nullptr || other.since() < best->since())
                best = &other;
        }
        return best;
    }
    for (const qint32 index : view.urgentRows) {
        const LockRow& other = view.rows[index];
        if (other.isRootBlocker() && (best == nullptr || other.stuckBehind > best->stuckBehind))
            best = &other;
    }
    return best;
}

QString keyFilter(const LockRow& row)
{
    return row.lock.target.key() ? QStringLiteral("key:%1").arg(describe(row.lock.target)) : QString();
}

QString applicationFilter(const LockRow& row)
{
    // The filter compares with what the cell shows.
    const QString name = row.backend ? cellText(row.backend->applicationName) : QString();
    if (name.isEmpty() || name.contains(QLatin1Char('"')))
        return {};
    return QStringLiteral("app:\"%1\"").arg(name);
}

QString lockQuery(const Lock& lock)
{
    const LockTarget& target = lock.target;
    QStringList conditions;
    const auto equals = [&conditions](const char* column, quint64 value) {
        conditions.append(QStringLiteral("l.%1 = %2").arg(QLatin1String(column), QString::number(value)));
    };
    if (target.type != LockType::Unknown)
        conditions.append(QStringLiteral("l.locktype = '%1'").arg(serverName(target.type)));
    switch (target.type) {
    case LockType::Advisory:
    case LockType::Object:
    case LockType::UserLock:
        equals("database", target.databaseOid);
        equals("classid", target.classid);
        equals("objid", target.objid);
        equals("objsubid", target.objsubid);
        break;
    case LockType::Tuple:
        equals("tuple", target.tuple);
        [[fallthrough]];
    case LockType::Page:
        equals("page", target.page);
        [[fallthrough]];
    case LockType::Relation:
    case LockType::Extend:
        equals("database", target.databaseOid);
        equals("relation", target.relationOid);
        break;
    case LockType::TransactionId:
        conditions.append(QStringLiteral("l.transactionid = '%1'::xid").arg(QString::number(target.transactionId)));
        break;
    case LockType::VirtualXid:
        conditions.append(
            QStringLiteral("l.virtualxid = '%1/%2'")
                .arg(QString::number(target.transactionId >> 32), QString::number(target.transactionId & 0xffffffffU)));
        break;
    case LockType::FrozenId:
    case LockType::SpeculativeToken:
    case LockType::ApplyTransaction:
    case LockType::Unknown:
        break;
    }
    if (lock.mode != LockMode::Unknown)
        conditions.append(QStringLiteral("l.mode = '%1'").arg(serverName(lock.mode)));
    conditions.append(lock.backend.pid == 0 ? QStringLiteral("l.pid IS NULL")
                                            : QStringLiteral("l.pid = %1").arg(lock.backend.pid));
    return QStringLiteral("SELECT l.*, a.application_name, a.state, a.query\n"
                          "FROM pg_catalog.pg_locks AS l\n"
                          "LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid\n"
                          "WHERE %1;\n")
        .arg(conditions.join(QStringLiteral("\n  AND ")));
}

} // namespace lockscope
