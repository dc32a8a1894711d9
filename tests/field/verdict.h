#pragma once

#include <QString>

#include <set>
#include <utility>

namespace lockscope::test {

/// (waiter, blocker), by the names of the sessions in a scenario.
using WaitPairs = std::set<std::pair<QString, QString>>;

inline constexpr char16_t nobody[] = u"nobody"; ///< a wait is shown, and no blocker
inline constexpr char16_t pidZero[] = u"pid 0"; ///< a prepared transaction, without its name

/// What is true of a scenario, in words: "S2<S1, Q2<Q1 soft" reads S2 waits for S1, who holds it, and Q2 waits for Q1,
/// who stands ahead of it in the queue.
struct Truth
{
    QString edges;
    QString implied; ///< pairs that follow from the others, in the same words; saying them is right too
    QString roots;   ///< who waits for nobody, sorted: "R1 S1"
    QString cycles;  ///< "D1 D2", sorted
};

/// What a statement answered: its pairs, or why there are none.
struct FieldAnswer
{
    WaitPairs pairs = {};
    bool hangs = false;
    QString sqlState = {};
    bool picksOne = false; ///< pairs are what it picks from, one for each waiter
};

[[nodiscard]] WaitPairs pairsIn(const QString& words);
/// "R2<R1, S2<S1", "nothing", "hangs", "error 53200".
[[nodiscard]] QString text(const FieldAnswer& answer);
/// In a word or two: "right", "wrong session", "both ways", "nothing", "no blocker", "in part", "pid 0", "hangs",
/// "error".
[[nodiscard]] QString verdict(const Truth& truth, const FieldAnswer& answer);

} // namespace lockscope::test
