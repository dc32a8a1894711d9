#include "ui/waitgraphview.h"

#include "models/domain/displaytext.h"
#include "ui/numbertext.h"
#include "ui/theme.h"
#include "ui/waitgraphcanvas.h"
#include "ui/waitgraphexport.h"
#include "ui/waitgraphitems.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QFontMetricsF>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QScrollBar>
#include <QStyle>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace lockscope {

namespace {

constexpr double zoomStep = 1.25;
constexpr double readableZoom = 0.55; ///< below, names are too small

} // namespace

class WaitGraphView::Parts
{
public:
    explicit Parts(WaitGraphView& graphView)
        : view(graphView)
        , canvas(graphView.palette())
    {
    }

    void update()
    {
        const bool wasEmpty = canvas.drawing().isEmpty();
        const int fade =
            view.isVisible() ? view.style()->styleHint(QStyle::SH_Widget_Animation_Duration, nullptr, &view) : 0;
        canvas.setView(shown, options.minimumWait, wanted,
                       std::chrono::milliseconds(fade > 0 ? std::clamp(fade, 150, 250) : 0));
        view.setAccessibleDescription(shown ? waitGraphSummary(*shown) : QString());
        if (!wasEmpty || canvas.drawing().isEmpty())
            return;
        if (touched)
            showBeginning();
        else
            view.fitAll();
    }

    [[nodiscard]] WaitNodeId selected() const { return canvas.drawing().indexOf(wanted) >= 0 ? wanted : WaitNodeId(); }

    void choose(const WaitNodeId& id)
    {
        if (id == wanted)
            return;
        view.selectSession(id);
        Q_EMIT view.sessionSelected(id);
    }

    /// Its beginning at the top left, at the zoom there is.
    void showBeginning()
    {
        const qreal margin = 2 * canvas.look().grid;
        const QPointF corner = view.transform().map(canvas.bounds().topLeft()) - QPointF(margin, margin);
        view.horizontalScrollBar()->setValue(qRound(corner.x()));
        view.verticalScrollBar()->setValue(qRound(corner.y()));
    }

    [[nodiscard]] const WaitBox* boxAt(const QPoint& position) const { return canvas.boxAt(view.mapToScene(position)); }

    [[nodiscard]] WaitNodeId sessionAt(const QPoint& position) const
    {
        const WaitBox* box = boxAt(position);
        return box != nullptr ? box->id.session : WaitNodeId();
    }

    /// How many there are beside what can be seen: right of the legend, where there is room.
    void paintOutOfSight(QPainter* painter, const QRectF& legend) const
    {
        const qsizetype count = canvas.sessionsOutside(view.mapToScene(view.viewport()->rect()).boundingRect());
        if (count == 0)
            return;
        const QString words = tr("%1 out of sight").arg(groupedNumber(count));
        const WaitGraphLook& look = canvas.look();
        const qreal width = QFontMetricsF(look.font).horizontalAdvance(words) + 2 * look.grid;
        const QRectF place(view.viewport()->width() - width, legend.top(), width, legend.height());
        if (place.left() < legend.right())
            return;
        painter->fillRect(place, look.ground());
        painter->setFont(look.font);
        painter->setPen(theme::mutedText(look.palette));
        painter->drawText(place, Qt::AlignCenter | Qt::TextSingleLine, words);
    }

    WaitGraphView& view;
    WaitGraphCanvas canvas;
    LockViewPointer shown;
    WaitForestOptions options;
    WaitNodeId wanted;
    QPoint pressedAt;
    bool touched = false; ///< the person chose the zoom or what is in sight
    bool moved = false;   ///< the person chose what is in sight
};

WaitGraphView::WaitGraphView(QWidget* parent)
    : QGraphicsView(parent)
    , m_parts(std::make_unique<Parts>(*this))
{
    setObjectName(QStringLiteral("waitGraphView"));
    setAccessibleName(tr("Wait graph"));
    setScene(&m_parts->canvas);
    setFrameShape(QFrame::NoFrame);
    setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
    setViewportUpdateMode(QGraphicsView::FullViewportUpdate); // the legend does not scroll along
    setDragMode(QGraphicsView::ScrollHandDrag);
    setTransformationAnchor(QGraphicsView::AnchorUnderMouse);
    setResizeAnchor(QGraphicsView::NoAnchor);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
}

WaitGraphView::~WaitGraphView()
{
    setScene(nullptr); // goes before the view's own part
}

