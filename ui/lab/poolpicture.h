#pragma once

#include "models/domain/poolerspec.h"
#include "models/domain/poolstate.h"
#include "ui/lab/poolplaces.h"

#include <QBasicTimer>
#include <QWidget>

#include <chrono>
#include <optional>

namespace lockscope {

/// The pool as a picture: the application and what it believes, its connections, PostgreSQL and the locks as it has
/// them; calls fly to their slot and answers come back, where the system wants motion. GUI thread. Shows what the last
/// state said; never concludes more from a call than its answer.
class PoolPicture final : public QWidget
{
    Q_OBJECT

public:
    explicit PoolPicture(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(PoolPicture)

    /// Empty: no pool. The spec is what would be opened, so that its slots show before.
    void setState(const std::optional<PoolState>& state);
    void setPlannedSpec(const PoolSpec& spec);
    void setPooler(const std::optional<PoolerSpec>& pooler);
    void callDispatched(PoolAction action, const LockKey& key, int slot);
    void callAnswered(const PoolCall& call);
    void forgetCalls();

    [[nodiscard]] bool isMoving() const { return m_timer.isActive(); }
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void timerEvent(QTimerEvent* event) override;
    bool event(QEvent* event) override; ///< tooltips of slots
    void changeEvent(QEvent* event) override;

private:
    using Clock = std::chrono::steady_clock;
    /// A tag on its way.
    struct Flight
    {
        int slot = 0;
        bool back = false; ///< an answer returns
        QString text = {};
        Tone tone = Tone::Accent;
        Clock::time_point start = {};
    };

    [[nodiscard]] PoolPlaces places() const;
    [[nodiscard]] QList<PoolSlot> shownSlots() const;
    void launch(Flight flight);
    void describe();
    void paintApplication(QPainter* painter, const PoolPlaces& places, const LabLook& look) const;
    void paintHeader(QPainter* painter, const PoolPlaces& places, const LabLook& look) const;
    void paintSlot(QPainter* painter, const PoolSlot& slot, const QRectF& rect, SlotDetail detail,
                   const LabLook& look) const;
    void paintSmallSlot(QPainter* painter, const PoolSlot& slot, const QRectF& rect, const LabLook& look) const;
    void paintServers(QPainter* painter, const PoolPlaces& places, const LabLook& look) const;
    void paintTags(QPainter* painter, const PoolPlaces& places, const LabLook& look) const;
    [[nodiscard]] QString toolTipFor(const QPointF& place) const;

    std::optional<PoolState> m_state;
    PoolSpec m_planned;
    std::optional<PoolerSpec> m_pooler;
    std::optional<PoolCall> m_last;
    QList<Flight> m_flights;
    QBasicTimer m_timer;
};

} // namespace lockscope
