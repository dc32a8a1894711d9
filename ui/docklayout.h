#pragma once

#include <QList>
#include <QObject>
#include <QString>

#include <utility>

class QDockWidget;
class QMainWindow;
class QWidget;

namespace lockscope {

class Actions;
enum class ActionId : int;

/// The docks of the main window: what is where at first, which action shows which, and how they share a place. GUI
/// thread. Knows nothing of what the panels show; Qt remembers what the person arranged.
class DockLayout final : public QObject
{
    Q_OBJECT

public:
    DockLayout(QMainWindow& window, const Actions& actions);
    Q_DISABLE_COPY_MOVE(DockLayout)

    /// about: a sentence for the title bar. A panel that is null has no dock, and its action goes.
    void add(QWidget* panel, const QString& objectName, const QString& title, const QString& about,
             Qt::DockWidgetArea area, ActionId showAction);
    /// The first layout for docks of this height in pixels: side by side where there is room, as tabs where not.
    void reset(int height);
    /// After a layout was restored: the actions follow what is shown.
    void followDocks();
    /// With larger or smaller text the panels at the side need more or less of the width.
    void followTextSize();

private:
    void followTabs();

    QMainWindow& m_window;
    const Actions& m_actions;
    QList<std::pair<QDockWidget*, ActionId>> m_docks;
    int m_grid; ///< that the docks were sized by
};

} // namespace lockscope
