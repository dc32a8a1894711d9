#include "ui/lab/endingsheader.h"

#include "ui/lab/endingsdelegate.h"
#include "ui/lab/endingsmodel.h"
#include "ui/lab/plot.h"

#include <QPainter>

namespace lockscope {

EndingsHeader::EndingsHeader(const EndingsModel& model, QWidget* parent)
    : QHeaderView(Qt::Horizontal, parent)
    , m_model(model)
{
}

void EndingsHeader::paintSection(QPainter* painter, const QRect& rect, int logicalIndex) const
{
    painter->save();
    QHeaderView::paintSection(painter, rect, logicalIndex);
    painter->restore();
    if (logicalIndex != EndingsModel::Lane)
        return;
    painter->save();
    const QRectF axis = EndingsDelegate::axisOf(rect);
    const double end = static_cast<double>(m_model.axisEnd().count()) / 1e6;
    const QFont figures = theme::monospace();
    const QFontMetricsF metrics(figures);
    painter->setFont(figures);
    painter->setPen(theme::mutedText(palette()));
    qreal free = rect.left();
    for (const double second : niceScale(0, end, 6, false).ticks) {
        const QString text = tr("%1 s").arg(QString::number(second));
        const qreal width = metrics.horizontalAdvance(text);
        const qreal middle = axis.left() + axis.width() * second / end;
        qreal left = std::max<qreal>(rect.left() + 2, middle - width / 2);
        left = std::min(left, rect.right() - width - 1);
        if (left < free)
            continue;
        painter->drawText(QRectF(left, rect.top(), width + 1, rect.height()), Qt::AlignLeft | Qt::AlignVCenter, text);
        free = left + width + theme::grid();
    }
    painter->restore();
}

} // namespace lockscope
