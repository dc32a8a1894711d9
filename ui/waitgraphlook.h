#pragma once

#include "models/waitlayout.h"

#include <QColor>
#include <QFont>
#include <QPalette>
#include <QRectF>

namespace lockscope {

/// Sizes and colours of the wait graph's drawing: the grid of WaitLayout in logical pixels. A value; GUI thread.
struct WaitGraphLook
{
    QPalette palette = {};
    QFont font = {};
    QFont strongFont = {};
    qreal grid = 8;
    QSizeF boxSize = {};
    QSizeF targetSize = {}; ///< with two lines
    qreal gapBefore = 0;    ///< between sessions and the targets they block
    qreal gapBehind = 0;    ///< between targets and the sessions that wait for them
    qreal rowGap = 0;
    bool stale = false;

    /// From the fonts and colours of the program as they are now; light: on a light ground, whatever the program has.
    [[nodiscard]] static WaitGraphLook current(const QPalette& palette);
    [[nodiscard]] static WaitGraphLook light(const QPalette& palette);

    /// Of the cell; boxes of sessions fill it.
    [[nodiscard]] QRectF cell(const WaitPlace& place) const;
    /// Of what is drawn there.
    [[nodiscard]] QRectF rect(const WaitBox& box) const;
    /// Between this column and the one left of it.
    [[nodiscard]] qreal gapLeft(qint32 column) const;
    [[nodiscard]] qreal gapRight(qint32 column) const;
    /// In the middle between this row and the one below.
    [[nodiscard]] qreal channel(qint32 row) const;
    [[nodiscard]] QColor ground() const;
    [[nodiscard]] QColor line(bool cycle) const;
    friend bool operator==(const WaitGraphLook&, const WaitGraphLook&) = default;
};

} // namespace lockscope
