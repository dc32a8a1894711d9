#include "models/lockcolumns.h"

#include "models/domain/displaytext.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace lockscope {

namespace {

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(LockColumns)
};

QString notVisible()
{
    return Text::tr("not visible to this role");
}

bool isPrepared(const LockRow& row)
{
    return row.lock.backend.pid == 0;
}

std::weak_ordering compareText(const QString& a, const QString& b)
{
    if (const int order = a.compare(b, Qt::CaseInsensitive); order != 0)
        return order <=> 0;
    return a.compare(b) <=> 0;
}

/// For a column whose text is a field of the backend.
template <QString Backend::*field>
std::weak_ordering compareField(const LockRow& a, const LockRow& b, const LockView&)
{
    if (a.backend == b.backend)
        return std::weak_ordering::equivalent;
    static const QString none;
    return compareText(a.backend ? (*a.backend).*field : none, b.backend ? (*b.backend).*field : none);
}

/// Keys by number (-1 < 9 < 10, single before pair), then everything that is no key; one key in two databases is two
/// locks.
std::weak_ordering compareTarget(const LockTarget& a, const LockTarget& b)
{
    const std::optional<LockKey> keyOfA = a.key();
    const std::optional<LockKey> keyOfB = b.key();
    if (keyOfA && keyOfB) {
        if (const auto order = *keyOfA <=> *keyOfB; order != 0)
            return order;
        return a.databaseOid <=> b.databaseOid;
    }
    if (keyOfA || keyOfB)
        return keyOfA ? std::weak_ordering::less : std::weak_ordering::greater;
    return a <=> b;
}

// Key

QString keyText(const LockRow& row, const LockView& view)
{
    return cellText(describe(row.lock.target, view.names.get()));
}

std::weak_ordering compareKey(const LockRow& a, const LockRow& b, const LockView&)
{
    return compareTarget(a.lock.target, b.lock.target);
}

CsvCell keyCell(const LockRow& row, const LockView&)
{
    const std::optional<LockKey> key = row.lock.target.key();
    if (key && key->form() == KeyForm::Bigint)
        return key->value();
    return describe(row.lock.target);
}

// Meaning

QString meaningText(const LockRow& row, const LockView&)
{
    return cellText(row.meaning);
}

std::weak_ordering compareMeaning(const LockRow& a, const LockRow& b, const LockView&)
{
    return compareText(a.meaning, b.meaning);
}

CsvCell meaningCell(const LockRow& row, const LockView&)
{
    return CsvCell(row.meaning);
}

// Database

QString databaseName(const LockRow& row, const LockView& view)
{
    const quint32 oid = row.lock.target.databaseOid;
    if (oid == 0)
        return {};
    const auto name = view.databaseNames.constFind(oid);
    return name != view.databaseNames.cend() ? *name : Text::tr("database %1").arg(oid);
}

QString databaseText(const LockRow& row, const LockView& view)
{
    return cellText(databaseName(row, view));
}

std::weak_ordering compareDatabase(const LockRow& a, const LockRow& b, const LockView& view)
{
    if (a.lock.target.databaseOid == b.lock.target.databaseOid)
        return std::weak_ordering::equivalent;
    return compareText(databaseName(a, view), databaseName(b, view));
}

CsvCell databaseCell(const LockRow& row, const LockView& view)
{
    return CsvCell(databaseName(row, view));
}

// Type and mode

QString typeText(const LockRow& row, const LockView&)
{
    return serverName(row.lock.target.type);
}

std::weak_ordering compareType(const LockRow& a, const LockRow& b, const LockView&)
{
    if (a.lock.target.type == b.lock.target.type)
        return std::weak_ordering::equivalent;
    return compareText(serverName(a.lock.target.type), serverName(b.lock.target.type));
}

CsvCell typeCell(const LockRow& row, const LockView&)
{
    return serverName(row.lock.target.type);
}

QString modeText(const LockRow& row, const LockView&)
{
    return displayName(row.lock.mode);
}

