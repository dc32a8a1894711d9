#include "ui/holdlist.h"

#include "models/domain/displaytext.h"
#include "models/holdtreemodel.h"
#include "ui/ledgertree.h"

#include <utility>

namespace lockscope {

HoldList::HoldList(HoldTreeModel* model, const NameStarter::Words& words, LedgerDelegate::Reader reader, QObject* panel)
    : QObject(panel)
    , m_model(model)
    , m_starter(new NameStarter(words))
    , m_tree(new LedgerTree(model, std::move(reader)))
{
    connect(m_starter, &NameStarter::startRequested, this, [this](const QString& name) {
        m_awaitedName = cellText(name); // as the model will show it
        Q_EMIT startRequested(name);
    });
    connect(m_tree, &LedgerTree::currentMoved, this, &HoldList::currentChanged);
    connect(m_tree, &LedgerTree::picked, this, [this](const QModelIndex& index) {
        if (index.parent().isValid())
            Q_EMIT lockPicked(index.data(HoldTreeModel::EntryRole).value<LedgerEntry>());
    });
    connect(model, &QAbstractItemModel::dataChanged, this, &HoldList::refresh);
    connect(model, &QAbstractItemModel::rowsInserted, this, &HoldList::rowsInserted);
    connect(model, &QAbstractItemModel::rowsRemoved, this, &HoldList::refresh);
    setConnected(false);
}

void HoldList::setConnected(bool connected)
{
    m_connected = connected;
    if (!m_readOnlyReason.isEmpty())
        m_starter->setReason(m_readOnlyReason);
    else
        m_starter->setReason(connected ? QString() : tr("Connect to a server first."));
}

void HoldList::setReadOnlyReason(const QString& reason)
{
    m_readOnlyReason = reason;
    setConnected(m_connected);
}

void HoldList::refresh()
{
    QStringList names;
    const int nameColumn = m_model->section(HoldTreeModel::Column::Name);
    for (int row = 0; row < m_model->rowCount(); ++row)
        names.append(m_model->index(row, nameColumn).data().toString());
    m_starter->setTaken(names);
    Q_EMIT currentChanged(m_tree->currentIndex());
}

void HoldList::rowsInserted(const QModelIndex& parent, int first, int last)
{
    refresh();
    if (parent.isValid() || m_awaitedName.isEmpty())
        return;
    const int nameColumn = m_model->section(HoldTreeModel::Column::Name);
    for (int row = first; row <= last; ++row) {
        if (m_model->index(row, nameColumn).data().toString() == m_awaitedName) {
            m_awaitedName.clear();
            m_tree->setCurrentIndex(m_model->index(row, 0)); // what the person just started is what to work with
            return;
        }
    }
}

} // namespace lockscope
