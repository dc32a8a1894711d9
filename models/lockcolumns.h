#pragma once

#include "models/domain/csv.h"
#include "models/lockrow.h"

#include <compare>
#include <span>

namespace lockscope {

/// All there is to know of one column of the lock table: the table view, the header menu, the filter, the sort, the
/// exports and the settings read it here. Pure; any thread.
struct LockColumnInfo
{
    LockColumn column = LockColumn::Key;
    const char* id = "";            ///< stable and never translated: settings and CSV headers
    const char* titleSource = "";   ///< for title()
    const char* toolTipSource = ""; ///< for toolTip()
    Qt::Alignment alignment = Qt::AlignLeft | Qt::AlignVCenter;
    bool numeric = false;
    bool monospace = false;
    bool visibleByDefault = true;
    int widthHint = 10; ///< in average characters

    /// One line, safe to paint as plain text.
    QString (*text)(const LockRow&, const LockView&) = nullptr;
    /// Numerically where it is a number; never by text that only looks like one.
    std::weak_ordering (*compare)(const LockRow&, const LockRow&, const LockView&) = nullptr;
    /// The whole value as it came, untranslated; unknown is empty.
    CsvCell (*exportCell)(const LockRow&, const LockView&) = nullptr;

    [[nodiscard]] QString title() const;
    [[nodiscard]] QString toolTip() const;
};

inline constexpr int lockColumnCount = static_cast<int>(LockColumn::End_);

/// In the order of LockColumn, which is also the order from left to right until a person moves one.
[[nodiscard]] std::span<const LockColumnInfo, lockColumnCount> lockColumns();
[[nodiscard]] const LockColumnInfo& lockColumn(LockColumn column);

/// The whole value with what explains it, as plain text of several lines (not escaped); a query is cut.
[[nodiscard]] QString lockToolTip(LockColumn column, const LockRow& row, const LockView& view);

} // namespace lockscope
