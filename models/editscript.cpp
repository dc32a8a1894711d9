#include "models/editscript.h"

#include <QHash>

#include <algorithm>
#include <vector>

namespace lockscope {

namespace {

/// Where each new identity stands. Row ids are given out by counting, so they mostly lie close together and an array
/// does what a hash table would need five times as long for; identities that are far apart get the hash table.
class Positions
{
public:
    explicit Positions(const QList<quint64>& ids)
    {
        if (ids.isEmpty())
            return;
        const auto [least, greatest] = std::minmax_element(ids.begin(), ids.end());
        m_least = *least;
        const quint64 span = *greatest - *least;
        if (span < static_cast<quint64>(ids.size()) * 8 + 1024) {
            m_dense.assign(static_cast<size_t>(span) + 1, -1);
            for (int row = 0; row < ids.size(); ++row)
                m_dense[static_cast<size_t>(ids[row] - m_least)] = row;
            return;
        }
        m_sparse.reserve(ids.size());
        for (int row = 0; row < ids.size(); ++row)
            m_sparse.insert(ids[row], row);
    }

    [[nodiscard]] int of(quint64 id) const
    {
        if (m_dense.empty())
            return m_sparse.value(id, -1);
        const quint64 offset = id - m_least; // wraps to a huge number for smaller ids
        return offset < m_dense.size() ? m_dense[static_cast<size_t>(offset)] : -1;
    }

private:
    quint64 m_least = 0;
    std::vector<int> m_dense;
    QHash<quint64, int> m_sparse;
};

/// Appends row to the last run when it follows it, else begins a new one.
void appendRow(QList<RowRange>& runs, int row)
{
    if (!runs.isEmpty() && runs.last().last + 1 == row)
        runs.last().last = row;
    else
        runs.append({row, row});
}

} // namespace

EditScript diffRows(const QList<quint64>& oldIds, const QList<quint64>& newIds,
                    const std::function<bool(int, int)>& changed)
{
    EditScript script;
    script.oldSize = static_cast<int>(oldIds.size());
    script.newSize = static_cast<int>(newIds.size());

    const Positions positions(newIds);
    script.oldToNew.resize(oldIds.size());
    std::vector<bool> inserted(static_cast<size_t>(newIds.size()), true);
    std::vector<bool> differs(static_cast<size_t>(newIds.size()), false);
    bool keepsOrder = true;
    int greatest = -1;
    qsizetype changedRows = 0;
    for (int oldRow = 0; oldRow < script.oldSize; ++oldRow) {
        const int newRow = positions.of(oldIds[oldRow]);
        script.oldToNew[oldRow] = newRow;
        if (newRow < 0) {
            appendRow(script.removed, oldRow);
            continue;
        }
        keepsOrder = keepsOrder && newRow > greatest;
        greatest = std::max(greatest, newRow);
        inserted[static_cast<size_t>(newRow)] = false;
        if (changed(oldRow, newRow)) {
            differs[static_cast<size_t>(newRow)] = true;
            ++changedRows;
        }
    }
    for (int newRow = 0; newRow < script.newSize; ++newRow) {
        if (inserted[static_cast<size_t>(newRow)])
            appendRow(script.inserted, newRow);
        else if (differs[static_cast<size_t>(newRow)])
            appendRow(script.changed, newRow);
    }
    if (changedRows * 2 > newIds.size())
        script.changed = {{script.changed.first().first, script.changed.last().last}};

    if (keepsOrder && script.removed.size() + script.inserted.size() <= maximumReplayedRanges) {
        script.oldToNew.clear();
        std::reverse(script.removed.begin(), script.removed.end());
        const bool nothing = script.removed.isEmpty() && script.inserted.isEmpty() && script.changed.isEmpty();
        script.kind = nothing ? EditScript::Kind::Nothing : EditScript::Kind::Ranges;
    } else {
        script.removed.clear();
        script.inserted.clear();
        script.kind = EditScript::Kind::Layout;
    }
    return script;
}

} // namespace lockscope
