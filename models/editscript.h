#pragma once

#include <QList>

#include <functional>

namespace lockscope {

/// A run of rows, both ends included.
struct RowRange
{
    int first = 0;
    int last = 0;
    [[nodiscard]] int count() const { return last - first + 1; }
    friend bool operator==(const RowRange&, const RowRange&) = default;
};

/// How one list of rows becomes the next one, in terms of QAbstractItemModel's signals.
///
/// Ranges: removed (rows of the old list, last run first), then inserted (rows of the new list, first run first), then
/// changed (rows of the new list). Only possible when the surviving rows keep their order, and used while few.
/// Layout: measured at 100 000 rows in a shown QTableView, a thousand scattered ranges cost 347 ms and one layout
/// change 4 to 6 ms. The list first grows at its tail if it must, is then permuted as one layoutChanged (oldToNew, -1 =
/// gone), then shrinks at its tail if it must; changed rows follow. Reset: another server.
struct EditScript
{
    enum class Kind : quint8
    {
        Nothing,
        Ranges,
        Layout,
        Reset
    };
    Kind kind = Kind::Nothing;
    QList<RowRange> removed;
    QList<RowRange> inserted;
    QList<RowRange> changed;
    QList<int> oldToNew; ///< only for Layout
    int oldSize = 0;
    int newSize = 0;

    friend bool operator==(const EditScript&, const EditScript&) = default;
};

/// At most this many removed and inserted runs are replayed one by one.
inline constexpr int maximumReplayedRanges = 16;

/// Pure. oldIds and newIds are identities without repetition; changed(oldRow, newRow) tells whether a surviving row
/// differs in what is shown. O(n).
[[nodiscard]] EditScript diffRows(const QList<quint64>& oldIds, const QList<quint64>& newIds,
                                  const std::function<bool(int, int)>& changed);

} // namespace lockscope
