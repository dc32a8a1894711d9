#pragma once

#include "models/lockcolumns.h"
#include "models/locktablemodel.h"
#include "tests/ui/madeuplocks.h"
#include "ui/actions.h"
#include "ui/locktableview.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QHeaderView>
#include <QMenu>

namespace lockscope::test {

/// The table of locks, shown, over locks written down by hand.
struct LockTableStage
{
    LockTableStage()
        : view(actions, model)
    {
        view.resize(900, 300);
        view.show();
    }

    void publish() { model.apply(builder.update(locks.snapshot())); }
    int rowOfPid(qint32 pid) const
    {
        for (int row = 0; row < model.rowCount(); ++row) {
            if (model.rowAt(row)->lock.backend.pid == pid)
                return row;
        }
        return -1;
    }
    qint32 currentPid() const { return view.currentRow() == nullptr ? 0 : view.currentRow()->lock.backend.pid; }
    QStringList visibleColumns() const
    {
        QStringList ids;
        const QHeaderView* const header = view.horizontalHeader();
        for (int visual = 0; visual < header->count(); ++visual) {
            const int section = header->logicalIndex(visual);
            if (!header->isSectionHidden(section))
                ids.append(QString::fromLatin1(lockColumn(static_cast<LockColumn>(section)).id));
        }
        return ids;
    }
    QAction* columnAction(const QString& name) { return view.makeColumnMenu()->findChild<QAction*>(name); }
    bool shows(int row, int column, const QColor& color)
    {
        const QRect cell = view.visualRect(model.index(row, column));
        const QImage image = view.viewport()->grab(cell).toImage();
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 0; x < image.width(); ++x) {
                if (image.pixelColor(x, y).rgb() == color.rgb())
                    return true;
            }
        }
        return false;
    }

    Actions actions;
    LockTableModel model;
    QAbstractItemModelTester tester{&model};
    LockViewBuilder builder;
    MadeUpLocks locks;
    LockTableView view;
};

} // namespace lockscope::test
