#pragma once

#include "ui/celldelegate.h"
#include "ui/statepill.h"

namespace lockscope {

class EndingsModel;
struct EndingState;

/// The state of one way as shape, word and colour.
[[nodiscard]] Pill pillOf(const EndingState& state);

/// Paints the lanes and the verdicts of the ways to die: expected as a hatched band, held as a bar, released as a
/// diamond, all on the axis of the header. GUI thread.
class EndingsDelegate final : public CellDelegate
{
    Q_OBJECT

public:
    EndingsDelegate(const EndingsModel& model, QObject* parent);
    Q_DISABLE_COPY_MOVE(EndingsDelegate)

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

    /// The part of a cell or header section that the axis takes.
    [[nodiscard]] static QRectF axisOf(const QRect& cell);

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override;

private:
    void paintLane(QPainter* painter, const QRect& cell, int row, const QPalette& palette) const;

    const EndingsModel& m_model;
};

} // namespace lockscope
