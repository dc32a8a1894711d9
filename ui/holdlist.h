#pragma once

#include "models/domain/ledger.h"
#include "ui/ledgerdelegate.h"
#include "ui/namestarter.h"

#include <QModelIndex>
#include <QObject>

namespace lockscope {

class HoldTreeModel;
class LedgerTree;

/// What both panels have in common: a list of holders (sessions or clients) with their locks, and the field that starts
/// the next one. Selects what the person just started, and nothing that came otherwise. GUI thread. Owned by its panel,
/// which places starter() and tree(); never asks for anything by itself.
class HoldList final : public QObject
{
    Q_OBJECT

public:
    /// The model is not owned and must outlive this.
    HoldList(HoldTreeModel* model, const NameStarter::Words& words, LedgerDelegate::Reader reader, QObject* panel);
    Q_DISABLE_COPY_MOVE(HoldList)

    [[nodiscard]] NameStarter* starter() const { return m_starter; }
    [[nodiscard]] LedgerTree* tree() const { return m_tree; }
    /// Nothing is started without a server; what lives has connections of its own.
    void setConnected(bool connected);
    /// Not empty: nothing can be started, and this is why.
    void setReadOnlyReason(const QString& reason);
    /// Says the current row once more, as after each change of the model.
    void refresh();

Q_SIGNALS:
    void startRequested(const QString& name);
    /// The current row, or the model under it, changed; invalid when there is none.
    void currentChanged(const QModelIndex& current);
    /// The person picked a lock of the list: most likely the one to act on next.
    void lockPicked(const lockscope::LedgerEntry& entry);

private:
    void rowsInserted(const QModelIndex& parent, int first, int last);

    HoldTreeModel* m_model;
    NameStarter* m_starter;
    LedgerTree* m_tree;
    QString m_awaitedName; ///< asked for by the person, not in the model yet
    QString m_readOnlyReason;
    bool m_connected = false;
};

} // namespace lockscope
