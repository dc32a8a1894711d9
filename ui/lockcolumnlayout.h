#pragma once

#include "models/lockcolumns.h"

#include <QByteArray>
#include <QList>

#include <optional>

namespace lockscope {

/// What a person made of the columns of the lock table, by the ids of the columns, so that it outlives new ones. A
/// value; GUI thread, as layouts written by older versions are read by a header view.
struct LockColumnLayout
{
    struct Column
    {
        LockColumn column = LockColumn::Key;
        bool shown = true;
        int width = 0; ///< pixels; 0: not known
        friend bool operator==(const Column&, const Column&) = default;
    };
    bool widthsChosen = false;
    QList<Column> columns = {}; ///< from left to right, each column once

    [[nodiscard]] QByteArray toBytes() const;
    /// Columns that the bytes do not know stand where defaultOrder has them, shown as they are at first. Empty for
    /// bytes that are no layout, and for one that shows nothing.
    [[nodiscard]] static std::optional<LockColumnLayout> fromBytes(const QByteArray& bytes,
                                                                   const QList<LockColumn>& defaultOrder);
};

} // namespace lockscope
