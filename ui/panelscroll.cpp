#include "ui/panelscroll.h"

#include "ui/theme.h"

#include <QEvent>
#include <QScrollBar>

namespace lockscope {

PanelScroll::PanelScroll(QWidget* content, QWidget* parent)
    : QScrollArea(parent)
{
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::NoFocus);
    setWidget(content);
    // Set as a widget of a scroll area, content fills its background; the dock's own shows through instead.
    content->setAutoFillBackground(false);
    viewport()->setAutoFillBackground(false);
    content->installEventFilter(this);
    applyColor();
}

void PanelScroll::changeEvent(QEvent* event)
{
    QScrollArea::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        applyColor();
}

void PanelScroll::applyColor()
{
    // A scroll bar stands on Base, for lists and tables; this one stands on the dock.
    QPalette own;
    own.setColor(QPalette::Base, palette().color(QPalette::Window));
    verticalScrollBar()->setPalette(own);
}

QSize PanelScroll::sizeHint() const
{
    return widget()->sizeHint();
}

QSize PanelScroll::minimumSizeHint() const
{
    return {widget()->minimumSizeHint().width() + verticalScrollBar()->sizeHint().width(), theme::grid() * 16};
}

bool PanelScroll::eventFilter(QObject* watched, QEvent* event)
{
    // What the content needs in width becomes our own minimum, as there is no horizontal scrolling.
    if (watched == widget() && event->type() == QEvent::LayoutRequest)
        updateGeometry();
    return QScrollArea::eventFilter(watched, event);
}

} // namespace lockscope
