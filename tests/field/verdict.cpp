#include "tests/field/verdict.h"

#include <QStringList>

#include <algorithm>

namespace lockscope::test {

WaitPairs pairsIn(const QString& words)
{
    WaitPairs pairs;
    for (QString pair : words.split(QStringLiteral(", "), Qt::SkipEmptyParts)) {
        pair.remove(QStringLiteral(" soft"));
        pairs.insert({pair.section(u'<', 0, 0), pair.section(u'<', 1)});
    }
    return pairs;
}

QString text(const FieldAnswer& answer)
{
    if (answer.hangs)
        return QStringLiteral("hangs");
    if (!answer.sqlState.isEmpty())
        return QStringLiteral("error ") + answer.sqlState;
    QStringList words;
    for (const auto& [waiter, blocker] : answer.pairs)
        words << waiter + u'<' + blocker;
    return words.isEmpty() ? QStringLiteral("nothing") : words.join(QStringLiteral(", "));
}

QString verdict(const Truth& truth, const FieldAnswer& answer)
{
    if (answer.hangs)
        return QStringLiteral("hangs");
    if (!answer.sqlState.isEmpty())
        return QStringLiteral("error");
    const WaitPairs told = pairsIn(truth.edges);
    WaitPairs allowed = pairsIn(truth.implied);
    allowed.insert(told.begin(), told.end());

    bool withPidZero = false;
    bool withoutBlocker = false;
    WaitPairs said;
    for (const auto& [waiter, blocker] : answer.pairs) {
        if (blocker == nobody) {
            withoutBlocker = true;
        } else if (blocker == pidZero) {
            withPidZero = true;
            for (const auto& [trueWaiter, trueBlocker] : allowed) {
                if (trueWaiter == waiter && trueBlocker.startsWith(u'\''))
                    said.insert({waiter, trueBlocker});
            }
        } else {
            said.insert({waiter, blocker});
        }
    }
    const auto isWrong = [&](const auto& pair) { return !allowed.contains(pair); };
    const auto isWrongBothWays = [&](const auto& pair) {
        return isWrong(pair) && said.contains({pair.second, pair.first});
    };
    if (!answer.picksOne && std::any_of(said.begin(), said.end(), isWrongBothWays))
        return QStringLiteral("both ways");
    if (std::any_of(said.begin(), said.end(), isWrong))
        return QStringLiteral("wrong session");
    if (said.empty())
        return withoutBlocker ? QStringLiteral("no blocker") : QStringLiteral("nothing");
    if (!std::includes(said.begin(), said.end(), told.begin(), told.end()))
        return QStringLiteral("in part");
    return withPidZero ? QStringLiteral("pid 0") : QStringLiteral("right");
}

} // namespace lockscope::test
