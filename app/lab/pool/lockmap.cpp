#include "app/lab/pool/lockmap.h"

#include <algorithm>

namespace lockscope {

namespace {

template <typename Entries, typename Member, typename Value>
auto* entryWhere(Entries& entries, Member member, const Value& value)
{
    const auto found = std::ranges::find(entries, value, member);
    return found == entries.end() ? nullptr : &*found;
}

} // namespace

LockMap::Entry* LockMap::find(LockKey key)
{
    return entryWhere(m_entries, &Entry::key, key);
}

LockMap::Entry* LockMap::findNumber(quint64 number)
{
    return entryWhere(m_entries, &Entry::number, number);
}

LockMap::Entry* LockMap::findSlot(int slot)
{
    return entryWhere(m_entries, &Entry::slot, slot);
}

quint64 LockMap::insert(LockKey key)
{
    m_entries.append(Entry{.number = ++m_lastNumber, .key = key});
    return m_lastNumber;
}

void LockMap::removeNumber(quint64 number)
{
    m_entries.removeIf([number](const Entry& entry) { return entry.number == number; });
}

void LockMap::removeSlot(int slot)
{
    m_entries.removeIf([slot](const Entry& entry) { return entry.slot == slot; });
}

QList<std::pair<LockKey, int>> LockMap::pairs() const
{
    QList<std::pair<LockKey, int>> pairs;
    for (const Entry& entry : m_entries)
        pairs.append({entry.key, entry.slot});
    return pairs;
}

} // namespace lockscope
