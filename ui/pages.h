#pragma once

#include "ui/icons.h"

#include <QActionGroup>
#include <QButtonGroup>
#include <QWidget>

class QStackedWidget;
class QVBoxLayout;

namespace lockscope {

/// The pages of the window and the rail at its left that chooses between them. GUI thread. Shows no rail while there is
/// only one page; never decides by itself which page to show.
class Pages final : public QWidget
{
    Q_OBJECT

public:
    explicit Pages(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(Pages)

    /// action is triggered by the rail's button and shows the page; it brings name, tooltip and shortcut. Without a
    /// page (null) the action has nothing to show and leaves its menu.
    void add(QWidget* page, IconName picture, QAction* action);
    /// Focus goes to the focus proxy of the page.
    void show(const QWidget* page);
    [[nodiscard]] QWidget* current() const;
    /// A number at the page's button that asks for attention: how many root blockers there are; 0 shows none.
    void setBadge(const QWidget* page, qint64 count);

Q_SIGNALS:
    void pageShown(QWidget* page);

protected:
    void changeEvent(QEvent* event) override;

private:
    class Button;
    void applyLook();

    QWidget* m_rail;
    QVBoxLayout* m_buttonsLayout;
    QButtonGroup m_buttons;
    QActionGroup m_actions;
    QStackedWidget* m_stack;
};

} // namespace lockscope
