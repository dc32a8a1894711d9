#pragma once

#include "models/waitforestmodel.h"

namespace lockscope {

/// What the cells of the forest say; columns are WaitForestModel::Column. Pure; any thread. Text of the server is cut
/// and stripped for one line, but not escaped; tooltips have several lines.
[[nodiscard]] QString waitForestTitle(int column);
[[nodiscard]] QString waitForestTitleToolTip(int column);
[[nodiscard]] Qt::Alignment waitForestAlignment(int column);
[[nodiscard]] QString waitForestText(int column, const WaitForestRow& row, const LockView& view);
[[nodiscard]] QString waitForestToolTip(int column, const WaitForestRow& row, const LockView& view);

/// What a session does in the forest.
enum class WaitPart : quint8
{
    Deadlock,
    Blocking, ///< somebody waits for it, and it waits for nobody
    Waiting,
    Holding, ///< holds a lock that nobody waits for
    None
};
[[nodiscard]] WaitPart partOf(const WaitForestRow& row);
/// "blocking"; empty for None.
[[nodiscard]] QString word(WaitPart part);
/// What its backend does besides: "idle in transaction"; empty where it waits, which is all it does.
[[nodiscard]] QString doing(const WaitForestRow& row, const LockView& view);

/// "1234" and "pod-a": what tells the session apart, and what it is called. A prepared transaction has only a name.
[[nodiscard]] QString sessionNumber(const WaitForestRow& row);
[[nodiscard]] QString sessionName(const WaitForestRow& row, const LockView& view);

/// "3 sessions wait behind 1 root blocker; the longest for 2 m 10 s", "Nobody waits for a lock".
[[nodiscard]] QString waitSummary(const LockView& view);

} // namespace lockscope