/// By strength, as PostgreSQL numbers its modes.
std::weak_ordering compareMode(const LockRow& a, const LockRow& b, const LockView&)
{
    return a.lock.mode <=> b.lock.mode;
}

CsvCell modeCell(const LockRow& row, const LockView&)
{
    return serverName(row.lock.mode);
}

// State

QString stateText(const LockRow& row, const LockView&)
{
    if (row.isGone())
        return Text::tr("gone");
    const QString state = row.lock.granted ? Text::tr("held") : Text::tr("waiting");
    if (row.stuckBehind == 0)
        return state;
    return row.stuckBehind == 1 ? Text::tr("%1, 1 waits behind").arg(state)
                                : Text::tr("%1, %2 wait behind").arg(state, QString::number(row.stuckBehind));
}

/// What needs a person first: a holder that others wait for and that waits for nobody, under it its queue in order of
/// waiting; the longest wait first; then the queues further up the chains, then the rest by key. A gone row keeps its
/// place until it leaves, so that it can be seen going.
std::weak_ordering compareAttention(const LockRow& a, const LockRow& b, const LockView& view)
{
    if (const auto order = b.queue <=> a.queue; order != 0)
        return order;
    if (a.queue == QueueKind::None)
        return compareKey(a, b, view);
    if (const auto order = a.queueSince <=> b.queueSince; order != 0)
        return order;
    if (const auto order = compareTarget(a.lock.target, b.lock.target); order != 0)
        return order;
    const auto place = [](const LockRow& row) { return !row.lock.granted ? 2 : row.stuckBehind > 0 ? 0 : 1; };
    if (const auto order = place(a) <=> place(b); order != 0)
        return order;
    if (a.lock.granted)
        return b.stuckBehind <=> a.stuckBehind;
    return a.since() <=> b.since();
}

CsvCell stateCell(const LockRow& row, const LockView&)
{
    if (row.isGone())
        return QStringLiteral("gone");
    return row.lock.granted ? QStringLiteral("held") : QStringLiteral("waiting");
}

// Since

QString sinceText(const LockRow& row, const LockView& view)
{
    const QString age = formatAge(row.age(view.takenAt));
    return row.sinceExact() ? age : Text::tr(">= %1").arg(age);
}

/// The younger first, as the numbers read.
std::weak_ordering compareSince(const LockRow& a, const LockRow& b, const LockView& view)
{
    return a.age(view.takenAt) <=> b.age(view.takenAt);
}

/// Seconds; "at least" cannot be said by a number.
CsvCell sinceCell(const LockRow& row, const LockView& view)
{
    const auto age = std::max(row.age(view.takenAt), std::chrono::microseconds::zero());
    const double seconds = std::chrono::duration<double>(age).count();
    return row.sinceExact() ? CsvCell::real(seconds) : CsvCell(QStringLiteral(">= %1").arg(seconds, 0, 'f', 3));
}

// Pid

QString pidText(const LockRow& row, const LockView&)
{
    return isPrepared(row) ? Text::tr("prepared") : QString::number(row.lock.backend.pid);
}

std::weak_ordering comparePid(const LockRow& a, const LockRow& b, const LockView&)
{
    return a.lock.backend.pid <=> b.lock.backend.pid;
}

CsvCell pidCell(const LockRow& row, const LockView&)
{
    return isPrepared(row) ? CsvCell::empty() : CsvCell(row.lock.backend.pid);
}

// What the backend says of itself

template <QString Backend::*field>
QString fieldText(const LockRow& row, const LockView&)
{
    return row.backend ? cellText((*row.backend).*field) : QString();
}

template <QString Backend::*field>
CsvCell fieldCell(const LockRow& row, const LockView&)
{
    return row.backend ? CsvCell((*row.backend).*field) : CsvCell::empty();
}

/// The same for a field that only pg_read_all_stats shows of other roles.
template <QString Backend::*field>
QString guardedText(const LockRow& row, const LockView& view)
{
    return row.backend && row.backend->restricted ? notVisible() : fieldText<field>(row, view);
}

