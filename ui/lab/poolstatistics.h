#pragma once

#include "models/domain/poolstate.h"

#include <QWidget>

class QBoxLayout;
class QPushButton;
class QSpinBox;

namespace lockscope {

class PlotView;
class ToneLabel;

/// How often the naive unlock finds the right connection, against the size of the pool: what to measure, the plot and
/// one sentence. GUI thread. Only says wishes.
class PoolStatistics final : public QWidget
{
    Q_OBJECT

public:
    explicit PoolStatistics(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(PoolStatistics)

    /// reason: why nothing can be measured now; empty: it can.
    void setProblem(const QString& reason);
    void setOrder(CheckoutOrder order);
    void setMeasuring(bool measuring);
    void setHitRates(const QList<HitRate>& rates);
    [[nodiscard]] HitRatePlan plan() const;
    /// Of the lower of its two arrangements, whichever it has at the moment.
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void measureRequested(const lockscope::HitRatePlan& plan);
    void stopRequested();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void refresh();
    void showRates();

    QSpinBox* m_from;
    QSpinBox* m_to;
    QSpinBox* m_unlocks;
    QPushButton* m_measure;
    QPushButton* m_copy;
    ToneLabel* m_sentence;
    PlotView* m_plot;
    QBoxLayout* m_layout = nullptr;
    QWidget* m_side = nullptr;
    CheckoutOrder m_order = CheckoutOrder::Random;
    CheckoutOrder m_measuredOrder = CheckoutOrder::Random;
    QList<HitRate> m_rates;
    QString m_problem;
    bool m_measuring = false;
};

} // namespace lockscope
