#pragma once

#include "models/lockrow.h"
#include "models/waitlayout.h"
#include "ui/waitgraphlook.h"

#include <QGraphicsScene>
#include <QVariantAnimation>

namespace lockscope {

class WaitBoxItem;
class WaitLinesItem;

/// The drawing of one wait graph: keeps a layout, brings boxes and lines to it, fades what comes and goes, and lifts
/// the chain of one session out of the rest. GUI thread. Knows no mouse, keyboard or zoom.
class WaitGraphCanvas final : public QGraphicsScene
{
    Q_OBJECT

public:
    explicit WaitGraphCanvas(const QPalette& palette, QObject* parent = nullptr);
    ~WaitGraphCanvas() override;
    Q_DISABLE_COPY_MOVE(WaitGraphCanvas)

    /// fadeTime 0: at once. shown gets a box even in the rest of a long queue.
    void setView(const LockViewPointer& view, std::chrono::milliseconds minimumWait, const WaitNodeId& shown,
                 std::chrono::milliseconds fadeTime);
    void setOwnBackends(const QSet<qint32>& pids);
    void setStale(bool stale);
    void setPalette(const QPalette& palette);
    /// Marks it and its chain; one without a box marks nothing.
    void setSelected(const WaitNodeId& id, bool focused);
    /// The next view is placed anew.
    void forgetPlaces();

    [[nodiscard]] const WaitGraphLook& look() const { return m_look; }
    [[nodiscard]] const WaitDrawing& drawing() const { return m_drawing; }
    [[nodiscard]] const LockViewPointer& view() const { return m_view; }
    [[nodiscard]] const QSet<qint32>& ownBackends() const { return m_ownBackends; }
    [[nodiscard]] const QRectF& bounds() const { return m_bounds; } ///< of all that is drawn
    [[nodiscard]] bool hasCycle() const;
    [[nodiscard]] const WaitBox* boxAt(const QPointF& point) const;
    /// Sessions whose boxes do not touch that rectangle; a More box counts for all it stands for.
    [[nodiscard]] qsizetype sessionsOutside(const QRectF& visible) const;
    /// Of a session; empty where it has no box.
    [[nodiscard]] QRectF rectOf(const WaitNodeId& session) const;
    /// Where an arrow key leads: along the lines to the left and right, to the next box above and below. From a null id
    /// to where the drawing begins. Null: nowhere.
    [[nodiscard]] WaitNodeId neighbour(const WaitNodeId& from, Qt::Key arrow) const;

private:
    void rebuild(std::chrono::milliseconds fadeTime);
    void measure();
    void finishFading();
    void fade(qreal progress);

    WaitGraphLook m_look;
    WaitLinesItem* m_lines;
    LockViewPointer m_view;
    QSet<qint32> m_ownBackends;
    WaitLayout m_layout;
    WaitDrawing m_drawing;
    QHash<WaitBoxId, WaitBoxItem*> m_items;
    QList<WaitBoxItem*> m_entering;
    QList<WaitBoxItem*> m_leaving;
    QVariantAnimation m_fading;
    QRectF m_bounds;
    WaitNodeId m_selected;
    bool m_focused = false;
};

} // namespace lockscope