template <QString Backend::*field>
CsvCell guardedCell(const LockRow& row, const LockView& view)
{
    return row.backend && row.backend->restricted ? CsvCell::empty() : fieldCell<field>(row, view);
}

/// A prepared transaction has no application; its name takes the place.
QString applicationText(const LockRow& row, const LockView& view)
{
    if (!isPrepared(row) || !view.snapshot)
        return fieldText<&Backend::applicationName>(row, view);
    const QString gid = view.snapshot->prepared.value(row.lock.virtualTransaction).gid;
    return gid.isEmpty() ? QString() : QStringLiteral("'%1'").arg(cellText(gid));
}

QString addressOf(const Backend& backend)
{
    if (!backend.clientAddress.isEmpty())
        return backend.clientPort > 0
                   ? QStringLiteral("%1:%2").arg(backend.clientAddress, QString::number(backend.clientPort))
                   : backend.clientAddress;
    return backend.clientPort < 0 ? Text::tr("local socket") : QString();
}

QString addressText(const LockRow& row, const LockView&)
{
    if (!row.backend)
        return {};
    return row.backend->restricted ? notVisible() : cellText(addressOf(*row.backend));
}

std::weak_ordering compareAddress(const LockRow& a, const LockRow& b, const LockView&)
{
    if (a.backend == b.backend)
        return std::weak_ordering::equivalent;
    static const Backend none;
    const Backend& first = a.backend ? *a.backend : none;
    const Backend& second = b.backend ? *b.backend : none;
    if (const auto order = compareText(first.clientAddress, second.clientAddress); order != 0)
        return order;
    return first.clientPort <=> second.clientPort;
}

QString backendStateText(const LockRow& row, const LockView&)
{
    if (isPrepared(row))
        return Text::tr("prepared transaction");
    if (!row.backend)
        return Text::tr("unknown");
    if (row.backend->restricted)
        return notVisible();
    return cellText(row.backend->state.isEmpty() ? row.backend->backendType : row.backend->state);
}

// Blockers

QString blockersText(const LockRow& row, const LockView&)
{
    QStringList pids;
    for (const qint32 pid : row.blockers)
        pids.append(pid == 0 ? Text::tr("prepared") : QString::number(pid));
    return pids.join(QStringLiteral(", "));
}

std::weak_ordering compareBlockers(const LockRow& a, const LockRow& b, const LockView&)
{
    if (const auto order = a.blockers.size() <=> b.blockers.size(); order != 0)
        return order;
    return std::lexicographical_compare_three_way(a.blockers.begin(), a.blockers.end(), b.blockers.begin(),
                                                  b.blockers.end());
}

CsvCell blockersCell(const LockRow& row, const LockView& view)
{
    return CsvCell(blockersText(row, view));
}

constexpr Qt::Alignment left = Qt::AlignLeft | Qt::AlignVCenter;
constexpr Qt::Alignment right = Qt::AlignRight | Qt::AlignVCenter;

