#pragma once

#include "models/lockcolumns.h"

#include <QFont>

#include <array>

namespace lockscope {

/// How wide the columns of the lock table are: each remembers the widest content it was shown, so that nothing moves to
/// and fro with every poll, and what is there or missing is shared out. GUI thread. Knows no view and no model.
class LockColumnWidths final
{
public:
    using Pixels = std::array<int, lockColumnCount>;
    using Columns = std::array<bool, lockColumnCount>;

    void forget();
    [[nodiscard]] bool isEmpty() const;
    /// The column that learn() is about. False: nothing can be learnt of it, its width does not depend on the content.
    bool begin(const LockColumnInfo& column, bool sorted, const QFont& font);
    /// urgent: the row waits or holds others up, and its key must not be cut.
    void learn(int width, bool urgent);

    /// Leaves out what a table of this width has no room for: the query, the user, the backend's state, the database,
    /// at last what the key means.
    [[nodiscard]] Columns chooseColumns(Columns shown, int width, const QFont& font) const;
    /// Columns take what they need; where that is too much, the ones that can be cut give way, down to a least.
    [[nodiscard]] Pixels distribute(const Columns& shown, int width, const QFont& font) const;

private:
    struct Squeeze;

    [[nodiscard]] int floorOf(const Squeeze& squeeze, bool comfortable, const QFont& font) const;
    [[nodiscard]] Pixels wanted(const QFont& font) const;

    static const std::array<Squeeze, 7> squeezes;

    Pixels m_needed{};
    int m_urgentKey = 0;
    LockColumn m_column = LockColumn::Key;
    int m_most = 0;
};

} // namespace lockscope
