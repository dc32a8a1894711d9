#pragma once

#include "models/lockrow.h"
#include "models/waitlayout.h"
#include "ui/statepill.h"

namespace lockscope {

/// What a box of the wait graph says. Plain text, cut and stripped: fit to be painted.
struct WaitBoxText
{
    QString name = {};
    QString aside = {};  ///< at the right of the name: how long it has waited
    Pill pill = {};      ///< of a session; an empty word: none
    QString detail = {}; ///< the second line: what its backend does, what a key is for
    bool root = false;   ///< ending this one helps
    bool mine = false;
    friend bool operator==(const WaitBoxText&, const WaitBoxText&) = default;
};

/// view.waits must be the graph that the box was made of. O(1).
[[nodiscard]] WaitBoxText waitBoxText(const WaitBox& box, const LockView& view, bool mine);
/// All there is to say of it, in several lines of plain text; not escaped.
[[nodiscard]] QString waitBoxFacts(const WaitBox& box, const LockView& view);
/// "12 sessions wait. Root blocker: 1234 (pod-a), 9 behind it." For titles and for those who cannot see the drawing.
[[nodiscard]] QString waitGraphSummary(const LockView& view);

} // namespace lockscope
