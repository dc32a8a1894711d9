// The context menu of a row of the lock table.
#include "models/domain/displaytext.h"
#include "models/locktablemodel.h"
#include "ui/actions.h"
#include "ui/icons.h"
#include "ui/locksentence.h"
#include "ui/locktableview.h"
#include "ui/safetext.h"

#include <QAction>
#include <QMenu>

#include <algorithm>

namespace lockscope {

QMenu* LockTableView::makeRowMenu()
{
    const LockRow* const row = currentRow();
    if (row == nullptr)
        return nullptr;
    auto* const menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("lockTableMenu"));
    for (const auto id : {ActionId::CopyRow, ActionId::CopyCell, ActionId::CopyAsSql})
        menu->addAction(m_actions[id]);
    menu->addSeparator();
    menu->addAction(m_actions[ActionId::GoToBlocker]);
    if (row->lock.target.key()) {
        QAction* const take =
            menu->addAction(tr("&Put Key Into the Panels"), this, [this, lock = *row] { Q_EMIT rowActivated(lock); });
        take->setObjectName(QStringLiteral("takeKeyAction"));
        safetext::setToolTip(take, tr("Fill in this key for your sessions and clients (double click)"));
    }
    addQuestions(menu, *row);
    menu->addSeparator();
    addCures(menu);
    menu->addSeparator();
    addFilters(menu, *row);
    menu->setToolTipsVisible(true);
    return menu;
}

void LockTableView::addQuestions(QMenu* menu, const LockRow& row)
{
    QAction* const waits = menu->addAction(tr("Show in &Waits"), this, [this, row] { Q_EMIT waitsRequested(row); });
    waits->setObjectName(QStringLiteral("showInWaitsAction"));
    safetext::setToolTip(waits, tr("Who stands before and behind this session"));
    if (row.lock.target.key()) {
        QAction* const label =
            menu->addAction(tr("&Name This Key..."), this, [this, row] { Q_EMIT labelRequested(row); });
        label->setObjectName(QStringLiteral("nameKeyAction"));
        safetext::setToolTip(label, tr("Give this key a name of your own"));
    }
    if (row.lock.mode != LockMode::Unknown) {
        QAction* const mode = menu->addAction(tr("What &Conflicts With This Mode"), this,
                                              [this, mode = row.lock.mode] { Q_EMIT modeRequested(mode); });
        mode->setObjectName(QStringLiteral("modeAction"));
        safetext::setToolTip(mode, tr("Which other modes have to wait for %1").arg(displayName(row.lock.mode)));
    }
}

/// What cannot work is there too, greyed: its tooltip says why.
void LockTableView::addCures(QMenu* menu)
{
    const auto add = [this, menu](CureKind kind, const char* name, IconName picture, const QKeySequence& shortcut) {
        const auto offer = std::find_if(m_offers.cbegin(), m_offers.cend(),
                                        [kind](const CureOffer& candidate) { return candidate.kind == kind; });
        if (offer == m_offers.cend() || !offer->applies)
            return;
        QAction* const action = menu->addAction(QString(), this, [this, kind] { Q_EMIT cureRequested(kind); });
        action->setObjectName(QString::fromLatin1(name));
        action->setIcon(icon(picture));
        safetext::setText(action, tr("%1...").arg(title(kind)));
        action->setShortcut(shortcut); // shown only: keyPressEvent() handles it, as the menu lives for a moment
        action->setEnabled(offer->possible);
        safetext::setToolTip(action, offer->reason);
    };
    add(CureKind::CancelQuery, "cancelQueryAction", IconName::Cancel, Qt::Key_Delete);
    add(CureKind::TerminateBackend, "terminateBackendAction", IconName::Terminate, Qt::SHIFT | Qt::Key_Delete);
    add(CureKind::CommitPrepared, "commitPreparedAction", IconName::Commit, {});
    add(CureKind::RollbackPrepared, "rollbackPreparedAction", IconName::Rollback, {});
}

void LockTableView::addFilters(QMenu* menu, const LockRow& row)
{
    const auto offer = [this, menu](const QString& name, const QString& text, const QString& filter) {
        if (filter.isEmpty())
            return;
        QAction* const action = menu->addAction(QString(), this, [this, filter] { Q_EMIT filterChosen(filter); });
        action->setObjectName(name);
        safetext::setText(action, text);
    };
    offer(QStringLiteral("filterKeyAction"), tr("Show Only Key %1").arg(describe(row.lock.target)), keyFilter(row));
    if (row.lock.backend.pid != 0)
        offer(QStringLiteral("filterPidAction"), tr("Show Only PID %1").arg(row.lock.backend.pid),
              QStringLiteral("pid:%1").arg(row.lock.backend.pid));
    if (row.backend)
        offer(QStringLiteral("filterApplicationAction"),
              tr("Show Only Application %1").arg(cellText(row.backend->applicationName, 40)), applicationFilter(row));
}

} // namespace lockscope
