#pragma once

#include "models/locktablemodel.h"
#include "tests/ui/madeuplocks.h"
#include "ui/actions.h"
#include "ui/lockspage.h"
#include "ui/mainwindow.h"
#include "ui/statusfigure.h"

#include <QAction>
#include <QWidget>

namespace lockscope::test {

/// A dock's content that wants some room.
struct StagePanel : QWidget
{
    [[nodiscard]] QSize sizeHint() const override { return {300, 300}; }
};

/// The window with the page of locks and its three panels, over locks written down by hand.
struct MainWindowStage
{
    MainWindowStage()
        : page(new LocksPage(actions, model))
        , window(actions, parts())
    {
    }

    MainWindowParts parts()
    {
        MainWindowParts result;
        result.locks = page;
        result.operatorSessions = new StagePanel;
        result.simulatedClients = new StagePanel;
        result.statementLog = new QWidget;
        return result;
    }
    void publish() { page->applyUpdate(builder.update(locks.snapshot())); }
    void setPhase(LinkPhase phase, bool paused = false)
    {
        LinkState link;
        link.phase = phase;
        link.paused = paused;
        window.setLink(link);
    }
    QString figure(const char* name) const
    {
        return window.findChild<StatusFigure*>(QString::fromLatin1(name))->text();
    }
    QString enabledActions() const
    {
        QStringList names;
        const QList<QAction*> all = actions.all();
        for (const QAction* const action : all) {
            if (action->isEnabled())
                names.append(action->objectName().sliced(6));
        }
        return names.join(u' ');
    }

    Actions actions;
    LockTableModel model;
    LockViewBuilder builder;
    MadeUpLocks locks;
    LocksPage* page;
    MainWindow window;
};

} // namespace lockscope::test