void WaitGraphView::setView(const LockViewPointer& view)
{
    m_parts->shown = view;
    m_parts->update();
}

void WaitGraphView::setOptions(const WaitForestOptions& options)
{
    if (m_parts->options == options)
        return;
    m_parts->options = options;
    m_parts->update();
}

void WaitGraphView::setOwnBackends(const QSet<qint32>& pids)
{
    if (m_parts->canvas.ownBackends() != pids)
        m_parts->canvas.setOwnBackends(pids);
}

void WaitGraphView::setStale(bool stale)
{
    m_parts->canvas.setStale(stale);
}

void WaitGraphView::selectSession(const WaitNodeId& id)
{
    if (m_parts->wanted == id)
        return;
    m_parts->wanted = id;
    m_parts->canvas.setSelected(id, hasFocus());
    const LockViewPointer& view = m_parts->shown;
    if (m_parts->selected().isNull() && view && view->waits && view->waits->node(id) != nullptr)
        m_parts->update(); // from the rest of a long queue
    const QRectF rect = m_parts->canvas.rectOf(id);
    const int margin = qRound(2 * m_parts->canvas.look().grid);
    if (!rect.isEmpty() && !mapToScene(viewport()->rect()).boundingRect().contains(rect))
        ensureVisible(rect, margin, margin);
}

WaitNodeId WaitGraphView::selectedSession() const
{
    return m_parts->selected();
}

bool WaitGraphView::isFitted() const
{
    return !m_parts->touched;
}

double WaitGraphView::zoom() const
{
    return transform().m11();
}

void WaitGraphView::setZoom(double zoom)
{
    m_parts->touched = true;
    const double factor = std::clamp(zoom, smallestZoom, largestZoom);
    setTransform(QTransform::fromScale(factor, factor));
}

Result<void> WaitGraphView::exportTo(const QString& fileName) const
{
    const WaitGraphCanvas& canvas = m_parts->canvas;
    return exportWaitGraph(canvas.drawing(), canvas.view() ? *canvas.view() : LockView(), canvas.ownBackends(),
                           palette(), fileName);
}

void WaitGraphView::zoomIn()
{
    m_parts->moved = true;
    setZoom(zoom() * zoomStep);
}

void WaitGraphView::zoomOut()
{
    m_parts->moved = true;
    setZoom(zoom() / zoomStep);
}

void WaitGraphView::fitAll()
{
    m_parts->touched = false;
    m_parts->moved = false;
    const QRectF& bounds = m_parts->canvas.bounds();
    if (bounds.isEmpty())
        return;
    const WaitGraphLook& look = m_parts->canvas.look();
    const qreal margin = 2 * look.grid;
    const QSizeF room(viewport()->width() - 2 * margin,
                      viewport()->height() - 2 * margin - paintWaitLegend(nullptr, {}, false, look).height());
    const double across = room.width() / bounds.width();
    const double down = room.height() / bounds.height();
    // What does not fit anyway need not be as small as can be.
    const double factor = std::min(across, down) >= readableZoom
                              ? std::min({across, down, 1.0})
                              : std::clamp(std::max(across, down), readableZoom, 0.8);
    setTransform(QTransform::fromScale(factor, factor));
    m_parts->showBeginning();
}

void WaitGraphView::tidy()
{
    m_parts->canvas.forgetPlaces();
    m_parts->update();
    fitAll();
}

void WaitGraphView::changeEvent(QEvent* event)
{
    QGraphicsView::changeEvent(event);
    const auto type = event->type();
    if (m_parts && (type == QEvent::PaletteChange || type == QEvent::FontChange || type == QEvent::StyleChange)) {
        m_parts->canvas.setPalette(palette());
        if (!m_parts->touched)
            fitAll();
    }
}

void WaitGraphView::contextMenuEvent(QContextMenuEvent* event)
{
    if (event->reason() != QContextMenuEvent::Keyboard) {
        const WaitNodeId id = m_parts->sessionAt(event->pos());
        if (!id.isNull())
            m_parts->choose(id);
        Q_EMIT contextMenuRequested(id, event->globalPos());
        return;
    }
    const WaitNodeId id = m_parts->selected();
    const QPoint position =
        id.isNull() ? viewport()->rect().center() : mapFromScene(m_parts->canvas.rectOf(id).center());
    Q_EMIT contextMenuRequested(id, viewport()->mapToGlobal(position));
}

