#pragma once

#include "models/domain/sessionstate.h"

#include <QAbstractItemModel>
#include <QList>
#include <QVariant>

namespace lockscope {

/// What the trees of own sessions and simulated clients have in common: one top-level row for each, and below it what
/// it holds, one row for each key and mode of its ledger. For the thread of its views; changes arrive as whole states
/// and are shown by the smallest row signals, never by a reset, so that selection and expanded rows survive. Fetches
/// nothing and runs no timer: durations are the view's to show.
class HoldTreeModel : public QAbstractItemModel
{
    Q_OBJECT

public:
    enum class Column
    {
        Name,
        Process, ///< only of simulated clients
        Backend,
        State,
        Holds,
    };

    enum Role
    {
        StateRole = Qt::UserRole, ///< the SessionState or ClientState, also of a child's parent
        EntryRole,                ///< the LedgerEntry of a child
        HoldStateRole,            ///< its HoldState as int
        SortRole,                 ///< numbers as numbers; children in the order they were taken
    };

    [[nodiscard]] QModelIndex index(int row, int column, const QModelIndex& parent = {}) const final;
    [[nodiscard]] QModelIndex parent(const QModelIndex& child) const final;
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const final;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const final;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const final;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const final;
    using QObject::parent;

    /// Where a column stands in this model; -1 when it has none.
    [[nodiscard]] int section(Column column) const { return static_cast<int>(m_columns.indexOf(column)); }

protected:
    /// What is shown of one session or client. Texts may be hostile.
    struct Node
    {
        quint32 id = 0;
        QVariant value = {}; ///< for StateRole
        QString name = {};
        qint64 processId = 0;
        qint32 backendPid = 0;
        QString phase = {};
        QString doing = {};
        TransactionPhase transaction = TransactionPhase::None;
        QString note = {};      ///< what else the tooltip says
        QString elsewhere = {}; ///< the server, when it is not the one watched
        std::optional<Outcome> lastOutcome = {};
        std::optional<Error> ending = {};
        QList<LedgerEntry> entries = {};
    };

    HoldTreeModel(QList<Column> columns, QObject* parent);

    void put(const Node& node);
    void drop(quint32 id);
    [[nodiscard]] QVariant valueOf(quint32 id) const;
    [[nodiscard]] QVariantList values() const;
    [[nodiscard]] std::optional<quint32> idOf(const QModelIndex& index) const;
    [[nodiscard]] QModelIndex indexOf(quint32 id) const;

private:
    [[nodiscard]] static QString stateText(const Node& node);
    [[nodiscard]] static QString details(const Node& node);
    [[nodiscard]] int rowOf(quint32 id) const;
    [[nodiscard]] QVariant nodeData(const Node& node, Column column, int role) const;
    [[nodiscard]] QVariant entryData(const Node& node, int row, Column column, int role) const;
    void replaceEntries(int nodeRow, const QList<LedgerEntry>& entries);
    void removeMissingEntries(int nodeRow, const QList<LedgerEntry>& entries);
    void arrangeEntries(int nodeRow, const QList<LedgerEntry>& entries);
    void changeEntries(int nodeRow, const QList<LedgerEntry>& entries);

    QList<Column> m_columns;
    QList<Node> m_nodes;
};

} // namespace lockscope
