#include "ui/lab/keptfont.h"

#include "ui/theme.h"

#include <QEvent>
#include <QPointer>
#include <QWidget>

namespace lockscope {

namespace {

QFont fontOf(KeptFont font)
{
    switch (font) {
    case KeptFont::Title:
        return theme::titleFont();
    case KeptFont::Narration: {
        QFont usual = theme::titleFont();
        usual.setWeight(QFont::Normal);
        return usual;
    }
    case KeptFont::Strong:
        return theme::strongFont();
    case KeptFont::Monospace:
        return theme::monospace();
    }
    return {};
}

/// A widget with a font of its own is not told when the application's changes; its parent, which has none, is.
class Keeper final : public QObject
{
public:
    Keeper(QWidget* widget, KeptFont font)
        : QObject(widget)
        , m_widget(widget)
        , m_font(font)
    {
        widget->setFont(fontOf(font));
        widget->installEventFilter(this);
        watchParent();
    }

    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (watched == m_widget && event->type() == QEvent::ParentChange)
            watchParent();
        // Polish: what was made before the theme was applied has still the font of before.
        if (watched == m_widget ? event->type() == QEvent::Polish : event->type() == QEvent::FontChange)
            m_widget->setFont(fontOf(m_font));
        return QObject::eventFilter(watched, event);
    }

private:
    void watchParent()
    {
        QWidget* const parent = m_widget->parentWidget();
        if (parent == m_parent)
            return;
        if (m_parent != nullptr)
            m_parent->removeEventFilter(this);
        m_parent = parent;
        if (parent != nullptr)
            parent->installEventFilter(this);
    }

    QWidget* m_widget;
    QPointer<QWidget> m_parent;
    KeptFont m_font;
};

} // namespace

void keepFont(QWidget* widget, KeptFont font)
{
    new Keeper(widget, font);
}

} // namespace lockscope
