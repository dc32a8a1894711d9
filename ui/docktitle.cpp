#include "ui/docktitle.h"

#include "ui/icons.h"
#include "ui/safetext.h"

#include <QDockWidget>
#include <QEvent>
#include <QHBoxLayout>
#include <QToolButton>

namespace lockscope {

DockTitle::DockTitle(QDockWidget* dock, const QString& about, QWidget* tools)
    : QWidget(dock)
    , m_layout(new QHBoxLayout(this))
    , m_name(dock->windowTitle())
    , m_about(about)
    , m_title(safetext::label(m_name))
{
    setObjectName(dock->objectName() + QStringLiteral("Title"));
    m_title->setAttribute(Qt::WA_TransparentForMouseEvents); // a drag on the words moves the dock
    safetext::setToolTip(this, about);
    m_layout->addWidget(m_title);
    if (tools != nullptr)
        m_layout->addWidget(tools, 1);
    else
        m_layout->addStretch(1);
    m_float = addButton(dock->objectName() + QStringLiteral("Float"), tr("Float or dock %1").arg(dock->windowTitle()),
                        tr("Put this panel into a window of its own, or back"));
    m_close = addButton(dock->objectName() + QStringLiteral("Close"), tr("Hide %1").arg(dock->windowTitle()),
                        tr("Hide this panel; the View menu shows it again"));
    connect(m_float, &QToolButton::clicked, dock, [dock] { dock->setFloating(!dock->isFloating()); });
    connect(m_close, &QToolButton::clicked, dock, &QDockWidget::close);
    applyLook();
}

QToolButton* DockTitle::addButton(const QString& objectName, const QString& name, const QString& toolTip)
{
    auto* const button = new QToolButton;
    button->setObjectName(objectName);
    button->setAccessibleName(name);
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::TabFocus);
    safetext::setToolTip(button, toolTip);
    m_layout->addWidget(button);
    return button;
}

void DockTitle::setTabbed(bool tabbed)
{
    m_tabbed = tabbed;
    m_title->setText(tabbed ? m_about : m_name);
    applyLook();
}

void DockTitle::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        applyLook();
}

void DockTitle::applyLook()
{
    const int grid = theme::grid();
    m_layout->setContentsMargins(grid, grid / 2, grid / 2, 0);
    m_layout->setSpacing(grid / 4);
    m_title->setFont(m_tabbed ? font() : theme::strongFont());
    QPalette muted = palette();
    muted.setColor(QPalette::WindowText, theme::mutedText(palette()));
    m_title->setPalette(muted);
    const int edge = theme::iconSize() * 7 / 8;
    for (QToolButton* const button : {m_float, m_close})
        button->setIconSize(QSize(edge, edge));
    m_float->setIcon(icon(IconName::Float));
    m_close->setIcon(icon(IconName::Close));
}

} // namespace lockscope
