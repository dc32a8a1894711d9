#pragma once

#include "models/domain/lockkey.h"

#include <QList>

#include <utility>

namespace lockscope {

enum class LockMapPhase : quint8
{
    Acquiring, ///< the call is under way
    Held,
    Releasing,
};

/// The map of a lock service, from key to connection, which lets one request of this process through per key. A value.
class LockMap
{
public:
    struct Entry
    {
        quint64 number = 0; ///< never used again: a later entry of the same key is another one
        LockKey key = {};
        int slot = 0; ///< 0 while the request waits for a connection
        LockMapPhase phase = LockMapPhase::Acquiring;
    };

    [[nodiscard]] Entry* find(LockKey key);
    [[nodiscard]] Entry* findNumber(quint64 number);
    [[nodiscard]] Entry* findSlot(int slot);
    quint64 insert(LockKey key);       ///< to be called only when find() has none
    void removeNumber(quint64 number); ///< harmless when it is gone
    void removeSlot(int slot);
    [[nodiscard]] QList<std::pair<LockKey, int>> pairs() const;

private:
    QList<Entry> m_entries;
    quint64 m_lastNumber = 0;
};

} // namespace lockscope