constexpr std::array<LockColumnInfo, lockColumnCount> table{{
    {LockColumn::Key, "key", QT_TRANSLATE_NOOP("LockColumns", "Key"),
     QT_TRANSLATE_NOOP("LockColumns", "What is locked: a single key, a pair of keys in parentheses, or another object"),
     right, true, true, true, 20, keyText, compareKey, keyCell},
    {LockColumn::Meaning, "meaning", QT_TRANSLATE_NOOP("LockColumns", "Means"),
     QT_TRANSLATE_NOOP(
         "LockColumns",
         "What the key is for: your own labels first, then well-known programs; \"may be\" marks a guess"),
     left, false, false, true, 22, meaningText, compareMeaning, meaningCell},
    {LockColumn::Database, "database", QT_TRANSLATE_NOOP("LockColumns", "Database"),
     QT_TRANSLATE_NOOP("LockColumns",
                       "Advisory keys belong to one database: the same key in another database is another lock"),
     left, false, false, true, 14, databaseText, compareDatabase, databaseCell},
    {LockColumn::Type, "locktype", QT_TRANSLATE_NOOP("LockColumns", "Type"),
     QT_TRANSLATE_NOOP("LockColumns", "The type of lock as pg_locks names it"), left, false, false, false, 12, typeText,
     compareType, typeCell},
    {LockColumn::Mode, "mode", QT_TRANSLATE_NOOP("LockColumns", "Mode"),
     QT_TRANSLATE_NOOP("LockColumns",
                       "Which other modes it conflicts with; Share locks stand side by side, Exclusive ones do not"),
     left, false, false, true, 12, modeText, compareMode, modeCell},
    {LockColumn::State, "state", QT_TRANSLATE_NOOP("LockColumns", "State"),
     QT_TRANSLATE_NOOP(
         "LockColumns",
         "Held or waiting, and how many wait behind it. Sorted: who holds others up first, its queue below"),
     left, false, false, true, 18, stateText, compareAttention, stateCell},
    {LockColumn::Since, "since_seconds", QT_TRANSLATE_NOOP("LockColumns", "Since"),
     QT_TRANSLATE_NOOP("LockColumns",
                       "How long it has waited or been held; \">=\" marks a lock that was there before anyone looked"),
     right, true, true, true, 14, sinceText, compareSince, sinceCell},
    {LockColumn::Pid, "pid", QT_TRANSLATE_NOOP("LockColumns", "PID"),
     QT_TRANSLATE_NOOP("LockColumns", "Process ID of the backend that holds the lock or waits for it"), right, true,
     true, true, 8, pidText, comparePid, pidCell},
    {LockColumn::Application, "application_name", QT_TRANSLATE_NOOP("LockColumns", "Application"),
     QT_TRANSLATE_NOOP("LockColumns",
                       "application_name as the client set it; behind a pooler it may be the last client's"),
     left, false, false, true, 18, applicationText, compareField<&Backend::applicationName>,
     fieldCell<&Backend::applicationName>},
    {LockColumn::User, "user", QT_TRANSLATE_NOOP("LockColumns", "User"),
     QT_TRANSLATE_NOOP("LockColumns", "The role that the session logged in as"), left, false, false, true, 12,
     fieldText<&Backend::user>, compareField<&Backend::user>, fieldCell<&Backend::user>},
    {LockColumn::Address, "client_addr", QT_TRANSLATE_NOOP("LockColumns", "Address"),
     QT_TRANSLATE_NOOP("LockColumns", "Where the client connects from, as the server sees it"), left, false, true,
     false, 20, addressText, compareAddress, guardedCell<&Backend::clientAddress>},
    {LockColumn::BackendState, "backend_state", QT_TRANSLATE_NOOP("LockColumns", "Backend State"),
     QT_TRANSLATE_NOOP("LockColumns", "What the backend is doing: active, idle, or idle in a transaction"), left, false,
     false, true, 18, backendStateText, compareField<&Backend::state>, guardedCell<&Backend::state>},
    {LockColumn::Blockers, "blocked_by", QT_TRANSLATE_NOOP("LockColumns", "Blocked By"),
     QT_TRANSLATE_NOOP("LockColumns",
                       "The process IDs that this one waits for, those ahead of it in the queue included"),
     left, true, true, true, 14, blockersText, compareBlockers, blockersCell},
    {LockColumn::Query, "query", QT_TRANSLATE_NOOP("LockColumns", "Query"),
     QT_TRANSLATE_NOOP("LockColumns",
                       "The running statement, or the last one of an idle session; it need not be the one that locked"),
     left, false, true, false, 40, guardedText<&Backend::query>, compareField<&Backend::query>,
     guardedCell<&Backend::query>},
}};

} // namespace

QString LockColumnInfo::title() const
{
    return Text::tr(titleSource);
}

QString LockColumnInfo::toolTip() const
{
    return Text::tr(toolTipSource);
}

std::span<const LockColumnInfo, lockColumnCount> lockColumns()
{
    return table;
}

const LockColumnInfo& lockColumn(LockColumn column)
{
    return table[static_cast<size_t>(column)];
}

} // namespace lockscope
