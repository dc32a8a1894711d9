#include "ui/panelscroll.h"

#include "ui/theme.h"

#include <QEvent>
#include <QLinearGradient>
#include <QPainter>
#include <QScrollBar>

namespace lockscope {

/// Says that there is more below: over the last line that is seen, letting clicks through.
class PanelScroll::Fade final : public QWidget
{
public:
    explicit Fade(QWidget* parent)
        : QWidget(parent)
    {
        setAttribute(Qt::WA_TransparentForMouseEvents);
        hide();
    }
    Q_DISABLE_COPY_MOVE(Fade)

protected:
    void paintEvent(QPaintEvent* /*event*/) override
    {
        QColor color = palette().color(QPalette::Window);
        QLinearGradient gradient(0, 0, 0, height());
        gradient.setColorAt(1, color);
        color.setAlpha(0);
        gradient.setColorAt(0, color);
        QPainter(this).fillRect(rect(), gradient);
    }
};

PanelScroll::PanelScroll(QWidget* content, QWidget* parent)
    : QScrollArea(parent)
    , m_fade(new Fade(this))
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
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, &PanelScroll::placeFade);
    connect(verticalScrollBar(), &QScrollBar::rangeChanged, this, &PanelScroll::placeFade);
    applyColor();
}

void PanelScroll::resizeEvent(QResizeEvent* event)
{
    QScrollArea::resizeEvent(event);
    placeFade();
}

void PanelScroll::placeFade()
{
    const int height = 3 * theme::grid();
    const QRect area = viewport()->geometry();
    m_fade->setGeometry(area.left(), area.bottom() + 1 - height, area.width(), height);
    m_fade->setVisible(verticalScrollBar()->value() < verticalScrollBar()->maximum());
    m_fade->raise();
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
