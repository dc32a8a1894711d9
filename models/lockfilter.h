#pragma once

#include "models/domain/keyreadings.h"
#include "models/lockrow.h"

#include <vector>

namespace lockscope {

/// What a person typed to find locks: words that must all match, wherever they stand in the row, case aside.
///   pod-a             in any column, hidden ones too (but not in ages, which change by themselves)
///   prisma            in what a key means as well
///   5                 exactly that key (or a half of a pair), pid or blocker if there is one, else as text
///   (-5, 7)           that pair
///   0/5/1   0xff      that key, as pg_locks, a program or a statement writes it: whatever pastedKey() reads
///   ... waits for ShareLock on advisory lock [5,0,42,1]      a whole message of the server: that key in that database
///   SELECT pg_advisory_lock(5, 7)                            a whole statement: its key
///   "idle in tra"     a phrase
///   key: pid: app: user: db: mode: state: type: addr: query: means: (or meaning:)
///                     in that column only; key: and pid: of a number exactly
/// A value on the thread of its owner. Remembers one thing: a number that was found exactly once stays exact, so that
/// the list does not fill with look-alikes at the moment the lock is released.
class LockFilter
{
public:
    LockFilter() = default;
    explicit LockFilter(const QString& text);

    [[nodiscard]] bool isEmpty() const { return m_words.empty(); }
    /// Indexes of the rows that match, in their order. context names the databases and the time.
    [[nodiscard]] std::vector<int> matching(const QList<LockRow>& rows, const LockView& context);

private:
    struct Word
    {
        std::optional<LockColumn> column; ///< empty: any
        QString text;
        std::optional<LockKey> key;      ///< what it reads as, for the key column
        std::optional<PastedKey> pasted; ///< likewise, when it is no plain number
        std::optional<qint64> number;    ///< likewise for pids
        std::optional<LockMode> mode;    ///< when it is the whole name of one
        bool exact = false;              ///< only the whole key, pid or mode counts
    };
    class Pass;

    [[nodiscard]] static Word makeWord(std::optional<LockColumn> column, const QString& text, bool quoted);

    std::vector<Word> m_words; ///< at most 64: one bit each
};

} // namespace lockscope