void WaitGraphView::drawForeground(QPainter* painter, const QRectF& /*rect*/)
{
    const WaitGraphCanvas& canvas = m_parts->canvas;
    if (canvas.drawing().isEmpty())
        return;
    painter->save();
    painter->resetTransform();
    const QSizeF size = paintWaitLegend(nullptr, {}, canvas.hasCycle(), canvas.look());
    if (size.width() <= viewport()->width()) {
        const QRectF place(QPointF(0, viewport()->height() - size.height()), size);
        painter->fillRect(place, canvas.look().ground());
        paintWaitLegend(painter, place.topLeft(), canvas.hasCycle(), canvas.look());
        m_parts->paintOutOfSight(painter, place);
    }
    if (hasFocus() && m_parts->selected().isNull()) {
        painter->setRenderHint(QPainter::Antialiasing, false);
        painter->setPen(QPen(theme::color(Tone::Accent, palette()), 1));
        painter->setBrush(Qt::NoBrush);
        painter->drawRect(viewport()->rect().adjusted(0, 0, -1, -1));
    }
    painter->restore();
}

void WaitGraphView::focusInEvent(QFocusEvent* event)
{
    QGraphicsView::focusInEvent(event);
    m_parts->canvas.setSelected(m_parts->wanted, true);
}

void WaitGraphView::focusOutEvent(QFocusEvent* event)
{
    QGraphicsView::focusOutEvent(event);
    m_parts->canvas.setSelected(m_parts->wanted, false);
}

void WaitGraphView::keyPressEvent(QKeyEvent* event)
{
    const WaitNodeId current = m_parts->selected();
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Right:
    case Qt::Key_Up:
    case Qt::Key_Down:
        if (const WaitNodeId next = m_parts->canvas.neighbour(current, static_cast<Qt::Key>(event->key()));
            !next.isNull())
            m_parts->choose(next);
        return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (!current.isNull())
            Q_EMIT sessionActivated(current);
        return;
    case Qt::Key_Home:
        fitAll();
        return;
    case Qt::Key_Plus:
    case Qt::Key_Equal: // + without Shift
        zoomIn();
        return;
    case Qt::Key_Minus:
        zoomOut();
        return;
    case Qt::Key_Escape:
        if (current.isNull())
            break;
        m_parts->choose({});
        return;
    default:
        break;
    }
    event->ignore(); // QGraphicsView's own keys would scroll the canvas away
}

void WaitGraphView::mouseDoubleClickEvent(QMouseEvent* event)
{
    const WaitNodeId id = m_parts->sessionAt(event->position().toPoint());
    if (event->button() == Qt::LeftButton && !id.isNull())
        Q_EMIT sessionActivated(id);
}

void WaitGraphView::mousePressEvent(QMouseEvent* event)
{
    m_parts->pressedAt = event->position().toPoint();
    QGraphicsView::mousePressEvent(event);
}

void WaitGraphView::mouseReleaseEvent(QMouseEvent* event)
{
    QGraphicsView::mouseReleaseEvent(event);
    const QPoint position = event->position().toPoint();
    if (event->button() != Qt::LeftButton)
        return;
    if ((position - m_parts->pressedAt).manhattanLength() >= QApplication::startDragDistance()) {
        m_parts->touched = true;
        m_parts->moved = true;
        return;
    }
    const WaitBox* box = m_parts->boxAt(position);
    if (box == nullptr)
        m_parts->choose({});
    else if (box->id.kind == WaitBoxKind::Session)
        m_parts->choose(box->id.session);
}

void WaitGraphView::resizeEvent(QResizeEvent* event)
{
    QGraphicsView::resizeEvent(event);
    if (!m_parts->touched)
        fitAll();
    else if (!m_parts->moved)
        m_parts->showBeginning();
}

bool WaitGraphView::viewportEvent(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QGraphicsView::viewportEvent(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    if (const WaitBox* box = m_parts->boxAt(help->pos())) {
        QToolTip::showText(help->globalPos(), plainTooltip(waitBoxFacts(*box, *m_parts->shown)), viewport(),
                           mapFromScene(m_parts->canvas.look().rect(*box)).boundingRect());
    } else {
        QToolTip::hideText();
    }
    return true;
}

void WaitGraphView::wheelEvent(QWheelEvent* event)
{
    if (event->angleDelta().y() != 0) {
        m_parts->moved = true;
        setZoom(zoom() * std::pow(zoomStep, event->angleDelta().y() / 120.0));
    }
    event->accept();
}

} // namespace lockscope
