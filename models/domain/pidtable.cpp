#include "models/domain/pidtable.h"

namespace lockscope {

namespace {

/// Knuth's multiplicative hash: pids that follow each other land far apart.
size_t scattered(qint32 pid)
{
    return static_cast<quint32>(pid) * 2654435761U >> 7;
}

} // namespace

qint32 PidTable::numberOf(qint32 pid)
{
    const size_t last = m_places.size() - 1;
    for (size_t place = scattered(pid);; ++place) {
        auto& [known, number] = m_places[place & last];
        if (number >= 0 && known == pid)
            return number;
        if (number >= 0)
            continue;
        known = pid;
        number = m_count++;
        const qint32 result = number;
        if (static_cast<size_t>(m_count) * 2 > m_places.size())
            grow();
        return result;
    }
}

void PidTable::grow()
{
    const auto old = std::exchange(m_places, std::vector<std::pair<qint32, qint32>>(m_places.size() * 2, {0, -1}));
    const size_t last = m_places.size() - 1;
    for (const auto& entry : old) {
        if (entry.second < 0)
            continue;
        size_t place = scattered(entry.first);
        while (m_places[place & last].second >= 0)
            ++place;
        m_places[place & last] = entry;
    }
}

} // namespace lockscope
