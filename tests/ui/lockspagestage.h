#pragma once

#include "models/locktablemodel.h"
#include "tests/ui/madeuplocks.h"
#include "ui/actions.h"
#include "ui/elidedlabel.h"
#include "ui/lockspage.h"
#include "ui/locktableview.h"

#include <QLabel>
#include <QStackedWidget>

namespace lockscope::test {

/// The page of locks, shown, over locks written down by hand.
struct LocksPageStage
{
    LocksPageStage()
        : page(actions, model)
    {
        page.resize(1000, 600);
        page.show();
    }

    void publish() { page.applyUpdate(builder.update(locks.snapshot())); }
    void live()
    {
        LinkState link;
        link.phase = LinkPhase::Live;
        page.setLink(link);
    }
    void select(qint32 pid)
    {
        for (int row = 0; row < model.rowCount(); ++row) {
            if (model.rowAt(row)->lock.backend.pid == pid)
                page.table()->setCurrentIndex(model.index(row, 0));
        }
    }
    QString shownState() const
    {
        return page.findChild<QStackedWidget*>(QStringLiteral("locksStack"))->currentWidget()->objectName();
    }
    QString sentence() const { return page.findChild<QLabel*>(QStringLiteral("explanationSituation"))->text(); }
    /// The rest of the paragraph.
    QString words() const { return page.findChild<QLabel*>(QStringLiteral("explanationText"))->text(); }
    QString detail(const char* name) const { return page.findChild<ElidedLabel*>(QString::fromLatin1(name))->text(); }
    static ServerInfo server(int versionNumber)
    {
        ServerInfo info;
        info.version = QStringLiteral("%1").arg(versionNumber / 10'000);
        info.versionNumber = versionNumber;
        info.role = QStringLiteral("postgres");
        info.isSuperuser = true;
        info.seesAllStats = true;
        info.signalsBackends = true;
        return info;
    }
    template <typename Widget>
    Widget* child(const char* name) const
    {
        return page.findChild<Widget*>(QString::fromLatin1(name));
    }

    Actions actions;
    LockTableModel model;
    LockViewBuilder builder;
    MadeUpLocks locks;
    LocksPage page;
};

} // namespace lockscope::test
