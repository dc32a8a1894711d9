#pragma once

#include "models/waitforest.h"

#include <QAbstractItemModel>

#include <memory>

namespace lockscope {

/// One line of the forest.
struct WaitForestRow
{
    WaitNodeId id = {};
    const WaitNode* node = nullptr;      ///< null for a session that takes no part; valid until the next apply
    const WaitEdge* edge = nullptr;      ///< why it stands under its parent; null at the top
    QList<WaitNodeId> alsoWaitsFor = {}; ///< other blockers than the one of edge
    bool cycle = false;
    bool holds = false; ///< a lock, as far as they are read; only said of a session that takes no part
    WaitAge waited = {};
};

/// The wait graph as a tree for people: root blockers at the top, most stuck first; under each who waits for it, in the
/// order of the queue. A session stands once, under the holder it waits for (a hard block before a soft one). A
/// deadlock stands at the top as its sessions, marked. GUI thread. Brought from one graph to the next by insertions,
/// removals and moves: selection, expanded rows and scroll survive every poll. Never asks the server, never resets but
/// for another one.
class WaitForestModel final : public QAbstractItemModel
{
    Q_OBJECT

public:
    enum Column
    {
        Session,     ///< "1234 pod-a"
        State,       ///< pill: blocking / waiting / deadlock, and what its backend does
        WaitsFor,    ///< target with its name, and the mode
        Since,       ///< how long it has waited
        StuckBehind, ///< how many, with longest and total wait in the tooltip
        LongestBehind,
        TotalBehind,
        Query,
        ColumnCount
    };
    enum Role
    {
        NodeIdRole = Qt::UserRole, ///< WaitNodeId
        RowRole,                   ///< const WaitForestRow*
        MineRole,                  ///< bool
        StaleRole                  ///< bool
    };

    explicit WaitForestModel(QObject* parent = nullptr);
    ~WaitForestModel() override;
    Q_DISABLE_COPY_MOVE(WaitForestModel)

    void apply(const LockViewPointer& view);
    void setOptions(const WaitForestOptions& options);
    [[nodiscard]] const WaitForestOptions& options() const { return m_options; }
    void setOwnBackends(const QSet<qint32>& pids);
    void setStale(bool stale);

    [[nodiscard]] const LockViewPointer& view() const { return m_view; }
    [[nodiscard]] QModelIndex indexOf(const WaitNodeId& id) const; ///< invalid when it is not shown
    [[nodiscard]] const WaitForestRow* rowAt(const QModelIndex& index) const;

    [[nodiscard]] QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    [[nodiscard]] QModelIndex parent(const QModelIndex& child) const override;
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

private:
    struct Item;

    void bring(const LockViewPointer& view, bool keepPlaces);
    void give(Item& item, const WaitForestEntry& entry, const LockView& view) const;
    [[nodiscard]] WaitForestPlaces places() const;
    void arrange(Item& parent, const QList<qint32>& wanted, const WaitForest& forest);
    void removeUnwanted(Item& parent);
    void forget(const Item& item);
    void allRowsChanged(const QList<int>& roles);
    [[nodiscard]] QModelIndex indexFor(const Item& item) const;
    [[nodiscard]] Item& itemAt(const QModelIndex& index) const;

    LockViewPointer m_view;
    WaitForestOptions m_options;
    QSet<qint32> m_ownBackends;
    bool m_stale = false;
    std::unique_ptr<Item> m_root;
    QHash<WaitNodeId, Item*> m_items;
};

} // namespace lockscope
