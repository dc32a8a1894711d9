#pragma once

#include "models/domain/keydictionary.h"
#include "models/domain/snapshot.h"
#include "models/domain/targetnames.h"
#include "models/domain/waitgraph.h"

#include <QList>
#include <Qt>

#include <memory>

namespace lockscope {

struct Diagnosis;

/// The columns of the lock table; their names, texts and order are in lockcolumns.h, the one column table.
enum class LockColumn : int
{
    Key,
    Meaning,
    Database,
    Type,
    Mode,
    State,
    Since,
    Pid,
    Application,
    User,
    Address,
    BackendState,
    Blockers,
    Query,
    End_,
};

enum class RowMark : quint8
{
    None,
    New,
    Changed,
    Gone
};

/// What stands behind the target of a row.
enum class QueueKind : quint8
{
    None,  ///< nobody waits for it
    Inner, ///< who holds it up waits for something else, or is not known
    Root   ///< its holder waits for nobody: here a chain begins
};

/// One row as it is shown: a lock, its backend, and what watching it over time has taught.
struct LockRow
{
    quint64 rowId = 0; ///< stable for one identity while it is shown or remembered; never reused
    Lock lock;
    BackendPointer backend; ///< null for prepared transactions and for backends that vanished between the two reads
    QList<qint32> blockers; ///< only when waiting
    qint32 stuckBehind =
        0; ///< waiters whose blockers name this row's pid, on this row's target; a gone row keeps its last
    bool waitsElsewhere = false; ///< its backend waits for another lock itself
    /// Rows of one target have one queue, so that a holder and its waiters stand together; a row that left it or was
    /// granted keeps its last while it is marked.
    QueueKind queue = QueueKind::None;
    ServerTime queueSince{}; ///< since when the first of the queue waits; nothing without a queue
    ServerTime firstSeen{};
    bool firstSeenExact = false; ///< false: it was there at the first poll, so its age is "at least"
    RowMark mark = RowMark::None;
    ServerTime markedAt{};
    /// What the key is for, as the dictionary of the view says; empty for other types and where nothing is known.
    QString meaning;

    [[nodiscard]] bool isGone() const { return mark == RowMark::Gone; }
    [[nodiscard]] bool isWaiting() const { return !lock.granted && !isGone(); }
    /// Holds (or stands earlier in the queue for) what somebody waits for.
    [[nodiscard]] bool isBlocker() const { return stuckBehind > 0 && !isGone(); }
    /// Holds what somebody waits for and waits for nobody: ending this one helps.
    [[nodiscard]] bool isRootBlocker() const { return isBlocker() && lock.granted && !waitsElsewhere; }
    /// Since when it has waited or been held, as far as the server or watching told.
    [[nodiscard]] ServerTime since() const { return lock.granted ? firstSeen : lock.waitStart.value_or(firstSeen); }
    /// False: it may have begun earlier than since().
    [[nodiscard]] bool sinceExact() const { return firstSeenExact || (!lock.granted && lock.waitStart); }
    /// How old it was when the table was read; a gone row stopped ageing when it was missed.
    [[nodiscard]] std::chrono::microseconds age(ServerTime takenAt) const
    {
        return (isGone() ? markedAt : takenAt) - since();
    }

    friend bool operator==(const LockRow&, const LockRow&) = default;
};

/// What a person chose to see.
struct LockViewSpec
{
    QString filter;
    LockColumn sortColumn = LockColumn::State;
    Qt::SortOrder sortOrder = Qt::AscendingOrder;
    qint64 rowLimit = 20'000; ///< 0: no limit
    friend bool operator==(const LockViewSpec&, const LockViewSpec&) = default;
};

enum class LockEventKind : quint8
{
    Acquired,
    Released,
    Granted,
    Waiting,
    BackendGone
};

struct LockEvent
{
    LockEventKind kind = LockEventKind::Acquired;
    Lock lock;
    friend bool operator==(const LockEvent&, const LockEvent&) = default;
};

/// One state of the table: rows in shown order, and what the status line says of them. Shared, never changed.
struct LockView
{
    quint64 generation = 0;
    QList<LockRow> rows;
    QList<qint32> rowsByIdentity; ///< indexes into rows, in the order of identityLess(); see rowOf()
    QList<qint32> urgentRows;     ///< indexes of waiting rows and blockers, in shown order; few, mostly
    qint64 totalLocks = 0;        ///< on the server, in the scope that is polled
    qint64 matchingRows = 0;      ///< locks that pass the filter, before the row limit
    qint64 shownLocks = 0;        ///< "showing N of M": rows without the gone ones, at most matchingRows
    qint64 waitingLocks = 0;
    /// Sessions that wait for a lock outside the scope that is polled, as the wait graph knows them; none where all
    /// types are read.
    qint64 otherWaits = 0;
    qint64 rootBlockers = 0; ///< backends somebody waits for that wait for nobody
    ServerTime takenAt{};
    std::chrono::microseconds pollDuration{0};
    QHash<quint32, QString> databaseNames;
    SnapshotPointer snapshot; ///< what this view was made of; null while empty
    WaitGraphPointer waits;   ///< of that snapshot; null while empty
    TargetNamesPointer names; ///< null until some were resolved
    /// What is known to go wrong, worst first (diagnosesOf()); null while empty.
    std::shared_ptr<const QList<Diagnosis>> diagnoses;
    KeyDictionaryPointer dictionary; ///< null without one
    bool empty = true;               ///< no snapshot yet
};

using LockViewPointer = std::shared_ptr<const LockView>;

/// The row of a lock that is there; null where the view shows none. O(log rows) in a view that a LockViewBuilder made.
[[nodiscard]] const LockRow* rowOf(const Lock& lock, const LockView& view);

} // namespace lockscope
