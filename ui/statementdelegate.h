#pragma once

#include "ui/celldelegate.h"

namespace lockscope {

/// The cells of the statement log: numbers and SQL in the monospace face, what failed and what the server warned of in
/// their tones, the console's own statements in the muted colour. GUI thread. Only paints.
class StatementDelegate final : public CellDelegate
{
    Q_OBJECT

public:
    using CellDelegate::CellDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override;
};

} // namespace lockscope
