#pragma once

#include <QHeaderView>

namespace lockscope {

class EndingsModel;

/// The header of the ways to die; over the lanes it shows the one axis of all stopwatches. GUI thread.
class EndingsHeader final : public QHeaderView
{
    Q_OBJECT

public:
    EndingsHeader(const EndingsModel& model, QWidget* parent);
    Q_DISABLE_COPY_MOVE(EndingsHeader)

protected:
    void paintSection(QPainter* painter, const QRect& rect, int logicalIndex) const override;

private:
    const EndingsModel& m_model;
};

} // namespace lockscope
