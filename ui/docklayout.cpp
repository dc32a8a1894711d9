#include "ui/docklayout.h"

#include "ui/actions.h"
#include "ui/docktitle.h"
#include "ui/theme.h"

#include <QAction>
#include <QDockWidget>
#include <QMainWindow>

#include <algorithm>

namespace lockscope {

DockLayout::DockLayout(QMainWindow& window, const Actions& actions)
    : m_window(window)
    , m_actions(actions)
    , m_grid(theme::grid())
{
}

void DockLayout::add(QWidget* panel, const QString& objectName, const QString& title, const QString& about,
                     Qt::DockWidgetArea area, ActionId showAction)
{
    QAction* const action = m_actions[showAction];
    action->setVisible(panel != nullptr);
    if (panel == nullptr)
        return;
    auto* const dock = new QDockWidget(title, &m_window);
    dock->setObjectName(objectName);
    dock->setWidget(panel);
    auto* const titleBar =
        new DockTitle(dock, about, panel->findChild<QWidget*>(QStringLiteral("dockTools"), Qt::FindDirectChildrenOnly));
    dock->setTitleBarWidget(titleBar);
    // Qt does not say when docks come to share a place; each of these may be the moment.
    const auto follow = [this] { QMetaObject::invokeMethod(this, &DockLayout::followTabs, Qt::QueuedConnection); };
    connect(dock, &QDockWidget::visibilityChanged, this, follow);
    connect(dock, &QDockWidget::dockLocationChanged, this, follow);
    connect(dock, &QDockWidget::topLevelChanged, this, follow);
    m_window.addDockWidget(area, dock);
    m_docks.append({dock, showAction});
    // The dock's own action knows the difference between closed and hidden behind another tab.
    action->setChecked(true);
    connect(dock->toggleViewAction(), &QAction::toggled, action, &QAction::setChecked);
    connect(action, &QAction::triggered, dock, [dock](bool shown) {
        dock->setVisible(shown);
        if (shown)
            dock->raise();
    });
}

void DockLayout::followDocks()
{
    for (const auto& [dock, action] : std::as_const(m_docks))
        m_actions[action]->setChecked(!dock->isHidden());
}

void DockLayout::followTabs()
{
    for (const auto& [dock, action] : std::as_const(m_docks)) {
        const QList<QDockWidget*> together = m_window.tabifiedDockWidgets(dock);
        const bool tabbed = std::any_of(together.cbegin(), together.cend(),
                                        [](const QDockWidget* other) { return !other->isHidden(); });
        static_cast<DockTitle*>(dock->titleBarWidget())->setTabbed(tabbed);
    }
}

void DockLayout::reset(int height)
{
    for (const auto& [dock, action] : std::as_const(m_docks)) {
        dock->setFloating(false);
        const bool log = dock->objectName() == QLatin1String("statementLogDock");
        m_window.addDockWidget(log ? Qt::BottomDockWidgetArea : Qt::RightDockWidgetArea, dock);
        dock->show();
    }
    QList<QDockWidget*> right;
    int needed = 0;
    for (const auto& [dock, action] : std::as_const(m_docks)) {
        if (m_window.dockWidgetArea(dock) == Qt::RightDockWidgetArea) {
            right.append(dock);
            needed += dock->sizeHint().height();
        } else {
            // A few lines of the log in a low window, a fifth of a high one.
            m_window.resizeDocks({dock}, {std::max(16 * theme::grid(), height / 5)}, Qt::Vertical);
        }
    }
    if (right.isEmpty())
        return;
    // Two panels above each other need a tall window; in a small one they share a place.
    if (needed > height) {
        for (QDockWidget* const dock : right.sliced(1))
            m_window.tabifyDockWidget(right.first(), dock);
        right.first()->raise();
    } else if (right.size() > 1) {
        QList<int> heights;
        for (const QDockWidget* const dock : std::as_const(right))
            heights.append(dock->sizeHint().height() + (height - needed) / static_cast<int>(right.size()));
        m_window.resizeDocks(right, heights, Qt::Vertical);
    }
    m_window.resizeDocks({right.first()}, {42 * theme::grid()}, Qt::Horizontal);
}

void DockLayout::followTextSize()
{
    if (theme::grid() == m_grid)
        return;
    const int before = std::exchange(m_grid, theme::grid());
    for (const auto& [dock, action] : std::as_const(m_docks)) {
        if (!dock->isFloating() && m_window.dockWidgetArea(dock) == Qt::RightDockWidgetArea) {
            m_window.resizeDocks({dock}, {dock->width() * m_grid / before}, Qt::Horizontal);
            break;
        }
    }
}

} // namespace lockscope
