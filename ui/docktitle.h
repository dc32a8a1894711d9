#pragma once

#include <QWidget>

class QDockWidget;
class QHBoxLayout;
class QLabel;
class QToolButton;

namespace lockscope {

/// The title bar of a dock: its name, the tools of its panel, and the buttons to float and to close it. Tools that
/// stand here cost the panel no line of its own. GUI thread. Dragging and double clicks stay the dock's.
class DockTitle final : public QWidget
{
    Q_OBJECT

public:
    /// tools may be null; the title bar becomes their parent. about: what the panel is for, in a few words.
    DockTitle(QDockWidget* dock, const QString& about, QWidget* tools);
    Q_DISABLE_COPY_MOVE(DockTitle)

    /// A tab above says the name already: the title says what the panel is for.
    void setTabbed(bool tabbed);

protected:
    void changeEvent(QEvent* event) override;

private:
    [[nodiscard]] QToolButton* addButton(const QString& objectName, const QString& name, const QString& toolTip);
    void applyLook();

    QHBoxLayout* m_layout;
    QString m_name;
    QString m_about;
    bool m_tabbed = false;
    QLabel* m_title;
    QToolButton* m_float;
    QToolButton* m_close;
};

} // namespace lockscope
