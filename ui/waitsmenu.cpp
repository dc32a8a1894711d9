#include "ui/waitsmenu.h"

#include "ui/icons.h"
#include "ui/safetext.h"

#include <QCoreApplication>
#include <QMenu>

#include <optional>

namespace lockscope {

namespace {

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(WaitsMenu)
};

struct CureItem
{
    QString objectName;
    QString text;
    std::optional<IconName> picture;
};

CureItem itemOf(CureKind kind)
{
    switch (kind) {
    case CureKind::CancelQuery:
        return {QStringLiteral("waitsCancelAction"), Text::tr("&Cancel Query...\tDel"), IconName::Cancel};
    case CureKind::TerminateBackend:
        return {QStringLiteral("waitsTerminateAction"), Text::tr("&Terminate Backend...\tShift+Del"),
                IconName::Terminate};
    case CureKind::CommitPrepared:
        return {QStringLiteral("waitsCommitAction"), Text::tr("Co&mmit Prepared..."), IconName::Commit};
    case CureKind::RollbackPrepared:
        return {QStringLiteral("waitsRollbackAction"), Text::tr("&Roll Back Prepared..."), IconName::Rollback};
    }
    return {};
}

} // namespace

QMenu* makeWaitsMenu(QWidget* parent, const WaitNodeId& id, const QString& rowText, const QList<CureOffer>& offers,
                     const WaitsMenuCalls& calls)
{
    auto* const menu = new QMenu(parent);
    menu->setObjectName(QStringLiteral("waitsMenu"));
    menu->setToolTipsVisible(true);
    const auto add = [menu](const QString& objectName, const QString& text, const std::function<void()>& call) {
        QAction* const action = menu->addAction(text, menu, call);
        action->setObjectName(objectName);
        return action;
    };
    add(QStringLiteral("waitsGoToLocksAction"), Text::tr("&Go to Locks\tReturn"), calls.goToLocks);
    const QString pid = QString::number(id.backend.pid);
    if (id.backend.pid != 0)
        add(QStringLiteral("waitsFilterAction"), Text::tr("&Show Only Locks of PID %1").arg(pid),
            [filter = calls.filter, pid] { filter(QStringLiteral("pid:%1").arg(pid)); });
    menu->addSeparator();
    for (const CureOffer& offer : offers) {
        if (!offer.applies)
            continue;
        const CureItem item = itemOf(offer.kind);
        QAction* const action = add(item.objectName, item.text, [cure = calls.cure, kind = offer.kind] { cure(kind); });
        if (item.picture)
            action->setIcon(icon(*item.picture));
        action->setEnabled(offer.possible);
        safetext::setToolTip(action, offer.reason);
    }
    menu->addSeparator();
    if (id.backend.pid != 0)
        add(QStringLiteral("waitsCopyPidAction"), Text::tr("Copy &PID"), [copy = calls.copy, pid] { copy(pid); });
    if (!rowText.isEmpty())
        add(QStringLiteral("waitsCopyRowAction"), Text::tr("Copy R&ow"),
            [copy = calls.copy, rowText] { copy(rowText); });
    menu->addSeparator();
    add(QStringLiteral("waitsExpandAllAction"), Text::tr("&Expand All"), calls.openAll);
    return menu;
}

} // namespace lockscope
