#pragma once

#include "models/domain/result.h"
#include "models/waitforestmodel.h"

#include <QGraphicsView>

#include <memory>

namespace lockscope {

/// The wait graph as a drawing: root blockers at the left, who waits to the right of what it waits for. GUI thread.
/// Boxes keep their places while others come and go; nothing moves by itself. Values come down by setters, wishes go up
/// by signals. Never asks the server, never acts; without waits it is blank.
class WaitGraphView final : public QGraphicsView
{
    Q_OBJECT

public:
    explicit WaitGraphView(QWidget* parent = nullptr);
    ~WaitGraphView() override;
    Q_DISABLE_COPY_MOVE(WaitGraphView)

    void setView(const LockViewPointer& view);
    void setOptions(const WaitForestOptions& options); ///< minimumWait; a drawing never has the other sessions
    void setOwnBackends(const QSet<qint32>& pids);
    void setStale(bool stale); ///< not confirmed by the last poll: shown as such
    /// Shows it as selected and scrolls to it if it is out of sight; says nothing back. One that takes no part in a
    /// wait (any more) clears the selection; it is selected again when it comes back.
    void selectSession(const WaitNodeId& id);
    [[nodiscard]] WaitNodeId selectedSession() const;

    /// 1 is the size of the text elsewhere in the window. Values out of range are clamped.
    static constexpr double smallestZoom = 0.1;
    static constexpr double largestZoom = 4.0;
    [[nodiscard]] double zoom() const;
    /// Nobody has chosen zoom or place: all of the drawing is kept in sight while the view changes its size.
    [[nodiscard]] bool isFitted() const;
    void setZoom(double zoom);

    /// The whole drawing with title, time of the server and legend, on a light ground, whatever is in sight. SVG or PNG
    /// (at twice the size), by the ending of the name. A file that cannot be written leaves what was there.
    [[nodiscard]] Result<void> exportTo(const QString& fileName) const;

public Q_SLOTS:
    void zoomIn();
    void zoomOut();
    /// All of it in sight, but never so small that names cannot be read: then its beginning is in sight.
    void fitAll();
    /// Places everything anew, without the gaps that sessions left.
    void tidy();

Q_SIGNALS:
    /// The person selected it; a null id: nothing is selected any more.
    void sessionSelected(const lockscope::WaitNodeId& id);
    void sessionActivated(const lockscope::WaitNodeId& id);
    /// A null id: beside the boxes.
    void contextMenuRequested(const lockscope::WaitNodeId& id, const QPoint& globalPosition);

protected:
    void changeEvent(QEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void drawForeground(QPainter* painter, const QRectF& rect) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    class Parts;
    std::unique_ptr<Parts> m_parts;
};

} // namespace lockscope
