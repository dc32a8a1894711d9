#pragma once

#include <QtGlobal>

#include <utility>
#include <vector>

namespace lockscope {

/// Numbers for pids, given out in order from 0 on; a value for one thread. Two million entries of pg_blocking_pids are
/// looked up here, which is most of what the graph of a long queue costs.
class PidTable
{
public:
    /// The number of this pid, a new one where it has none.
    [[nodiscard]] qint32 numberOf(qint32 pid);

private:
    void grow();

    std::vector<std::pair<qint32, qint32>> m_places =
        std::vector<std::pair<qint32, qint32>>(64, {0, -1}); ///< pid, number; a power of two, at most half full
    qint32 m_count = 0;
};

} // namespace lockscope
