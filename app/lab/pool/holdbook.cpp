#include "app/lab/pool/holdbook.h"

#include <algorithm>

namespace lockscope {

void HoldBook::acquired(LockKey key, qint32 backendPid)
{
    Hold& hold = m_holds[{key, backendPid}];
    ++hold.granted;
    ++hold.counted;
    hold.order = ++m_order;
}

void HoldBook::released(LockKey key, qint32 backendPid)
{
    const auto found = m_holds.find({key, backendPid});
    if (found == m_holds.end())
        return;
    Hold& hold = found->second;
    --hold.granted;
    if (hold.granted <= 0)
        m_holds.erase(found);
}

void HoldBook::givenUp(LockKey key)
{
    Hold* last = nullptr;
    for (auto& [place, hold] : m_holds) {
        if (place.first == key && hold.counted > 0 && (!last || hold.order > last->order))
            last = &hold;
    }
    if (last)
        --last->counted;
}

void HoldBook::clear(qint32 backendPid)
{
    std::erase_if(m_holds, [backendPid](const auto& entry) { return entry.first.second == backendPid; });
}

void HoldBook::seen(qint32 backendPid, const QList<LockKey>& keys)
{
    std::erase_if(m_holds, [&](const auto& entry) {
        return entry.first.second == backendPid && !keys.contains(entry.first.first);
    });
}

std::optional<qint32> HoldBook::backendOf(LockKey key) const
{
    std::optional<qint32> backend;
    quint64 order = 0;
    for (const auto& [place, hold] : m_holds) {
        if (place.first == key && hold.order > order) {
            backend = place.second;
            order = hold.order;
        }
    }
    return backend;
}

QList<LockKey> HoldBook::leaked(qint32 backendPid, const QList<LockKey>& keys, bool own) const
{
    QList<LockKey> leaked;
    for (const LockKey& key : keys) {
        const auto found = m_holds.find({key, backendPid});
        if (found == m_holds.end() ? own : found->second.granted > found->second.counted)
            leaked.append(key);
    }
    return leaked;
}

} // namespace lockscope
