#pragma once

#include "ui/waitgraphlook.h"
#include "ui/waitgraphroutes.h"
#include "ui/waitgraphtext.h"

#include <QGraphicsItem>

class QPainter;

namespace lockscope {

/// How a box stands out at the moment.
struct WaitBoxState
{
    bool selected = false;
    bool focused = false; ///< selected, and the keyboard is here
    bool faded = false;   ///< not in the chain of the selected one
    friend bool operator==(const WaitBoxState&, const WaitBoxState&) = default;
};

/// Paints for the window and for files alike; all text is painted as it is, nothing is interpreted.
void paintWaitBox(QPainter* painter, const QRectF& rect, const WaitBox& box, const WaitBoxText& text,
                  const WaitBoxState& state, const WaitGraphLook& look);
void paintWaitStroke(QPainter* painter, const WaitStroke& stroke, bool faded, const WaitGraphLook& look);
/// One row: what the lines mean. Returns its size; painter may be null to measure.
QSizeF paintWaitLegend(QPainter* painter, const QPointF& topLeft, bool withCycle, const WaitGraphLook& look);

/// A session, a target or the rest of a queue. Takes no part in mouse and keyboard: the view decides.
class WaitBoxItem final : public QGraphicsItem
{
public:
    /// look must outlive the item.
    explicit WaitBoxItem(const WaitGraphLook& look);

    void setBox(const WaitBox& box, const WaitBoxText& text);
    void setState(const WaitBoxState& state);
    void lookChanged();
    [[nodiscard]] const WaitBox& box() const { return m_box; }
    [[nodiscard]] const WaitBoxText& text() const { return m_text; }
    [[nodiscard]] const WaitBoxState& state() const { return m_state; }

    [[nodiscard]] QRectF boundingRect() const override;
    void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

private:
    void place();

    const WaitGraphLook& m_look;
    WaitBox m_box;
    WaitBoxText m_text;
    WaitBoxState m_state;
    QSizeF m_size;
};

/// All lines, under the boxes.
class WaitLinesItem final : public QGraphicsItem
{
public:
    explicit WaitLinesItem(const WaitGraphLook& look);

    void setStrokes(const QList<WaitStroke>& strokes);
    /// Lines outside of the chain are faded; an empty chain fades none.
    void setChain(const QSet<qint32>& lines);
    [[nodiscard]] const QList<WaitStroke>& strokes() const { return m_strokes; }

    [[nodiscard]] QRectF boundingRect() const override { return m_bounds; }
    void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

private:
    const WaitGraphLook& m_look;
    QList<WaitStroke> m_strokes;
    QSet<qint32> m_chain;
    QRectF m_bounds;
};

} // namespace lockscope
