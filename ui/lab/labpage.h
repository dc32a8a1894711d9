#pragma once

#include "models/domain/labserver.h"
#include "ui/icons.h"

#include <QStringList>
#include <QWidget>

class QButtonGroup;
class QHBoxLayout;
class QStackedWidget;

namespace lockscope {

/// The lab: lessons, pool, pods, ways to die, contention, each a page of its own behind a tab. GUI thread. Puts pages
/// together and nothing else; never starts anything.
class LabPage final : public QWidget
{
    Q_OBJECT

public:
    explicit LabPage(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(LabPage)

    /// The lab becomes the parent. id is stable, for settings and tests: "pool".
    void add(QWidget* page, const QString& id, const QString& title, const QString& toolTip, IconName picture);
    void show(const QString& id);
    [[nodiscard]] QString current() const;

Q_SIGNALS:
    void pageShown(const QString& id);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QHBoxLayout* m_tabsLayout;
    QButtonGroup* m_tabs;
    QStackedWidget* m_stack;
    QStringList m_ids;
};

} // namespace lockscope
