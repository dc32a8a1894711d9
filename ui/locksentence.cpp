#include "ui/locksentence.h"

#include "models/domain/displaytext.h"

#include <QCoreApplication>

#include <algorithm>

namespace lockscope {

namespace {

constexpr int nameLimit = 60;
/// More names than this are counted.
constexpr int namesShown = 3;

QString tr(const char* source)
{
    return QCoreApplication::translate("LockSentence", source);
}

QString who(qint32 pid, const Backend* backend)
{
    if (pid == 0)
        return tr("a prepared transaction");
    if (backend == nullptr || backend->applicationName.isEmpty())
        return tr("pid %1").arg(pid);
    const QString name = cellText(backend->applicationName, nameLimit);
    // Parentheses in parentheses read badly.
    return (name.contains(QLatin1Char('(')) ? tr("pid %1 \"%2\"") : tr("pid %1 (%2)")).arg(QString::number(pid), name);
}

QString what(const LockTarget& target)
{
    return target.key() ? tr("key %1").arg(describe(target)) : describe(target);
}

QString listed(const QStringList& names)
{
    QStringList shown = names.first(std::min<qsizetype>(names.size(), namesShown));
    const qsizetype more = names.size() - shown.size();
    if (more > 0)
        return tr("%1 and %2 more").arg(shown.join(QStringLiteral(", ")), QString::number(more));
    if (shown.size() < 2)
        return shown.join(QString());
    const QString last = shown.takeLast();
    return tr("%1 and %2").arg(shown.join(QStringLiteral(", ")), last);
}

/// "Held by" where the view shows the blocker holding the same target, "ahead in the queue" where it waits for it too.
QString blockerSentences(const LockRow& row, const LockView& view)
{
    if (row.blockers.isEmpty())
        return tr("The server did not say who it waits for.");
    QStringList holders;
    QStringList ahead;
    QStringList others;
    for (const qint32 pid : row.blockers) {
        const LockRow* holds = nullptr;
        const LockRow* waits = nullptr;
        const Backend* backend = nullptr;
        for (const LockRow& other : view.rows) {
            if (other.lock.backend.pid != pid || other.isGone())
                continue;
            if (other.backend)
                backend = other.backend.get();
            if (other.lock.target == row.lock.target)
                (other.lock.granted ? holds : waits) = &other;
        }
        QStringList& group = holds != nullptr ? holders : waits != nullptr ? ahead : others;
        group.append(who(pid, backend));
    }
    QStringList sentences;
    if (!holders.isEmpty())
        sentences.append(tr("It is held by %1.").arg(listed(holders)));
    if (!ahead.isEmpty())
        sentences.append(tr("Ahead of it in the queue: %1.").arg(listed(ahead)));
    if (!others.isEmpty())
        sentences.append(tr("It is blocked by %1.").arg(listed(others)));
    return sentences.join(QLatin1Char(' '));
}

QString duration(const LockRow& row, const LockView& view)
{
    const QString age = formatAge(row.age(view.takenAt));
    return row.sinceExact() ? age : tr("at least %1").arg(age);
}

QString sentenceStart(QString text)
{
    if (!text.isEmpty() && text.startsWith(QLatin1String("a ")))
        text[0] = text[0].toUpper();
    return text;
}

} // namespace

QString lockSentence(const LockRow& row, const LockView& view)
{
    const QString subject = sentenceStart(who(row.lock.backend.pid, row.backend.get()));
    const QString object = what(row.lock.target);
    QStringList sentences;
    if (row.isGone()) {
        sentences.append(row.lock.granted ? tr("%1 held %2. The lock is no longer there.").arg(subject, object)
                                          : tr("%1 waited for %2. It no longer does.").arg(subject, object));
        return sentences.join(QLatin1Char(' '));
    }
    if (row.isWaiting()) {
        sentences.append(tr("%1 has waited %2 for %3.").arg(subject, duration(row, view), object));
        sentences.append(blockerSentences(row, view));
    } else {
        sentences.append(tr("%1 has held %2 for %3.").arg(subject, object, duration(row, view)));
        if (row.backend && row.backend->state == QLatin1String("idle") && row.lock.target.type == LockType::Advisory)
            sentences.append(tr("It is idle outside a transaction, so it holds the lock at session level: "
                                "only this session or its end can release it."));
        else if (row.lock.backend.pid == 0)
            sentences.append(tr("Only COMMIT PREPARED or ROLLBACK PREPARED releases it."));
    }
    if (row.stuckBehind == 1)
        sentences.append(tr("1 session waits behind it."));
    else if (row.stuckBehind > 1)
        sentences.append(tr("%1 sessions wait behind it.").arg(row.stuckBehind));
    return sentences.join(QLatin1Char(' '));
}

Situation situation(const LockView& view)
{
    if (view.waitingLocks == 0)
        return {tr("Nobody waits"), {}};
    const LockRow* longest = nullptr;
    for (const LockRow& row : view.rows) {
        if (row.isWaiting() && (longest == nullptr || row.since() < longest->since()))
            longest = &row;
    }
    const QString waiting =
        view.waitingLocks == 1 ? tr("1 session waits") : tr("%1 sessions wait").arg(view.waitingLocks);
    const QString title = view.rootBlockers == 0   ? waiting
                          : view.rootBlockers == 1 ? tr("%1, held up by 1").arg(waiting)
                                                   : tr("%1, held up by %2").arg(waiting).arg(view.rootBlockers);
    if (longest == nullptr)
        return {title, tr("The filter hides who waits.")};
    return {title, view.waitingLocks == 1 ? lockSentence(*longest, view)
                                          : tr("The longest wait: %1").arg(lockSentence(*longest, view))};
}

const LockRow* blockerRow(const LockRow* row, const LockView& view)
{
    const LockRow* best = nullptr;
    if (row != nullptr && row->isWaiting()) {
        for (const LockRow& other : view.rows) {
            if (other.isGone() || &other == row || other.lock.target != row->lock.target ||
                !row->blockers.contains(other.lock.backend.pid))
                continue;
            if (other.lock.granted)
                return &other;
            if (best == nullptr || other.since() < best->since())
                best = &other;
        }
        return best;
    }
    for (const LockRow& other : view.rows) {
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
    if (!row.backend || row.backend->applicationName.isEmpty() ||
        row.backend->applicationName.contains(QLatin1Char('"')))
        return {};
    return QStringLiteral("app:\"%1\"").arg(row.backend->applicationName);
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
