#include "ui/tonelabel.h"

#include <QApplication>
#include <QEvent>

namespace lockscope {

ToneLabel::ToneLabel(QWidget* parent)
    : QLabel(parent)
{
    setTextFormat(Qt::PlainText);
    setForegroundRole(QPalette::WindowText); // else it follows the parent, and a view's role is Text
    setWordWrap(true);
    setAlignment(Qt::AlignLeft | Qt::AlignTop);
}

void ToneLabel::setMuted()
{
    m_role = Role::Muted;
    applyColor();
}

void ToneLabel::setBody()
{
    m_role = Role::Body;
    applyColor();
}

void ToneLabel::setTone(Tone tone)
{
    m_role = Role::Toned;
    m_tone = tone;
    applyColor();
}

void ToneLabel::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange)
        applyColor();
    QLabel::changeEvent(event);
}

void ToneLabel::applyColor()
{
    // The application's palette decides, not our own: ours already carries the colour that is being replaced.
    const QPalette base = QApplication::palette(this);
    QColor wanted = base.color(QPalette::Active, QPalette::WindowText);
    if (m_role == Role::Muted)
        wanted = theme::mutedText(base);
    else if (m_role == Role::Toned)
        wanted = theme::color(m_tone, base);
    if (palette().color(QPalette::WindowText) == wanted)
        return; // setting a palette sends PaletteChange: the same colour again ends the circle
    QPalette own = palette();
    own.setColor(QPalette::WindowText, wanted);
    setPalette(own);
}

} // namespace lockscope
